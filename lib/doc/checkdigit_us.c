/*
 * checkdigit_us.c - numbers of the United States: taxes, social security, banks, health.
 *
 * NPI: Luhn over 80840 and the ten digits (CMS).  DEA: the last digit of d1+d3+d5 + 2(d2+d4+d6).
 * MBI: a mask of eleven characters without S, L, O, I, B, Z (CMS).  SSN: areas 000, 666 and 900 and
 * above, group 00 and serial 0000 are never given out.  Routing numbers: 3-7-1, modulus 10.
 */
#include "checkdigit_kinds.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

static bool
npi(const char *s)
{
    char full[16];

    if (!cd_all_digits(s, 10) || (s[0] != '1' && s[0] != '2'))
        return false;
    snprintf(full, sizeof full, "80840%s", s);
    return cd_luhn(full);
}

static bool
dea(const char *s)
{
    int sum;

    if (strlen(s) != 9 || !isupper((unsigned char)s[0]) ||
        !(isupper((unsigned char)s[1]) || s[1] == '9') || !cd_all_digits(s + 2, 7))
        return false;
    sum = s[2] + s[4] + s[6] - 3 * '0' + 2 * (s[3] + s[5] + s[7] - 3 * '0');
    return sum % 10 == s[8] - '0';
}

static bool
mbi(const char *s)
{
    static const char shape[] = "CAXNAXNAANN"; /* C: 1-9, A: letter, N: digit, X: either */

    if (strlen(s) != 11)
        return false;
    for (int i = 0; i < 11; i++) {
        bool letter = isupper((unsigned char)s[i]) && strchr("SLOIBZ", s[i]) == NULL;
        bool digit = isdigit((unsigned char)s[i]);

        if (shape[i] == 'C' ? !digit || s[i] == '0'
            : shape[i] == 'A' ? !letter : shape[i] == 'N' ? !digit : !(letter || digit))
            return false;
    }
    return true;
}

static bool
ssn(const char *s)
{
    return cd_all_digits(s, 9) && s[0] != '9' && strncmp(s, "000", 3) != 0 && strncmp(s, "666", 3) != 0 &&
           strncmp(s + 3, "00", 2) != 0 && strcmp(s + 5, "0000") != 0 &&
           strcmp(s, "078051120") != 0 && strcmp(s, "219099999") != 0; /* two printed in advertisements */
}

/* Groups 50-65, 70-88, 90-92, 94-99. */
static bool
itin(const char *s)
{
    int group;

    if (!cd_all_digits(s, 9) || s[0] != '9')
        return false;
    group = (s[3] - '0') * 10 + s[4] - '0';
    return (group >= 50 && group <= 65) || (group >= 70 && group <= 88) ||
           (group >= 90 && group <= 92) || (group >= 94);
}

/* Prefixes that the campuses of the tax office give out. */
static bool
ein(const char *s)
{
    static const char never[] = "00 07 08 09 17 18 19 28 29 49 69 70 78 79 89 96 97 ";
    char prefix[3];

    if (!cd_all_digits(s, 9))
        return false;
    snprintf(prefix, sizeof prefix, "%.2s", s);
    for (const char *p = never; *p != '\0'; p += 3)
        if (strncmp(p, prefix, 2) == 0)
            return false;
    return true;
}

static bool
tin(const char *s)
{
    return ssn(s) || itin(s) || ein(s);
}

static bool
rtn(const char *s)
{
    static const int w[] = { 3, 7, 1, 3, 7, 1, 3, 7, 1 };
    int first;

    if (!cd_all_digits(s, 9))
        return false;
    first = (s[0] - '0') * 10 + s[1] - '0';
    if (!(first <= 12 || (first >= 21 && first <= 32) || (first >= 61 && first <= 72) || first == 80))
        return false;
    return cd_weighted(s, w, 9) % 10 == 0;
}

/* Ten digits in three parts as printed are not told apart here: eleven digits, 5-4-2. */
static bool
ndc(const char *s)
{
    return cd_all_digits(s, 11) || cd_all_digits(s, 10);
}

static bool
zip(const char *s)
{
    return cd_all_digits(s, 5) || cd_all_digits(s, 9);
}

static bool
phone(const char *s)
{
    char digits[32];
    unsigned n = 0;

    for (; *s != '\0' && n + 1 < sizeof digits; s++)
        if (*s != '(' && *s != ')' && *s != '+')
            digits[n++] = *s;
    digits[n] = '\0';
    return cd_all_digits(digits, 10) && digits[0] != '0';
}

static const char states[] =
    "AL AK AZ AR CA CO CT DE DC FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY "
    "NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY PR GU VI AS MP FM MH PW AA AE AP ";

static bool
state(const char *s)
{
    for (const char *p = states; *p != '\0'; p += 3)
        if (strncmp(p, s, 2) == 0)
            return strlen(s) == 2;
    return false;
}

/* The published shape of an ICD-10-CM code: letter, digit, digit or A or B, then up to four. */
static bool
icd10(const char *s)
{
    size_t n = strlen(s);

    if (n < 3 || n > 7 || !isupper((unsigned char)s[0]) || !isdigit((unsigned char)s[1]) ||
        !(isdigit((unsigned char)s[2]) || s[2] == 'A' || s[2] == 'B'))
        return false;
    for (size_t i = 3; i < n; i++)
        if (!isalnum((unsigned char)s[i]))
            return false;
    return true;
}

/* CPT (format only: its list is not free) and HCPCS level II. */
static bool
hcpcs(const char *s)
{
    if (strlen(s) != 5 || !cd_all_digits(s + 1, 4)) {
        return strlen(s) == 5 && strchr("FTUM", s[4]) != NULL && isdigit((unsigned char)s[0]) &&
               isdigit((unsigned char)s[1]) && isdigit((unsigned char)s[2]) && isdigit((unsigned char)s[3]);
    }
    return isdigit((unsigned char)s[0]) || (s[0] >= 'A' && s[0] <= 'V' && s[0] != 'O');
}

/* Numbers for an adoption that is not final. */
static bool
atin(const char *s)
{
    return cd_all_digits(s, 9);
}

/* Of a preparer of tax returns. */
static bool
ptin(const char *s)
{
    return s[0] == 'P' && cd_all_digits(s + 1, 8);
}

/* A provider's specialty: ten characters that end in X (NUCC). */
static bool
taxonomy(const char *s)
{
    if (strlen(s) != 10 || s[9] != 'X')
        return false;
    for (int i = 0; i < 9; i++)
        if (!isdigit((unsigned char)s[i]) && !isupper((unsigned char)s[i]))
            return false;
    return isdigit((unsigned char)s[0]) && isdigit((unsigned char)s[1]) && isdigit((unsigned char)s[2]);
}

const struct checkdigit_kind checkdigit_us[] = {
    { "npi", true, npi, "US" },    { "dea", true, dea, "US" },   { "mbi", false, mbi, "US" },
    { "us_ssn", false, ssn, "US" }, { "us_itin", false, itin, "US" }, { "us_ein", false, ein, "US" },
    { "us_tin", false, tin, "US" }, { "us_rtn", true, rtn, "US" }, { "ndc", false, ndc, "US" },
    { "us_zip", false, zip, "US" }, { "us_phone", false, phone, "US" }, { "us_state", false, state, "US" },
    { "us_atin", false, atin, "US" }, { "us_ptin", false, ptin, "US" }, { "taxonomy", false, taxonomy, "US" },
    { "icd10", false, icd10, "" }, { "hcpcs", false, hcpcs, "US" },
    { NULL, false, NULL, NULL },
};
