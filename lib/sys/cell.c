/*
 * cell.c - one call to a cell host: send it, collect what the caged child made.
 *
 * The child may be anybody by the time it answers.  So: every frame has its limit, the
 * counts of the END frame must match what came, nothing may follow it, and an exit
 * status is only ever used to say why a call failed.
 */
#include "sys/cell.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/codec.h"
#include "base/ipc.h"
#include "cell_host.h"
#include "doc/raster.h"
#include "doc/recipe.h"
#include "sys/cell_wire.h"

#define OUTPUT_MAX (64u << 20)
#define ARTIFACTS_MAX 20000
#define PIPE_BYTES (1 << 20)
#define WALL_FACTOR 3
#define GRACE_MS 10000 /* beyond the host's own deadline: then the host itself is lost */

struct taken {
    struct artifact artifact;
    struct taken *next;
};

struct answering {
    const struct cell_call *call;
    struct arena *arena;
    struct taken *first, **last;
    uint32_t count;
    uint64_t bytes, max;
    bool ended;
    enum rc said; /* the stage's own code */
    struct result result;
};

static unsigned
wall_seconds(const struct stage *stage)
{
    unsigned sum = stage->limit.seconds;
    const struct stage *s = stage;

    while (s->unit == UNIT_DOCUMENT && s[1].name != NULL && s[1].unit == UNIT_DOCUMENT &&
           s[1].seat == SEAT_CELL)
        sum += (++s)->limit.seconds;
    return sum * WALL_FACTOR;
}

/* ---- sending --------------------------------------------------------------------- */

struct request {
    struct buffer body, bundle;
    int fd[IPC_FDS_MAX];
    int fds;
    int own_output, own_bundle; /* closed after sending */
};

static enum rc
add_bytes(struct request *q, struct bytes bytes, uint64_t *offset)
{
    *offset = q->bundle.size;
    return buffer_append(&q->bundle, bytes.data, bytes.size) ? RC_OK : RC_NOMEM;
}

/* A descriptor goes as it is while there is room for it in the frame; then its bytes are copied. */
static enum rc
add_input(struct request *q, const struct cell_input *in)
{
    uint64_t offset = 0, size = in->bytes.size;
    uint32_t source = 1;
    struct bytes map;
    enum rc rc = RC_OK;

    if (in->fd >= 0 && q->fds < IPC_FDS_MAX) {
        source = (uint32_t)q->fds;
        q->fd[q->fds++] = in->fd;
        size = 0;
    } else if (in->fd >= 0) {
        if ((rc = ipc_map(in->fd, FILE_BYTES_MAX, &map)) != RC_OK)
            return rc;
        size = map.size;
        rc = add_bytes(q, map, &offset);
        ipc_unmap(map);
    } else {
        rc = add_bytes(q, in->bytes, &offset);
    }
    write_u8(&q->body, (uint8_t)in->kind);
    write_u32(&q->body, in->page);
    write_u8(&q->body, (uint8_t)source);
    write_u64(&q->body, offset);
    write_u64(&q->body, size);
    return rc;
}

static enum rc
build_request(struct request *q, const struct cell_call *call, uint64_t output_max)
{
    enum rc rc;

    write_text(&q->body, call->stage->name);
    write_text(&q->body, call->hint);
    write_text(&q->body, call->name);
    write_u32(&q->body, call->page);
    write_u32(&q->body, call->depth);
    write_i32(&q->body, call->crop.x0);
    write_i32(&q->body, call->crop.y0);
    write_i32(&q->body, call->crop.x1);
    write_i32(&q->body, call->crop.y1);
    write_u32(&q->body, call->crop_max);
    write_i32(&q->body, call->turn);
    write_u64(&q->body, output_max);
    write_u32(&q->body, call->input_count);
    q->fds = 2; /* output and bundle, filled in below */
    for (uint32_t i = 0; i < call->input_count; i++)
        if ((rc = add_input(q, &call->inputs[i])) != RC_OK)
            return rc;
    if (q->body.failed || q->bundle.failed)
        return RC_NOMEM;
    return ipc_memfd("inputs", buffer_bytes(&q->bundle), &q->own_bundle);
}

static enum rc
send_call(struct cell_host *host, const struct cell_call *call, int output, uint64_t output_max)
{
    struct request q = { .own_bundle = -1 };
    enum rc rc = RC_LIMIT;

    buffer_init(&q.body, CELL_REQUEST_MAX);
    buffer_init(&q.bundle, (size_t)FILE_BYTES_MAX + CELL_REQUEST_MAX);
    if (call->input_count > CELL_INPUTS_MAX)
        goto out;
    if ((rc = build_request(&q, call, output_max)) != RC_OK)
        goto out;
    q.fd[0] = output;
    q.fd[1] = q.own_bundle;
    if ((rc = ipc_send(host->control, CELL_RUN, buffer_bytes(&q.body), q.fd, q.fds)) != RC_OK)
        host->lost = true;
out:
    if (q.own_bundle >= 0)
        close(q.own_bundle);
    buffer_done(&q.body);
    buffer_done(&q.bundle);
    return rc;
}

/* ---- collecting ------------------------------------------------------------------ */

static enum rc
take_artifact(struct answering *a, struct bytes body)
{
    struct reader r = reader_from(body);
    uint8_t kind = read_u8(&r);
    uint32_t page = read_u32(&r);
    struct bytes bytes = bytes_of(r.at, (size_t)(r.end - r.at));
    struct taken *t;

    if (!reader_ok(&r) || kind < ARTIFACT_ORIGINAL || kind > ARTIFACT_LAST ||
        (a->call->stage->unit != UNIT_DOCUMENT &&
         (a->call->stage->writes & ARTIFACT_BIT(kind)) == 0))
        return RC_INPUT;
    a->bytes += bytes.size;
    if (a->bytes > a->max || ++a->count > ARTIFACTS_MAX)
        return RC_LIMIT;
    if (a->call->emit != NULL)
        return a->call->emit(a->call->to, (enum artifact_kind)kind, page, bytes);
    if ((t = arena_alloc(a->arena, sizeof *t)) == NULL)
        return RC_NOMEM;
    t->artifact.kind = (enum artifact_kind)kind;
    t->artifact.page = page;
    t->artifact.bytes.size = bytes.size;
    if ((t->artifact.bytes.data = (const uint8_t *)arena_copy(a->arena, bytes.data, bytes.size)) ==
        NULL)
        return RC_NOMEM;
    *a->last = t;
    a->last = &t->next;
    return RC_OK;
}

static enum rc
take_end(struct answering *a, struct bytes body)
{
    struct reader r = reader_from(body);
    uint8_t rc = read_u8(&r), verdict = read_u8(&r);
    uint16_t reason = read_u16(&r);
    uint32_t detail = read_u32(&r), count = read_u32(&r);
    uint64_t bytes = read_u64(&r);

    if (!reader_finished(&r) || rc > RC_BUG || verdict > VERDICT_REJECT || count != a->count ||
        bytes != a->bytes || (unsigned)reason_row(reason)->reason != reason)
        return RC_INPUT;
    a->said = (enum rc)rc;
    a->result.verdict = (enum verdict)verdict;
    a->result.reason = (enum reason)reason;
    a->result.detail = detail;
    a->ended = true;
    return RC_OK;
}

/* Frames until the pipe ends. RC_INPUT: what came is not believed; RC_TIMEOUT: the host is stuck. */
static enum rc
collect(int fd, int64_t until, struct answering *a)
{
    struct buffer buffer;
    struct frame frame;
    enum rc rc;

    buffer_init(&buffer, a->max + CELL_HEAD_SIZE);
    for (;;) {
        int64_t left = until - clock_ms();

        rc = ipc_recv(fd, a->max + CELL_HEAD_SIZE, left > 0 ? (int)left : 0, &buffer, &frame);
        if (rc == RC_IO) {
            rc = RC_OK; /* the end of the pipe, clean or torn: "ended" tells */
            break;
        }
        if (rc != RC_OK)
            break;
        if (a->ended)
            rc = RC_INPUT;
        else if (frame.type == CELL_ARTIFACT)
            rc = take_artifact(a, frame.body);
        else
            rc = frame.type == CELL_END ? take_end(a, frame.body) : RC_INPUT;
        if (rc != RC_OK)
            break;
    }
    buffer_done(&buffer);
    return rc;
}

static enum rc
wait_done(struct cell_host *host, int64_t until, struct cell_answer *answer, enum cell_end *how)
{
    int64_t left = until - clock_ms();
    struct buffer buffer;
    struct frame frame;
    struct reader r;
    enum rc rc;

    buffer_init(&buffer, CELL_REQUEST_MAX);
    rc = ipc_recv(host->control, CELL_REQUEST_MAX, left > 0 ? (int)left : 0, &buffer, &frame);
    if (rc == RC_OK) {
        r = reader_from(frame.body);
        *how = (enum cell_end)read_u8(&r);
        (void)read_u8(&r);
        answer->cpu_ms = read_u32(&r);
        answer->peak_kib = read_u32(&r);
        if (frame.type != CELL_DONE || !reader_finished(&r))
            rc = RC_IO;
    }
    buffer_done(&buffer);
    if (rc != RC_OK)
        host->lost = true;
    return rc;
}

/* The child is dead and did not end its answer: by what, as far as that can be shown. */
static enum rc
killed(enum cell_end how, struct cell_answer *answer)
{
    static const enum reason reasons[] = {
        [CELL_EXITED] = REASON_CELL_DIED, [CELL_TIME] = REASON_TIME,
        [CELL_MEMORY] = REASON_MEMORY,    [CELL_FILE_SIZE] = REASON_TOO_MANY_PIXELS,
        [CELL_FAILED] = REASON_CELL_DIED, [CELL_KILLED] = REASON_CELL_DIED,
    };

    answer->result.verdict = VERDICT_REJECT;
    answer->result.reason = (unsigned)how < COUNT_OF(reasons) ? reasons[how] : REASON_CELL_DIED;
    answer->result.detail = 0;
    answer->made = (struct artifact_set){ NULL, 0 };
    return RC_KILLED;
}

static enum rc
settle(struct answering *a, struct cell_answer *answer)
{
    uint32_t n = 0;

    answer->result = a->result;
    if (a->said != RC_OK)
        return a->said;
    if (a->call->emit != NULL)
        return RC_OK;
    if ((answer->made.items = arena_array(a->arena, a->count, sizeof *answer->made.items)) == NULL)
        return RC_NOMEM;
    for (const struct taken *t = a->first; t != NULL; t = t->next)
        answer->made.items[n++] = t->artifact;
    answer->made.count = n;
    return RC_OK;
}

static enum rc
run_stage(struct cell_host *host, const struct cell_call *call, struct arena *arena,
          struct cell_answer *answer)
{
    struct answering a = { .call = call,
                           .arena = arena,
                           .max = call->output_max > 0 ? call->output_max : OUTPUT_MAX };
    const int64_t until = clock_ms() + (int64_t)wall_seconds(call->stage) * 1000 + GRACE_MS;
    enum cell_end how = CELL_KILLED;
    int ends[2];
    enum rc rc, done;

    a.last = &a.first;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return RC_IO;
    (void)fcntl(ends[0], F_SETPIPE_SZ, PIPE_BYTES);
    rc = send_call(host, call, ends[1], a.max);
    close(ends[1]);
    if (rc == RC_OK)
        rc = collect(ends[0], until, &a);
    /* a child that is not believed gets no reader any more and dies of it, or by the clock */
    close(ends[0]);
    if (host->lost)
        return RC_IO;
    if ((done = wait_done(host, until, answer, &how)) != RC_OK)
        return done == RC_TIMEOUT ? RC_TIMEOUT : RC_IO;
    if (rc == RC_INPUT || rc == RC_LIMIT || !a.ended)
        return rc == RC_OK || rc == RC_INPUT || rc == RC_LIMIT ? killed(how, answer) : rc;
    return rc == RC_OK ? settle(&a, answer) : rc;
}

/* ---- paint ----------------------------------------------------------------------- */

/* The raster is whole, or it is not believed; then it is sealed against change. */
static enum rc
check_raster(int fd, enum cell_end how, struct cell_answer *answer)
{
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    struct raster raster;
    struct bytes map;
    enum rc rc;

    if (how != CELL_EXITED && how != CELL_FAILED)
        return killed(how, answer);
    if (fcntl(fd, F_ADD_SEALS, seals) != 0)
        return RC_IO;
    if ((rc = ipc_map(fd, (size_t)PIXELS_MAX + 64, &map)) != RC_OK)
        return rc;
    rc = raster_open(map, &raster);
    ipc_unmap(map);
    if (rc != RC_OK) {
        answer->result.verdict = VERDICT_REJECT;
        answer->result.reason = rc == RC_LIMIT ? REASON_TOO_MANY_PIXELS : REASON_DAMAGED;
        return RC_OK;
    }
    answer->raster_fd = fd;
    return RC_OK;
}

static enum rc
run_paint(struct cell_host *host, const struct cell_call *call, struct cell_answer *answer)
{
    const int64_t until = clock_ms() + (int64_t)wall_seconds(call->stage) * 1000 + GRACE_MS;
    enum cell_end how = CELL_KILLED;
    int fd = memfd_create("raster", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    enum rc rc = RC_IO;

    if (fd < 0)
        return RC_IO;
    if ((rc = send_call(host, call, fd, 0)) == RC_OK &&
        (rc = wait_done(host, until, answer, &how)) == RC_OK)
        rc = check_raster(fd, how, answer);
    if (answer->raster_fd < 0)
        close(fd);
    if (rc != RC_OK && host->lost)
        return rc == RC_TIMEOUT ? RC_TIMEOUT : RC_IO;
    return rc;
}

enum rc
cell_run(struct cell_host *host, const struct cell_call *call, struct arena *arena,
         struct cell_answer *answer)
{
    memset(answer, 0, sizeof *answer);
    answer->raster_fd = -1;
    if (call->stage == NULL || (call->stage->seat != SEAT_CELL && call->stage->seat != SEAT_PAINT))
        return RC_BUG;
    if (host->lost)
        return RC_IO;
    return call->stage->seat == SEAT_PAINT ? run_paint(host, call, answer)
                                           : run_stage(host, call, arena, answer);
}
