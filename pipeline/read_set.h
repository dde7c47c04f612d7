/*
 * read_set.h - files read here and now, for `escriba read`: no database, no keys.
 *
 * The same stages in the same cages as the queue's.  Each worker has a cell host of its own;
 * pages of one file are read by all of them.
 */
#ifndef PIPELINE_READ_SET_H
#define PIPELINE_READ_SET_H

#include <pthread.h>
#include <stdbool.h>

#include "doc/fields.h"
#include "doc/reading.h"
#include "doc/recipe.h"
#include "sys/cell.h"

struct read_options {
    const char *form;     /* "" or the type that every document is      */
    uint32_t first, last; /* pages of each file, from 1; last 0: to the end */
    unsigned jobs;
    const char *cell;     /* program; NULL: beside this one             */
    const char *forms_dir;
};

struct read_page {
    struct arena *arena;
    struct bytes reading;
    struct page_facts facts;
    int64_t ms;
};

struct read_document {
    uint32_t first, pages; /* of the file, from 0 */
    uint32_t *page;
    struct result result;
    struct fields *fields; /* NULL: none came out */
    int64_t ms;
};

enum read_state { READ_NEW, READ_OPENING, READ_PAGES, READ_GROUPING, READ_DONE };

struct read_file {
    char *name;            /* as given; of an entry ARCHIVE/ENTRY */
    struct read_file *next;
    enum read_state state;
    struct arena *arena;
    int fd;                /* sealed memfd of the bytes; -1 before and after */
    uint32_t depth;
    bool archive;          /* or manifest: no pages of its own */
    int error;             /* errno when the file itself could not be had    */
    enum rc rc;            /* RC_OK, or what failed of ours                  */
    enum reason refused;
    uint32_t detail;
    uint32_t dropped;      /* of an archive  */
    uint32_t listed;       /* of a manifest  */
    struct bytes recipe_bytes;
    struct bytes embedded; /* of a PDF: what an e-invoice in it states, ARTIFACT_WITNESS; data NULL: none */
    struct bytes beside;   /* the same of the companion NAME.xml beside NAME.pdf */
    int companion;         /* memfd of that XML; -1 without */
    bool taken;            /* of an XML: its pages are read as well */
    const char *kind;      /* of an XML: what e-invoice it is, "ubl"; NULL: no XML */
    struct recipe *recipe;
    uint32_t first, count; /* the pages asked for, from 0 */
    uint32_t given, left;  /* handed to workers; not yet read */
    struct read_page *pages;
    struct read_document *documents;
    uint32_t document_count, blank;
    int64_t ms;
};

struct read_set {
    const struct read_options *options;
    struct read_file *files;  /* in the order of printing */
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct err err;           /* why a worker could not start */
    unsigned lacks;           /* enum cell_lack of the hosts  */
    uint32_t pages_read, files_done, workers;
    bool stop;
};

/* A file of the set; name is copied. NULL without memory. */
struct read_file *read_file_new(const char *name);
void read_file_free(struct read_file *file);

/* Read what a path names into file->fd; sets error or refused. */
void read_file_load(struct read_file *file);
/* The XML beside it on the disk (NAME.xml beside NAME.pdf), when there is one: its companion. */
void read_companion_load(struct read_file *file);
/* Files of one archive, or of one command line: each XML goes to the pages of its name. */
void read_companion_pair(struct read_file *first);
/* An XML: what it states, of itself or (pages true) for the pages it lies beside. */
enum rc read_companion_open(struct read_file *file, struct cell_host **host, const struct read_options *options,
                            bool pages);
/* One call of a stage; a lost host is started again, a cage that died is tried a second time. */
enum rc read_call(struct cell_host **host, const struct read_options *options, const struct cell_call *call,
                  struct arena *arena, struct cell_answer *answer);

/* The first look: decode, or unpack (then *children gets a list). */
void read_file_open(struct read_file *file, struct cell_host **host,
                    const struct read_options *options, struct read_file **children);
/* A page that only the painter can draw: *raster is a memfd of the caller's, or -1 with result filled. */
enum rc read_file_paint(struct read_file *file, uint32_t page, struct cell_host **host,
                        const struct read_options *options, struct arena *arena, int *raster, struct result *result);
/* One page, index within the pages asked for. */
enum rc read_file_page(struct read_file *file, uint32_t index, struct cell_host **host,
                       const struct read_options *options, struct result *result);
/* All pages are read: group them, and run each document. */
void read_file_group(struct read_file *file, struct cell_host **host,
                     const struct read_options *options);

/* Work on all files; print is called for each in order, in the calling thread. The worst rc of ours. */
enum rc read_set_run(struct read_set *set, void (*print)(struct read_file *file, void *to),
                     void *to, void (*progress)(const struct read_set *set, void *to));

/* read_out.c */
void read_print_json(const struct read_file *file, FILE *to);
void read_print_text(const struct read_file *file, FILE *to);

#endif
