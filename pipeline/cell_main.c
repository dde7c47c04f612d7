/*
 * cell_main.c - escriba-cell: the zygote of the cages.
 *
 * Loads forms and models, gives up what it can, and then serves one call after the other
 * from its control socket: forks a child, watches it by clock and by its end, and says
 * how it ended.  It never looks at an input itself, and has no key and no database.
 */
#include <errno.h>
#include <fcntl.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <leptonica/allheaders.h>

#include "base/clock.h"
#include "base/codec.h"
#include "cage.h"
#include "cell_call.h"
#include "forms_ready.h"
#include "sys/cell.h"
#include "versions.h"

#define WALL_FACTOR 3 /* wall clock allowed for each CPU second: a busy core is not a crime */

const struct stage *
call_next(const struct stage *stage)
{
    const struct stage *next = stage + 1;

    if (stage->unit != UNIT_DOCUMENT || next->name == NULL || next->unit != UNIT_DOCUMENT ||
        next->seat != SEAT_CELL)
        return NULL;
    return next;
}

unsigned
call_seconds(const struct call *call)
{
    unsigned sum = 0;

    for (const struct stage *s = call->stage; s != NULL; s = call_next(s))
        sum += s->limit.seconds;
    return sum;
}

unsigned
call_mebibytes(const struct call *call)
{
    unsigned most = 0;

    for (const struct stage *s = call->stage; s != NULL; s = call_next(s))
        if (s->limit.mebibytes > most)
            most = s->limit.mebibytes;
    return most;
}

static void
read_input(struct reader *r, int fds, struct call_input *in)
{
    uint32_t kind = read_u8(r);

    in->page = read_u32(r);
    in->source = read_u8(r);
    in->offset = read_u64(r);
    in->size = read_u64(r);
    in->kind = (enum artifact_kind)kind;
    if (kind < ARTIFACT_ORIGINAL || kind > ARTIFACT_LAST || in->source < CALL_BUNDLE ||
        (int)in->source >= fds)
        reader_fail(r);
}

enum rc
call_read(const struct frame *frame, struct arena *arena, struct call *out)
{
    struct reader r = reader_from(frame->body);
    const char *name = read_text(&r, 32, arena);

    memset(out, 0, sizeof *out);
    out->hint = read_text(&r, 256, arena);
    out->name = read_text(&r, 4096, arena);
    out->page = read_u32(&r);
    out->depth = read_u32(&r);
    out->crop = (struct box){ 0, 0, 0, 0 };
    out->crop.x0 = read_i32(&r);
    out->crop.y0 = read_i32(&r);
    out->crop.x1 = read_i32(&r);
    out->crop.y1 = read_i32(&r);
    out->crop_max = read_u32(&r);
    out->turn = read_i32(&r);
    out->output_max = read_u64(&r);
    out->input_count = read_count(&r, CELL_INPUTS_MAX);
    if (!reader_ok(&r))
        return RC_INPUT;
    if ((out->inputs = arena_array(arena, out->input_count, sizeof *out->inputs)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < out->input_count; i++)
        read_input(&r, frame->fds, &out->inputs[i]);
    memcpy(out->fd, frame->fd, sizeof out->fd);
    out->fds = frame->fds;
    out->stage = name != NULL ? stage_find(name) : NULL;
    if (!reader_finished(&r) || out->stage == NULL || out->fds <= CALL_BUNDLE ||
        (out->stage->seat != SEAT_CELL && out->stage->seat != SEAT_PAINT))
        return RC_INPUT;
    return RC_OK;
}

struct ending {
    enum cell_end how;
    bool timed_out;
    uint32_t cpu_ms, peak_kib;
};

static bool
near_ceiling(const struct call *call, const struct rusage *used)
{
    return (uint64_t)used->ru_maxrss >= (uint64_t)call_mebibytes(call) * 1024 * 4 / 5;
}

static void
judge(const struct call *call, int status, const struct rusage *used, struct ending *e)
{
    e->cpu_ms = (uint32_t)((used->ru_utime.tv_sec + used->ru_stime.tv_sec) * 1000 +
                           (used->ru_utime.tv_usec + used->ru_stime.tv_usec) / 1000);
    e->peak_kib = (uint32_t)used->ru_maxrss;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        e->how = CELL_EXITED;
    else if (e->timed_out || (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU))
        e->how = CELL_TIME;
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXFSZ)
        e->how = CELL_FILE_SIZE;
    else if ((WIFEXITED(status) && WEXITSTATUS(status) == CELL_STATUS_MEMORY) ||
             near_ceiling(call, used))
        e->how = CELL_MEMORY;
    else
        e->how = WIFEXITED(status) ? CELL_FAILED : CELL_KILLED;
}

/* Wait for the child to end, kill it at the deadline; exit with it when our parent is gone. */
static void
watch(const struct call *call, pid_t pid, int pidfd, struct ending *e)
{
    const int64_t until = clock_ms() + (int64_t)call_seconds(call) * 1000 * WALL_FACTOR;
    struct rusage used;
    int status = 0;

    memset(e, 0, sizeof *e);
    for (;;) {
        struct pollfd p[] = { { .fd = pidfd, .events = POLLIN },
                              { .fd = CELL_CONTROL_FD, .events = POLLRDHUP } };
        int64_t left = until - clock_ms();
        int n = poll(p, 2, left > 0 ? (int)left : 0);

        if (n < 0 && errno == EINTR)
            continue;
        if (n > 0 && p[0].revents != 0)
            break;
        e->timed_out = n == 0;
        (void)kill(pid, SIGKILL);
        if (n > 0)
            _exit(0);
        break;
    }
    memset(&used, 0, sizeof used);
    while (wait4(pid, &status, 0, &used) < 0 && errno == EINTR)
        ;
    judge(call, status, &used, e);
}

static enum rc
serve(const struct call *call, const struct form_set *forms)
{
    struct ending e;
    struct buffer b;
    enum rc rc;
    int pidfd;
    pid_t pid = fork();

    if (pid < 0)
        return RC_IO;
    if (pid == 0) {
        if (call->stage->seat == SEAT_PAINT)
            paint_child(call);
        cell_child(call, forms);
    }
    for (int i = 0; i < call->fds; i++)
        close(call->fd[i]);
    if ((pidfd = (int)syscall(SYS_pidfd_open, pid, 0)) < 0) {
        (void)kill(pid, SIGKILL);
        return RC_IO;
    }
    watch(call, pid, pidfd, &e);
    close(pidfd);
    buffer_init(&b, 64);
    write_u8(&b, (uint8_t)e.how);
    write_u8(&b, e.timed_out ? 1 : 0);
    write_u32(&b, e.cpu_ms);
    write_u32(&b, e.peak_kib);
    rc = b.failed ? RC_NOMEM : ipc_send(CELL_CONTROL_FD, CELL_DONE, buffer_bytes(&b), NULL, 0);
    buffer_done(&b);
    return rc;
}

static enum rc
serve_all(const struct form_set *forms)
{
    struct arena *arena = arena_new(4u << 20);
    struct buffer buffer;
    struct frame frame;
    struct call call;
    enum rc rc = arena == NULL ? RC_NOMEM : RC_OK;

    buffer_init(&buffer, CELL_REQUEST_MAX);
    while (rc == RC_OK) {
        if ((rc = ipc_recv(CELL_CONTROL_FD, CELL_REQUEST_MAX, -1, &buffer, &frame)) != RC_OK)
            break;
        rc = frame.type == CELL_RUN ? call_read(&frame, arena, &call) : RC_INPUT;
        if (rc == RC_OK)
            rc = serve(&call, forms);
        arena_reset(arena);
    }
    buffer_done(&buffer);
    arena_free(arena);
    return rc;
}

/* Everything that opens a file happens here, before any document is near. */
static enum rc
get_ready(const char *forms_dir, struct err *err)
{
    struct codelist_set *lists = NULL;
    struct form_set *set = NULL;
    enum rc rc;

    /* names in archives are UTF-8; everything else, the decimal point above all, stays as in C */
    (void)setlocale(LC_ALL, "C");
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    tzset();
    (void)setMsgSeverity(L_SEVERITY_NONE);
    if (forms_dir[0] != 0 && setenv("ESCRIBA_FORMS", forms_dir, 1) != 0)
        return err_set(err, RC_NOMEM, "no memory");
    /* once for its words about a wrong form or list; the stages load their own */
    if ((rc = forms_load(forms_folder(), &set, err)) != RC_OK ||
        (rc = codelists_load(codelists_folder(), &lists, err)) != RC_OK)
        return rc;
    forms_free(set);
    codelists_free(lists);
    for (const struct stage *s = stage_table; s->name != NULL; s++) {
        if (s->ready == NULL || (rc = s->ready()) == RC_OK)
            continue;
        rc = err_set(err, rc, "a stage could not load its models or forms");
        err_where(err, "stage %s, forms in %s", s->name, forms_folder());
        err_cure(err, "install tesseract-ocr-eng, -spa, -deu and -fra (or set TESSDATA_PREFIX); "
                      "`escriba forms check`");
        return rc;
    }
    versions_ready();
    if (ESCRIBA_COMMIT[0] != '\0')
        versions_tell("commit", ESCRIBA_COMMIT);
    cell_catch_memory();
    return cage_prepare(err);
}

static enum rc
say_hello(unsigned lacks, const struct err *err)
{
    struct buffer b, versions;
    enum rc rc;

    buffer_init(&b, CELL_REQUEST_MAX);
    write_u32(&b, lacks);
    write_u32(&b, (uint32_t)err->rc);
    write_text(&b, err->what);
    write_text(&b, err->where);
    write_text(&b, err->cure);
    buffer_init(&versions, CELL_REQUEST_MAX / 2);
    if (err->rc == RC_OK)
        versions_write_text(&versions, forms_loaded());
    write_bytes(&b, buffer_bytes(&versions));
    buffer_done(&versions);
    rc = b.failed ? RC_NOMEM : ipc_send(CELL_CONTROL_FD, CELL_HELLO, buffer_bytes(&b), NULL, 0);
    buffer_done(&b);
    return rc;
}

int
main(int argc, char **argv)
{
    struct err err;
    unsigned lacks = 0;

    memset(&err, 0, sizeof err);
    if (argc != 2 || fcntl(CELL_CONTROL_FD, F_GETFD) < 0)
        return 64; /* not started by cell_host_start */
    (void)signal(SIGPIPE, SIG_DFL);
    if (get_ready(argv[1], &err) == RC_OK)
        lacks = cage_host();
    /* after cage_host: a change of user clears it */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
        return 1;
    if (say_hello(lacks, &err) != RC_OK || err.rc != RC_OK)
        return 1;
    (void)serve_all(forms_loaded());
    return 0;
}
