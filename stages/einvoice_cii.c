/*
 * einvoice_cii.c - UN/CEFACT Cross Industry Invoice: Factur-X and ZUGFeRD 2 (and XRechnung's second form), and the
 * draft names of ZUGFeRD 1.
 *
 * Business terms and their places: EN 16931-1 and -3-3 (CEN/TS 16931-3-3), ZUGFeRD 1.0 annex.
 */
#include "einvoice.h"

#define DOCUMENT "ExchangedDocument|HeaderExchangedDocument"
#define TRADE "SupplyChainTradeTransaction|SpecifiedSupplyChainTradeTransaction"
#define AGREEMENT TRADE "/ApplicableHeaderTradeAgreement|ApplicableSupplyChainTradeAgreement"
#define SETTLEMENT TRADE "/ApplicableHeaderTradeSettlement|ApplicableSupplyChainTradeSettlement"
#define SUM SETTLEMENT "/SpecifiedTradeSettlementHeaderMonetarySummation|SpecifiedTradeSettlementMonetarySummation"
#define SELLER AGREEMENT "/SellerTradeParty"
#define BUYER AGREEMENT "/BuyerTradeParty"
#define WHEN "DateTimeString|Date"

static const struct einvoice_row rows[] = {
    { DOCUMENT "/ID", "invoice_number", EINVOICE_TEXT, STATEMENT_STATES },
    { DOCUMENT "/IssueDateTime/" WHEN, "issue_date", EINVOICE_DATE, STATEMENT_STATES },
    { SETTLEMENT "/SpecifiedTradePaymentTerms/DueDateDateTime/" WHEN, "due_date", EINVOICE_DATE, STATEMENT_STATES },
    { SELLER "/Name", "seller_name", EINVOICE_TEXT, STATEMENT_PRINTED },
    { SELLER "/SpecifiedLegalOrganization/TradingBusinessName", "seller_name", EINVOICE_TEXT, STATEMENT_SUPPORTS },
    { SELLER "/SpecifiedTaxRegistration/ID[schemeID=VA]", "seller_tax_id", EINVOICE_TEXT, STATEMENT_STATES },
    { SELLER "/SpecifiedTaxRegistration/ID[schemeID=FC]", "seller_tax_id", EINVOICE_TEXT, STATEMENT_STATES },
    { SELLER "/SpecifiedLegalOrganization/ID", "seller_tax_id", EINVOICE_TEXT, STATEMENT_SUPPORTS },
    { BUYER "/Name", "buyer_name", EINVOICE_TEXT, STATEMENT_PRINTED },
    { BUYER "/SpecifiedTaxRegistration/ID[schemeID=VA]", "buyer_tax_id", EINVOICE_TEXT, STATEMENT_STATES },
    { BUYER "/SpecifiedLegalOrganization/ID", "buyer_tax_id", EINVOICE_TEXT, STATEMENT_SUPPORTS },
    { AGREEMENT "/BuyerOrderReferencedDocument/IssuerAssignedID|ID", "po_number", EINVOICE_TEXT, STATEMENT_PRINTED },
    { SETTLEMENT "/InvoiceCurrencyCode", "currency", EINVOICE_TEXT, STATEMENT_STATES },
    { SETTLEMENT "/SpecifiedTradeSettlementPaymentMeans/PayeePartyCreditorFinancialAccount/IBANID", "iban",
      EINVOICE_TEXT, STATEMENT_STATES },
    { SUM "/TaxBasisTotalAmount", "net_total", EINVOICE_AMOUNT, STATEMENT_STATES },
    { SUM "/GrandTotalAmount", "grand_total", EINVOICE_AMOUNT, STATEMENT_STATES },
    { SUM "/TotalPrepaidAmount", "prepaid", EINVOICE_AMOUNT, STATEMENT_STATES },
    { SUM "/DuePayableAmount", "amount_due", EINVOICE_AMOUNT, STATEMENT_STATES },
    { SUM "/AllowanceTotalAmount", "discount", EINVOICE_AMOUNT, STATEMENT_PRINTED },
};

/* The tax may be stated in a second currency as well (BT-111): ours is that of the invoice, or the only one. */
static enum rc
more(const struct xml_node *root, struct arena *arena, struct witness *out)
{
    const struct statement *currency = witness_find(out, "currency");
    const struct einvoice_row in_currency = {
        arena_printf(arena, SUM "/TaxTotalAmount[currencyID=%s]", currency != NULL ? currency->value : "EUR"),
        "tax_total", EINVOICE_AMOUNT, STATEMENT_STATES
    };
    const struct xml_node *at = NULL;
    const char *text;

    if (in_currency.path == NULL)
        return RC_NOMEM;
    text = xml_value(root, in_currency.path, &at);
    if (text == NULL) {
        at = NULL;
        text = xml_value(root, SUM "/TaxTotalAmount", &at);
    }
    return einvoice_add(&in_currency, text, arena, out);
}

const struct einvoice_kind einvoice_cii = {
    .name = "cii",
    .title = "UN/CEFACT CII: Factur-X, ZUGFeRD, XRechnung",
    .root = "CrossIndustryInvoice|CrossIndustryDocument",
    .rows = rows,
    .count = COUNT_OF(rows),
    .rates = { SETTLEMENT "/ApplicableTradeTax", "RateApplicablePercent|ApplicablePercent", "BasisAmount",
               "CalculatedAmount" },
    .more = more,
};
