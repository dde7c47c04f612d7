/*
 * reading.h - what was read on one page; what the read stage makes.
 *
 * All boxes are in the pixels of the upright page: the recipe's raster after its
 * rotation and ours (rotation), before deskewing.  Encoded as ARTIFACT_READING.
 */
#ifndef DOC_READING_H
#define DOC_READING_H

#include "base/codec.h"
#include "doc/box.h"
#include "doc/flat.h"
#include "doc/reason.h"

enum page_kind { PAGE_CONTENT = 0, PAGE_BLANK = 1, PAGE_SEPARATOR = 2, PAGE_BATCH_SEPARATOR = 3 };

/* Who read: Tesseract, or the line recogniser of ours (stages/second.h). */
enum word_reader { READER_TESSERACT = 0, READER_OWN = 1 };

struct word {
    struct box box;
    const char *text; /* UTF-8, as printed                                */
    float conf;       /* 0..1, the reader's own number: not a probability */
    const char *second; /* what the other reader gave for the same place; "" or NULL: nothing, or not asked */
    float second_conf;  /* its own number                                 */
    enum word_reader reader; /* whose text it is                               */
    uint32_t line;    /* words of one printed line share a number; lines go top to bottom */
    uint32_t block;   /* the same for blocks of lines                     */
};

enum mark_state { MARK_NONE = 0, MARK_BLANK = 1, MARK_MARKED = 2, MARK_DOUBTFUL = 3 };

/* One zone of a fixed form, read. */
struct zone_reading {
    const char *zone; /* the zone's name in forms/zones/NAME.yaml */
    struct box box;
    const char *text; /* "" for a blank or a mark zone            */
    float conf;
    float ink;        /* share of dark pixels, 0..1               */
    enum mark_state mark;
    const char *second; /* what the second reader gave; "" or NULL: nothing, or not asked */
    const char *other;  /* what was read besides and not taken; "" or NULL: nothing else  */
    float other_conf;
};

/* A bar code or two-dimensional code. */
struct code_reading {
    struct box box;
    const char *kind; /* "QR-Code", "CODE-128", ... */
    const char *text;
};

/* What separation needs: numbers only, safe to keep in clear. */
struct page_facts {
    enum page_kind kind;
    uint32_t page_k, page_n; /* "page k of n" as printed; 0 when absent             */
    float start;             /* how surely this page begins a document, 0..1        */
    uint32_t width, height;
    float ink;               /* share of dark pixels                                */
    uint32_t words;          /* words read                                          */
    enum reason reason;      /* REASON_NONE, REASON_NO_INK, REASON_HANDWRITING, ... */
};

struct page_reading {
    struct page_facts facts;
    uint32_t dpi;
    int rotation;     /* what we turned beyond the recipe's rotation: 0 90 180 270      */
    float skew;       /* degrees                                                        */
    struct flat_map flat; /* of a photograph or of small print: from the upright page to the one that was read, which
                             skew is then no part of */
    uint32_t flat_width;  /* of the page that was read, pixels; 0 without */
    const char *form; /* the fixed form this page matched, or ""                        */
    const char *made_by; /* versions of what read it: "tesseract 5.3.0 eng, reader 1"; or NULL */
    float form_conf;
    struct word *words;
    uint32_t word_count;
    struct zone_reading *zones;
    uint32_t zone_count;
    struct code_reading *codes;
    uint32_t code_count;
    struct box *strikes; /* print that somebody crossed out */
    uint32_t strike_count;
};

void reading_write(struct buffer *b, const struct page_reading *reading);
MUST_USE enum rc reading_read(struct bytes bytes, struct arena *arena, struct page_reading **out);

#endif
