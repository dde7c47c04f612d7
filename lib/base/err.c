/* err.c - an error for a person: what, where, and what to do. */
#include "base/err.h"

#include <stdarg.h>
#include <string.h>

enum rc
err_set(struct err *err, enum rc rc, const char *what, ...)
{
    va_list args;

    if (err == NULL)
        return rc;
    memset(err, 0, sizeof *err);
    err->rc = rc;
    va_start(args, what);
    (void)vsnprintf(err->what, sizeof err->what, what, args);
    va_end(args);
    return rc;
}

void
err_where(struct err *err, const char *where, ...)
{
    va_list args;

    if (err == NULL)
        return;
    va_start(args, where);
    (void)vsnprintf(err->where, sizeof err->where, where, args);
    va_end(args);
}

void
err_cure(struct err *err, const char *cure, ...)
{
    va_list args;

    if (err == NULL)
        return;
    va_start(args, cure);
    (void)vsnprintf(err->cure, sizeof err->cure, cure, args);
    va_end(args);
}

void
err_print(const struct err *err, FILE *to)
{
    fprintf(to, "escriba: %s\n", err->what[0] != '\0' ? err->what : rc_name(err->rc));
    if (err->where[0] != '\0')
        fprintf(to, "  where: %s\n", err->where);
    if (err->cure[0] != '\0')
        fprintf(to, "  do:    %s\n", err->cure);
}

int
err_exit_code(enum rc rc)
{
    switch (rc) {
    case RC_OK: return 0;
    case RC_NOT_FOUND: return 4;
    case RC_CONFIG: return 78;
    case RC_DENIED: return 77;
    case RC_DB:
    case RC_BUSY:
    case RC_TIMEOUT: return 69;
    default: return 1;
    }
}
