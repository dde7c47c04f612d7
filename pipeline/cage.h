/*
 * cage.h - the walls around a process that looks at a stranger's bytes.
 *
 * Two cages.  The strict one, for every stage: no file, no network, no new process, no
 * executable memory.  The looser one, for exactly one program (pdftoppm): it may read
 * fonts and libraries and execute that program.  docs/CAGE.md says why each wall stands.
 */
#ifndef PIPELINE_CAGE_H
#define PIPELINE_CAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

enum cage_kind { CAGE_STRICT = 0, CAGE_PAINT = 1 };

struct cage_limits {
    unsigned cpu_seconds;
    size_t address_space; /* bytes in all                                    */
    size_t file_size;     /* largest file that may be written; 0: none at all */
    unsigned files;       /* open descriptors; 0: no new one                 */
};

/* Build both filters and look at the kernel, once, before anything untrusted is near. */
MUST_USE enum rc cage_prepare(struct err *err);
/* The kernel's Landlock ABI; 0 without Landlock. */
int cage_landlock_abi(void);
/* Give up root, network and other namespaces, for this process and all it forks; enum cell_lack. */
unsigned cage_host(void);
/*
 * Shut the door behind this process.  Descriptors above "last" are closed first.  There is no way
 * back; on any failure the caller must exit (a process that cannot lock itself in does not go on).
 */
MUST_USE enum rc cage_enter(enum cage_kind kind, const struct cage_limits *limits, int last);
/* Address space in use now, in bytes: models are loaded before the limit is set. */
size_t cage_address_space(void);

#endif
