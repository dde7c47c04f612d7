/*
 * runtime.h - what our daemons share: signals, neighbours, and word to systemd.
 */
#ifndef SYS_RUNTIME_H
#define SYS_RUNTIME_H

#include <stdbool.h>

#include "base/err.h"

/* SIGTERM and SIGINT ask to stop; SIGPIPE and SIGIO are ignored; umask 077. */
void runtime_signals(void);
/* Has somebody asked?  With one signal the step at hand is finished. */
bool runtime_stopping(void);

/*
 * Is the first word --help, -h or --version?  Then it is answered on standard output, and there is nothing else to do.
 * Only the first word counts: a later one may be an option's value.
 */
bool runtime_answered(int argc, char **argv, const char *program, const char *usage);

/* The path of a program that lies beside this one. RC_LIMIT when it is too long. */
MUST_USE enum rc runtime_beside(const char *program, char *out, size_t room);

/* One datagram to $NOTIFY_SOCKET, "READY=1" for instance; nothing when it is not set. */
void runtime_notify(const char *state);

/* Resident memory of this process, in KiB; 0 when unknown. */
long runtime_rss_kib(void);

#endif
