/*
 * payload_ticketbai.c - Basque Country: identifier and address on invoices of the three Haciendas forales.
 *
 * id: TBAI-NNNNNNNNN-DDMMAA-FFFFFFFFFFFFF-CRC, 39 characters: NIF of the issuer, date, the first 13
 * characters of the signature, and a CRC-8 (polynomial 07) over the 36 before it as three digits.
 * s: series, up to 20; nf: number, up to 20; i: total; cr: the same CRC-8 over the address before "&cr=".
 */
#include "payload_kinds.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "doc/checkdigit.h"

#define ID_SIZE 39
#define ID_COVERED 36

static unsigned
crc8(const char *bytes, size_t size)
{
    unsigned crc = 0;

    for (size_t i = 0; i < size; i++) {
        crc ^= (unsigned char)bytes[i];
        for (int bit = 0; bit < 8; bit++)
            crc = (crc & 0x80) != 0 ? (crc << 1 ^ 0x07) & 0xff : crc << 1 & 0xff;
    }
    return crc;
}

static bool
covers(const char *text, size_t size, const char *digits)
{
    char want[8];

    (void)snprintf(want, sizeof want, "%03u", crc8(text, size));
    return strcmp(want, digits) == 0;
}

/* NIF and date out of an identifier; false when it breaks a rule. */
static bool
take_id(const char *id, struct arena *arena, char nif[10], const char **date)
{
    char day[7];

    if (strlen(id) != ID_SIZE || strncmp(id, "TBAI-", 5) != 0 || id[14] != '-' || id[21] != '-' || id[35] != '-')
        return false;
    memcpy(nif, id + 5, 9);
    nif[9] = 0;
    memcpy(day, id + 15, 6);
    day[6] = 0;
    return payload_date(day, "DDMMYY", arena, date) && covers(id, ID_COVERED, id + ID_COVERED) &&
           (checkdigit_check("es_nif", nif) == CHECKDIGIT_GOOD || checkdigit_check("es_nie", nif) == CHECKDIGIT_GOOD ||
            checkdigit_check("es_cif", nif) == CHECKDIGIT_GOOD);
}

enum rc
payload_ticketbai(const char *text, struct arena *arena, struct witness *out)
{
    static const char *const hosts[] = { "batuz.eus", "www.batuz.eus", "tbai.egoitza.gipuzkoa.eus",
                                         "tbai.prep.gipuzkoa.eus", "ticketbai.araba.eus",
                                         "pruebas-ticketbai.araba.eus", NULL };
    const char *id, *series, *number, *amount, *crc, *end, *date, *total;
    char nif[10];
    struct url url;
    enum rc rc = url_split(text, arena, &url);

    if (rc == RC_OK || rc == RC_INPUT)
        rc = !url_is(&url, hosts, NULL) ? RC_NOT_FOUND : rc;
    if (rc != RC_OK)
        return rc;
    id = url_get(&url, "id");
    series = url_get(&url, "s");
    number = url_get(&url, "nf");
    amount = url_get(&url, "i");
    crc = url_get(&url, "cr");
    end = strstr(text, "&cr=");
    if (id == NULL || number == NULL || amount == NULL || crc == NULL || end == NULL)
        return RC_INPUT;
    if (!covers(text, (size_t)(end - text), crc) || !take_id(id, arena, nif, &date) || payload_length(number) < 1 ||
        payload_length(number) > 20 || (series != NULL && payload_length(series) > 20) ||
        !payload_amount(amount, 12, 2, arena, &total))
        return RC_INPUT;
    if ((rc = witness_states(out, arena, "ticketbai_id", id)) != RC_OK ||
        (rc = witness_states(out, arena, "seller_tax_id", nif)) != RC_OK ||
        (rc = witness_states(out, arena, "issue_date", date)) != RC_OK ||
        (rc = witness_states(out, arena, "grand_total", total)) != RC_OK)
        return rc;
    /* printed as one, or the number alone under a title of its own */
    if (series != NULL && series[0] != 0 &&
        (rc = witness_states(out, arena, "invoice_number", arena_printf(arena, "%s-%s", series, number))) != RC_OK)
        return rc;
    return witness_states(out, arena, "invoice_number", number);
}
