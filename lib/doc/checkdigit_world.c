/*
 * checkdigit_world.c - numbers without a country: IBAN, ISO 11649, GTIN, Luhn, UUID, LOINC.
 *
 * Lengths are those of the IBAN registry (SWIFT); a Spanish IBAN also holds an account number
 * with two check digits of its own.
 */
#include "checkdigit_kinds.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rc.h"

/* Country and length of the whole IBAN. */
static const struct { char country[3]; unsigned char length; } ibans[] = {
    { "AD", 24 }, { "AE", 23 }, { "AL", 28 }, { "AT", 20 }, { "AZ", 28 }, { "BA", 20 }, { "BE", 16 },
    { "BG", 22 }, { "BH", 22 }, { "BI", 27 }, { "BR", 29 }, { "BY", 28 }, { "CH", 21 }, { "CR", 22 },
    { "CY", 28 }, { "CZ", 24 }, { "DE", 22 }, { "DJ", 27 }, { "DK", 18 }, { "DO", 28 }, { "EE", 20 },
    { "EG", 29 }, { "ES", 24 }, { "FI", 18 }, { "FK", 18 }, { "FO", 18 }, { "FR", 27 }, { "GB", 22 },
    { "GE", 22 }, { "GI", 23 }, { "GL", 18 }, { "GR", 27 }, { "GT", 28 }, { "HN", 28 }, { "HR", 21 },
    { "HU", 28 }, { "IE", 22 }, { "IL", 23 }, { "IQ", 23 }, { "IS", 26 }, { "IT", 27 }, { "JO", 30 },
    { "KW", 30 }, { "KZ", 20 }, { "LB", 28 }, { "LC", 32 }, { "LI", 21 }, { "LT", 20 }, { "LU", 20 },
    { "LV", 21 }, { "LY", 25 }, { "MC", 27 }, { "MD", 24 }, { "ME", 22 }, { "MK", 19 }, { "MN", 20 },
    { "MR", 27 }, { "MT", 31 }, { "MU", 30 }, { "NI", 28 }, { "NL", 18 }, { "NO", 15 }, { "OM", 23 },
    { "PK", 24 }, { "PL", 28 }, { "PS", 29 }, { "PT", 25 }, { "QA", 29 }, { "RO", 24 }, { "RS", 22 },
    { "RU", 33 }, { "SA", 24 }, { "SC", 31 }, { "SD", 18 }, { "SE", 24 }, { "SI", 19 }, { "SK", 24 },
    { "SM", 27 }, { "SO", 23 }, { "ST", 25 }, { "SV", 28 }, { "TL", 23 }, { "TN", 24 }, { "TR", 26 },
    { "UA", 29 }, { "VA", 22 }, { "VG", 24 }, { "XK", 20 }, { "YE", 30 },
};

static bool
mod97_moved(const char *s)
{
    char moved[64];

    if (snprintf(moved, sizeof moved, "%s%.4s", s + 4, s) >= (int)sizeof moved)
        return false;
    return cd_mod97(moved) == 1;
}

bool
cd_iban(const char *s)
{
    size_t n = strlen(s);

    if (n < 15 || n > 34 || !isdigit((unsigned char)s[2]) || !isdigit((unsigned char)s[3]))
        return false;
    for (size_t i = 0; i < COUNT_OF(ibans); i++)
        if (strncmp(ibans[i].country, s, 2) == 0) {
            const struct checkdigit_kind *ccc = checkdigit_find("es_ccc");

            if (n != ibans[i].length || !mod97_moved(s))
                return false;
            return strncmp(s, "ES", 2) != 0 || ccc == NULL || ccc->good(s + 4);
        }
    return false;
}

static bool
iso11649(const char *s)
{
    size_t n = strlen(s);

    return n >= 5 && n <= 25 && strncmp(s, "RF", 2) == 0 && mod97_moved(s);
}

static bool
gtin(const char *s)
{
    size_t n = strlen(s);
    int sum = 0;

    if (!cd_all_digits(s, 0) || (n != 8 && n != 12 && n != 13 && n != 14))
        return false;
    for (size_t i = 0; i < n; i++)
        sum += (s[n - 1 - i] - '0') * (i % 2 == 1 ? 3 : 1);
    return sum % 10 == 0;
}

static bool
uuid(const char *s)
{
    return strlen(s) == 32 && s[strspn(s, "0123456789ABCDEF")] == '\0';
}

static bool
hex96(const char *s)
{
    return strlen(s) == 96 && s[strspn(s, "0123456789ABCDEF")] == '\0';
}

/* LOINC: the last digit makes the Luhn sum. */
static bool
loinc(const char *s)
{
    size_t n = strlen(s);

    return n >= 2 && n <= 8 && cd_luhn(s);
}

const struct checkdigit_kind checkdigit_world[] = {
    { "iban", true, cd_iban, "" },       { "iso11649", true, iso11649, "" }, { "gtin", true, gtin, "" },
    { "luhn", true, cd_luhn, "" },       { "uuid", false, uuid, "" },        { "hex96", false, hex96, "" },
    { "loinc", true, loinc, "" },        { NULL, false, NULL, NULL },
};
