/*
 * ctl_keys.c - escriba keys backup: run escriba-keyd, the only program that can read the key store.
 */
#include "ctl.h"

#include <stdlib.h>
#include <unistd.h>

#define CREDENTIALS "/etc/escriba/credentials" /* as pipeline/systemd/escriba-keyd.service.in has it */

int
ctl_keys_backup_run(struct ctl *ctl)
{
    char dir[PATH_ROOM - 32], program[PATH_ROOM];
    struct err err = { 0 };
    int code = ctl_instance(ctl);

    if (code != CTL_OK)
        return code;
    if (!ctl_program_dir(dir, sizeof dir))
        return ctl_fail_rc(ctl, RC_IO, "finding escriba-keyd");
    snprintf(program, sizeof program, "%s/escriba-keyd", dir);
    /* Under systemd the root key is a credential; here we are root and may read it where it lies. */
    if (getenv("CREDENTIALS_DIRECTORY") == NULL && ctl_separate(&ctl->in))
        setenv("CREDENTIALS_DIRECTORY", CREDENTIALS, 1);
    const char *argv[] = { program, "--home", ctl->in.home, "--backup", ctl->argv[0], NULL };

    if ((code = ctl_spawn(argv, STDOUT_FILENO)) >= 0)
        return code;
    err_set(&err, RC_NOT_FOUND, "escriba-keyd cannot be run");
    err_where(&err, "%s", program);
    err_cure(&err, "install all of Escriba's programs into one folder");
    ctl_fail(ctl, &err);
    return CTL_UNAVAILABLE;
}
