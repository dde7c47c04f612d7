/*
 * keyd_store.c - what a person does with the key store: backup, restore, passphrase, status.
 */
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include "base/ipc.h"
#include "keyd.h"

static int
fail(const struct err *err, enum rc rc)
{
    err_print(err, stderr);
    return err_exit_code(rc);
}

int
keyd_backup(const char *keys, const struct root_source *source, const char *file, const char *code_file)
{
    struct keyring *ring = NULL;
    struct err err = { 0 };
    char code[RECOVERY_CODE_TEXT + 1] = "";
    unsigned clients = 0, newer = 0;
    int code_fd = -1, status = 1;
    enum rc rc;

    /* A code that cannot be kept must not be found out after the backup is made. */
    if (code_file != NULL &&
        (code_fd = open(code_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0400)) < 0) {
        err_set(&err, RC_EXISTS, "the recovery code's file cannot be made");
        err_where(&err, "%s", code_file);
        err_cure(&err, "give a new file name");
        return fail(&err, RC_EXISTS);
    }
    if ((rc = keyring_open(keys, source, &ring, &err)) != RC_OK ||
        (rc = keyring_backup(ring, file, code, &err)) != RC_OK ||
        (rc = keyring_count(ring, &clients, &newer)) != RC_OK) {
        if (err.rc == RC_OK)
            err_set(&err, rc, "the backup failed");
        status = fail(&err, rc);
        if (code_fd >= 0)
            (void)unlink(code_file);
        goto out;
    }
    if (code_fd >= 0) {
        code[strlen(code)] = '\n';
        if (ipc_write_all(code_fd, code, strlen(code)) != RC_OK || fsync(code_fd) != 0) {
            err_set(&err, RC_IO, "the recovery code cannot be written: make another backup");
            status = fail(&err, RC_IO);
            goto out;
        }
        printf("%s holds the keys of %u clients.\nIts recovery code is in %s: keep the two apart.\n", file,
               clients, code_file);
    } else {
        printf("%s holds the keys of %u clients.  It opens only with this recovery code:\n\n    %s\n\n"
               "Write it down now; it is not shown again.  Keep the file and the code apart, off this machine.\n",
               file, clients, code);
    }
    status = fflush(stdout) == 0 ? 0 : 1;
out:
    if (code_fd >= 0)
        close(code_fd);
    sodium_memzero(code, sizeof code);
    keyring_close(ring);
    return status;
}

/* One line from a file, or from the terminal without showing it. */
static enum rc
line_read(const char *path, const char *prompt, char *out, size_t room)
{
    struct termios old, quiet;
    bool terminal = path == NULL && isatty(STDIN_FILENO) != 0 && tcgetattr(STDIN_FILENO, &old) == 0;
    size_t n = 0;
    int fd = path != NULL ? open(path, O_RDONLY | O_CLOEXEC) : STDIN_FILENO;

    if (fd < 0)
        return RC_NOT_FOUND;
    if (terminal) {
        fputs(prompt, stderr);
        quiet = old;
        quiet.c_lflag &= (tcflag_t)~ECHO;
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
    }
    while (n + 1 < room && read(fd, out + n, 1) == 1 && out[n] != '\n')
        n++;
    out[n] = '\0';
    if (terminal) {
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
        fputc('\n', stderr);
    }
    if (path != NULL)
        close(fd);
    return n > 0 ? RC_OK : RC_INPUT;
}

int
keyd_restore(const char *keys, const char *file, const char *code_file)
{
    struct err err = { 0 };
    char code[128];
    enum rc rc = line_read(code_file, "Recovery code: ", code, sizeof code);

    if (rc != RC_OK) {
        err_set(&err, rc, "there is no recovery code");
        err_cure(&err, "type it, or give --code-file FILE");
        return fail(&err, rc);
    }
    rc = keyring_restore(keys, file, code, &err);
    sodium_memzero(code, sizeof code);
    if (rc != RC_OK)
        return fail(&err, rc);
    printf("The key store is restored to %s.\n", keys);
    return 0;
}

int
keyd_passphrase(const char *keys, const struct root_source *source)
{
    struct keyring *ring = NULL;
    struct err err = { 0 };
    struct termios old, quiet;
    bool terminal = isatty(STDIN_FILENO) != 0 && tcgetattr(STDIN_FILENO, &old) == 0;
    enum rc rc = keyring_open(keys, source, &ring, &err);

    if (rc == RC_OK) {
        if (terminal) {
            fputs("New passphrase: ", stderr);
            quiet = old;
            quiet.c_lflag &= (tcflag_t)~ECHO;
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet);
        }
        rc = keyring_set_passphrase(ring, STDIN_FILENO, &err);
        if (terminal) {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &old);
            fputc('\n', stderr);
        }
    }
    keyring_close(ring);
    if (rc != RC_OK) {
        if (err.rc == RC_OK)
            err_set(&err, rc, "the passphrase cannot be set");
        return fail(&err, rc);
    }
    puts("The root key is under the passphrase now.  A lost passphrase is a lost key store: make a backup.");
    return 0;
}

int
keyd_status(const char *keys, const struct root_source *source)
{
    struct keyring *ring = NULL;
    struct err err = { 0 };
    unsigned clients = 0, newer = 0;
    enum rc rc = keyring_open(keys, source, &ring, &err);

    if (rc == RC_OK && (rc = keyring_count(ring, &clients, &newer)) != RC_OK)
        err_set(&err, rc, "the key store cannot be read");
    keyring_close(ring);
    if (rc != RC_OK)
        return fail(&err, rc);
    printf("clients: %u\nnot in a backup: %u\n", clients, newer);
    return newer > 0 ? 3 : 0;
}
