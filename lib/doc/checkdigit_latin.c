/*
 * checkdigit_latin.c - numbers of Mexico, Colombia, Chile, Argentina, Peru, Ecuador, Brazil.
 *
 * The digit of a RFC is not asked for by "mx_rfc": the tax office itself gave out numbers that
 * fail it; "mx_rfc_digit" asks.
 */
#include "checkdigit_kinds.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/rc.h"

/* One byte a character: N with tilde (two bytes in UTF-8) becomes '~'. */
static bool
flat(const char *s, char *out, size_t room)
{
    size_t n = 0;

    for (; *s != '\0'; s++) {
        char c = *s;

        if ((unsigned char)c == 0xc3 && (unsigned char)s[1] == 0x91) {
            c = '~';
            s++;
        }
        if (c == '_')
            continue;
        if (n + 1 >= room)
            return false;
        out[n++] = c;
    }
    out[n] = '\0';
    return true;
}

static int
value_in(const char *alphabet, char c)
{
    const char *p = c == '\0' ? NULL : strchr(alphabet, c);

    return p == NULL ? -1 : (int)(p - alphabet);
}

/* Words that the tax office never forms of a name. */
static const char never_rfc[] =
    "BUEI BUEY CACA CACO CAGA CAGO CAKA CAKO COGE COJA COJE COJI COJO CULO FETO GUEY JOTO KACA KACO KAGA KAGO "
    "KOGE KOJO KAKA KULO MAME MAMO MEAR MEAS MEON MION MOCO MULA PEDA PEDO PENE PUTA PUTO QULO RATA RUIN ";

static bool
rfc_body(const char *s, char *f, size_t room, size_t *letters)
{
    size_t n;

    if (!flat(s, f, room))
        return false;
    n = strlen(f);
    if (n != 10 && n != 12 && n != 13)
        return false;
    *letters = n == 12 ? 3 : 4;
    for (size_t i = 0; i < *letters; i++)
        if (!(isupper((unsigned char)f[i]) || f[i] == '&' || f[i] == '~'))
            return false;
    for (size_t i = *letters + 6; i < n; i++)
        if (!isalnum((unsigned char)f[i]))
            return false;
    if (*letters == 4)
        for (const char *p = never_rfc; *p != '\0'; p += 5)
            if (strncmp(p, f, 4) == 0)
                return false;
    return cd_date6(f + *letters);
}

static bool
rfc(const char *s)
{
    char f[32];
    size_t letters;

    return rfc_body(s, f, sizeof f, &letters);
}

static bool
rfc_digit(const char *s)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ ~";
    char f[32], padded[40];
    size_t letters;
    int sum = 0;

    if (!rfc_body(s, f, sizeof f, &letters) || strlen(f) == 10)
        return false;
    if (strcmp(f, "XAXX010101000") == 0 || strcmp(f, "XEXX010101000") == 0)
        return true;
    snprintf(padded, sizeof padded, "%s%s", strlen(f) == 12 ? " " : "", f);
    for (int i = 0; i < 12; i++) {
        int v = value_in(alphabet, padded[i]);

        if (v < 0)
            return false;
        sum += v * (13 - i);
    }
    return padded[12] == "0123456789A"[(11 - sum % 11) % 11];
}

static const char curp_states[] =
    "AS BC BS CC CH CL CM CS DF DG GR GT HG JC MC MN MS NE NL NT OC PL QR QT SL SP SR TC TL TS VZ YN ZS ";

static bool
curp(const char *s)
{
    static const char alphabet[] = "0123456789ABCDEFGHIJKLMN&OPQRSTUVWXYZ";
    char f[32];
    int sum = 0;
    bool state = false;

    if (!flat(s, f, sizeof f) || strlen(f) != 18 || !cd_date6(f + 4) || (f[10] != 'H' && f[10] != 'M'))
        return false;
    for (const char *p = curp_states; *p != '\0'; p += 3)
        state = state || strncmp(p, f + 11, 2) == 0;
    if (!state)
        return false;
    for (int i = 0; i < 4; i++)
        if (!isupper((unsigned char)f[i]))
            return false;
    for (int i = 0; i < 17; i++) {
        int v = value_in(alphabet, f[i] == '~' ? '&' : f[i]);

        if (v < 0)
            return false;
        sum += v * (18 - i);
    }
    return f[17] == '0' + (10 - sum % 10) % 10;
}

static bool
clabe(const char *s)
{
    int sum = 0;

    if (!cd_all_digits(s, 18))
        return false;
    for (int i = 0; i < 17; i++)
        sum += (s[i] - '0') * (i % 3 == 0 ? 3 : i % 3 == 1 ? 7 : 1) % 10;
    return s[17] - '0' == (10 - sum % 10) % 10;
}

static bool
mx_nss(const char *s)
{
    return cd_all_digits(s, 11) && cd_luhn(s);
}

static bool
nit(const char *s)
{
    static const int w[] = { 3, 7, 13, 17, 19, 23, 29, 37, 41, 43, 47, 53, 59, 67, 71 };
    char d[20];
    size_t n = 0;
    int sum = 0;

    /* Thousands are often parted by commas. */
    for (; *s != '\0' && n + 1 < sizeof d; s++)
        if (*s != ',')
            d[n++] = *s;
    d[n] = '\0';
    s = d;
    if (!cd_all_digits(s, 0) || n < 8 || n > 16)
        return false;
    for (size_t i = 0; i + 1 < n; i++)
        sum += (s[n - 2 - i] - '0') * w[i];
    sum %= 11;
    return s[n - 1] - '0' == (sum < 2 ? sum : 11 - sum);
}

static bool
rut(const char *s)
{
    size_t n;
    int sum = 0;

    if (strncmp(s, "CL", 2) == 0)
        s += 2;
    n = strlen(s);
    if (n < 8 || n > 9)
        return false;
    for (size_t i = 0; i + 1 < n; i++) {
        char c = s[n - 2 - i];

        if (!isdigit((unsigned char)c))
            return false;
        sum += (c - '0') * (int)(2 + i % 6);
    }
    sum = 11 - sum % 11;
    return s[n - 1] == (sum == 11 ? '0' : sum == 10 ? 'K' : '0' + sum);
}

static bool
cuit(const char *s)
{
    static const int w[] = { 5, 4, 3, 2, 7, 6, 5, 4, 3, 2 };
    static const char prefixes[] = "20 23 24 27 30 33 34 50 51 55 ";
    bool known = false;
    int c;

    if (!cd_all_digits(s, 11))
        return false;
    for (const char *p = prefixes; *p != '\0'; p += 3)
        known = known || strncmp(p, s, 2) == 0;
    c = 11 - cd_weighted(s, w, 10) % 11;
    return known && s[10] - '0' == (c == 11 ? 0 : c == 10 ? 9 : c);
}

static bool
cbu_block(const char *s, int length)
{
    static const int w[] = { 3, 1, 7, 9 };
    int sum = 0;

    for (int i = 0; i < length; i++)
        sum += (s[length - 1 - i] - '0') * w[i % 4];
    return s[length] - '0' == (10 - sum % 10) % 10;
}

static bool
cbu(const char *s)
{
    return cd_all_digits(s, 22) && cbu_block(s, 7) && cbu_block(s + 8, 13);
}

static bool
pe_ruc(const char *s)
{
    static const int w[] = { 5, 4, 3, 2, 7, 6, 5, 4, 3, 2 };
    static const char prefixes[] = "10 15 16 17 20 ";
    bool known = false;

    if (!cd_all_digits(s, 11))
        return false;
    for (const char *p = prefixes; *p != '\0'; p += 3)
        known = known || strncmp(p, s, 2) == 0;
    return known && s[10] - '0' == (11 - cd_weighted(s, w, 10) % 11) % 10;
}

/* Eight digits; a ninth character, digit or letter, checks them. */
static bool
pe_cui(const char *s)
{
    static const int w[] = { 3, 2, 7, 6, 5, 4, 3, 2 };
    size_t n = strlen(s);
    char body[9];
    int c;

    if (n == 8)
        return cd_all_digits(s, 8);
    snprintf(body, sizeof body, "%.8s", s);
    if (n != 9 || !cd_all_digits(body, 8))
        return false;
    c = cd_weighted(s, w, 8) % 11;
    return s[8] == "65432110987"[c] || s[8] == "KJIHGFEDCBA"[c];
}

static bool
ec_province(const char *s)
{
    int p = (s[0] - '0') * 10 + s[1] - '0';

    return (p >= 1 && p <= 24) || p == 30 || p == 50;
}

static bool
ec_ten(const char *s)
{
    int sum = 0;

    for (int i = 0; i < 10; i++) {
        int d = s[i] - '0';

        sum += i % 2 == 1 ? d : d * 2 > 9 ? d * 2 - 9 : d * 2;
    }
    return sum % 10 == 0 && ec_province(s);
}

static bool
ec_ci(const char *s)
{
    return cd_all_digits(s, 10) && s[2] <= '6' && ec_ten(s);
}

static bool
ec_ruc(const char *s)
{
    static const int office[] = { 3, 2, 7, 6, 5, 4, 3, 2, 1 }, company[] = { 4, 3, 2, 7, 6, 5, 4, 3, 2, 1 };

    if (!cd_all_digits(s, 13) || !ec_province(s) || strcmp(s + 10, "000") == 0)
        return false;
    if (s[2] < '6')
        return ec_ten(s);
    if (s[2] == '6' && strcmp(s + 9, "0000") != 0 && cd_weighted(s, office, 9) % 11 == 0)
        return true;
    if (s[2] == '6')
        return ec_ten(s);
    /* Companies registered since about 2022 (from 1793...) have numbers without a check digit. */
    return s[2] == '9' && (strncmp(s, "1793", 4) == 0 || cd_weighted(s, company, 10) % 11 == 0);
}

static int
br_digit(const char *s, int length, int most)
{
    int sum = 0, w = 2;

    for (int i = length - 1; i >= 0; i--) {
        sum += (s[i] - '0') * w;
        w = w == most ? 2 : w + 1;
    }
    sum %= 11;
    return sum < 2 ? 0 : 11 - sum;
}

static bool
cpf(const char *s)
{
    return cd_all_digits(s, 11) && strspn(s, (char[]){ s[0], '\0' }) != 11 &&
           br_digit(s, 9, 11) == s[9] - '0' && br_digit(s, 10, 11) == s[10] - '0';
}

/* From 2026 letters may stand in the first twelve places; they count as their code less 48. */
static bool
cnpj(const char *s)
{
    if (strlen(s) != 14 || !cd_all_digits(s + 12, 2) || strcmp(s, "00000000000000") == 0)
        return false;
    for (int i = 0; i < 12; i++)
        if (!isdigit((unsigned char)s[i]) && !isupper((unsigned char)s[i]))
            return false;
    return br_digit(s, 12, 9) == s[12] - '0' && br_digit(s, 13, 9) == s[13] - '0';
}

/* Weights 2 to "last" from the right, again and again; what is missing to a multiple of 11. */
static int
cycle11(const char *digits, size_t count, int last)
{
    int sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += (digits[count - 1 - i] - '0') * (2 + (int)(i % (size_t)(last - 1)));
    return 11 - sum % 11;
}

/* Clave de acceso: date, tax id, series and number in 49 digits. */
static bool
ec_access_key(const char *s)
{
    int c;

    if (!cd_all_digits(s, 49))
        return false;
    c = cycle11(s, 48, 7);
    return s[48] - '0' == (c == 11 ? 0 : c == 10 ? 1 : c);
}

/* Chave de acesso of an NF-e: 44 digits. */
static bool
br_nfe(const char *s)
{
    int c;

    if (!cd_all_digits(s, 44))
        return false;
    c = cycle11(s, 43, 9);
    return s[43] - '0' == (c >= 10 ? 0 : c);
}

/* What the tax office gives an invoice: shape only. */
static bool
ar_cae(const char *s)
{
    return cd_all_digits(s, 14);
}

static bool
mx_certificate(const char *s)
{
    return cd_all_digits(s, 20);
}

/* SHA-384 in hexadecimal; what it is a hash of holds a secret of the issuer. */
static bool
co_cufe(const char *s)
{
    return strlen(s) == 96 && s[strspn(s, "0123456789ABCDEF")] == '\0';
}

const struct checkdigit_kind checkdigit_latin[] = {
    { "ec_access_key", true, ec_access_key, "EC" }, { "br_nfe", true, br_nfe, "BR" },
    { "ar_cae", false, ar_cae, "AR" }, { "mx_certificate", false, mx_certificate, "MX" },
    { "co_cufe", false, co_cufe, "CO" },
    { "mx_rfc", false, rfc, "MX" },    { "mx_rfc_digit", true, rfc_digit, "MX" },
    { "mx_curp", true, curp, "MX" },   { "mx_clabe", true, clabe, "MX" }, { "mx_nss", true, mx_nss, "MX" },
    { "co_nit", true, nit, "CO" },     { "cl_rut", true, rut, "CL" },     { "ar_cuit", true, cuit, "AR" },
    { "ar_cbu", true, cbu, "AR" },     { "pe_ruc", true, pe_ruc, "PE" },  { "pe_cui", false, pe_cui, "PE" },
    { "ec_ci", true, ec_ci, "EC" },    { "ec_ruc", true, ec_ruc, "EC" },  { "br_cpf", true, cpf, "BR" },
    { "br_cnpj", true, cnpj, "BR" },   { NULL, false, NULL, NULL },
};
