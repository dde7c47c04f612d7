/*
 * einvoice_ubl.c - OASIS UBL 2.1 Invoice and CreditNote: Peppol, XRechnung, and what national networks use.
 *
 * Business terms and their places: EN 16931-1 and CEN/TS 16931-3-2.
 */
#include "einvoice.h"

#define SELLER "AccountingSupplierParty/Party"
#define BUYER "AccountingCustomerParty/Party"
#define TOTALS "LegalMonetaryTotal"

static const struct einvoice_row rows[] = {
    { "ID", "invoice_number", EINVOICE_TEXT, STATEMENT_STATES },
    { "IssueDate", "issue_date", EINVOICE_DATE, STATEMENT_STATES },
    { "DueDate", "due_date", EINVOICE_DATE, STATEMENT_STATES },
    { "PaymentMeans/PaymentDueDate", "due_date", EINVOICE_DATE, STATEMENT_STATES },
    { SELLER "/PartyLegalEntity/RegistrationName", "seller_name", EINVOICE_TEXT, STATEMENT_PRINTED },
    { SELLER "/PartyName/Name", "seller_name", EINVOICE_TEXT, STATEMENT_PRINTED },
    { SELLER "/PartyTaxScheme/CompanyID", "seller_tax_id", EINVOICE_TEXT, STATEMENT_STATES },
    { SELLER "/PartyLegalEntity/CompanyID", "seller_tax_id", EINVOICE_TEXT, STATEMENT_SUPPORTS },
    { BUYER "/PartyLegalEntity/RegistrationName", "buyer_name", EINVOICE_TEXT, STATEMENT_PRINTED },
    { BUYER "/PartyName/Name", "buyer_name", EINVOICE_TEXT, STATEMENT_PRINTED },
    { BUYER "/PartyTaxScheme/CompanyID", "buyer_tax_id", EINVOICE_TEXT, STATEMENT_STATES },
    { BUYER "/PartyLegalEntity/CompanyID", "buyer_tax_id", EINVOICE_TEXT, STATEMENT_SUPPORTS },
    { "OrderReference/ID", "po_number", EINVOICE_TEXT, STATEMENT_PRINTED },
    { "DocumentCurrencyCode", "currency", EINVOICE_TEXT, STATEMENT_STATES },
    { "PaymentMeans/PayeeFinancialAccount/ID", "iban", EINVOICE_TEXT, STATEMENT_STATES },
    { TOTALS "/TaxExclusiveAmount", "net_total", EINVOICE_AMOUNT, STATEMENT_STATES },
    { TOTALS "/TaxInclusiveAmount", "grand_total", EINVOICE_AMOUNT, STATEMENT_STATES },
    { TOTALS "/PrepaidAmount", "prepaid", EINVOICE_AMOUNT, STATEMENT_STATES },
    { TOTALS "/PayableAmount", "amount_due", EINVOICE_AMOUNT, STATEMENT_STATES },
    { TOTALS "/AllowanceTotalAmount", "discount", EINVOICE_AMOUNT, STATEMENT_PRINTED },
};

/* The tax in the invoice's own currency, when it is stated in another as well. */
static enum rc
more(const struct xml_node *root, struct arena *arena, struct witness *out)
{
    static const struct einvoice_row row = { "TaxTotal/TaxAmount", "tax_total", EINVOICE_AMOUNT, STATEMENT_STATES };
    const struct statement *currency = witness_find(out, "currency");
    const char *path =
        arena_printf(arena, "TaxTotal/TaxAmount[currencyID=%s]", currency != NULL ? currency->value : "");
    const struct xml_node *at = NULL;
    const char *text;

    if (path == NULL)
        return RC_NOMEM;
    if ((text = xml_value(root, path, &at)) == NULL) {
        at = NULL;
        text = xml_value(root, row.path, &at);
    }
    return einvoice_add(&row, text, arena, out);
}

const struct einvoice_kind einvoice_ubl = {
    .name = "ubl",
    .title = "OASIS UBL 2: Peppol, XRechnung",
    .root = "Invoice|CreditNote",
    .space = "urn:oasis:names:specification:ubl:schema:xsd:",
    .rows = rows,
    .count = COUNT_OF(rows),
    .rates = { "TaxTotal/TaxSubtotal", "TaxCategory/Percent", "TaxableAmount", "TaxAmount" },
    .more = more,
};
