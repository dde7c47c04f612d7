/*
 * stage.h - what a stage is.
 *
 * A stage is a function from artifacts to artifacts.  It has no database, no keys,
 * no files and no network; it allocates only from its arena and gives the same
 * result for the same input.  It returns RC_OK with a verdict about the document,
 * or another code about itself.  The two are never mixed.
 */
#ifndef STAGE_H
#define STAGE_H

#include "base/arena.h"
#include "doc/artifact.h"
#include "doc/box.h"
#include "doc/reason.h"

/* Where a stage runs, and so what it may touch. */
enum seat {
    SEAT_DOOR, /* escriba-intake: brings files in; parses nothing        */
    SEAT_CELL, /* a caged child: no files, no network, no keys           */
    SEAT_PAINT,/* a second, looser cage that executes pdftoppm only      */
    SEAT_STORE,/* one SQL function inside the step's own transaction     */
    SEAT_DESK, /* a person, at the review station                        */
    SEAT_POST  /* the runner: seals to the client, publishes             */
};

/* What is claimed from the queue. */
enum unit { UNIT_FILE = 1, UNIT_PAGE = 2, UNIT_DOCUMENT = 3, UNIT_DELIVERY = 4 };

enum verdict {
    VERDICT_PASS,   /* go on                                                     */
    VERDICT_REVIEW, /* a person must look                                        */
    VERDICT_REJECT  /* set it aside with the reason; the client is told          */
};

/* How the bytes of one made artifact leave the stage (a cell streams them out). */
typedef enum rc stage_emit(void *to, enum artifact_kind kind, uint32_t page, struct bytes bytes);

struct job {
    struct artifact_set given; /* what stage.reads says                                   */
    const struct form_set *forms;
    struct arena *arena;       /* all memory; wiped after run()                           */
    const char *hint;          /* the form the stream or a person names, or ""            */
    uint32_t page;             /* which page, for page stages, from 0                     */
    uint32_t depth;            /* how many archives this file came out of                 */
    const char *name;          /* ARTIFACT_NAME as text, a hint only, or ""               */
    struct box crop;           /* crop: what to cut, in pixels of the upright page        */
    uint32_t crop_max;         /* crop: longest side of the cut; 0: as it is              */
    int turn;                  /* crop: what read turned the page by: 0 90 180 270        */
    stage_emit *emit;
    void *to;
};

struct result {
    enum verdict verdict;
    enum reason reason;   /* why not simply PASS                                          */
    uint32_t detail;      /* a number that goes with the reason: a limit, a count         */
};

struct stage {
    const char *name;
    enum seat seat;
    enum unit unit;
    unsigned reads;  /* ARTIFACT_BIT(kind) | ... */
    unsigned writes;
    struct {
        unsigned seconds;   /* CPU; the wall clock gets three times that */
        unsigned mebibytes; /* address space                             */
    } limit;
    enum rc (*ready)(void); /* optional: open files and load models before the cage shuts */
    enum rc (*run)(const struct job *job, struct result *result);
};

/* The pipeline, top to bottom; ends with a row without a name. */
extern const struct stage stage_table[];

const struct stage *stage_find(const char *name);

#endif
