/*
 * payload_epc.c - the code for a SEPA credit transfer (GiroCode), EPC069-12.
 *
 * Lines: BCD; version 001 or 002; character set 1 to 8; SCT; BIC (001 must have it); name, up to 70;
 * IBAN; EUR and the amount; purpose; RF reference or text; information.  331 bytes at most.
 *
 * Who is paid may be a bank that bought the claim, and what is due may be less than the total:
 * name and total support only.
 */
#include "payload_kinds.h"

#include <ctype.h>
#include <string.h>

#include "doc/checkdigit.h"

#define BYTES_MAX 331
#define LINES_MAX 12

enum line { BCD, VERSION, CHARSET, IDENTIFICATION, BIC, NAME, IBAN, AMOUNT, PURPOSE, REFERENCE, TEXT, INFORMATION };

static bool
is_bic(const char *text)
{
    size_t n = strlen(text);

    if (n != 8 && n != 11)
        return false;
    for (size_t i = 0; i < n; i++)
        if (!isupper((unsigned char)text[i]) && (i < 6 || !isdigit((unsigned char)text[i])))
            return false;
    return true;
}

static bool
is_amount(const char *text, struct arena *arena, const char **out)
{
    *out = NULL;
    if (text[0] == 0)
        return true;
    return strncmp(text, "EUR", 3) == 0 && text[3] != '-' && payload_amount(text + 3, 9, 2, arena, out) &&
           *out != NULL && strcmp(*out, "0.00") != 0;
}

enum rc
payload_epc(const char *text, struct arena *arena, struct witness *out)
{
    const char *l[LINES_MAX], *amount;
    unsigned count;
    bool first;
    enum rc rc;

    if (strncmp(text, "BCD\n", 4) != 0 && strncmp(text, "BCD\r\n", 5) != 0)
        return RC_NOT_FOUND;
    if (strlen(text) > BYTES_MAX)
        return RC_INPUT;
    if ((rc = payload_lines(text, arena, l, LINES_MAX, &count)) != RC_OK)
        return rc;
    if (count <= IBAN)
        return RC_INPUT;
    for (unsigned i = count; i < LINES_MAX; i++)
        l[i] = "";
    first = strcmp(l[VERSION], "001") == 0;
    if ((!first && strcmp(l[VERSION], "002") != 0) || strlen(l[CHARSET]) != 1 || l[CHARSET][0] < '1' ||
        l[CHARSET][0] > '8' || strcmp(l[IDENTIFICATION], "SCT") != 0 ||
        (l[BIC][0] == 0 ? first : !is_bic(l[BIC])) || l[NAME][0] == 0 || payload_length(l[NAME]) > 70 ||
        strlen(l[IBAN]) > 34 || checkdigit_check("iban", l[IBAN]) != CHECKDIGIT_GOOD ||
        !is_amount(l[AMOUNT], arena, &amount) || strlen(l[PURPOSE]) > 4 || payload_length(l[TEXT]) > 140 ||
        payload_length(l[INFORMATION]) > 70 || (l[REFERENCE][0] != 0 && l[TEXT][0] != 0) ||
        (l[REFERENCE][0] != 0 && checkdigit_check("iso11649", l[REFERENCE]) != CHECKDIGIT_GOOD))
        return RC_INPUT;
    if ((rc = witness_states(out, arena, "iban", l[IBAN])) != RC_OK ||
        (rc = witness_add(out, arena, "seller_name", l[NAME], STATEMENT_SUPPORTS, STATEMENT_WHOLE)) != RC_OK ||
        (rc = witness_states(out, arena, "payment_reference", l[REFERENCE])) != RC_OK ||
        (rc = witness_states(out, arena, "amount_due", amount)) != RC_OK ||
        (rc = witness_states(out, arena, "currency", amount != NULL ? "EUR" : NULL)) != RC_OK)
        return rc;
    return witness_add(out, arena, "grand_total", amount, STATEMENT_SUPPORTS, STATEMENT_WHOLE);
}
