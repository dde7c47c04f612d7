/*
 * read_language.c - common words of business papers in four languages.
 *
 * Read with the English model most of them come out right but for their accents, which
 * folding takes away; so a dozen lines tell the language of a page.
 */
#include "read_language.h"

#include <string.h>

#include "doc/lexicon.h"

static const char *const lists[OCR_LANGUAGES] = {
    [OCR_ENG] = " the of and to for invoice amount due number bill tax qty price please payment by "
                "with your you this unit subtotal cash change receipt thank order item date ship "
                "customer phone account balance pay employee earnings deductions period hours ",
    [OCR_SPA] = " de la el los las del en por con para fecha factura importe cuota cliente iva cif "
                "nif empresa domicilio trabajador precio cantidad descripcion vencimiento pago "
                "banco periodo proveedor nomina liquido cotizacion devengos grupo base cant unit "
                "euros numero forma su esta y un una titular concepto trabajadores seguridad ",
    [OCR_DEU] = " der die das und rechnung rechnungsnummer datum betrag mwst ust summe kunden menge "
                "preis nr gmbh strasse telefon zahlbar innerhalb von bei mit fur auf ist sie ihre "
                "bezeichnung gesamt netto brutto steuer lieferung auftrags bank tage kunde wir "
                "kundennummer einzelpreis gesamtbetrag pos artikel bitte unser zum ag ",
    [OCR_FRA] = " le la les des du facture numero montant ttc ht tva client adresse paiement "
                "commande prix quantite designation et vous nous votre pour dans echeance societe "
                "reference siret rue page au aux sur avec une un reglement euros livraison taux ",
};

void
language_listen(struct language_votes *votes, const struct word *words, uint32_t count)
{
    char key[64], folded[48];

    for (uint32_t i = 0; i < count; i++) {
        unsigned in = 0;
        bool has[OCR_LANGUAGES] = { false };

        if (lexicon_fold(words[i].text, folded, sizeof folded) < 2)
            continue;
        votes->words++;
        key[0] = ' ';
        strncpy(key + 1, folded, sizeof key - 3);
        key[sizeof key - 3] = '\0';
        strncat(key, " ", 2);
        for (int l = 0; l < OCR_LANGUAGES; l++) {
            has[l] = strstr(lists[l], key) != NULL;
            in += has[l];
        }
        votes->known += in > 0;
        for (int l = 0; l < OCR_LANGUAGES; l++)
            if (has[l])
                votes->votes[l] += 1.0 / in;
    }
}

enum ocr_language
language_winner(const struct language_votes *votes, enum ocr_language now)
{
    int best = now;

    for (int l = 0; l < OCR_LANGUAGES; l++)
        if (votes->votes[l] > votes->votes[best])
            best = l;
    /* Reading again costs; a vote or two may be chance. */
    if (best != (int)now && votes->votes[best] < votes->votes[now] * 1.3 + 1.5)
        return now;
    return ocr_has((enum ocr_language)best) ? (enum ocr_language)best : now;
}
