/*
 * client_receipt.c - what the client keeps as proof of a delivery: one JSON line for each
 * result, with the message's digest and our signature over it.
 *
 * A receipt proves, without the message, that the installation signed exactly that message
 * for exactly that key.
 */
#include "client.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>
#include <sodium.h>

#include "base/text.h"

#define LINE_MAX_BYTES 8192

struct receipts {
    FILE *file; /* NULL: keeps nothing */
    int64_t *seen;
    size_t count, room;
};

static bool
remember(struct receipts *r, int64_t seq)
{
    if (r->count == r->room) {
        size_t room = r->room != 0 ? r->room * 2 : 256;
        int64_t *more = realloc(r->seen, room * sizeof *more);

        if (more == NULL)
            return false;
        r->seen = more;
        r->room = room;
    }
    r->seen[r->count++] = seq;
    return true;
}

static bool
unhex_member(json_t *line, const char *name, uint8_t *out, size_t size)
{
    const char *text = json_string_value(json_object_get(line, name));

    return text != NULL && strlen(text) == size * 2 && text_unhex(text, out, size);
}

/* A line of the file as a receipt; false when it is not one. */
static bool
parse(const char *text, struct receipt *out)
{
    json_t *line = json_loads(text, 0, NULL);
    const char *document, *file;
    bool good = false;

    if (line == NULL)
        return false;
    document = json_string_value(json_object_get(line, "document"));
    file = json_string_value(json_object_get(line, "file"));
    if (document != NULL && strlen(document) < sizeof out->document && file != NULL &&
        strlen(file) < sizeof out->file && json_is_integer(json_object_get(line, "seq")) &&
        unhex_member(line, "client_key", out->public, BOX_KEY) &&
        unhex_member(line, "signer", out->signer, SIGN_KEY) &&
        unhex_member(line, "digest", out->digest, MESSAGE_DIGEST) &&
        unhex_member(line, "signature", out->signature, SIGNATURE)) {
        out->seq = json_integer_value(json_object_get(line, "seq"));
        out->version = json_integer_value(json_object_get(line, "version"));
        snprintf(out->document, sizeof out->document, "%s", document);
        snprintf(out->file, sizeof out->file, "%s", file);
        good = true;
    }
    json_decref(line);
    return good;
}

enum rc
client_receipts_open(const char *path, struct receipts **out, struct err *err)
{
    struct receipts *r = calloc(1, sizeof *r);
    char line[LINE_MAX_BYTES];
    struct receipt one;
    enum rc rc = RC_OK;
    int fd;

    if (r == NULL)
        return err_set(err, RC_NOMEM, "no memory");
    if (path == NULL)
        goto out;
    if ((fd = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600)) < 0 ||
        (r->file = fdopen(fd, "a+")) == NULL) {
        rc = err_set(err, errno == EACCES ? RC_DENIED : RC_IO, "cannot open the receipts: %s", strerror(errno));
        err_where(err, "%s", path);
        if (fd >= 0)
            close(fd);
        goto out;
    }
    rewind(r->file);
    while (fgets(line, sizeof line, r->file) != NULL) {
        size_t n = strlen(line);

        /* A power cut can leave half a line; the next receipt must begin on one of its own. */
        if (line[n - 1] != '\n' && feof(r->file))
            fputc('\n', r->file);
        else if (parse(line, &one) && !remember(r, one.seq))
            rc = err_set(err, RC_NOMEM, "no memory");
    }
out:
    if (rc != RC_OK) {
        client_receipts_close(r);
        r = NULL;
    }
    *out = r;
    return rc;
}

static bool
is_known(const struct receipts *r, int64_t seq)
{
    for (size_t i = r->count; i > 0; i--)
        if (r->seen[i - 1] == seq)
            return true;
    return false;
}

static void
set_hex(json_t *line, const char *name, const uint8_t *bytes, size_t size)
{
    char hex[2 * MESSAGE_DIGEST + 1];

    text_hex(bytes, size, hex);
    json_object_set_new(line, name, json_string(hex));
}

enum rc
client_receipts_add(struct receipts *r, const struct receipt *receipt, struct err *err)
{
    json_t *line;
    char when[32] = "";
    time_t now = time(NULL);
    struct tm tm;
    enum rc rc = RC_OK;

    if (r->file == NULL || is_known(r, receipt->seq))
        return RC_OK;
    if (gmtime_r(&now, &tm) != NULL)
        strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", &tm);
    line = json_object();
    json_object_set_new(line, "seq", json_integer(receipt->seq));
    json_object_set_new(line, "document", json_string(receipt->document));
    json_object_set_new(line, "version", json_integer(receipt->version));
    json_object_set_new(line, "file", json_string(receipt->file));
    json_object_set_new(line, "received", json_string(when));
    set_hex(line, "client_key", receipt->public, BOX_KEY);
    set_hex(line, "signer", receipt->signer, SIGN_KEY);
    set_hex(line, "digest", receipt->digest, MESSAGE_DIGEST);
    set_hex(line, "signature", receipt->signature, SIGNATURE);
    if (json_dumpf(line, r->file, JSON_COMPACT) != 0 || fputc('\n', r->file) == EOF || fflush(r->file) != 0 ||
        fsync(fileno(r->file)) != 0)
        rc = err_set(err, RC_IO, "cannot write the receipt: %s", strerror(errno));
    else if (!remember(r, receipt->seq))
        rc = err_set(err, RC_NOMEM, "no memory");
    json_decref(line);
    return rc;
}

void
client_receipts_close(struct receipts *r)
{
    if (r == NULL)
        return;
    if (r->file != NULL)
        fclose(r->file);
    free(r->seen);
    free(r);
}

/* The digest of a file's bytes; false when it cannot be read. */
static bool
digest_file(const char *dir, const char *name, uint8_t out[MESSAGE_DIGEST])
{
    crypto_generichash_state state;
    uint8_t block[16384];
    char path[4096];
    ssize_t n = -1;
    int fd;

    if (strchr(name, '/') != NULL || (size_t)snprintf(path, sizeof path, "%s/%s", dir, name) >= sizeof path ||
        (fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) < 0)
        return false;
    crypto_generichash_init(&state, NULL, 0, MESSAGE_DIGEST);
    while ((n = read(fd, block, sizeof block)) > 0 || (n < 0 && errno == EINTR))
        if (n > 0)
            crypto_generichash_update(&state, block, (unsigned long long)n);
    close(fd);
    sodium_memzero(block, sizeof block);
    crypto_generichash_final(&state, out, MESSAGE_DIGEST);
    return n == 0;
}

/* What is wrong with one receipt, or NULL. */
static const char *
fault_of(const struct receipt *one, const uint8_t signer[SIGN_KEY], const char *dir)
{
    uint8_t digest[MESSAGE_DIGEST];

    if (memcmp(one->signer, signer, SIGN_KEY) != 0)
        return "was signed by another installation than --signer names";
    if (!client_box_signed(signer, one->public, one->digest, one->signature))
        return "the signature does not hold";
    if (dir == NULL)
        return NULL;
    if (!digest_file(dir, one->file, digest))
        return "its file is not there";
    return memcmp(digest, one->digest, MESSAGE_DIGEST) == 0 ? NULL : "its file was changed";
}

int
client_receipts_verify(const char *path, const uint8_t signer[SIGN_KEY], const char *dir)
{
    FILE *file = fopen(path, "re");
    char line[LINE_MAX_BYTES];
    struct receipt one;
    int64_t last = 0;
    long good = 0, bad = 0, number = 0, missing = 0;

    if (file == NULL) {
        fprintf(stderr, "escriba-client: cannot open %s: %s\n", path, strerror(errno));
        return errno == ENOENT ? 4 : 1;
    }
    while (fgets(line, sizeof line, file) != NULL) {
        const char *fault;

        number++;
        if (line[0] == '\n')
            continue;
        fault = parse(line, &one) ? fault_of(&one, signer, dir) : "this line is not a receipt";
        if (fault != NULL) {
            fprintf(stderr, "escriba-client: %s, line %ld: %s\n", path, number, fault);
            bad++;
            continue;
        }
        /* The feed has no gaps: a number left out is a result that was never received here. */
        if (last != 0 && one.seq > last + 1)
            missing += (long)(one.seq - last - 1);
        if (one.seq > last)
            last = one.seq;
        good++;
    }
    fclose(file);
    printf("receipts that hold: %ld\nreceipts that do not: %ld\nnumbers left out: %ld\n", good, bad, missing);
    return bad == 0 ? 0 : CLIENT_BAD_DATA;
}
