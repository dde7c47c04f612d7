/*
 * einvoice.c - the einvoice stage: an XML that came beside a scan; and what all kinds share.
 */
#include "einvoice.h"

#include <string.h>

#include "doc/value.h"
#include "pixels.h"
#include "stages.h"

#define ALTERNATIVES 8   /* of one row: a firm has no more accounts than this */
#define RATES_MAX 12
#define WITNESS_BYTES_MAX (1u << 17)
#define DIGITS_WHOLE 14

static const struct einvoice_kind *const kinds[] = { &einvoice_cii, &einvoice_ubl, &einvoice_facturae, &einvoice_cfdi };

const struct einvoice_kind *
einvoice_kind_at(unsigned i)
{
    return i < COUNT_OF(kinds) ? kinds[i] : NULL;
}

static bool
is_one_of(const char *name, const char *names)
{
    size_t size = strlen(name);

    for (; *names != 0; names += strcspn(names, "|"), names += *names == '|')
        if (strcspn(names, "|") == size && memcmp(names, name, size) == 0)
            return true;
    return false;
}

static const struct einvoice_kind *
kind_of(const struct xml_node *root)
{
    for (size_t i = 0; i < COUNT_OF(kinds); i++)
        if (is_one_of(root->name, kinds[i]->root) &&
            (kinds[i]->space == NULL || strncmp(root->space, kinds[i]->space, strlen(kinds[i]->space)) == 0))
            return kinds[i];
    return NULL;
}

/* 1234.5, 1234.50000, -3: hundredths, or nothing for what is finer. */
static const char *
amount_of(const char *text, struct arena *arena)
{
    bool minus = text[0] == '-';
    const char *at = text + minus;
    size_t whole = strspn(at, "0123456789"), fine;
    int64_t minor = 0;

    if (whole == 0 || whole > DIGITS_WHOLE)
        return NULL;
    for (size_t i = 0; i < whole; i++)
        minor = minor * 10 + (at[i] - '0');
    minor *= 100;
    at += whole;
    if (*at == '.') {
        fine = strspn(++at, "0123456789");
        minor += (fine > 0 ? (at[0] - '0') * 10 : 0) + (fine > 1 ? at[1] - '0' : 0);
        if (fine > 2 && strspn(at + 2, "0") != fine - 2)
            return NULL;
        at += fine;
    }
    if (*at != 0 || minor > AMOUNT_MAX)
        return NULL;
    return money_print(arena, minus ? -minor : minor);
}

static const char *
date_of(const char *text, struct arena *arena)
{
    struct date d = { 0, 0, 0 };
    bool dashed = strlen(text) >= 10 && text[4] == '-' && text[7] == '-';
    size_t size = dashed ? 10 : 8;
    int digits = 0;

    if (strlen(text) < size || (text[size] >= '0' && text[size] <= '9'))
        return NULL;
    for (size_t i = 0; i < size; i++) {
        if (dashed && (i == 4 || i == 7))
            continue;
        if (text[i] < '0' || text[i] > '9')
            return NULL;
        if (digits < 4)
            d.year = d.year * 10 + (text[i] - '0');
        else if (digits < 6)
            d.month = d.month * 10 + (text[i] - '0');
        else
            d.day = d.day * 10 + (text[i] - '0');
        digits++;
    }
    return date_valid(d) ? date_print(arena, d) : NULL;
}

/* Runs of blanks to one. */
static const char *
text_of(const char *text, struct arena *arena)
{
    char *copy = arena_str(arena, text), *to = copy;

    for (const char *at = copy; copy != NULL && *at != 0; at++) {
        bool blank = strchr(" \t\r\n", *at) != NULL;

        if (!blank || (to > copy && to[-1] != ' '))
            *to++ = blank ? ' ' : *at;
    }
    if (copy != NULL)
        *to = 0;
    return copy;
}

static const char *
value_of(enum einvoice_value kind, const char *text, struct arena *arena)
{
    return kind == EINVOICE_AMOUNT ? amount_of(text, arena) : kind == EINVOICE_DATE ? date_of(text, arena)
                                                                                     : text_of(text, arena);
}

enum rc
einvoice_add(const struct einvoice_row *row, const char *text, struct arena *arena, struct witness *out)
{
    return text == NULL ? RC_OK : witness_add(out, arena, row->field, value_of(row->value, text, arena), row->force,
                                              STATEMENT_WHOLE);
}

static enum rc
add_row(const struct einvoice_row *row, const struct xml_node *root, struct arena *arena, struct witness *out)
{
    const struct xml_node *at = NULL;
    const char *text;
    enum rc rc = RC_OK;

    for (int i = 0; rc == RC_OK && i < ALTERNATIVES && (text = xml_value(root, row->path, &at)) != NULL; i++)
        rc = einvoice_add(row, text, arena, out);
    return rc;
}

/* "19.00" is tax_base_19, "5.5" is tax_base_5_5: as the forms name them. */
static enum rc
add_rate(const char *what, const char *rate, const char *amount, struct arena *arena, struct witness *out)
{
    const char *percent = amount_of(rate, arena), *value = amount != NULL ? amount_of(amount, arena) : NULL;
    char *name;

    if (percent == NULL || value == NULL || (name = arena_printf(arena, "%s_%s", what, percent)) == NULL)
        return RC_OK;
    for (size_t n = strlen(name); n > 0 && (name[n - 1] == '0' || name[n - 1] == '.'); n--) {
        bool point = name[n - 1] == '.';

        name[n - 1] = 0;
        if (point)
            break;
    }
    for (char *c = name; *c != 0; c++)
        if (*c == '.')
            *c = '_';
    return witness_states(out, arena, name, value);
}

static enum rc
add_rates(const struct einvoice_rates *r, const struct xml_node *root, struct arena *arena, struct witness *out)
{
    const struct xml_node *group = NULL;
    enum rc rc = RC_OK;

    for (int i = 0; rc == RC_OK && i < RATES_MAX && (group = xml_find(root, r->group, group)) != NULL; i++) {
        const struct xml_node *at = NULL;
        const char *rate = xml_value(group, r->rate, &at), *base, *amount;

        if (rate == NULL)
            continue;
        at = NULL;
        base = xml_value(group, r->base, &at);
        at = NULL;
        amount = xml_value(group, r->amount, &at);
        if ((rc = add_rate("tax_base", rate, base, arena, out)) == RC_OK)
            rc = add_rate("tax_amount", rate, amount, arena, out);
    }
    return rc;
}

enum rc
einvoice_read(struct bytes bytes, struct arena *arena, struct witness *out, enum reason *why)
{
    const struct einvoice_kind *kind;
    const struct xml_node *first;
    struct xml_node *root;
    enum rc rc = xml_read(bytes, arena, &root, why);

    *out = (struct witness){ .source = WITNESS_EINVOICE, .kind = "" };
    if (rc != RC_OK || *why != REASON_NONE)
        return rc;
    if ((kind = kind_of(root)) == NULL) {
        *why = REASON_UNKNOWN_FORMAT;
        return RC_OK;
    }
    out->kind = kind->name;
    if (kind->single != NULL && (first = xml_find(root, kind->single, NULL)) != NULL &&
        xml_find(root, kind->single, first) != NULL) {
        *why = REASON_FORMAT_REFUSED;
        return RC_OK;
    }
    for (unsigned i = 0; rc == RC_OK && i < kind->count; i++)
        rc = add_row(&kind->rows[i], root, arena, out);
    if (rc == RC_OK && kind->more != NULL)
        rc = kind->more(root, arena, out);
    if (rc == RC_OK && kind->rates.group != NULL)
        rc = add_rates(&kind->rates, root, arena, out);
    if (rc == RC_LIMIT) /* what came first is what matters most */
        rc = RC_OK;
    if (rc == RC_OK && out->count == 0)
        *why = REASON_UNKNOWN_FORMAT;
    return rc;
}

enum rc
einvoice_emit(const struct job *job, const struct witness *witness)
{
    struct buffer b;
    enum rc rc;

    buffer_init(&b, WITNESS_BYTES_MAX);
    witness_write(&b, witness);
    rc = b.failed ? RC_LIMIT : job->emit(job->to, ARTIFACT_WITNESS, 0, buffer_bytes(&b));
    buffer_done(&b);
    return rc;
}

enum rc
einvoice_run(const struct job *job, struct result *result)
{
    const struct artifact *original = artifact_find(&job->given, ARTIFACT_ORIGINAL, 0);
    struct witness witness;
    enum reason why;
    enum rc rc;

    if (original == NULL)
        return RC_BUG;
    if (original->bytes.size == 0)
        return reject(result, REASON_EMPTY_FILE, 0);
    if ((rc = einvoice_read(original->bytes, job->arena, &witness, &why)) != RC_OK)
        return rc;
    if (why != REASON_NONE)
        return reject(result, why, why == REASON_FILE_TOO_LARGE ? XML_BYTES_MAX >> 20 : 0);
    return einvoice_emit(job, &witness);
}
