/*
 * extract_date_mend.c - dates that cannot be: "18/64/2017".
 *
 * Old printers cross their zeros, and readers take these for a 6 or a 9.  Where one digit for one that looks like
 * it makes a date of what is none, and all ways to do so give the same day, it is that day: repaired, so a person
 * sees it.
 */
#include "extract.h"

#include <ctype.h>
#include <string.h>

#define DATE_ROOM 12
#define YEAR_LEAST 1990
#define YEAR_MOST 2069

/* What a digit may have been. */
static const char *const looks[10] = {
    "689", "7", "7", "8", "9", "6", "058", "1", "0369", "04",
};

/* "18/64/2017": two digits, a mark, two digits, the same mark, a year; the end of it, or 0. */
static size_t
date_shape(const char *text)
{
    static const char shape[] = "dd-dd-dddd";

    for (size_t i = 0; shape[i] != '\0'; i++) {
        if (shape[i] == 'd' ? !isdigit((unsigned char)text[i]) : text[i] == '\0' || strchr("/.-", text[i]) == NULL)
            return 0;
    }
    return text[2] == text[5] && !isdigit((unsigned char)text[10]) ? 10 : 0;
}

static bool
same_day(struct date a, struct date b)
{
    return a.year == b.year && a.month == b.month && a.day == b.day;
}

/* The one date that a digit makes of text, which is none itself. */
static bool
mend(const char *text, struct date_hit *out)
{
    char way[DATE_ROOM];
    struct date_hit hit;
    unsigned found = 0;

    if (date_shape(text) == 0)
        return false;
    memcpy(way, text, 10);
    way[10] = '\0';
    if (dates_find(way, &hit, 1) > 0)
        return false;
    for (size_t i = 0; i < 5; i++) {
        if (!isdigit((unsigned char)text[i]))
            continue;
        for (const char *to = looks[text[i] - '0']; *to != '\0'; to++) {
            way[i] = *to;
            if (dates_find(way, &hit, 1) != 1 || hit.start != 0 || hit.end != 10 || hit.no_year ||
                hit.date.year < YEAR_LEAST || hit.date.year > YEAR_MOST)
                continue;
            if (found > 0 && !same_day(hit.date, out->date))
                return false;
            *out = hit;
            found++;
        }
        way[i] = text[i];
    }
    return found > 0;
}

void
dates_mend(struct extraction *x)
{
    const struct layout *lay = x->layout;

    for (uint32_t i = 0; i < lay->word_count && x->date_count < DATES_MAX; i++) {
        struct date_at d = { .first = i, .count = 1, .best_field = NO_FIELD, .repaired = true };
        bool taken = false;

        for (uint32_t k = 0; k < x->date_count; k++)
            taken = taken || (i >= x->dates[k].first && i < x->dates[k].first + x->dates[k].count);
        if (taken || !mend(lay->words[i].word->text, &d.hit))
            continue;
        /* What was put right proves no order of day and month. */
        d.hit.day_first = d.hit.month_first = false;
        d.page = lay->words[i].page;
        d.line = lay->words[i].line;
        d.piece = lay->words[i].piece;
        d.box = lay->words[i].box;
        x->dates[x->date_count++] = d;
    }
}
