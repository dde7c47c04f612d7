/*
 * payload_afip.c - Argentina: the address with a base64 JSON on electronic vouchers.
 *
 * Resolución General AFIP 4892/2020, "Especificaciones del código QR", version 1: one flat object of
 * numbers and texts.  It is read by a reader of its own: flat, no escape but the plain ones, nothing nested.
 */
#include "payload_kinds.h"

#include <ctype.h>
#include <string.h>

#include "doc/checkdigit.h"

#define MEMBERS_MAX 24
#define VALUE_MAX 64

struct member {
    char name[24];
    char value[VALUE_MAX];
};

struct flat {
    struct member members[MEMBERS_MAX];
    unsigned count;
};

static int
base64_digit(char c)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at;

    if (c == '-')
        return 62;
    if (c == '_')
        return 63;
    if (c == ' ')
        c = '+'; /* some readers of addresses make blanks of plus signs */
    at = c != 0 ? strchr(digits, c) : NULL;
    return at != NULL ? (int)(at - digits) : -1;
}

/* The decoded text, or NULL. */
static char *
base64_text(const char *from, struct arena *arena)
{
    size_t size = strlen(from), n = 0;
    char *out = arena_alloc(arena, size + 1);
    unsigned bits = 0, held = 0;

    if (out == NULL)
        return NULL;
    while (size > 0 && from[size - 1] == '=')
        size--;
    for (size_t i = 0; i < size; i++) {
        int digit = base64_digit(from[i]);

        if (digit < 0)
            return NULL;
        held = held << 6 | (unsigned)digit;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            out[n++] = (char)(held >> bits & 0xff);
        }
    }
    out[n] = 0;
    return strlen(out) == n ? out : NULL;
}

static void
skip(const char **at)
{
    *at += strspn(*at, " \t\r\n");
}

static bool
take_string(const char **at, char *out, size_t room)
{
    size_t n = 0;

    if (**at != '"')
        return false;
    for ((*at)++; **at != '"'; (*at)++) {
        if ((unsigned char)**at < 0x20 || n + 1 == room)
            return false;
        if (**at == '\\' && (*++*at == 0 || strchr("\"\\/", **at) == NULL))
            return false;
        out[n++] = **at;
    }
    (*at)++;
    out[n] = 0;
    return true;
}

static bool
take_bare(const char **at, char *out, size_t room)
{
    size_t n = strspn(*at, "+-.0123456789eEaflnrstu"); /* numbers, true, false, null */

    if (n == 0 || n >= room)
        return false;
    memcpy(out, *at, n);
    out[n] = 0;
    *at += n;
    return true;
}

static bool
take_flat(const char *at, struct flat *out)
{
    out->count = 0;
    skip(&at);
    if (*at++ != '{')
        return false;
    for (;;) {
        struct member *m = &out->members[out->count];

        skip(&at);
        if (out->count == MEMBERS_MAX || !take_string(&at, m->name, sizeof m->name))
            return false;
        skip(&at);
        if (*at++ != ':')
            return false;
        skip(&at);
        if (!(*at == '"' ? take_string(&at, m->value, VALUE_MAX) : take_bare(&at, m->value, VALUE_MAX)))
            return false;
        for (unsigned i = 0; i < out->count; i++)
            if (strcasecmp(out->members[i].name, m->name) == 0)
                return false;
        out->count++;
        skip(&at);
        if (*at == '}')
            break;
        if (*at++ != ',')
            return false;
    }
    at++;
    skip(&at);
    return *at == 0;
}

static const char *
get(const struct flat *flat, const char *name)
{
    for (unsigned i = 0; i < flat->count; i++)
        if (strcasecmp(flat->members[i].name, name) == 0)
            return flat->members[i].value;
    return "";
}

/* AFIP's own codes of currencies, those that our forms know. */
static const char *
currency_of(const char *code)
{
    static const struct {
        const char *afip, *iso;
    } rows[] = { { "PES", "ARS" }, { "DOL", "USD" }, { "060", "EUR" }, { "012", "BRL" }, { "011", "UYU" } };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strcmp(rows[i].afip, code) == 0)
            return rows[i].iso;
    return NULL;
}

/* Kinds of identity: 80 CUIT, 86 CUIL, 96 DNI; 99 and 0 name nobody. */
static bool
buyer_of(const struct flat *f, const char **out)
{
    const char *kind = get(f, "tipoDocRec"), *number = get(f, "nroDocRec");
    bool cuit = strcmp(kind, "80") == 0 || strcmp(kind, "86") == 0;

    *out = NULL;
    if (kind[0] == 0 && number[0] == 0)
        return true;
    if (!payload_digits(kind, 1, 2) || !payload_digits(number, 1, 20))
        return false;
    if (cuit && checkdigit_check("ar_cuit", number) != CHECKDIGIT_GOOD)
        return false;
    *out = cuit || strcmp(kind, "96") == 0 ? number : NULL;
    return true;
}

enum rc
payload_afip(const char *text, struct arena *arena, struct witness *out)
{
    static const char *const hosts[] = { "www.afip.gob.ar", "afip.gob.ar", "www.arca.gob.ar", "arca.gob.ar",
                                         "serviciosweb.afip.gob.ar", NULL };
    const char *json, *date, *total, *buyer, *rate, *given;
    struct flat f;
    struct url url;
    enum rc rc = url_split(text, arena, &url);

    if (rc == RC_OK || rc == RC_INPUT)
        rc = !url_is(&url, hosts, NULL) || strncasecmp(url.path, "/fe/qr", 6) != 0 ? RC_NOT_FOUND : rc;
    if (rc != RC_OK)
        return rc;
    if ((given = url_get(&url, "p")) == NULL || (json = base64_text(given, arena)) == NULL || !take_flat(json, &f))
        return RC_INPUT;
    if (strcmp(get(&f, "ver"), "1") != 0 || !payload_date(get(&f, "fecha"), "YYYY-MM-DD", arena, &date) ||
        checkdigit_check("ar_cuit", get(&f, "cuit")) != CHECKDIGIT_GOOD || !payload_digits(get(&f, "ptoVta"), 1, 5) ||
        !payload_digits(get(&f, "tipoCmp"), 1, 3) || !payload_digits(get(&f, "nroCmp"), 1, 8) ||
        !payload_amount(get(&f, "importe"), 13, 2, arena, &total) || strlen(get(&f, "moneda")) != 3 ||
        !payload_amount(get(&f, "ctz"), 13, 6, arena, &rate) || !buyer_of(&f, &buyer) ||
        !payload_digits(get(&f, "codAut"), 14, 14) ||
        (strcmp(get(&f, "tipoCodAut"), "E") != 0 && strcmp(get(&f, "tipoCodAut"), "A") != 0))
        return RC_INPUT;
    if ((rc = witness_states(out, arena, "issue_date", date)) != RC_OK ||
        (rc = witness_states(out, arena, "seller_tax_id", get(&f, "cuit"))) != RC_OK ||
        (rc = witness_states(out, arena, "buyer_tax_id", buyer)) != RC_OK ||
        (rc = witness_states(out, arena, "grand_total", total)) != RC_OK ||
        (rc = witness_states(out, arena, "currency", currency_of(get(&f, "moneda")))) != RC_OK)
        return rc;
    /* printed 0001-00000042 or 00001-00000042, or the point of sale apart */
    rc = witness_add(out, arena, "invoice_number", arena_printf(arena, "%s-%s", get(&f, "ptoVta"), get(&f, "nroCmp")),
                     STATEMENT_STATES, STATEMENT_NUMBERS);
    if (rc != RC_OK)
        return rc;
    return witness_add(out, arena, "invoice_number", get(&f, "nroCmp"), STATEMENT_STATES, STATEMENT_NUMBERS);
}
