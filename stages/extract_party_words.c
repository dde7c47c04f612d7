/*
 * extract_party_words.c - what a piece of text says of itself: a company, a street, a telephone, no name at all.
 */
#include "extract_party.h"

#include <ctype.h>
#include <string.h>

#include "doc/lexicon.h"

static const char *const suffixes[] = {
    "sl",   "sa",    "slu",  "sau",  "cb",    "sll",  "scoop", "gmbh",  "ag",   "kg",    "ohg",
    "ug",   "gbr",   "ev",   "inc",  "llc",   "ltd",  "limited", "corp", "corporation", "company",
    "co",   "plc",   "llp",  "sarl", "sas",   "eurl", "bhd",   "sdn",   "srl",  "spa",   "bv",
    "nv",   "enterprise", "enterprises", "trading", "holdings", "group", "sdnbhd", "gmbhcokg",
    "plt",  "sendirian", "berhad", "ek", "eg", "scp", "snc", "coop", "sat", "kgaa", "pllc", "pc",
};
static const char *const trades[] = {
    "restaurant", "restoran", "mart",   "store",    "stores",   "shop",   "hotel",   "hospital",
    "clinic",     "pharmacy", "farmacia", "bar",    "cafe",     "market", "services", "solutions",
    "supply",     "supplies", "hardware", "bakery", "book",     "books",  "motor",   "electrical",
    "marketing",  "suministros", "comercial", "industrial", "consulting", "systems", "agency",
    "kedai",      "pasaraya", "supermarket", "garage", "auto",  "steak",  "seafood", "stationery",
    "suites",     "consultants",
};
static const char *const streets[] = {
    "street", "st",   "road",  "rd",    "avenue", "ave",  "blvd", "lane",  "drive", "dr",   "way",
    "suite",  "calle", "avda", "av",    "avenida", "plaza", "paseo", "strasse", "str", "weg", "platz",
    "allee",  "rue",  "jalan", "jln",   "jl",     "lot",  "taman", "lorong", "kawasan", "no",  "apt",
    "floor",  "ground", "batu", "bandar", "seksyen", "section", "persiaran", "lebuh", "turnpike",
    "islands", "kampung", "wisma", "plaza", "pusat", "blok", "block", "unit", "level", "gf", "poligono",
    "pol",    "nave",  "ctra",  "carretera", "camino", "ronda", "travesia", "glorieta", "rambla", "urb", "urbanizacion",
    "highway", "hwy",  "parkway", "pkwy", "court", "circle", "square", "chemin", "quai", "impasse", "gasse",
};
static const char *const contacts[] = {
    "tel",   "telephone", "phone", "fax",   "email", "mail",  "www",  "http", "telefon", "telefax",
    "gst",   "gstid",     "gstno", "gstreg", "reg",  "coreg", "roc",  "ssm",  "company", "mobil",
    "hp",    "cif",       "nif",   "vat",   "taxid", "siret", "siren", "ust",  "hrb",    "web",
    "iban",  "tax", "telno", "coregno", "website", "lno",
};

/* Words that stand alone on papers and name nobody. */
static const char *const common[] = {
    "invoice", "factura", "rechnung", "facture", "receipt", "address", "malaysia", "site",   "cashier",
    "page",    "date",    "total",    "amount",  "copy",    "original", "cash",    "change", "bill",
    "customer", "thank",  "thanks",   "welcome", "tax",     "summary", "description", "price", "qty",
    "logo",    "sdnbhd",  "singapore", "espana", "deutschland", "france",
};

static bool
in_list(const char *fold, const char *const *list, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(fold, list[i]) == 0)
            return true;
    return false;
}

/* The i-th blank-separated word of a text, folded; false after the last. */
static bool
word_at(const char *text, unsigned i, char *fold, size_t room, char *raw, size_t raw_room)
{
    for (;;) {
        size_t n;

        text += strspn(text, " ");
        n = strcspn(text, " ");
        if (n == 0)
            return false;
        if (i-- == 0) {
            char copy[128];

            n = n < sizeof copy - 1 ? n : sizeof copy - 1;
            memcpy(copy, text, n);
            copy[n] = '\0';
            lexicon_fold(copy, fold, room);
            if (raw != NULL)
                snprintf(raw, raw_room, "%s", copy);
            return true;
        }
        text += n;
    }
}

bool
party_is_common(const char *text)
{
    char fold[128];

    lexicon_fold(text, fold, sizeof fold);
    return in_list(fold, common, COUNT_OF(common));
}

bool
party_has_suffix(const char *text)
{
    char fold[128];

    for (unsigned i = 0; word_at(text, i, fold, sizeof fold, NULL, 0); i++)
        if (i > 0 && in_list(fold, suffixes, COUNT_OF(suffixes)))
            return true;
    return false;
}

bool
party_has_trade(const char *text)
{
    char fold[128];

    for (unsigned i = 0; word_at(text, i, fold, sizeof fold, NULL, 0); i++)
        if (in_list(fold, trades, COUNT_OF(trades)))
            return true;
    return false;
}

bool
party_is_street(const char *text)
{
    char fold[128], raw[128];
    bool street = false, digit = false;

    for (unsigned i = 0; word_at(text, i, fold, sizeof fold, raw, sizeof raw); i++) {
        street = street || in_list(fold, streets, COUNT_OF(streets)) ||
                 (strlen(fold) > 6 && strstr(fold, "strasse") != NULL) || strncmp(raw, "C/", 2) == 0 ||
                 (i == 0 && strncmp(fold, "no", 2) == 0 && isdigit((unsigned char)fold[2]));
        digit = digit || strpbrk(fold, "0123456789") != NULL;
    }
    return street && digit;
}

bool
party_is_postal(const char *text)
{
    char fold[128], raw[128];
    bool postal = false, letters = false;

    for (unsigned i = 0; word_at(text, i, fold, sizeof fold, raw, sizeof raw); i++) {
        size_t digits = strspn(raw, "0123456789");
        bool all = raw[digits] == '\0' || strchr(",.-", raw[digits]) != NULL;

        postal = postal || (all && (digits == 5 || (digits == 4 && i == 0)));
        letters = letters || (isalpha((unsigned char)fold[0]) && strlen(fold) > 2);
    }
    return postal && letters;
}

bool
party_is_contact(const char *text)
{
    char fold[128];

    if (strchr(text, '@') != NULL || strstr(text, "www.") != NULL)
        return true;
    for (unsigned i = 0; i < 4 && word_at(text, i, fold, sizeof fold, NULL, 0); i++) {
        size_t n = strcspn(fold, "0123456789");

        fold[n] = '\0';
        if (n > 1 && in_list(fold, contacts, COUNT_OF(contacts)))
            return true;
    }
    return false;
}

double
party_letters(const char *text)
{
    unsigned letters = 0, digits = 0;

    for (; *text != '\0'; text++) {
        letters += isalpha((unsigned char)*text) || (unsigned char)*text >= 0xc0;
        digits += isdigit((unsigned char)*text) != 0;
    }
    return letters + digits > 0 ? (double)letters / (letters + digits) : 0;
}

/* "Smith 8 Sons": a lone 8 or euro sign between two names is an ampersand. */
static void
mend_ampersand(char *text)
{
    for (char *at = strchr(text, ' '); at != NULL; at = strchr(at + 1, ' ')) {
        size_t k = at[1] == '8' ? 1 : strncmp(at + 1, "\xe2\x82\xac", 3) == 0 ? 3 : 0;

        if (k == 0 || at[1 + k] != ' ' || !isupper((unsigned char)at[2 + k]) || at == text ||
            !isalpha((unsigned char)at[-1]))
            continue;
        at[1] = '&';
        memmove(at + 2, at + 1 + k, strlen(at + 1 + k) + 1);
    }
}

/* "AEON CO. (M) BHD (126926-H)": the register number is not the name. */
static void
cut_register(char *text)
{
    char *open = strrchr(text, '(');
    unsigned digits = 0;

    if (open == NULL || open == text || strchr(open, ')') == NULL)
        return;
    for (const char *at = open; *at != '\0' && *at != ')'; at++)
        digits += isdigit((unsigned char)*at) != 0;
    if (digits < 4)
        return;
    while (open > text && open[-1] == ' ')
        open--;
    *open = '\0';
}

/* A name without the reader's dirt at its ends. */
char *
party_clean(struct arena *arena, const char *text)
{
    static const char front[] = " |*_-=~.,:;'`\"<>\\/";
    char *out;
    size_t n;

    while (*text != '\0' && strchr(front, *text) != NULL)
        text++;
    out = arena_str(arena, text);
    if (out == NULL)
        return NULL;
    n = strlen(out);
    while (n > 0 && strchr(" |*_-=~,:;'`\"<>\\", out[n - 1]) != NULL)
        n--;
    out[n] = '\0';
    /* A lone letter at the end is a speck. */
    if (n > 6 && out[n - 2] == ' ' && islower((unsigned char)out[n - 1]))
        out[n - 2] = '\0';
    /* And so is the sender's own initial: the mark beside the name. */
    if (n > 6 && out[n - 2] == ' ' && out[n - 1] == out[0] && isupper((unsigned char)out[0])) {
        out[n - 2] = '\0';
        if (!party_has_suffix(out))
            out[n - 2] = ' ';
    }
    mend_ampersand(out);
    cut_register(out);
    return out;
}

/* Nothing but company forms: "SDN BHD" is the end of the name above it. */
bool
party_is_tail(const char *text)
{
    char fold[128];
    unsigned n = 0, known = 0;

    for (; word_at(text, n, fold, sizeof fold, NULL, 0); n++)
        known += in_list(fold, suffixes, COUNT_OF(suffixes)) || strlen(fold) <= 1 ||
                 strcmp(fold, "restaurant") == 0 || strcmp(fold, "son") == 0;
    return n > 0 && n <= 4 && known == n;
}
