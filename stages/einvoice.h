/*
 * einvoice.h - electronic invoices: CII (Factur-X, ZUGFeRD, XRechnung), UBL, Facturae, CFDI.
 *
 * What an XML states, by the names of our forms' fields.  It is a witness beside the pages, never in
 * their place: doc/witness.h.
 */
#ifndef STAGES_EINVOICE_H
#define STAGES_EINVOICE_H

#include "doc/witness.h"
#include "stage.h"
#include "xml.h"

enum einvoice_value {
    EINVOICE_TEXT,
    EINVOICE_AMOUNT, /* a plain decimal */
    EINVOICE_DATE    /* 2026-11-21, 20261121, either with a time after it */
};

/* One value: where it stands and what it is to us. Several rows of a field are alternatives, the best first. */
struct einvoice_row {
    const char *path; /* of xml_value, from the root */
    const char *field;
    enum einvoice_value value;
    enum statement_force force;
};

/* Rows of a tax breakdown: fields tax_base_RATE and tax_amount_RATE. */
struct einvoice_rates {
    const char *group, *rate, *base, *amount; /* paths; NULL group: none */
};

struct einvoice_kind {
    const char *name;  /* "cii" */
    const char *title; /* for people */
    const char *root;  /* names of the root, "A|B" */
    const char *space; /* how its namespace begins, or NULL */
    const char *single; /* a path that may be there once only: several invoices are none; or NULL */
    const struct einvoice_row *rows;
    unsigned count;
    struct einvoice_rates rates;
    /* what no row can say; or NULL */
    enum rc (*more)(const struct xml_node *root, struct arena *arena, struct witness *out);
};

extern const struct einvoice_kind einvoice_cii, einvoice_ubl, einvoice_facturae, einvoice_cfdi;

/* NULL after the last. */
const struct einvoice_kind *einvoice_kind_at(unsigned i);

/*
 * RC_OK with *why REASON_NONE and *out; or with *why: UNKNOWN_FORMAT (an XML of another kind), FORMAT_REFUSED
 * (several invoices in one file), or what xml_read says.  RC_NOMEM.
 */
MUST_USE enum rc einvoice_read(struct bytes bytes, struct arena *arena, struct witness *out, enum reason *why);
/* For the kinds: a text as the value of a row; NULL, or what has not its shape, states nothing. */
MUST_USE enum rc einvoice_add(const struct einvoice_row *row, const char *text, struct arena *arena,
                              struct witness *out);
/* Encode and emit ARTIFACT_WITNESS. */
MUST_USE enum rc einvoice_emit(const struct job *job, const struct witness *witness);

#endif
