/*
 * payload_cfdi.c - Mexico: the address of the SAT's verification service on a printed CFDI.
 *
 * Anexo 20 (CFDI 3.3 and 4.0), "código de barras bidimensional": id, the UUID; re and rr, the RFC of
 * issuer and receiver, 12 or 13 characters; tt, the total, up to 18 digits and 6 decimals; fe, the
 * last 8 characters of the issuer's seal.  CFDI 3.2 wrote the same without address and seal.
 */
#include "payload_kinds.h"

#include <string.h>
#include <strings.h>

#include "doc/checkdigit.h"

#define SEAL_END 8

/* An RFC keeps its shape; its check character is often wrong on paper that the SAT itself accepts. */
static bool
is_rfc(const char *text)
{
    size_t n = payload_length(text);

    return (n == 12 || n == 13) && checkdigit_check("mx_rfc", text) == CHECKDIGIT_GOOD;
}

static bool
is_seal(const char *text)
{
    size_t n = strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    n += strspn(text + n, "=");
    return n == SEAL_END && text[n] == 0;
}

enum rc
payload_cfdi(const char *text, struct arena *arena, struct witness *out)
{
    static const char *const hosts[] = { "verificacfdi.facturaelectronica.sat.gob.mx", NULL };
    const char *id, *re, *rr, *tt, *fe, *total;
    struct url url;
    bool old = text[0] == '?' && strcasestr(text, "re=") != NULL && strcasestr(text, "tt=") != NULL;
    enum rc rc = url_split(old ? arena_printf(arena, "https://%s/%s", hosts[0], text) : text, arena, &url);

    if (rc == RC_OK || rc == RC_INPUT)
        rc = !url_is(&url, hosts, NULL) ? RC_NOT_FOUND : rc;
    if (rc != RC_OK)
        return rc;
    id = url_get(&url, "id");
    re = url_get(&url, "re");
    rr = url_get(&url, "rr");
    tt = url_get(&url, "tt");
    fe = url_get(&url, "fe");
    if (id == NULL || re == NULL || rr == NULL || tt == NULL || (fe == NULL && !old))
        return RC_INPUT;
    if (strlen(id) != 36 || checkdigit_check("uuid", id) != CHECKDIGIT_GOOD || !is_rfc(re) || !is_rfc(rr) ||
        !payload_amount(tt, 18, 6, arena, &total) || (fe != NULL && !is_seal(fe)))
        return RC_INPUT;
    if ((rc = witness_states(out, arena, "fiscal_uuid", id)) != RC_OK ||
        (rc = witness_states(out, arena, "seller_tax_id", re)) != RC_OK ||
        (rc = witness_states(out, arena, "buyer_tax_id", rr)) != RC_OK ||
        (rc = witness_states(out, arena, "grand_total", total)) != RC_OK)
        return rc;
    return witness_add(out, arena, "seal", fe, STATEMENT_STATES, STATEMENT_END);
}
