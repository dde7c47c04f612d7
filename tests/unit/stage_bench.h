/* stage_bench.h - run one stage in the test's own process and keep what it made. */
#ifndef TESTS_UNIT_STAGE_BENCH_H
#define TESTS_UNIT_STAGE_BENCH_H

#include <stdlib.h>
#include <string.h>

#include "stage.h"

#define BENCH_MADE_MAX 12000

struct bench {
    struct arena *arena;
    struct job job;
    struct result result;
    enum rc rc;
    struct artifact given[3];
    struct artifact made[BENCH_MADE_MAX];
    uint32_t count;
};

static enum rc
bench_emit(void *to, enum artifact_kind kind, uint32_t page, struct bytes bytes)
{
    struct bench *b = to;
    char *copy = arena_copy(b->arena, bytes.data, bytes.size);

    if (copy == NULL || b->count == BENCH_MADE_MAX)
        return RC_NOMEM;
    b->made[b->count++] = (struct artifact){ kind, page, bytes_of(copy, bytes.size) };
    return RC_OK;
}

static struct bench *
bench_new(const void *original, size_t size, const char *name)
{
    struct bench *b = calloc(1, sizeof *b);

    if (b == NULL || (b->arena = arena_new(1u << 30)) == NULL)
        abort();
    b->given[0] = (struct artifact){ ARTIFACT_ORIGINAL, 0, bytes_of(original, size) };
    b->job = (struct job){ .given = { b->given, 1 }, .arena = b->arena, .hint = "", .name = name,
                           .emit = bench_emit, .to = b };
    return b;
}

static void
bench_run(struct bench *b, enum rc (*run)(const struct job *, struct result *))
{
    b->count = 0;
    memset(&b->result, 0, sizeof b->result);
    b->rc = run(&b->job, &b->result);
}

static void
bench_free(struct bench *b)
{
    arena_free(b->arena);
    free(b);
}

#endif
