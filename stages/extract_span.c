/*
 * extract_span.c - hours = out - in - break: the cells of a row of a time sheet put one another right.
 *
 * Every cell has ways to be read: as it was, as the other reader gave it, with the point that was not
 * seen, with one digit taken for one that looks alike, without the stroke that is a rule.  The
 * cheapest way for the whole row in which the row holds is taken, when it is the only one; where two
 * are as cheap, what all rows add up to decides.
 */
#include "extract_cells.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAYS_MAX 60
#define COST_MAX 2.1  /* no more than two changes in a row */
#define DAY_HOURS 2400 /* hundredths                        */
#define TEXT_ROOM 24
#define PARTS 4

struct way {
    int amount; /* of a time: minutes since midnight; of hours: hundredths */
    double cost;
    char text[TEXT_ROOM];
};

struct ways {
    struct way list[WAYS_MAX];
    unsigned count;
};

enum part { FROM, TO, LESS, RESULT };

struct answer {
    double cost;
    unsigned count; /* of different answers that cost the same */
    const struct way *part[PARTS];
};

static void
add_way(struct ways *w, int amount, double cost, const char *text)
{
    for (unsigned i = 0; i < w->count; i++) {
        if (w->list[i].amount != amount)
            continue;
        if (cost < w->list[i].cost) {
            w->list[i].cost = cost;
            snprintf(w->list[i].text, TEXT_ROOM, "%s", text);
        }
        return;
    }
    if (w->count == WAYS_MAX)
        return;
    w->list[w->count] = (struct way){ .amount = amount, .cost = cost };
    snprintf(w->list[w->count++].text, TEXT_ROOM, "%s", text);
}

/* Digits, marks and letters of a text, blanks left out, upper case. */
static size_t
squeeze(const char *text, char out[TEXT_ROOM])
{
    size_t n = 0;

    for (; *text != '\0' && n + 1 < TEXT_ROOM; text++)
        if (isalnum((unsigned char)*text) || strchr(":.,;", *text) != NULL)
            out[n++] = (char)toupper((unsigned char)*text);
    out[n] = '\0';
    return n;
}

/* "7:45AM", "745AM", "17.30"; suffix: what stands behind the minutes. */
static bool
split_time(const char *s, char hour[TEXT_ROOM], char minute[3], char suffix[3], char *mark)
{
    char digits[TEXT_ROOM];
    size_t n = 0, end = strlen(s), cut = SIZE_MAX;

    suffix[0] = *mark = '\0';
    if (end > 1 && s[end - 1] == 'M' && strchr("AP", s[end - 2]) != NULL) {
        memcpy(suffix, s + end - 2, 3);
        end -= 2;
    }
    for (size_t i = 0; i < end; i++) {
        if (isdigit((unsigned char)s[i])) {
            digits[n++] = s[i];
        } else if (strchr(":.,;", s[i]) != NULL) {
            cut = n;
            *mark = ':';
        } else {
            return false;
        }
    }
    digits[n] = '\0';
    if (n < 2 || (cut != SIZE_MAX && n - cut != 2))
        return false;
    memcpy(minute, digits + n - 2, 3);
    memcpy(hour, digits, n - 2);
    hour[n - 2] = '\0';
    return true;
}

static void
offer_time(struct ways *w, const char *hour, const char *minute, const char *suffix, char mark, double cost)
{
    size_t n = strlen(hour);
    int h, m;
    char text[TEXT_ROOM];

    if (n < 1 || n > 2)
        return;
    h = (int)strtol(hour, NULL, 10);
    m = (int)strtol(minute, NULL, 10);
    if (m > 59 || h > (suffix[0] != '\0' ? 12 : 23) || (suffix[0] != '\0' && h == 0))
        return;
    snprintf(text, sizeof text, "%s%s%s%s", hour, mark != '\0' ? ":" : "", minute, suffix);
    if (suffix[0] != '\0')
        h = h % 12 + (suffix[0] == 'P' ? 12 : 0);
    add_way(w, h * 60 + m, cost, text);
}

/* One text as a time: as it is, with one digit another, with a digit too many or an hour not seen. */
static void
time_ways(struct ways *w, const char *read, double base)
{
    char s[TEXT_ROOM], hour[TEXT_ROOM], minute[3], suffix[3], mark;

    if (squeeze(read, s) == 0 || !split_time(s, hour, minute, suffix, &mark))
        return;
    offer_time(w, hour, minute, suffix, mark, base);
    if (strlen(hour) > 1)
        offer_time(w, hour + 1, minute, suffix, mark, base + 1);
    if (strlen(hour) > 2)
        offer_time(w, hour + strlen(hour) - 2, minute, suffix, mark, base + 1);
    for (char *at = hour; strlen(hour) < 3 && *at != '\0'; at++) {
        char was = *at;

        for (const char *a = digits_alike[was - '0']; *a != '\0'; a++) {
            *at = *a;
            offer_time(w, hour, minute, suffix, mark, base + 1);
        }
        *at = was;
    }
    for (char *at = minute; *at != '\0'; at++) {
        char was = *at;

        for (const char *a = digits_alike[was - '0']; *a != '\0'; a++) {
            *at = *a;
            offer_time(w, hour, minute, suffix, mark, base + 1);
        }
        *at = was;
    }
    for (int h = 0; hour[0] == '\0' && h < 24; h++) {
        snprintf(hour, sizeof hour, suffix[0] != '\0' ? "%d" : "%02d", h);
        offer_time(w, hour, minute, suffix, ':', base + 1);
        hour[0] = '\0';
    }
}

static void
offer_hours(struct ways *w, const char *digits, size_t decimals, double cost)
{
    char text[TEXT_ROOM];
    int v = 0;

    if (strlen(digits) == 0 || strlen(digits) > 6)
        return;
    for (const char *at = digits; *at != '\0'; at++)
        v = v * 10 + (*at - '0');
    v = decimals == 0 ? v * 100 : decimals == 1 ? v * 10 : v;
    if (v > DAY_HOURS)
        return;
    snprintf(text, sizeof text, "%d.%02d", v / 100, v % 100);
    add_way(w, v, cost, text);
}

/* One text as hours of a day: as it is, with the point that was not seen, with one digit another, a stroke too many. */
static void
hours_ways(struct ways *w, const char *read, double base)
{
    char s[TEXT_ROOM], digits[TEXT_ROOM];
    size_t n = 0, decimals = 0;
    bool mark = false;

    squeeze(read, s);
    for (const char *at = s; *at != '\0'; at++) {
        if (isdigit((unsigned char)*at)) {
            digits[n++] = *at;
            decimals += mark;
        } else if (strchr(".,", *at) != NULL && n > 0) {
            mark = true;
            decimals = 0;
        } else if (*at == 'O') {
            digits[n++] = '0';
            decimals += mark;
        }
    }
    digits[n] = '\0';
    if (n == 0 || n > 6 || decimals > 2)
        return;
    if (!mark && n > 2) { /* nobody works 800 hours a day */
        decimals = 2;
        base += 0.1;
    } else if (!mark && n == 2) {
        offer_hours(w, digits, 2, base + 0.6);
    }
    offer_hours(w, digits, decimals, base);
    if (n > 1)
        offer_hours(w, digits + 1, decimals, base + 1);
    for (size_t i = 0; i < n; i++) {
        char was = digits[i];

        for (const char *a = digits_alike[was - '0']; *a != '\0'; a++) {
            digits[i] = *a;
            offer_hours(w, digits, decimals, base + 1);
        }
        digits[i] = was;
    }
}

/* What the other reader gave for the words of the cell; false when it said nothing. */
static bool
other_reading(const struct extraction *x, const struct field *cell, char out[64])
{
    const struct layout *lay = x->layout;
    size_t n = 0;

    out[0] = '\0';
    for (uint32_t i = 0; i < lay->word_count; i++) {
        const struct word *word = lay->words[i].word;
        struct box b = word->box;

        if (lay->words[i].page != cell->page || b.x0 < cell->box.x0 || b.x1 > cell->box.x1 || b.y0 < cell->box.y0 ||
            b.y1 > cell->box.y1 || word->second == NULL || strlen(word->second) + n + 1 >= 64)
            continue;
        memcpy(out + n, word->second, strlen(word->second) + 1);
        n += strlen(word->second);
    }
    return n > 0;
}

static void
ways_of(const struct extraction *x, const struct field *cell, enum part part, struct ways *out)
{
    void (*make)(struct ways *, const char *, double) = part == FROM || part == TO ? time_ways : hours_ways;
    char other[64];

    out->count = 0;
    if (cell == NULL || cell->text == NULL || cell->text[0] == '\0') {
        if (part == LESS)
            add_way(out, 0, 0, "");
        return;
    }
    make(out, cell->text, 0);
    /* "7 17:30": a stroke beside the cell was read as a word of its own. */
    if (strrchr(cell->text, ' ') != NULL && strlen(strrchr(cell->text, ' ')) > 3)
        make(out, strrchr(cell->text, ' ') + 1, 0.3);
    if (other_reading(x, cell, other))
        make(out, other, 0.4);
}

/* Minutes to hundredths of an hour, cut or rounded: both are done. */
static bool
holds(int from, int to, int less, int result)
{
    int minutes = to - from + (to < from ? 24 * 60 : 0), off = minutes * 100 - less * 60 - result * 60;

    return abs(off) <= 60;
}

static void
answer_row(const struct ways ways[PARTS], int total, struct answer *best)
{
    best->count = 0;
    best->cost = COST_MAX;
    for (unsigned a = 0; a < ways[FROM].count; a++)
        for (unsigned b = 0; b < ways[TO].count; b++)
            for (unsigned c = 0; c < ways[LESS].count; c++)
                for (unsigned d = 0; d < ways[RESULT].count; d++) {
                    const struct way *w[PARTS] = { &ways[FROM].list[a], &ways[TO].list[b], &ways[LESS].list[c],
                                                   &ways[RESULT].list[d] };
                    double cost = w[0]->cost + w[1]->cost + w[2]->cost + w[3]->cost;

                    if (cost > best->cost + 0.01 || (total >= 0 && w[RESULT]->amount != total) ||
                        !holds(w[0]->amount, w[1]->amount, w[2]->amount, w[3]->amount))
                        continue;
                    best->count = cost < best->cost - 0.01 ? 1 : best->count + 1;
                    best->cost = cost < best->cost ? cost : best->cost;
                    memcpy(best->part, w, sizeof w);
                }
}

static struct field *
cell_named(const struct field_row *row, const char *name)
{
    for (uint32_t k = 0; name != NULL && k < row->count; k++)
        if (strcmp(row->cells[k].name, name) == 0)
            return &row->cells[k];
    return NULL;
}

/* What the column adds up to, by the rule that says so; -1: no rule, or no value. */
static int64_t
stated_total(const struct extraction *x, const char *column)
{
    for (unsigned r = 0; r < x->form->rule_count; r++) {
        const struct rule *rule = &x->form->rules[r];

        if (rule->kind != RULE_ADDS_TO || strcmp(rule->fields.items[0], column) != 0)
            continue;
        for (unsigned i = 1; i < rule->fields.count; i++) {
            const struct form_field *f = form_field(x->form, rule->fields.items[i]);
            const struct choice *c = f != NULL ? &x->choices[f - x->form->fields] : NULL;

            if (c != NULL && c->chosen >= 0)
                return c->list[c->chosen].minor;
        }
    }
    return -1;
}

static enum rc
take_answer(const struct extraction *x, const struct answer *answer, struct field *cells[PARTS])
{
    for (int p = 0; p < PARTS; p++) {
        const char *text = answer->part[p]->text;

        if (cells[p] == NULL || text[0] == '\0')
            continue;
        if ((text = arena_str(x->arena, text)) == NULL)
            return RC_NOMEM;
        if (answer->part[p]->cost < 0.01)
            cells[p]->value = text; /* as printed, without the dirt */
        else
            cell_mend(cells[p], text);
        cells[p]->state = FIELD_VALUE;
    }
    return RC_OK;
}

/* Without an answer for the row: hours that no day has are hours whose point was not seen. */
static enum rc
point_alone(const struct extraction *x, struct field *cell, const struct ways *ways)
{
    int64_t minor;
    const char *text;

    if (cell == NULL || ways->count == 0 || ways->list[0].cost > 0.2 ||
        (money_canonical(cell->value, &minor) && minor >= 0 && minor <= DAY_HOURS))
        return RC_OK;
    if ((text = arena_str(x->arena, ways->list[0].text)) == NULL)
        return RC_NOMEM;
    cell_mend(cell, text);
    return RC_OK;
}

enum rc
cells_span(const struct extraction *x, struct fields *out)
{
    const struct form_span *span = x->form->table->span;
    const char *names[PARTS];
    struct ways *ways;
    int64_t total;
    bool *open;
    uint32_t left = 0;
    enum rc rc;

    if (span == NULL || out->row_count == 0)
        return RC_OK;
    memcpy(names, (const char *[]){ span->from, span->to, span->less, span->result }, sizeof names);
    ways = arena_array(x->arena, PARTS, sizeof *ways);
    open = arena_array(x->arena, out->row_count, sizeof *open);
    if (ways == NULL || open == NULL)
        return RC_NOMEM;
    total = stated_total(x, span->result);
    /* First what each row says by itself, then the one that is left by what all add up to. */
    for (int round = 0; round < 2; round++) {
        for (uint32_t r = 0; r < out->row_count; r++) {
            struct field *cells[PARTS];
            struct answer answer = { .count = 0 };
            int64_t minor;

            if (round == 1 && !open[r])
                continue;
            for (int p = 0; p < PARTS; p++) {
                cells[p] = cell_named(&out->rows[r], names[p]);
                ways_of(x, cells[p], (enum part)p, &ways[p]);
            }
            answer_row(ways, round == 1 && left == 1 && total >= 0 && total <= DAY_HOURS ? (int)total : -1, &answer);
            if (answer.count == 1) {
                if ((rc = take_answer(x, &answer, cells)) != RC_OK)
                    return rc;
            } else if (round == 0) {
                open[r] = true;
                left++;
                continue;
            } else if ((rc = point_alone(x, cells[LESS], &ways[LESS])) != RC_OK ||
                       (rc = point_alone(x, cells[RESULT], &ways[RESULT])) != RC_OK) {
                return rc;
            }
            if (round == 0 && cells[RESULT] != NULL && money_canonical(cells[RESULT]->value, &minor) && total >= 0)
                total -= minor;
        }
    }
    return RC_OK;
}
