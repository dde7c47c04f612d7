/*
 * keyring_backup.c - the whole key store in one file, for a safe; and back.
 *
 * The file is text: instructions for the person who finds it in five years, then base64.
 * It opens only with the recovery code: 152 random bits and a check byte, shown once.  The
 * root key lies in a box under that code; the rest of the store is wrapped already and is
 * kept whole by a keyed hash under the code.
 */
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/codec.h"
#include "base/ipc.h"
#include "keyring_internal.h"

#define CODE_BYTES 20 /* 19 random, 1 check */
#define BACKUP_MAX (64u << 20)
#define FILES_MAX 100000
#define NAME_MAX_HERE 64
#define MARK_NAME "backup.mark"

static const char alphabet[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"; /* no I O 0 1 */
static const char begin_line[] = "-----BEGIN ESCRIBA KEYS-----\n";
static const char end_line[] = "-----END ESCRIBA KEYS-----\n";

static const char instructions[] =
    "Backup of an Escriba key store\n"
    "==============================\n"
    "\n"
    "This file holds every key of one Escriba installation: with the recovery code that was\n"
    "printed when it was made, and a copy of the database, every document can be read again.\n"
    "Without the code it is noise.  Keep the two apart, off the machine, in two safes.\n"
    "\n"
    "To restore: stop Escriba, then on the machine run\n"
    "\n"
    "    escriba-keyd --home HOME --restore THIS-FILE\n"
    "\n"
    "and type the recovery code when it asks.  Clients added after this backup was made are not\n"
    "in it: make a new one after each `escriba client add`.\n"
    "\n"
    "Copia de seguridad de las claves de Escriba: solo se abre con el codigo de recuperacion.\n"
    "Guarde el codigo y este fichero por separado.  Para restaurar: la orden de arriba.\n"
    "\n";

/* ---- the code ------------------------------------------------------------------------------ */

static void
code_text(const uint8_t code[CODE_BYTES], char out[RECOVERY_CODE_TEXT])
{
    uint32_t hold = 0;
    unsigned bits = 0, n = 0, at = 0;

    for (unsigned i = 0; i < CODE_BYTES; i++) {
        hold = (hold << 8) | code[i];
        for (bits += 8; bits >= 5; bits -= 5) {
            if (n > 0 && n % 4 == 0)
                out[at++] = '-';
            out[at++] = alphabet[(hold >> (bits - 5)) & 31];
            n++;
        }
    }
    out[at] = '\0';
}

static uint8_t
code_check(const uint8_t code[CODE_BYTES])
{
    uint8_t sum[16];

    crypto_generichash(sum, sizeof sum, code, CODE_BYTES - 1, NULL, 0);
    return sum[0];
}

/* Any case, with or without dashes and blanks; false for a typing mistake. */
static bool
code_parse(const char *text, uint8_t code[CODE_BYTES])
{
    uint32_t hold = 0;
    unsigned bits = 0, at = 0;

    for (; *text != '\0'; text++) {
        const char *found;

        if (*text == '-' || isspace((unsigned char)*text))
            continue;
        if ((found = strchr(alphabet, toupper((unsigned char)*text))) == NULL || at == CODE_BYTES)
            return false;
        hold = (hold << 5) | (uint32_t)(found - alphabet);
        if ((bits += 5) >= 8) {
            bits -= 8;
            code[at++] = (uint8_t)(hold >> bits);
        }
    }
    return at == CODE_BYTES && bits == 0 && code[CODE_BYTES - 1] == code_check(code);
}

static void
code_key(const uint8_t code[CODE_BYTES], const char *purpose, uint8_t key[KEY_SIZE])
{
    crypto_generichash(key, KEY_SIZE, (const uint8_t *)purpose, strlen(purpose), code, CODE_BYTES);
}

/* ---- the store's files --------------------------------------------------------------------- */

typedef enum rc each_file(void *to, const char *name);

static enum rc
files_walk(int dir, each_file *each, void *to)
{
    int copy = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *folder = copy < 0 ? NULL : fdopendir(copy);
    const struct dirent *entry;
    enum rc rc = RC_OK;

    if (folder == NULL) {
        if (copy >= 0)
            close(copy);
        return RC_IO;
    }
    while (rc == RC_OK && (errno = 0, entry = readdir(folder)) != NULL)
        if (keyring_is_name(entry->d_name))
            rc = each(to, entry->d_name);
    if (rc == RC_OK && errno != 0)
        rc = RC_IO;
    closedir(folder);
    return rc;
}

struct gather {
    int dir;
    uint32_t count;
    struct buffer *out;
};

static enum rc
gather_one(void *to, const char *name)
{
    struct gather *g = to;
    struct buffer file;
    enum rc rc;

    buffer_init(&file, RECORD_BODY_MAX + 64);
    if ((rc = record_read_raw(g->dir, name, RECORD_BODY_MAX + 64, &file)) == RC_OK) {
        write_text(g->out, name);
        write_bytes(g->out, buffer_bytes(&file));
        g->count++;
        if (g->out->failed)
            rc = RC_LIMIT;
    }
    buffer_done(&file);
    return rc;
}

struct count {
    const struct keyring *ring;
    unsigned clients, newer;
    struct timespec mark;
};

static enum rc
count_one(void *to, const char *name)
{
    struct count *c = to;
    struct stat st;

    if (strncmp(name, "client-", 7) != 0)
        return RC_OK;
    c->clients++;
    if (fstatat(c->ring->wrapped, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
        (st.st_mtim.tv_sec > c->mark.tv_sec ||
         (st.st_mtim.tv_sec == c->mark.tv_sec && st.st_mtim.tv_nsec > c->mark.tv_nsec)))
        c->newer++;
    return RC_OK;
}

enum rc
keyring_count(struct keyring *ring, unsigned *clients, unsigned *not_backed_up)
{
    struct count c = { ring, 0, 0, { 0, 0 } };
    struct stat st;
    enum rc rc;

    if (fstatat(ring->dir, MARK_NAME, &st, AT_SYMLINK_NOFOLLOW) == 0)
        c.mark = st.st_mtim;
    rc = files_walk(ring->wrapped, count_one, &c);
    *clients = c.clients;
    *not_backed_up = c.newer;
    return rc;
}

/* ---- backup -------------------------------------------------------------------------------- */

static enum rc
backup_encode(struct keyring *ring, const uint8_t code[CODE_BYTES], struct buffer *out)
{
    uint8_t key[KEY_SIZE], sealed[KEY_SIZE + SECRET_BOX_OVERHEAD], sum[32];
    struct buffer files;
    struct gather g = { ring->wrapped, 0, &files };
    enum rc rc;

    buffer_init(&files, BACKUP_MAX);
    if ((rc = files_walk(ring->wrapped, gather_one, &g)) != RC_OK)
        goto out;
    code_key(code, "escriba backup root 1", key);
    secret_box_seal(key, "escriba backup 1", bytes_of(ring->installation, ID_SIZE),
                    bytes_of(ring->secrets->root, KEY_SIZE), sealed);
    write_raw(out, "ESB1", 4);
    write_raw(out, ring->installation, ID_SIZE);
    write_raw(out, sealed, sizeof sealed);
    write_u32(out, g.count);
    write_raw(out, files.data, files.size);
    code_key(code, "escriba backup files 1", key);
    if (out->failed)
        rc = RC_LIMIT;
    else
        crypto_generichash(sum, sizeof sum, out->data, out->size, key, KEY_SIZE);
    write_raw(out, sum, sizeof sum);
    sodium_memzero(key, sizeof key);
    if (out->failed)
        rc = RC_LIMIT;
out:
    buffer_done(&files);
    return rc;
}

/* The text file: never over an old one, whole or not there. */
static enum rc
backup_write(const char *path, struct bytes body)
{
    size_t room = sodium_base64_ENCODED_LEN(body.size, sodium_base64_VARIANT_ORIGINAL), length;
    char *text = malloc(room);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400);
    enum rc rc = RC_IO;

    if (fd < 0) {
        rc = errno == EEXIST ? RC_EXISTS : RC_IO;
        goto out;
    }
    rc = RC_NOMEM;
    if (text == NULL)
        goto out;
    sodium_bin2base64(text, room, body.data, body.size, sodium_base64_VARIANT_ORIGINAL);
    length = strlen(text);
    rc = ipc_write_all(fd, instructions, strlen(instructions));
    if (rc == RC_OK)
        rc = ipc_write_all(fd, begin_line, strlen(begin_line));
    for (size_t at = 0; rc == RC_OK && at < length; at += 76) {
        rc = ipc_write_all(fd, text + at, length - at < 76 ? length - at : 76);
        if (rc == RC_OK)
            rc = ipc_write_all(fd, "\n", 1);
    }
    if (rc == RC_OK)
        rc = ipc_write_all(fd, end_line, strlen(end_line));
    if (rc == RC_OK && fsync(fd) != 0)
        rc = RC_IO;
out:
    if (fd >= 0 && close(fd) != 0)
        rc = RC_IO;
    if (fd >= 0 && rc != RC_OK)
        (void)unlink(path);
    free(text);
    return rc;
}

enum rc
keyring_backup(struct keyring *ring, const char *path, char code[RECOVERY_CODE_TEXT], struct err *err)
{
    uint8_t raw[CODE_BYTES];
    struct buffer body;
    enum rc rc;

    randombytes_buf(raw, sizeof raw);
    raw[CODE_BYTES - 1] = code_check(raw);
    buffer_init(&body, BACKUP_MAX);
    if ((rc = backup_encode(ring, raw, &body)) != RC_OK) {
        err_set(err, rc, "the key store cannot be read");
        goto out;
    }
    if ((rc = backup_write(path, buffer_bytes(&body))) != RC_OK) {
        err_set(err, rc, "the backup cannot be written");
        err_where(err, "%s", path);
        err_cure(err, rc == RC_EXISTS ? "give a new file name; an old backup is never overwritten"
                                      : "give a place that you may write to");
        goto out;
    }
    /* From here the store knows which clients are in a backup. */
    rc = record_write_raw(ring->dir, MARK_NAME, bytes_str("escriba-keyd --backup was run\n"), true);
    code_text(raw, code);
out:
    buffer_done(&body);
    sodium_memzero(raw, sizeof raw);
    return rc;
}

/* ---- restore ------------------------------------------------------------------------------- */

static enum rc
backup_read(const char *path, struct buffer *body)
{
    struct buffer text;
    struct stat st;
    const char *from, *to;
    uint8_t *room;
    size_t made = 0;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    enum rc rc = RC_INPUT;

    buffer_init(&text, 2 * BACKUP_MAX);
    if (fd < 0 || fstat(fd, &st) != 0) {
        rc = RC_NOT_FOUND;
        goto out;
    }
    if (!S_ISREG(st.st_mode) || st.st_size <= 0 || st.st_size >= (off_t)BACKUP_MAX)
        goto out;
    if ((room = buffer_extend(&text, (size_t)st.st_size)) == NULL) {
        rc = RC_NOMEM;
        goto out;
    }
    if ((rc = ipc_read_all(fd, room, (size_t)st.st_size)) != RC_OK || !buffer_append(&text, "", 1))
        goto out;
    rc = RC_INPUT;
    if ((from = strstr((const char *)text.data, begin_line)) == NULL)
        goto out;
    from += strlen(begin_line);
    if ((to = strstr(from, end_line)) == NULL)
        goto out;
    if ((room = buffer_extend(body, (size_t)(to - from))) == NULL) {
        rc = RC_NOMEM;
        goto out;
    }
    if (sodium_base642bin(room, (size_t)(to - from), from, (size_t)(to - from), "\r\n ", &made, NULL,
                          sodium_base64_VARIANT_ORIGINAL) != 0)
        goto out;
    body->size = made;
    rc = RC_OK;
out:
    if (fd >= 0)
        close(fd);
    buffer_done(&text);
    return rc;
}

/* Everything is checked before the first file is written, and root.key comes last. */
static enum rc
restore_files(int dir, int wrapped, struct reader *r, uint32_t count, const uint8_t *root)
{
    struct arena *arena = arena_new(1 << 20);
    enum rc rc = arena == NULL ? RC_NOMEM : RC_OK;
    /* With only the root key lost, what is there is as new as the backup or newer, and stays. */
    bool keep = keyring_epoch_fits(wrapped, root);

    for (uint32_t i = 0; rc == RC_OK && i < count; i++) {
        const char *name = read_text(r, NAME_MAX_HERE, arena);
        struct bytes file = read_bytes(r, RECORD_BODY_MAX + 64);

        if (name == NULL || !reader_ok(r) || !keyring_is_name(name))
            rc = RC_INPUT;
        else
            rc = record_write_raw(wrapped, name, file, !keep);
        if (rc == RC_EXISTS)
            rc = RC_OK;
        arena_reset(arena);
    }
    if (rc == RC_OK)
        rc = record_write(dir, "root.key", RECORD_ROOT, bytes_of(root, KEY_SIZE), true);
    /* The backup that was just used holds all of these clients. */
    if (rc == RC_OK)
        rc = record_write_raw(dir, MARK_NAME, bytes_str("restored from a backup\n"), true);
    arena_free(arena);
    return rc;
}

static enum rc
restore_open(struct buffer *body, const uint8_t code[CODE_BYTES], uint8_t *root, struct reader *files,
             uint32_t *count)
{
    uint8_t key[KEY_SIZE], sum[32];
    const uint8_t *magic, *installation, *sealed;
    struct reader r;
    enum rc rc;

    if (body->size < sizeof sum)
        return RC_INPUT;
    r = reader_from(bytes_of(body->data, body->size - sizeof sum));
    magic = read_raw(&r, 4);
    installation = read_raw(&r, ID_SIZE);
    sealed = read_raw(&r, KEY_SIZE + SECRET_BOX_OVERHEAD);
    *count = read_count(&r, FILES_MAX);
    if (!reader_ok(&r) || memcmp(magic, "ESB1", 4) != 0)
        return RC_INPUT;
    code_key(code, "escriba backup files 1", key);
    crypto_generichash(sum, sizeof sum, body->data, body->size - sizeof sum, key, KEY_SIZE);
    if (sodium_memcmp(sum, body->data + body->size - sizeof sum, sizeof sum) != 0)
        return RC_SEAL;
    code_key(code, "escriba backup root 1", key);
    rc = secret_box_open(key, "escriba backup 1", bytes_of(installation, ID_SIZE),
                         bytes_of(sealed, KEY_SIZE + SECRET_BOX_OVERHEAD), root);
    sodium_memzero(key, sizeof key);
    *files = r;
    return rc;
}

enum rc
keyring_restore(const char *dir, const char *path, const char *code, struct err *err)
{
    uint8_t raw[CODE_BYTES], *root = secret_alloc(KEY_SIZE);
    struct buffer body;
    struct reader files;
    uint32_t count = 0;
    int d = -1, w = -1;
    enum rc rc;

    if (root == NULL)
        return RC_NOMEM;
    buffer_init(&body, BACKUP_MAX);
    if (!code_parse(code, raw)) {
        rc = err_set(err, RC_INPUT, "the recovery code is mistyped");
        err_cure(err, "it has 32 letters and digits in 8 groups; there is no I, O, 0 or 1 in it");
        goto out;
    }
    if ((rc = backup_read(path, &body)) != RC_OK) {
        err_set(err, rc, "this is not a backup of a key store");
        err_where(err, "%s", path);
        goto out;
    }
    if ((rc = restore_open(&body, raw, root, &files, &count)) != RC_OK) {
        err_set(err, rc, "the recovery code is not this backup's, or the backup was changed");
        err_where(err, "%s", path);
        goto out;
    }
    if ((rc = keyring_folder(dir, &d, &w, err)) != RC_OK)
        goto out;
    if (faccessat(d, "root.key", F_OK, AT_SYMLINK_NOFOLLOW) == 0 ||
        faccessat(d, "root.pass", F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        rc = err_set(err, RC_EXISTS, "there is a key store with its root key already");
        err_where(err, "%s", dir);
        err_cure(err, "move that folder away first; nothing is overwritten");
        goto out;
    }
    if ((rc = restore_files(d, w, &files, count, root)) != RC_OK)
        err_set(err, rc, "the key store cannot be written");
out:
    if (d >= 0)
        close(d);
    if (w >= 0)
        close(w);
    buffer_done(&body);
    sodium_memzero(raw, sizeof raw);
    secret_free(root);
    return rc;
}
