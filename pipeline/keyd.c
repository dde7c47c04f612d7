/*
 * keyd.c - escriba-keyd: holds the keys and answers questions of fixed size.
 *
 * It has no network, no database and parses nothing of variable shape.  Who asks is known by
 * the socket: escribad hands over one for each of its children (--peer KIND:FD); programs
 * started otherwise knock at HOME/run/keyd*.sock, and the kernel says who they are.
 */
#include "keyd.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"
#include "sys/runtime.h"

#define PEERS_MAX 96
#define KEYD_PATH 4096

/*
 * The four folders that matter here.  Not sys/instance.h: that reads a settings file with a
 * YAML library, and keyd parses nothing of variable shape.
 */
struct places {
    char home[KEYD_PATH];
    char keys[KEYD_PATH];
    char run[KEYD_PATH];
    char log[KEYD_PATH];
};

struct options {
    const char *home, *keys, *backup, *restore, *code_file;
    bool passphrase, status, no_sockets;
    struct root_source source;
    const char *peers[PEERS_MAX];
    const char *allowed[PEERS_MAX];
    unsigned peer_count, allowed_count;
};

static const char usage[] =
    "escriba-keyd: holds the keys.  Started by escribad or systemd.\n"
    "\n"
    "  --home DIR              the installation\n"
    "  --keys DIR              the key store, when it is not HOME/keys\n"
    "  --passphrase-fd N       read the root passphrase from this descriptor, one line\n"
    "  --peer KIND:FD          an open socket for intake, runner, desk or operator\n"
    "  --allow KIND:USER       this system user may knock as KIND (always: root and our own)\n"
    "  --no-sockets            do not listen in HOME/run\n"
    "  -h, --help              this text;  --version  the version\n"
    "\n"
    "For a person, with the daemon running or not:\n"
    "  --backup FILE [--code-file FILE]    the whole key store to FILE; prints the recovery code\n"
    "  --restore FILE [--code-file FILE]   and back, when HOME/keys or its root key is lost\n"
    "  --set-passphrase                    put the root key under a passphrase (standard input)\n"
    "  --status                            how many clients, and how many in no backup (exit 3)\n";

static bool
number_option(const char *text, int *out)
{
    int64_t n;

    if (!text_parse_i64(text, 0, 1 << 20, &n))
        return false;
    *out = (int)n;
    return true;
}

static bool
options_read(int argc, char **argv, struct options *o)
{
    static const struct option known[] = {
        { "home", required_argument, NULL, 'h' },      { "backup", required_argument, NULL, 'b' },
        { "restore", required_argument, NULL, 'r' },   { "code-file", required_argument, NULL, 'c' },
        { "set-passphrase", no_argument, NULL, 's' },  { "status", no_argument, NULL, 't' },
        { "passphrase-fd", required_argument, NULL, 'f' }, { "peer", required_argument, NULL, 'p' },
        { "allow", required_argument, NULL, 'a' },     { "no-sockets", no_argument, NULL, 'n' },
        { "keys", required_argument, NULL, 'k' },      { NULL, 0, NULL, 0 },
    };
    int c;

    o->source.passphrase_fd = -1;
    o->source.credentials = getenv("CREDENTIALS_DIRECTORY");
    while ((c = getopt_long(argc, argv, "", known, NULL)) != -1) {
        switch (c) {
        case 'h': o->home = optarg; break;
        case 'k': o->keys = optarg; break;
        case 'b': o->backup = optarg; break;
        case 'r': o->restore = optarg; break;
        case 'c': o->code_file = optarg; break;
        case 's': o->passphrase = true; break;
        case 't': o->status = true; break;
        case 'n': o->no_sockets = true; break;
        case 'f':
            if (!number_option(optarg, &o->source.passphrase_fd))
                return false;
            break;
        case 'p':
            if (o->peer_count == PEERS_MAX)
                return false;
            o->peers[o->peer_count++] = optarg;
            break;
        case 'a':
            if (o->allowed_count == PEERS_MAX)
                return false;
            o->allowed[o->allowed_count++] = optarg;
            break;
        default: return false;
        }
    }
    return optind == argc;
}

/* --home, else $ESCRIBA_HOME, else the place for root, else the user's own: as sys/instance.h has it. */
static enum rc
places_find(const char *home, struct places *out, struct err *err)
{
    const char *env = getenv("ESCRIBA_HOME"), *share = getenv("XDG_DATA_HOME"), *user = getenv("HOME");
    char here[KEYD_PATH / 2] = "";
    int n;

    if (home == NULL || home[0] == '\0')
        home = env;
    if (home != NULL && home[0] != '\0') {
        if (home[0] != '/' && getcwd(here, sizeof here) == NULL)
            return err_set(err, RC_IO, "the current folder has no name");
        n = snprintf(out->home, sizeof out->home, "%s%s%s", here, here[0] != '\0' ? "/" : "", home);
    } else if (geteuid() == 0) {
        n = snprintf(out->home, sizeof out->home, "/var/lib/escriba");
    } else if (share != NULL && share[0] == '/') {
        n = snprintf(out->home, sizeof out->home, "%s/escriba", share);
    } else if (user != NULL && user[0] == '/') {
        n = snprintf(out->home, sizeof out->home, "%s/.local/share/escriba", user);
    } else {
        err_set(err, RC_CONFIG, "there is no home folder");
        err_cure(err, "use --home FOLDER or set ESCRIBA_HOME");
        return RC_CONFIG;
    }
    if (n < 0 || n > KEYD_PATH - 64)
        return err_set(err, RC_CONFIG, "the path of the home folder is too long");
    snprintf(out->keys, sizeof out->keys, "%.*s/keys", KEYD_PATH - 64, out->home);
    snprintf(out->run, sizeof out->run, "%.*s/run", KEYD_PATH - 64, out->home);
    snprintf(out->log, sizeof out->log, "%.*s/log", KEYD_PATH - 64, out->home);
    return RC_OK;
}

/* "KIND:REST" */
static const struct keyd_peer_row *
split_kind(const char *text, const char **rest)
{
    char kind[16];
    const char *colon = strchr(text, ':');

    if (colon == NULL || (size_t)(colon - text) >= sizeof kind)
        return NULL;
    memcpy(kind, text, (size_t)(colon - text));
    kind[colon - text] = '\0';
    *rest = colon + 1;
    return keyd_peer_find(kind);
}

/* A socket of this path that nobody answers is an old one; a live one means another keyd. */
static enum rc
listen_at(const char *path, int *out)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    if (fd < 0)
        return RC_IO;
    if (strlen(path) >= sizeof address.sun_path) {
        close(fd);
        return RC_LIMIT;
    }
    memcpy(address.sun_path, path, strlen(path));
    if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0) {
        close(fd);
        return RC_EXISTS;
    }
    (void)unlink(path);
    /* Anybody may knock; SO_PEERCRED decides. */
    if (bind(fd, (struct sockaddr *)&address, sizeof address) != 0 || chmod(path, 0666) != 0 ||
        listen(fd, 16) != 0) {
        close(fd);
        return RC_IO;
    }
    *out = fd;
    return RC_OK;
}

static enum rc
sockets_open(struct keyd *keyd, const struct places *in, const struct options *o, struct err *err)
{
    char path[KEYD_PATH + 32];
    const char *rest;
    int fd = -1;
    enum rc rc = RC_OK;

    for (unsigned i = 0; rc == RC_OK && i < o->peer_count; i++) {
        const struct keyd_peer_row *p = split_kind(o->peers[i], &rest);

        if (p == NULL || !number_option(rest, &fd) || fcntl(fd, F_SETFD, FD_CLOEXEC) != 0)
            return err_set(err, RC_CONFIG, "--peer names no open socket");
        rc = keyd_add_peer(keyd, fd, p->peer);
    }
    for (unsigned i = 0; rc == RC_OK && i < o->allowed_count; i++) {
        const struct keyd_peer_row *p = split_kind(o->allowed[i], &rest);
        const struct passwd *user = p == NULL ? NULL : getpwnam(rest);

        if (user == NULL)
            return err_set(err, RC_CONFIG, "--allow names no system user");
        rc = keyd_allow(keyd, user->pw_uid, p->peer);
    }
    for (const struct keyd_peer_row *p = keyd_peers; rc == RC_OK && !o->no_sockets && p->name != NULL; p++) {
        snprintf(path, sizeof path, "%s/%s", in->run, p->socket);
        if ((rc = listen_at(path, &fd)) != RC_OK) {
            err_set(err, rc, "the socket cannot be opened");
            err_where(err, "%s", path);
            err_cure(err, rc == RC_EXISTS  ? "another escriba-keyd runs here: escriba down"
                          : rc == RC_LIMIT ? "choose a shorter home folder"
                                           : "check the rights of HOME/run");
            return rc;
        }
        rc = keyd_add_listener(keyd, fd, p->peer);
    }
    return rc;
}

static int
serve(const struct places *in, const struct options *o)
{
    struct keyring *ring = NULL;
    struct keyd *keyd = NULL;
    struct err err = { 0 };
    char log[KEYD_PATH + 32];
    enum rc rc = keyring_open(in->keys, &o->source, &ring, &err);

    if (rc != RC_OK)
        goto out;
    rc = RC_CONFIG;
    snprintf(log, sizeof log, "%s/keyd-openings.log", in->log);
    if ((mkdir(in->log, 0750) != 0 && errno != EEXIST) || (keyd = keyd_new(ring, log)) == NULL) {
        err_set(&err, rc, "the log of openings cannot be written");
        err_where(&err, "%s", log);
        goto out;
    }
    if ((rc = sockets_open(keyd, in, o, &err)) != RC_OK)
        goto out;
    runtime_notify("READY=1");
    if ((rc = keyd_lock()) != RC_OK) {
        err_set(&err, rc, "the kernel does not let escriba-keyd lock itself in");
        err_cure(&err, "a kernel with seccomp filters is needed");
        goto out;
    }
    log_event(LOG_INFO, "keyd.ready", LOG_INT("peers", o->peer_count), LOG_INT("pid", getpid()));
    while (rc == RC_OK && !runtime_stopping())
        rc = keyd_turn(keyd, -1);
    log_event(LOG_INFO, "keyd.stop", LOG_RC(rc));
out:
    if (rc != RC_OK) {
        if (err.rc == RC_OK)
            err_set(&err, rc, "escriba-keyd cannot go on");
        err_print(&err, stderr);
    }
    keyd_free(keyd);
    keyring_close(ring);
    return err_exit_code(rc);
}

int
main(int argc, char **argv)
{
    struct options o = { 0 };
    struct places in;
    struct err err = { 0 };
    enum rc rc;

    log_open("escriba-keyd", LOG_INFO);
    runtime_signals();
    if (runtime_answered(argc, argv, "escriba-keyd", usage))
        return 0;
    if (!options_read(argc, argv, &o)) {
        fputs(usage, stderr);
        return 64;
    }
    if ((rc = secret_start(&err)) != RC_OK || (rc = places_find(o.home, &in, &err)) != RC_OK) {
        err_print(&err, stderr);
        return err_exit_code(rc);
    }
    if (o.keys != NULL)
        snprintf(in.keys, sizeof in.keys, "%s", o.keys);
    if (o.backup != NULL)
        return keyd_backup(in.keys, &o.source, o.backup, o.code_file);
    if (o.restore != NULL)
        return keyd_restore(in.keys, o.restore, o.code_file);
    if (o.passphrase)
        return keyd_passphrase(in.keys, &o.source);
    if (o.status)
        return keyd_status(in.keys, &o.source);
    return serve(&in, &o);
}
