/* payload.c - the kinds of codes that we understand: one row each. */
#include "payload_kinds.h"

#include <string.h>

#include "base/text.h"

static const struct payload_kind kinds[] = {
    { "mx_cfdi", "Mexico, CFDI", "SAT, Anexo 20 of the Resolución Miscelánea Fiscal, I.D", payload_cfdi },
    { "ar_afip", "Argentina, comprobante electrónico", "AFIP, Resolución General 4892/2020", payload_afip },
    { "es_verifactu", "Spain, VERI*FACTU", "AEAT, Orden HAC/1177/2024, articles 20 and 21", payload_verifactu },
    { "es_ticketbai", "Basque Country, TicketBAI", "Haciendas forales, TicketBAI, annex on the identifier and the QR",
      payload_ticketbai },
    { "cl_ted", "Chile, timbre electrónico (TED)", "SII, Formato Documentos Tributarios Electrónicos",
      payload_ted },
    { "epc", "SEPA credit transfer (GiroCode)", "European Payments Council, EPC069-12", payload_epc },
    { "swiss_qr", "Swiss QR-bill", "SIX, Implementation Guidelines for the QR-bill 2.x; Swico S1", payload_swiss },
};

const struct payload_kind *
payload_kind_at(unsigned i)
{
    return i < COUNT_OF(kinds) ? &kinds[i] : NULL;
}

enum rc
payload_read(const char *text, struct arena *arena, struct witness *out)
{
    size_t size = strlen(text);

    *out = (struct witness){ .source = WITNESS_CODE, .kind = "" };
    if (size == 0 || size > PAYLOAD_MAX || !text_is_utf8(text, size))
        return RC_NOT_FOUND;
    for (size_t i = 0; i < COUNT_OF(kinds); i++) {
        enum rc rc;

        *out = (struct witness){ .source = WITNESS_CODE, .kind = kinds[i].name };
        rc = kinds[i].read(text, arena, out);
        if (rc == RC_LIMIT)
            rc = RC_INPUT;
        if (rc != RC_NOT_FOUND)
            return rc;
    }
    return RC_NOT_FOUND;
}
