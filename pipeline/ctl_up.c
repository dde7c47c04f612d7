/*
 * ctl_up.c - escriba up and down.
 *
 * `up` makes whatever is missing and starts whatever is down; on an installation where all
 * runs it changes nothing.  As root the server runs as postgres and our programs as escriba,
 * who reach copies of programs and forms in HOME wherever the checkout is.
 */
#include "ctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/cluster.h"

/* ---- copies ------------------------------------------------------------------------------ */

static int
copy_file(struct ctl *ctl, const char *from, const char *to, unsigned mode, const struct keeper *owner)
{
    struct stat st;
    char *bytes = NULL;
    int fd = open(from, O_RDONLY | O_CLOEXEC), code = CTL_OK;
    size_t n = 0;
    ssize_t got = 1;

    if (fd < 0 || fstat(fd, &st) != 0 || (bytes = malloc((size_t)st.st_size + 1)) == NULL) {
        code = ctl_fail_rc(ctl, errno == EACCES ? RC_DENIED : RC_IO, from);
        goto out;
    }
    while (n < (size_t)st.st_size && (got = read(fd, bytes + n, (size_t)st.st_size - n)) > 0)
        n += (size_t)got;
    if (got < 0)
        code = ctl_fail_rc(ctl, RC_IO, from);
    else
        code = ctl_file(ctl, to, bytes, n, mode, owner);
out:
    free(bytes);
    if (fd >= 0)
        close(fd);
    return code;
}

/* Every plain file of a folder, and of the folders in it; a file that is the same is left alone. */
static int
copy_folder(struct ctl *ctl, const char *from, const char *to, unsigned mode, const struct keeper *owner,
            const char *only)
{
    DIR *list = opendir(from);
    struct dirent *e;
    int code = ctl_folder(ctl, to, 0755, owner);

    while (list != NULL && code == CTL_OK && (e = readdir(list)) != NULL) {
        char source[PATH_ROOM], target[PATH_ROOM];
        struct stat a, b;

        if (e->d_name[0] == '.' || (only != NULL && strncmp(e->d_name, only, strlen(only)) != 0) ||
            (size_t)snprintf(source, sizeof source, "%s/%s", from, e->d_name) >= sizeof source ||
            (size_t)snprintf(target, sizeof target, "%s/%s", to, e->d_name) >= sizeof target || stat(source, &a) != 0)
            continue;
        if (S_ISDIR(a.st_mode) && only == NULL)
            code = copy_folder(ctl, source, target, mode, owner, NULL);
        else if (S_ISREG(a.st_mode) && (stat(target, &b) != 0 || a.st_size != b.st_size || a.st_mtime > b.st_mtime))
            code = copy_file(ctl, source, target, mode, owner);
    }
    if (list != NULL)
        closedir(list);
    return code;
}

/* The forms that came with the programs: of the checkout, or as installed. */
static bool
find_forms(char *out, size_t room)
{
    static const char *const places[] = { "../../forms", "../share/escriba/forms", "../forms" };
    const char *named = getenv("ESCRIBA_FORMS"); /* for a build outside of its checkout */
    char dir[PATH_ROOM - 64];

    if (named != NULL && named[0] == '/') {
        snprintf(out, room, "%s", named);
        return access(out, R_OK | X_OK) == 0;
    }
    if (!ctl_program_dir(dir, sizeof dir))
        return false;
    for (size_t i = 0; i < COUNT_OF(places); i++) {
        snprintf(out, room, "%s/%s", dir, places[i]);
        if (access(out, R_OK | X_OK) == 0)
            return true;
    }
    return false;
}

static int
install_forms(struct ctl *ctl, const struct keeper *root)
{
    char from[PATH_ROOM];
    struct err err = { 0 };

    if (find_forms(from, sizeof from))
        return copy_folder(ctl, from, ctl->in.forms, 0644, root, NULL);
    if (access(ctl->in.forms, R_OK) == 0)
        return CTL_OK;
    err_set(&err, RC_CONFIG, "the document types that come with the programs are not found");
    err_cure(&err, "install with `cmake --install`, or copy forms/ to %s", ctl->in.forms);
    return ctl_fail(ctl, &err);
}

static int
install_programs(struct ctl *ctl, const struct keeper *root)
{
    char from[PATH_ROOM], to[PATH_ROOM];

    if (getuid() != 0 || ctl->separate) /* units run them where they are installed */
        return CTL_OK;
    snprintf(to, sizeof to, "%s/bin", ctl->in.home);
    if (!ctl_program_dir(from, sizeof from))
        return ctl_fail_rc(ctl, RC_IO, "finding our own programs");
    if (strcmp(from, to) == 0)
        return CTL_OK;
    return copy_folder(ctl, from, to, 0755, root, "escriba");
}

/* ---- folders ------------------------------------------------------------------------------ */

static int
make_parents(struct ctl *ctl, const char *home)
{
    char path[sizeof ctl->in.home];

    snprintf(path, sizeof path, "%s", home);
    for (char *slash = strchr(path + 1, '/'); slash != NULL; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(path, 0755) != 0 && errno != EEXIST)
            return ctl_fail_rc(ctl, errno == EACCES ? RC_DENIED : RC_IO, "making the folders above the installation");
        *slash = '/';
    }
    return CTL_OK;
}

/* Where programs have users of their own, they meet in folders of the group escriba. */
static int
make_folders(struct ctl *ctl, const struct keeper *me)
{
    const struct instance *in = &ctl->in;
    struct keeper intake, keyd, metrics, all;
    char metrics_dir[PATH_ROOM], codes_dir[PATH_ROOM];
    bool apart = ctl->separate;
    int code;

    if ((code = make_parents(ctl, in->home)) != CTL_OK ||
        (code = ctl_keeper(ctl, "escriba-intake", &intake)) != CTL_OK ||
        (code = ctl_keeper(ctl, "escriba-keyd", &keyd)) != CTL_OK ||
        (code = ctl_keeper(ctl, "escriba-metrics", &metrics)) != CTL_OK ||
        (code = ctl_keeper(ctl, "escriba", &all)) != CTL_OK)
        return code;
    if (apart)
        all.uid = getuid();
    snprintf(metrics_dir, sizeof metrics_dir, "%s/metrics", in->home);
    snprintf(codes_dir, sizeof codes_dir, "%s/codes", in->home);
    const struct {
        const char *path;
        unsigned mode;
        const struct keeper *owner;
    } folders[] = {
        { in->home, 0755, me },
        { in->hot, 0755, &intake },
        { in->run, apart ? 01775 : 0755, &all },
        { in->log, apart ? 01770 : 0750, &all },
        { in->keys, 0700, &keyd },
        { in->secret, 0711, me },
        { metrics_dir, 0755, &metrics },
        { codes_dir, 0755, me },
    };
    for (size_t i = 0; i < COUNT_OF(folders) && code == CTL_OK; i++)
        code = ctl_folder(ctl, folders[i].path, folders[i].mode, folders[i].owner);
    return code;
}

static const char first_settings[] =
    "# Settings of this installation; `escriba config` explains each.  What is not here has its default.\n";

static int
write_settings(struct ctl *ctl)
{
    const char *workers = ctl_value(ctl, "workers"), *profile = ctl_value(ctl, "profile");
    const char *database = ctl_value(ctl, "database");
    char path[PATH_ROOM], where[sizeof ctl->in.database];
    int code = CTL_OK;

    snprintf(path, sizeof path, "%s/escriba.yaml", ctl->in.home);
    if (access(path, F_OK) != 0)
        code = ctl_file(ctl, path, first_settings, sizeof first_settings - 1, 0644, NULL);
    if (code == CTL_OK && profile != NULL)
        code = ctl_setting_set(ctl, "profile", profile);
    if (code == CTL_OK && database != NULL && (code = ctl_server(ctl, database, where, sizeof where)) == CTL_OK)
        code = ctl_setting_set(ctl, "database", where);
    if (code == CTL_OK && workers != NULL)
        code = ctl_setting_set(ctl, "workers", workers);
    return code;
}

/* ---- up ------------------------------------------------------------------------------------ */

static void
step(const struct ctl *ctl, const char *what)
{
    if (ctl->progress)
        fprintf(stderr, "\r\033[K%s", what);
}

static void
step_done(const struct ctl *ctl)
{
    if (ctl->progress)
        fputs("\r\033[K", stderr);
}

static bool
has_keys(const struct instance *in)
{
    DIR *list = opendir(in->keys);
    struct dirent *e;
    bool found = false;

    while (list != NULL && !found && (e = readdir(list)) != NULL)
        found = e->d_name[0] != '.';
    if (list != NULL)
        closedir(list);
    return found;
}

/* The production profile starts only on a machine on which nothing is refused. */
static int
ask_doctor(struct ctl *ctl)
{
    char dir[PATH_ROOM - 32], program[PATH_ROOM];
    struct err err = { 0 };

    if (!ctl->in.production || !ctl_program_dir(dir, sizeof dir))
        return CTL_OK;
    snprintf(program, sizeof program, "%s/escriba", dir);
    const char *argv[] = { program, "doctor", "--home", ctl->in.home, "--profile", "production", "--quiet", NULL };

    if (ctl_spawn(argv, STDERR_FILENO) == CTL_OK)
        return CTL_OK;
    err_set(&err, RC_CONFIG, "the production profile does not start on this machine as it is");
    err_cure(&err, "cure what is named above, or try with --profile trial");
    return ctl_fail(ctl, &err);
}

static int
prepare(struct ctl *ctl, const struct keeper *me, int *applied)
{
    struct err err = { 0 };
    int code;

    if ((code = make_folders(ctl, me)) != CTL_OK || (code = write_settings(ctl)) != CTL_OK ||
        (code = install_forms(ctl, me)) != CTL_OK || (code = ctl_codes_iso(ctl)) != CTL_OK ||
        (code = install_programs(ctl, me)) != CTL_OK)
        return code;
    step(ctl, "starting the database");
    if (ctl->in.own_cluster && cluster_up(&ctl->in, &err) != RC_OK)
        return ctl_fail(ctl, &err);
    step(ctl, "bringing the databases up to date");
    if (cluster_prepare(&ctl->in, applied, &err) != RC_OK)
        return ctl_fail(ctl, &err);
    if ((code = ctl_passwords(ctl)) != CTL_OK)
        return code;
    return ask_doctor(ctl);
}

static void
report_up(struct ctl *ctl, bool new_keys, int applied)
{
    struct running run;

    ctl_running(&ctl->in, &run);
    if (ctl->json) {
        ctl_json(json_pack("{s:s, s:s, s:s, s:s, s:i, s:b}", "home", ctl->in.home, "hot", ctl->in.hot, "profile",
                           ctl->in.production ? "production" : "trial", "state", run.up ? "up" : "prepared",
                           "migrations", applied, "new_keys", new_keys));
        return;
    }
    printf("Escriba is %s at %s (%s profile)\n", run.up ? "up" : "prepared", ctl->in.home,
           ctl->in.production ? "production" : "trial");
    if (new_keys)
        printf("\n%sA new key store was made. Without it nothing that is sealed opens again: back it up now,\n"
               "to a place outside this machine and outside the database's backups:%s\n\n"
               "  escriba keys backup /path/outside/escriba-keys.backup --home %s\n\n"
               "It prints a recovery code once; keep code and file apart. Do it again after adding clients.\n\n",
               ctl_bold(ctl), ctl_plain(ctl), ctl->in.home);
    printf("hot folders: %s\nnext: escriba client add CODE --name NAME --key FILE.pub; escriba status\n",
           ctl->in.hot);
}

int
ctl_up_run(struct ctl *ctl)
{
    struct keeper me = { getuid(), getgid() };
    const char *profile = ctl_value(ctl, "profile");
    bool had_keys, start = ctl_value(ctl, "no-start") == NULL;
    int applied = 0, code;
    int64_t ignored;

    if (!ctl_number(ctl, "workers", 1, 256, 1, &ignored))
        return CTL_USAGE;
    if ((code = ctl_instance(ctl)) != CTL_OK)
        return code;
    ctl->separate =
        !start && getuid() == 0 && (profile != NULL ? strcmp(profile, "production") == 0 : ctl->in.production);
    had_keys = has_keys(&ctl->in);
    code = prepare(ctl, &me, &applied);
    if (code == CTL_OK && start) {
        step(ctl, "starting the programs");
        code = ctl_daemon_start(ctl);
    }
    step_done(ctl);
    if (code == CTL_OK)
        report_up(ctl, !had_keys && has_keys(&ctl->in), applied);
    return code;
}

int
ctl_down_run(struct ctl *ctl)
{
    enum cluster_state state = CLUSTER_ABSENT;
    struct err err = { 0 };
    int code = ctl_instance(ctl);

    if (code != CTL_OK)
        return code;
    step(ctl, "stopping the programs");
    code = ctl_daemon_stop(ctl);
    step(ctl, "stopping the database");
    if (ctl->in.own_cluster && cluster_status(&ctl->in, &state, &err) == RC_OK && state == CLUSTER_UP &&
        cluster_down(&ctl->in, &err) != RC_OK)
        code = ctl_fail(ctl, &err);
    step_done(ctl);
    if (code == CTL_OK && ctl->json)
        ctl_json(json_pack("{s:s, s:s}", "home", ctl->in.home, "state", "down"));
    else if (code == CTL_OK)
        ctl_say(ctl, "%s", ctl_tr(ctl, "Everything is stopped.", "Todo está parado."));
    return code;
}
