/* cell_call.h - one request to the cell host, as it came over the control socket. */
#ifndef PIPELINE_CELL_CALL_H
#define PIPELINE_CELL_CALL_H

#include "base/arena.h"
#include "base/ipc.h"
#include "sys/cell_wire.h"
#include "stage.h"

/* Descriptors of a call, by place. */
#define CALL_OUTPUT 0 /* the result pipe; of paint: the raster */
#define CALL_BUNDLE 1 /* inputs that came as bytes, one after the other */
#define CALL_FIRST 2  /* inputs that came as descriptors of their own */

struct call_input {
    enum artifact_kind kind;
    uint32_t page;
    uint32_t source;       /* a descriptor's place */
    uint64_t offset, size; /* in the bundle        */
};

struct call {
    const struct stage *stage;
    const char *hint, *name;
    uint32_t page, depth;
    struct box crop;
    uint32_t crop_max;
    int turn;
    uint64_t output_max;
    struct call_input *inputs;
    uint32_t input_count;
    int fd[IPC_FDS_MAX];
    int fds;
};

/* RC_INPUT for a request that is not well formed; the strings and inputs live in arena. */
MUST_USE enum rc call_read(const struct frame *frame, struct arena *arena, struct call *out);

/* The caged child of one call: never returns. */
NO_RETURN void cell_child(const struct call *call, const struct form_set *forms);
/* The same for SEAT_PAINT: becomes pdftoppm. */
NO_RETURN void paint_child(const struct call *call);
/* In the host, once: a child whose C++ libraries run out of memory says so by its status. */
void cell_catch_memory(void);
/* In the child: descriptors to 3, 4, ... in their places. RC_IO when that cannot be. */
MUST_USE enum rc call_settle(const struct call *call, int first);
/* CPU seconds of a call: the sum over the rows that it runs. */
unsigned call_seconds(const struct call *call);
/* The largest address space of those rows. */
unsigned call_mebibytes(const struct call *call);
/* The row after this one that the same call runs, or NULL. */
const struct stage *call_next(const struct stage *stage);

#endif
