/*
 * log.h - events made of codes and counts; text cannot get in.
 *
 * log_event(LOG_INFO, "step.done", LOG_ID("document", id), LOG_RC(rc), LOG_MS(ms));
 * An event name and a key must be string literals (the macros refuse anything else).
 * There is no way to log a run-time string.  Lines go to standard error: text on a
 * terminal, JSON lines otherwise, with a <N> prefix under systemd (JOURNAL_STREAM).
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include <stdint.h>

#include "base/rc.h"

enum log_level { LOG_ERROR = 3, LOG_WARN = 4, LOG_INFO = 6, LOG_DEBUG = 7 };

enum log_kind { LOG_END, LOG_KIND_INT, LOG_KIND_ID, LOG_KIND_WORD };

struct log_item {
    enum log_kind kind;
    const char *key;
    int64_t number;
    const uint8_t *id; /* 16 bytes */
    const char *word;  /* from a constant table of ours: rc_name, stage name, reason name */
};

#define LOG_INT(key, n) ((struct log_item){ LOG_KIND_INT, "" key "", (int64_t)(n), 0, 0 })
#define LOG_ID(key, p) ((struct log_item){ LOG_KIND_ID, "" key "", 0, (p), 0 })
#define LOG_RC(rc) ((struct log_item){ LOG_KIND_WORD, "rc", 0, 0, rc_name(rc) })
/* word must come from a constant table in our source, or be an SQLSTATE; tests/policy lists the functions allowed. */
#define LOG_WORD(key, w) ((struct log_item){ LOG_KIND_WORD, "" key "", 0, 0, (w) })
#define LOG_MS(ms) LOG_INT("ms", ms)

/* At least one item. */
#define log_event(level, event, ...)                                                               \
    log_write((level), "" event "", (const struct log_item[]){ __VA_ARGS__, { LOG_END, 0, 0, 0, 0 } })
/* An event with nothing to add. */
#define log_plain(level, event)                                                                    \
    log_write((level), "" event "", (const struct log_item[]){ { LOG_END, 0, 0, 0, 0 } })

void log_write(enum log_level level, const char *event, const struct log_item *items);
/* program is a literal; lines below "least" are dropped. */
void log_open(const char *program, enum log_level least);

#endif
