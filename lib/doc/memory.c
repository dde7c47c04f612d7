/*
 * memory.c - what people taught us about one sender's layout, encoded; and how far to trust it.
 */
#include "doc/memory.h"

#include <ctype.h>
#include <string.h>

#define VERSION 1
#define PLACE_LIMIT (64 * MEMORY_UNIT)
#define SHAPE_MAX 60

static void
put_anchor(struct buffer *b, const struct memory_anchor *a)
{
    write_text(b, a->text);
    write_svar(b, a->dx);
    write_svar(b, a->dy);
    write_u16(b, a->seen);
    write_u16(b, a->missed);
}

static void
put_place(struct buffer *b, const struct memory_place *p)
{
    write_svar(b, p->x);
    write_svar(b, p->y);
    write_svar(b, p->width);
    write_u8(b, p->page);
    write_u8(b, p->words);
    write_u8(b, p->lines);
    write_text(b, p->lead);
    write_text(b, p->tail);
    write_u16(b, p->right);
    write_u16(b, p->wrong);
    write_u32(b, p->anchor_count);
    for (uint32_t i = 0; i < p->anchor_count; i++)
        put_anchor(b, &p->anchors[i]);
}

static void
put_field(struct buffer *b, const struct memory_field *f)
{
    write_text(b, f->name);
    write_u16(b, f->confirmed);
    write_u16(b, f->corrected);
    write_u16(b, f->blank);
    write_u16(b, f->helped);
    write_u16(b, f->misled);
    write_text(b, f->constant);
    write_u16(b, f->same);
    write_u16(b, f->different);
    write_text(b, f->shape);
    write_u8(b, (uint8_t)f->mark);
    write_u8(b, f->order);
    write_u32(b, f->place_count);
    for (uint32_t i = 0; i < f->place_count; i++)
        put_place(b, &f->places[i]);
}

void
memory_write(struct buffer *b, const struct memory_layout *m)
{
    write_u8(b, VERSION);
    write_text(b, m->form);
    write_u16(b, m->lessons);
    for (int i = 0; i < MEMORY_SEEN_MAX; i++)
        write_u64(b, m->seen[i]);
    write_u32(b, m->sender_count);
    for (uint32_t i = 0; i < m->sender_count; i++)
        write_text(b, m->senders[i]);
    write_u32(b, m->mark_count);
    for (uint32_t i = 0; i < m->mark_count; i++) {
        write_text(b, m->marks[i].text);
        write_svar(b, m->marks[i].x);
        write_svar(b, m->marks[i].y);
        write_u8(b, m->marks[i].page);
        write_u16(b, m->marks[i].seen);
        write_u16(b, m->marks[i].missed);
    }
    write_u32(b, m->field_count);
    for (uint32_t i = 0; i < m->field_count; i++)
        put_field(b, &m->fields[i]);
    write_u32(b, m->column_count);
    for (uint32_t i = 0; i < m->column_count; i++) {
        write_text(b, m->columns[i].name);
        write_svar(b, m->columns[i].left);
        write_svar(b, m->columns[i].right);
        write_u16(b, m->columns[i].seen);
    }
}

/* A position, near enough to a page. */
static int32_t
get_position(struct reader *r)
{
    int64_t v = read_svar(r);

    if (v < -PLACE_LIMIT || v > PLACE_LIMIT) {
        reader_fail(r);
        return 0;
    }
    return (int32_t)v;
}

static uint8_t
get_small(struct reader *r, uint8_t most)
{
    uint8_t v = read_u8(r);

    if (v > most)
        reader_fail(r);
    return v;
}

static bool
get_anchors(struct reader *r, struct arena *arena, struct memory_place *p)
{
    p->anchor_count = read_count(r, MEMORY_ANCHORS_MAX);
    if ((p->anchors = arena_array(arena, p->anchor_count + 1u, sizeof *p->anchors)) == NULL)
        return false;
    for (uint32_t i = 0; i < p->anchor_count && reader_ok(r); i++) {
        struct memory_anchor *a = &p->anchors[i];

        a->text = read_text(r, MEMORY_WORD_MAX, arena);
        a->dx = get_position(r);
        a->dy = get_position(r);
        a->seen = read_u16(r);
        a->missed = read_u16(r);
    }
    return true;
}

static bool
get_places(struct reader *r, struct arena *arena, struct memory_field *f)
{
    f->place_count = read_count(r, MEMORY_PLACES_MAX);
    if ((f->places = arena_array(arena, f->place_count + 1u, sizeof *f->places)) == NULL)
        return false;
    for (uint32_t i = 0; i < f->place_count && reader_ok(r); i++) {
        struct memory_place *p = &f->places[i];

        p->x = get_position(r);
        p->y = get_position(r);
        p->width = get_position(r);
        p->page = get_small(r, 1);
        p->words = read_u8(r);
        p->lines = read_u8(r);
        p->lead = read_text(r, MEMORY_WORD_MAX, arena);
        p->tail = read_text(r, MEMORY_WORD_MAX, arena);
        p->right = read_u16(r);
        p->wrong = read_u16(r);
        if (!get_anchors(r, arena, p))
            return false;
    }
    return true;
}

static bool
get_field(struct reader *r, struct arena *arena, struct memory_field *f)
{
    f->name = read_text(r, MEMORY_NAME_MAX, arena);
    f->confirmed = read_u16(r);
    f->corrected = read_u16(r);
    f->blank = read_u16(r);
    f->helped = read_u16(r);
    f->misled = read_u16(r);
    f->constant = read_text(r, MEMORY_TEXT_MAX, arena);
    f->same = read_u16(r);
    f->different = read_u16(r);
    f->shape = read_text(r, SHAPE_MAX, arena);
    f->mark = (char)read_u8(r);
    if (f->mark != 0 && f->mark != '.' && f->mark != ',')
        reader_fail(r);
    f->order = get_small(r, 2);
    return get_places(r, arena, f);
}

static bool
get_marks(struct reader *r, struct arena *arena, struct memory_layout *m)
{
    m->mark_count = read_count(r, MEMORY_MARKS_MAX);
    if ((m->marks = arena_array(arena, m->mark_count + 1u, sizeof *m->marks)) == NULL)
        return false;
    for (uint32_t i = 0; i < m->mark_count && reader_ok(r); i++) {
        struct memory_mark *k = &m->marks[i];

        k->text = read_text(r, MEMORY_WORD_MAX, arena);
        k->x = get_position(r);
        k->y = get_position(r);
        k->page = get_small(r, 1);
        k->seen = read_u16(r);
        k->missed = read_u16(r);
    }
    return true;
}

static bool
get_columns(struct reader *r, struct arena *arena, struct memory_layout *m)
{
    m->column_count = read_count(r, MEMORY_COLUMNS_MAX);
    if ((m->columns = arena_array(arena, m->column_count + 1u, sizeof *m->columns)) == NULL)
        return false;
    for (uint32_t i = 0; i < m->column_count && reader_ok(r); i++) {
        m->columns[i].name = read_text(r, MEMORY_NAME_MAX, arena);
        m->columns[i].left = get_position(r);
        m->columns[i].right = get_position(r);
        m->columns[i].seen = read_u16(r);
    }
    return true;
}

enum rc
memory_read(struct bytes bytes, struct arena *arena, struct memory_layout **out)
{
    struct reader r = reader_from(bytes);
    struct memory_layout *m;

    if (bytes.size > MEMORY_LAYOUT_MAX || read_u8(&r) != VERSION)
        return RC_INPUT;
    if ((m = arena_alloc(arena, sizeof *m)) == NULL)
        return RC_NOMEM;
    memset(m, 0, sizeof *m);
    m->form = read_text(&r, MEMORY_NAME_MAX, arena);
    m->lessons = read_u16(&r);
    for (int i = 0; i < MEMORY_SEEN_MAX; i++)
        m->seen[i] = read_u64(&r);
    m->sender_count = read_count(&r, MEMORY_SENDERS_MAX);
    for (uint32_t i = 0; i < m->sender_count; i++)
        m->senders[i] = read_text(&r, MEMORY_TEXT_MAX, arena);
    if (!get_marks(&r, arena, m))
        return RC_NOMEM;
    m->field_count = read_count(&r, MEMORY_FIELDS_MAX);
    if ((m->fields = arena_array(arena, m->field_count + 1u, sizeof *m->fields)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < m->field_count && reader_ok(&r); i++)
        if (!get_field(&r, arena, &m->fields[i]))
            return RC_NOMEM;
    if (!get_columns(&r, arena, m))
        return RC_NOMEM;
    if (!reader_finished(&r))
        return RC_INPUT;
    *out = m;
    return RC_OK;
}

struct memory_field *
memory_field(const struct memory_layout *m, const char *name)
{
    for (uint32_t i = 0; i < m->field_count; i++)
        if (strcmp(m->fields[i].name, name) == 0)
            return &m->fields[i];
    return NULL;
}

double
memory_trust(uint32_t right, uint32_t wrong)
{
    if (wrong >= right)
        return 0;
    /* One agreement is worth 0.67, three 0.8; one contradiction among four takes a third of it away. */
    return ((double)right - wrong + 1) / ((double)right + wrong + 2);
}

static char
class_of(char c)
{
    unsigned char u = (unsigned char)c;

    return isdigit(u) ? '9' : isalpha(u) || u >= 0x80 ? 'A' : c;
}

void
memory_shape(const char *text, char *out, size_t room)
{
    size_t n = 0;

    if (room > SHAPE_MAX + 1)
        room = SHAPE_MAX + 1;
    for (; *text != '\0' && n + 1 < room; text++)
        /* a letter of several bytes is one */
        if (((unsigned char)*text & 0xc0) != 0x80)
            out[n++] = class_of(*text);
    out[n] = '\0';
}

bool
memory_shape_fits(const char *shape, const char *text)
{
    char other[SHAPE_MAX + 1];
    const char *a = shape, *b = other;

    memory_shape(text, other, sizeof other);
    while (*a != '\0' && *b != '\0') {
        size_t na = 1, nb = 1;

        if (*a != *b)
            return false;
        while (a[na] == a[0])
            na++;
        while (b[nb] == b[0])
            nb++;
        /* numbers grow; a run of letters or digits is not three times as long as it was */
        if (na > 3 * nb || nb > 3 * na)
            return false;
        a += na;
        b += nb;
    }
    return *a == '\0' && *b == '\0';
}
