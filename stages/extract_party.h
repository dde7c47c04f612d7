/* extract_party.h - telling names, addresses and other print apart. */
#ifndef STAGES_EXTRACT_PARTY_H
#define STAGES_EXTRACT_PARTY_H

#include "extract.h"

/* "GmbH", "S.L.", "Sdn Bhd", "Inc." among the words. */
bool party_has_suffix(const char *text);
/* "Restaurant", "Hardware", "Farmacia" among the words. */
bool party_has_trade(const char *text);
/* Nothing but company forms: "Sdn Bhd" is the end of the name above it. */
bool party_is_tail(const char *text);
/* A postal code with a place, or a street with a number. */
bool party_is_postal(const char *text);
bool party_is_street(const char *text);
/* Telephone, e-mail, web, registration number: not part of a name or address. */
bool party_is_contact(const char *text);
/* A word that stands alone on papers and names nobody: "Invoice", "Total". */
bool party_is_common(const char *text);
/* Share of letters among letters and digits. */
double party_letters(const char *text);

/* A name without the reader's dirt: specks at its ends, an 8 for an ampersand. */
char *party_clean(struct arena *arena, const char *text);
/* A legal form misread by a letter at the end of a name is put right in place: "SON BHD"; true: it was. */
bool party_mend_legal(char *text);
/* A name without dirt behind its legal form, and that form whole: "SDN BH", "SDN. BHD. AL".  NULL: no memory. */
char *party_legal_end(struct arena *arena, const char *text);
/* "S.L." alone under a name that has no company form: its end; NULL: there is none. */
const struct lay_run *party_tail_below(const struct extraction *x, const struct lay_run *piece);
/* Candidates for the one who sent the paper / the one it is addressed to. */
MUST_USE enum rc party_senders(struct extraction *x, uint16_t field);
MUST_USE enum rc party_addressees(struct extraction *x, uint16_t field);
/* The lines of an address below a name. */
MUST_USE enum rc party_address(struct extraction *x, uint16_t field);

#endif
