/*
 * ctl_folders.c - the folders of an installation: who owns them, what waits in the hot ones.
 */
#include "ctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sys/spool.h"

/* A file that has not changed for so long, while intake runs, is not going to be taken. */
#define STUCK_SECONDS 600

bool
ctl_separate(const struct instance *in)
{
    const struct passwd *pw = getpwnam("escriba-keyd");
    struct stat st;

    return pw != NULL && stat(in->keys, &st) == 0 && st.st_uid == pw->pw_uid;
}

int
ctl_keeper(struct ctl *ctl, const char *program, struct keeper *out)
{
    static const char *const make[] = { "useradd", "--system", "--user-group", "--no-create-home", "--home-dir",
                                        "/nonexistent", "--shell", "/usr/sbin/nologin", "escriba", NULL };
    struct passwd *pw = NULL;
    struct err err = { 0 };

    out->uid = getuid();
    out->gid = getgid();
    if (getuid() != 0)
        return CTL_OK;
    if (ctl->separate || (ctl->in_open && ctl_separate(&ctl->in)))
        pw = getpwnam(program);
    if (pw == NULL && (pw = getpwnam("escriba")) == NULL && ctl_spawn(make, STDERR_FILENO) == 0)
        pw = getpwnam("escriba");
    if (pw == NULL || pw->pw_uid == 0) {
        err_set(&err, RC_CONFIG, "the system user escriba cannot be made, and nothing here may run as root");
        err_cure(&err, "useradd --system --user-group --shell /usr/sbin/nologin escriba");
        return ctl_fail(ctl, &err);
    }
    out->uid = pw->pw_uid;
    out->gid = pw->pw_gid;
    return CTL_OK;
}

int
ctl_passwords(struct ctl *ctl)
{
    static const char *const roles[] = { "intake", "runner", "publisher", "desk", "metrics" };
    struct keeper keeper;
    int code;

    if (getuid() != 0 || ctl->separate || ctl_separate(&ctl->in))
        return CTL_OK;
    if ((code = ctl_keeper(ctl, "escriba", &keeper)) != CTL_OK)
        return code;
    for (size_t i = 0; i < COUNT_OF(roles); i++) {
        char path[PATH_ROOM + 64];

        snprintf(path, sizeof path, "%s/escriba_%s.pgpass", ctl->in.secret, roles[i]);
        if (lchown(path, keeper.uid, keeper.gid) != 0)
            return ctl_fail_rc(ctl, RC_IO, "giving the password files to the user escriba");
    }
    return CTL_OK;
}

static int
fail_path(const struct ctl *ctl, const char *what, const char *path)
{
    struct err err = { 0 };
    int saved = errno;

    err_set(&err, saved == EACCES || saved == EPERM ? RC_DENIED : saved == ENOSPC ? RC_FULL : RC_IO, "%s: %s", what,
            strerror(saved));
    err_where(&err, "%s", path);
    if (saved == EACCES || saved == EPERM)
        err_cure(&err, "run it as root, or choose a folder of your own with --home");
    return ctl_fail(ctl, &err);
}

int
ctl_folder(struct ctl *ctl, const char *path, unsigned mode, const struct keeper *owner)
{
    struct stat st;

    if (mkdir(path, 0700) != 0 && errno != EEXIST)
        return fail_path(ctl, "cannot make the folder", path);
    if (lstat(path, &st) != 0)
        return fail_path(ctl, "cannot look at the folder", path);
    if (!S_ISDIR(st.st_mode)) {
        errno = ENOTDIR;
        return fail_path(ctl, "this is not a folder", path);
    }
    if ((st.st_uid != owner->uid || st.st_gid != owner->gid) && lchown(path, owner->uid, owner->gid) != 0)
        return fail_path(ctl, "cannot give the folder to its user", path);
    /* After chown, which clears the set-group bit. */
    if (chmod(path, (mode_t)mode) != 0)
        return fail_path(ctl, "cannot set the folder's mode", path);
    return CTL_OK;
}

int
ctl_file(struct ctl *ctl, const char *path, const void *bytes, size_t size, unsigned mode, const struct keeper *owner)
{
    char part[PATH_ROOM];
    const char *at = bytes;
    int fd, code = CTL_OK;

    /* two of us may write the same file, metrics above all: each under a name of its own */
    if ((size_t)snprintf(part, sizeof part, "%s.%ld.new", path, (long)getpid()) >= sizeof part) {
        errno = ENAMETOOLONG;
        return fail_path(ctl, "the path is too long", path);
    }
    (void)unlink(part);
    if ((fd = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600)) < 0)
        return fail_path(ctl, "cannot write", part);
    for (size_t done = 0; done < size && code == CTL_OK;) {
        ssize_t n = write(fd, at + done, size - done);

        if (n > 0)
            done += (size_t)n;
        else if (errno != EINTR)
            code = fail_path(ctl, "cannot write", part);
    }
    if (code == CTL_OK && ((owner != NULL && fchown(fd, owner->uid, owner->gid) != 0) ||
                           fchmod(fd, (mode_t)mode) != 0 || fsync(fd) != 0 || rename(part, path) != 0))
        code = fail_path(ctl, "cannot write", path);
    close(fd);
    if (code != CTL_OK)
        unlink(part);
    return code;
}

int
ctl_hot_folder(struct ctl *ctl, const char *client, const char *stream)
{
    char path[PATH_ROOM];
    struct keeper keeper;
    int code = ctl_keeper(ctl, "escriba-intake", &keeper);

    if (code != CTL_OK)
        return code;
    if ((size_t)snprintf(path, sizeof path, "%s/%s/%s", ctl->in.hot, client, stream) >= sizeof path)
        return ctl_usage(ctl, "the path of the hot folder is too long");
    *strrchr(path, '/') = '\0';
    if ((code = ctl_folder(ctl, path, 02770, &keeper)) != CTL_OK)
        return code;
    path[strlen(path)] = '/';
    return ctl_folder(ctl, path, 02770, &keeper);
}

/* ---- what waits there -------------------------------------------------------------------- */

static void
look_at(const char *path, struct waiting_file *f)
{
    struct stat st;

    f->why_en = "will be taken when it is complete";
    f->why_es = "se tomará cuando esté completo";
    f->stuck = false;
    if (lstat(path, &st) != 0)
        return;
    f->size = (int64_t)st.st_size;
    f->age = (int64_t)time(NULL) - (int64_t)st.st_mtime;
    if (S_ISDIR(st.st_mode)) {
        f->why_en = "a folder: a batch of its own";
        f->why_es = "una carpeta: un lote propio";
    } else if (!S_ISREG(st.st_mode)) {
        f->why_en = "not a plain file: it is not taken; remove it";
        f->why_es = "no es un archivo normal: no se toma; quítelo";
        f->stuck = true;
    } else if (st.st_nlink > 1) {
        f->why_en = "has another name elsewhere: not taken; copy it instead of linking";
        f->why_es = "tiene otro nombre en otra parte: no se toma; cópielo en vez de enlazarlo";
        f->stuck = true;
    } else if (f->age > STUCK_SECONDS) {
        f->why_en = "left there: incomplete, still open somewhere, or not readable by intake";
        f->why_es = "se quedó ahí: incompleto, aún abierto o ilegible para la entrada";
        f->stuck = true;
    }
}

/* Unfinished files of copying programs, and the marks that say that another file is complete. */
static bool
is_passing(const char *name)
{
    enum spool_name kind = spool_name_kind(name);

    return kind != SPOOL_NAME_FILE && kind != SPOOL_NAME_REFUSED;
}

static void
walk_stream(const char *dir, struct waiting_file *f, int depth,
            void (*each)(void *to, const struct waiting_file *f), void *to)
{
    DIR *list = opendir(dir);
    struct dirent *e;

    while (list != NULL && (e = readdir(list)) != NULL) {
        char path[PATH_ROOM];

        if (is_passing(e->d_name) || (size_t)snprintf(path, sizeof path, "%s/%s", dir, e->d_name) >= sizeof path)
            continue;
        f->name = e->d_name;
        look_at(path, f);
        if (spool_name_kind(e->d_name) == SPOOL_NAME_REFUSED) {
            f->why_en = "put aside by intake: larger than the limit; remove it";
            f->why_es = "apartado por la entrada: mayor que el límite; quítelo";
            f->stuck = true;
        }
        if (strcmp(f->why_en, "a folder: a batch of its own") == 0 && depth > 0)
            walk_stream(path, f, depth - 1, each, to);
        else
            each(to, f);
    }
    if (list != NULL)
        closedir(list);
}

void
ctl_hot_walk(const struct instance *in, const char *client, void (*each)(void *to, const struct waiting_file *f),
             void *to)
{
    DIR *clients = opendir(in->hot), *streams;
    struct dirent *c, *s;

    while (clients != NULL && (c = readdir(clients)) != NULL) {
        char dir[PATH_ROOM], path[PATH_ROOM + 256];

        if (c->d_name[0] == '.' || (client != NULL && strcmp(c->d_name, client) != 0) ||
            (size_t)snprintf(dir, sizeof dir, "%s/%s", in->hot, c->d_name) >= sizeof dir)
            continue;
        streams = opendir(dir);
        while (streams != NULL && (s = readdir(streams)) != NULL) {
            struct waiting_file f = { .client = c->d_name, .stream = s->d_name };

            if (s->d_name[0] == '.')
                continue;
            snprintf(path, sizeof path, "%s/%s", dir, s->d_name);
            walk_stream(path, &f, 1, each, to);
        }
        if (streams != NULL)
            closedir(streams);
    }
    if (clients != NULL)
        closedir(clients);
}
