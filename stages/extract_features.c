/*
 * extract_features.c - what speaks for and against a chosen value.
 */
#include "extract_features.h"

#include <ctype.h>
#include <string.h>

#include "extract_party.h"
#include "extract_solve.h"

#define WEAK 0.6 /* the reader's number for a badly read word */
#define KEY_ROOM 256

const char *const extract_feature_names[FEATURE_COUNT] = {
    "score",        "margin",    "conf_mean", "conf_min", "label_exact", "label_fuzzy", "label_long", "checked",
    "check_failed", "closed",    "broken",    "mixed",    "moved",       "repeated",    "repaired",   "ambiguous",
    "shared",       "page_conf", "page_weak", "coarse",   "rivals",      "words",       "pattern",    "suffix",
    "odd",          "high",      "big",       "echo",     "near_label", "beside",
    "nothing",      "unsure",    "proofs",    "sure_proof", "sure_check", "adds_up",    "not_largest",
    "swappable",    "short_year", "order_sure", "bare",     "length",
    "clean_page",   "party_label", "lookalike",  "party",
    "party_margin", "agrees",   "differs",   "titled",     "labelled",    "filled",     "proved",     "contested",
};

static double
within(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

/* How far the chosen candidate is ahead of the best with another value. */
static double
ahead(const struct choice *choice)
{
    const struct candidate *c = &choice->list[choice->chosen];
    double rival = 0;

    for (uint32_t i = 0; i < choice->count; i++)
        if ((int)i != choice->chosen && strcmp(choice->list[i].value, c->value) != 0 && choice->list[i].score > rival)
            rival = choice->list[i].score;
    return c->score - rival;
}

/* Do the words from at on spell the key? */
static bool
stands_at(const struct layout *lay, uint32_t at, const char *key)
{
    char part[KEY_ROOM];
    size_t have = 0, want = strlen(key), n;

    while (have < want && at < lay->word_count) {
        n = value_key(lay->words[at++].word->text, part, sizeof part);
        if (n == 0 && have == 0)
            return false;
        if (n > want - have || memcmp(key + have, part, n) != 0)
            return false;
        have += n;
    }
    return have == want;
}

static unsigned
seen_again(const struct extraction *x, const struct candidate *c, enum value_type type)
{
    const struct layout *lay = x->layout;
    char key[KEY_ROOM];
    struct date d;
    unsigned n = 0;

    if (type == VALUE_MONEY || type == VALUE_PERCENT || type == VALUE_NUMBER) {
        for (uint32_t i = 0; i < x->amount_count; i++)
            n += x->amounts[i].first != c->first && x->amounts[i].reading_count > 0 &&
                 x->amounts[i].readings[0].minor == c->minor;
        return n;
    }
    if (type == VALUE_DATE && date_canonical(c->value, &d)) {
        for (uint32_t i = 0; i < x->date_count; i++)
            n += x->dates[i].first != c->first && date_valid(x->dates[i].hit.date) &&
                 date_serial(d) == date_serial(x->dates[i].hit.date);
        return n;
    }
    if (value_key(c->value, key, sizeof key) < 4)
        return 0;
    for (uint32_t i = 0; i < lay->word_count; i++)
        n += (i < c->first || i >= c->first + c->count) && stands_at(lay, i, key);
    return n;
}

/* Does a word of four letters or more of the name stand in a web or mail address? */
static bool
echoed(const struct layout *lay, const char *name)
{
    char word[KEY_ROOM], part[KEY_ROOM], key[KEY_ROOM];

    while (*name != '\0') {
        size_t n = 0;

        while (*name != '\0' && !isalpha((unsigned char)*name))
            name++;
        while (isalpha((unsigned char)name[n]))
            n++;
        if (n >= 4 && n < sizeof word) {
            memcpy(word, name, n);
            word[n] = '\0';
            value_key(word, part, sizeof part);
            for (uint32_t i = 0; i < lay->word_count; i++) {
                const char *text = lay->words[i].word->text;

                if ((strchr(text, '@') != NULL || strstr(text, "www.") != NULL) &&
                    value_key(text, key, sizeof key) > 0 && strstr(key, part) != NULL)
                    return true;
            }
        }
        name += n;
    }
    return false;
}

/* Digits in a name, strange signs in anything else. */
static bool
odd(const char *text, enum value_type type)
{
    bool words = type == VALUE_NAME || type == VALUE_TEXT || type == VALUE_ADDRESS;

    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == ' ' || (c >= 0x80 && words))
            continue;
        if (type == VALUE_NAME ? !isalpha(c) && strchr(".,&'-", c) == NULL
                               : !isalnum(c) && strchr(words ? ".,&'-/#()" : ".,'-/_ ", c) == NULL)
            return true;
    }
    return false;
}

/* A letter O or I beside a digit, or a 0 or 1 beside a letter: the reader often takes one for the other. */
static bool
lookalike(const char *text)
{
    for (size_t i = 0; text[i] != '\0'; i++) {
        unsigned char c = (unsigned char)text[i], before = i > 0 ? (unsigned char)text[i - 1] : 0;
        unsigned char after = (unsigned char)text[i + 1];

        if (strchr("OoIl", c) != NULL && (isdigit(before) || isdigit(after)))
            return true;
        if (strchr("01", c) != NULL && (isalpha(before) || isalpha(after)))
            return true;
    }
    return false;
}

/* Two who read the same, independently, are right; where they differ one of them is wrong. */
static void
second_features(const struct layout *lay, const struct candidate *c, double out[FEATURE_COUNT])
{
    double same = 0, other = 0;
    char one[KEY_ROOM], two[KEY_ROOM];

    for (uint32_t i = c->first; i < c->first + c->count && i < lay->word_count; i++) {
        const struct word *w = lay->words[i].word;
        double size = (double)strlen(w->text);

        if (w->second == NULL || w->second[0] == '\0')
            continue;
        value_key(w->text, one, sizeof one);
        value_key(w->second, two, sizeof two);
        *(strcmp(one, two) == 0 ? &same : &other) += size;
    }
    if (same + other > 0) {
        out[FEATURE_AGREES] = same / (same + other);
        out[FEATURE_DIFFERS] = other / (same + other);
    }
}

/* Does the whole document look like what was learnt?  A value stands firmer where its neighbours do. */
static void
document_features(const struct extraction *x, double out[FEATURE_COUNT])
{
    double titled = 0, values = 0, labelled = 0, required = 0, filled = 0, contested = 0;
    unsigned holds = 0, fails = 0;

    for (unsigned i = 0; i < x->form->field_count; i++) {
        const struct choice *o = &x->choices[i];
        const struct candidate *c = o->chosen >= 0 ? &o->list[o->chosen] : NULL;
        bool here = false;

        for (uint32_t h = 0; h < x->hit_count && !here; h++)
            here = x->hits[h].field == i && x->hits[h].column == UINT32_MAX;
        titled += here;
        required += x->form->fields[i].required;
        if (c == NULL)
            continue;
        values++;
        filled += x->form->fields[i].required;
        labelled += c->hit >= 0 && (uint32_t)c->hit < x->hit_count && x->hits[c->hit].cost <= 0;
        contested += o->count > 1 && ahead(o) < 0.1;
    }
    for (unsigned e = 0; e < x->form->equation_count; e++) {
        enum equation_state state = equation_state(x, &x->form->equations[e]);

        holds += state == EQUATION_HOLDS;
        fails += state == EQUATION_FAILS;
    }
    out[FEATURE_TITLED] = x->form->field_count > 0 ? titled / x->form->field_count : 0;
    out[FEATURE_LABELLED] = values > 0 ? labelled / values : 0;
    out[FEATURE_CONTESTED] = values > 0 ? contested / values : 0;
    out[FEATURE_FILLED] = required > 0 ? filled / required : 1;
    out[FEATURE_PROVED] = holds > 0 && fails == 0;
}

static void
page_features(const struct extraction *x, const struct candidate *c, enum value_type type, double out[FEATURE_COUNT])
{
    const struct layout *lay = x->layout;
    const struct page_reading *page = c->page < lay->page_count ? lay->pages[c->page] : NULL;
    double sum = 0, weak = 0, n = 0, mean = 0, low = 1, letters = 0;
    struct box box = { 0 };

    for (uint32_t i = 0; i < lay->word_count; i++) {
        double conf = (double)lay->words[i].word->conf;

        if (lay->words[i].page != c->page)
            continue;
        n++;
        sum += conf;
        weak += conf < WEAK;
    }
    out[FEATURE_PAGE_CONF] = n > 0 ? sum / n : 0;
    out[FEATURE_PAGE_WEAK] = n > 0 ? weak / n : 1;
    for (uint32_t i = c->first; i < c->first + c->count && i < lay->word_count; i++) {
        double conf = (double)lay->words[i].word->conf, size = (double)strlen(lay->words[i].word->text);

        mean += conf * size;
        letters += size;
        low = conf < low ? conf : low;
    }
    out[FEATURE_CONF_MEAN] = letters > 0 ? mean / letters : (double)c->conf;
    out[FEATURE_CONF_MIN] = letters > 0 ? low : (double)c->conf;
    out[FEATURE_COARSE] = within((24 - (double)lay->height) / 16, 0, 1);
    if (c->count > 0)
        box = layout_box(lay, c->first, c->count);
    if (page != NULL && page->facts.height > 0)
        out[FEATURE_HIGH] = within(1 - (double)box.y0 / page->facts.height, 0, 1);
    if (lay->height > 1 && type == VALUE_NAME)
        out[FEATURE_BIG] = within(((double)box_height(box) / (double)lay->height - 1.2) / 1.3, 0, 1);
}

/* "5 295,28" of which only "295,28" was taken: the rest stands right beside it. */
static bool
number_beside(const struct layout *lay, const struct candidate *c)
{
    const struct lay_word *first = &lay->words[c->first], *w;
    const char *text;
    size_t n;

    if (c->count == 0 || c->first == 0 || c->first >= lay->word_count)
        return false;
    w = first - 1;
    text = w->word->text;
    n = strspn(text, "0123456789.,'");
    if (w->line != first->line || w->page != first->page || n == 0 || text[n] != '\0' || n > 4)
        return false;
    return (double)(first->box.x0 - w->box.x1) < 0.9 * box_height(first->box);
}

static bool
named(const struct phrases *names, const char *name)
{
    for (unsigned i = 0; i < names->count; i++)
        if (strcmp(names->items[i], name) == 0)
            return true;
    return false;
}

/* A date in figures, neither the year first nor the day above twelve. */
static void
date_features(const struct extraction *x, const struct candidate *c, double out[FEATURE_COUNT])
{
    bool figures = true;
    struct date d;

    for (const char *s = c->text; *s != '\0'; s++)
        figures = figures && !isalpha((unsigned char)*s) && (unsigned char)*s < 0x80;
    out[FEATURE_ORDER_SURE] = x->order_sure;
    if (date_canonical(c->value, &d))
        out[FEATURE_SWAPPABLE] = figures && d.day <= 12 && d.day != d.month && strncmp(c->text, c->value, 4) != 0;
    for (uint32_t i = 0; i < x->date_count; i++)
        if (x->dates[i].first == c->first && x->dates[i].hit.short_year)
            out[FEATURE_SHORT_YEAR] = 1;
}

/* A tax number is as surely the seller's as the name above it is. */
static void
party_features(const struct extraction *x, const char *near, double out[FEATURE_COUNT])
{
    for (unsigned i = 0; i < x->form->field_count; i++) {
        const struct choice *o = &x->choices[i];

        if (strcmp(x->form->fields[i].name, near) != 0 || o->chosen < 0)
            continue;
        out[FEATURE_PARTY] = within(o->list[o->chosen].score, 0, 1.5);
        out[FEATURE_PARTY_MARGIN] = within(ahead(o), -0.5, 1);
    }
}

/* What adds up, and what else there is to add. */
static void
amount_features(const struct extraction *x, unsigned index, const struct candidate *c, double out[FEATURE_COUNT])
{
    const char *name = x->form->fields[index].name;
    unsigned holds = 0, fails = 0, own = 0, larger = 0;

    for (unsigned e = 0; e < x->form->equation_count; e++) {
        const struct equation *q = &x->form->equations[e];
        enum equation_state state = equation_state(x, q);

        holds += state == EQUATION_HOLDS;
        fails += state == EQUATION_FAILS;
        own += state == EQUATION_HOLDS && (strcmp(q->result, name) == 0 || named(&q->terms, name) ||
                                           named(&q->minus, name) || named(&q->maybe, name) ||
                                           named(&q->maybe_minus, name));
    }
    for (uint32_t i = 0; i < x->amount_count; i++)
        larger += x->amounts[i].reading_count > 0 && !x->amounts[i].percent && !x->amounts[i].in_date &&
                  x->amounts[i].readings[0].money && x->amounts[i].readings[0].minor > c->minor;
    out[FEATURE_ADDS_UP] = holds > 0 && fails == 0;
    out[FEATURE_PROOFS] = within(own / 3.0, 0, 1);
    out[FEATURE_NOT_LARGEST] = within(larger / 3.0, 0, 1);
    out[FEATURE_BESIDE] = number_beside(x->layout, c);
    out[FEATURE_NOTHING] = c->minor < 100 && c->minor > -100;
}

static void
label_features(const struct extraction *x, unsigned index, const struct candidate *c, double out[FEATURE_COUNT])
{
    for (uint32_t i = 0; i < x->hit_count; i++)
        if (x->hits[i].field == index && x->hits[i].page == c->page && x->hits[i].column == UINT32_MAX)
            out[FEATURE_NEAR_LABEL] = 1;
    if (c->hit >= 0 && (uint32_t)c->hit < x->hit_count) {
        const struct label_hit *hit = &x->hits[c->hit];

        out[FEATURE_LABEL_EXACT] = hit->cost <= 0;
        out[FEATURE_LABEL_FUZZY] = hit->cost > 0;
        out[FEATURE_LABEL_LONG] = hit->length >= 8;
    }
}

static void
choice_features(const struct extraction *x, unsigned index, double out[FEATURE_COUNT])
{
    const struct choice *choice = &x->choices[index];
    const struct candidate *c = &choice->list[choice->chosen];

    out[FEATURE_SCORE] = within(c->score, 0, 1.5);
    out[FEATURE_MARGIN] = within(ahead(choice), -0.5, 1);
    out[FEATURE_CHECKED] = c->checked;
    out[FEATURE_CHECK_FAILED] = c->check_failed;
    out[FEATURE_CLOSED] = choice->closed && !choice->broken;
    out[FEATURE_BROKEN] = choice->broken && !choice->closed;
    out[FEATURE_MIXED] = choice->broken && choice->closed;
    out[FEATURE_MOVED] = choice->by_equation;
    out[FEATURE_REPAIRED] = c->repaired;
    out[FEATURE_AMBIGUOUS] = c->ambiguous;
    out[FEATURE_RIVALS] = choice->count > 0 ? within((double)(choice->count - 1) / 6, 0, 1) : 0;
    out[FEATURE_WORDS] = within((double)c->count / 6, 0, 1);
    for (unsigned i = 0; i < x->form->field_count; i++) {
        const struct choice *o = &x->choices[i];

        if (i != index && o->chosen >= 0 && c->count > 0 && o->list[o->chosen].first == c->first &&
            x->form->fields[i].type == x->form->fields[index].type)
            out[FEATURE_SHARED] = 1;
    }
}

void
extract_features(const struct extraction *x, unsigned index, double out[FEATURE_COUNT])
{
    const struct form_field *f = &x->form->fields[index];
    const struct candidate *c = &x->choices[index].list[x->choices[index].chosen];

    memset(out, 0, FEATURE_COUNT * sizeof *out);
    choice_features(x, index, out);
    label_features(x, index, c, out);
    page_features(x, c, f->type, out);
    second_features(x->layout, c, out);
    document_features(x, out);
    out[FEATURE_REPEATED] = within(seen_again(x, c, f->type) / 2.0, 0, 1);
    out[FEATURE_UNSURE] = out[FEATURE_CONF_MIN] < WEAK;
    if (f->type == VALUE_MONEY || f->type == VALUE_PERCENT || f->type == VALUE_NUMBER)
        amount_features(x, index, c, out);
    if (f->near != NULL)
        party_features(x, f->near, out);
    if (f->type == VALUE_DATE)
        date_features(x, c, out);
    out[FEATURE_LENGTH] = within((double)strlen(c->value) / 30, 0, 1);
    out[FEATURE_CLEAN_PAGE] = out[FEATURE_PAGE_WEAK] < 0.05;
    out[FEATURE_PARTY_LABEL] = out[FEATURE_LABEL_EXACT] > 0 && out[FEATURE_MARGIN] > 0.3;
    out[FEATURE_SURE_PROOF] = out[FEATURE_CLOSED] * out[FEATURE_CONF_MIN];
    out[FEATURE_SURE_CHECK] = out[FEATURE_CHECKED] * out[FEATURE_CONF_MIN];
    out[FEATURE_PATTERN] = f->pattern.count > 0;
    out[FEATURE_ODD] = odd(c->value, f->type);
    if (f->type == VALUE_ID && !c->checked)
        out[FEATURE_LOOKALIKE] = lookalike(c->value);
    if (f->type == VALUE_NAME) {
        out[FEATURE_SUFFIX] = party_has_suffix(c->value);
        out[FEATURE_BARE] = out[FEATURE_SUFFIX] > 0 && strlen(c->value) < 10;
        out[FEATURE_ECHO] = echoed(x->layout, c->value);
    }
}
