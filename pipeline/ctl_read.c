/*
 * ctl_read.c - `escriba read`: files read here and now, without any database or key.
 *
 * For trying and measuring: the same stages in the same cages.  Exit code 3 when a file
 * was refused, so that a script sees it.
 */
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../stages/forms_ready.h"
#include "ctl.h"
#include "read_set.h"

#define EXIT_REFUSED 3
#define JOBS_MAX 256

static const char help[] =
    "Usage: escriba read [OPTION]... FILE...\n"
    "Read documents here and now, without any database: PDF, TIFF, PNG, JPEG, and ZIP, TAR or gzip "
    "of them.\n"
    "\n"
    "Codes on the pages (CFDI, AFIP, VERI*FACTU, TicketBAI, EPC, Swiss QR-bill) and an e-invoice inside a PDF or\n"
    "beside it (NAME.xml: CII, UBL, Facturae, CFDI) are compared with what is printed.\n"
    "\n"
    "  --form NAME    every document is of this type; without it the type is found\n"
    "  --json         one JSON object a line for each document, or for a file that was refused\n"
    "  --pages A-B    only these pages of each file, counted from 1 (A, A-, -B)\n"
    "  --jobs N       cages at work side by side (default: the number of processors)\n"
    "  --forms DIR    the document types (default: $ESCRIBA_FORMS, else those that came with the program)\n"
    "  --help         this text\n"
    "\n"
    "Exit code: 0 all were read, 3 a file was refused, 4 a file is not there, 2 wrong usage, 1 "
    "something failed.\n"
    "\n"
    "Examples:\n"
    "  escriba read invoice.pdf\n"
    "  escriba read --form cms1500 --json --jobs 4 claims/*.tif > claims.jsonl\n"
    "  escriba read --pages 2-3 batch.pdf\n";

struct printing {
    bool json, progress;
    uint32_t refused, missing, failed, documents;
    enum rc rc;
};

static void
clear_progress(const struct printing *p)
{
    if (p->progress)
        fputs("\r\033[K", stderr);
}

static void
show_progress(const struct read_set *set, void *to)
{
    const struct printing *p = to;

    if (p->progress)
        fprintf(stderr, "\r\033[Kreading: %u pages, %u files done", set->pages_read,
                set->files_done);
}

static void
print_file(struct read_file *f, void *to)
{
    struct printing *p = to;

    clear_progress(p);
    if (f->error != 0) {
        fprintf(stderr, "escriba: cannot read %s: %s\n", f->name, strerror(f->error));
        p->missing++;
    } else if (f->rc != RC_OK) {
        fprintf(stderr, "escriba: %s: failed (%s)\n", f->name, rc_name(f->rc));
        p->failed++;
        p->rc = f->rc;
    }
    p->refused += f->refused != REASON_NONE;
    p->documents += f->document_count;
    if (p->json)
        read_print_json(f, stdout);
    else
        read_print_text(f, stdout);
    fflush(stdout);
}

/* A number from text that is nothing else. */
static bool
number(const char *text, size_t size, uint32_t *out)
{
    uint32_t n = 0;

    if (size == 0 || size > 7)
        return false;
    for (size_t i = 0; i < size; i++) {
        if (text[i] < '0' || text[i] > '9')
            return false;
        n = n * 10 + (uint32_t)(text[i] - '0');
    }
    *out = n;
    return true;
}

/* "A", "A-B", "A-" or "-B". */
static bool
parse_pages(const char *text, struct read_options *o)
{
    const char *dash = strchr(text, '-');
    size_t before = dash != NULL ? (size_t)(dash - text) : strlen(text);

    o->first = 1;
    o->last = 0;
    if (before > 0 && !number(text, before, &o->first))
        return false;
    if (dash == NULL)
        o->last = o->first;
    else if (dash[1] != 0 && !number(dash + 1, strlen(dash + 1), &o->last))
        return false;
    return o->first > 0 && (before > 0 || o->last > 0) && (o->last == 0 || o->last >= o->first);
}

static int
usage(const char *what, const char *value)
{
    fprintf(stderr, "escriba read: %s%s%s\n  do: escriba read --help\n", what,
            value != NULL ? ": " : "", value != NULL ? value : "");
    return CTL_USAGE;
}

/* -1: go on; else the exit code. */
static int
parse(int argc, char **argv, struct read_options *o, bool *json)
{
    static const struct option options[] = {
        { "form", required_argument, NULL, 'f' },  { "json", no_argument, NULL, 'j' },
        { "pages", required_argument, NULL, 'p' }, { "jobs", required_argument, NULL, 'n' },
        { "forms", required_argument, NULL, 'd' }, { "help", no_argument, NULL, 'h' },
        { NULL, 0, NULL, 0 },
    };
    uint32_t jobs;
    int c;

    optind = 0;
    opterr = 0;
    while ((c = getopt_long(argc, argv, "", options, NULL)) != -1) {
        switch (c) {
        case 'f': o->form = optarg; break;
        case 'j': *json = true; break;
        case 'd': o->forms_dir = optarg; break;
        case 'p':
            if (!parse_pages(optarg, o))
                return usage("--pages wants A-B, counted from 1, not", optarg);
            break;
        case 'n':
            if (!number(optarg, strlen(optarg), &jobs) || jobs == 0 || jobs > JOBS_MAX)
                return usage("--jobs wants a number from 1 to 256, not", optarg);
            o->jobs = jobs;
            break;
        case 'h': fputs(help, stdout); return CTL_OK;
        default: return usage("unknown option, or one without its value", argv[optind - 1]);
        }
    }
    return optind < argc ? -1 : usage("which file?", NULL);
}

/* The trial profile goes on with a wall missing, and says so; production would not start. */
static void
warn_of_lacks(unsigned lacks)
{
    if (lacks & CELL_LACKS_LANDLOCK)
        fputs("escriba: warning: this kernel gives the cells no Landlock; seccomp stands alone\n", stderr);
    if (lacks & CELL_LACKS_NAMESPACE)
        fputs("escriba: warning: the cells have no network namespace of their own; seccomp denies sockets\n",
              stderr);
}

static int
exit_code(const struct printing *p, const struct read_set *set, enum rc rc)
{
    if (rc != RC_OK) {
        err_print(&set->err, stderr);
        return err_exit_code(rc);
    }
    if (p->failed > 0)
        return err_exit_code(p->rc);
    return p->missing > 0 ? CTL_NOT_FOUND : p->refused > 0 ? EXIT_REFUSED : CTL_OK;
}

/* A type that does not exist would be passed over in silence: every document would be classified. */
static bool
form_exists(const struct read_options *o)
{
    struct form_set *forms = NULL;
    struct err err = { .rc = RC_OK };
    bool there;

    if (forms_load(o->forms_dir, &forms, &err) != RC_OK) {
        err_print(&err, stderr);
        return false;
    }
    if (!(there = forms_find(forms, o->form) != NULL)) {
        fprintf(stderr, "escriba read: there is no document type '%s'\n  do: take one of", o->form);
        for (unsigned i = 0; i < forms->count; i++)
            fprintf(stderr, " %s", forms->forms[i]->name);
        fputc('\n', stderr);
    }
    forms_free(forms);
    return there;
}

int
ctl_read(struct ctl *ctl, int argc, char **argv)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);
    struct read_options options = { .form = "",
                                    .jobs = cores > 0 && cores <= JOBS_MAX ? (unsigned)cores : 1 };
    struct read_set set = { .options = &options };
    struct printing printing = { .progress =
                                     isatty(STDERR_FILENO) == 1 && isatty(STDOUT_FILENO) != 1 };
    struct read_file **last = &set.files;
    int code;
    enum rc rc;

    (void)ctl;
    if ((code = parse(argc, argv, &options, &printing.json)) >= 0)
        return code;
    if (options.forms_dir == NULL)
        options.forms_dir = forms_folder();
    if (options.form[0] != 0 && !form_exists(&options))
        return CTL_USAGE;
    for (int i = optind; i < argc; i++) {
        if ((*last = read_file_new(argv[i])) == NULL)
            return CTL_FAILED;
        last = &(*last)->next;
    }
    read_companion_pair(set.files);
    rc = read_set_run(&set, print_file, &printing, show_progress);
    clear_progress(&printing);
    warn_of_lacks(set.lacks);
    return exit_code(&printing, &set, rc);
}
