/*
 * ctl_migrate.c - escriba migrate: both databases up to date, passwords for every program's role.
 */
#include "ctl.h"

#include "sys/cluster.h"

int
ctl_migrate_run(struct ctl *ctl)
{
    struct err err = { 0 };
    int applied = 0, code = ctl_instance(ctl);

    if (code != CTL_OK)
        return code;
    if (cluster_prepare(&ctl->in, &applied, &err) != RC_OK)
        return ctl_fail(ctl, &err);
    if ((code = ctl_passwords(ctl)) != CTL_OK)
        return code;
    if (ctl->json)
        ctl_json(json_pack("{s:i}", "applied", applied));
    else if (applied == 0)
        ctl_say(ctl, "%s", ctl_tr(ctl, "up to date", "al día"));
    else
        ctl_say(ctl, "%d %s", applied, ctl_tr(ctl, "migrations applied", "migraciones aplicadas"));
    return CTL_OK;
}
