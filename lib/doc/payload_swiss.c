/*
 * payload_swiss.c - the Swiss QR-bill, and the billing information of Swico in it.
 *
 * SIX, Implementation Guidelines for the QR-bill 2.x: lines SPC; 02xx; 1; IBAN of CH or LI; creditor (7);
 * ultimate creditor (7, empty); amount; CHF or EUR; debtor (7); QRR, SCOR or NON; reference; text; EPD;
 * billing information; two alternative procedures.  997 characters at most.  A QRR reference has 27 digits
 * with a check digit "modulo 10, recursive" and goes with a QR-IBAN (institution 30000 to 31999) only.
 *
 * Swico S1: //S1/10/number/11/YYMMDD/20/customer reference/30/UID without letters/...
 */
#include "payload_kinds.h"

#include <string.h>

#include "doc/checkdigit.h"

#define CHARACTERS_MAX 997
#define LINES_MAX 34
#define SWICO_VALUE 80

enum line { SPC, VERSION, CODING, IBAN, CREDITOR, ULTIMATE = 11, AMOUNT = 18, CURRENCY, DEBTOR, REFERENCE_TYPE = 27,
            REFERENCE, TEXT, TRAILER, BILLING };
enum part { PART_TYPE, PART_NAME, PART_STREET, PART_NUMBER, PART_POSTCODE, PART_TOWN, PART_COUNTRY, PARTS };

static bool
mod10_recursive(const char *digits)
{
    static const unsigned char carry_next[] = { 0, 9, 4, 6, 8, 2, 7, 1, 3, 5 };
    unsigned carry = 0;

    for (; digits[1] != 0; digits++)
        carry = carry_next[(carry + (unsigned)(digits[0] - '0')) % 10];
    return (10 - carry) % 10 == (unsigned)(digits[0] - '0');
}

static bool
is_reference(const char *type, const char *reference, const char *iban)
{
    bool qr_iban = iban[4] == '3' && (iban[5] == '0' || iban[5] == '1');

    if (strcmp(type, "QRR") == 0)
        return qr_iban && payload_digits(reference, 27, 27) && mod10_recursive(reference);
    if (qr_iban)
        return false;
    if (strcmp(type, "SCOR") == 0)
        return checkdigit_check("iso11649", reference) == CHECKDIGIT_GOOD;
    return strcmp(type, "NON") == 0 && reference[0] == 0;
}

/* Seven lines of an address: structured, combined, or (when it may be) none at all. */
static bool
is_party(const char *const *l, bool needed)
{
    static const unsigned char longest[PARTS] = { 1, 70, 70, 70, 16, 35, 2 };
    bool any = false;

    for (int i = 0; i < PARTS; i++) {
        if (payload_length(l[i]) > longest[i])
            return false;
        any = any || l[i][0] != 0;
    }
    if (!any)
        return !needed;
    return (strcmp(l[PART_TYPE], "S") == 0 || strcmp(l[PART_TYPE], "K") == 0) && l[PART_NAME][0] != 0 &&
           strlen(l[PART_COUNTRY]) == 2;
}

/* The value of one tag of the billing information, "" without; a slash in it is written "\/". */
static const char *
swico_get(const char *text, const char *tag, char out[SWICO_VALUE + 1])
{
    out[0] = 0;
    if (strncmp(text, "//S1/", 5) != 0)
        return out;
    for (text += 5; *text != 0;) {
        size_t n = strcspn(text, "/"), used = 0;
        bool mine = n == strlen(tag) && strncmp(text, tag, n) == 0;

        text += n;
        text += *text == '/';
        for (; *text != 0 && *text != '/'; text++) {
            if (*text == '\\' && text[1] != 0)
                text++;
            if (mine && used < SWICO_VALUE)
                out[used++] = *text;
        }
        text += *text == '/';
        if (mine) {
            out[used] = 0;
            return used < SWICO_VALUE ? out : "";
        }
    }
    return out;
}

static enum rc
add_billing(const char *text, struct arena *arena, struct witness *out)
{
    char value[SWICO_VALUE + 1];
    const char *date = NULL, *uid;
    enum rc rc = witness_states(out, arena, "invoice_number", swico_get(text, "10", value));

    if (rc != RC_OK)
        return rc;
    if (payload_date(swico_get(text, "11", value), "YYMMDD", arena, &date) &&
        (rc = witness_states(out, arena, "issue_date", date)) != RC_OK)
        return rc;
    uid = swico_get(text, "30", value);
    if (!payload_digits(uid, 9, 9))
        return RC_OK;
    uid = arena_printf(arena, "CHE%s", uid);
    if (uid == NULL || checkdigit_check("ch_uid", uid) != CHECKDIGIT_GOOD)
        return uid == NULL ? RC_NOMEM : RC_OK;
    return witness_states(out, arena, "seller_tax_id", uid);
}

static bool
keeps_rules(const char *const *l, unsigned count, struct arena *arena, const char **amount)
{
    const char *iban = l[IBAN];

    *amount = NULL;
    return strncmp(l[VERSION], "02", 2) == 0 && payload_digits(l[VERSION], 4, 4) && strcmp(l[CODING], "1") == 0 &&
           strlen(iban) == 21 && (strncmp(iban, "CH", 2) == 0 || strncmp(iban, "LI", 2) == 0) &&
           checkdigit_check("iban", iban) == CHECKDIGIT_GOOD && is_party(l + CREDITOR, true) &&
           is_party(l + ULTIMATE, false) &&
           (l[AMOUNT][0] == 0 || (l[AMOUNT][0] != '-' && payload_amount(l[AMOUNT], 9, 2, arena, amount))) &&
           (strcmp(l[CURRENCY], "CHF") == 0 || strcmp(l[CURRENCY], "EUR") == 0) && is_party(l + DEBTOR, false) &&
           is_reference(l[REFERENCE_TYPE], l[REFERENCE], iban) && payload_length(l[TEXT]) <= 140 &&
           strcmp(l[TRAILER], "EPD") == 0 && (count <= BILLING || payload_length(l[BILLING]) <= 140);
}

enum rc
payload_swiss(const char *text, struct arena *arena, struct witness *out)
{
    const char *l[LINES_MAX], *amount;
    unsigned count;
    enum rc rc;

    if (strncmp(text, "SPC\n", 4) != 0 && strncmp(text, "SPC\r\n", 5) != 0)
        return RC_NOT_FOUND;
    if (payload_length(text) > CHARACTERS_MAX)
        return RC_INPUT;
    if ((rc = payload_lines(text, arena, l, LINES_MAX, &count)) != RC_OK)
        return rc;
    if (count <= TRAILER || !keeps_rules(l, count, arena, &amount))
        return RC_INPUT;
    if (amount != NULL && strcmp(amount, "0.00") == 0)
        amount = NULL; /* a bill for information only (DO NOT USE FOR PAYMENT) */
    if ((rc = witness_states(out, arena, "iban", l[IBAN])) != RC_OK ||
        (rc = witness_states(out, arena, "currency", l[CURRENCY])) != RC_OK ||
        (rc = witness_states(out, arena, "payment_reference", l[REFERENCE])) != RC_OK ||
        (rc = witness_states(out, arena, "amount_due", amount)) != RC_OK ||
        (rc = witness_add(out, arena, "grand_total", amount, STATEMENT_SUPPORTS, STATEMENT_WHOLE)) != RC_OK ||
        (rc = witness_add(out, arena, "seller_name", l[CREDITOR + PART_NAME], STATEMENT_SUPPORTS, STATEMENT_WHOLE)) !=
            RC_OK ||
        (rc = witness_add(out, arena, "buyer_name", l[DEBTOR + PART_NAME], STATEMENT_SUPPORTS, STATEMENT_WHOLE)) !=
            RC_OK)
        return rc;
    return count > BILLING ? add_billing(l[BILLING], arena, out) : RC_OK;
}
