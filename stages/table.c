/*
 * table.c - the pipeline.  A new stage is a file and a row here.
 *
 * The six rows of a document run in one cage, top to bottom, each given what the ones
 * before it made, until one does not pass.  When a person has spoken they run again with
 * the person's ORDER, whose values win over the machine's.
 */
#include "stage.h"

#include <string.h>

#include "stages.h"

#define K(name) ARTIFACT_BIT(ARTIFACT_##name)

/*
 * The programs that only call cells know the rows by name and limits; the functions, and the
 * parsers that they bring along, are linked into escriba-cell alone.
 */
#ifdef STAGES_ELSEWHERE
#define F(function) NULL
#else
#define F(function) function
#endif

const struct stage stage_table[] = {
    /* name        where       claimed as      is given                          makes                 s    MiB    before the cage  inside it     */
    { "intake",   SEAT_DOOR,  UNIT_FILE,     0,                                K(ORIGINAL) | K(NAME), { 0, 0 },      NULL,           NULL         },
    { "unpack",   SEAT_CELL,  UNIT_FILE,     K(ORIGINAL),                      K(ENTRY),              { 30, 1024 },  NULL,           F(unpack_run)   },
    { "manifest", SEAT_CELL,  UNIT_FILE,     K(ORIGINAL),                      K(MANIFEST),           { 5, 256 },    NULL,           F(manifest_run) },
    { "einvoice", SEAT_CELL,  UNIT_FILE,     K(ORIGINAL),                      K(WITNESS),            { 10, 512 },   NULL,           F(einvoice_run) },
    { "decode",   SEAT_CELL,  UNIT_FILE,     K(ORIGINAL),                      K(RECIPE) | K(WITNESS),            { 30, 1024 },  NULL,           F(decode_run)   },
    { "paint",    SEAT_PAINT, UNIT_PAGE,     K(ORIGINAL) | K(RECIPE),          K(RASTER),             { 10, 1024 },  NULL,           NULL         },
    { "read",     SEAT_CELL,  UNIT_PAGE,     K(ORIGINAL) | K(RECIPE),          K(READING),            { 60, 1024 },  F(read_ready),     F(read_run)     },
    { "separate", SEAT_STORE, UNIT_PAGE,     0,                                0,                     { 0, 0 },      NULL,           NULL         },
    { "classify", SEAT_CELL,  UNIT_DOCUMENT, K(READING) | K(ORDER),            K(FIELDS),             { 10, 512 },   F(forms_ready),    F(classify_run) },
    { "extract",  SEAT_CELL,  UNIT_DOCUMENT, K(READING) | K(ORDER) | K(FIELDS) | K(MEMORY), K(FIELDS) | K(MEMORY), { 10, 512 },   NULL,           F(extract_run)  },
    { "compare",  SEAT_CELL,  UNIT_DOCUMENT, K(READING) | K(ORDER) | K(FIELDS) | K(WITNESS), K(FIELDS), { 5, 512 },  NULL,           F(compare_run)  },
    { "validate", SEAT_CELL,  UNIT_DOCUMENT, K(READING) | K(ORDER) | K(FIELDS) | K(TERMS) | K(PARTIES), K(FIELDS) | K(TWINS), { 10, 512 },   NULL,           F(validate_run) },
    { "remember", SEAT_CELL,  UNIT_DOCUMENT, K(READING) | K(ORDER) | K(FIELDS) | K(MEMORY), K(MEMORY), { 10, 512 },  NULL,           F(remember_run) },
    { "package",  SEAT_CELL,  UNIT_DOCUMENT, K(READING) | K(FIELDS),           K(PACKAGE),            { 10, 512 },   NULL,           F(package_run)  },
    { "review",   SEAT_DESK,  UNIT_DOCUMENT, K(FIELDS) | K(READING),           K(ORDER),              { 0, 0 },      NULL,           NULL         },
    { "crop",     SEAT_CELL,  UNIT_PAGE,     K(ORIGINAL) | K(RECIPE),          K(CROP),               { 10, 1024 },  NULL,           F(crop_run)     },
    { "learn",    SEAT_CELL,  UNIT_FILE,     K(ORIGINAL) | K(RECIPE) | K(RASTER), K(LEARNED),         { 60, 1024 },  F(read_ready),  F(learn_run)    },
    { "deliver",  SEAT_POST,  UNIT_DELIVERY, K(PACKAGE),                       0,                     { 0, 0 },      NULL,           NULL         },
    { NULL, 0, 0, 0, 0, { 0, 0 }, NULL, NULL }
};

const struct stage *
stage_find(const char *name)
{
    for (const struct stage *s = stage_table; s->name != NULL; s++)
        if (strcmp(s->name, name) == 0)
            return s;
    return NULL;
}
