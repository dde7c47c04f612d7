/*
 * ctl_identity.c - a client's own names and numbers: what its documents must name.
 *
 * They are sealed here with a key that keyd makes for the client, and only so do they reach the
 * database.  A document's cage is told those of its client and of nobody else.
 */
#include "ctl.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "doc/checkdigit.h"
#include "doc/parties.h"
#include "sys/vault.h"

#define LINE_ROOM 1024

struct own {
    struct id client;
    uint32_t version;
    struct doc_key *key;
    struct parties parties; /* room for PARTIES_MAX */
};

static int
own_key(struct ctl *ctl, const struct id *client, struct doc_key **out)
{
    char path[PATH_ROOM + 16];
    struct keyclient *k = NULL;
    struct err err = { 0 };
    enum rc rc;

    snprintf(path, sizeof path, "%s/keyd.sock", ctl->in.run);
    if (keyclient_open(path, &k, &err) != RC_OK) {
        if (err.cure[0] == '\0')
            err_cure(&err, "escriba up");
        ctl_fail(ctl, &err);
        return CTL_UNAVAILABLE;
    }
    rc = keyclient_own_key(k, client, out);
    keyclient_close(k);
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, rc, "asking for the client's own key");
}

/* What is sealed of the client now, opened. */
static int
own_open(struct ctl *ctl, const char *name, struct own *own)
{
    struct db_param param = DB_P_TEXT(name);
    struct db_result *r = NULL;
    struct bytes sealed, plain;
    struct party *items;
    enum rc rc = RC_OK;
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT client_id, version, sealed FROM ops.parties($1)", &param, 1,
                          "reading the client's identities", &r)) != CTL_OK)
        return code;
    if (db_rows(r) != 1 || !db_id(r, 0, 0, &own->client)) {
        code = ctl_fail_rc(ctl, RC_BUG, "reading the client's identities");
        goto out;
    }
    own->version = (uint32_t)db_int(r, 0, 1);
    sealed = db_bytes(r, 0, 2);
    if ((code = own_key(ctl, &own->client, &own->key)) != CTL_OK)
        goto out;
    if (sealed.size > 0) {
        const struct seal_place place = { ARTIFACT_PARTIES, 0, own->version, 0, true };

        if ((rc = vault_open(own->key, &place, sealed, ctl->arena, &plain)) == RC_OK)
            rc = parties_read(plain, ctl->arena, &own->parties);
    }
    if (rc == RC_OK && (items = arena_array(ctl->arena, PARTIES_MAX, sizeof *items)) != NULL) {
        if (own->parties.count > 0)
            memcpy(items, own->parties.items, own->parties.count * sizeof *items);
        own->parties.items = items;
    } else if (rc == RC_OK) {
        rc = RC_NOMEM;
    }
    if (rc != RC_OK)
        code = ctl_fail_rc(ctl, rc, "opening the client's identities");
out:
    db_result_free(r);
    return code;
}

static int
own_put(struct ctl *ctl, const char *name, const struct own *own)
{
    const struct seal_place place = { ARTIFACT_PARTIES, 0, own->version + 1, 0, true };
    struct db_result *r = NULL;
    struct bytes sealed;
    struct buffer b;
    enum rc rc;
    int code;

    buffer_init(&b, PARTIES_BYTES_MAX);
    parties_write(&b, &own->parties);
    rc = b.failed ? RC_LIMIT : vault_seal(own->key, &place, buffer_bytes(&b), ctl->arena, &sealed);
    buffer_done(&b);
    if (rc != RC_OK)
        return ctl_fail_rc(ctl, rc, "sealing the client's identities");
    struct db_param params[] = { DB_P_TEXT(name), DB_P_INT(own->version), DB_P_INT(own->parties.count),
                                 DB_P_BYTES(sealed) };
    code = ctl_query(ctl, "SELECT ops.parties_put($1, $2::int, $3::int, $4)", params, 4,
                     "keeping the client's identities", &r);
    db_result_free(r);
    return code;
}

static int
find(const struct parties *parties, const struct party *p)
{
    for (uint32_t i = 0; i < parties->count; i++)
        if (party_same(&parties->items[i], p))
            return (int)i;
    return -1;
}

/* A number with a check digit that does not hold would send every document of the client to a person. */
static const char *
unlikely(const struct party *p)
{
    if (p->kind == PARTY_NPI && checkdigit_check("npi", p->value) == CHECKDIGIT_BAD)
        return "this is no NPI: its check digit does not hold";
    if (p->kind == PARTY_EIN && checkdigit_check("us_ein", p->value) == CHECKDIGIT_BAD)
        return "this is no EIN: nine digits, with a prefix that the IRS gives out";
    return NULL;
}

static int
one(struct ctl *ctl, struct own *own, bool add, const char *kind, const char *value)
{
    struct party p = { party_kind_find(kind), arena_str(ctl->arena, value) };
    int at;

    if (p.kind == PARTY_KINDS)
        return ctl_usage(ctl, "`%s` is none of name, tax-id, ein, npi", kind);
    if (p.value == NULL || value[0] == '\0' || strlen(value) > PARTY_VALUE_MAX || !text_is_utf8(value, strlen(value)))
        return ctl_usage(ctl, "an identity has 1 to %d bytes of text", PARTY_VALUE_MAX);
    if (add && unlikely(&p) != NULL)
        return ctl_usage(ctl, "%s", unlikely(&p));
    at = find(&own->parties, &p);
    if (add && at < 0) {
        if (own->parties.count == PARTIES_MAX)
            return ctl_usage(ctl, "a client has at most %d identities", PARTIES_MAX);
        own->parties.items[own->parties.count++] = p;
    } else if (!add && at < 0) {
        struct err err = { 0 };

        err_set(&err, RC_NOT_FOUND, "the client has no such identity");
        err_cure(&err, "escriba client identity list %s", ctl->argv[1]);
        return ctl_fail(ctl, &err);
    } else if (!add) {
        memmove(&own->parties.items[at], &own->parties.items[at + 1],
                (own->parties.count - (uint32_t)at - 1) * sizeof own->parties.items[0]);
        own->parties.count--;
    }
    return CTL_OK;
}

/* "kind value", a line each, from standard input: so nothing stands in a list of processes. */
static int
from_input(struct ctl *ctl, struct own *own, bool add)
{
    char line[LINE_ROOM];
    int code = CTL_OK;

    while (code == CTL_OK && fgets(line, sizeof line, stdin) != NULL) {
        char *value = line + strcspn(line, " \t\r\n");
        size_t n;

        if (*value != '\0')
            *value++ = '\0';
        value += strspn(value, " \t");
        n = strcspn(value, "\r\n");
        value[n] = '\0';
        if (line[0] != '\0' && line[0] != '#')
            code = one(ctl, own, add, line, value);
    }
    bytes_wipe(line, sizeof line);
    return code;
}

static void
list(struct ctl *ctl, const struct own *own)
{
    if (own->parties.count == 0)
        ctl_say(ctl, "%s", ctl_tr(ctl, "none: every document is taken for this client's own",
                                  "ninguna: todo documento se da por propio de este cliente"));
    for (uint32_t i = 0; i < own->parties.count; i++) {
        const struct party *p = &own->parties.items[i];

        if (ctl->json)
            ctl_json(json_pack("{s:s, s:s}", "kind", party_kind_name(p->kind), "value", p->value));
        else
            printf("%-7s %s\n", party_kind_name(p->kind), ctl_safe(ctl, p->value));
    }
}

int
ctl_client_identity_run(struct ctl *ctl)
{
    const char *what = ctl->argv[0], *client = ctl->argc > 1 ? ctl->argv[1] : NULL;
    bool add = strcmp(what, "add") == 0, input = ctl->argc == 3 && strcmp(ctl->argv[2], "-") == 0;
    struct own own = { .version = 0 };
    struct err err = { 0 };
    int code;

    if (!add && strcmp(what, "remove") != 0 && strcmp(what, "list") != 0)
        return ctl_usage(ctl, "`%s` is none of add, list, remove", what);
    if (client == NULL || (strcmp(what, "list") == 0 ? ctl->argc != 2 : ctl->argc != 4 && !input))
        return ctl_usage(ctl, "`client identity %s` takes a client%s", what,
                         strcmp(what, "list") == 0 ? "" : ", a kind and a value, or a client and -");
    if (secret_start(&err) != RC_OK)
        return ctl_fail(ctl, &err);
    if ((code = own_open(ctl, client, &own)) != CTL_OK)
        goto out;
    if (strcmp(what, "list") == 0) {
        list(ctl, &own);
        goto out;
    }
    code = input ? from_input(ctl, &own, add) : one(ctl, &own, add, ctl->argv[2], ctl->argv[3]);
    if (code == CTL_OK && (code = own_put(ctl, client, &own)) == CTL_OK)
        ctl_say(ctl, "%s: %u", ctl_tr(ctl, "identities", "identidades"), own.parties.count);
out:
    doc_key_free(own.key);
    return code;
}
