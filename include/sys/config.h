/*
 * config.h - every setting of HOME/escriba.yaml is a row: name, kind, default, limits, a sentence.
 *
 * `escriba config` and the manual page are printed from this table.
 */
#ifndef SYS_CONFIG_H
#define SYS_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "sys/instance.h"

enum setting_kind { SETTING_TEXT, SETTING_PATH, SETTING_NUMBER, SETTING_WORD };

struct setting {
    const char *name;
    enum setting_kind kind;
    const char *fallback;  /* the default as text; "" when it depends on the machine */
    int64_t low, high;     /* of a number; longest text otherwise                    */
    const char *words;     /* SETTING_WORD: the words allowed, "trial|production"    */
    size_t offset;         /* where it lives in struct instance                      */
    const char *sentence;  /* for the operator                                       */
};

/* Ends with a row without a name. */
extern const struct setting config_table[];

/* The value in force, as text; out is cut to room. */
void config_value(const struct instance *in, const struct setting *setting, char *out, size_t room);
/* Read settings from YAML text into an instance that holds the defaults.  path is for the messages. */
MUST_USE enum rc config_read(const char *text, size_t size, const char *path, struct instance *in, struct err *err);

#endif
