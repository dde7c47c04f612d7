/*
 * check_strikes.c - what is crossed out is nobody's value until a person has looked.
 */
#include "check.h"

#define UNDER 0.4 /* of the narrower of a value and a stroke lies under the other */
#define STRAY 4   /* line heights: a shorter stroke through no value may be the end of another one */

static bool
crosses(struct box strike, struct box value)
{
    int left = strike.x0 > value.x0 ? strike.x0 : value.x0, right = strike.x1 < value.x1 ? strike.x1 : value.x1;
    int top = strike.y0 > value.y0 ? strike.y0 : value.y0, end = strike.y1 < value.y1 ? strike.y1 : value.y1;
    int wide = strike.x1 - strike.x0 < value.x1 - value.x0 ? strike.x1 - strike.x0 : value.x1 - value.x0;
    int tall = strike.y1 - strike.y0 < value.y1 - value.y0 ? strike.y1 - strike.y0 : value.y1 - value.y0;

    return right - left > UNDER * wide && end - top > UNDER * tall;
}

/* Does this field stand there?  It is doubted. */
static bool
claim(struct box strike, uint32_t page, struct field *f)
{
    if (f->state != FIELD_VALUE || f->page != page || !crosses(strike, f->box))
        return false;
    if (f->origin != ORIGIN_PERSON)
        field_doubt(f, REASON_CROSSED_OUT);
    return true;
}

void
check_strikes(const struct form *form, const struct page_reading *const *pages, uint32_t page_count,
              struct fields *fields)
{
    bool stray = false;

    for (uint32_t p = 0; p < page_count; p++)
        for (uint32_t s = 0; s < pages[p]->strike_count; s++) {
            struct box strike = pages[p]->strikes[s];
            bool claimed = false;

            for (uint32_t i = 0; i < fields->count; i++)
                claimed |= claim(strike, p, &fields->fields[i]);
            for (uint32_t r = 0; r < fields->row_count; r++)
                for (uint32_t c = 0; c < fields->rows[r].count; c++)
                    claimed |= claim(strike, p, &fields->rows[r].cells[c]);
            stray |= !claimed && strike.x1 - strike.x0 >= STRAY * (strike.y1 - strike.y0);
        }
    for (uint32_t i = 0; stray && !form->fixed && i < fields->count; i++) {
        struct field *f = &fields->fields[i];
        const struct form_field *ff = form_field(form, f->name);

        if (ff != NULL && ff->criticality == CRIT_CRITICAL && f->state == FIELD_VALUE && f->origin != ORIGIN_PERSON)
            field_doubt(f, REASON_CROSSED_OUT);
    }
}
