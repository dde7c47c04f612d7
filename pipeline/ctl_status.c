/*
 * ctl_status.c - what runs, what waits, which batches move, what was refused.
 *
 * --follow goes on: on a terminal the block is drawn again in place, elsewhere a line is
 * printed when something changed.
 */
#include "ctl.h"

#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/clock.h"
#include "doc/reason.h"
#include "sys/cluster.h"

#define BATCHES_SHOWN 12
/* So long without any change, with only files left that intake does not take: nothing more will come. */
#define STUCK_MS 60000
/* The shortest pause between two looks of --until-idle. */
#define CLOSER_MS 150
/* escribad starts a program again after it died; this is longer than that takes. */
#define DOWN_MS 5000

static volatile sig_atomic_t stopping;

static void
on_signal(int number)
{
    (void)number;
    stopping = 1;
}

struct look {
    struct running run;
    bool database;
    struct db_result *status, *batches, *refused;
    long hot_files, hot_stuck;
};

static void
count_hot(void *to, const struct waiting_file *f)
{
    struct look *look = to;

    look->hot_files++;
    look->hot_stuck += f->stuck;
}

static void
look_free(struct look *look)
{
    db_result_free(look->status);
    db_result_free(look->batches);
    db_result_free(look->refused);
    look->status = look->batches = look->refused = NULL;
}

static int64_t
number(const struct db_result *r, int row, const char *name)
{
    for (int c = 0; r != NULL && row < db_rows(r) && c < db_columns(r); c++)
        if (strcmp(db_column(r, c), name) == 0)
            return db_int(r, row, c);
    return 0;
}

static const char *
word(const struct db_result *r, int row, const char *name)
{
    for (int c = 0; c < db_columns(r); c++)
        if (strcmp(db_column(r, c), name) == 0)
            return db_text(r, row, c);
    return "";
}

/* False when the database did not answer; what runs is known all the same. */
static bool
take_look(struct ctl *ctl, struct look *look)
{
    static const char refused_sql[] =
        "SELECT reason, count(*) AS files FROM ops.files(NULL, NULL, NULL, 100000)"
        " WHERE state IN ('refused', 'quarantined') GROUP BY reason ORDER BY count(*) DESC, reason";

    look_free(look);
    look->hot_files = look->hot_stuck = 0;
    ctl_running(&ctl->in, &look->run);
    ctl_hot_walk(&ctl->in, NULL, count_hot, look);
    look->database =
        ctl->db != NULL && db_query(ctl->db, "SELECT * FROM ops.status()", NULL, 0, &look->status) == RC_OK &&
        db_query(ctl->db,
                 "SELECT * FROM ops.batches(NULL, true) ORDER BY state = 'done', opened_at DESC LIMIT 12", NULL,
                 0, &look->batches) == RC_OK &&
        db_query(ctl->db, refused_sql, NULL, 0, &look->refused) == RC_OK;
    return look->database;
}

/* What machines can still do: waiting or leased steps, and files on their way in. */
static int64_t
machine_work(const struct look *look)
{
    return number(look->status, 0, "files_waiting") + number(look->status, 0, "pages_waiting") +
           number(look->status, 0, "documents_waiting") + number(look->status, 0, "deliveries_waiting") +
           number(look->status, 0, "leased");
}

static int64_t
people_work(const struct look *look)
{
    return number(look->status, 0, "in_review") + number(look->status, 0, "set_aside") +
           number(look->status, 0, "quarantined");
}

/* ---- JSON --------------------------------------------------------------------------------- */

static const char *const status_names[] = {
    "clients", "batches_open", "batches_late", "files_waiting", "pages_waiting", "documents_waiting",
    "deliveries_waiting", "leased", "in_review", "oldest_seconds", "set_aside", "quarantined", "pages_in",
    "pages_delivered"
};

static const struct column batch_columns[] = {
    { "batch_id", CELL_ID, "batch", "lote" },
    { "client", CELL_TEXT, "client", "cliente" },
    { "stream", CELL_TEXT, "stream", "flujo" },
    { "state", CELL_TEXT, "state", "estado" },
    { "files", CELL_INT, "files", "archivos" },
    { "pages", CELL_INT, "pages", "páginas" },
    { "documents", CELL_INT, "documents", "documentos" },
    { "in_work", CELL_INT, "in work", "en curso" },
    { "in_review", CELL_INT, "in review", "en revisión" },
    { "delivered", CELL_INT, "delivered", "entregadas" },
    { "rejected", CELL_INT, "rejected", "rechazadas" },
    { "other", CELL_INT, "other", "otras" },
    { "deadline", CELL_TIME, "deadline", "plazo" },
    { "late", CELL_BOOL, NULL, NULL },
    { NULL, 0, NULL, NULL }
};

static void
print_json(struct ctl *ctl, const struct look *look)
{
    json_t *o = json_object(), *q = json_object(), *list = json_array(), *refused = json_object();

    json_object_set_new(o, "home", json_string(ctl->in.home));
    json_object_set_new(o, "profile", json_string(ctl->in.production ? "production" : "trial"));
    json_object_set_new(o, "running",
                        json_pack("{s:b, s:b, s:i, s:i, s:i, s:i}", "database", look->database, "escribad",
                                  look->run.supervisor != 0, "intake", look->run.intake, "runners",
                                  look->run.runners, "keyd", look->run.keyd, "desk", look->run.desk));
    if (look->database) {
        for (size_t i = 0; i < COUNT_OF(status_names); i++)
            json_object_set_new(q, status_names[i], json_integer(number(look->status, 0, status_names[i])));
        json_object_set_new(q, "hot_files", json_integer(look->hot_files));
        for (int i = 0; i < db_rows(look->batches); i++)
            json_array_append_new(list, ctl_row_json(look->batches, i, batch_columns));
        for (int i = 0; i < db_rows(look->refused); i++)
            json_object_set_new(refused, reason_row((unsigned)db_int(look->refused, i, 0))->word,
                                json_integer(db_int(look->refused, i, 1)));
    }
    json_object_set_new(o, "queue", q);
    json_object_set_new(o, "batches", list);
    json_object_set_new(o, "refused", refused);
    ctl_json(o);
}

/* ---- for people ----------------------------------------------------------------------------- */

static int
print_running(struct ctl *ctl, const struct look *look)
{
    if (!look->run.up && look->run.keyd + look->run.intake + look->run.runners + look->run.desk == 0)
        printf("%s%s%s %s\n", ctl_warm(ctl), ctl_tr(ctl, "running:  nothing", "en marcha: nada"), ctl_plain(ctl),
               ctl_tr(ctl, "(escriba up starts it)", "(escriba up lo arranca)"));
    else
        printf("%s intake %d, runners %d, keyd %d, desk %d, %s %s\n", ctl_tr(ctl, "running: ", "en marcha:"),
               look->run.intake, look->run.runners, look->run.keyd, look->run.desk,
               ctl_tr(ctl, "database", "base de datos"), look->database ? ctl_tr(ctl, "yes", "sí") : "NO");
    return 1;
}

static int
print_queue(struct ctl *ctl, const struct look *look)
{
    const struct db_result *s = look->status;
    char oldest[32];
    int lines = 3;

    ctl_duration(number(s, 0, "oldest_seconds"), oldest, sizeof oldest);
    printf("%s %ld %s, %lld %s, %lld %s, %lld %s, %lld %s; %lld %s; %s %s\n",
           ctl_tr(ctl, "waiting: ", "en espera:"), look->hot_files, ctl_tr(ctl, "in hot folders", "en carpetas"),
           (long long)number(s, 0, "files_waiting"), ctl_tr(ctl, "files", "archivos"),
           (long long)number(s, 0, "pages_waiting"), ctl_tr(ctl, "pages", "páginas"),
           (long long)number(s, 0, "documents_waiting"), ctl_tr(ctl, "documents", "documentos"),
           (long long)number(s, 0, "deliveries_waiting"), ctl_tr(ctl, "deliveries", "entregas"),
           (long long)number(s, 0, "leased"), ctl_tr(ctl, "at work", "en curso"),
           ctl_tr(ctl, "oldest", "el más viejo"), oldest);
    printf("%s %lld %s, %lld %s, %lld %s\n", ctl_tr(ctl, "people:  ", "personas: "),
           (long long)number(s, 0, "in_review"), ctl_tr(ctl, "documents to review", "documentos por revisar"),
           (long long)number(s, 0, "set_aside"), ctl_tr(ctl, "set aside", "apartados"),
           (long long)number(s, 0, "quarantined"), ctl_tr(ctl, "in quarantine", "en cuarentena"));
    printf("%s %lld %s, %lld %s, %lld %s\n", ctl_tr(ctl, "pages:   ", "páginas:  "),
           (long long)number(s, 0, "pages_in"), ctl_tr(ctl, "in", "entradas"),
           (long long)number(s, 0, "pages_delivered"), ctl_tr(ctl, "delivered", "entregadas"),
           (long long)number(s, 0, "batches_late"), ctl_tr(ctl, "batches late", "lotes con retraso"));
    if (db_rows(look->refused) > 0) {
        fputs(ctl_tr(ctl, "refused: ", "rechazos: "), stdout);
        for (int i = 0; i < db_rows(look->refused); i++)
            printf("%s %s %lld", i > 0 ? "," : "", reason_row((unsigned)db_int(look->refused, i, 0))->word,
                   (long long)db_int(look->refused, i, 1));
        putchar('\n');
        lines++;
    }
    return lines;
}

/* A bar of how much of a batch has left the machine's hands. */
static int
print_batches(struct ctl *ctl, const struct look *look)
{
    int shown = 0;

    for (int i = 0; i < db_rows(look->batches) && shown < BATCHES_SHOWN; i++, shown++) {
        const struct db_result *b = look->batches;
        int64_t pages = number(b, i, "pages"), work = number(b, i, "in_work");
        int64_t done = pages - work;
        int bar = pages > 0 ? (int)(done * 20 / pages) : 0;

        printf("  %.8s %-10.10s %-10.10s %-6s [%.*s%.*s] %4lld/%lld %s, %lld %s, %lld %s, %lld %s\n",
               word(b, i, "batch_id"), ctl_safe(ctl, word(b, i, "client")), ctl_safe(ctl, word(b, i, "stream")),
               word(b, i, "state"), bar, "####################", 20 - bar, "....................",
               (long long)done, (long long)pages, ctl_tr(ctl, "pages", "páginas"),
               (long long)number(b, i, "in_review"), ctl_tr(ctl, "review", "revisión"),
               (long long)number(b, i, "delivered"), ctl_tr(ctl, "delivered", "entregadas"),
               (long long)number(b, i, "rejected"), ctl_tr(ctl, "rejected", "rechazadas"));
    }
    return shown;
}

static int
print_block(struct ctl *ctl, const struct look *look)
{
    int lines = print_running(ctl, look);

    if (look->database) {
        lines += print_queue(ctl, look);
        lines += print_batches(ctl, look);
    }
    fflush(stdout);
    return lines;
}

/* One line that changes when something moves. */
static void
line_of(struct ctl *ctl, const struct look *look, char *out, size_t room)
{
    const struct db_result *s = look->status;

    if (!look->database) {
        snprintf(out, room, "%s", ctl_tr(ctl, "the database does not answer", "la base de datos no responde"));
        return;
    }
    snprintf(out, room, "%s %ld  %s %lld  %s %lld  %s %lld  %s %lld  %s %lld  %s %lld/%lld",
             ctl_tr(ctl, "hot", "entrada"), look->hot_files, ctl_tr(ctl, "files", "archivos"),
             (long long)number(s, 0, "files_waiting"), ctl_tr(ctl, "pages", "páginas"),
             (long long)number(s, 0, "pages_waiting"), ctl_tr(ctl, "documents", "documentos"),
             (long long)number(s, 0, "documents_waiting"), ctl_tr(ctl, "deliveries", "entregas"),
             (long long)number(s, 0, "deliveries_waiting"), ctl_tr(ctl, "review", "revisión"),
             (long long)number(s, 0, "in_review"), ctl_tr(ctl, "delivered pages", "páginas entregadas"),
             (long long)number(s, 0, "pages_delivered"), (long long)number(s, 0, "pages_in"));
}

struct following {
    char last[512];
    int lines;
    int64_t changed_ms;
    bool began;
};

static void
show(struct ctl *ctl, const struct look *look, struct following *f)
{
    char line[512], clock[16] = "";
    time_t now = time(NULL);
    struct tm tm;

    line_of(ctl, look, line, sizeof line);
    if (strcmp(line, f->last) != 0 || !f->began)
        f->changed_ms = clock_ms();
    if (ctl->json) {
        if (strcmp(line, f->last) != 0 || !f->began)
            print_json(ctl, look);
    } else if (ctl->terminal) {
        if (f->lines > 0)
            printf("\033[%dA\033[J", f->lines);
        f->lines = print_block(ctl, look);
    } else if (strcmp(line, f->last) != 0 || !f->began) {
        if (localtime_r(&now, &tm) != NULL)
            strftime(clock, sizeof clock, "%H:%M:%S", &tm);
        printf("%s  %s\n", clock, line);
        fflush(stdout);
    }
    snprintf(f->last, sizeof f->last, "%s", line);
    f->began = true;
}

/* Machines have nothing left to do; what people have is no failure of this command. */
static int
report_rest(struct ctl *ctl, const struct look *look)
{
    if (people_work(look) > 0)
        ctl_say(ctl, "%lld %s", (long long)people_work(look),
                ctl_tr(ctl, "documents and files wait for a person: escriba-review, escriba document list",
                       "documentos y archivos esperan a una persona: escriba-review, escriba document list"));
    if (look->hot_files > 0)
        ctl_say(ctl, "%ld %s", look->hot_files,
                ctl_tr(ctl, "files are left in hot folders: escriba intake says why",
                       "archivos quedan en carpetas de entrada: escriba intake dice por qué"));
    return CTL_OK;
}

/* Who waits for the end wants it told at once: looks come closer, as long as a look is cheap (a tenth of the time). */
static int64_t
pause_ms(int64_t interval_ms, bool until_idle, int64_t look_ms)
{
    int64_t closer = look_ms * 10 > CLOSER_MS ? look_ms * 10 : CLOSER_MS;

    return until_idle && closer < interval_ms ? closer : interval_ms;
}

static int
follow(struct ctl *ctl, struct look *look, int64_t interval_ms)
{
    bool until_idle = ctl_value(ctl, "until-idle") != NULL;
    struct following f = { .began = false };
    int idle = 0;

    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
    while (!stopping) {
        int64_t began_ms = clock_ms();
        bool well = take_look(ctl, look);

        show(ctl, look, &f);
        arena_reset(ctl->arena);
        if (until_idle && well) {
            bool quiet = machine_work(look) == 0;
            bool only_left = quiet && look->hot_files > 0 && clock_ms() - f.changed_ms > STUCK_MS;

            /* Twice, so that a file between folder and database is not overlooked. */
            idle = quiet && (look->hot_files == look->hot_stuck || only_left) ? idle + 1 : 0;
            if (idle >= 2)
                return report_rest(ctl, look);
        }
        if (until_idle && !look->run.up && clock_ms() - f.changed_ms > DOWN_MS) {
            struct err err = { 0 };

            err_set(&err, RC_BUSY, "%s", ctl_tr(ctl, "not all programs run: nothing will move",
                                                "no todos los programas están en marcha: nada se moverá"));
            err_where(&err, "%s/escribad.log", ctl->in.log);
            err_cure(&err, "the last lines of that file say why; then escriba doctor");
            ctl_fail(ctl, &err);
            return CTL_UNAVAILABLE;
        }
        clock_sleep_ms(pause_ms(interval_ms, until_idle, clock_ms() - began_ms));
    }
    return CTL_OK;
}

int
ctl_status_run(struct ctl *ctl)
{
    struct look look = { 0 };
    char conninfo[PATH_ROOM];
    int64_t interval;
    int code;

    if (!ctl_number(ctl, "interval", 1, 3600, 1, &interval))
        return CTL_USAGE;
    if (ctl_value(ctl, "until-idle") != NULL && ctl_value(ctl, "follow") == NULL)
        return ctl_usage(ctl, "--until-idle goes with --follow");
    if ((code = ctl_instance(ctl)) != CTL_OK)
        return code;
    /* A server that is down is an answer here, not an error. */
    if (instance_conninfo(&ctl->in, "work", "operator", conninfo, sizeof conninfo) == RC_OK &&
        db_open(conninfo, "escriba", &ctl->db, NULL) != RC_OK)
        ctl->db = NULL;
    if (ctl_value(ctl, "follow") != NULL) {
        code = follow(ctl, &look, interval * 1000);
    } else {
        take_look(ctl, &look);
        if (ctl->json) {
            print_json(ctl, &look);
        } else {
            printf("%sEscriba %s%s  %s  (%s)\n", ctl_bold(ctl), ESCRIBA_VERSION, ctl_plain(ctl), ctl->in.home,
                   ctl->in.production ? "production" : "trial");
            print_block(ctl, &look);
        }
        code = !look.run.up || !look.database ? CTL_UNAVAILABLE : CTL_OK;
    }
    look_free(&look);
    return code;
}
