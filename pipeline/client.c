/*
 * client.c - escriba-client: what a client runs at its own site.
 *
 * Reaches the delivery database with the client's own role, and nothing else of ours.
 */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sodium.h>

#include "base/log.h"
#include "base/text.h"
#include "sys/secret.h"

static const char help[] =
    "escriba-client - receive results that only you can open\n\n"
    "Examples:\n"
    "  escriba-client keygen acme.key               make acme.key (keep it) and acme.key.pub (send it)\n"
    "  escriba-client pull --handover acme --key acme.key --to results\n"
    "  escriba-client show results                  the values that came, as a table\n"
    "  escriba-client pull ... --to - --follow | jq .fields\n"
    "  escriba-client verify results/receipts.jsonl --signer signer.pub --dir results\n\n"
    "Verbs:\n"
    "  keygen FILE          make a key pair; prints the fingerprint to compare with the operator\n"
    "  fingerprint FILE     that of a public key\n"
    "  pull                 fetch, check, open, write and acknowledge what waits\n"
    "  show PATH            print what came, a line a field: a result file, or a folder of them\n"
    "  open FILE            open one sealed result that came another way; to standard output\n"
    "  ack SEQ              acknowledge everything up to this number\n"
    "  nack SEQ             refuse a result; needs --reason\n"
    "  verify RECEIPTS      check receipts; with --dir their files too\n\n"
    "Options:\n"
    "  --handover DIR       the folder that the operator handed over: connect.txt, signer.pub\n"
    "  --conninfo STRING    libpq connection string, or @FILE that holds one\n"
    "  --role NAME          the database role, when the connection string does not name it\n"
    "  --key FILE           your secret key\n"
    "  --signer FILE        the installation's public signing key (signer.pub)\n"
    "  --to DIR|-           where results go, one file each; - prints them, one a line\n"
    "  --follow             stay, and fetch results as they come\n"
    "  --all                fetch what was acknowledged before, too\n"
    "  --no-ack             do not acknowledge\n"
    "  --receipts FILE      where receipts go (default DIR/receipts.jsonl)\n"
    "  --reason TEXT        why a result is refused\n"
    "  --dir DIR            where the results lie that the receipts are for\n"
    "  --home DIR --client CODE   on the installation's own machine: its hand-over folder\n\n"
    "Exit codes: 0 done; 1 failed; 2 wrong usage; 4 not found; 65 a result does not open, was\n"
    "forged or changed; 69 database away; 77 not permitted.\n";

static int
usage(const char *what)
{
    fprintf(stderr, "escriba-client: %s\n  do: escriba-client --help\n", what);
    return 2;
}

static int
fail(const struct err *err)
{
    err_print(err, stderr);
    return err_exit_code(err->rc);
}

static int
run_keygen(const struct client_options *o, char **args)
{
    uint8_t public[BOX_KEY];
    char print[FINGERPRINT_ROOM];
    struct err err = { 0 };

    (void)o;
    if (client_key_make(args[0], public, &err) != RC_OK)
        return fail(&err);
    client_fingerprint(public, print);
    printf("secret key:  %s      (keep it; without it your results cannot be opened)\n"
           "public key:  %s.pub  (send it to the installation's operator)\n"
           "fingerprint: %s  (compare it by voice)\n", args[0], args[0], print);
    return 0;
}

static int
run_fingerprint(const struct client_options *o, char **args)
{
    uint8_t public[BOX_KEY];
    char print[FINGERPRINT_ROOM];
    struct err err = { 0 };

    (void)o;
    if (client_public_read(args[0], public, &err) != RC_OK)
        return fail(&err);
    client_fingerprint(public, print);
    puts(print);
    return 0;
}

static int
run_pull(const struct client_options *o, char **args)
{
    (void)args;
    if (o->key == NULL || o->signer == NULL || o->to == NULL)
        return usage("pull needs --key, --to, and --handover (or --conninfo and --signer)");
    return client_pull(o);
}

/* The bytes of a file; binary, or as psql prints a bytea: \x and hex digits. NULL when it cannot be. */
static uint8_t *
slurp(const char *path, size_t *size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    uint8_t *bytes = NULL;
    size_t room = 0, n = 0;
    ssize_t got = -1;

    while (fd >= 0) {
        if (n == room) {
            uint8_t *more = room < MESSAGE_MAX ? realloc(bytes, room + (1u << 20)) : NULL;

            if (more == NULL) {
                errno = EFBIG;
                break;
            }
            bytes = more;
            room += 1u << 20;
        }
        if ((got = read(fd, bytes + n, room - n)) == 0)
            break;
        if (got < 0 && errno != EINTR)
            break;
        n += got > 0 ? (size_t)got : 0;
    }
    if (fd >= 0)
        close(fd);
    if (got != 0) {
        free(bytes);
        return NULL;
    }
    if (n > 2 && bytes[0] == '\\' && bytes[1] == 'x') {
        while (n > 2 && (bytes[n - 1] == '\n' || bytes[n - 1] == '\r'))
            n--;
        if (sodium_hex2bin(bytes, room, (const char *)bytes + 2, n - 2, NULL, &n, NULL) != 0)
            n = 0;
    }
    *size = n;
    return bytes;
}

static int
run_open(const struct client_options *o, char **args)
{
    struct client_key key = { 0 };
    uint8_t signer[SIGN_KEY], *payload = NULL;
    struct opened result = { 0 };
    struct err err = { 0 };
    size_t size = 0;
    int code = 1;

    if (o->key == NULL || o->signer == NULL)
        return usage("open needs --key and --signer");
    if (client_key_open(o->key, &key, &err) != RC_OK || client_public_read(o->signer, signer, &err) != RC_OK) {
        code = fail(&err);
        goto out;
    }
    if ((payload = slurp(args[0], &size)) == NULL) {
        fprintf(stderr, "escriba-client: cannot read %s: %s\n", args[0], strerror(errno));
        code = errno == ENOENT ? 4 : 1;
        goto out;
    }
    switch (client_box_open(&key, signer, payload, size, &result)) {
    case BOX_OK:
        code = fwrite(result.message, 1, result.size, stdout) == result.size && fflush(stdout) == 0 ? 0 : 1;
        break;
    case BOX_NOT_OURS:
        fputs("escriba-client: this result was not sealed to this key, or was changed on the way\n", stderr);
        code = CLIENT_BAD_DATA;
        break;
    case BOX_FORGED:
        fputs("escriba-client: the signature is not that of the installation which --signer names: do not use it\n",
              stderr);
        code = CLIENT_BAD_DATA;
        break;
    default: fputs("escriba-client: no memory\n", stderr);
    }
out:
    client_box_free(&result);
    free(payload);
    client_key_close(&key);
    return code;
}

static int
run_ack(const struct client_options *o, char **args)
{
    int64_t seq;

    if (!text_parse_i64(args[0], 0, INT64_MAX, &seq))
        return usage("ack takes a sequence number");
    return client_ack(o, seq);
}

static int
run_nack(const struct client_options *o, char **args)
{
    int64_t seq;

    if (!text_parse_i64(args[0], 1, INT64_MAX, &seq))
        return usage("nack takes a sequence number");
    if (o->reason == NULL || o->reason[0] == '\0')
        return usage("nack needs --reason");
    return client_nack(o, seq);
}

static int
run_verify(const struct client_options *o, char **args)
{
    uint8_t signer[SIGN_KEY];
    struct err err = { 0 };

    if (o->signer == NULL)
        return usage("verify needs --signer");
    if (client_public_read(o->signer, signer, &err) != RC_OK)
        return fail(&err);
    return client_receipts_verify(args[0], signer, o->dir);
}

static int
run_show(const struct client_options *o, char **args)
{
    (void)o;
    return client_show(args[0]);
}

static const struct verb {
    const char *name;
    int args;
    int (*run)(const struct client_options *o, char **args);
} verbs[] = {
    { "keygen", 1, run_keygen }, { "fingerprint", 1, run_fingerprint }, { "pull", 0, run_pull },
    { "open", 1, run_open },     { "ack", 1, run_ack },                 { "nack", 1, run_nack },
    { "verify", 1, run_verify }, { "show", 1, run_show },
};

static const struct option longs[] = {
    { "conninfo", required_argument, NULL, 'c' }, { "role", required_argument, NULL, 'u' },
    { "key", required_argument, NULL, 'k' },      { "signer", required_argument, NULL, 's' },
    { "to", required_argument, NULL, 't' },       { "receipts", required_argument, NULL, 'r' },
    { "reason", required_argument, NULL, 'w' },   { "dir", required_argument, NULL, 'd' },
    { "follow", no_argument, NULL, 'f' },         { "no-ack", no_argument, NULL, 'n' },
    { "all", no_argument, NULL, 'a' },            { "help", no_argument, NULL, 'h' },
    { "handover", required_argument, NULL, 'o' }, { "home", required_argument, NULL, 'H' },
    { "client", required_argument, NULL, 'C' },   { "version", no_argument, NULL, 'V' },
    { NULL, 0, NULL, 0 }
};

/* Whole options only; -1, or the exit code. */
static int
parse(int argc, char **argv, struct client_options *o)
{
    for (int c; (c = getopt_long(argc, argv, "h", longs, NULL)) != -1;) {
        switch (c) {
        case 'c': o->conninfo = optarg; break;
        case 'u': o->role = optarg; break;
        case 'k': o->key = optarg; break;
        case 's': o->signer = optarg; break;
        case 't': o->to = optarg; break;
        case 'r': o->receipts = optarg; break;
        case 'w': o->reason = optarg; break;
        case 'd': o->dir = optarg; break;
        case 'o': o->handover = optarg; break;
        case 'H': o->home = optarg; break;
        case 'C': o->client = optarg; break;
        case 'f': o->follow = true; break;
        case 'n': o->no_ack = true; break;
        case 'a': o->all = true; break;
        case 'h': fputs(help, stdout); return 0;
        case 'V': puts("escriba-client " ESCRIBA_VERSION); return 0;
        default: fputs("  do: escriba-client --help\n", stderr); return 2;
        }
    }
    return -1;
}

/* What the hand-over folder says, where an option does not. */
static bool
use_handover(struct client_options *o)
{
    static char folder[4096], conninfo[4352], signer[4352];

    if (o->handover == NULL && o->client != NULL) {
        const char *home = o->home != NULL ? o->home : getenv("ESCRIBA_HOME");

        if (home == NULL)
            home = "/var/lib/escriba";
        if (strchr(o->client, '/') != NULL ||
            (size_t)snprintf(folder, sizeof folder, "%s/handover/%s", home, o->client) >= sizeof folder)
            return false;
        o->handover = folder;
    }
    if (o->handover == NULL)
        return true;
    if (strlen(o->handover) >= sizeof folder)
        return false;
    snprintf(conninfo, sizeof conninfo, "@%s/connect.txt", o->handover);
    snprintf(signer, sizeof signer, "%s/signer.pub", o->handover);
    if (o->conninfo == NULL)
        o->conninfo = conninfo;
    if (o->signer == NULL)
        o->signer = signer;
    return true;
}

int
main(int argc, char **argv)
{
    struct client_options o = { 0 };
    struct err err = { 0 };
    int code = parse(argc, argv, &o);

    if (code >= 0)
        return code;
    if (!use_handover(&o))
        return usage("--handover, or --home with --client, names no folder");
    log_open("escriba-client", LOG_WARN);
    if (optind >= argc) {
        fputs(help, stderr);
        return 2;
    }
    if (secret_start(&err) != RC_OK)
        return fail(&err);
    for (size_t i = 0; i < COUNT_OF(verbs); i++)
        if (strcmp(verbs[i].name, argv[optind]) == 0) {
            if (argc - optind - 1 != verbs[i].args)
                return usage(verbs[i].args == 0 ? "pull takes no argument" : "this verb takes one argument");
            return verbs[i].run(&o, argv + optind + 1);
        }
    return usage("there is no such verb");
}
