/*
 * ctl_retention.c - escriba retention: what a client acknowledged longer ago than was agreed goes.
 *
 * The work database knows which answers a file owed, the delivery database which of them the client acknowledged; no
 * program but this one speaks with both.  It asks the first what could go, the second what the client said, and gives
 * the answers back; the work database compares numbers and digests with its own receipts and erases one file at a
 * time, each in a transaction of its own.  So it can be stopped anywhere and run again.
 */
#include "ctl.h"

#include <stdlib.h>

#include "base/arena.h"

enum { PAGE = 1000, REST = 10000, ROOM = 64u << 20 };

struct retention {
    struct ctl *ctl;         /* ctl->db: the work database */
    struct db *delivery;
    struct arena *arena;     /* one page of answers        */
    bool dry;
    struct id client;
    struct id *gone;         /* files that go, for a dry run: the rest of their batch depends on them */
    size_t gone_count, gone_room;
    int64_t files, rest, documents, pages, bytes, unacknowledged, disputed, results;
};

/* What the client said about one number. */
struct answer {
    int64_t seq, acked;
    struct bytes digest;
    bool acknowledged, disputed, over;
};

static int
ask_delivery(struct retention *t, const char *sql, const struct db_param *params, int count, struct db_result **out)
{
    struct db *work = t->ctl->db;
    int code;

    t->ctl->db = t->delivery; /* ctl_query tells of the connection that failed */
    code = ctl_query(t->ctl, sql, params, count, "asking what was acknowledged", out);
    t->ctl->db = work;
    return code;
}

static int
no_memory(struct retention *t)
{
    return ctl_fail_rc(t->ctl, RC_NOMEM, "looking for what may go");
}

static int
remember(struct retention *t, const struct id *file)
{
    if (t->gone_count == t->gone_room) {
        size_t room = t->gone_room == 0 ? 1024 : t->gone_room * 2;
        struct id *more = realloc(t->gone, room * sizeof *more);

        if (more == NULL)
            return no_memory(t);
        t->gone = more;
        t->gone_room = room;
    }
    t->gone[t->gone_count++] = *file;
    return CTL_OK;
}

/* One file with the answers to all that it owed; told is how many. */
static int
erase(struct retention *t, const struct id *file, const struct answer *answers, size_t told, bool *erased)
{
    int64_t *seqs = arena_array(t->arena, told + 1, sizeof *seqs);
    int64_t *acked = arena_array(t->arena, told + 1, sizeof *acked);
    struct bytes *digests = arena_array(t->arena, told + 1, sizeof *digests);
    struct db_result *r = NULL;
    int code;

    *erased = false;
    if (seqs == NULL || acked == NULL || digests == NULL)
        return no_memory(t);
    for (size_t i = 0; i < told; i++) {
        seqs[i] = answers[i].seq;
        acked[i] = answers[i].acked;
        digests[i] = answers[i].digest;
    }
    struct db_param params[] = { DB_P_ID(&t->client),
                                 DB_P_ID(file),
                                 db_int_list(t->arena, seqs, told),
                                 db_bytes_list(t->arena, digests, told),
                                 db_int_list(t->arena, acked, told),
                                 DB_P_BOOL(t->dry) };
    code = ctl_query(t->ctl, "SELECT pages, documents, bytes FROM ops.retention_erase($1, $2, $3, $4, $5, $6)",
                     params, 6, "erasing a file", &r);
    if (code == CTL_OK && db_rows(r) == 1) {
        *erased = true;
        t->pages += db_int(r, 0, 0);
        t->documents += db_int(r, 0, 1);
        t->bytes += db_int(r, 0, 2);
        if (t->dry)
            code = remember(t, file);
    }
    db_result_free(r);
    return code;
}

/* Rows [from, to) of due are one file's; answers stand in the order of the rows. */
static int
one_file(struct retention *t, const struct db_result *due, int from, int to, const struct answer *answers)
{
    bool acknowledged = true, disputed = false, over = true, erased;
    struct id file;
    int code;

    for (int i = from; i < to; i++) {
        acknowledged = acknowledged && answers[i].acknowledged;
        disputed = disputed || answers[i].disputed;
        over = over && answers[i].over;
    }
    t->disputed += disputed;
    t->unacknowledged += !disputed && !acknowledged;
    if (disputed || !acknowledged || !over || !db_id(due, from, 0, &file))
        return CTL_OK;
    code = erase(t, &file, answers + from, (size_t)(to - from), &erased);
    t->files += erased;
    return code;
}

static int
by_seq(const void *a, const void *b)
{
    const struct answer *x = a, *y = b;

    return x->seq < y->seq ? -1 : x->seq > y->seq;
}

/* What the client said about each row of due; a number that it was never given counts as not acknowledged. */
static int
ask(struct retention *t, const struct db_result *due, struct answer **out)
{
    size_t count = (size_t)db_rows(due), known = 0;
    int64_t *seqs = arena_array(t->arena, count, sizeof *seqs);
    struct answer *said, *answers = arena_array(t->arena, count, sizeof *answers);
    struct db_result *r = NULL;
    int code = CTL_OK;

    if (seqs == NULL || answers == NULL)
        return no_memory(t);
    for (size_t i = 0; i < count; i++)
        seqs[i] = db_int(due, (int)i, 1);
    struct db_param params[] = { DB_P_ID(&t->client), db_int_list(t->arena, seqs, count) };
    code = ask_delivery(t,
                        "SELECT seq, digest, acked_at, disputed, over FROM delivery.acknowledged($1, $2) ORDER BY seq",
                        params, 2, &r);
    if (code != CTL_OK)
        return code;
    known = (size_t)db_rows(r);
    if ((said = arena_array(t->arena, known + 1, sizeof *said)) == NULL) {
        code = no_memory(t);
        goto out;
    }
    for (size_t i = 0; i < known; i++) {
        struct bytes digest = db_bytes(r, (int)i, 1);
        void *copy = arena_copy(t->arena, digest.data, digest.size);

        if (copy == NULL) {
            code = no_memory(t);
            goto out;
        }
        said[i] = (struct answer){ .seq = db_int(r, (int)i, 0),
                                   .digest = bytes_of(copy, digest.size),
                                   .acked = db_int(r, (int)i, 2),
                                   .acknowledged = !db_is_null(r, (int)i, 2),
                                   .disputed = db_bool(r, (int)i, 3),
                                   .over = db_bool(r, (int)i, 4) };
    }
    for (size_t i = 0; i < count; i++) {
        const struct answer key = { .seq = seqs[i] };
        const struct answer *found = bsearch(&key, said, known, sizeof *said, by_seq);

        answers[i] = found != NULL ? *found : key;
    }
    *out = answers;
out:
    db_result_free(r);
    return code;
}

/* Files that owed something. */
static int
owed(struct retention *t)
{
    struct id after;
    bool first = true;
    int code = CTL_OK;

    for (;;) {
        struct db_param params[] = { DB_P_ID(&t->client), first ? DB_P_NULL : DB_P_ID(&after), DB_P_INT(PAGE) };
        struct answer *answers = NULL;
        struct db_result *due = NULL;

        arena_reset(t->arena);
        code = ctl_query(t->ctl, "SELECT file_id, seq, digest FROM ops.retention_due($1, $2::uuid, $3::int)", params, 3,
                         "looking for what may go", &due);
        if (code != CTL_OK || db_rows(due) == 0) {
            db_result_free(due);
            return code;
        }
        code = ask(t, due, &answers);
        for (int from = 0, to; code == CTL_OK && from < db_rows(due); from = to) {
            struct id file, next;

            db_id(due, from, 0, &file);
            for (to = from + 1; to < db_rows(due) && db_id(due, to, 0, &next) && id_equal(&file, &next);)
                to++;
            code = one_file(t, due, from, to, answers);
        }
        first = false;
        db_id(due, db_rows(due) - 1, 0, &after);
        db_result_free(due);
        if (code != CTL_OK)
            return code;
    }
}

/* Files that owed nothing: duplicates, archives, manifests, blank pages. */
static int
rest(struct retention *t)
{
    struct arena *arena = arena_new(t->gone_count * 32 + 65536);
    struct db_param gone = arena != NULL ? db_id_list(arena, t->gone, t->gone_count) : DB_P_NULL;
    struct id after;
    bool first = true, more = true, erased;
    int code = arena != NULL ? CTL_OK : no_memory(t);

    while (code == CTL_OK && more) {
        struct db_param params[] = { DB_P_ID(&t->client), first ? DB_P_NULL : DB_P_ID(&after), DB_P_INT(REST), gone };
        struct db_result *r = NULL;

        code = ctl_query(t->ctl, "SELECT file_id FROM ops.retention_rest($1, $2::uuid, $3::int, $4)", params, 4,
                         "looking for what may go", &r);
        for (int i = 0; code == CTL_OK && i < db_rows(r); i++) {
            arena_reset(t->arena);
            db_id(r, i, 0, &after);
            code = erase(t, &after, NULL, 0, &erased);
            t->rest += erased;
        }
        first = false;
        more = code == CTL_OK && db_rows(r) > 0;
        db_result_free(r);
    }
    arena_free(arena);
    return code;
}

static int
purge(struct retention *t)
{
    struct db_param params[] = { DB_P_ID(&t->client), DB_P_BOOL(t->dry) };
    struct db_result *r = NULL;
    int code = ask_delivery(t, "SELECT delivery.purge($1, $2)", params, 2, &r);

    if (code == CTL_OK)
        t->results = db_int(r, 0, 0);
    db_result_free(r);
    return code;
}

static void
report(struct retention *t, const char *client)
{
    struct ctl *ctl = t->ctl;

    if (ctl->json) {
        ctl_json(json_pack("{s:s, s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "client", client, "dry_run",
                           (int)t->dry, "files", (json_int_t)(t->files + t->rest), "files_without_answer",
                           (json_int_t)t->rest, "documents", (json_int_t)t->documents, "pages", (json_int_t)t->pages,
                           "bytes", (json_int_t)t->bytes, "results", (json_int_t)t->results, "files_unacknowledged",
                           (json_int_t)t->unacknowledged, "files_disputed", (json_int_t)t->disputed));
        return;
    }
    printf("%s%s%s: %s %lld %s, %lld %s, %lld %s, %.1f MiB; %lld %s\n", ctl_bold(ctl), ctl_safe(ctl, client),
           ctl_plain(ctl), t->dry ? ctl_tr(ctl, "would erase", "borraría") : ctl_tr(ctl, "erased", "borrados"),
           (long long)(t->files + t->rest), ctl_tr(ctl, "files", "archivos"), (long long)t->documents,
           ctl_tr(ctl, "documents", "documentos"), (long long)t->pages, ctl_tr(ctl, "pages", "páginas"),
           (double)t->bytes / (1 << 20), (long long)t->results,
           ctl_tr(ctl, "results for the client to pull", "resultados para el cliente"));
    if (t->unacknowledged > 0)
        printf("  %lld %s\n", (long long)t->unacknowledged,
               ctl_tr(ctl, "older files wait for the client's acknowledgement",
                      "archivos más viejos esperan el acuse del cliente"));
    if (t->disputed > 0)
        printf("  %s%lld %s%s\n", ctl_warm(ctl), (long long)t->disputed,
               ctl_tr(ctl, "files stay: the client refused a result, and has accepted no newer one",
                      "archivos se quedan: el cliente rechazó un resultado y no ha aceptado otro más nuevo"),
               ctl_plain(ctl));
}

int
ctl_retention_run(struct ctl *ctl)
{
    const char *name = ctl_value(ctl, "client");
    struct db_param param = name != NULL ? DB_P_TEXT(name) : DB_P_NULL;
    struct retention t = { .ctl = ctl, .dry = ctl_value(ctl, "dry-run") != NULL };
    struct db_result *clients = NULL;
    int code;

    if ((code = ctl_connect(ctl, "delivery", "operator")) != CTL_OK)
        return code;
    t.delivery = ctl->db;
    ctl->db = NULL;
    if ((t.arena = arena_new(ROOM)) == NULL) {
        code = no_memory(&t);
        goto out;
    }
    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_query(ctl,
                          name != NULL ? "SELECT client_id, client FROM ops.client($1)"
                                       : "SELECT client_id, client FROM ops.clients() WHERE $1::text IS NULL",
                          &param, 1, "looking for the client", &clients)) != CTL_OK)
        goto out;
    if (db_rows(clients) == 0 && !ctl->json)
        ctl_say(ctl, "%s", ctl_tr(ctl, "no client yet", "ningún cliente todavía"));
    for (int i = 0; code == CTL_OK && i < db_rows(clients); i++) {
        t.files = t.rest = t.documents = t.pages = t.bytes = t.unacknowledged = t.disputed = t.results = 0;
        t.gone_count = 0;
        db_id(clients, i, 0, &t.client);
        if ((code = owed(&t)) == CTL_OK && (code = rest(&t)) == CTL_OK && (code = purge(&t)) == CTL_OK)
            report(&t, db_text(clients, i, 1));
    }
out:
    db_result_free(clients);
    free(t.gone);
    arena_free(t.arena);
    db_close(t.delivery);
    return code;
}
