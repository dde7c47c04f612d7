/* memory_own.c - several fields have one amount: which of its places on the page is whose? */
#include "memory.h"

#include <string.h>

#include "doc/fields.h"

#define LABELLED 0.3 /* what a label beside a place makes it likelier */

/* Another field of this document with the same amount: net and total of what bears no tax. */
static bool
same_amount(const struct extraction *x, const struct fields *fields, unsigned other, uint16_t field, int64_t minor)
{
    const struct form_field *g = &x->form->fields[other];
    const struct field *v = fields_find(fields, g->name);
    int64_t have;

    return other != field && g->type == VALUE_MONEY && v != NULL && v->state == FIELD_VALUE &&
           money_canonical(v->value, &have) && have == minor;
}

uint32_t
memory_own_places(const struct extraction *x, const struct fields *fields, uint16_t field, const char *value,
                  struct memory_found *found, uint32_t n)
{
    uint32_t taken_by[MEMORY_FOUND_MAX], other_fields[MEMORY_FOUND_MAX], others = 0, kept = 0;
    double worth[MEMORY_FOUND_MAX];
    int64_t minor;

    if (x->form->fields[field].type != VALUE_MONEY || !money_canonical(value, &minor))
        return n;
    for (uint32_t i = 0; i < n; i++) {
        taken_by[i] = field;
        worth[i] = found[i].worth;
    }
    for (unsigned g = 0; g < x->form->field_count; g++) {
        struct memory_found theirs[MEMORY_FOUND_MAX];
        uint32_t m;

        if (!same_amount(x, fields, g, field, minor))
            continue;
        /* what the machine only made up from this one has no place */
        if (others < MEMORY_FOUND_MAX && fields_find(fields, x->form->fields[g].name)->origin == ORIGIN_PERSON)
            other_fields[others++] = g;
        m = memory_find(x, (uint16_t)g, value, theirs, MEMORY_FOUND_MAX);
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t k = 0; k < m; k++)
                if (theirs[k].first == found[i].first && theirs[k].worth > worth[i] + LABELLED) {
                    taken_by[i] = g;
                    worth[i] = theirs[k].worth;
                }
    }
    /* what no label gives away, from the bottom: fields after this one first */
    for (uint32_t k = others; k > 0; k--) {
        uint32_t lowest = UINT32_MAX;
        bool has = other_fields[k - 1] < field;

        for (uint32_t i = 0; i < n && !has; i++)
            has = taken_by[i] == other_fields[k - 1];
        for (uint32_t i = 0; i < n && !has; i++)
            if (taken_by[i] == field && worth[i] < 1 + 2 * LABELLED &&
                (lowest == UINT32_MAX || found[i].box.y0 > found[lowest].box.y0))
                lowest = i;
        if (lowest != UINT32_MAX)
            taken_by[lowest] = other_fields[k - 1];
    }
    for (uint32_t i = 0; i < n; i++)
        if (taken_by[i] == field)
            found[kept++] = found[i];
    return kept;
}
