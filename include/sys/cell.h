/*
 * cell.h - run a stage in a caged child and collect what it made.
 *
 * A cell host is one `escriba-cell` process: it has loaded models and forms and has never
 * seen a document.  For each call it forks one child, which locks itself in, gets its
 * inputs as read-only memfds, streams its artifacts back as frames, ends with a complete END
 * frame, and is gone.  Only the END frame counts, never an exit status.
 */
#ifndef SYS_CELL_H
#define SYS_CELL_H

#include "base/arena.h"
#include "base/err.h"
#include "stage.h"

struct cell_host;

/* What the host could not do for its cells on this machine; the trial profile warns, production refuses. */
enum cell_lack {
    CELL_LACKS_LANDLOCK = 1,   /* the kernel has none, or an ABI under 2     */
    CELL_LACKS_NAMESPACE = 2,  /* no network namespace of its own            */
    CELL_LACKS_USER = 4        /* runs as the same user as its parent        */
};

/* Start it. forms_dir holds the document types. program NULL: escriba-cell beside this program. */
MUST_USE enum rc cell_host_start(const char *program, const char *forms_dir, struct cell_host **out, struct err *err);
void cell_host_stop(struct cell_host *host);
/* Is it gone or out of step?  Then stop it and start another. */
bool cell_host_lost(const struct cell_host *host);
/* enum cell_lack, or 0 when every wall stands. */
unsigned cell_host_lacks(const struct cell_host *host);
/* What it is made of, "name value" lines as it said before it saw any document: programs, models, weights, forms. */
const char *cell_host_versions(const struct cell_host *host);

struct cell_input {
    enum artifact_kind kind;
    uint32_t page;
    int fd;             /* a memfd with the bytes; -1: use bytes */
    struct bytes bytes;
};

/*
 * The stages to call: "unpack", "manifest" or "decode" of a file as format_sniff says; "paint" of a page
 * whose recipe says WAY_RENDER (its raster_fd then is an input of kind ARTIFACT_RASTER of "read" and "crop");
 * "read"; "crop"; "classify" of a document.  Of a document's page the artifacts carry the page of the document.
 */
struct cell_call {
    const struct stage *stage;      /* for UNIT_DOCUMENT: the first row; runs on to the last of its unit */
    const struct cell_input *inputs;
    uint32_t input_count;
    const char *hint;               /* see struct job */
    uint32_t page;
    uint32_t depth;
    const char *name;
    size_t output_max;              /* most bytes taken back in all; 0: 64 MiB */
    struct box crop;                /* "crop": what to cut, in pixels of the upright page */
    uint32_t crop_max;              /* "crop": longest side of the cut; 0: as it is */
    int turn;                       /* "crop": page_reading.rotation */
    /* When set, each artifact is handed over as it comes (bytes good for the call only) and not collected.
     * What was handed over counts only if cell_run returns RC_OK. */
    stage_emit *emit;
    void *to;
};

struct cell_answer {
    struct result result;
    struct artifact_set made; /* in the arena given; ARTIFACT_ENTRY many times */
    int raster_fd;            /* paint: a memfd with the raster, owned by the caller; else -1 */
    uint32_t cpu_ms;          /* of the child */
    uint32_t peak_kib;
};

/*
 * RC_OK with an answer, RC_KILLED when the child died (result.reason says TIME, MEMORY or
 * CELL_DIED), RC_TIMEOUT and RC_IO when the host itself is lost (start another).
 */
MUST_USE enum rc cell_run(struct cell_host *host, const struct cell_call *call, struct arena *arena,
                          struct cell_answer *answer);

#endif
