/*
 * extract_slip.h - till receipts: which of the first lines name the shop, and which its address.
 *
 * A slip has one column, so its lines are labelled from top to bottom: each line has a row of
 * numbers, and a first-order chain with learnt weights (slip_weights.h, made by
 * bench/train_ranker) finds the best sequence of labels: docs/decisions/0053-ranker.md.
 */
#ifndef STAGES_EXTRACT_SLIP_H
#define STAGES_EXTRACT_SLIP_H

#include "extract.h"

#define SLIP_LINES 26  /* looked at, from the top */
#define SLIP_WORDS 24  /* of a line               */

enum slip_label { SLIP_OTHER, SLIP_NAME, SLIP_ADDRESS, SLIP_LABELS };

/* What speaks of a line; 0 to 1 each unless said otherwise. */
enum slip_feature {
    SLIP_BIAS,
    SLIP_FIRST,       /* the first line with letters                    */
    SLIP_SECOND,
    SLIP_THIRD,
    SLIP_TO_SIX,
    SLIP_TO_TEN,
    SLIP_LATER,
    SLIP_DOWN,        /* how far down on the page                       */
    SLIP_TALL,        /* print larger than usual                        */
    SLIP_LETTERS,     /* share of letters                               */
    SLIP_SHORT,       /* fewer than five letters and digits             */
    SLIP_LONG,        /* its length, 60 letters for 1                   */
    SLIP_FEW_WORDS,   /* one or two                                     */
    SLIP_COMPANY,     /* "Sdn Bhd", "S/B", "Enterprise", "GmbH"         */
    SLIP_TRADE,       /* "Restaurant", "Hardware"                       */
    SLIP_STREET,
    SLIP_POSTAL,      /* five digits that stand alone, and letters      */
    SLIP_STATE,       /* "Selangor", "Johor", "Kuala Lumpur"            */
    SLIP_CONTACT,
    SLIP_REGISTER,    /* "(728515-M)" in it                             */
    SLIP_ONLY_REGISTER,
    SLIP_DATE,
    SLIP_AMOUNT,      /* an amount with decimals                        */
    SLIP_TITLE,       /* "Tax invoice", "Cash bill"                     */
    SLIP_LABEL,       /* it begins with a label of the form             */
    SLIP_COLON,
    SLIP_COMMA_END,
    SLIP_AFTER_COMMA, /* the line before ends with a comma              */
    SLIP_NUMBER_FIRST,/* begins with a digit, "No", "Lot"               */
    SLIP_BRACKETED,   /* all of it stands in brackets                   */
    SLIP_WEB,
    SLIP_AFTER_COMPANY,
    SLIP_BEFORE_COMPANY,/* a whole name: "Tri Shaas Sdn Bhd"            */
    SLIP_BEFORE_TAIL,  /* its end only: "Sdn Bhd"                       */
    SLIP_TAIL,
    SLIP_PHONE,        /* seven digits and hardly a letter              */
    SLIP_SITE,         /* few letters, a name of a place: "1032-Subang Perdana" */
    SLIP_AFTER_COMPANY_STREET, /* after a company, before a street      */
    SLIP_OWNER,        /* "Owned by", "Dimiliki oleh", "Licensee of"    */
    SLIP_AFTER_OWNER,
    SLIP_BEFORE_STREET,/* a street or postal line follows               */
    SLIP_AFTER_STREET,
    SLIP_AFTER_POSTAL,
    SLIP_AFTER_REGISTER,
    SLIP_BEFORE_REGISTER,
    SLIP_AFTER_CONTACT,
    SLIP_AFTER_TITLE,
    SLIP_GAP,         /* white above it, three lines for 1              */
    SLIP_LIKE_LAST,   /* as tall as the line before                     */
    SLIP_WEAK,        /* badly read                                     */
    SLIP_FEATURE_COUNT
};

struct slip_line {
    uint32_t first, count; /* words */
    char *text;
    const char *words[SLIP_WORDS]; /* folded */
    uint32_t word_count;
    double row[SLIP_FEATURE_COUNT];
    double post[SLIP_LABELS];      /* how surely it has each label */
    enum slip_label label;
};

struct slip {
    struct slip_line lines[SLIP_LINES];
    uint32_t count;
};

extern const char *const slip_feature_names[SLIP_FEATURE_COUNT];

/* Lines with their rows. */
MUST_USE enum rc slip_rows(const struct extraction *x, struct slip *slip);
/* Labels and their sureness. */
void slip_label(struct slip *slip);
/* Is this folded word one that many slips print there? */
bool slip_word_known(const char *fold);
/* Is there a chain for this form? */
bool slip_knows(const struct form *form);
/*
 * Candidates for the shop's name and address; a part of extract_parties, for forms with a chain.
 * Either field may be NO_FIELD.
 */
MUST_USE enum rc slip_parties(struct extraction *x, uint16_t name, uint16_t address);

#endif
