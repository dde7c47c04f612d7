/*
 * err.h - an error for a person: what, where, and what to do.
 *
 * Filled by the code that reads configuration, forms, arguments and the state of
 * the machine.  Never holds text from a client's document.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stdio.h>

#include "base/rc.h"

struct err {
    enum rc rc;
    char what[256];  /* "unknown key 'min_cnf'"             */
    char where[256]; /* "forms/invoice.yaml, line 10"       */
    char cure[256];  /* "did you mean 'min_conf'?"          */
};

/* Each fills its part, cutting what is too long.  err may be NULL.  err_set returns rc. */
enum rc err_set(struct err *err, enum rc rc, const char *what, ...) PRINTF_LIKE(3, 4);
void err_where(struct err *err, const char *where, ...) PRINTF_LIKE(2, 3);
void err_cure(struct err *err, const char *cure, ...) PRINTF_LIKE(2, 3);

/* "escriba: what\n  where: ...\n  do: ...\n" */
void err_print(const struct err *err, FILE *to);

/* The exit code a program should use: sysexits for config (78), permission (77),
 * unavailable (69); 4 not found; 1 otherwise; 0 for RC_OK. */
int err_exit_code(enum rc rc);

#endif
