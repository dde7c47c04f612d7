/*
 * ctl_learn.c - `escriba forms learn`: a new fixed form from a blank page and a marked one.
 *
 * Both pictures are looked at in the cage; what comes out are numbers and short names.  The form is
 * written, loaded as a cell loads it, and tried on the blank page; what fails is taken away again.
 */
#include "ctl_learn.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "../stages/forms_ready.h"
#include "doc/form.h"
#include "read_set.h"

#define LEARN_ARENA (64u << 20)

/* One picture: its file opened and, when only the painter can draw it, painted. */
struct picture_of {
    struct read_file *file;
    int raster;
};

static const struct {
    enum reason reason;
    const char *what, *cure;
} told[] = {
    { REASON_FORMAT_REFUSED, "the marked page has no colours, so no mark can be told from the form",
      "save it as PNG or JPEG in colour; of a PDF: pdftoppm -png -r 200" },
    { REASON_UNKNOWN_TYPE, "the marked page does not lie on the blank one: it is another form, or badly warped",
      "mark a copy of the blank page itself" },
    { REASON_NO_INK, "nothing is marked: no coloured box was found",
      "draw each zone as a box in a strong colour that the form does not have" },
    { REASON_FIELD_MISSING, "the blank page has too few rules to be found again by them",
      "a fixed form needs 12 printed lines or more, 3 each way; else describe it as a free form (docs/FORMS.md)" },
    { REASON_DIMENSIONS, "the blank page is no page: too small, too large, or all of it is lines",
      "scan it flat at 200 or 300 dots an inch" },
};

static int
refused(struct ctl *ctl, const char *path, const struct result *result)
{
    const struct reason_row *row = reason_row(result->reason);
    struct err err = { .rc = RC_OK };

    err_set(&err, RC_INPUT, "%s", ctl_tr(ctl, row->en, row->es));
    err_cure(&err, "give it as a PNG, JPEG or TIFF of one page");
    for (size_t i = 0; i < COUNT_OF(told); i++)
        if (told[i].reason == result->reason) {
            err_set(&err, RC_INPUT, "%s", told[i].what);
            err_cure(&err, "%s", told[i].cure);
        }
    err_where(&err, "%s", path);
    return ctl_fail(ctl, &err);
}

static int
open_picture(struct ctl *ctl, const char *path, struct cell_host **host, const struct read_options *options,
             struct arena *arena, struct picture_of *p)
{
    struct read_file *children = NULL;
    struct result result = { VERDICT_PASS, REASON_NONE, 0 };
    struct err err = { .rc = RC_OK };

    p->raster = -1;
    if ((p->file = read_file_new(path)) == NULL)
        return ctl_fail_rc(ctl, RC_NOMEM, "learning the form");
    read_file_open(p->file, host, options, &children);
    while (children != NULL) {
        struct read_file *next = children->next;

        read_file_free(children);
        children = next;
    }
    if (p->file->error != 0) {
        err_set(&err, RC_NOT_FOUND, "the page cannot be opened: %s", strerror(p->file->error));
        err_where(&err, "%s", path);
        return ctl_fail(ctl, &err);
    }
    if (p->file->rc != RC_OK)
        return ctl_fail_rc(ctl, p->file->rc, "learning the form");
    result.reason = p->file->refused;
    if (result.reason == REASON_NONE && (p->file->archive || p->file->recipe == NULL || p->file->recipe->count == 0))
        result.reason = REASON_NO_PAGES;
    if (result.reason != REASON_NONE)
        return refused(ctl, path, &result);
    if (p->file->recipe->pages[0].way == WAY_RENDER) {
        enum rc rc = read_file_paint(p->file, 0, host, options, arena, &p->raster, &result);

        if (rc != RC_OK)
            return ctl_fail_rc(ctl, rc, "drawing the page");
        if (p->raster < 0)
            return refused(ctl, path, &result);
    }
    return CTL_OK;
}

static void
close_picture(struct picture_of *p)
{
    if (p->raster >= 0)
        close(p->raster);
    if (p->file != NULL)
        read_file_free(p->file);
}

static unsigned
inputs_of(const struct picture_of *p, uint32_t page, struct cell_input *inputs)
{
    unsigned n = 0;

    inputs[n++] = (struct cell_input){ .kind = ARTIFACT_RECIPE, .page = page, .fd = -1,
                                       .bytes = p->file->recipe_bytes };
    if (p->raster >= 0)
        inputs[n++] = (struct cell_input){ .kind = ARTIFACT_RASTER, .page = page, .fd = p->raster };
    else
        inputs[n++] = (struct cell_input){ .kind = ARTIFACT_ORIGINAL, .page = page, .fd = p->file->fd };
    return n;
}

/* Both pictures to the geometry of the form, in the cage. */
static int
look(struct ctl *ctl, const char *blank, const char *marked, const struct read_options *options, struct arena *arena,
     struct learned **out)
{
    struct cell_input inputs[4];
    struct cell_call call = { .stage = stage_find("learn"), .inputs = inputs, .hint = "", .name = "" };
    struct picture_of first = { .raster = -1 }, second = { .raster = -1 };
    struct cell_host *host = NULL;
    struct cell_answer answer;
    struct err err = { .rc = RC_OK };
    const struct artifact *made;
    enum rc rc;
    int code;

    if (cell_host_start(options->cell, options->forms_dir, &host, &err) != RC_OK)
        return ctl_fail(ctl, &err);
    if ((code = open_picture(ctl, blank, &host, options, arena, &first)) != CTL_OK ||
        (marked != NULL && (code = open_picture(ctl, marked, &host, options, arena, &second)) != CTL_OK))
        goto out;
    call.input_count = inputs_of(&first, 0, inputs);
    if (marked != NULL)
        call.input_count += inputs_of(&second, 1, inputs + call.input_count);
    if ((rc = cell_run(host, &call, arena, &answer)) != RC_OK) {
        code = ctl_fail_rc(ctl, rc, "learning the form");
        goto out;
    }
    made = artifact_find(&answer.made, ARTIFACT_LEARNED, 0);
    if (answer.result.verdict != VERDICT_PASS || made == NULL)
        code = refused(ctl, marked != NULL && answer.result.reason != REASON_FIELD_MISSING ? marked : blank,
                       &answer.result);
    else if ((rc = learned_read(made->bytes, arena, out)) != RC_OK)
        code = ctl_fail_rc(ctl, rc, "learning the form");
out:
    close_picture(&first);
    close_picture(&second);
    cell_host_stop(host);
    return code;
}

/* Lower case letters, digits and _; it becomes a file's name. */
static bool
is_form_name(const char *name)
{
    size_t n = strlen(name);

    return n >= 2 && n <= 40 && name[0] >= 'a' && name[0] <= 'z' &&
           strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789_") == n;
}

/* Load it as a cell does, and find it on its own blank page: as what, and how surely. */
static int
try_it(struct ctl *ctl, const char *name, const char *blank, const char *dir, struct arena *arena, const char **as,
       double *conf)
{
    struct read_options options = { .form = "", .jobs = 1, .forms_dir = dir, .first = 1, .last = 1 };
    struct picture_of page = { .raster = -1 };
    struct cell_host *host = NULL;
    struct result result = { VERDICT_PASS, REASON_NONE, 0 };
    struct page_reading *reading = NULL;
    struct form *form = NULL;
    struct err err = { .rc = RC_OK };
    char path[PATH_MAX];
    int code;

    snprintf(path, sizeof path, "%s/%s.yaml", dir, name);
    if (form_load(path, &form, &err) != RC_OK || cell_host_start(NULL, dir, &host, &err) != RC_OK) {
        form_free(form);
        return ctl_fail(ctl, &err);
    }
    form_free(form);
    *as = "";
    *conf = 0;
    if ((code = open_picture(ctl, blank, &host, &options, arena, &page)) == CTL_OK &&
        read_file_page(page.file, 0, &host, &options, &result) == RC_OK &&
        page.file->pages[0].reading.size > 0 &&
        reading_read(page.file->pages[0].reading, arena, &reading) == RC_OK) {
        *as = reading->form;
        *conf = (double)reading->form_conf;
    }
    close_picture(&page);
    cell_host_stop(host);
    return code;
}

static void
report(struct ctl *ctl, const char *name, const struct learned *l, const struct learn_list *fields,
       const char *form_path, const char *zones_path, const char *as, double conf)
{
    if (ctl->json) {
        json_t *names = json_array();

        for (unsigned i = 0; i < fields->count; i++)
            json_array_append_new(names, json_string(fields->at[i].name));
        ctl_json(json_pack("{s:s, s:s, s:s, s:i, s:i, s:o, s:s, s:f}", "form", name, "file", form_path, "zones_file",
                           zones_path, "rules", (int)(l->across_count + l->down_count), "captions",
                           (int)l->caption_count, "zones", names, "recognised_as", as, "confidence", conf));
        return;
    }
    printf("%s: %u %s, %u %s, %u %s\n", name, l->across_count + l->down_count, ctl_tr(ctl, "rules", "líneas"),
           l->caption_count, ctl_tr(ctl, "captions", "rótulos"), fields->count, ctl_tr(ctl, "zones", "zonas"));
    for (unsigned i = 0; i < fields->count; i++)
        printf("  %-30s %-7s [%.0f %.0f %.0f %.0f]%s\n", fields->at[i].name, fields->at[i].kind->word,
               fields->at[i].at[0], fields->at[i].at[1], fields->at[i].at[2], fields->at[i].at[3],
               fields->at[i].cells > 1 ? ctl_tr(ctl, " a box a character", " una casilla por carácter") : "");
    printf("  %s\n  %s\n", form_path, zones_path);
    if (strcmp(as, name) == 0)
        printf("%s %.2f. escriba read --form %s FILE\n",
               ctl_tr(ctl, "The blank page is recognised with", "La página en blanco se reconoce con"), conf, name);
    else
        printf("%s%s\n", ctl_tr(ctl, "Warning: the blank page is not recognised as this form, but as: ",
                                "Aviso: la página en blanco no se reconoce como este formulario, sino como: "),
               as[0] != '\0' ? as : "-");
}

int
ctl_forms_learn_run(struct ctl *ctl)
{
    const char *name = ctl->argv[0], *blank = ctl_value(ctl, "blank"), *marked = ctl_value(ctl, "marked");
    const char *list_path = ctl_value(ctl, "fields"), *dir = ctl_value(ctl, "into"), *title = ctl_value(ctl, "title");
    const char *as = "";
    struct read_options options = { .form = "", .jobs = 1, .forms_dir = forms_folder(), .first = 1, .last = 1 };
    struct learn_list list = { .count = 0 }, fields = { .count = 0 };
    struct err err = { .rc = RC_OK };
    struct learned *learned = NULL;
    struct arena *arena = NULL;
    char form_path[PATH_MAX], zones_path[PATH_MAX];
    double conf = 0;
    int code;

    if (!is_form_name(name))
        return ctl_usage(ctl, "a form's name has lower case letters, digits and _, and begins with a letter");
    if (blank == NULL)
        return ctl_usage(ctl, "--blank FILE: the empty form");
    if (title != NULL && strpbrk(title, "\"\\\n\r") != NULL)
        return ctl_usage(ctl, "a title has no quotes, backslashes or line ends");
    if (dir == NULL)
        dir = options.forms_dir;
    snprintf(form_path, sizeof form_path, "%s/%s.yaml", dir, name);
    if (access(form_path, F_OK) == 0 && ctl_value(ctl, "replace") == NULL)
        return ctl_usage(ctl, "there is a form %s already: --replace, or another name", name);
    if ((arena = arena_new(LEARN_ARENA)) == NULL)
        return ctl_fail_rc(ctl, RC_NOMEM, "learning the form");
    if (list_path != NULL && learn_list_read(list_path, arena, &list, &err) != RC_OK) {
        code = ctl_fail(ctl, &err);
        goto out;
    }
    if (marked == NULL && !list.placed) {
        code = ctl_usage(ctl, "--marked FILE: the form with its zones marked; or --fields with a place in every line");
        goto out;
    }
    if ((code = look(ctl, blank, list.placed ? NULL : marked, &options, arena, &learned)) != CTL_OK)
        goto out;
    if (learn_fields(learned, list_path != NULL ? &list : NULL, arena, &fields, &err) != RC_OK ||
        learn_write(dir, name, title, learned, &fields, form_path, zones_path, &err) != RC_OK) {
        code = ctl_fail(ctl, &err);
        goto out;
    }
    code = try_it(ctl, name, blank, dir, arena, &as, &conf);
    if (code != CTL_OK) {
        /* what cannot be loaded would keep every cell from starting */
        (void)unlink(form_path);
        (void)unlink(zones_path);
        goto out;
    }
    report(ctl, name, learned, &fields, form_path, zones_path, as, conf);
out:
    arena_free(arena);
    return code;
}
