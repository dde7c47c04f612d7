/*
 * zones_extract.c - from the zones of a page to the fields of its form.
 *
 * A field takes the zone of its own name, or those its "zone" names ("A|B": the first with ink);
 * "NAME:city", ":state" and ":zip" take a part of a printed line.  NAME=VALUE zones are the boxes of
 * one question.  N.NAME zones are rows of the form's table.  NAME@2 is the same zone on another copy
 * on the page: a second reader.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doc/box.h"
#include "doc/checkdigit.h"
#include "doc/provenance.h"
#include "marks.h"
#include "zone_values.h"
#include "zones.h"

#define LATEST_UNKNOWN 2027
#define AUTO_MIN 0.975
#define MARK_MIN 0.97
#define COPIES 9

/* All that is needed on the way. */
struct extraction {
    const struct form *form;
    const struct page_reading *page;
    struct arena *arena;
    uint32_t number; /* of the page */
    int latest;      /* no date but a forged one lies after this year */
    double clear;    /* how far this page's readings can be believed, 1: all the way */
};

static const struct zone_reading *
zone_find(const struct page_reading *r, const char *name)
{
    for (uint32_t i = 0; i < r->zone_count; i++)
        if (strcmp(r->zones[i].zone, name) == 0)
            return &r->zones[i];
    return NULL;
}

/*
 * The probability that a text read with confidence c is right, and its shape s.  The reader's
 * number is high for nearly everything; the steps were measured on made and found forms, and are below what was
 * measured (of 1,227 values at the first step 99.9 % were right, of 199 at the second 99.5 %).
 */
static double
sure(const struct extraction *x, double c, double shape)
{
    double p = c >= 0.90 ? 0.99 : c >= 0.80 ? 0.98 : c >= 0.65 ? 0.955 : c >= 0.45 ? 0.82 : c >= 0.25 ? 0.6 : 0.4;

    return p * x->clear * (0.25 + 0.75 * shape);
}

/* The value of one text for a field; returns its shape. */
static float
shape_of(const struct extraction *x, const struct form_field *f, const char *part, const char *text,
         char out[VALUE_ROOM])
{
    char city[VALUE_ROOM], state[VALUE_ROOM], zip[VALUE_ROOM];
    float shape;
    int latest = x->latest;

    if (part[0] != '\0') {
        shape = zone_place(text, city, state, zip);
        memcpy(out, strcmp(part, "city") == 0 ? city : strcmp(part, "state") == 0 ? state : zip, VALUE_ROOM);
        return out[0] == '\0' ? 0 : shape;
    }
    if (f->type == VALUE_DATE)
        /* Plans are made for years to come; nobody is born in them. */
        return zone_date(text, strstr(f->name, "birth") != NULL ? latest : latest + 10, out);
    if (f->type == VALUE_MONEY)
        return zone_money(text, out);
    for (unsigned i = 0; i < f->checks.count; i++) {
        const char *check = f->checks.items[i];

        if (strcmp(check, "us_phone") == 0)
            return zone_phone(text, out);
        if (strcmp(check, "npi") == 0)
            return zone_digits(text, 10, out);
        if (strcmp(check, "icd10") == 0)
            return zone_diagnosis(text, out);
        if (strcmp(check, "hcpcs") == 0)
            return zone_procedure(text, out);
        if (strcmp(check, "us_state") == 0) {
            zone_text(text, out);
            return zone_is_state(out) ? 1 : 0.3f;
        }
    }
    return f->type == VALUE_ID ? zone_id(text, out) : zone_text(text, out);
}

/* A check digit proves a reading, or shows that it is wrong; returns the new probability. */
static double
proven(const struct form_field *f, struct field *out, double p)
{
    for (unsigned i = 0; i < f->checks.count; i++) {
        enum checkdigit_answer answer = checkdigit_check(f->checks.items[i], out->value);

        if (answer == CHECKDIGIT_GOOD && checkdigit_proves(f->checks.items[i]))
            p = 1 - (1 - p) * 0.12;
        else if (answer == CHECKDIGIT_BAD) {
            p *= 0.5;
            field_doubt(out, REASON_CHECK_DIGIT);
        }
    }
    return p;
}

static void
judge_at(struct field *out, double p, double least)
{
    out->confidence = p > 0.999 ? 0.999 : p < 0.01 ? 0.01 : p;
    if (out->confidence < least)
        field_doubt(out, REASON_LOW_CONFIDENCE);
}

static void
judge(struct field *out, double p)
{
    judge_at(out, p, AUTO_MIN);
}

static enum rc
blank(struct field *out, const struct form_field *f)
{
    out->state = FIELD_BLANK;
    out->confidence = 0.97;
    if (f->required) {
        out->state = FIELD_MISSING;
        out->confidence = 0.3;
        field_doubt(out, REASON_FIELD_MISSING);
    }
    return RC_OK;
}

/* Into the story: what the copies and the other reader gave, where it is another value. */
static void
tell_others(const struct extraction *x, const struct form_field *f, const char *part, const struct zone_reading **z,
            unsigned count, struct field *out)
{
    for (unsigned i = 0; i < count; i++) {
        const char *texts[] = { z[i]->text, z[i]->other };
        const double conf[] = { (double)z[i]->conf, (double)z[i]->other_conf };

        for (unsigned k = 0; k < COUNT_OF(texts); k++) {
            char value[VALUE_ROOM];
            float shape = texts[k] == NULL ? 0 : shape_of(x, f, part, texts[k], value);

            if (shape > 0 && value[0] != '\0' && strcmp(value, out->value) != 0)
                provenance_alternative(out, x->arena, value, texts[k], conf[k] * (double)shape);
        }
    }
}

/* Readings of the same zone on several copies: the value most of them give, weighed by shape. */
static enum rc
from_texts(const struct extraction *x, const struct form_field *f, const char *part,
           const struct zone_reading **z, unsigned count, struct field *out)
{
    char values[COPIES][VALUE_ROOM];
    float shapes[COPIES];
    double p[COPIES], best = 0, right;
    unsigned which = 0, agree = 0, other = 0, inked = 0;

    for (unsigned i = 0; i < count; i++) {
        shapes[i] = shape_of(x, f, part, z[i]->text, values[i]);
        p[i] = sure(x, z[i]->conf, shapes[i]);
        inked += z[i]->ink > 0;
    }
    if (inked == 0)
        return blank(out, f);
    for (unsigned i = 0; i < count; i++) {
        double wrong = 1;

        for (unsigned j = 0; j < count; j++)
            if (values[j][0] != '\0' && strcmp(values[i], values[j]) == 0)
                wrong *= 1 - p[j] * (j == i ? 1 : 0.7);
        if (values[i][0] != '\0' && 1 - wrong > best) {
            best = 1 - wrong;
            which = i;
        }
    }
    for (unsigned i = 0; i < count; i++) {
        agree += values[i][0] != '\0' && strcmp(values[i], values[which]) == 0;
        other += values[i][0] != '\0' && strcmp(values[i], values[which]) != 0;
    }
    out->box = z[which]->box;
    out->text = arena_str(x->arena, z[which]->text);
    out->value = arena_str(x->arena, values[which]);
    if (out->text == NULL || out->value == NULL)
        return RC_NOMEM;
    if (best == 0 || shapes[which] == 0) {
        out->state = FIELD_UNREADABLE;
        out->value = "";
        tell_others(x, f, part, z, count, out);
        field_doubt(out, f->type == VALUE_DATE && out->text[0] != '\0' ? REASON_DATE_IMPOSSIBLE : REASON_UNREADABLE);
        judge(out, 0.3);
        return RC_OK;
    }
    tell_others(x, f, part, z, count, out);
    right = agree > 1 ? best : p[which];
    if (other > 0) {
        right *= agree > other ? 0.95 : 0.8;
        field_doubt(out, REASON_CONFLICT);
    }
    if (shapes[which] < 0.7f)
        field_doubt(out, REASON_FORMAT_WRONG);
    judge(out, proven(f, out, right));
    return RC_OK;
}

/* The boxes of one question. */
static enum rc
from_marks(const struct extraction *x, const struct form_field *f, const char *stem, struct field *out)
{
    struct zone_reading *boxes[32];
    uint32_t count = 0, which;
    size_t n = strlen(stem);
    float conf;
    enum marks_answer answer;

    for (uint32_t i = 0; i < x->page->zone_count && count < 32; i++)
        if (strncmp(x->page->zones[i].zone, stem, n) == 0 && x->page->zones[i].zone[n] == '=' &&
            strchr(x->page->zones[i].zone, '@') == NULL)
            boxes[count++] = &x->page->zones[i];
    if (count == 0)
        return blank(out, f);
    answer = marks_answer(boxes, count, &which, &conf);
    if (answer == MARKS_NONE)
        return blank(out, f);
    out->box = boxes[which]->box;
    out->value = arena_str(x->arena, boxes[which]->zone + n + 1);
    out->text = out->value;
    if (out->value == NULL)
        return RC_NOMEM;
    if (answer == MARKS_ONE) {
        judge_at(out, (double)conf, MARK_MIN);
    } else {
        field_doubt(out, answer == MARKS_SEVERAL ? REASON_SEVERAL_MARKS : REASON_DOUBTFUL_MARK);
        judge(out, answer == MARKS_SEVERAL ? 0.45 : 0.6);
    }
    return RC_OK;
}

/* NAME.1, NAME.2, ...: the lines of one text. */
static enum rc
from_lines(const struct extraction *x, const struct form_field *f, const char *prefix, const char *spec,
           struct field *out)
{
    const struct zone_reading *z;
    double p = 1;
    char name[160];

    for (unsigned line = 1; line < 20; line++) {
        snprintf(name, sizeof name, "%s%s.%u", prefix, spec, line);
        z = zone_find(x->page, name);
        if (z == NULL)
            break;
        if (z->text[0] == '\0')
            continue;
        out->box = out->value[0] == '\0' ? z->box : box_union(out->box, z->box);
        out->value = out->value[0] == '\0' ? arena_str(x->arena, z->text)
                                           : arena_printf(x->arena, "%s %s", out->value, z->text);
        if (out->value == NULL)
            return RC_NOMEM;
        p = p < sure(x, z->conf, 1) ? p : sure(x, z->conf, 1);
    }
    if (out->value[0] == '\0')
        return blank(out, f);
    out->text = out->value;
    judge(out, p);
    return RC_OK;
}

/* One way to fill a field. */
static enum rc
one_way(const struct extraction *x, const struct form_field *f, const char *prefix, const char *spec,
        struct field *out)
{
    const struct zone_reading *z[COPIES];
    const char *part = strchr(spec, ':');
    char name[160];
    unsigned count = 0;
    int stem = part == NULL ? (int)strlen(spec) : (int)(part - spec);

    *out = (struct field){ .name = f->name, .value = "", .text = "", .verdict = FIELD_AUTO, .page = x->number };
    for (unsigned c = 1; c <= COPIES; c++) {
        const struct zone_reading *found;

        if (c == 1)
            snprintf(name, sizeof name, "%s%.*s", prefix, stem, spec);
        else
            snprintf(name, sizeof name, "%s%.*s@%u", prefix, stem, spec, c);
        found = zone_find(x->page, name);
        if (found != NULL && (c == 1 || found->ink > 0))
            z[count++] = found;
    }
    if (count > 0)
        return from_texts(x, f, part == NULL ? "" : part + 1, z, count, out);
    snprintf(name, sizeof name, "%s%.*s.1", prefix, stem, spec);
    if (zone_find(x->page, name) != NULL)
        return from_lines(x, f, prefix, spec, out);
    snprintf(name, sizeof name, "%s%.*s", prefix, stem, spec);
    return from_marks(x, f, name, out);
}

/* "A|B": the first of them that holds something. */
static enum rc
one_field(const struct extraction *x, const struct form_field *f, const char *prefix, struct field *out)
{
    const char *spec = f->zone != NULL ? f->zone : f->name;
    enum rc rc = RC_OK;

    for (;;) {
        size_t n = strcspn(spec, "|");
        char way[80];

        snprintf(way, sizeof way, "%.*s", (int)n, spec);
        rc = one_way(x, f, prefix, way, out);
        if (rc != RC_OK || spec[n] == '\0' || out->state == FIELD_VALUE || out->state == FIELD_UNREADABLE)
            return rc;
        spec += n + 1;
    }
}

/* The latest year printed with four digits in the dates of the page that are no birth. */
static int
latest_year(const struct extraction *x)
{
    int latest = 0;

    for (unsigned i = 0; i < x->form->field_count; i++) {
        const struct form_field *f = &x->form->fields[i];
        const struct zone_reading *z;
        char value[VALUE_ROOM];

        if (f->type != VALUE_DATE || strstr(f->name, "birth") != NULL)
            continue;
        z = zone_find(x->page, f->zone != NULL ? f->zone : f->name);
        if (z != NULL && zone_date(z->text, 2099, value) > 0 && zone_year_of(value) > latest)
            latest = zone_year_of(value);
    }
    return latest > 1950 && latest < 2080 ? latest : LATEST_UNKNOWN;
}

/*
 * A fax or a worn sheet: where many zones are doubtful, the others are wrong more often as well,
 * however sure the reader is of each.  On clear pages fewer than one zone in twelve is.
 */
static double
clearness(const struct page_reading *r)
{
    unsigned read = 0, doubtful = 0;
    double share;

    for (uint32_t i = 0; i < r->zone_count; i++) {
        if (r->zones[i].text[0] == '\0')
            continue;
        read++;
        doubtful += r->zones[i].conf < 0.65f;
    }
    share = read < 5 ? 0 : (double)doubtful / read;
    return share <= 0.08 ? 1 : share > 0.5 ? 0.85 : 1 - 0.36 * (share - 0.08);
}

static enum rc
rows_add(const struct extraction *x, struct fields *out)
{
    const struct form_table *table = x->form->table;
    struct field_row *rows;
    char prefix[24];
    uint32_t most = 0;

    if (table == NULL)
        return RC_OK;
    for (uint32_t i = 0; i < x->page->zone_count; i++) {
        uint32_t n = (uint32_t)strtoul(x->page->zones[i].zone, NULL, 10);

        most = n > most && n < 200 ? n : most;
    }
    rows = arena_array(x->arena, out->row_count + most + 1, sizeof *rows);
    if (rows == NULL)
        return RC_NOMEM;
    if (out->row_count > 0)
        memcpy(rows, out->rows, out->row_count * sizeof *rows);
    out->rows = rows;
    for (uint32_t r = 1; r <= most; r++) {
        struct field_row *row = &rows[out->row_count];
        unsigned have = 0;

        row->cells = arena_array(x->arena, table->column_count, sizeof *row->cells);
        row->count = table->column_count;
        if (row->cells == NULL)
            return RC_NOMEM;
        snprintf(prefix, sizeof prefix, "%u.", r);
        for (unsigned c = 0; c < table->column_count; c++) {
            enum rc rc = one_field(x, &table->columns[c], prefix, &row->cells[c]);

            if (rc != RC_OK)
                return rc;
            have += row->cells[c].state == FIELD_VALUE || row->cells[c].state == FIELD_UNREADABLE;
        }
        /* A stray dot in a row is no service: it takes two cells to make one. */
        if (have >= 2)
            out->row_count++;
    }
    return RC_OK;
}

static void
by_hand(struct field *field)
{
    if (field->state == FIELD_BLANK)
        return;
    field->confidence *= 0.7;
    field_doubt(field, REASON_HANDWRITING);
}

enum rc
zones_extract(const struct form *form, const struct page_reading *reading, uint32_t page,
              struct arena *arena, struct fields *out)
{
    struct extraction x = { form, reading, arena, page, LATEST_UNKNOWN, clearness(reading) };
    bool first = out->count == 0;
    uint32_t rows;
    enum rc rc;

    x.latest = latest_year(&x);
    if (first) {
        out->form = form->name;
        out->form_confidence = reading->form_conf;
        out->fields = arena_array(arena, form->field_count, sizeof *out->fields);
        if (out->fields == NULL)
            return RC_NOMEM;
        for (unsigned i = 0; i < form->field_count; i++) {
            rc = one_field(&x, &form->fields[i], "", &out->fields[i]);
            if (rc != RC_OK)
                return rc;
        }
        out->count = form->field_count;
    }
    rows = out->row_count;
    rc = rows_add(&x, out);
    if (rc == RC_OK)
        rc = zones_settle(form, arena, out, rows);
    /* A page written by hand goes to a person whole, what looks sure included. */
    if (rc == RC_OK && reading->facts.reason == REASON_HANDWRITING) {
        for (uint32_t i = 0; first && i < out->count; i++)
            by_hand(&out->fields[i]);
        for (uint32_t r = rows; r < out->row_count; r++)
            for (uint32_t c = 0; c < out->rows[r].count; c++)
                by_hand(&out->rows[r].cells[c]);
    }
    return rc;
}
