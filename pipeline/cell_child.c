/*
 * cell_child.c - the caged child: lock the door, look at the inputs, run the stage, answer.
 *
 * The first untrusted byte is read after cage_enter.  What was made leaves as frames; the
 * END frame with its counts is what makes it true.
 */
#include "cell_call.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/codec.h"
#include "cage.h"
#include "sys/cell.h"

#define FD_FIRST 3
#define HEADER_SIZE 12
#define HEADER_MAGIC 0x31435345u /* "ESC1", see base/ipc.h */

struct made {
    struct artifact artifact;
    struct made *next;
};

struct output {
    int fd;
    uint64_t max, bytes;
    uint32_t count;
    bool hold;           /* a chain: keep, for the next row and for the end */
    struct arena *arena;
    struct made *held;
};

static NO_RETURN void
out_of_memory(void)
{
    _exit(CELL_STATUS_MEMORY);
}

/* C++ libraries throw when memory ends and nobody catches; this says why we died instead. */
void
cell_catch_memory(void)
{
    typedef void (*handler)(void);
    handler (*set)(handler);
    void *symbol = dlsym(RTLD_DEFAULT, "_ZSt15set_new_handlerPFvvE");

    if (symbol == NULL)
        return;
    memcpy(&set, &symbol, sizeof set);
    (void)set(out_of_memory);
}

static enum rc
write_artifact(struct output *o, const struct artifact *a)
{
    uint8_t space[HEADER_SIZE + CELL_HEAD_SIZE];
    struct buffer head;
    enum rc rc;

    if (a->bytes.size > UINT32_MAX - CELL_HEAD_SIZE || o->bytes + a->bytes.size > o->max)
        return RC_LIMIT;
    buffer_init(&head, sizeof space);
    write_u32(&head, HEADER_MAGIC);
    write_u16(&head, CELL_ARTIFACT);
    write_u16(&head, 0);
    write_u32(&head, (uint32_t)(a->bytes.size + CELL_HEAD_SIZE));
    write_u8(&head, (uint8_t)a->kind);
    write_u32(&head, a->page);
    rc = head.failed ? RC_NOMEM : ipc_write_all(o->fd, head.data, head.size);
    buffer_done(&head);
    if (rc != RC_OK || (rc = ipc_write_all(o->fd, a->bytes.data, a->bytes.size)) != RC_OK)
        return rc;
    o->bytes += a->bytes.size;
    o->count++;
    return RC_OK;
}

static enum rc
hold_artifact(struct output *o, const struct artifact *a)
{
    struct made *m;
    char *copy;

    for (m = o->held; m != NULL; m = m->next)
        if (m->artifact.kind == a->kind && m->artifact.page == a->page)
            break;
    if (m == NULL) {
        if ((m = arena_alloc(o->arena, sizeof *m)) == NULL)
            return RC_NOMEM;
        m->next = o->held;
        o->held = m;
    }
    if ((copy = arena_copy(o->arena, a->bytes.data, a->bytes.size)) == NULL)
        return RC_NOMEM;
    m->artifact = *a;
    m->artifact.bytes = bytes_of(copy, a->bytes.size);
    return RC_OK;
}

static enum rc
emit(void *to, enum artifact_kind kind, uint32_t page, struct bytes bytes)
{
    struct output *o = to;
    const struct artifact a = { kind, page, bytes };

    return o->hold ? hold_artifact(o, &a) : write_artifact(o, &a);
}

static enum rc
write_end(const struct output *o, enum rc rc, const struct result *result)
{
    struct buffer b;
    enum rc sent;

    buffer_init(&b, 64);
    write_u8(&b, (uint8_t)rc);
    write_u8(&b, (uint8_t)result->verdict);
    write_u16(&b, (uint16_t)result->reason);
    write_u32(&b, result->detail);
    write_u32(&b, o->count);
    write_u64(&b, o->bytes);
    sent = b.failed ? RC_NOMEM : ipc_send_pipe(o->fd, CELL_END, buffer_bytes(&b));
    buffer_done(&b);
    return sent;
}

/* The artifacts as the call gives them: mapped read-only, not yet looked at. */
static enum rc
map_inputs(const struct call *call, struct arena *arena, struct artifact_set *out)
{
    struct bytes maps[IPC_FDS_MAX] = { { NULL, 0 } };
    enum rc rc;

    for (int i = CALL_BUNDLE; i < call->fds; i++)
        if ((rc = ipc_map(FD_FIRST + i, SIZE_MAX, &maps[i])) != RC_OK)
            return rc;
    if ((out->items = arena_array(arena, call->input_count, sizeof *out->items)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < call->input_count; i++) {
        const struct call_input *in = &call->inputs[i];
        struct bytes whole = maps[in->source];
        struct artifact *a = &out->items[i];

        a->kind = in->kind;
        a->page = in->page;
        a->bytes = whole;
        if (in->source == CALL_BUNDLE) {
            if (in->offset > whole.size || in->size > whole.size - in->offset)
                return RC_INPUT;
            a->bytes = bytes_of(whole.data + in->offset, (size_t)in->size);
        }
    }
    out->count = call->input_count;
    return RC_OK;
}

/* What this row may see: of the inputs and of what the rows before made, the kinds that it reads. */
static enum rc
give(const struct stage *stage, const struct artifact_set *inputs, const struct output *o,
     struct arena *arena, struct artifact_set *out)
{
    unsigned kinds = stage->reads;
    uint32_t room = inputs->count;

    /* a page that the painter drew stands for the original's own pixels */
    if (stage->unit == UNIT_PAGE)
        kinds |= ARTIFACT_BIT(ARTIFACT_RASTER);
    for (const struct made *m = o->held; m != NULL; m = m->next)
        room++;
    if ((out->items = arena_array(arena, room, sizeof *out->items)) == NULL)
        return RC_NOMEM;
    out->count = 0;
    for (const struct made *m = o->held; m != NULL; m = m->next)
        if (kinds & ARTIFACT_BIT(m->artifact.kind))
            out->items[out->count++] = m->artifact;
    for (uint32_t i = 0; i < inputs->count; i++)
        if (kinds & ARTIFACT_BIT(inputs->items[i].kind))
            out->items[out->count++] = inputs->items[i];
    return RC_OK;
}

static enum rc
run_rows(const struct call *call, const struct form_set *forms, const struct artifact_set *inputs,
         struct output *o, struct result *result)
{
    struct job job = { .forms = forms,
                       .arena = o->arena,
                       .hint = call->hint,
                       .page = call->page,
                       .depth = call->depth,
                       .name = call->name,
                       .crop = call->crop,
                       .crop_max = call->crop_max,
                       .turn = call->turn,
                       .emit = emit,
                       .to = o };
    enum rc rc = RC_OK;

    for (const struct stage *s = call->stage; s != NULL; s = call_next(s)) {
        memset(result, 0, sizeof *result);
        if ((rc = give(s, inputs, o, o->arena, &job.given)) != RC_OK)
            return rc;
        if ((rc = s->run(&job, result)) != RC_OK || result->verdict != VERDICT_PASS)
            break;
    }
    o->hold = false;
    for (const struct made *m = o->held; rc == RC_OK && m != NULL; m = m->next)
        rc = write_artifact(o, &m->artifact);
    return rc;
}

enum rc
call_settle(const struct call *call, int first)
{
    int high[IPC_FDS_MAX];

    for (int i = 0; i < call->fds; i++)
        if ((high[i] = fcntl(call->fd[i], F_DUPFD, 32)) < 0)
            return RC_IO;
    for (int i = 0; i < call->fds; i++)
        if (dup2(high[i], first + i) < 0)
            return RC_IO;
    return RC_OK;
}

void
cell_child(const struct call *call, const struct form_set *forms)
{
    const size_t arena_limit = (size_t)call_mebibytes(call) << 20;
    struct cage_limits limits = { .cpu_seconds = call_seconds(call) };
    struct arena *arena = arena_new(arena_limit);
    struct output o = { .fd = FD_FIRST + CALL_OUTPUT, .max = call->output_max, .arena = arena };
    struct artifact_set inputs = { NULL, 0 };
    struct result result = { VERDICT_PASS, REASON_NONE, 0 };
    enum rc rc;

    if (arena == NULL || call_settle(call, FD_FIRST) != RC_OK ||
        map_inputs(call, arena, &inputs) != RC_OK)
        _exit(CELL_STATUS_CAGE);
    /* what is there already, models and inputs, does not count against the stage */
    limits.address_space = cage_address_space() + arena_limit;
    if (cage_enter(CAGE_STRICT, &limits, FD_FIRST) != RC_OK)
        _exit(CELL_STATUS_CAGE);
    o.hold = call_next(call->stage) != NULL;
    if ((rc = run_rows(call, forms, &inputs, &o, &result)) == RC_NOMEM)
        out_of_memory();
    if (write_end(&o, rc, &result) != RC_OK)
        _exit(1);
    _exit(0);
}
