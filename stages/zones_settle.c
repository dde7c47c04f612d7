/*
 * zones_settle.c - what a zone's own reading leaves open and the form itself can settle.
 *
 * A form prints some things twice (the patient who is the insured), asks for one of a few codes, or
 * for a number of a known build.  Where a doubtful reading is one misread letter away from what
 * its twin says, or from the only code or build that is near, that is taken, marked as repaired,
 * and shown to a person.  Nothing is made up: without a near reading nothing happens.
 */
#include <stdio.h>
#include <string.h>

#include "doc/lexicon.h"
#include "doc/value.h"
#include "zone_values.h"

#define SURE 0.955       /* what is surer than this is left as it is      */
#define FOLD_ROOM 160
#define TWIN_LEAST 4     /* letters: shorter ones are alike by chance      */
#define REPAIRED_MOST 0.9

/* What readers take for each other, letters and digits of the same look. */
static const struct {
    char read;
    const char *meant;
} looks[] = {
    { '0', "8693OD" }, { '1', "74I" }, { '2', "Z7" },  { '3', "8" },  { '4', "1A9" }, { '5', "S6" }, { '6', "08G5" },
    { '7', "1T2" },    { '8', "0B36" }, { '9', "04" }, { 'O', "0DQ" }, { 'I', "1L" }, { 'S', "5" },  { 'B', "8" },
    { 'D', "0O" },     { 'G', "6C" },  { 'Z', "2" },   { 'L', "1I" },  { 'T', "17" }, { 'Q', "0O" }, { 'A', "4" },
};

enum rc
zones_put_right(struct field *f, const char *value, double confidence, struct arena *arena)
{
    f->value = arena_str(arena, value);
    if (f->value == NULL)
        return RC_NOMEM;
    f->state = FIELD_VALUE;
    f->confidence = confidence < REPAIRED_MOST ? confidence : REPAIRED_MOST;
    memset(f->reasons, 0, sizeof f->reasons); /* what was wrong with the old reading */
    field_doubt(f, REASON_REPAIRED);
    return RC_OK;
}

static bool
is_doubtful(const struct field *f)
{
    return f->state == FIELD_UNREADABLE || (f->state == FIELD_VALUE && f->confidence < SURE);
}

/* The same thing on another place of the page, when it is nearly the same and surer. */
static enum rc
by_twin(struct field *f, const struct field *twin, struct arena *arena)
{
    char a[FOLD_ROOM], b[FOLD_ROOM];
    size_t na, nb;
    double most;

    if (twin == NULL || !is_doubtful(f) || twin->state != FIELD_VALUE ||
        (f->state == FIELD_VALUE && (twin->confidence <= f->confidence || strcmp(f->value, twin->value) == 0)))
        return RC_OK;
    /* What has no value yet is compared as it was printed. */
    na = lexicon_fold(f->state == FIELD_VALUE ? f->value : f->text, a, sizeof a);
    nb = lexicon_fold(f->state == FIELD_VALUE ? twin->value : twin->text, b, sizeof b);
    if (nb < TWIN_LEAST || na + 3 < nb || nb + 3 < na)
        return RC_OK;
    most = f->state == FIELD_UNREADABLE ? 3.0 : nb < 7 ? 1.0 : 0.17 * (double)nb + 0.2;
    if (lexicon_distance(a, na, b, nb, most) > most)
        return RC_OK;
    return zones_put_right(f, twin->value, twin->confidence * 0.97, arena);
}

/* The only one of the field's codes that is near. */
static enum rc
by_codes(const struct form_field *form, struct field *f, struct arena *arena)
{
    char a[FOLD_ROOM], b[FOLD_ROOM];
    double best = 9, second = 9;
    unsigned which = 0;
    size_t na;

    if (form->code_count == 0 || form->type == VALUE_MARK || f->text == NULL || f->text[0] == '\0')
        return RC_OK;
    na = lexicon_fold(f->state == FIELD_VALUE ? f->value : f->text, a, sizeof a);
    for (unsigned i = 0; i < form->code_count; i++) {
        size_t nb = lexicon_fold(form->codes[i].code, b, sizeof b);
        double d = lexicon_distance(a, na, b, nb, 3);

        if (d < best) {
            second = best;
            best = d;
            which = i;
        } else if (d < second) {
            second = d;
        }
    }
    if (best == 0 || best > 1.2 || second - best < 0.2)
        return RC_OK;
    return zones_put_right(f, form->codes[which].code, 0.75, arena);
}

/*
 * "1768044490", "25-9988888 031125": the rule beside the box read as a stroke, or what stands in the
 * next box.  The number without it, when that has the build; found has room for f's value.
 */
static bool
without_neighbour(const struct form_field *form, const char *value, char *found)
{
    size_t n = strlen(value), word = strcspn(value, " ");
    const char *strokes = "1IlL|/\\[]!";
    unsigned ways = 0;

    if (word < n) {
        memcpy(found, value, word);
        found[word] = '\0';
        return value_matches(form, found);
    }
    if (n > 3 && strchr(strokes, value[0]) != NULL && value_matches(form, value + 1)) {
        memcpy(found, value + 1, n);
        ways++;
    }
    if (n > 3 && strchr(strokes, value[n - 1]) != NULL) {
        char cut[64];

        memcpy(cut, value, n - 1);
        cut[n - 1] = '\0';
        if (value_matches(form, cut) && (ways == 0 || strcmp(cut, found) != 0)) {
            memcpy(found, cut, n);
            ways++;
        }
    }
    return ways == 1;
}

/* The only exchange of one or two letters of the same look that gives the number its build. */
static enum rc
by_build(const struct form_field *form, struct field *f, struct arena *arena)
{
    char text[64], found[64] = "";
    size_t n = strlen(f->value);
    unsigned ways = 0;

    if (form->pattern.count == 0 || f->state != FIELD_VALUE || n == 0 || n >= sizeof text ||
        value_matches(form, f->value))
        return RC_OK;
    for (size_t i = 0; i < n; i++)
        for (size_t k = 0; k < COUNT_OF(looks); k++)
            for (const char *m = looks[k].read == f->value[i] ? looks[k].meant : ""; *m != '\0'; m++) {
                memcpy(text, f->value, n + 1);
                text[i] = *m;
                if (!value_matches(form, text))
                    continue;
                ways++;
                memcpy(found, text, n + 1);
            }
    if (ways == 0 && without_neighbour(form, f->value, found))
        ways = 1;
    if (ways != 1) {
        field_doubt(f, REASON_FORMAT_WRONG);
        f->confidence = f->confidence < 0.6 ? f->confidence : 0.6;
        return RC_OK;
    }
    return zones_put_right(f, found, f->confidence * 0.95, arena);
}

static struct field *
named(struct field *fields, uint32_t count, const char *name)
{
    for (uint32_t i = 0; i < count; i++)
        if (strcmp(fields[i].name, name) == 0)
            return &fields[i];
    return NULL;
}

static enum rc
settle(const struct form_field *form, struct field *f, const struct field *twin, struct arena *arena)
{
    enum rc rc = by_build(form, f, arena);

    if (rc == RC_OK)
        rc = by_codes(form, f, arena);
    if (rc == RC_OK && form->twin != NULL)
        rc = by_twin(f, twin, arena);
    return rc;
}

enum rc
zones_settle(const struct form *form, struct arena *arena, struct fields *fields, uint32_t first_row)
{
    enum rc rc = RC_OK;

    for (unsigned i = 0; rc == RC_OK && i < form->field_count; i++) {
        struct field *f = named(fields->fields, fields->count, form->fields[i].name);
        const char *twin = form->fields[i].twin;

        if (f != NULL)
            rc = settle(&form->fields[i], f, twin == NULL ? NULL : named(fields->fields, fields->count, twin), arena);
    }
    for (uint32_t r = first_row; rc == RC_OK && form->table != NULL && r < fields->row_count; r++)
        for (unsigned i = 0; rc == RC_OK && i < form->table->column_count; i++) {
            struct field_row *row = &fields->rows[r];
            struct field *f = named(row->cells, row->count, form->table->columns[i].name);
            const char *twin = form->table->columns[i].twin;

            if (f != NULL)
                rc = settle(&form->table->columns[i], f, twin == NULL ? NULL : named(row->cells, row->count, twin),
                            arena);
        }
    return rc;
}
