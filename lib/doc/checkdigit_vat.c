/*
 * checkdigit_vat.c - value added tax numbers of the European Union, by country.
 */
#include "checkdigit_kinds.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "base/rc.h"

/* Each takes what follows the country's two letters. */
struct vat {
    const char *country;
    bool (*good)(const char *s);
};

static long long
number(const char *s, unsigned count)
{
    long long n = 0;

    for (unsigned i = 0; i < count; i++)
        n = n * 10 + (s[i] - '0');
    return n;
}

/* Digits of a fixed count whose weighted sum leaves no rest. */
static bool
sums_to(const char *s, unsigned count, const int *w, int modulus)
{
    return cd_all_digits(s, count) && cd_weighted(s, w, count) % modulus == 0;
}

static bool
at(const char *s)
{
    int sum = 4;

    if (s[0] != 'U' || !cd_all_digits(s + 1, 8))
        return false;
    for (int i = 1; i <= 7; i++) {
        int d = (s[i] - '0') * (i % 2 == 0 ? 2 : 1);

        sum += d > 9 ? d - 9 : d;
    }
    return (10 - sum % 10) % 10 == s[8] - '0';
}

static bool
be(const char *s)
{
    unsigned n = (unsigned)strlen(s);

    /* Nine digits are an old number without its leading zero. */
    return (cd_all_digits(s, 9) || cd_all_digits(s, 10)) && 97 - number(s, n - 2) % 97 == number(s + n - 2, 2);
}

static bool
bg_company(const char *s)
{
    int c = 0;

    for (int i = 0; i < 8; i++)
        c += (s[i] - '0') * (i + 1);
    c %= 11;
    if (c == 10) {
        c = 0;
        for (int i = 0; i < 8; i++)
            c += (s[i] - '0') * (i + 3);
        c %= 11;
    }
    return c % 10 == s[8] - '0';
}

/* A person's number, a foreigner's, or another: three ways to weigh ten digits. */
static bool
bg(const char *s)
{
    static const int person[] = { 2, 4, 8, 5, 10, 9, 7, 3, 6 }, foreign[] = { 21, 19, 17, 13, 11, 9, 7, 3, 1 },
                     other[] = { 4, 3, 2, 7, 6, 5, 4, 3, 2 };
    int month, day;

    if (cd_all_digits(s, 9))
        return bg_company(s);
    if (!cd_all_digits(s, 10))
        return false;
    month = (int)number(s + 2, 2) % 20;
    day = (int)number(s + 4, 2);
    return (month >= 1 && month <= 12 && day >= 1 && day <= 31 && s[2] < '6' &&
            cd_weighted(s, person, 9) % 11 % 10 == s[9] - '0') ||
           cd_weighted(s, foreign, 9) % 10 == s[9] - '0' ||
           (11 - cd_weighted(s, other, 9) % 11) % 11 == s[9] - '0';
}

static bool
cy(const char *s)
{
    static const int odd[] = { 1, 0, 5, 7, 9, 13, 15, 17, 19, 21 };
    int sum = 0;

    if (strlen(s) != 9 || strspn(s, "0123456789") != 8 || strncmp(s, "12", 2) == 0)
        return false;
    for (int i = 0; i < 8; i++)
        sum += i % 2 == 0 ? odd[s[i] - '0'] : s[i] - '0';
    return s[8] == 'A' + sum % 26;
}

/* Companies have eight digits; persons their birth number, of which ten digits divide by eleven. */
static bool
cz(const char *s)
{
    static const int w[] = { 8, 7, 6, 5, 4, 3, 2 };

    if (cd_all_digits(s, 8)) {
        int c = (11 - cd_weighted(s, w, 7) % 11) % 11;

        return s[0] != '9' && (c == 0 ? 1 : c == 10 ? 0 : c) == s[7] - '0';
    }
    if (cd_all_digits(s, 9) && s[0] == '6') {
        int c = cd_weighted(s + 1, w, 7) % 11; /* persons without a birth number */

        return (8 - (10 - c) % 11 + 10) % 10 == s[8] - '0';
    }
    if (cd_all_digits(s, 9)) /* birth numbers before 1954 have no check digit */
        return number(s, 2) < 54;
    return cd_all_digits(s, 10) && (number(s, 10) % 11 == 0 || number(s, 9) % 11 % 10 == s[9] - '0');
}

/* ISO 7064, modulus 11, 10. */
static bool
de(const char *s)
{
    int p = 10;

    if (!cd_all_digits(s, 9) || s[0] == '0')
        return false;
    for (int i = 0; i < 8; i++) {
        int m = (s[i] - '0' + p) % 10;

        p = (m == 0 ? 10 : m) * 2 % 11;
    }
    return (11 - p) % 10 == s[8] - '0';
}

static bool
dk(const char *s)
{
    static const int w[] = { 2, 7, 6, 5, 4, 3, 2, 1 };

    return s[0] != '0' && sums_to(s, 8, w, 11);
}

static bool
ee(const char *s)
{
    static const int w[] = { 3, 7, 1, 3, 7, 1, 3, 7, 1 };

    return sums_to(s, 9, w, 10);
}

static bool
el(const char *s)
{
    static const int w[] = { 256, 128, 64, 32, 16, 8, 4, 2 };

    /* Eight digits are an old number without its leading zero. */
    if (cd_all_digits(s, 8))
        return cd_weighted(s, w + 1, 7) % 11 % 10 == s[7] - '0';
    return cd_all_digits(s, 9) && cd_weighted(s, w, 8) % 11 % 10 == s[8] - '0';
}

static bool
es(const char *s)
{
    return checkdigit_find("es_nif")->good(s);
}

static bool
fi(const char *s)
{
    static const int w[] = { 7, 9, 10, 5, 8, 4, 2, 1 };

    return sums_to(s, 8, w, 11);
}

/* Two characters and a SIREN; the characters may be letters but I and O. */
static bool
fr(const char *s)
{
    static const char alphabet[] = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ";
    const char *a = s[0] == '\0' ? NULL : strchr(alphabet, s[0]);
    const char *b = a == NULL || s[1] == '\0' ? NULL : strchr(alphabet, s[1]);
    long long siren;

    if (b == NULL || !cd_all_digits(s + 2, 9) || !(cd_luhn(s + 2) || strncmp(s + 2, "000", 3) == 0))
        return false;
    siren = number(s + 2, 9);
    if (isdigit((unsigned char)s[0]) && isdigit((unsigned char)s[1]))
        return number(s, 2) == (12 + 3 * (siren % 97)) % 97;
    long long c = isdigit((unsigned char)s[0]) ? (a - alphabet) * 24 + (b - alphabet) - 10
                                               : (a - alphabet) * 34 + (b - alphabet) - 100;
    return (siren + 1 + c / 11) % 11 == c % 11;
}

static bool
hr(const char *s)
{
    int p = 10;

    if (!cd_all_digits(s, 11))
        return false;
    for (int i = 0; i < 10; i++) {
        int m = (s[i] - '0' + p) % 10;

        p = (m == 0 ? 10 : m) * 2 % 11;
    }
    return (11 - p) % 10 == s[10] - '0';
}

static bool
hu(const char *s)
{
    static const int w[] = { 9, 7, 3, 1, 9, 7, 3, 1 };

    return sums_to(s, 8, w, 10);
}

static bool
ie(const char *s)
{
    static const char alphabet[] = "WABCDEFGHIJKLMNOPQRSTUV";
    char d[8] = "0000000";
    size_t n = strlen(s);
    int sum = 0;

    if (n < 8 || n > 9 || !isdigit((unsigned char)s[0]))
        return false;
    if (isdigit((unsigned char)s[1])) {
        memcpy(d, s, 7);
    } else {
        memcpy(d + 1, s + 2, 5); /* the old way: 8Z49289F is 0492898F */
        d[6] = s[0];
    }
    if (!cd_all_digits(d, 7))
        return false;
    for (int i = 0; i < 7; i++)
        sum += (d[i] - '0') * (8 - i);
    if (n == 9) {
        const char *p = strchr(alphabet, s[8]);

        if (p == NULL)
            return false;
        sum += 9 * (int)(p - alphabet);
    }
    return s[7] == alphabet[sum % 23];
}

static bool
it(const char *s)
{
    int office;

    if (!cd_all_digits(s, 11) || !cd_luhn(s) || number(s, 7) == 0)
        return false;
    office = (int)number(s + 7, 3);
    return (office >= 1 && office <= 100) || office == 120 || office == 121 || office == 888 || office == 999;
}

static bool
lt(const char *s)
{
    size_t n = strlen(s);
    int c = 0;

    if (!(cd_all_digits(s, 9) || cd_all_digits(s, 12)) || s[n - 2] != '1')
        return false;
    for (size_t i = 0; i + 1 < n; i++)
        c += (s[i] - '0') * (int)(1 + i % 9);
    c %= 11;
    if (c == 10) {
        c = 0;
        for (size_t i = 0; i + 1 < n; i++)
            c += (s[i] - '0') * (int)(1 + (i + 2) % 9);
        c %= 11;
    }
    return c % 10 == s[n - 1] - '0';
}

static bool
lu(const char *s)
{
    return cd_all_digits(s, 8) && number(s, 6) % 89 == number(s + 6, 2);
}

static bool
lv(const char *s)
{
    static const int company[] = { 9, 1, 4, 8, 3, 10, 2, 5, 7, 6, 1 }, person[] = { 10, 5, 8, 4, 2, 1, 6, 3, 7, 9 };

    if (!cd_all_digits(s, 11))
        return false;
    if (s[0] > '3')
        return cd_weighted(s, company, 11) % 11 == 3;
    return strncmp(s, "32", 2) == 0 || (1 + cd_weighted(s, person, 10)) % 11 % 10 == s[10] - '0';
}

static bool
mt(const char *s)
{
    static const int w[] = { 3, 4, 6, 7, 8, 9, 10, 1 };

    return s[0] != '0' && sums_to(s, 8, w, 37);
}

/* Nine digits, B and two digits: the old check modulo 11 or, since 2020, modulo 97 of it all. */
static bool
nl(const char *s)
{
    char whole[20] = "NL000000000";
    size_t n = strlen(s), body = n < 4 ? 0 : n - 3;
    int sum;

    /* Leading zeros are often left out. */
    if (body < 5 || body > 9 || s[body] != 'B' || strspn(s, "0123456789") != body || !cd_all_digits(s + body + 1, 2) ||
        strcmp(s + body + 1, "00") == 0)
        return false;
    memcpy(whole + 2 + 9 - body, s, n + 1);
    sum = -(whole[10] - '0');
    for (int i = 0; i < 8; i++)
        sum += (whole[2 + i] - '0') * (9 - i);
    return sum % 11 == 0 || cd_mod97(whole) == 1;
}

static bool
pl(const char *s)
{
    static const int w[] = { 6, 5, 7, 2, 3, 4, 5, 6, 7, -1 };

    return sums_to(s, 10, w, 11);
}

static bool
pt(const char *s)
{
    static const int w[] = { 9, 8, 7, 6, 5, 4, 3, 2 };

    return cd_all_digits(s, 9) && s[0] != '0' && (11 - cd_weighted(s, w, 8) % 11) % 11 % 10 == s[8] - '0';
}

static bool
ro(const char *s)
{
    static const int w[] = { 7, 5, 3, 2, 1, 7, 5, 3, 2 }, person[] = { 2, 7, 9, 1, 4, 6, 3, 5, 8, 2, 7, 9 };
    size_t n = strlen(s);
    int c;

    if (cd_all_digits(s, 13)) {
        c = cd_weighted(s, person, 12) % 11;
        return (c == 10 ? 1 : c) == s[12] - '0';
    }
    if (!cd_all_digits(s, 0) || n < 2 || n > 10)
        return false;
    c = cd_weighted(s, w + 9 - (n - 1), (unsigned)n - 1) * 10 % 11;
    return c % 10 == s[n - 1] - '0';
}

static bool
se(const char *s)
{
    char ten[11];

    if (!cd_all_digits(s, 12) || strcmp(s + 10, "01") != 0)
        return false;
    memcpy(ten, s, 10);
    ten[10] = '\0';
    return cd_luhn(ten);
}

static bool
si(const char *s)
{
    static const int w[] = { 8, 7, 6, 5, 4, 3, 2 };

    if (!cd_all_digits(s, 8) || s[0] == '0')
        return false;
    int c = 11 - cd_weighted(s, w, 7) % 11;
    return c != 11 && (c == 10 ? 0 : c) == s[7] - '0';
}

static bool
sk(const char *s)
{
    return cd_all_digits(s, 10) && number(s, 10) % 11 == 0;
}

/* United Kingdom: nine digits, two ways to check modulo 97. */
static bool
gb_vat(const char *s)
{
    static const int w[] = { 8, 7, 6, 5, 4, 3, 2, 10, 1 };
    int sum;

    if (strncmp(s, "GB", 2) == 0 || strncmp(s, "XI", 2) == 0)
        s += 2;
    if (!cd_all_digits(s, 9) && !cd_all_digits(s, 12))
        return false;
    sum = cd_weighted(s, w, 9) % 97;
    return sum == 0 || sum == 42;
}

static const struct vat vats[] = {
    { "AT", at }, { "BE", be }, { "BG", bg }, { "CY", cy }, { "CZ", cz }, { "DE", de }, { "DK", dk },
    { "EE", ee }, { "EL", el }, { "GR", el }, { "ES", es }, { "FI", fi }, { "FR", fr }, { "HR", hr },
    { "HU", hu }, { "IE", ie }, { "IT", it }, { "LT", lt }, { "LU", lu }, { "LV", lv }, { "MT", mt },
    { "NL", nl }, { "PL", pl }, { "PT", pt }, { "RO", ro }, { "SE", se }, { "SI", si }, { "SK", sk },
    { "XI", gb_vat }, /* Northern Ireland */
};

/* With its country's letters in front. */
static bool
eu_vat(const char *s)
{
    char bare[40];
    size_t n = 0;

    for (; *s != '\0' && n + 1 < sizeof bare; s++)
        if (*s != '(' && *s != ')' && *s != ':')
            bare[n++] = *s;
    bare[n] = '\0';
    for (size_t i = 0; i < COUNT_OF(vats); i++)
        if (n > 2 && strncmp(vats[i].country, bare, 2) == 0)
            return vats[i].good(bare + 2);
    return false;
}

static bool
de_vat(const char *s)
{
    return de(strncmp(s, "DE", 2) == 0 ? s + 2 : s);
}

static bool
fr_tva(const char *s)
{
    return fr(strncmp(s, "FR", 2) == 0 ? s + 2 : s);
}

static bool
fr_siren(const char *s)
{
    return cd_all_digits(s, 9) && cd_luhn(s);
}

static bool
fr_siret(const char *s)
{
    return cd_all_digits(s, 14) && cd_luhn(s);
}

static bool
it_iva(const char *s)
{
    return it(strncmp(s, "IT", 2) == 0 ? s + 2 : s);
}

static bool
pt_nif(const char *s)
{
    return pt(strncmp(s, "PT", 2) == 0 ? s + 2 : s);
}

/* Switzerland: CHE, nine digits, with or without MWST, TVA, IVA. */
static bool
ch_uid(const char *s)
{
    static const int w[] = { 5, 4, 3, 2, 7, 6, 5, 4 };
    char nine[10];
    int c;

    if (strncmp(s, "CHE", 3) != 0 || strspn(s + 3, "0123456789") != 9)
        return false;
    memcpy(nine, s + 3, 9);
    nine[9] = '\0';
    if (s[12] != '\0' && strcmp(s + 12, "MWST") != 0 && strcmp(s + 12, "TVA") != 0 && strcmp(s + 12, "IVA") != 0)
        return false;
    c = (11 - cd_weighted(nine, w, 8) % 11) % 11;
    return c != 10 && c == nine[8] - '0';
}

const struct checkdigit_kind checkdigit_vat[] = {
    { "eu_vat", true, eu_vat, "" },      { "de_vat", true, de_vat, "DE" },     { "fr_tva", true, fr_tva, "FR" },
    { "fr_siren", true, fr_siren, "FR" }, { "fr_siret", true, fr_siret, "FR" }, { "it_iva", true, it_iva, "IT" },
    { "pt_nif", true, pt_nif, "PT" },    { "ch_uid", true, ch_uid, "CH" },     { "gb_vat", true, gb_vat, "GB" },
    { NULL, false, NULL, NULL },
};
