/* instance.c - where one installation keeps its things, and how its programs reach the database. */
#include "sys/instance.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/config.h"

#define SETTINGS_MAX 65536

static enum rc
put(char *out, size_t room, struct err *err, const char *format, ...) PRINTF_LIKE(4, 5);

static enum rc
put(char *out, size_t room, struct err *err, const char *format, ...)
{
    va_list args;
    int size;

    va_start(args, format);
    size = vsnprintf(out, room, format, args);
    va_end(args);
    if (size < 0 || (size_t)size >= room)
        return err_set(err, RC_CONFIG, "the path of the home folder is too long");
    return RC_OK;
}

static enum rc
choose_home(const char *home, char *out, size_t room, struct err *err)
{
    const char *env = getenv("ESCRIBA_HOME");
    const char *data = getenv("XDG_DATA_HOME");
    const char *user = getenv("HOME");
    char here[PATH_ROOM];
    enum rc rc;

    if (home == NULL || home[0] == '\0')
        home = env;
    if (home != NULL && home[0] != '\0') {
        size_t size = strlen(home);

        while (size > 1 && home[size - 1] == '/')
            size--;
        if (home[0] == '/')
            return put(out, room, err, "%.*s", (int)size, home);
        if (getcwd(here, sizeof here) == NULL)
            return err_set(err, RC_IO, "the current folder has no name");
        return put(out, room, err, "%s/%.*s", here, (int)size, home);
    }
    if (geteuid() == 0)
        return put(out, room, err, "/var/lib/escriba");
    if (data != NULL && data[0] == '/')
        return put(out, room, err, "%s/escriba", data);
    if (user == NULL || user[0] != '/') {
        rc = err_set(err, RC_CONFIG, "there is no home folder");
        err_cure(err, "use --home FOLDER or set ESCRIBA_HOME");
        return rc;
    }
    return put(out, room, err, "%s/.local/share/escriba", user);
}

static enum rc
read_settings(struct instance *in, struct err *err)
{
    char path[PATH_ROOM];
    char *text = NULL;
    struct stat st;
    ssize_t size = 0, n;
    int fd;
    enum rc rc;

    if ((rc = put(path, sizeof path, err, "%s/escriba.yaml", in->home)) != RC_OK)
        return rc;
    if ((fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0) {
        if (errno == ENOENT || errno == ENOTDIR)
            return RC_OK;
        rc = err_set(err, errno == EACCES ? RC_DENIED : RC_IO, "the settings cannot be read: %s", strerror(errno));
        err_where(err, "%s", path);
        return rc;
    }
    rc = RC_IO;
    if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode) || st.st_size > SETTINGS_MAX) {
        rc = err_set(err, RC_CONFIG, "the settings are not a small plain file");
        err_where(err, "%s", path);
        goto out;
    }
    if ((text = calloc(1, SETTINGS_MAX + 1)) == NULL) {
        rc = RC_NOMEM;
        goto out;
    }
    while ((n = read(fd, text + size, (size_t)(SETTINGS_MAX - size))) > 0)
        size += n;
    if (n < 0)
        rc = err_set(err, RC_IO, "the settings cannot be read: %s", strerror(errno));
    else
        rc = config_read(text, (size_t)size, path, in, err);
out:
    free(text);
    close(fd);
    return rc;
}

/* The defaults of the table, and what depends on the machine. */
static enum rc
set_defaults(struct instance *in, struct err *err)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    in->workers = cores > 0 ? (unsigned)cores : 1;
    for (const struct setting *s = config_table; s->name != NULL; s++) {
        char *at = (char *)in + s->offset;

        if (s->fallback[0] == '\0')
            continue;
        if (s->kind == SETTING_NUMBER)
            *(unsigned *)(void *)at = (unsigned)strtoul(s->fallback, NULL, 10);
        else
            snprintf(at, (size_t)s->high + 1, "%s", s->fallback);
    }
    enum rc rc;

    if ((rc = put(in->forms, sizeof in->forms, err, "%s/forms", in->home)) != RC_OK ||
        (rc = put(in->hot, sizeof in->hot, err, "%s/hot", in->home)) != RC_OK ||
        (rc = put(in->run, sizeof in->run, err, "%s/run", in->home)) != RC_OK ||
        (rc = put(in->keys, sizeof in->keys, err, "%s/keys", in->home)) != RC_OK ||
        (rc = put(in->secret, sizeof in->secret, err, "%s/secret", in->home)) != RC_OK)
        return rc;
    return put(in->log, sizeof in->log, err, "%s/log", in->home);
}

enum rc
instance_open(const char *home, struct instance *out, struct err *err)
{
    struct instance *in = calloc(1, sizeof *in);
    enum rc rc;

    if (in == NULL)
        return err_set(err, RC_NOMEM, "no memory");
    if ((rc = choose_home(home, in->home, sizeof in->home, err)) != RC_OK ||
        (rc = set_defaults(in, err)) != RC_OK || (rc = read_settings(in, err)) != RC_OK)
        goto out;
    in->production = strcmp(in->profile, "production") == 0;
    in->own_cluster = in->database[0] == '\0';
    if (in->own_cluster)
        rc = put(in->database, sizeof in->database, err, "host='%s/run/pg'", in->home);
    if (rc == RC_OK)
        *out = *in;
out:
    free(in);
    return rc;
}

enum rc
instance_conninfo(const struct instance *in, const char *database, const char *role, char *out, size_t room)
{
    bool own = in->own_cluster;
    bool socket_only = strstr(in->database, "host=/") != NULL || strstr(in->database, "host='/") != NULL ||
                       strstr(in->database, "host") == NULL;
    bool prefix = strcmp(database, "postgres") != 0;

    if (in->production && !own && !socket_only && strstr(in->database, "sslmode=verify-full") == NULL)
        return RC_CONFIG;
    /* A quote in the path would end the value early. */
    if (strpbrk(in->secret, "'\\") != NULL)
        return RC_CONFIG;
    int size = snprintf(out, room, "%s dbname=%s%s user=escriba_%s passfile='%s/escriba_%s.pgpass'", in->database,
                        prefix ? "escriba_" : "", database, role, in->secret, role);

    return size > 0 && (size_t)size < room ? RC_OK : RC_LIMIT;
}
