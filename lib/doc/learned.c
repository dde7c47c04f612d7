/* learned.c - the geometry of a form as it was found on a blank page, encoded. */
#include "doc/learned.h"

#include <string.h>

#define VERSION 1
#define PAGE_MIN 50.0
#define PAGE_MAX 3000.0

static void
write_boxes(struct buffer *b, const struct learned_box *boxes, uint32_t count)
{
    write_u32(b, count);
    for (uint32_t i = 0; i < count; i++)
        for (int k = 0; k < 4; k++)
            write_f64(b, boxes[i].at[k]);
}

void
learned_write(struct buffer *b, const struct learned *l)
{
    write_u8(b, VERSION);
    write_f64(b, l->width);
    write_f64(b, l->height);
    write_u8(b, l->red);
    write_boxes(b, l->across, l->across_count);
    write_boxes(b, l->down, l->down_count);
    write_boxes(b, l->captions, l->caption_count);
    write_u32(b, l->zone_count);
    for (uint32_t i = 0; i < l->zone_count; i++) {
        for (int k = 0; k < 4; k++)
            write_f64(b, l->zones[i].at[k]);
        write_u32(b, l->zones[i].cells);
        write_text(b, l->zones[i].name);
    }
}

/* A rectangle on the page; a NaN fails every comparison. */
static void
read_box(struct reader *r, const struct learned *l, double at[4])
{
    for (int k = 0; k < 4; k++)
        at[k] = read_f64(r);
    if (!(at[0] >= 0 && at[1] >= 0 && at[2] >= at[0] && at[3] >= at[1] && at[2] <= l->width && at[3] <= l->height))
        reader_fail(r);
}

static enum rc
read_boxes(struct reader *r, const struct learned *l, uint32_t max, struct arena *arena, struct learned_box **out,
           uint32_t *count)
{
    *count = read_count(r, max);
    *out = arena_array(arena, *count + 1, sizeof **out);
    if (*out == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < *count; i++)
        read_box(r, l, (*out)[i].at);
    return RC_OK;
}

enum rc
learned_read(struct bytes bytes, struct arena *arena, struct learned **out)
{
    struct reader r = reader_from(bytes);
    struct learned *l = arena_array(arena, 1, sizeof *l);
    enum rc rc;

    if (l == NULL)
        return RC_NOMEM;
    if (read_u8(&r) != VERSION)
        return RC_INPUT;
    l->width = read_f64(&r);
    l->height = read_f64(&r);
    if (!(l->width >= PAGE_MIN && l->width <= PAGE_MAX && l->height >= PAGE_MIN && l->height <= PAGE_MAX))
        return RC_INPUT;
    l->red = read_u8(&r) != 0;
    if ((rc = read_boxes(&r, l, LEARNED_RULES_MAX, arena, &l->across, &l->across_count)) != RC_OK ||
        (rc = read_boxes(&r, l, LEARNED_RULES_MAX, arena, &l->down, &l->down_count)) != RC_OK ||
        (rc = read_boxes(&r, l, LEARNED_CAPTIONS_MAX, arena, &l->captions, &l->caption_count)) != RC_OK)
        return rc;
    l->zone_count = read_count(&r, LEARNED_BOXES_MAX);
    l->zones = arena_array(arena, l->zone_count + 1, sizeof *l->zones);
    if (l->zones == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < l->zone_count; i++) {
        char *name;

        read_box(&r, l, l->zones[i].at);
        l->zones[i].cells = read_count(&r, 200);
        name = read_text(&r, LEARNED_NAME_MAX, arena);
        if (name == NULL)
            return RC_INPUT;
        learned_name_clean(name); /* whoever made this may have lied */
        l->zones[i].name = name;
    }
    if (!reader_finished(&r))
        return RC_INPUT;
    *out = l;
    return RC_OK;
}

void
learned_name_clean(char *name)
{
    char *to = name;

    for (const char *c = name; *c != '\0'; c++) {
        char v = *c >= 'A' && *c <= 'Z' ? (char)(*c - 'A' + 'a') : *c;

        if (v == ' ' || v == '-')
            v = '_';
        if (strchr("abcdefghijklmnopqrstuvwxyz0123456789_=:.", v) != NULL && !(v == '_' && to > name && to[-1] == '_'))
            *to++ = v;
    }
    while (to > name && strchr("_.:=", to[-1]) != NULL)
        to--;
    *to = '\0';
}
