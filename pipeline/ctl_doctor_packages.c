/*
 * ctl_doctor_packages.c - what must be installed, and how old it may be.
 *
 * Decoders age fast: Debian's changelogs of one year name seven faults in libarchive alone.
 * The floors below are the versions with the fixes that were published when this was written;
 * a cage assumes that more will be found.
 */
#include "ctl_doctor.h"

#include <dirent.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Packages whose code reads what strangers send, or keeps our secrets. */
static const struct {
    const char *package, *floor;
} floors[] = {
    { "libarchive13", "3.6.2-1+deb12u5" },      { "libtiff6", "4.5.0-6+deb12u4" },
    { "libpng16-16", "1.6.39-2+deb12u4" },      { "libjpeg62-turbo", "1:2.1.5-2" },
    { "libopenjp2-7", "2.5.0-2+deb12u3" },      { "liblept5", "1.82.0-3" },
    { "libtesseract5", "5.3.0-2" },             { "libqpdf29", "11.3.0-1+deb12u1" },
    { "poppler-utils", "22.12.0-2+deb12u3" },   { "libpoppler126", "22.12.0-2+deb12u3" },
    { "libzbar0", "0.23.92-7+deb12u1" },        { "libsodium23", "1.0.18-1+deb12u1" },
    { "libpq5", "15.20-0+deb12u1" },            { "postgresql-15", "15.20-0+deb12u1" },
    { "libseccomp2", "2.5.4-1" },               { "libpcre2-8-0", "10.42-1" },
    { "libwebp7", "1.2.4-0.2+deb12u1" },        { "libdmtx0b", "0.7.7-1" },
    { "libzxing2", "1.4.0-3" },
};

/* The value of a "Name: value" line, or NULL. */
static const char *
after_name(const char *line, const char *name)
{
    size_t n = strlen(name);

    return strncmp(line, name, n) == 0 && line[n] == ':' && line[n + 1] == ' ' ? line + n + 2 : NULL;
}

struct stanza {
    char package[128], version[128];
    bool installed;
};

static int
weigh_package(struct doctor *d, const struct stanza *s, int *seen)
{
    char cure[192];
    int old = 0;

    for (size_t i = 0; i < COUNT_OF(floors) && s->installed; i++) {
        if (strcmp(floors[i].package, s->package) != 0)
            continue;
        (*seen)++;
        if (version_compare(s->version, floors[i].floor) >= 0)
            continue;
        snprintf(cure, sizeof cure, "apt-get update && apt-get install --only-upgrade %s", s->package);
        doctor_say(d, false, WEIGHT_PRODUCTION, "libraries", cure,
                   "%s %s has known faults; %s is the oldest accepted", s->package, s->version, floors[i].floor);
        old++;
    }
    return old;
}

/* Reads dpkg's own list, so that nothing is run. */
static void
check_versions(struct doctor *d)
{
    FILE *file = fopen("/var/lib/dpkg/status", "re");
    struct stanza s = { "", "", false };
    char line[1024];
    int old = 0, seen = 0;
    bool whole = true; /* the last read began a line */

    if (file == NULL) {
        doctor_say(d, false, WEIGHT_ADVICE, "libraries",
                   "see docs/OPERATING.md for the versions with known faults fixed",
                   "this is not a Debian system: versions of libraries are not checked");
        return;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        const char *v;
        bool begins = whole;

        whole = strchr(line, '\n') != NULL;
        line[strcspn(line, "\n")] = '\0';
        if (!begins)
            continue;
        if (line[0] == '\0') {
            old += weigh_package(d, &s, &seen);
            s = (struct stanza){ "", "", false };
        } else if ((v = after_name(line, "Package")) != NULL) {
            snprintf(s.package, sizeof s.package, "%.*s", (int)sizeof s.package - 1, v);
        } else if ((v = after_name(line, "Version")) != NULL) {
            snprintf(s.version, sizeof s.version, "%.*s", (int)sizeof s.version - 1, v);
        } else if ((v = after_name(line, "Status")) != NULL) {
            s.installed = strcmp(v, "install ok installed") == 0;
        }
    }
    old += weigh_package(d, &s, &seen);
    fclose(file);
    if (old == 0)
        doctor_say(d, true, WEIGHT_PRODUCTION, "libraries", "",
                   "%d libraries that read strangers' bytes are new enough", seen);
}

static bool
have_traineddata(const char *language)
{
    static const char *const dirs[] = { "/usr/share/tesseract-ocr/5/tessdata",
                                        "/usr/share/tesseract-ocr/4.00/tessdata", "/usr/share/tessdata",
                                        "/usr/local/share/tessdata" };
    const char *prefix = getenv("TESSDATA_PREFIX");
    char path[PATH_ROOM];

    if (prefix != NULL && prefix[0] != '\0') {
        snprintf(path, sizeof path, "%s/%s.traineddata", prefix, language);
        return access(path, R_OK) == 0;
    }
    for (size_t i = 0; i < COUNT_OF(dirs); i++) {
        snprintf(path, sizeof path, "%s/%s.traineddata", dirs[i], language);
        if (access(path, R_OK) == 0)
            return true;
    }
    return false;
}

static void
check_languages(struct doctor *d)
{
    static const struct {
        const char *code, *what;
        enum weight weight;
    } languages[] = {
        { "eng", "English", WEIGHT_STRICT },    { "spa", "Spanish", WEIGHT_STRICT },
        { "deu", "German", WEIGHT_PRODUCTION }, { "fra", "French", WEIGHT_PRODUCTION },
        { "osd", "the direction of a page", WEIGHT_ADVICE },
    };
    int missing = 0;

    for (size_t i = 0; i < COUNT_OF(languages); i++) {
        char cure[96];

        if (have_traineddata(languages[i].code))
            continue;
        missing++;
        snprintf(cure, sizeof cure, "apt-get install tesseract-ocr-%s", languages[i].code);
        doctor_say(d, false, languages[i].weight, "languages", cure, "Tesseract's model for %s is missing",
                   languages[i].what);
    }
    if (missing == 0)
        doctor_say(d, true, WEIGHT_STRICT, "languages", "",
                   "Tesseract's models for eng, spa, deu, fra and osd are there");
}

/* Is there a font file at most "depth" folders below? */
static bool
have_font(const char *dir, int depth)
{
    DIR *list = opendir(dir);
    struct dirent *e;
    bool found = false;

    while (list != NULL && !found && (e = readdir(list)) != NULL) {
        const char *dot = strrchr(e->d_name, '.');
        char path[PATH_ROOM];

        if (e->d_name[0] == '.')
            continue;
        if (dot != NULL && (strcmp(dot, ".ttf") == 0 || strcmp(dot, ".otf") == 0 || strcmp(dot, ".pfb") == 0 ||
                            strcmp(dot, ".t1") == 0))
            found = true;
        else if (depth > 0 && (size_t)snprintf(path, sizeof path, "%s/%s", dir, e->d_name) < sizeof path)
            found = have_font(path, depth - 1);
    }
    if (list != NULL)
        closedir(list);
    return found;
}

/* The server's programs lie outside PATH, by major version. */
static bool
have_server(char *where, size_t room)
{
    DIR *list = opendir("/usr/lib/postgresql");
    struct dirent *e;
    bool found = false;

    while (list != NULL && !found && (e = readdir(list)) != NULL) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(where, room, "/usr/lib/postgresql/%s/bin/initdb", e->d_name);
        found = access(where, X_OK) == 0;
    }
    if (list != NULL)
        closedir(list);
    return found;
}

static void
check_programs(struct doctor *d)
{
    static const char *const ours[] = { "escribad",     "escriba-intake", "escriba-runner", "escriba-cell",
                                        "escriba-keyd", "escriba-desk",   "escriba-review" };
    char dir[PATH_ROOM], path[PATH_ROOM + 64];
    int missing = 0;

    if (!ctl_program_dir(dir, sizeof dir))
        return;
    for (size_t i = 0; i < COUNT_OF(ours); i++) {
        snprintf(path, sizeof path, "%s/%s", dir, ours[i]);
        if (access(path, X_OK) == 0)
            continue;
        missing++;
        doctor_say(d, false, WEIGHT_STRICT, "programs", "install all of Escriba's programs into one folder",
                   "%s is not beside this program", ours[i]);
    }
    if (missing == 0)
        doctor_say(d, true, WEIGHT_STRICT, "programs", "", "all of Escriba's programs are in %s", dir);
}

void
doctor_packages(struct doctor *d)
{
    char where[PATH_ROOM] = "";
    bool well;

    check_programs(d);
    if (!d->ctl->in_open || d->ctl->in.own_cluster) {
        well = have_server(where, sizeof where);
        doctor_say(d, well, WEIGHT_STRICT, "postgresql", "apt-get install postgresql (or `escriba up --database`)",
                   well ? "PostgreSQL's server is installed" : "PostgreSQL's server is not installed");
    }
    well = access("/usr/bin/pdftoppm", X_OK) == 0;
    doctor_say(d, well, WEIGHT_STRICT, "pdftoppm", "apt-get install poppler-utils",
               well ? "pdftoppm is installed"
                    : "pdftoppm is not installed: pages of a PDF that are drawn cannot be read");
    /* Without fonts a page drawn in a standard font comes out blank, without an error. */
    well = have_font("/usr/share/fonts", 4);
    doctor_say(d, well, WEIGHT_PRODUCTION, "fonts", "apt-get install fonts-urw-base35",
               well ? "fonts are installed" : "no fonts under /usr/share/fonts: text of a PDF can come out blank");
    check_languages(d);
    check_versions(d);
}
