/* attempts.h - the rows of the escape test. */
#ifndef TESTS_ESCAPE_ATTEMPTS_H
#define TESTS_ESCAPE_ATTEMPTS_H

#include <stdbool.h>

struct escape {
    const char *name;
    bool (*run)(void); /* true: it worked                                              */
    bool painter_may;  /* the painter's cage allows it: it has to load a program        */
    bool harms;        /* not tried outside a cage: it would change or load the machine */
};

extern const struct escape escapes[]; /* ends without a name */

/* Before the cage shuts: descriptors and numbers that attempts try to use behind it. */
void escape_prepare(void);

#endif
