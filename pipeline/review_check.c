/* review_check.c - amounts, dates and lists as people type them. */
#include "review_check.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#define ALL_WELL ((enum word_id)0)

static bool
is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static bool
is_date(int year, int month, int day)
{
    static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };

    if (year < 1850 || year > 2199 || month < 1 || month > 12 || day < 1)
        return false;
    return day <= days[month - 1] + (month == 2 && is_leap(year));
}

/* Three runs of digits with one separator kind between them; false for anything else. */
static bool
three_numbers(const char *text, int number[3], size_t width[3])
{
    char between = 0;

    for (int i = 0; i < 3; i++) {
        number[i] = 0;
        width[i] = 0;
        for (; isdigit((unsigned char)*text) && width[i] < 5; text++, width[i]++)
            number[i] = number[i] * 10 + (*text - '0');
        if (width[i] == 0)
            return false;
        if (i == 2)
            break;
        if (strchr("-/. ", *text) == NULL || *text == '\0' || (between != 0 && *text != between))
            return false;
        between = *text++;
    }
    return *text == '\0';
}

static enum word_id
check_date(enum desk_date_order order, const char *typed, char *out, size_t room)
{
    int n[3];
    size_t w[3];
    int year;
    int a;
    int b;

    if (!three_numbers(typed, n, w))
        return W_BAD_DATE;
    if (w[0] == 4) {
        year = n[0];
        a = n[1];
        b = n[2];
    } else {
        /* A year of two digits is of this century up to 2068, as POSIX strptime has it. */
        if ((w[2] != 4 && w[2] != 2) || w[0] > 2 || w[1] > 2)
            return W_BAD_DATE;
        year = w[2] == 4 ? n[2] : n[2] + (n[2] < 69 ? 2000 : 1900);
        a = order == DESK_MONTH_FIRST ? n[0] : n[1];
        b = order == DESK_MONTH_FIRST ? n[1] : n[0];
        if (order == DESK_ORDER_UNKNOWN && a != b && is_date(year, a, b) && is_date(year, b, a))
            return W_DATE_UNSURE;
        /* The other way round when only that is a date: nobody means month 21. */
        if (!is_date(year, a, b) && is_date(year, b, a)) {
            int t = a;

            a = b;
            b = t;
        }
    }
    if (!is_date(year, a, b))
        return W_BAD_DATE;
    return snprintf(out, room, "%04d-%02d-%02d", year, a, b) < (int)room ? ALL_WELL : W_TOO_LONG;
}

/* The sign that parts cents from units; 0 when there is none; -1 when the text makes no sense. */
static int
decimal_sign(const char *text)
{
    const char *dot = strrchr(text, '.');
    const char *comma = strrchr(text, ',');
    const char *last = dot == NULL ? comma : comma == NULL ? dot : dot > comma ? dot : comma;
    size_t after;

    if (last == NULL)
        return 0;
    after = strspn(last + 1, "0123456789");
    /* Both kinds: the last one parts the cents. One kind, several times: it groups thousands. */
    if (dot != NULL && comma != NULL)
        return strchr(text, *last) == last ? *last : -1;
    if (strchr(text, *last) != last)
        return after == 3 ? 0 : -1;
    /* 1.234 could be either; nobody types three decimals of money, so it groups. */
    return after == 3 && last - text <= 4 && text[0] != '0' ? 0 : *last;
}

/* Digits in groups of three where groups are written; copies the digits. */
static bool
copy_units(const char *from, const char *to, char *out, size_t room, size_t *size)
{
    size_t run = 0;
    bool grouped = false;

    for (; from < to; from++) {
        if (isdigit((unsigned char)*from)) {
            if (*size + 1 >= room || (grouped && run == 3))
                return false;
            out[(*size)++] = *from;
            run++;
        } else if (strchr(".,' ", *from) != NULL && run >= 1 && run <= 3 && (!grouped || run == 3)) {
            grouped = true;
            run = 0;
        } else {
            return false;
        }
    }
    return !grouped || run == 3;
}

static enum word_id
check_amount(const char *typed, bool money, char *out, size_t room)
{
    enum word_id wrong = money ? W_BAD_MONEY : W_BAD_NUMBER;
    const char *cents = NULL;
    const char *end;
    size_t size = 0;
    size_t digits;
    int sign;

    if (*typed == '-' || *typed == '+') {
        if (*typed == '-')
            out[size++] = '-';
        typed++;
    }
    end = typed + strlen(typed);
    if ((sign = decimal_sign(typed)) < 0)
        return wrong;
    if (sign > 0)
        cents = strrchr(typed, sign);
    digits = size;
    if (!copy_units(typed, cents == NULL ? end : cents, out, room, &size))
        return wrong;
    if (size == digits) {
        if (cents == NULL || size + 1 >= room)
            return wrong;
        out[size++] = '0';
    }
    /* 007.50 is 7.50 */
    while (out[digits] == '0' && size > digits + 1) {
        memmove(out + digits, out + digits + 1, size - digits - 1);
        size--;
    }
    if (cents != NULL) {
        size_t n = strspn(cents + 1, "0123456789");

        if (n == 0 || cents[1 + n] != '\0' || n > (money ? 2u : 6u) || size + n + 2 >= room)
            return wrong;
        out[size++] = '.';
        memcpy(out + size, cents + 1, n);
        size += n;
        if (money && n == 1)
            out[size++] = '0';
    } else if (money) {
        if (size + 4 >= room)
            return wrong;
        memcpy(out + size, ".00", 3);
        size += 3;
    }
    out[size] = '\0';
    return size > 20 ? wrong : ALL_WELL;
}

static enum word_id
check_choice(const struct desk_field *field, const char *typed, char *out, size_t room)
{
    for (uint32_t i = 0; i < field->choice_count; i++)
        if (strcasecmp(field->choices[i], typed) == 0)
            return snprintf(out, room, "%s", field->choices[i]) < (int)room ? ALL_WELL : W_TOO_LONG;
    if (field->choice_count > 0)
        return W_BAD_CODE;
    return snprintf(out, room, "%s", typed) < (int)room ? ALL_WELL : W_TOO_LONG;
}

enum word_id
check_value(enum desk_type type, enum desk_date_order order, const struct desk_field *field,
            const char *typed, char *out, size_t room)
{
    switch (type) {
    case DESK_MONEY: return check_amount(typed, true, out, room);
    case DESK_NUMBER: return check_amount(typed, false, out, room);
    case DESK_DATE: return check_date(order, typed, out, room);
    case DESK_CODE:
    case DESK_MARK: return check_choice(field, typed, out, room);
    case DESK_TEXT:
    case DESK_ID: break;
    }
    return snprintf(out, room, "%s", typed) < (int)room ? ALL_WELL : W_TOO_LONG;
}
