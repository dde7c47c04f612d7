/*
 * checkdigit_es.c - numbers of Spain: NIF, NIE, CIF, social security, bank accounts, CUPS.
 *
 * A NIF is a DNI, a NIE, a K/L/M number or a CIF.  The letter of a DNI is the number modulo 23;
 * a CIF's control is a digit or a letter by its first letter.  Social security: the last two
 * digits are the rest modulo 97 of province and number.
 */
#include "checkdigit_kinds.h"

#include <ctype.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

static const char letters[] = "TRWAGMYFPDXBNJZSQVHLCKE";

static const char *
without_es(const char *s)
{
    return strncmp(s, "ES", 2) == 0 ? s + 2 : s;
}

/* Digits from .. from + count as a number; false when one is none. */
static bool
digits_at(const char *s, unsigned count, long long *out)
{
    *out = 0;
    for (unsigned i = 0; i < count; i++) {
        if (!isdigit((unsigned char)s[i]))
            return false;
        *out = *out * 10 + (s[i] - '0');
    }
    return true;
}

static bool
dni(const char *s)
{
    long long n;

    s = without_es(s);
    return strlen(s) == 9 && digits_at(s, 8, &n) && s[8] == letters[n % 23];
}

static bool
nie(const char *s)
{
    long long n;

    s = without_es(s);
    if (strlen(s) != 9 || s[0] < 'X' || s[0] > 'Z' || !digits_at(s + 1, 7, &n))
        return false;
    return s[8] == letters[((s[0] - 'X') * 10000000ll + n) % 23];
}

/* K: Spaniards under 14, L: living abroad, M: foreigners without a NIE. */
static bool
klm(const char *s)
{
    long long n;

    return strlen(s) == 9 && s[0] >= 'K' && s[0] <= 'M' && digits_at(s + 1, 7, &n) && s[8] == letters[n % 23];
}

static bool
cif(const char *s)
{
    long long n;
    int sum = 0, c;

    s = without_es(s);
    if (strlen(s) != 9 || s[0] == '\0' || strchr("ABCDEFGHJNPQRSUVW", s[0]) == NULL || !digits_at(s + 1, 7, &n))
        return false;
    for (int i = 1; i <= 7; i++) {
        int d = s[i] - '0';

        sum += i % 2 == 0 ? d : d * 2 > 9 ? d * 2 - 9 : d * 2;
    }
    c = (10 - sum % 10) % 10;
    if (strchr("PQRSNW", s[0]) != NULL || (s[1] == '0' && s[2] == '0'))
        return s[8] == "JABCDEFGHI"[c];
    if (strchr("ABEH", s[0]) != NULL)
        return s[8] == '0' + c;
    return s[8] == '0' + c || s[8] == "JABCDEFGHI"[c];
}

static bool
nif(const char *s)
{
    s = without_es(s);
    return dni(s) || nie(s) || klm(s) || cif(s);
}

static bool
nss(const char *s)
{
    long long province, number, check;

    if (strlen(s) != 12 || !digits_at(s, 2, &province) || !digits_at(s + 2, 8, &number) ||
        !digits_at(s + 10, 2, &check))
        return false;
    return (number < 10000000 ? province * 10000000 + number : province * 100000000 + number) % 97 == check;
}

static bool
ccc_cotizacion(const char *s)
{
    long long province, number, check;

    /* Often printed with the regime's four digits in front. */
    if (strlen(s) == 15)
        s += 4;
    if (strlen(s) != 11 || !digits_at(s, 2, &province) || !digits_at(s + 2, 7, &number) || !digits_at(s + 9, 2, &check))
        return false;
    return (province * 10000000 + number) % 97 == check;
}

static int
account_digit(const char *s, unsigned count)
{
    static const int w[] = { 1, 2, 4, 8, 5, 10, 9, 7, 3, 6 };
    int c = 11 - cd_weighted(s, w + 10 - count, count) % 11;

    return c == 10 ? 1 : c == 11 ? 0 : c;
}

static bool
ccc(const char *s)
{
    return cd_all_digits(s, 20) && account_digit(s, 8) == s[8] - '0' && account_digit(s + 10, 10) == s[9] - '0';
}

/* Supply point of electricity or gas. */
static bool
cups(const char *s)
{
    long long n;
    size_t length = strlen(s);

    if ((length != 20 && length != 22) || strncmp(s, "ES", 2) != 0 || !digits_at(s + 2, 16, &n))
        return false;
    if (length == 22 && !(isdigit((unsigned char)s[20]) && strchr("FPRCXYZ", s[21]) != NULL))
        return false;
    return s[18] == letters[n % 529 / 23] && s[19] == letters[n % 529 % 23];
}

static bool
es_iban(const char *s)
{
    return strncmp(s, "ES", 2) == 0 && cd_iban(s);
}

/*
 * TicketBAI: TBAI-NIF-DDMMYY-13 characters of the signature-CRC.  The CRC-8 (polynomial 07) is over all
 * before it, the last dash included, in letters of both cases: this kind is given what is printed.
 */
static bool
ticketbai(const char *s)
{
    unsigned crc = 0, said = 0;

    if (strlen(s) != 39 || strncmp(s, "TBAI-", 5) != 0 || s[14] != '-' || s[21] != '-' || s[35] != '-')
        return false;
    for (int i = 36; i < 39; i++) {
        if (!isdigit((unsigned char)s[i]))
            return false;
        said = said * 10 + (unsigned)(s[i] - '0');
    }
    for (int i = 0; i < 36; i++) {
        crc ^= (unsigned char)s[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 0x80) != 0 ? ((crc << 1) ^ 0x07) & 0xff : crc << 1;
    }
    return crc == said;
}

const struct checkdigit_kind checkdigit_es[] = {
    { "es_nif", true, nif, "ES" },   { "es_dni", true, dni, "ES" },   { "es_nie", true, nie, "ES" },
    { "es_cif", true, cif, "ES" },   { "es_nss", true, nss, "ES" },   { "es_ccc_ss", true, ccc_cotizacion, "ES" },
    { "es_ccc_cotizacion", true, ccc_cotizacion, "ES" },              { "es_ccc", true, ccc, "ES" },
    { CHECKDIGIT_AS_PRINTED, true, ticketbai, "ES" },
    { "es_cups", true, cups, "ES" }, { "es_iban", true, es_iban, "ES" }, { NULL, false, NULL, NULL },
};
