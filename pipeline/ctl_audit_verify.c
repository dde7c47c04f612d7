/*
 * ctl_audit_verify.c - escriba audit verify: every chain of the audit log, recomputed.
 *
 * Whoever owns the database can rewrite a whole chain; only heads that were kept elsewhere
 * (--json prints them, --against compares) show that.
 */
#include "ctl.h"

#include <string.h>

#include "base/text.h"
#include "sys/audit.h"

#define HASH 32
#define KEPT_MAX 10000

static void
chain_json(const struct audit_chain *c)
{
    char hex[HASH * 2 + 1], id[ID_TEXT];
    json_t *o = json_object();

    text_hex(c->head, HASH, hex);
    id_text(&c->client, id);
    json_object_set_new(o, "client", json_string(c->name));
    json_object_set_new(o, "client_id", json_string(id));
    json_object_set_new(o, "n", json_integer(c->rows));
    json_object_set_new(o, "hash", json_string(hex));
    json_object_set_new(o, "holds", json_boolean(c->fault == AUDIT_SOUND));
    if (c->fault != AUDIT_SOUND) {
        json_object_set_new(o, "first_bad", json_integer(c->at));
        json_object_set_new(o, "fault", json_string(audit_fault_text(c->fault)));
    }
    ctl_json(o);
}

static enum rc
report(void *to, const struct audit_chain *c)
{
    struct ctl *ctl = to;
    char hex[HASH * 2 + 1];

    if (ctl->json) {
        chain_json(c);
    } else if (c->fault == AUDIT_SOUND) {
        text_hex(c->head, HASH, hex);
        printf("%-20s %8lld %s, %s %.16s\n", ctl_safe(ctl, c->name), (long long)c->rows,
               ctl_tr(ctl, "entries hold", "asientos cuadran"), ctl_tr(ctl, "head", "cabeza"), hex);
    } else {
        printf("%s%-20s %s %lld: %s%s\n", ctl_warm(ctl), ctl_safe(ctl, c->name), ctl_tr(ctl, "entry", "asiento"),
               (long long)c->at, audit_fault_text(c->fault), ctl_plain(ctl));
    }
    return RC_OK;
}

/* Lines that --json printed before; anything else is an error. */
static int
read_kept(struct ctl *ctl, const char *path, struct audit_kept *kept, size_t *count)
{
    FILE *file = fopen(path, "re");
    char line[1024];
    int code = CTL_OK;

    if (file == NULL)
        return ctl_fail_rc(ctl, RC_NOT_FOUND, path);
    while (code == CTL_OK && *count < KEPT_MAX && fgets(line, sizeof line, file) != NULL) {
        json_t *o = json_loads(line, 0, NULL);
        struct audit_kept *k = &kept[*count];
        const char *id = json_string_value(json_object_get(o, "client_id"));
        const char *hash = json_string_value(json_object_get(o, "hash"));

        k->n = json_integer_value(json_object_get(o, "n"));
        if (id == NULL || hash == NULL || !id_parse(id, &k->client) || strlen(hash) != HASH * 2 ||
            !text_unhex(hash, k->hash, HASH))
            code = ctl_usage(ctl, "%s does not hold what `escriba audit verify --json` prints", path);
        else if (k->n > 0)
            (*count)++;
        json_decref(o);
    }
    fclose(file);
    return code;
}

int
ctl_audit_verify_run(struct ctl *ctl)
{
    const char *client = ctl_value(ctl, "client"), *against = ctl_value(ctl, "against");
    struct audit_kept *kept = NULL;
    size_t count = 0;
    enum rc rc;
    int code;

    if (against != NULL) {
        if ((kept = arena_array(ctl->arena, KEPT_MAX, sizeof *kept)) == NULL)
            return ctl_fail_rc(ctl, RC_NOMEM, "reading the kept heads");
        if ((code = read_kept(ctl, against, kept, &count)) != CTL_OK)
            return code;
    }
    if ((code = ctl_connect(ctl, "work", "audit")) != CTL_OK)
        return code;
    rc = audit_verify(ctl->db, client, kept, count, report, ctl);
    if (rc == RC_SEAL) /* said already, chain by chain */
        return CTL_FAILED;
    return rc == RC_OK ? CTL_OK : ctl_fail_rc(ctl, rc, "verifying the audit log");
}
