/* second_language.c - the table of character n-grams: loaded, and asked. */
#include "second_language.h"

#include <string.h>
#include <zlib.h>

#include "base/codec.h"

#define FIRST "ESCRLM1\n"
#define ORDER_MAX 8
#define SLOTS_MAX (1u << 20)
#define ENTRY 4
#define BITS 6
#define SPREAD 0x9e3779b97f4a7c15u /* odd, near 2^64 over the golden ratio (Knuth, volume 3, 6.4) */

__asm__(".section .rodata\n"
        ".balign 64\n"
        ".global second_language_weights\n"
        "second_language_weights:\n"
        ".incbin \"" SECOND_LANGUAGE_FILE "\"\n"
        ".global second_language_weights_end\n"
        "second_language_weights_end:\n"
        ".byte 0\n"
        ".previous\n");

static bool
load_letters(struct reader *r, struct language *l)
{
    const uint32_t count = read_count(r, LANGUAGE_SYMBOLS - LANGUAGE_FIRST);

    l->symbols = LANGUAGE_FIRST + count;
    for (uint32_t i = 0; i < count; i++)
        l->letters[LANGUAGE_FIRST + i] = read_u32(r);
    return reader_ok(r) && count > 0;
}

enum rc
language_load(struct bytes file, struct language *language)
{
    struct language l = { .symbols = 0 };
    struct reader r, tail;
    const uint8_t *first;

    *language = l;
    if (file.size < 16)
        return RC_INPUT;
    tail = reader_from(bytes_of(file.data + file.size - 4, 4));
    l.crc = read_u32(&tail);
    if (l.crc != (uint32_t)crc32(0, file.data, (uInt)(file.size - 4)))
        return RC_INPUT;
    r = reader_from(bytes_of(file.data, file.size - 4));
    first = read_raw(&r, sizeof FIRST - 1);
    if (first == NULL || memcmp(first, FIRST, sizeof FIRST - 1) != 0 || !load_letters(&r, &l))
        return RC_INPUT;
    l.order = read_u32(&r);
    l.slots = read_u32(&r);
    if (l.order < 1 || l.order > ORDER_MAX || l.slots < 16 || l.slots > SLOTS_MAX || (l.slots & (l.slots - 1)) != 0 ||
        (l.table = read_raw(&r, (size_t)l.slots * ENTRY)) == NULL || !reader_finished(&r))
        return RC_INPUT;
    for (l.shift = 64; 1u << (64 - l.shift) < l.slots;)
        l.shift--;
    *language = l;
    return RC_OK;
}

static uint32_t
capital(uint32_t c)
{
    if (c >= 'a' && c <= 'z')
        return c - 0x20;
    if (c >= 0xe0 && c <= 0xfe && c != 0xf7)
        return c - 0x20;
    return c;
}

unsigned
language_symbol(const struct language *language, uint32_t c)
{
    if (c == ' ')
        return LANGUAGE_BLANK;
    if (c >= '0' && c <= '9')
        return LANGUAGE_DIGIT;
    c = capital(c);
    for (unsigned i = LANGUAGE_FIRST; i < language->symbols; i++)
        if (language->letters[i] == c)
            return i;
    return LANGUAGE_OTHER;
}

language_past
language_push(const struct language *language, language_past past, unsigned symbol)
{
    const uint64_t kept = ((uint64_t)1 << (BITS * (language->order - 1))) - 1;

    if ((symbol == LANGUAGE_DIGIT || symbol == LANGUAGE_BLANK) && past % LANGUAGE_SYMBOLS == symbol)
        return past; /* learnt so: a number is one digit */
    return (past << BITS | symbol) & kept;
}

/* The entry of an n-gram, or NULL. */
static const uint8_t *
find(const struct language *l, uint64_t gram)
{
    const uint64_t mixed = (gram ^ gram >> 23) * SPREAD;
    const unsigned check = (unsigned)(mixed & 0xffff) | 1;
    uint32_t at = (uint32_t)(mixed >> l->shift);

    for (uint32_t i = 0; i < l->slots; i++, at = (at + 1) & (l->slots - 1)) {
        const uint8_t *entry = l->table + (size_t)at * ENTRY;
        const unsigned has = (unsigned)(entry[0] | entry[1] << 8);

        if (has == check)
            return entry;
        if (has == 0)
            break;
    }
    return NULL;
}

unsigned
language_cost(const struct language *language, language_past past, unsigned symbol)
{
    unsigned cost = 0;

    for (unsigned n = language->order; n >= 1; n--) {
        const uint64_t before = past & (((uint64_t)1 << (BITS * (n - 1))) - 1);
        const uint8_t *entry = NULL;

        if (n > 1 && before >> (BITS * (n - 2)) == 0) /* not so much has been read */
            continue;
        if ((entry = find(language, before << BITS | symbol)) != NULL) {
            cost += entry[2];
            return cost < LANGUAGE_COST_MAX ? cost : LANGUAGE_COST_MAX;
        }
        if (n > 1 && (entry = find(language, before)) != NULL)
            cost += entry[3];
    }
    return LANGUAGE_COST_MAX;
}

/* The next character of UTF-8 text, which is known to be sound. */
static uint32_t
next_of(const unsigned char **at)
{
    const unsigned char *c = *at;
    unsigned more = c[0] < 0xc0 ? 0 : c[0] < 0xe0 ? 1 : c[0] < 0xf0 ? 2 : 3;
    uint32_t out = more == 0 ? c[0] : c[0] & (0x3fu >> more);

    *at = c + 1;
    while (more-- > 0 && (**at & 0xc0) == 0x80)
        out = out << 6 | (*(*at)++ & 0x3f);
    return out;
}

double
language_strangeness(const struct language *language, const char *text)
{
    const unsigned char *at = (const unsigned char *)text;
    language_past past = language_push(language, 0, LANGUAGE_BLANK);
    unsigned sum = 0, letters = 0;

    while (language->slots > 0 && *at != '\0') {
        const unsigned symbol = language_symbol(language, next_of(&at));

        if (symbol >= LANGUAGE_FIRST) {
            sum += language_cost(language, past, symbol);
            letters++;
        }
        past = language_push(language, past, symbol);
    }
    /* that a word ends there is strange, too: "VA" of "IVA" */
    if (letters > 0)
        sum += language_cost(language, past, LANGUAGE_BLANK);
    return letters > 0 ? (double)sum / LANGUAGE_STEP / (letters + 1) : 0;
}
