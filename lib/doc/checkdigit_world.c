/*
 * checkdigit_world.c - numbers without a country: IBAN, ISO 11649, GTIN, Luhn, UUID, LOINC.
 *
 * Lengths and shapes are those of the IBAN registry (SWIFT); a Spanish IBAN also holds an account number
 * with two check digits of its own.
 */
#include "checkdigit_kinds.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/rc.h"

/* The country, and what follows the check digits: n digits, a capital letters, c either. */
static const struct { char country[3]; const char *bban; } ibans[] = {
    { "AD", "8n12c" }, { "AE", "19n" }, { "AL", "8n16c" }, { "AT", "16n" }, { "AZ", "4a20c" },
    { "BA", "16n" }, { "BE", "12n" }, { "BG", "4a6n8c" }, { "BH", "4a14c" }, { "BI", "23n" },
    { "BR", "23n1a1c" }, { "BY", "4c4n16c" }, { "CH", "5n12c" }, { "CR", "18n" },
    { "CY", "8n16c" }, { "CZ", "20n" }, { "DE", "18n" }, { "DJ", "23n" }, { "DK", "14n" },
    { "DO", "4c20n" }, { "EE", "16n" }, { "EG", "25n" }, { "ES", "20n" }, { "FI", "14n" },
    { "FK", "2a12n" }, { "FO", "14n" }, { "FR", "10n11c2n" }, { "GB", "4a14n" },
    { "GE", "2a16n" }, { "GI", "4a15c" }, { "GL", "14n" }, { "GR", "7n16c" }, { "GT", "24c" },
    { "HN", "4a20n" }, { "HR", "17n" }, { "HU", "24n" }, { "IE", "4a14n" }, { "IL", "19n" },
    { "IQ", "4a15n" }, { "IS", "22n" }, { "IT", "1a10n12c" }, { "JO", "4a4n18c" },
    { "KW", "4a22c" }, { "KZ", "3n13c" }, { "LB", "4n20c" }, { "LC", "4a24c" }, { "LI", "5n12c" },
    { "LT", "16n" }, { "LU", "3n13c" }, { "LV", "4a13c" }, { "LY", "21n" }, { "MC", "10n11c2n" },
    { "MD", "20c" }, { "ME", "18n" }, { "MK", "3n10c2n" }, { "MN", "16n" }, { "MR", "23n" },
    { "MT", "4a5n18c" }, { "MU", "4a19n3a" }, { "NI", "4a20n" }, { "NL", "4a10n" },
    { "NO", "11n" }, { "OM", "3n16c" }, { "PK", "4a16c" }, { "PL", "24n" }, { "PS", "4a21c" },
    { "PT", "21n" }, { "QA", "4a21c" }, { "RO", "4a16c" }, { "RS", "18n" }, { "RU", "14n15c" },
    { "SA", "2n18c" }, { "SC", "4a20n3a" }, { "SD", "14n" }, { "SE", "20n" }, { "SI", "15n" },
    { "SK", "20n" }, { "SM", "1a10n12c" }, { "SO", "19n" }, { "ST", "21n" }, { "SV", "4a20n" },
    { "TL", "19n" }, { "TN", "20n" }, { "TR", "6n16c" }, { "UA", "6n19c" }, { "VA", "18n" },
    { "VG", "4a16n" }, { "XK", "16n" }, { "YE", "4a4n18c" },
};

static bool
mod97_moved(const char *s)
{
    char moved[64];

    if (snprintf(moved, sizeof moved, "%s%.4s", s + 4, s) >= (int)sizeof moved)
        return false;
    return cd_mod97(moved) == 1;
}

static bool
has_shape(const char *s, const char *bban)
{
    while (*bban != '\0') {
        char *end;
        long count = strtol(bban, &end, 10);

        for (; count > 0; count--, s++)
            if (!((isdigit((unsigned char)*s) && *end != 'a') || (isupper((unsigned char)*s) && *end != 'n')))
                return false;
        bban = end + 1;
    }
    return *s == '\0';
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

            if (!has_shape(s + 4, ibans[i].bban) || !mod97_moved(s))
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

/* ISO 7064: whatever it numbers, the last two digits make the rest one. */
static bool
mod_97_10(const char *s)
{
    return strlen(s) >= 3 && cd_mod97(s) == 1;
}

/* A bank: ISO 9362. */
static bool
bic(const char *s)
{
    size_t n = strlen(s);

    if (n != 8 && n != 11)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isupper((unsigned char)s[i]) && !(i >= 6 && isdigit((unsigned char)s[i])))
            return false;
    return true;
}

const struct checkdigit_kind checkdigit_world[] = {
    { "iban", true, cd_iban, "" },       { "iso11649", true, iso11649, "" }, { "gtin", true, gtin, "" },
    { "luhn", true, cd_luhn, "" },       { "uuid", false, uuid, "" },        { "hex96", false, hex96, "" },
    { "mod_97_10", true, mod_97_10, "" }, { "bic", false, bic, "" },
    { "loinc", true, loinc, "" },        { NULL, false, NULL, NULL },
};
