/*
 * ocr.h - the Tesseract reader behind a few functions.
 *
 * Models are loaded by ocr_ready(), before the cage shuts; afterwards nothing here
 * opens a file or writes to one.  One thread; a process reads one image at a time.
 */
#ifndef STAGES_OCR_H
#define STAGES_OCR_H

#include <leptonica/allheaders.h>

#include "base/arena.h"
#include "doc/reading.h"

enum ocr_language { OCR_ENG, OCR_SPA, OCR_DEU, OCR_FRA, OCR_LANGUAGES };

enum ocr_mode {
    OCR_PAGE,   /* a page: find columns and lines      */
    OCR_BLOCK,  /* one block of even lines             */
    OCR_LINE,   /* the image is one line               */
    OCR_RAW,    /* one line, taken as it is: cheapest  */
    OCR_SPARSE  /* as much text as can be found        */
};

struct ocr_text {
    struct word *words; /* boxes in pixels of the image given; line counts from 0 */
    uint32_t count;
    float conf;         /* mean over characters, 0..1; 0 without words */
};

/* Load the models; a missing one of eng is RC_CONFIG, of the others it is left out. */
MUST_USE enum rc ocr_ready(void);
void ocr_done(void);
bool ocr_has(enum ocr_language language);
/* "en" or "eng" to OCR_ENG; OCR_LANGUAGES when unknown. */
enum ocr_language ocr_language_of(const char *name);

/* The name of a loaded model and the file it came from; false when it is not loaded. */
bool ocr_model(enum ocr_language language, char *name, size_t name_room, char *path, size_t path_room);

/*
 * Read an 8-bit gray (or 1-bit) image.  allow: the only characters that may come out,
 * or NULL.  The words live in arena.
 */
MUST_USE enum rc ocr_read(PIX *pix, enum ocr_language language, enum ocr_mode mode,
                          const char *allow, struct arena *arena, struct ocr_text *out);

#endif
