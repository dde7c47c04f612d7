/*
 * runner.c - escriba-runner: claim, step, settle, repeat.
 *
 * A runner has no memory that matters: whatever it was doing when it died is done again by the
 * next one, and only a commit with a living claim counts.
 */
#include <getopt.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "runner_journal.h"
#include "step.h"
#include "sys/runtime.h"

#define IDLE_MS 500
#define NO_KEYS_DELAY 30 /* seconds: until a person has restored the key store */
#define ORIGINAL_KEEP_MS 5000 /* an idle runner holds no document open */
#define SHORT_CLAIMS 4
#define SHORT_UNITS (1u << UNIT_DOCUMENT | 1u << UNIT_DELIVERY)
#define LONG_UNITS (1u << UNIT_FILE | 1u << UNIT_PAGE)

static const char *const unit_names[] = { [UNIT_FILE] = "file", [UNIT_PAGE] = "page",
                                          [UNIT_DOCUMENT] = "document", [UNIT_DELIVERY] = "delivery" };

struct options {
    const char *home;
    unsigned slot;
    bool once;
};

/* ---- settling --------------------------------------------------------------------- */

/* While the database is away nothing else can be done; a claim that is not given back waits minutes. */
static enum rc
release(struct engine *e, const struct claim *claim, enum reason reason, uint32_t delay)
{
    enum rc rc = store_release(e->work, claim, reason, delay);

    while (rc == RC_DB && !runtime_stopping()) {
        clock_sleep_ms(500);
        rc = store_release(e->work, claim, reason, delay);
    }
    return rc;
}

/*
 * Give the step back.  A cell that died counts against the file, and so does a step that can never
 * succeed; the database or keyd being away counts against nobody, so those come back unblamed.
 */
static enum rc
settle(struct engine *e, const struct claim *claim, enum rc rc, const struct step_end *end)
{
    enum rc released = RC_OK;

    switch (rc) {
    case RC_OK:
    case RC_LOST: return RC_OK;
    case RC_KILLED: released = release(e, claim, end->reason, 1); break;
    case RC_NOMEM: released = release(e, claim, REASON_MEMORY, 10); break;
    case RC_SEAL:
    case RC_NOT_FOUND:
    case RC_EXISTS:
    case RC_INPUT:
    case RC_LIMIT:
        /* Stored bytes or rows that are not what they should be: a person must look. */
        log_event(LOG_ERROR, "step.broken", LOG_ID("file", claim->file.b), LOG_RC(rc),
                  LOG_WORD("unit", unit_names[claim->unit]));
        released = release(e, claim, REASON_DAMAGED, 30);
        break;
    case RC_DENIED:
    case RC_CONFIG:
    case RC_BUG:
        /* We stop; who is started after us finds the claim in the journal if this fails. */
        released = store_release(e->work, claim, REASON_NONE, 10);
        return rc;
    default:
        if (end->no_keys)
            log_event(LOG_ERROR, "keys.missing", LOG_ID("client", claim->client.b));
        released = release(e, claim, REASON_NONE, end->no_keys ? NO_KEYS_DELAY : 5);
        break;
    }
    return released == RC_LOST ? RC_OK : released;
}

static enum rc
run_one(struct engine *e, const struct claim *claim, int64_t *ms)
{
    int64_t start = clock_ms();
    struct step_end end;
    enum rc rc = step_run(e, claim, &end);

    *ms = clock_ms() - start;
    log_event(rc == RC_OK ? LOG_INFO : LOG_WARN, "step", LOG_WORD("unit", unit_names[claim->unit]),
              LOG_ID("file", claim->file.b), LOG_ID("document", claim->document.b), LOG_INT("page", claim->page),
              LOG_INT("try", claim->attempts), LOG_RC(rc), LOG_WORD("reason", reason_row(end.reason)->word),
              LOG_INT("cpu_ms", end.cpu_ms), LOG_INT("peak_kib", end.peak_kib), LOG_MS(*ms));
    return settle(e, claim, rc, &end);
}

/* ---- the loop --------------------------------------------------------------------- */

/* Until somebody says that there is work, or for a while: the word is a hint. */
static void
wait_for_work(struct engine *e, int ms)
{
    struct pollfd p = { .fd = db_socket(e->work), .events = POLLIN };

    if (p.fd >= 0)
        (void)poll(&p, 1, ms);
    else
        clock_sleep_ms(ms);
    (void)db_notified(e->work);
}

/*
 * What is almost done goes first, a few at a time.  Pages are claimed singly unless they are quick (zones of a
 * known form), so that the last pages of a batch are spread over all runners.
 */
static enum rc
claim_some(struct engine *e, int64_t page_ms, struct claim *claims, uint32_t *got)
{
    uint32_t pages = page_ms < 60 ? CLAIMS_MAX : page_ms < 250 ? 3 : 1;
    enum rc rc = store_claim(e->work, &e->worker, SHORT_UNITS, SHORT_CLAIMS, e->in->lease_seconds, claims, got);

    if (rc == RC_OK && *got == 0)
        rc = store_claim(e->work, &e->worker, LONG_UNITS, pages, e->in->lease_seconds, claims, got);
    return rc;
}

/* RC_OK: go on. "did" says whether there was anything. */
static enum rc
turn(struct engine *e, struct journal *journal, bool *did, int64_t *page_ms)
{
    static struct claim claims[CLAIMS_MAX];
    uint32_t got = 0, i;
    int64_t ms = 0;
    enum rc rc = claim_some(e, *page_ms, claims, &got);

    *did = false;
    if (rc != RC_OK)
        return rc;
    journal_claimed(journal, claims, got);
    for (i = 0; i < got && rc == RC_OK && !runtime_stopping(); i++) {
        journal_begin(journal, i);
        if ((rc = run_one(e, &claims[i], &ms)) == RC_OK)
            journal_settled(journal, i);
        if (claims[i].unit == UNIT_PAGE)
            *page_ms = ms;
        *did = true;
    }
    /* What we claimed and did not begin goes back at once. */
    for (; i < got; i++)
        if (store_release(e->work, &claims[i], REASON_NONE, 0) == RC_OK)
            journal_settled(journal, i);
    return rc;
}

static enum rc
loop(struct engine *e, struct journal *journal, bool once)
{
    int64_t page_ms = 1000, busy_at = clock_ms(), complained = 0;
    bool did = false;
    enum rc rc;

    while (!runtime_stopping()) {
        if ((rc = journal_recover(journal, e->work)) == RC_OK)
            rc = turn(e, journal, &did, &page_ms);
        if (rc == RC_DENIED || rc == RC_CONFIG || rc == RC_BUG)
            return rc;
        if (rc != RC_OK) {
            journal_suspect(journal);
            if (clock_ms() - complained > 10000 || complained == 0) {
                log_event(LOG_WARN, "runner.waits", LOG_RC(rc));
                complained = clock_ms();
            }
            clock_sleep_ms(1000);
            continue;
        }
        if (did) {
            busy_at = clock_ms();
            continue;
        }
        if (once)
            return RC_OK;
        if (clock_ms() - busy_at > ORIGINAL_KEEP_MS)
            step_forget(e);
        wait_for_work(e, IDLE_MS);
    }
    return RC_OK;
}

/* ---- start ------------------------------------------------------------------------ */

static enum rc
connect_as(const struct instance *in, const char *database, const char *role, struct db **out, struct err *err)
{
    char info[8192];
    enum rc rc = instance_conninfo(in, database, role, info, sizeof info);

    if (rc != RC_OK)
        return err_set(err, rc, "the database's connection cannot be named");
    /* At the start of a machine the database may come after us. */
    for (int i = 0; (rc = db_open(info, "escriba-runner", out, err)) == RC_DB && i < 60 && !runtime_stopping(); i++)
        clock_sleep_ms(500);
    return rc;
}

static enum rc
engine_open(struct engine *e, struct err *err)
{
    char path[PATH_ROOM + 32];
    const char *socket = NULL;
    enum rc rc;

    if (getenv("ESCRIBA_KEYD_FD") == NULL) {
        snprintf(path, sizeof path, "%s/keyd-runner.sock", e->in->run);
        socket = path;
    }
    if ((rc = cell_host_start(NULL, e->in->forms, &e->cells, err)) != RC_OK ||
        (rc = keyclient_open(socket, &e->keys, err)) != RC_OK ||
        (rc = connect_as(e->in, "work", "runner", &e->work, err)) != RC_OK ||
        (rc = connect_as(e->in, "delivery", "publisher", &e->delivery, err)) != RC_OK)
        return rc;
    if (cell_host_lacks(e->cells) != 0) {
        log_event(LOG_WARN, "cell.lacks", LOG_INT("walls", cell_host_lacks(e->cells)));
        /* A user of its own is for a runner that starts as root, which production forbids: each program has its own. */
        if (e->in->production && (cell_host_lacks(e->cells) & ~(unsigned)CELL_LACKS_USER) != 0) {
            err_set(err, RC_CONFIG, "the cage is not whole on this machine");
            err_cure(err, "escriba doctor names each wall and its cure");
            return RC_CONFIG;
        }
    }
    return db_run(e->work, "LISTEN work_ready", NULL, 0);
}

/* After a restart of escribad the old runner of this slot may still be finishing its step. */
static enum rc
slot_take(const struct instance *in, unsigned slot, struct journal **out, struct err *err)
{
    enum rc rc;

    while ((rc = journal_open(in, slot, out)) == RC_EXISTS && !runtime_stopping())
        clock_sleep_ms(200);
    if (rc == RC_EXISTS)
        return RC_BUSY; /* told to stop meanwhile */
    if (rc != RC_OK) {
        err_set(err, rc, "the runner's slot cannot be taken");
        err_where(err, "%s/runner-%u.claims", in->run, slot);
    }
    return rc;
}

static void
engine_close(struct engine *e)
{
    step_forget(e);
    cell_host_stop(e->cells);
    keyclient_close(e->keys);
    db_close(e->work);
    db_close(e->delivery);
}

static const char usage[] =
    "escriba-runner [--home DIR] [--slot N] [--once]\n"
    "Takes steps of documents.  Started by escribad.\n"
    "\n"
    "  --home DIR    the installation\n"
    "  --slot N      which of several runners of this machine it is (default 0); each has its own\n"
    "  --once        end when nothing waits\n"
    "  -h, --help    this text;  --version  the version\n";

int
main(int argc, char **argv)
{
    static const struct option known[] = { { "home", required_argument, NULL, 'h' },
                                           { "slot", required_argument, NULL, 's' },
                                           { "once", no_argument, NULL, 'o' },
                                           { NULL, 0, NULL, 0 } };
    struct options o = { 0 };
    struct instance in;
    struct engine e = { .in = &in, .original = { .fd = -1 } };
    struct journal *journal = NULL;
    struct err err = { 0 };
    int64_t number;
    enum rc rc;
    int c;

    log_open("escriba-runner", LOG_INFO);
    runtime_signals();
    if (runtime_answered(argc, argv, "escriba-runner", usage))
        return 0;
    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (c == 'h') {
            o.home = optarg;
        } else if (c == 's' && text_parse_i64(optarg, 0, 100000, &number)) {
            o.slot = (unsigned)number;
        } else if (c == 'o') {
            o.once = true;
        } else {
            fputs(usage, stderr);
            return 64;
        }
    }
    if ((rc = secret_start(&err)) == RC_OK && (rc = instance_open(o.home, &in, &err)) == RC_OK &&
        (rc = slot_take(&in, o.slot, &journal, &err)) == RC_OK && (rc = engine_open(&e, &err)) == RC_OK) {
        e.worker = *journal_worker(journal);
        log_event(LOG_INFO, "runner.ready", LOG_ID("worker", e.worker.b));
        rc = loop(&e, journal, o.once);
    }
    if (rc == RC_BUSY && runtime_stopping())
        rc = RC_OK;
    if (rc != RC_OK) {
        if (err.rc == RC_OK)
            err_set(&err, rc, "escriba-runner cannot go on");
        err_print(&err, stderr);
    }
    engine_close(&e);
    journal_close(journal);
    log_event(LOG_INFO, "runner.stop", LOG_RC(rc));
    return err_exit_code(rc);
}
