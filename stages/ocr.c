/*
 * ocr.c - ocr.h over Tesseract's C interface.
 *
 * Tesseract opens its message file at the first message and some tables at the first
 * line it reads.  Both happen in ocr_ready(), on an image of our own, because afterwards
 * the cage kills whoever opens a file.
 */
#include "ocr.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <tesseract/capi.h>

static const char *const model_names[OCR_LANGUAGES] = { "eng", "spa", "deu", "fra" };
static const char *const short_names[OCR_LANGUAGES] = { "en", "es", "de", "fr" };
static TessBaseAPI *models[OCR_LANGUAGES];

static const TessPageSegMode modes[] = {
    [OCR_PAGE] = PSM_AUTO,        [OCR_BLOCK] = PSM_SINGLE_BLOCK, [OCR_LINE] = PSM_SINGLE_LINE,
    [OCR_RAW] = PSM_RAW_LINE,     [OCR_SPARSE] = PSM_SPARSE_TEXT,
};

/* A white image with a few bars: enough to make a model touch everything it loads late. */
static void
warm_up(TessBaseAPI *model)
{
    PIX *pix = pixCreate(240, 60, 8);

    if (pix == NULL)
        return;
    pixSetAll(pix);
    for (l_int32 x = 20; x < 220; x += 20)
        pixRasterop(pix, x, 15, 4, 30, PIX_CLR, NULL, 0, 0);
    for (int i = 0; i < 2; i++) {
        TessBaseAPISetPageSegMode(model, i == 0 ? PSM_AUTO : PSM_SINGLE_LINE);
        TessBaseAPISetImage2(model, pix);
        TessBaseAPISetSourceResolution(model, 300);
        if (TessBaseAPIRecognize(model, NULL) == 0) {
            char *text = TessBaseAPIGetUTF8Text(model);

            TessDeleteText(text);
        }
        TessBaseAPIClear(model);
        pixSetAll(pix);
    }
    pixDestroy(&pix);
}

static TessBaseAPI *
load(const char *name)
{
    TessBaseAPI *model = TessBaseAPICreate();

    if (model == NULL)
        return NULL;
    TessBaseAPISetVariable(model, "debug_file", "/dev/null");
    if (TessBaseAPIInit2(model, NULL, name, OEM_LSTM_ONLY) != 0) {
        TessBaseAPIDelete(model);
        return NULL;
    }
    TessBaseAPISetVariable(model, "debug_file", "/dev/null");
    warm_up(model);
    return model;
}

enum rc
ocr_ready(void)
{
    setMsgSeverity(L_SEVERITY_NONE);
    for (int i = 0; i < OCR_LANGUAGES; i++)
        if (models[i] == NULL)
            models[i] = load(model_names[i]);
    return models[OCR_ENG] != NULL ? RC_OK : RC_CONFIG;
}

void
ocr_done(void)
{
    for (int i = 0; i < OCR_LANGUAGES; i++) {
        if (models[i] != NULL) {
            TessBaseAPIEnd(models[i]);
            TessBaseAPIDelete(models[i]);
        }
        models[i] = NULL;
    }
}

bool
ocr_has(enum ocr_language language)
{
    return (unsigned)language < OCR_LANGUAGES && models[language] != NULL;
}

bool
ocr_model(enum ocr_language language, char *name, size_t name_room, char *path, size_t path_room)
{
    if (!ocr_has(language))
        return false;
    snprintf(name, name_room, "%s", model_names[language]);
    snprintf(path, path_room, "%s%s.traineddata", TessBaseAPIGetDatapath(models[language]), model_names[language]);
    return true;
}

enum ocr_language
ocr_language_of(const char *name)
{
    for (int i = 0; i < OCR_LANGUAGES; i++)
        if (strcmp(name, model_names[i]) == 0 || strcmp(name, short_names[i]) == 0)
            return (enum ocr_language)i;
    return OCR_LANGUAGES;
}

/* One word from where the iterator stands; false when it holds nothing. */
static bool
take_word(TessResultIterator *at, const TessPageIterator *page, struct arena *arena,
          struct word *out, enum rc *rc)
{
    char *text = TessResultIteratorGetUTF8Text(at, RIL_WORD);
    int x0, y0, x1, y1;
    bool taken = false;

    if (text != NULL && text[0] != '\0' && strspn(text, " \t\n") != strlen(text) &&
        TessPageIteratorBoundingBox(page, RIL_WORD, &x0, &y0, &x1, &y1)) {
        out->text = arena_str(arena, text);
        out->box = (struct box){ x0, y0, x1, y1 };
        out->conf = TessResultIteratorConfidence(at, RIL_WORD) / 100.0f;
        if (out->text == NULL)
            *rc = RC_NOMEM;
        taken = out->text != NULL;
    }
    TessDeleteText(text);
    return taken;
}

static enum rc
collect(TessBaseAPI *model, struct arena *arena, struct ocr_text *out)
{
    TessResultIterator *at = TessBaseAPIGetIterator(model);
    const TessPageIterator *page;
    uint32_t room = 0, line = 0, block = 0;
    double sum = 0, letters = 0;
    enum rc rc = RC_OK;

    if (at == NULL)
        return RC_OK;
    page = TessResultIteratorGetPageIteratorConst(at);
    do {
        struct word w = { .line = 0 };

        if (TessPageIteratorIsAtBeginningOf(page, RIL_BLOCK) && out->count > 0)
            block++;
        if (TessPageIteratorIsAtBeginningOf(page, RIL_TEXTLINE) && out->count > 0)
            line++;
        if (!take_word(at, page, arena, &w, &rc)) {
            if (rc != RC_OK)
                break;
            continue;
        }
        if (out->count == room) {
            uint32_t more = room == 0 ? 64 : room * 2;
            struct word *bigger = arena_array(arena, more, sizeof *bigger);

            if (bigger == NULL) {
                rc = RC_NOMEM;
                break;
            }
            if (out->count > 0)
                memcpy(bigger, out->words, out->count * sizeof *bigger);
            out->words = bigger;
            room = more;
        }
        w.line = line;
        w.block = block;
        sum += w.conf * (double)strlen(w.text);
        letters += (double)strlen(w.text);
        out->words[out->count++] = w;
    } while (TessResultIteratorNext(at, RIL_WORD));
    TessResultIteratorDelete(at);
    out->conf = letters > 0 ? (float)(sum / letters) : 0.0f;
    return rc;
}

enum rc
ocr_read(PIX *pix, enum ocr_language language, enum ocr_mode mode, const char *allow,
         struct arena *arena, struct ocr_text *out)
{
    TessBaseAPI *model = ocr_has(language) ? models[language] : models[OCR_ENG];
    enum rc rc = RC_OK;

    *out = (struct ocr_text){ .count = 0 };
    if (model == NULL)
        return RC_BUG;
    if (pixGetWidth(pix) < 4 || pixGetHeight(pix) < 4)
        return RC_OK;
    TessBaseAPISetPageSegMode(model, modes[mode]);
    if (allow != NULL)
        TessBaseAPISetVariable(model, "tessedit_char_whitelist", allow);
    TessBaseAPISetImage2(model, pix);
    TessBaseAPISetSourceResolution(model, pixGetXRes(pix) >= 70 ? pixGetXRes(pix) : 300);
    if (TessBaseAPIRecognize(model, NULL) == 0)
        rc = collect(model, arena, out);
    TessBaseAPIClear(model);
    if (allow != NULL)
        TessBaseAPISetVariable(model, "tessedit_char_whitelist", "");
    return rc;
}
