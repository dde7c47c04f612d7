/*
 * ctl_codes.c - lists of codes: which are here, taking in an official file, asking for a code.
 *
 * HOME/codes has one file for each list and validity; the cells read them at their start.  We
 * ship none: most are their publishers' own.  Currencies and countries come from the
 * distribution's iso-codes, when it is installed.
 */
#include "ctl_doctor.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <sodium.h>

#include "base/text.h"
#include "doc/codelist.h"
#include "doc/value.h"

#define ISO_CODES "/usr/share/iso-codes/json"
#define IMPORT_ARENA ((size_t)512 << 20)

static void
codes_dir(const struct ctl *ctl, char out[PATH_ROOM])
{
    snprintf(out, PATH_ROOM, "%s/codes", ctl->in.home);
}

static int
load(struct ctl *ctl, struct codelist_set **set)
{
    char dir[PATH_ROOM];
    struct err err = { 0 };
    int code = ctl_instance(ctl);

    if (code != CTL_OK)
        return code;
    codes_dir(ctl, dir);
    return codelists_load(dir, set, &err) == RC_OK ? CTL_OK : ctl_fail(ctl, &err);
}

static void
today(char out[CODELIST_DATE])
{
    time_t now = time(NULL);
    struct tm tm;

    if (localtime_r(&now, &tm) == NULL || strftime(out, CODELIST_DATE, "%Y-%m-%d", &tm) == 0)
        out[0] = '\0';
}

/* ---- list --------------------------------------------------------------------------------- */

int
ctl_codes_list_run(struct ctl *ctl)
{
    struct codelist_set *set = NULL;
    char now[CODELIST_DATE];
    int code = load(ctl, &set);

    if (code != CTL_OK)
        return code;
    today(now);
    if (set->count == 0)
        ctl_say(ctl, "%s", ctl_tr(ctl, "No list of codes is here: only their shape is checked. escriba codes import",
                                  "No hay listas de códigos: solo se comprueba su forma. escriba codes import"));
    for (unsigned i = 0; i < set->count; i++) {
        const struct codelist_head *h = &set->lists[i].head;
        bool covers = codelist_covers(h, now);

        if (ctl->json)
            ctl_json(json_pack("{s:s, s:s?, s:s?, s:i, s:b, s:s}", "list", h->name, "valid_from",
                               h->from[0] != '\0' ? h->from : NULL, "valid_until",
                               h->until[0] != '\0' ? h->until : NULL, "codes", (int)h->count, "in_force", covers,
                               "source_sha256", h->source));
        else
            printf("%-16s %-10s  %-10s  %7u  %-9s  %.16s\n", h->name, h->from[0] != '\0' ? h->from : "-",
                   h->until[0] != '\0' ? h->until : "-", h->count,
                   covers ? ctl_tr(ctl, "in force", "vigente") : ctl_tr(ctl, "not today", "hoy no"), h->source);
    }
    codelists_free(set);
    return CTL_OK;
}

/* ---- import ------------------------------------------------------------------------------- */

static int
fail_source(struct ctl *ctl, const char *path, const char *cure)
{
    struct err err = { 0 };
    int saved = errno;

    err_set(&err, saved == ENOENT ? RC_NOT_FOUND : saved == EACCES ? RC_DENIED : RC_IO,
            "the file of codes cannot be read: %s", strerror(saved));
    err_where(&err, "%s", path);
    err_cure(&err, "%s", cure);
    return ctl_fail(ctl, &err);
}

static int
read_source(struct ctl *ctl, const char *path, struct arena *arena, struct bytes *out)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC), code = CTL_OK;
    struct err err = { 0 };
    struct stat st;
    char *bytes = NULL;
    size_t n = 0;
    ssize_t got = 1;

    if (fd < 0 || fstat(fd, &st) != 0) {
        code = fail_source(ctl, path, "give the path of the official file");
        goto out;
    }
    if (!S_ISREG(st.st_mode) || st.st_size > (off_t)CODELIST_SOURCE_MAX) {
        err_set(&err, RC_LIMIT, "this is no file of at most %u MiB", CODELIST_SOURCE_MAX >> 20);
        err_where(&err, "%s", path);
        err_cure(&err, "give the official file of codes, unpacked");
        code = ctl_fail(ctl, &err);
        goto out;
    }
    if ((bytes = arena_alloc(arena, (size_t)st.st_size + 1)) == NULL) {
        code = ctl_fail_rc(ctl, RC_NOMEM, path);
        goto out;
    }
    while (n < (size_t)st.st_size && (got = read(fd, bytes + n, (size_t)st.st_size - n)) > 0)
        n += (size_t)got;
    if (got < 0)
        code = fail_source(ctl, path, "try again");
    *out = bytes_of(bytes, n);
out:
    if (fd >= 0)
        close(fd);
    return code;
}

/* The JSON of iso-codes: one array of objects with a name and alpha_2, alpha_3 or code; as lines with tabs. */
static enum rc
from_iso_codes(struct bytes source, struct buffer *out, struct err *err)
{
    static const char *const keys[] = { "alpha_2", "alpha_3", "code" };
    json_error_t where;
    json_t *root = json_loadb((const char *)source.data, source.size, 0, &where), *row;
    json_t *rows = json_object_iter_value(json_object_iter(root));
    size_t i, written = 0;

    if (root == NULL) {
        err_set(err, RC_INPUT, "the file is no JSON");
        err_where(err, "line %d", where.line);
        err_cure(err, "give a file of iso-codes, or one with tabs or commas");
        return RC_INPUT;
    }
    buffer_append(out, "code\tname\n", 10);
    json_array_foreach(rows, i, row) {
        const char *name = json_string_value(json_object_get(row, "name"));

        for (size_t k = 0; k < COUNT_OF(keys); k++) {
            const char *code = json_string_value(json_object_get(row, keys[k]));

            if (code == NULL)
                continue;
            buffer_append(out, code, strlen(code));
            buffer_append(out, "\t", 1);
            buffer_append(out, name != NULL ? name : "", name != NULL ? strlen(name) : 0);
            buffer_append(out, "\n", 1);
            written++;
        }
    }
    json_decref(root);
    if (written == 0) {
        err_set(err, RC_INPUT, "this JSON is none of iso-codes: no alpha_2, alpha_3 or code is in it");
        err_cure(err, "give a file of %s, or one with tabs or commas", ISO_CODES);
        return RC_INPUT;
    }
    return out->failed ? RC_NOMEM : RC_OK;
}

static void
sha256_of(struct bytes source, char out[CODELIST_SHA])
{
    uint8_t digest[crypto_hash_sha256_BYTES];

    (void)crypto_hash_sha256(digest, source.data, source.size);
    text_hex(digest, sizeof digest, out);
}

/* Make the stored list and put it in its place. */
static int
store(struct ctl *ctl, const char *path, struct bytes source, enum codelist_format format, struct codelist_head *head,
      struct arena *arena)
{
    struct keeper me = { getuid(), getgid() };
    char dir[PATH_ROOM], name[CODELIST_NAME_MAX + 64], to[PATH_ROOM + 128];
    struct buffer lines, stored;
    struct err err = { 0 };
    enum rc rc = RC_OK;
    int code;

    buffer_init(&lines, CODELIST_SOURCE_MAX);
    buffer_init(&stored, 2 * (size_t)CODELIST_SOURCE_MAX);
    sha256_of(source, head->source);
    if (format == CODELIST_AUTO && source.size > 0 && source.data[0] == '{') {
        rc = from_iso_codes(source, &lines, &err);
        source = buffer_bytes(&lines);
        format = CODELIST_TSV;
    }
    if (rc == RC_OK)
        rc = codelist_import(source, format, head, arena, &stored, &err);
    if (rc != RC_OK) {
        char place[sizeof err.where];

        if (err.rc == RC_OK)
            err_set(&err, rc, "the list does not fit in memory");
        memcpy(place, err.where, sizeof place);
        err_where(&err, "%s%s%s", path, place[0] != '\0' ? ", " : "", place);
        code = ctl_fail(ctl, &err);
        goto out;
    }
    codes_dir(ctl, dir);
    codelist_file_name(head, name, sizeof name);
    if ((size_t)snprintf(to, sizeof to, "%s/%s", dir, name) >= PATH_ROOM)
        code = ctl_usage(ctl, "the path of the installation is too long");
    else if ((code = ctl_folder(ctl, dir, 0755, &me)) == CTL_OK)
        code = ctl_file(ctl, to, stored.data, stored.size, 0644, &me);
out:
    buffer_done(&lines);
    buffer_done(&stored);
    return code;
}

static int
take_date(struct ctl *ctl, const char *option, char out[CODELIST_DATE])
{
    const char *text = ctl_value(ctl, option);
    struct date d;

    out[0] = '\0';
    if (text == NULL)
        return CTL_OK;
    if (!date_canonical(text, &d))
        return ctl_usage(ctl, "--%s `%s` is no date; write it as 2026-11-21", option, text);
    memcpy(out, text, CODELIST_DATE);
    return CTL_OK;
}

static int
take_name(struct ctl *ctl, const char *name)
{
    return codelist_name_good(name)
               ? CTL_OK
               : ctl_usage(ctl, "`%s` cannot be the name of a list: lower-case letters, digits and dashes", name);
}

/* What else of this name is in force on days of the new one: a code of either is good there. */
static void
tell_overlap(struct ctl *ctl, const struct codelist_head *head)
{
    struct codelist_set *set = NULL;

    if (load(ctl, &set) != CTL_OK)
        return;
    for (unsigned i = 0; i < set->count; i++) {
        const struct codelist_head *h = &set->lists[i].head;
        bool same = strcmp(h->from, head->from) == 0 && strcmp(h->until, head->until) == 0;
        bool before = h->until[0] != '\0' && strcmp(h->until, head->from) < 0;
        bool after = head->until[0] != '\0' && strcmp(head->until, h->from) < 0;

        if (strcmp(h->name, head->name) == 0 && !same && !before && !after)
            ctl_say(ctl, "%s: %s .. %s",
                    ctl_tr(ctl, "Note: another list is in force on some of the same days; a code of either is taken",
                           "Nota: otra lista rige en parte de los mismos días; vale un código de cualquiera"),
                    h->from[0] != '\0' ? h->from : "-", h->until[0] != '\0' ? h->until : "-");
    }
    codelists_free(set);
}

static enum codelist_format
format_of(const char *word)
{
    static const char *const words[] = { "auto", "tsv", "csv", "cms" };

    for (size_t i = 1; word != NULL && i < COUNT_OF(words); i++)
        if (strcmp(word, words[i]) == 0)
            return (enum codelist_format)i;
    return CODELIST_AUTO;
}

static int
need_installation(struct ctl *ctl)
{
    struct err err = { 0 };
    int code = ctl_instance(ctl);

    if (code != CTL_OK || access(ctl->in.home, X_OK) == 0)
        return code;
    err_set(&err, RC_CONFIG, "there is no installation here");
    err_where(&err, "%s", ctl->in.home);
    err_cure(&err, "escriba up, or name another with --home");
    return ctl_fail(ctl, &err);
}

int
ctl_codes_import_run(struct ctl *ctl)
{
    struct arena *arena = NULL;
    struct codelist_head head = { .count = 0 };
    struct bytes source;
    struct running run;
    int code;

    if ((code = take_name(ctl, ctl->argv[0])) != CTL_OK ||
        (code = take_date(ctl, "valid-from", head.from)) != CTL_OK ||
        (code = take_date(ctl, "valid-until", head.until)) != CTL_OK)
        return code;
    if (head.until[0] != '\0' && strcmp(head.from, head.until) > 0)
        return ctl_usage(ctl, "--valid-until is before --valid-from");
    if ((code = need_installation(ctl)) != CTL_OK)
        return code;
    if ((arena = arena_new(IMPORT_ARENA)) == NULL)
        return ctl_fail_rc(ctl, RC_NOMEM, "reading the file of codes");
    snprintf(head.name, sizeof head.name, "%s", ctl->argv[0]);
    if ((code = read_source(ctl, ctl->argv[1], arena, &source)) != CTL_OK ||
        (code = store(ctl, ctl->argv[1], source, format_of(ctl_value(ctl, "format")), &head, arena)) != CTL_OK)
        goto out;
    if (ctl->json)
        ctl_json(json_pack("{s:s, s:i, s:s}", "list", head.name, "codes", (int)head.count, "source_sha256",
                           head.source));
    else
        printf("%s: %u %s\n", head.name, head.count, ctl_tr(ctl, "codes", "códigos"));
    tell_overlap(ctl, &head);
    ctl_running(&ctl->in, &run);
    if (run.up)
        ctl_say(ctl, "%s", ctl_tr(ctl, "The programs that run take it at their next start: escriba down; escriba up",
                                  "Los programas en marcha la toman al reiniciar: escriba down; escriba up"));
out:
    arena_free(arena);
    return code;
}

int
ctl_codes_iso(struct ctl *ctl)
{
    static const struct {
        const char *name, *path;
    } files[] = {
        { "iso4217", ISO_CODES "/iso_4217.json" },
        { "iso3166", ISO_CODES "/iso_3166-1.json" },
    };
    struct codelist_set *set = NULL;
    int code = load(ctl, &set);

    for (size_t i = 0; i < COUNT_OF(files) && code == CTL_OK; i++) {
        struct arena *arena = arena_new(IMPORT_ARENA);
        struct codelist_head head = { .count = 0 };
        struct bytes source = { NULL, 0 };
        char sha[CODELIST_SHA];
        bool known = false;

        if (arena == NULL || access(files[i].path, R_OK) != 0) {
            arena_free(arena);
            continue;
        }
        code = read_source(ctl, files[i].path, arena, &source);
        sha256_of(source, sha);
        for (unsigned k = 0; k < set->count; k++) /* an operator's own list stays */
            known = known || (strcmp(set->lists[k].head.name, files[i].name) == 0 &&
                              (strcmp(set->lists[k].head.source, sha) == 0 || set->lists[k].head.from[0] != '\0' ||
                               set->lists[k].head.until[0] != '\0'));
        snprintf(head.name, sizeof head.name, "%s", files[i].name);
        if (code == CTL_OK && !known)
            code = store(ctl, files[i].path, source, CODELIST_AUTO, &head, arena);
        arena_free(arena);
    }
    codelists_free(set);
    return code;
}

/* ---- check -------------------------------------------------------------------------------- */

static int
no_list(struct ctl *ctl, const char *name, const char *on)
{
    struct err err = { 0 };

    err_set(&err, RC_CONFIG, "no list %s that is in force on %s is here", name, on);
    err_where(&err, "%s/codes", ctl->in.home);
    err_cure(&err, "escriba codes list; escriba codes import %s FILE", name);
    return ctl_fail(ctl, &err);
}

int
ctl_codes_check_run(struct ctl *ctl)
{
    static const struct {
        const char *word, *en, *es;
    } words[] = {
        [CODELIST_SILENT] = { "shape", "has not the shape of this list's codes", "no tiene la forma de esta lista" },
        [CODELIST_GOOD] = { "good", "is in the list", "está en la lista" },
        [CODELIST_UNKNOWN] = { "unknown", "is not in the list", "no está en la lista" },
        [CODELIST_HEADING] = { "heading", "is a heading, not to be used by itself", "es un título, no se usa solo" },
        [CODELIST_ENDED] = { "withdrawn", "was withdrawn before that day", "se retiró antes de ese día" },
        [CODELIST_OUTDATED] = { "outdated", "", "" },
    };
    const char *name = ctl->argv[0];
    struct codelist_set *set = NULL;
    struct code_found found = { .heading = false };
    char on[CODELIST_DATE], key[CODE_MAX + 1] = "", text[CODE_WORDS_MAX + 1] = "";
    enum codelist_answer answer;
    bool here = false;
    int code;

    if ((code = take_name(ctl, name)) != CTL_OK || (code = take_date(ctl, "on", on)) != CTL_OK ||
        (code = load(ctl, &set)) != CTL_OK)
        return code;
    if (on[0] == '\0')
        today(on);
    answer = codelists_ask(set, name, ctl->argv[1], on);
    (void)codelist_key(ctl->argv[1], key);
    for (unsigned i = 0; i < set->count; i++) {
        if (strcmp(set->lists[i].head.name, name) != 0 || !codelist_covers(&set->lists[i].head, on))
            continue;
        here = true;
        if (text[0] == '\0' && codelist_find(&set->lists[i], key, &found))
            snprintf(text, sizeof text, "%.*s", (int)found.words.size, (const char *)found.words.data);
    }
    if (!here) {
        code = no_list(ctl, name, on);
    } else {
        code = answer == CODELIST_GOOD ? CTL_OK : CTL_NOT_FOUND;
        if (ctl->json)
            ctl_json(json_pack("{s:s, s:s, s:s, s:s, s:s}", "list", name, "code", ctl_safe(ctl, key), "on", on,
                               "answer", words[answer].word, "description", ctl_safe(ctl, text)));
        else
            printf("%s %s (%s, %s)%s%s\n", ctl_safe(ctl, ctl->argv[1]),
                   ctl_tr(ctl, words[answer].en, words[answer].es), name, on, text[0] != '\0' ? ": " : "",
                   ctl_safe(ctl, text));
    }
    codelists_free(set);
    return code;
}

/* ---- the doctor's question ------------------------------------------------------------------ */

void
doctor_codes(struct doctor *d)
{
    struct codelist_set *set = NULL;
    char dir[PATH_ROOM], now[CODELIST_DATE], cure[128];
    struct err err = { 0 };
    unsigned old = 0;

    codes_dir(d->ctl, dir);
    if (codelists_load(dir, &set, &err) != RC_OK) { /* no cell starts with it */
        doctor_say(d, false, WEIGHT_STRICT, "codes", err.cure, "%s: %s", err.what, err.where);
        return;
    }
    today(now);
    for (unsigned i = 0; i < set->count; i++) {
        const struct codelist_head *h = &set->lists[i].head;
        bool covered = false, first = true;

        for (unsigned k = 0; k < set->count; k++) {
            bool same = strcmp(set->lists[k].head.name, h->name) == 0;

            first = first && !(same && k < i);
            covered = covered || (same && codelist_covers(&set->lists[k].head, now));
        }
        if (covered || !first)
            continue;
        snprintf(cure, sizeof cure, "escriba codes import %s FILE --valid-from DATE --valid-until DATE", h->name);
        doctor_say(d, false, WEIGHT_ADVICE, "codes", cure, "the list %s is out of date", h->name);
        old++;
    }
    if (old == 0)
        doctor_say(d, true, WEIGHT_ADVICE, "codes", "", "%u lists of codes, none out of date", set->count);
    codelists_free(set);
}
