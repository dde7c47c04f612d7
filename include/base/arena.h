/*
 * arena.h - memory that lives as long as one step; wiped when it goes.
 *
 * Allocate freely, free nothing.  Not for secrets: those have sys/secret.h.
 */
#ifndef BASE_ARENA_H
#define BASE_ARENA_H

#include <stddef.h>

#include "base/rc.h"

struct arena;

/* An arena that never holds more than limit bytes; NULL without memory. */
struct arena *arena_new(size_t limit);
/* Wipe and release everything.  arena may be NULL. */
void arena_free(struct arena *arena);
/* Zeroed memory, aligned for any type; NULL at the ceiling.  size 0 gives a valid pointer. */
void *arena_alloc(struct arena *arena, size_t size) MUST_USE;
/* count * size, checked for overflow. */
void *arena_array(struct arena *arena, size_t count, size_t size) MUST_USE;
/* A copy, with a NUL byte after it. */
char *arena_copy(struct arena *arena, const void *bytes, size_t size) MUST_USE;
char *arena_str(struct arena *arena, const char *text) MUST_USE;
char *arena_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3) MUST_USE;
/* Forget all allocations (wiped) but keep the arena. */
void arena_reset(struct arena *arena);
size_t arena_used(const struct arena *arena);

#endif
