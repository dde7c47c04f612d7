/* cluster_files.c - folders, small files and children of the private cluster. */
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <grp.h>
#include <libgen.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/text.h"
#include "cluster_internal.h"

enum rc
cluster_service(struct service *out, struct err *err)
{
    const char *name = getenv("ESCRIBA_PG_USER");
    struct passwd *pw;

    if (geteuid() != 0) {
        out->uid = geteuid();
        out->gid = getegid();
        out->name[0] = '\0';
        return RC_OK;
    }
    if (name == NULL || name[0] == '\0')
        name = "postgres";
    if ((pw = getpwnam(name)) == NULL || pw->pw_uid == 0) {
        err_set(err, RC_CONFIG, "there is no ordinary system user '%s' to run the database server as", name);
        err_cure(err, "apt-get install postgresql, or set ESCRIBA_PG_USER");
        return RC_CONFIG;
    }
    out->uid = pw->pw_uid;
    out->gid = pw->pw_gid;
    snprintf(out->name, sizeof out->name, "%s", name);
    return RC_OK;
}

enum rc
cluster_folder(const char *path, mode_t mode, uid_t uid, gid_t gid, struct err *err)
{
    char part[PATH_ROOM];
    struct stat st;
    enum rc rc;

    snprintf(part, sizeof part, "%s", path);
    for (char *at = part + 1;; at++) {
        char was = *at;

        if (was != '/' && was != '\0')
            continue;
        *at = '\0';
        if (mkdir(part, was == '\0' ? mode : 0755) == 0) {
            /* mkdir obeys the umask; the mode is part of the design. */
            if (chmod(part, was == '\0' ? mode : 0755) != 0 ||
                (was == '\0' && uid != (uid_t)-1 && chown(part, uid, gid) != 0))
                goto failed;
        } else if (errno != EEXIST) {
            goto failed;
        }
        if (was == '\0')
            break;
        *at = was;
    }
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
        errno = ENOTDIR;
        goto failed;
    }
    return RC_OK;
failed:
    rc = err_set(err, errno == EACCES || errno == EPERM ? RC_DENIED : errno == ENOSPC ? RC_FULL : RC_IO,
                 "a folder cannot be made: %s", strerror(errno));
    err_where(err, "%s", path);
    err_cure(err, "choose another home folder with --home, or make it writable");
    return rc;
}

enum rc
cluster_file(const char *path, const char *text, mode_t mode, uid_t uid, gid_t gid, struct err *err)
{
    char fresh[PATH_ROOM + 8], folder[PATH_ROOM];
    int fd = -1, dir = -1;
    size_t size = strlen(text);
    enum rc rc = RC_IO;

    snprintf(fresh, sizeof fresh, "%s.new", path);
    snprintf(folder, sizeof folder, "%s", path);
    unlink(fresh);
    if ((fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode)) < 0)
        goto out;
    if (fchmod(fd, mode) != 0 || (uid != (uid_t)-1 && fchown(fd, uid, gid) != 0) ||
        write(fd, text, size) != (ssize_t)size || fsync(fd) != 0 || rename(fresh, path) != 0)
        goto out;
    if ((dir = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) >= 0 && fsync(dir) == 0)
        rc = RC_OK;
out:
    if (rc != RC_OK) {
        rc = err_set(err, errno == ENOSPC ? RC_FULL : errno == EACCES ? RC_DENIED : RC_IO,
                     "a file cannot be written: %s", strerror(errno));
        err_where(err, "%s", path);
        unlink(fresh);
    }
    if (fd >= 0)
        close(fd);
    if (dir >= 0)
        close(dir);
    return rc;
}

bool
cluster_slurp(const char *path, char *out, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n;

    if (fd < 0)
        return false;
    n = read(fd, out, size - 1);
    close(fd);
    if (n < 0)
        return false;
    out[n] = '\0';
    return true;
}

void
cluster_password(char out[PASSWORD_TEXT])
{
    uint8_t raw[24];

    if (getrandom(raw, sizeof raw, 0) != (ssize_t)sizeof raw)
        abort(); /* the kernel has no random numbers: nothing can be safe */
    text_hex(raw, sizeof raw, out);
    bytes_wipe(raw, sizeof raw);
}

static int
remove_one(const char *path, const struct stat *st, int kind, struct FTW *ftw)
{
    (void)st;
    (void)kind;
    (void)ftw;
    remove(path);
    return 0;
}

void
cluster_remove(const char *path)
{
    nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS | FTW_MOUNT);
}

/* In the child: become the service user, with an environment that carries nothing of the caller's. */
static bool
become(const struct service *as)
{
    static char *const clean[] = { "PATH=/usr/bin:/bin", "LC_ALL=C", "HOME=/", NULL };

    extern char **environ;
    environ = (char **)clean;
    if (chdir("/") != 0)
        return false;
    if (as->name[0] == '\0')
        return true;
    return initgroups(as->name, as->gid) == 0 && setgid(as->gid) == 0 && setuid(as->uid) == 0;
}

static void
keep_last_line(char *said, size_t room, const char *text)
{
    size_t size = strlen(text);
    const char *line;

    while (size > 0 && (text[size - 1] == '\n' || text[size - 1] == ' '))
        size--;
    line = text + size;
    while (line > text && line[-1] != '\n')
        line--;
    snprintf(said, room, "%.*s", (int)(text + size - line), line);
}

int
cluster_run(const struct service *as, const char *const *argv, char *said, size_t room)
{
    char text[8192];
    size_t size = 0;
    int ends[2], status;
    ssize_t n;
    pid_t child;

    if (room > 0)
        said[0] = '\0';
    if (pipe2(ends, O_CLOEXEC) != 0)
        return -1;
    if ((child = fork()) == 0) {
        int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

        if (nothing < 0 || dup2(nothing, 0) < 0 || dup2(ends[1], 1) < 0 || dup2(ends[1], 2) < 0 || !become(as))
            _exit(126);
        /* initdb and the server must not inherit a socket or a lock of ours. */
        close_range(3, ~0u, 0);
        umask(077);
        execv(argv[0], (char *const *)(uintptr_t)argv);
        _exit(127);
    }
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        return -1;
    }
    while ((n = read(ends[0], text + size, sizeof text - 1 - size)) != 0) {
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            break;
        size += (size_t)n;
        if (size > sizeof text / 2) { /* keep the end: that is where the error is */
            memmove(text, text + size / 2, size - size / 2);
            size -= size / 2;
        }
    }
    close(ends[0]);
    text[size] = '\0';
    keep_last_line(said, room, text);
    while (waitpid(child, &status, 0) < 0)
        if (errno != EINTR)
            return -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

bool
cluster_reachable(const struct service *as, const char *path)
{
    int status;
    pid_t child = fork();

    if (child == 0)
        _exit(become(as) && access(path, X_OK) == 0 ? 0 : 1);
    return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}
