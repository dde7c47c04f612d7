/*
 * rc.h - what a function can say about itself, and what to do about each answer.
 *
 * A function that can fail returns enum rc.  A code is about *us* (no memory, the
 * database is away); what is wrong with a document is a reason (doc/reason.h).
 */
#ifndef BASE_RC_H
#define BASE_RC_H

#define MUST_USE __attribute__((warn_unused_result))
#define NO_RETURN __attribute__((noreturn))
#define PRINTF_LIKE(f, a) __attribute__((format(printf, f, a)))
#define COUNT_OF(a) (sizeof(a) / sizeof((a)[0]))

enum rc {
    RC_OK = 0,
    RC_NOMEM,     /* memory, or an arena's ceiling                              */
    RC_INPUT,     /* bytes from outside that break their format                 */
    RC_LIMIT,     /* a declared limit was met                                   */
    RC_IO,        /* a file, pipe or socket failed                              */
    RC_FULL,      /* no space: wait, do not refuse                              */
    RC_DB,        /* the database is away or answered with an error: try again  */
    RC_LOST,      /* our lease is gone: somebody else does this work            */
    RC_SEAL,      /* wrong key or changed bytes                                 */
    RC_DENIED,    /* we may not                                                 */
    RC_NOT_FOUND, /* there is no such thing                                     */
    RC_EXISTS,    /* it is there already                                        */
    RC_BUSY,      /* try later                                                  */
    RC_TIMEOUT,   /* it took too long                                           */
    RC_KILLED,    /* the caged child died                                       */
    RC_CONFIG,    /* a setting, form or environment is wrong; a person must act */
    RC_BUG        /* cannot happen                                              */
};

/* What a program does with a step that ended in this code. */
enum remedy {
    REMEDY_NONE,   /* done                                        */
    REMEDY_RETRY,  /* give the step back; it is tried again later */
    REMEDY_REJECT, /* the document is at fault: set it aside      */
    REMEDY_FORGET, /* somebody else has it                        */
    REMEDY_STOP    /* this program cannot go on                   */
};

/* A short lower-case word, "nomem"; never NULL. */
const char *rc_name(enum rc rc);
enum remedy rc_remedy(enum rc rc);

#endif
