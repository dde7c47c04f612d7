/*
 * ctl_metrics.c - figures for Prometheus, as a text file that node_exporter picks up.
 *
 * A file and no port: nothing listens beside personal data.  Written under another name and
 * renamed, so that a reader never sees half of it.
 */
#include "ctl.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/text.h"
#include "doc/reason.h"

#define METRICS_MAX (4u << 20)

static void
add(struct buffer *b, const char *text)
{
    buffer_append(b, text, strlen(text));
}

/* The database knows reasons by number; people and dashboards by word: reason="50" becomes reason="password". */
static void
add_labels(struct buffer *b, const char *labels)
{
    static const char key[] = "reason=\"";
    const char *at = strstr(labels, key), *end;
    int64_t number = 0;
    char digits[12] = "";

    if (at == NULL || (end = strchr(at + sizeof key - 1, '"')) == NULL || end - (at + sizeof key - 1) > 10) {
        add(b, labels);
        return;
    }
    at += sizeof key - 1;
    memcpy(digits, at, (size_t)(end - at));
    buffer_append(b, labels, (size_t)(at - labels));
    add(b, text_parse_i64(digits, 0, 10000, &number) ? reason_row((unsigned)number)->word : digits);
    add(b, end);
}

/* One TYPE line before the first sample of a name, as the format wants. */
static void
add_rows(struct buffer *b, const struct db_result *r)
{
    const char *last = "";

    for (int i = 0; i < db_rows(r); i++) {
        const char *name = db_text(r, i, 0), *labels = db_text(r, i, 1);
        char number[64];

        if (strcmp(name, last) != 0) {
            const char *end = strlen(name) > 6 ? name + strlen(name) - 6 : name;

            add(b, "# TYPE ");
            add(b, name);
            add(b, strcmp(end, "_total") == 0 ? " counter\n" : " gauge\n");
            last = name;
        }
        add(b, name);
        if (labels[0] != '\0' && labels[0] != '{')
            add(b, "{");
        add_labels(b, labels);
        if (labels[0] != '\0' && labels[0] != '{')
            add(b, "}");
        snprintf(number, sizeof number, " %.17g\n", db_real(r, i, 2));
        add(b, number);
    }
}

static void
add_own(struct buffer *b, const struct instance *in)
{
    struct running run;
    char text[512];

    ctl_running(in, &run);
    snprintf(text, sizeof text,
             "# TYPE escriba_program_running gauge\n"
             "escriba_program_running{program=\"escribad\"} "
             "%d\nescriba_program_running{program=\"escriba-intake\"} %d\n"
             "escriba_program_running{program=\"escriba-runner\"} "
             "%d\nescriba_program_running{program=\"escriba-keyd\"} %d\n"
             "escriba_program_running{program=\"escriba-desk\"} %d\n"
             "# TYPE escriba_written_seconds gauge\nescriba_written_seconds %lld\n",
             run.supervisor != 0, run.intake, run.runners, run.keyd, run.desk, (long long)time(NULL));
    add(b, text);
}

static int
write_once(struct ctl *ctl)
{
    const char *to = ctl_value(ctl, "to");
    char path[PATH_ROOM];
    struct db_result *r = NULL;
    struct buffer b;
    int code;

    buffer_init(&b, METRICS_MAX);
    if ((code = ctl_connect(ctl, "work", "metrics")) != CTL_OK ||
        (code = ctl_query(ctl, "SELECT name, labels, value FROM ops.metrics() ORDER BY name, labels", NULL, 0,
                          "reading the figures", &r)) != CTL_OK)
        goto out;
    add_rows(&b, r);
    add_own(&b, &ctl->in);
    if (b.failed) {
        code = ctl_fail_rc(ctl, RC_LIMIT, "writing the figures");
    } else if (to != NULL && strcmp(to, "-") == 0) {
        code = fwrite(b.data, 1, b.size, stdout) == b.size ? CTL_OK : CTL_FAILED;
    } else {
        if (to == NULL) {
            snprintf(path, sizeof path, "%s/metrics/escriba.prom", ctl->in.home);
            to = path;
        }
        code = ctl_file(ctl, to, b.data, b.size, 0644, NULL);
    }
out:
    db_result_free(r);
    buffer_done(&b);
    return code;
}

int
ctl_metrics_run(struct ctl *ctl)
{
    int64_t seconds;
    int code;

    if (!ctl_number(ctl, "every", 1, 3600, 0, &seconds))
        return CTL_USAGE;
    code = write_once(ctl);
    /* The database may be away for a while: the file's age says so, and we go on. */
    while (seconds != 0) {
        db_close(ctl->db);
        ctl->db = NULL;
        arena_reset(ctl->arena);
        if (fflush(stdout) != 0)
            return CTL_FAILED;
        clock_sleep_ms(seconds * 1000);
        code = write_once(ctl);
    }
    return code;
}
