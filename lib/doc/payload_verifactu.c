/*
 * payload_verifactu.c - Spain: the address of the AEAT's service on invoices of certified programs.
 *
 * Orden HAC/1177/2024 and AEAT's "Características del código QR": nif, 9 characters; numserie, series and
 * number together, up to 60; fecha, DD-MM-AAAA; importe, up to 12 digits and 2 decimals.
 */
#include "payload_kinds.h"

#include <string.h>
#include <strings.h>

#include "doc/checkdigit.h"

static bool
is_nif(const char *text)
{
    return strlen(text) == 9 && (checkdigit_check("es_nif", text) == CHECKDIGIT_GOOD ||
                                 checkdigit_check("es_nie", text) == CHECKDIGIT_GOOD ||
                                 checkdigit_check("es_cif", text) == CHECKDIGIT_GOOD);
}

enum rc
payload_verifactu(const char *text, struct arena *arena, struct witness *out)
{
    /* the service itself, and the one for trying that is printed while a program is being proved */
    static const char *const hosts[] = { "www2.agenciatributaria.gob.es", "www2.aeat.es", "prewww2.aeat.es",
                                         "prewww2.agenciatributaria.gob.es", NULL };
    const char *nif, *number, *day, *amount, *date, *total;
    struct url url;
    enum rc rc = url_split(text, arena, &url);

    if (rc == RC_OK || rc == RC_INPUT)
        rc = url_is(&url, hosts, "/wlpl/TIKE-CONT/ValidarQR") ||
                     url_is(&url, hosts, "/wlpl/TIKE-CONT/ValidarQRNoVerifactu")
                 ? rc : RC_NOT_FOUND;
    if (rc != RC_OK)
        return rc;
    nif = url_get(&url, "nif");
    number = url_get(&url, "numserie");
    day = url_get(&url, "fecha");
    amount = url_get(&url, "importe");
    if (nif == NULL || number == NULL || day == NULL || amount == NULL)
        return RC_INPUT;
    if (!is_nif(nif) || payload_length(number) < 1 || payload_length(number) > 60 ||
        !payload_date(day, "DD-MM-YYYY", arena, &date) || !payload_amount(amount, 12, 2, arena, &total))
        return RC_INPUT;
    if ((rc = witness_states(out, arena, "seller_tax_id", nif)) != RC_OK ||
        (rc = witness_states(out, arena, "invoice_number", number)) != RC_OK ||
        (rc = witness_states(out, arena, "issue_date", date)) != RC_OK)
        return rc;
    return witness_states(out, arena, "grand_total", total);
}
