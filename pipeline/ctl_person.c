/*
 * ctl_person.c - the persons who may work at the desk.
 *
 * A person is a system user: the kernel says who is at the desk's socket, so there is no
 * password of ours to lose.
 */
#include "ctl.h"

#include <pwd.h>
#include <string.h>

static const struct column columns[] = {
    { "person_id", CELL_ID, NULL, NULL },
    { "name", CELL_TEXT, "name", "nombre" },
    { "system_user", CELL_TEXT, "user", "usuario" },
    { "role", CELL_TEXT, "role", "papel" },
    { "language", CELL_TEXT, "language", "idioma" },
    { "clearance", CELL_INT, "clearance", "acceso" },
    { "clients", CELL_TEXT, "clients", "clientes" },
    { "created_at", CELL_TIME, "since", "desde" },
    { "closed_at", CELL_TIME, "closed", "cerrado" },
    { NULL, 0, NULL, NULL }
};

#define CLIENTS_MAX 256

/* "a,b" as a list in the arena; false when there are too many. */
static bool
split(struct ctl *ctl, const char *text, const char **items, size_t *count)
{
    *count = 0;
    while (*text != '\0') {
        size_t n = strcspn(text, ",");
        char *item = arena_alloc(ctl->arena, n + 1);

        if (item == NULL || *count == CLIENTS_MAX)
            return false;
        memcpy(item, text, n);
        if (n > 0)
            items[(*count)++] = item;
        text += n;
        text += *text == ',';
    }
    return true;
}

int
ctl_person_add_run(struct ctl *ctl)
{
    const char *user = ctl_value(ctl, "user"), *role = ctl_value(ctl, "role"), *language = ctl_value(ctl, "language");
    const char *clients = ctl_value(ctl, "clients"), *list[CLIENTS_MAX];
    bool every = clients == NULL || strcmp(clients, "all") == 0;
    struct db_result *r = NULL;
    int64_t clearance;
    size_t count = 0;
    int code;

    if (user == NULL)
        return ctl_usage(ctl, "`person add` needs --user SYSTEMUSER");
    if (!ctl_number(ctl, "clearance", 0, 9, 1, &clearance))
        return CTL_USAGE;
    if (!every && !split(ctl, clients, list, &count))
        return ctl_usage(ctl, "--clients names too many clients; leave it out for all");
    if (getpwnam(user) == NULL)
        ctl_say(ctl, "note: there is no system user `%s` on this machine yet; the person can work once there is",
                user);
    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK)
        return code;
    struct db_param params[] = { DB_P_TEXT(user),
                                 DB_P_TEXT(ctl->argv[0]),
                                 DB_P_TEXT(role != NULL ? role : "reviewer"),
                                 DB_P_INT(clearance),
                                 DB_P_TEXT(language != NULL ? language : "en"),
                                 every ? DB_P_NULL : db_text_list(ctl->arena, list, count) };
    if ((code = ctl_query(ctl, "SELECT ops.person_add($1, $2, $3, $4::int, $5, $6::text[]) AS person_id", params, 6,
                          "adding the person", &r)) != CTL_OK)
        return code;
    if (ctl->json)
        ctl_json(ctl_row_json(r, 0, (const struct column[]){ columns[0], { NULL, 0, NULL, NULL } }));
    else
        ctl_say(ctl, "%s may work here as the system user %s; the station is escriba-review",
                ctl_safe(ctl, ctl->argv[0]), user);
    db_result_free(r);
    return CTL_OK;
}

int
ctl_person_list_run(struct ctl *ctl)
{
    struct db_result *r = NULL;
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT * FROM ops.persons()", NULL, 0, "listing persons", &r)) != CTL_OK)
        return code;
    ctl_rows(ctl, r, columns, "no person yet", "ninguna persona todavía");
    db_result_free(r);
    return CTL_OK;
}

int
ctl_person_close_run(struct ctl *ctl)
{
    struct db_param param = DB_P_TEXT(ctl->argv[0]);
    struct db_result *r = NULL;
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT ops.person_close($1)", &param, 1, "closing the person", &r)) != CTL_OK)
        return code;
    ctl_say(ctl, "%s", ctl_tr(ctl, "closed", "cerrado"));
    db_result_free(r);
    return CTL_OK;
}
