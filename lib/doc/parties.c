/*
 * parties.c - a client's own names and numbers: their codec, and whether a paper means one of them.
 */
#include "doc/parties.h"

#include <ctype.h>
#include <string.h>

#include "doc/lexicon.h"
#include "doc/value.h"

#define VERSION 1
#define WORDS_MAX 24
#define WORD_ROOM 64
#define LEAST_LETTERS 4 /* of a name that may stand among other words */

static const char *const kind_names[PARTY_KINDS] = { "name", "tax-id", "ein", "npi" };

const char *
party_kind_name(unsigned kind)
{
    return kind < PARTY_KINDS ? kind_names[kind] : NULL;
}

enum party_kind
party_kind_find(const char *name)
{
    unsigned i = 0;

    while (i < PARTY_KINDS && strcmp(kind_names[i], name) != 0)
        i++;
    return (enum party_kind)i;
}

void
parties_write(struct buffer *b, const struct parties *parties)
{
    write_u8(b, VERSION);
    write_u32(b, parties->count);
    for (uint32_t i = 0; i < parties->count; i++) {
        write_u8(b, (uint8_t)parties->items[i].kind);
        write_text(b, parties->items[i].value);
    }
}

enum rc
parties_read(struct bytes bytes, struct arena *arena, struct parties *out)
{
    struct reader r = reader_from(bytes);

    if (read_u8(&r) != VERSION)
        return RC_INPUT;
    out->count = read_count(&r, PARTIES_MAX);
    if ((out->items = arena_array(arena, out->count, sizeof *out->items)) == NULL)
        return RC_NOMEM;
    for (uint32_t i = 0; i < out->count && reader_ok(&r); i++) {
        uint8_t kind = read_u8(&r);

        if (kind >= PARTY_KINDS)
            reader_fail(&r);
        out->items[i] = (struct party){ (enum party_kind)kind, read_text(&r, PARTY_VALUE_MAX + 1, arena) };
    }
    return reader_finished(&r) ? RC_OK : RC_INPUT;
}

bool
parties_have(const struct parties *parties, bool names)
{
    for (uint32_t i = 0; i < parties->count; i++)
        if ((parties->items[i].kind == PARTY_NAME) == names)
            return true;
    return false;
}

/* ---- numbers ------------------------------------------------------------------------------ */

static const char *
without_country(const char *key)
{
    return isalpha((unsigned char)key[0]) && isalpha((unsigned char)key[1]) && strlen(key) > 8 ? key + 2 : key;
}

static bool
same_id(const char *a, const char *b)
{
    char x[80], y[80];

    if (value_key(a, x, sizeof x) == 0 || value_key(b, y, sizeof y) == 0)
        return false;
    return strcmp(x, y) == 0 || strcmp(without_country(x), y) == 0 || strcmp(x, without_country(y)) == 0;
}

bool
parties_know_id(const struct parties *parties, const char *value)
{
    for (uint32_t i = 0; i < parties->count; i++)
        if (parties->items[i].kind != PARTY_NAME && same_id(parties->items[i].value, value))
            return true;
    return false;
}

/* ---- names -------------------------------------------------------------------------------- */

struct words {
    char word[WORDS_MAX][WORD_ROOM];
    unsigned count;
};

static bool
is_form(const char *word)
{
    static const char *const forms[] = {
        "sl", "slu", "slp", "sa", "sau", "sal", "sll", "sc", "scp", "coop", "cb", "ute", "inc", "incorporated", "corp",
        "corporation", "co", "company", "llc", "llp", "lp", "ltd", "limited", "plc", "gmbh", "ag", "kg", "ohg", "ug",
        "ev", "sarl", "sas", "sasu", "eurl", "srl", "spa", "bv", "nv", "oy", "ab", "as", "sadecv", "cv", "sapi", "ltda",
        "eirl", "sac", "sdn", "bhd", "pty", "pc", "de", "rl", "the",
    };

    for (size_t i = 0; i < COUNT_OF(forms); i++)
        if (strcmp(forms[i], word) == 0)
            return true;
    return false;
}

/* The words of a name, folded, without those for its legal form.  "S.L." is one word, and so is "S. L.". */
static void
split(const char *text, struct words *out)
{
    char raw[WORD_ROOM], single[WORD_ROOM] = "";
    size_t n;

    out->count = 0;
    for (;;) {
        text += strspn(text, " \t\n,;:()\"'-/&");
        n = strcspn(text, " \t\n,;:()\"'-/&");
        if (n == 0 && *text == '\0')
            break;
        if (n >= sizeof raw)
            n = sizeof raw - 1;
        memcpy(raw, text, n);
        raw[n] = '\0';
        text += n;
        if (out->count == WORDS_MAX || lexicon_fold(raw, out->word[out->count], WORD_ROOM) == 0)
            continue;
        /* letters that stand alone are put together: "S. L." */
        if (strlen(out->word[out->count]) == 1 && strlen(single) < 6) {
            strncat(single, out->word[out->count], 2);
            if (is_form(single)) {
                unsigned letters = (unsigned)strlen(single) - 1;

                out->count -= letters <= out->count ? letters : out->count;
                single[0] = '\0';
                continue;
            }
        } else {
            single[0] = '\0';
        }
        if (out->count > 0 && is_form(out->word[out->count]))
            continue;
        out->count++;
    }
}

static size_t
join(const struct words *w, unsigned from, unsigned count, char *out, size_t room)
{
    size_t n = 0;

    for (unsigned i = from; i < from + count; i++)
        for (const char *p = w->word[i]; *p != '\0' && n + 1 < room; p++)
            out[n++] = *p;
    out[n] = '\0';
    return n;
}

/* Is ours what stands in theirs from some word on? */
static bool
name_within(const struct words *ours, const struct words *paper)
{
    char a[400], b[400];
    size_t na = join(ours, 0, ours->count, a, sizeof a), nb;

    if (na == 0)
        return false;
    for (unsigned from = 0; from < paper->count; from++)
        for (unsigned count = 1; from + count <= paper->count; count++) {
            bool whole = from == 0 && count == paper->count;
            double allowed = lexicon_allowance(na);

            if (!whole && na < LEAST_LETTERS)
                continue;
            nb = join(paper, from, count, b, sizeof b);
            if (nb > na + 4 || na > nb + 4)
                continue;
            if (lexicon_distance(a, na, b, nb, allowed) <= allowed)
                return true;
        }
    return false;
}

bool
parties_know_name(const struct parties *parties, const char *text)
{
    struct words paper, ours;

    split(text, &paper);
    for (uint32_t i = 0; i < parties->count; i++) {
        if (parties->items[i].kind != PARTY_NAME)
            continue;
        split(parties->items[i].value, &ours);
        if (name_within(&ours, &paper))
            return true;
    }
    return false;
}

bool
party_same(const struct party *a, const struct party *b)
{
    char x[400], y[400];
    struct words wa, wb;

    if ((a->kind == PARTY_NAME) != (b->kind == PARTY_NAME))
        return false;
    if (a->kind != PARTY_NAME)
        return a->kind == b->kind && same_id(a->value, b->value);
    split(a->value, &wa);
    split(b->value, &wb);
    (void)join(&wa, 0, wa.count, x, sizeof x);
    (void)join(&wb, 0, wb.count, y, sizeof y);
    return strcmp(x, y) == 0;
}

/* ---- twins --------------------------------------------------------------------------------- */

void
twins_write(struct buffer *b, const struct twins *twins)
{
    write_u8(b, VERSION);
    write_u32(b, twins->count);
    for (uint32_t i = 0; i < twins->count; i++) {
        write_text(b, twins->items[i].field);
        write_text(b, twins->items[i].text);
    }
}

enum rc
twins_read(struct bytes bytes, struct arena *arena, struct twins *out)
{
    struct reader r = reader_from(bytes);

    if (read_u8(&r) != VERSION)
        return RC_INPUT;
    out->count = read_count(&r, TWINS_MAX);
    for (uint32_t i = 0; i < out->count && reader_ok(&r); i++) {
        out->items[i].field = read_text(&r, 128, arena);
        out->items[i].text = read_text(&r, TWIN_TEXT_MAX, arena);
    }
    return reader_finished(&r) ? RC_OK : RC_INPUT;
}
