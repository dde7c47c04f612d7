/*
 * arena.c - memory that lives as long as one step; wiped at the end.
 *
 * Blocks grow by doubling up to one MiB; a larger request has a block of its own.
 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"

#define FIRST_BLOCK ((size_t)16 << 10)
#define BLOCK_MAX ((size_t)1 << 20)
#define ALIGN 16

struct block {
    struct block *older;
    size_t room;
    size_t used;
    max_align_t data[];
};

struct arena {
    struct block *newest;
    size_t limit;
    size_t used;
    size_t next_block;
};

struct arena *
arena_new(size_t limit)
{
    struct arena *arena = calloc(1, sizeof *arena);

    if (arena != NULL) {
        arena->limit = limit;
        arena->next_block = FIRST_BLOCK;
    }
    return arena;
}

void
arena_reset(struct arena *arena)
{
    while (arena->newest != NULL) {
        struct block *block = arena->newest;

        arena->newest = block->older;
        bytes_wipe(block->data, block->used);
        free(block);
    }
    arena->used = 0;
    arena->next_block = FIRST_BLOCK;
}

void
arena_free(struct arena *arena)
{
    if (arena == NULL)
        return;
    arena_reset(arena);
    free(arena);
}

static struct block *
block_add(struct arena *arena, size_t size)
{
    size_t room = arena->next_block > size ? arena->next_block : size;
    struct block *block = malloc(sizeof *block + room);

    if (block == NULL)
        return NULL;
    block->older = arena->newest;
    block->room = room;
    block->used = 0;
    arena->newest = block;
    if (arena->next_block < BLOCK_MAX)
        arena->next_block *= 2;
    return block;
}

void *
arena_alloc(struct arena *arena, size_t size)
{
    struct block *block = arena->newest;
    void *at;

    if (size > SIZE_MAX - ALIGN)
        return NULL;
    size = (size + ALIGN - 1) / ALIGN * ALIGN;
    if (size == 0)
        size = ALIGN;
    if (arena->used > arena->limit || size > arena->limit - arena->used)
        return NULL;
    if ((block == NULL || size > block->room - block->used) && (block = block_add(arena, size)) == NULL)
        return NULL;
    at = (uint8_t *)block->data + block->used;
    block->used += size;
    arena->used += size;
    memset(at, 0, size);
    return at;
}

void *
arena_array(struct arena *arena, size_t count, size_t size)
{
    if (size != 0 && count > SIZE_MAX / size)
        return NULL;
    return arena_alloc(arena, count * size);
}

char *
arena_copy(struct arena *arena, const void *bytes, size_t size)
{
    char *copy = size < SIZE_MAX ? arena_alloc(arena, size + 1) : NULL;

    if (copy != NULL && size > 0)
        memcpy(copy, bytes, size);
    return copy;
}

char *
arena_str(struct arena *arena, const char *text)
{
    return arena_copy(arena, text, strlen(text));
}

char *
arena_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_list again;
    char *text = NULL;
    int size;

    va_start(args, format);
    va_copy(again, args);
    size = vsnprintf(NULL, 0, format, args);
    if (size >= 0 && (text = arena_alloc(arena, (size_t)size + 1)) != NULL)
        (void)vsnprintf(text, (size_t)size + 1, format, again);
    va_end(again);
    va_end(args);
    return text;
}

size_t
arena_used(const struct arena *arena)
{
    return arena->used;
}
