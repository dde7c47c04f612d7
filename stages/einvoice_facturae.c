/*
 * einvoice_facturae.c - Facturae 3.2, 3.2.1 and 3.2.2: the format of Spain's public sector.
 *
 * Orden HAP/1650/2015 and the schema's own description.  A file may hold a batch of invoices: such a one is no
 * witness for a document.
 */
#include "einvoice.h"

#define SELLER "Parties/SellerParty"
#define BUYER "Parties/BuyerParty"
#define INVOICE "Invoices/Invoice"
#define HEADER INVOICE "/InvoiceHeader"
#define ISSUE INVOICE "/InvoiceIssueData"
#define TOTALS INVOICE "/InvoiceTotals"
#define PAYMENT INVOICE "/PaymentDetails/Installment"

static const struct einvoice_row rows[] = {
    { ISSUE "/IssueDate", "issue_date", EINVOICE_DATE, STATEMENT_STATES },
    { PAYMENT "/InstallmentDueDate", "due_date", EINVOICE_DATE, STATEMENT_STATES },
    { SELLER "/LegalEntity/CorporateName", "seller_name", EINVOICE_TEXT, STATEMENT_PRINTED },
    { SELLER "/LegalEntity/TradeName", "seller_name", EINVOICE_TEXT, STATEMENT_SUPPORTS },
    { SELLER "/TaxIdentification/TaxIdentificationNumber", "seller_tax_id", EINVOICE_TEXT, STATEMENT_STATES },
    { BUYER "/LegalEntity/CorporateName", "buyer_name", EINVOICE_TEXT, STATEMENT_PRINTED },
    { BUYER "/TaxIdentification/TaxIdentificationNumber", "buyer_tax_id", EINVOICE_TEXT, STATEMENT_STATES },
    { ISSUE "/InvoiceCurrencyCode", "currency", EINVOICE_TEXT, STATEMENT_STATES },
    { PAYMENT "/AccountToBeCredited/IBAN", "iban", EINVOICE_TEXT, STATEMENT_STATES },
    { TOTALS "/TotalGrossAmountBeforeTaxes", "net_total", EINVOICE_AMOUNT, STATEMENT_STATES },
    { TOTALS "/TotalTaxOutputs", "tax_total", EINVOICE_AMOUNT, STATEMENT_STATES },
    { TOTALS "/TotalTaxesWithheld", "withholding_amount", EINVOICE_AMOUNT, STATEMENT_STATES },
    { TOTALS "/InvoiceTotal", "grand_total", EINVOICE_AMOUNT, STATEMENT_STATES },
    { TOTALS "/TotalExecutableAmount", "amount_due", EINVOICE_AMOUNT, STATEMENT_STATES },
    { TOTALS "/TotalGeneralDiscounts", "discount", EINVOICE_AMOUNT, STATEMENT_PRINTED },
};

/* A person's name stands in three parts. */
static enum rc
add_person(const struct xml_node *root, const char *party, const char *field, struct arena *arena, struct witness *out)
{
    const struct xml_node *person = xml_find(root, party, NULL), *at = NULL;
    const struct einvoice_row row = { party, field, EINVOICE_TEXT, STATEMENT_PRINTED };
    const char *first, *second, *third;

    if (person == NULL || (first = xml_value(person, "Name", &at)) == NULL)
        return RC_OK;
    at = NULL;
    second = xml_value(person, "FirstSurname", &at);
    at = NULL;
    third = xml_value(person, "SecondSurname", &at);
    return einvoice_add(&row, arena_printf(arena, "%s %s %s", first, second != NULL ? second : "",
                                           third != NULL ? third : ""), arena, out);
}

static enum rc
more(const struct xml_node *root, struct arena *arena, struct witness *out)
{
    static const struct einvoice_row number = { HEADER "/InvoiceNumber", "invoice_number", EINVOICE_TEXT,
                                                STATEMENT_STATES };
    const struct xml_node *at = NULL;
    const char *plain = xml_value(root, number.path, &at), *series;
    enum rc rc;

    at = NULL;
    series = xml_value(root, HEADER "/InvoiceSeriesCode", &at);
    /* printed as one, or the number alone under a title of its own */
    if (series != NULL && plain != NULL &&
        (rc = einvoice_add(&number, arena_printf(arena, "%s-%s", series, plain), arena, out)) != RC_OK)
        return rc;
    if ((rc = einvoice_add(&number, plain, arena, out)) != RC_OK ||
        (rc = add_person(root, SELLER "/Individual", "seller_name", arena, out)) != RC_OK)
        return rc;
    return add_person(root, BUYER "/Individual", "buyer_name", arena, out);
}

const struct einvoice_kind einvoice_facturae = {
    .name = "facturae",
    .title = "Facturae 3.2",
    .root = "Facturae",
    .single = INVOICE,
    .rows = rows,
    .count = COUNT_OF(rows),
    /* 01: IVA */
    .rates = { INVOICE "/TaxesOutputs/Tax[TaxTypeCode=01]", "TaxRate", "TaxableBase/TotalAmount",
               "TaxAmount/TotalAmount" },
    .more = more,
};
