/*
 * ctl_memory.c - escriba memory: what people taught about the layouts of a client's senders, and forgetting it.
 *
 * Counts, forms, names of fields and days; the contents are sealed with a key that keyd does not give to an
 * operator.
 */
#include "ctl.h"

#include "base/text.h"

static const struct column list_columns[] = {
    { "client", CELL_TEXT, "client", "cliente" },
    { "layouts", CELL_INT, "layouts", "diseños" },
    { "fields", CELL_INT, "fields", "campos" },
    { "lessons", CELL_INT, "documents that taught", "documentos que enseñaron" },
    { "bytes", CELL_INT, "bytes", "bytes" },
    { "learnt_at", CELL_TIME, "last learnt", "último aprendido" },
    { "used_on", CELL_TEXT, "last used", "último uso" },
    { NULL, 0, NULL, NULL }
};

static const struct column layout_columns[] = {
    { "layout", CELL_INT, "layout", "diseño" },
    { "form", CELL_TEXT, "form", "tipo" },
    { "lessons", CELL_INT, "documents", "documentos" },
    { "fields", CELL_INT, "fields", "campos" },
    { "corrected", CELL_INT, "corrected", "corregidos" },
    { "confirmed", CELL_INT, "confirmed", "confirmados" },
    { "helped", CELL_INT, "helped", "acertó" },
    { "misled", CELL_INT, "misled", "falló" },
    { "bytes", CELL_INT, NULL, NULL },
    { "made_at", CELL_TIME, "since", "desde" },
    { "learnt_at", CELL_TIME, "last learnt", "último aprendido" },
    { "used_on", CELL_TEXT, "last used", "último uso" },
    { NULL, 0, NULL, NULL }
};

static const struct column field_columns[] = {
    { "field", CELL_TEXT, "field", "campo" },
    { "corrected", CELL_INT, "corrected", "corregido" },
    { "confirmed", CELL_INT, "confirmed", "confirmado" },
    { "helped", CELL_INT, "helped", "acertó" },
    { "misled", CELL_INT, "misled", "falló" },
    { NULL, 0, NULL, NULL }
};

/* The second argument: a layout's number; false after saying that it is none. */
static bool
layout_of(struct ctl *ctl, int64_t *slot)
{
    *slot = 0;
    if (ctl->argc < 2)
        return true;
    if (text_parse_i64(ctl->argv[1], 1, INT32_MAX, slot))
        return true;
    (void)ctl_usage(ctl, "a layout is a number, as `escriba memory show` gives it");
    return false;
}

int
ctl_memory_list_run(struct ctl *ctl)
{
    struct db_result *r = NULL;
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT client, layouts, fields, lessons, bytes, learnt_at,"
                          " used_on::text FROM ops.memories(NULL)", NULL, 0, "reading what was learnt", &r)) != CTL_OK)
        return code;
    ctl_rows(ctl, r, list_columns, "no client yet", "ningún cliente todavía");
    db_result_free(r);
    return CTL_OK;
}

int
ctl_memory_show_run(struct ctl *ctl)
{
    struct db_param params[] = { DB_P_TEXT(ctl->argv[0]), DB_P_NULL };
    struct db_result *r = NULL;
    int64_t slot;
    int code;

    if (!layout_of(ctl, &slot))
        return CTL_USAGE;
    if (slot > 0)
        params[1] = DB_P_INT(slot);
    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_query(ctl,
                          "SELECT layout, form, lessons, fields, corrected, confirmed, helped, misled, bytes, made_at,"
                          " learnt_at, used_on::text FROM ops.memory_layouts($1, $2::int)",
                          params, 2, "reading what was learnt", &r)) != CTL_OK)
        return code;
    if (slot == 0) {
        ctl_rows(ctl, r, layout_columns, "nothing was learnt", "nada se ha aprendido");
        db_result_free(r);
        return CTL_OK;
    }
    ctl_row(ctl, r, 0, layout_columns);
    db_result_free(r);
    r = NULL;
    if ((code = ctl_query(ctl, "SELECT * FROM ops.memory_fields($1, $2::int)", params, 2, "reading what was learnt",
                          &r)) != CTL_OK)
        return code;
    if (!ctl->json)
        puts("");
    ctl_rows(ctl, r, field_columns, "no field", "ningún campo");
    db_result_free(r);
    return CTL_OK;
}

int
ctl_memory_forget_run(struct ctl *ctl)
{
    struct db_param params[] = { DB_P_TEXT(ctl->argv[0]), DB_P_NULL };
    struct db_result *r = NULL;
    int64_t slot;
    int code;

    if (!layout_of(ctl, &slot))
        return CTL_USAGE;
    if (slot > 0)
        params[1] = DB_P_INT(slot);
    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT ops.memory_forget($1, $2::int)", params, 2, "forgetting", &r)) != CTL_OK)
        return code;
    if (ctl->json)
        ctl_json(json_pack("{s:s, s:I}", "client", ctl->argv[0], "forgotten", (json_int_t)db_int(r, 0, 0)));
    else
        ctl_say(ctl, "%s: %lld", ctl_tr(ctl, "layouts forgotten", "diseños olvidados"), (long long)db_int(r, 0, 0));
    db_result_free(r);
    return CTL_OK;
}
