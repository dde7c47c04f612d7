/*
 * extract_slip.c - extract_slip.h: the rows of the lines, and what is made of their labels.
 */
#include "extract_slip.h"

#include <ctype.h>
#include <string.h>

#include "doc/lexicon.h"
#include "extract_party.h"

#define SCRAP 12         /* letters; a shorter line that is read so badly is none */
#define SCRAP_CONF 0.4f
#define NAME_LEAST 0.2   /* where no line is surely the name, the likeliest is offered from here on */
#define PLACE_LEAST 0.05

const char *const slip_feature_names[SLIP_FEATURE_COUNT] = {
    "bias",        "first",        "second",        "third",          "to_six",        "to_ten",
    "later",       "down",         "tall",          "letters",        "short",         "long",
    "few_words",   "company",      "trade",         "street",         "postal",        "state",
    "contact",     "register",     "only_register", "date",           "amount",        "title",
    "label",       "colon",        "comma_end",     "after_comma",    "number_first",  "bracketed",
    "web",         "after_company", "before_company", "before_tail", "tail",           "phone",
    "site",        "company_street", "owner",        "after_owner", "before_street",  "after_street",
    "after_postal",
    "after_register", "before_register", "after_contact", "after_title", "gap",        "like_last",
    "weak",
};

static const char *const companies[] = {
    "sdnbhd", "sdnbhdm", "enterprise", "trading", "berhad", "gmbh", "limited", "restoran", "restaurant",
};
static const char *const states[] = {
    "selangor", "johor", "kualalumpur", "penang", "pulaupinang", "perak", "melaka", "pahang", "negerisembilan",
    "kedah", "sabah", "sarawak", "kelantan", "terengganu", "putrajaya", "darulehsan", "darultakzim", "wilayah",
    "persekutuan", "shahalam", "petalingjaya", "johorbahru", "malaysia", "singapore",
};
static const char *const titles[] = {
    "taxinvoice", "invoice", "cashbill", "cashsale", "receipt", "simplifiedtaxinvoice", "officialreceipt",
    "cashsales", "guestcheck", "bill", "salesreceipt", "taxreceipt", "ticket", "factura", "duplicate", "copy",
    "facturasimplificada", "quittung", "kassenbon", "cashier", "welcome",
};

static const char *const owners[] = {
    "ownedby", "ownby", "dimilikioleh", "licenseeof", "operatedby", "formerlyknownas",
};

static double
within(double v, double low, double high)
{
    return v < low ? low : v > high ? high : v;
}

/* Does one of the phrases stand in the line, at the beginning of a word? */
static bool
says(const struct lay_run *line, const char *const *phrases, size_t count, bool whole)
{
    for (uint32_t s = 0; s < line->fold_size; s++) {
        double cost;
        size_t used;

        if (line->edge[s] == 0)
            continue;
        for (size_t i = 0; i < count; i++)
            if (lexicon_prefix(phrases[i], strlen(phrases[i]), line->fold + s, line->fold_size - s, line->edge + s,
                               &cost, &used) &&
                (!whole || (s == 0 && line->fold_size <= used + 4)))
                return true;
        if (whole)
            break;
    }
    return false;
}

#define SAYS(line, phrases) says(line, phrases, COUNT_OF(phrases), false)

static bool
is_company(const struct lay_run *line, const char *text)
{
    const char *slash = strstr(text, "S/B");

    return party_has_suffix(text) || SAYS(line, companies) || (slash != NULL && slash > text && slash[-1] == ' ');
}

/*
 * Where a register number begins: "(728515-M)", "273500-U (KSB)", "(CO. REG NO: 12345-X)"; the
 * end of the text when there is none.
 */
static size_t
register_at(const char *text)
{
    size_t n = strlen(text), from;

    for (size_t i = 0; i < n; i++) {
        size_t k = 0, digits = 0, at = i;

        if (!isdigit((unsigned char)text[i]) || (i > 0 && isdigit((unsigned char)text[i - 1])))
            continue;
        while (at + k < n && (isdigit((unsigned char)text[at + k]) || strchr("OoIlSBZ", text[at + k]) != NULL)) {
            digits += isdigit((unsigned char)text[at + k]) != 0;
            k++;
        }
        if (digits < 4 || k < 5)
            continue;
        while (at + k < n && strchr(" -.~", text[at + k]) != NULL)
            k++;
        /* A number of five digits alone is a postal code. */
        if (!(isalpha((unsigned char)text[at + k]) && !isalnum((unsigned char)text[at + k + 1])) && digits < 6)
            continue;
        from = i;
        while (from > 0 && strchr(" :.#-", text[from - 1]) != NULL)
            from--;
        for (size_t b = i; b-- > 0;)
            if (text[b] == '(' || text[b] == '[') {
                from = b;
                break;
            } else if (text[b] == ')')
                break;
        return from;
    }
    return n;
}

static bool
is_phone(const char *text)
{
    unsigned digits = 0;

    for (const char *at = text; *at != '\0'; at++)
        digits += isdigit((unsigned char)*at) != 0;
    return digits >= 7 && party_letters(text) < 0.25;
}

static bool
has_postal(const char *text)
{
    for (const char *at = text; *at != '\0'; at++) {
        size_t n = strspn(at, "0123456789");

        if (n == 5 && (at == text || !(isalnum((unsigned char)at[-1]) || strchr("-/(:", at[-1]) != NULL)) &&
            !isalnum((unsigned char)at[5]) && at[5] != '-' && at[5] != '/')
            return party_letters(text) > 0.3;
        at += n > 0 ? n - 1 : 0;
    }
    return false;
}

static void
own_row(const struct extraction *x, struct slip_line *s, const struct lay_run *line, uint32_t index)
{
    const struct layout *lay = x->layout;
    const struct page_facts *facts = &lay->pages[line->page]->facts;
    const struct label_hit *hit = hit_of_word(x, line->first);
    size_t n = strlen(s->text), cut = register_at(s->text);
    double h = lay->height > 1 ? lay->height : 1, *row = s->row;

    row[SLIP_BIAS] = 1;
    row[SLIP_FIRST] = index == 0;
    row[SLIP_SECOND] = index == 1;
    row[SLIP_THIRD] = index == 2;
    row[SLIP_TO_SIX] = index > 2 && index < 6;
    row[SLIP_TO_TEN] = index >= 6 && index < 10;
    row[SLIP_LATER] = index >= 10;
    row[SLIP_DOWN] = facts->height > 0 ? within((double)line->box.y0 / facts->height, 0, 1) : 0;
    row[SLIP_TALL] = within(box_height(line->box) / h - 1, 0, 1.5);
    row[SLIP_LETTERS] = party_letters(s->text);
    row[SLIP_SHORT] = line->fold_size < 5;
    row[SLIP_LONG] = within((double)n / 60, 0, 1);
    row[SLIP_FEW_WORDS] = s->count <= 2;
    row[SLIP_COMPANY] = is_company(line, s->text);
    row[SLIP_TAIL] = row[SLIP_COMPANY] > 0 && party_is_tail(s->text);
    row[SLIP_PHONE] = is_phone(s->text);
    row[SLIP_SITE] = strspn(s->text, "0123456789") >= 3 && s->text[strspn(s->text, "0123456789 ")] == '-';
    row[SLIP_OWNER] = SAYS(line, owners);
    row[SLIP_TRADE] = party_has_trade(s->text);
    row[SLIP_STREET] = party_is_street(s->text);
    row[SLIP_POSTAL] = has_postal(s->text);
    row[SLIP_STATE] = SAYS(line, states);
    row[SLIP_CONTACT] = party_is_contact(s->text);
    row[SLIP_REGISTER] = cut < n;
    row[SLIP_ONLY_REGISTER] = cut < 6 && cut < n;
    for (uint32_t i = 0; i < x->date_count; i++)
        if (x->dates[i].line == line->line && !x->dates[i].hit.no_year && !x->dates[i].hit.no_day)
            row[SLIP_DATE] = 1;
    for (uint32_t i = 0; i < x->amount_count; i++)
        if (x->amounts[i].line == line->line && !x->amounts[i].readings[0].whole && x->amounts[i].readings[0].sure)
            row[SLIP_AMOUNT] = 1;
    row[SLIP_TITLE] = says(line, titles, COUNT_OF(titles), true);
    row[SLIP_LABEL] = hit != NULL && hit->column == UINT32_MAX && hit->cost < 0.5;
    row[SLIP_COLON] = strchr(s->text, ':') != NULL;
    row[SLIP_COMMA_END] = n > 0 && s->text[n - 1] == ',';
    row[SLIP_NUMBER_FIRST] = isdigit((unsigned char)s->text[strspn(s->text, " (")]) ||
                             strncmp(line->fold, "no", 2) == 0 || strncmp(line->fold, "lot", 3) == 0;
    row[SLIP_BRACKETED] = s->text[0] == '(' && n > 1 && s->text[n - 1] == ')';
    row[SLIP_WEB] = strchr(s->text, '@') != NULL || strstr(line->fold, "www") != NULL;
    row[SLIP_WEAK] = within(1 - (double)layout_conf(lay, s->first, s->count), 0, 1);
}

/* What the neighbours say. */
static void
near_rows(const struct extraction *x, struct slip *slip)
{
    static const struct { enum slip_feature of, before, after; } turns[] = {
        { SLIP_COMPANY, SLIP_FEATURE_COUNT, SLIP_AFTER_COMPANY },
        { SLIP_TAIL, SLIP_BEFORE_TAIL, SLIP_FEATURE_COUNT },
        { SLIP_OWNER, SLIP_FEATURE_COUNT, SLIP_AFTER_OWNER },
        { SLIP_STREET, SLIP_BEFORE_STREET, SLIP_AFTER_STREET },
        { SLIP_POSTAL, SLIP_BEFORE_STREET, SLIP_AFTER_POSTAL },
        { SLIP_REGISTER, SLIP_BEFORE_REGISTER, SLIP_AFTER_REGISTER },
        { SLIP_CONTACT, SLIP_FEATURE_COUNT, SLIP_AFTER_CONTACT },
        { SLIP_TITLE, SLIP_FEATURE_COUNT, SLIP_AFTER_TITLE },
        { SLIP_COMMA_END, SLIP_FEATURE_COUNT, SLIP_AFTER_COMMA },
    };
    const struct layout *lay = x->layout;

    for (uint32_t i = 0; i < slip->count; i++) {
        struct slip_line *s = &slip->lines[i], *up = i > 0 ? s - 1 : NULL;
        struct slip_line *down = i + 1 < slip->count ? s + 1 : NULL;
        const struct box box = lay->lines[lay->words[s->first].line].box;

        for (size_t k = 0; k < COUNT_OF(turns); k++) {
            if (up != NULL && turns[k].after != SLIP_FEATURE_COUNT && up->row[turns[k].of] > 0)
                s->row[turns[k].after] = 1;
            if (down != NULL && turns[k].before != SLIP_FEATURE_COUNT && down->row[turns[k].of] > 0)
                s->row[turns[k].before] = 1;
        }
        s->row[SLIP_BEFORE_COMPANY] = down != NULL && down->row[SLIP_COMPANY] > 0 && down->row[SLIP_TAIL] <= 0;
        s->row[SLIP_AFTER_COMPANY_STREET] = s->row[SLIP_AFTER_COMPANY] * s->row[SLIP_BEFORE_STREET];
        if (up != NULL) {
            const struct box last = lay->lines[lay->words[up->first].line].box;
            int ha = box_height(box), hb = box_height(last);

            s->row[SLIP_GAP] = within((box.y0 - last.y1) / (3 * (double)lay->height), 0, 1);
            s->row[SLIP_LIKE_LAST] = ha * 4 > hb * 3 && hb * 4 > ha * 3;
        }
    }
}

/*
 * A word as it is taken: what the other reader gave for the same place, when that is a word that
 * slips print and the first reader's is not.
 */
static const char *
word_taken(const struct word *w)
{
    char first[64], second[64];

    if (w->second == NULL || strlen(w->second) < 4 || strlen(w->second) > 30 || strlen(w->text) > 30)
        return w->text;
    lexicon_fold(w->text, first, sizeof first);
    lexicon_fold(w->second, second, sizeof second);
    return slip_word_known(second) && !slip_word_known(first) ? w->second : w->text;
}

static char *
line_text(const struct extraction *x, const struct slip_line *s)
{
    char *text = NULL;

    for (uint32_t i = 0; i < s->count; i++) {
        const char *word = word_taken(x->layout->words[s->first + i].word);

        text = text == NULL ? arena_str(x->arena, word) : arena_printf(x->arena, "%s %s", text, word);
        if (text == NULL)
            return NULL;
    }
    return text;
}

enum rc
slip_rows(const struct extraction *x, struct slip *slip)
{
    const struct layout *lay = x->layout;

    memset(slip, 0, sizeof *slip);
    for (uint32_t i = 0; i < lay->line_count && slip->count < SLIP_LINES; i++) {
        const struct lay_run *line = &lay->lines[i];
        struct slip_line *s = &slip->lines[slip->count];

        if (line->page > 0)
            break;
        /* Specks are no lines, and no shop begins with what is left of the last slip's foot or a logo. */
        if (line->fold_size < 2 ||
            (line->fold_size < SCRAP && layout_conf(lay, line->first, line->count) < SCRAP_CONF))
            continue;
        s->first = line->first;
        s->count = line->count;
        s->text = line_text(x, s);
        if (s->text == NULL)
            return RC_NOMEM;
        for (uint32_t w = 0; w < line->count && s->word_count < SLIP_WORDS; w++) {
            const char *text = word_taken(lay->words[line->first + w].word);

            /* "JALAN,TAMAN" is two words. */
            while (*text != '\0' && s->word_count < SLIP_WORDS) {
                size_t n = strcspn(text, ",;:()/");
                char *part = arena_copy(x->arena, text, n + 1), *fold = arena_alloc(x->arena, 2 * n + 4);

                if (part == NULL || fold == NULL)
                    return RC_NOMEM;
                part[n] = '\0';
                if (lexicon_fold(part, fold, 2 * n + 4) > 0)
                    s->words[s->word_count++] = fold;
                text += n + strspn(text + n, ",;:()/");
            }
        }
        own_row(x, s, line, slip->count);
        slip->count++;
    }
    near_rows(x, slip);
    return RC_OK;
}

/* "KEDAI BUKU (273500-U)" without its register number; "" when nothing else is there. */
static char *
name_text(struct arena *arena, const char *text)
{
    char *out = arena_str(arena, text);
    size_t n;

    if (out == NULL)
        return NULL;
    n = register_at(out);
    if (n < 4 && n < strlen(out))
        n = 0;
    out[n] = '\0';
    return party_clean(arena, out);
}

/* "Site: 1046 176 JLN SUNGEI BESI": the number of a branch before its address. */
static const char *
behind_site(const char *text)
{
    const char *at = text;
    size_t n;

    if (strncasecmp(at, "site", 4) != 0 || isalpha((unsigned char)at[4]))
        return text;
    at += 4;
    at += strspn(at, " :.#");
    n = strspn(at, "0123456789");
    return n >= 2 && (at[n] == ' ' || at[n] == '\0') ? at + n : text;
}

/* "56000 KUALA LUMPUR TEL: 03-7728" without what is no address, with the comma that it goes on by. */
static char *
address_text(struct arena *arena, const char *text)
{
    static const char *const ends[] = { "tel", "fax", "gst", "phone", "hp", "h/p", "co.reg", "gstreg" };
    char *out = arena_str(arena, behind_site(text));
    bool comma;
    size_t n;

    for (char *at = out; at != NULL && *at != '\0'; at++) {
        if (at == out || (at[-1] != ' ' && at[-1] != ',' && at[-1] != '('))
            continue;
        for (size_t i = 0; i < COUNT_OF(ends); i++) {
            size_t k = strlen(ends[i]);

            if (strncasecmp(at, ends[i], k) == 0 && !isalpha((unsigned char)at[k]) &&
                strpbrk(at, "0123456789") != NULL) {
                *at = '\0';
                return party_clean(arena, out);
            }
        }
    }
    if (out == NULL)
        return NULL;
    n = strlen(out);
    while (n > 0 && out[n - 1] == ' ')
        n--;
    comma = n > 0 && out[n - 1] == ',';
    out = party_clean(arena, out);
    return comma && out != NULL && out[0] != '\0' ? arena_printf(arena, "%s,", out) : out;
}

/* No line is more probably the shop's name than not: the likeliest of them takes it, if there is any likelihood. */
static void
name_at_all(struct slip *slip)
{
    uint32_t best = 0;

    for (uint32_t i = 0; i < slip->count; i++) {
        if (slip->lines[i].label == SLIP_NAME)
            return;
        if (slip->lines[i].post[SLIP_NAME] > slip->lines[best].post[SLIP_NAME])
            best = i;
    }
    if (slip->count > 0 && slip->lines[best].post[SLIP_NAME] >= NAME_LEAST && slip->lines[best].label == SLIP_OTHER)
        slip->lines[best].label = SLIP_NAME;
}

static bool
is_place(const struct slip_line *s)
{
    return s->row[SLIP_STREET] > 0 || s->row[SLIP_POSTAL] > 0 || s->row[SLIP_STATE] > 0;
}

/*
 * What is labelled as the address is no place, and a street or a postal code stands further down (Spanish slips have
 * the tax number between the name and its address): that is the address, and what ends the name belongs to the name.
 */
static void
address_is_a_place(struct slip *slip)
{
    uint32_t best = slip->count;

    for (uint32_t i = 0; i < slip->count; i++) {
        const struct slip_line *s = &slip->lines[i];

        if (!is_place(s) || s->row[SLIP_DATE] > 0 || s->row[SLIP_AMOUNT] > 0)
            continue;
        if (s->label == SLIP_ADDRESS)
            return;
        if (s->label == SLIP_OTHER && s->post[SLIP_ADDRESS] >= PLACE_LEAST &&
            (best == slip->count || s->post[SLIP_ADDRESS] > slip->lines[best].post[SLIP_ADDRESS]))
            best = i;
    }
    if (best == slip->count)
        return;
    for (uint32_t i = 0; i < slip->count; i++) {
        struct slip_line *s = &slip->lines[i];

        bool ends = i > 0 && s->row[SLIP_COMPANY] > 0 && slip->lines[i - 1].label == SLIP_NAME;

        if (s->label == SLIP_ADDRESS)
            s->label = ends ? SLIP_NAME : SLIP_OTHER;
    }
    while (best > 0 && is_place(&slip->lines[best - 1]) && slip->lines[best - 1].label == SLIP_OTHER)
        best--;
    for (uint32_t i = best; i < slip->count && is_place(&slip->lines[i]) && slip->lines[i].label == SLIP_OTHER; i++)
        slip->lines[i].label = SLIP_ADDRESS;
}

/*
 * A speck before the name: of one or two letters, and much smaller than the next word, far from it, or hardly read.
 * Behind it two words stand at least.
 */
static bool
begins_with_speck(const struct extraction *x, const struct slip_line *line)
{
    const struct lay_word *first = &x->layout->words[line->first], *next = first + 1;
    double tall;

    if (line->count < 3 || strlen(first->word->text) > 2 || strcspn(line->text, " ") > 2)
        return false;
    tall = box_height(next->box);
    return box_height(first->box) < 0.66 * tall || next->box.x0 - first->box.x1 > 2.5 * tall ||
           first->word->conf < 0.35f;
}

static enum rc
offer(struct extraction *x, uint16_t field, const struct slip *slip, enum slip_label label)
{
    struct candidate c = { .hit = -1, .conf = 1.0f };
    char *all = NULL;
    double sure = 1;
    uint32_t gone = 0;

    for (uint32_t i = 0; i < slip->count; i++) {
        const struct slip_line *s = &slip->lines[i];
        const char *printed = s->text;
        char *text;

        if (s->label != label) {
            gone += all != NULL;
            continue;
        }
        /* The same shop again, further down: a stamp or the bank's slip. */
        if (all != NULL && (label == SLIP_NAME ? gone > 1 : gone > 3))
            break;
        if (label == SLIP_NAME && all == NULL && begins_with_speck(x, s))
            printed += strcspn(printed, " ");
        text = label == SLIP_NAME ? name_text(x->arena, printed) : address_text(x->arena, printed);
        if (text == NULL)
            return RC_NOMEM;
        if (text[0] == '\0')
            continue;
        if (all == NULL) {
            all = text;
            c.first = s->first;
        } else if ((all = arena_printf(x->arena, "%s %s", all, text)) == NULL)
            return RC_NOMEM;
        c.count = s->first + s->count - c.first;
        if (layout_conf(x->layout, s->first, s->count) < c.conf)
            c.conf = layout_conf(x->layout, s->first, s->count);
        sure = s->post[label] < sure ? s->post[label] : sure;
    }
    if (all == NULL || strlen(all) < 3)
        return RC_OK;
    if (all[strlen(all) - 1] == ',')
        all[strlen(all) - 1] = '\0';
    c.text = c.value = all;
    if (label == SLIP_NAME) {
        char *mended = party_legal_end(x->arena, all);

        if (mended == NULL)
            return RC_NOMEM;
        c.repaired = party_mend_legal(mended);
        c.value = mended;
    }
    c.score = 0.45 + 0.35 * sure;
    choice_add(&x->choices[field], &c);
    return RC_OK;
}

enum rc
slip_parties(struct extraction *x, uint16_t name, uint16_t address)
{
    struct slip *slip = arena_alloc(x->arena, sizeof *slip);
    enum rc rc = slip == NULL ? RC_NOMEM : slip_rows(x, slip);

    if (rc != RC_OK)
        return rc;
    slip_label(slip);
    name_at_all(slip);
    address_is_a_place(slip);
    if (name != NO_FIELD)
        rc = offer(x, name, slip, SLIP_NAME);
    if (rc == RC_OK && address != NO_FIELD)
        rc = offer(x, address, slip, SLIP_ADDRESS);
    return rc;
}
