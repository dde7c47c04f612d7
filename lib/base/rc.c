/* rc.c - the names of outcome codes, and what to do about each: one table. */
#include "base/rc.h"

static const struct {
    const char *name;
    enum remedy remedy;
} rows[] = {
    [RC_OK] = { "ok", REMEDY_NONE },
    [RC_NOMEM] = { "nomem", REMEDY_RETRY },
    [RC_INPUT] = { "input", REMEDY_REJECT },
    [RC_LIMIT] = { "limit", REMEDY_REJECT },
    [RC_IO] = { "io", REMEDY_RETRY },
    [RC_FULL] = { "full", REMEDY_RETRY },
    [RC_DB] = { "db", REMEDY_RETRY },
    [RC_LOST] = { "lost", REMEDY_FORGET },
    [RC_SEAL] = { "seal", REMEDY_REJECT },
    [RC_DENIED] = { "denied", REMEDY_STOP },
    [RC_NOT_FOUND] = { "not_found", REMEDY_FORGET },
    [RC_EXISTS] = { "exists", REMEDY_FORGET },
    [RC_BUSY] = { "busy", REMEDY_RETRY },
    [RC_TIMEOUT] = { "timeout", REMEDY_RETRY },
    [RC_KILLED] = { "killed", REMEDY_RETRY },
    [RC_CONFIG] = { "config", REMEDY_STOP },
    [RC_BUG] = { "bug", REMEDY_STOP },
};

const char *
rc_name(enum rc rc)
{
    if ((unsigned)rc >= COUNT_OF(rows))
        return "unknown";
    return rows[rc].name;
}

enum remedy
rc_remedy(enum rc rc)
{
    if ((unsigned)rc >= COUNT_OF(rows))
        return REMEDY_STOP;
    return rows[rc].remedy;
}
