/* recipe.c - how to get the pixels of each page: encoded and read back with every limit checked. */
#include "doc/recipe.h"

#include "doc/sniff.h"

#define VERSION 1

void
recipe_write(struct buffer *b, const struct recipe *recipe)
{
    write_u8(b, VERSION);
    write_u8(b, (uint8_t)recipe->format);
    write_u32(b, recipe->count);
    for (uint32_t i = 0; i < recipe->count; i++) {
        const struct recipe_page *p = &recipe->pages[i];

        write_u8(b, (uint8_t)p->way);
        write_u8(b, (uint8_t)(p->rotation / 90));
        write_u8(b, p->marks ? 1 : 0);
        write_var(b, p->index);
        write_var(b, p->width);
        write_var(b, p->height);
        write_var(b, p->dpi);
        write_var(b, p->object);
    }
}

static void
page_read(struct reader *r, struct recipe_page *p)
{
    uint64_t index, width, height, dpi, object;
    uint8_t way = read_u8(r), turn = read_u8(r), marks = read_u8(r);

    index = read_var(r);
    width = read_var(r);
    height = read_var(r);
    dpi = read_var(r);
    object = read_var(r);
    if (way < WAY_IMAGE || way > WAY_RENDER || turn > 3 || marks > 1 || index > UINT32_MAX ||
        object > UINT32_MAX || width == 0 || height == 0 || width > SIDE_MAX || height > SIDE_MAX ||
        width * height > PIXELS_MAX || dpi < 1 || dpi > 4800) {
        reader_fail(r);
        return;
    }
    p->way = (enum recipe_way)way;
    p->rotation = 90 * turn;
    p->marks = marks == 1;
    p->index = (uint32_t)index;
    p->width = (uint32_t)width;
    p->height = (uint32_t)height;
    p->dpi = (uint32_t)dpi;
    p->object = (uint32_t)object;
}

enum rc
recipe_read(struct bytes bytes, struct arena *arena, struct recipe **out)
{
    struct reader r = reader_from(bytes);
    struct recipe *recipe;
    uint8_t format;

    if (read_u8(&r) != VERSION)
        return RC_INPUT;
    format = read_u8(&r);
    if (!format_is_known(format) || !format_is_pages((enum file_format)format))
        return RC_INPUT;
    if ((recipe = arena_alloc(arena, sizeof *recipe)) == NULL)
        return RC_NOMEM;
    recipe->format = (enum file_format)format;
    recipe->count = read_u32(&r);
    if (!reader_ok(&r) || recipe->count == 0)
        return RC_INPUT;
    if (recipe->count > PAGES_MAX)
        return RC_LIMIT;
    if ((recipe->pages = arena_array(arena, recipe->count, sizeof *recipe->pages)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < recipe->count && reader_ok(&r); i++)
        page_read(&r, &recipe->pages[i]);
    if (!reader_finished(&r))
        return RC_INPUT;
    *out = recipe;
    return RC_OK;
}
