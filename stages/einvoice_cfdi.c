/*
 * einvoice_cfdi.c - Mexico: CFDI 3.3 and 4.0, whose values are attributes.
 *
 * SAT, Anexo 20.  Without decimals of its own a currency has two; the folio is the issuer's number, the UUID of the
 * fiscal stamp is the state's: paper shows either as "the number".
 */
#include "einvoice.h"

static const struct einvoice_row rows[] = {
    { "@Fecha", "issue_date", EINVOICE_DATE, STATEMENT_STATES },
    { "Emisor@Rfc", "seller_tax_id", EINVOICE_TEXT, STATEMENT_STATES },
    { "Emisor@Nombre", "seller_name", EINVOICE_TEXT, STATEMENT_PRINTED },
    { "Receptor@Rfc", "buyer_tax_id", EINVOICE_TEXT, STATEMENT_STATES },
    { "Receptor@Nombre", "buyer_name", EINVOICE_TEXT, STATEMENT_PRINTED },
    { "@Moneda", "currency", EINVOICE_TEXT, STATEMENT_STATES },
    { "@SubTotal", "net_total", EINVOICE_AMOUNT, STATEMENT_PRINTED },
    { "@Descuento", "discount", EINVOICE_AMOUNT, STATEMENT_PRINTED },
    { "@Total", "grand_total", EINVOICE_AMOUNT, STATEMENT_STATES },
    { "Impuestos@TotalImpuestosTrasladados", "tax_total", EINVOICE_AMOUNT, STATEMENT_STATES },
    { "Impuestos@TotalImpuestosRetenidos", "withholding_amount", EINVOICE_AMOUNT, STATEMENT_STATES },
    { "Complemento/TimbreFiscalDigital@UUID", "fiscal_uuid", EINVOICE_TEXT, STATEMENT_STATES },
};

static enum rc
more(const struct xml_node *root, struct arena *arena, struct witness *out)
{
    static const struct einvoice_row number = { "@Folio", "invoice_number", EINVOICE_TEXT, STATEMENT_STATES },
                                     stamp = { "", "invoice_number", EINVOICE_TEXT, STATEMENT_SUPPORTS };
    const char *series = xml_attr(root, "Serie"), *folio = xml_attr(root, "Folio");
    const struct statement *uuid = witness_find(out, "fiscal_uuid");
    enum rc rc;

    if (series != NULL && series[0] != 0 && folio != NULL &&
        (rc = einvoice_add(&number, arena_printf(arena, "%s-%s", series, folio), arena, out)) != RC_OK)
        return rc;
    if ((rc = einvoice_add(&number, folio, arena, out)) != RC_OK)
        return rc;
    return einvoice_add(&stamp, uuid != NULL ? uuid->value : NULL, arena, out);
}

const struct einvoice_kind einvoice_cfdi = {
    .name = "cfdi",
    .title = "CFDI 3.3 and 4.0",
    .root = "Comprobante",
    .space = "http://www.sat.gob.mx/cfd/",
    .rows = rows,
    .count = COUNT_OF(rows),
    .more = more,
};
