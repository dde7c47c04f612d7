/*
 * payload_ted.c - Chile: the electronic stamp (timbre electrónico, TED) on printed documents, as a PDF417.
 *
 * SII, "Formato Documentos Tributarios Electrónicos" and its manual on printed samples: one line of XML, its
 * elements in a fixed order, no blanks between them (some printers put line ends there).  The folio must lie in the
 * range that the tax office gave out to this seller for this kind of document (the CAF).  Neither the office's
 * signature on that CAF nor the seller's on the whole is checked: a stamp is a witness of what was printed, no proof.
 */
#include "payload_kinds.h"

#include <stdlib.h>
#include <string.h>

#include "doc/checkdigit.h"

#define TEXT_MAX 400 /* STATEMENT_VALUE_MAX: nothing longer is stated */
#define NAME_CUT 40  /* RSR and IT1 are cut here                      */

/* Documents that are an invoice, or change one: what else is stamped (delivery notes, tickets, exports) is none. */
static const char *const kinds[] = { "33", "34", "56", "61" };

/* RUTs of nobody: a sale to the public, a foreigner without one. */
static const char *const nobody[] = { "66666666-6", "55555555-5" };

struct stamp {
    const char *at;
    bool broken;
};

static void
skip_blanks(struct stamp *r)
{
    r->at += strspn(r->at, " \t\r\n");
}

/* What must stand here, to the letter. */
static void
expect(struct stamp *r, const char *word)
{
    size_t n = strlen(word);

    skip_blanks(r);
    if (!r->broken && strncmp(r->at, word, n) == 0)
        r->at += n;
    else
        r->broken = true;
}

/* One of the five characters that XML names, or 0. */
static char
entity(const char **at)
{
    static const struct {
        const char *written;
        char plain;
    } rows[] = { { "&amp;", '&' }, { "&lt;", '<' }, { "&gt;", '>' }, { "&apos;", '\'' }, { "&quot;", '"' } };

    for (size_t i = 0; i < COUNT_OF(rows); i++)
        if (strncmp(*at, rows[i].written, strlen(rows[i].written)) == 0) {
            *at += strlen(rows[i].written);
            return rows[i].plain;
        }
    return 0;
}

/* <NAME ...>text</NAME>: the text with its entities read; "" and broken when it is not so. */
static const char *
element(struct stamp *r, const char *name, struct arena *arena)
{
    char *out = arena_alloc(arena, TEXT_MAX + 1);
    const char *at;
    size_t n = 0;

    expect(r, "<");
    expect(r, name);
    if (out == NULL || r->broken || (*r->at != '>' && *r->at != ' ') || (at = strchr(r->at, '>')) == NULL) {
        r->broken = true;
        return "";
    }
    for (at++; !r->broken && *at != 0 && *at != '<' && n < TEXT_MAX;) {
        out[n] = *at == '&' ? entity(&at) : *at++;
        r->broken = r->broken || (unsigned char)out[n] < 0x20;
        n++;
    }
    out[n] = 0;
    r->at = at;
    expect(r, "</");
    expect(r, name);
    expect(r, ">");
    return r->broken ? "" : out;
}

static bool
is_rut(const char *text)
{
    size_t n = strlen(text);

    return n >= 9 && n <= 10 && text[n - 2] == '-' && checkdigit_check("cl_rut", text) == CHECKDIGIT_GOOD;
}

static bool
among(const char *text, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i], text) == 0)
            return true;
    return false;
}

/* The range of folios that was given out, in the CAF: for this seller, this kind, around this number. */
static bool
in_range(struct stamp *r, const char *seller, const char *kind, const char *folio, struct arena *arena)
{
    const char *re, *td, *from, *to;
    bool fits;

    expect(r, "<CAF");
    r->at += strcspn(r->at, ">");
    expect(r, ">");
    expect(r, "<DA>");
    re = element(r, "RE", arena);
    (void)element(r, "RS", arena);
    td = element(r, "TD", arena);
    expect(r, "<RNG>");
    from = element(r, "D", arena);
    to = element(r, "H", arena);
    expect(r, "</RNG>");
    fits = !r->broken && strcmp(re, seller) == 0 && strcmp(td, kind) == 0 && payload_digits(from, 1, 10) &&
           payload_digits(to, 1, 10) && strtoull(from, NULL, 10) <= strtoull(folio, NULL, 10) &&
           strtoull(folio, NULL, 10) <= strtoull(to, NULL, 10);
    /* the office's key and its signature: of no use without checking them */
    r->at = fits && strstr(r->at, "</CAF>") != NULL ? strstr(r->at, "</CAF>") : r->at;
    expect(r, "</CAF>");
    return fits && !r->broken;
}

enum rc
payload_ted(const char *text, struct arena *arena, struct witness *out)
{
    struct stamp r = { text, false };
    const char *seller, *kind, *folio, *day, *buyer, *name, *amount, *item, *seal, *date = "", *total = NULL;
    bool ranged;
    enum rc rc;

    if (strncmp(text, "<TED", 4) != 0 || (text[4] != ' ' && text[4] != '>'))
        return RC_NOT_FOUND;
    r.at += strcspn(text, ">");
    expect(&r, ">");
    expect(&r, "<DD>");
    seller = element(&r, "RE", arena);
    kind = element(&r, "TD", arena);
    folio = element(&r, "F", arena);
    day = element(&r, "FE", arena);
    buyer = element(&r, "RR", arena);
    name = element(&r, "RSR", arena);
    amount = element(&r, "MNT", arena);
    item = element(&r, "IT1", arena);
    ranged = in_range(&r, seller, kind, folio, arena);
    (void)element(&r, "TSTED", arena);
    expect(&r, "</DD>");
    seal = element(&r, "FRMT", arena);
    expect(&r, "</TED>");
    skip_blanks(&r);
    if (r.broken || *r.at != 0 || !ranged || !is_rut(seller) || !is_rut(buyer) ||
        !among(kind, kinds, COUNT_OF(kinds)) || !payload_digits(folio, 1, 10) || folio[0] == '0' ||
        !payload_date(day, "YYYY-MM-DD", arena, &date) || !payload_digits(amount, 1, 18) ||
        !payload_amount(amount, 18, 0, arena, &total) ||
        payload_length(name) > NAME_CUT || payload_length(item) > NAME_CUT || seal[0] == 0)
        return RC_INPUT;
    if ((rc = witness_states(out, arena, "seller_tax_id", seller)) != RC_OK ||
        (rc = witness_states(out, arena, "invoice_number", folio)) != RC_OK ||
        /* printed 000123, too */
        (rc = witness_add(out, arena, "invoice_number", folio, STATEMENT_STATES, STATEMENT_NUMBERS)) != RC_OK ||
        (rc = witness_states(out, arena, "issue_date", date)) != RC_OK ||
        (rc = witness_states(out, arena, "grand_total", total)) != RC_OK)
        return rc;
    if (!among(buyer, nobody, COUNT_OF(nobody)) && (rc = witness_states(out, arena, "buyer_tax_id", buyer)) != RC_OK)
        return rc;
    /* what fills its room to the end may have been cut */
    return payload_length(name) == NAME_CUT
               ? RC_OK : witness_add(out, arena, "buyer_name", name, STATEMENT_PRINTED, STATEMENT_WHOLE);
}
