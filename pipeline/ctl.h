/*
 * ctl.h - the operator's command: what its verbs share.
 *
 * One table (ctl_table.c) names every verb with its arguments, options, help and examples.
 * Parsing, --help, the manual page and the shells' completion are all printed from it.
 */
#ifndef PIPELINE_CTL_H
#define PIPELINE_CTL_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

#include <jansson.h>

#include "base/err.h"
#include "sys/db.h"
#include "sys/instance.h"
#include "sys/keyclient.h"

/* Exit codes: one meaning each, for scripts; an unknown one is a failure. */
enum ctl_exit {
    CTL_OK = 0,
    CTL_FAILED = 1,
    CTL_USAGE = 2,
    CTL_PEOPLE = 3,       /* finished, and something waits for a person */
    CTL_NOT_FOUND = 4,
    CTL_UNAVAILABLE = 69, /* database, keyd or a program is away        */
    CTL_DENIED = 77,
    CTL_CONFIG = 78
};

enum ctl_lang { LANG_EN = 0, LANG_ES = 1 };

#define CTL_OPTIONS_MAX 12
#define CTL_EXAMPLES_MAX 4

/* What a value is, for the shells' completion. */
enum ctl_word { WORD_NONE, WORD_FILE, WORD_DIR, WORD_CLIENT, WORD_CHOICE };

struct ctl_option {
    const char *name;    /* without the dashes                         */
    const char *value;   /* "DIR", "a|b"; NULL for a flag              */
    enum ctl_word word;  /* WORD_CHOICE: value holds the words         */
    const char *help;
};

struct ctl;

struct ctl_verb {
    const char *name;    /* "up", "client add"                         */
    const char *group;
    const char *args;    /* "CODE", "[FILE]..."; "" for none           */
    enum ctl_word word;  /* of the arguments                           */
    int least, most;     /* how many arguments; most -1: any number    */
    const char *help;    /* one line, without a full stop              */
    const struct ctl_option *options; /* ends without a name; or NULL  */
    const char *examples[CTL_EXAMPLES_MAX];
    int (*run)(struct ctl *ctl);
    int (*raw)(struct ctl *ctl, int argc, char **argv); /* parses for itself; argv[0] is the verb */
};

extern const struct ctl_verb ctl_verbs[]; /* ends without a name */
extern const struct ctl_option ctl_common[];

struct ctl {
    const struct ctl_verb *verb;
    const char *home;    /* --home, or NULL                            */
    bool json;
    bool quiet;
    bool color;          /* standard output may be coloured            */
    bool terminal;       /* standard output is a terminal              */
    bool progress;       /* standard error is a terminal: progress may be shown */
    enum ctl_lang lang;
    const char *value[CTL_OPTIONS_MAX]; /* of verb->options; "" for a flag; NULL when not given */
    int argc;
    char **argv;         /* the arguments alone                        */

    /* Opened on demand by the functions below, closed by ctl_done. */
    struct instance in;
    bool in_open;
    bool separate;       /* `up --no-start` in production: a user for each program */
    struct db *db;
    struct arena *arena;
};

/* ---- ctl.c ---------------------------------------------------------------------- */

/* The value of an option of this verb: NULL when not given, "" for a flag that was. */
const char *ctl_value(const struct ctl *ctl, const char *option);
/* A whole number within [min,max]; fallback when not given; prints and gives false when it is not one. */
bool ctl_number(const struct ctl *ctl, const char *option, int64_t min, int64_t max, int64_t fallback, int64_t *out);
/* Print a usage error to standard error; gives CTL_USAGE. */
int ctl_usage(const struct ctl *ctl, const char *what, ...) PRINTF_LIKE(2, 3);
const struct ctl_verb *ctl_find(int argc, char **argv, int *words);

/* ---- ctl_link.c ----------------------------------------------------------------- */

/* The installation; CTL_OK, or the exit code after the error was printed. */
int ctl_instance(struct ctl *ctl);
/* The same, and a connection: database "work" or "delivery", role "operator", "admin", ... */
int ctl_connect(struct ctl *ctl, const char *database, const char *role);
/* Print the error as what, where, do (or as JSON); gives its exit code. */
int ctl_fail(const struct ctl *ctl, const struct err *err);
/* The same for a code alone: doing is what we were about to do ("reading the queue"). */
int ctl_fail_rc(const struct ctl *ctl, enum rc rc, const char *doing);
/* Run a query that the verb is about; on failure prints and gives the exit code. */
int ctl_query(struct ctl *ctl, const char *sql, const struct db_param *params, int count, const char *doing,
              struct db_result **out);
/*
 * The batch, document or file whose id is given whole or by its first characters (four at least, when no other
 * begins so).  sql has one parameter, the beginning, and gives uuids.
 */
int ctl_find_id(struct ctl *ctl, const char *sql, const char *text, struct id *out);
extern const char ctl_batch_ids[], ctl_document_ids[], ctl_work_ids[];
/* Wait for a program; its exit status, or -1 when it could not be run or was killed. Output goes where fd says. */
int ctl_spawn(const char *const argv[], int out_fd);
/* The folder this program lies in. */
bool ctl_program_dir(char *out, size_t room);

/* ---- ctl_out.c ------------------------------------------------------------------ */

enum cell_kind { CELL_TEXT, CELL_INT, CELL_BOOL, CELL_TIME, CELL_SECONDS, CELL_ID, CELL_HEX, CELL_REAL, CELL_REASON };

struct column {
    const char *name;    /* in the query, and the key in JSON          */
    enum cell_kind kind; /* CELL_SECONDS: how long; CELL_REASON: a number of doc/reason.h, shown as its word */
    const char *en, *es; /* the heading; en NULL: only in JSON          */
};

/* Rows as a table, or with --json one object a line. columns ends without a name. */
void ctl_rows(struct ctl *ctl, const struct db_result *rows, const struct column *columns, const char *none_en,
              const char *none_es);
/* One row as "heading: value" lines, or as one JSON object. */
void ctl_row(struct ctl *ctl, const struct db_result *rows, int row, const struct column *columns);
/* The row as a JSON object; owned by the caller. */
json_t *ctl_row_json(const struct db_result *rows, int row, const struct column *columns);
/* One line of JSON to standard output; object is taken. */
void ctl_json(json_t *object);
/* Talk on standard error, unless --quiet. */
void ctl_say(const struct ctl *ctl, const char *format, ...) PRINTF_LIKE(2, 3);
/* English or Spanish. */
const char *ctl_tr(const struct ctl *ctl, const char *en, const char *es);
/* Text that is safe to show on a terminal; lives as long as ctl. */
const char *ctl_safe(struct ctl *ctl, const char *text);
/* "3 h 12 min"; "2026-11-21 21:43"; both into a buffer of at least 32 bytes. */
void ctl_duration(int64_t seconds, char *out, size_t room);
void ctl_time(int64_t seconds, char *out, size_t room);
/* Escape sequences, or "" when colour is off. */
const char *ctl_bold(const struct ctl *ctl);
const char *ctl_warm(const struct ctl *ctl); /* something needs attention */
const char *ctl_plain(const struct ctl *ctl);

/* ---- ctl_settings.c ------------------------------------------------------------- */

/* Change one line of HOME/escriba.yaml, checked before it is written; CTL_OK or the exit code. */
int ctl_setting_set(struct ctl *ctl, const char *name, const char *value);

/* ---- ctl_server.c ---------------------------------------------------------------- */

/* See that escriba_admin can log in to the server that conninfo names; out: where the server is, for the settings. */
int ctl_server(struct ctl *ctl, const char *conninfo, char *out, size_t room);

/* ---- ctl_daemon.c ---------------------------------------------------------------- */

/* The programs of this installation that run, as /proc tells. */
struct running {
    pid_t supervisor; /* 0: none, or started by systemd one by one */
    bool up;          /* keys, intake and a runner are there       */
    int intake, runners, keyd, desk;
    bool as_root;     /* one of them is */
};
void ctl_running(const struct instance *in, struct running *out);
/* Start escribad detached and wait until keyd answers; CTL_OK or the exit code. */
int ctl_daemon_start(struct ctl *ctl);
/* Stop it and all that it started. */
int ctl_daemon_stop(struct ctl *ctl);

/* ---- ctl_folders.c ---------------------------------------------------------------- */

struct keeper {
    uid_t uid;
    gid_t gid;
};
/*
 * Who a program runs as.  Not root: we ourselves.  As root: the system user escriba (made when missing), or, where
 * each program has its own (`up --no-start` in the production profile made it so), the user named like the program.
 */
int ctl_keeper(struct ctl *ctl, const char *program, struct keeper *out);
/* Has each program a user of its own here?  Told by the key store's owner. */
bool ctl_separate(const struct instance *in);
/* Where they have not, the password files of all programs belong to escriba, whatever users the machine has. */
int ctl_passwords(struct ctl *ctl);
/* Make a folder, or put right its owner and mode; the same for a file's bytes, written whole or not at all. */
int ctl_folder(struct ctl *ctl, const char *path, unsigned mode, const struct keeper *owner);
int ctl_file(struct ctl *ctl, const char *path, const void *bytes, size_t size, unsigned mode,
             const struct keeper *owner);
/* HOME/hot/CLIENT/STREAM, open to its group so that a scanner's user can be put into it. */
int ctl_hot_folder(struct ctl *ctl, const char *client, const char *stream);
/* Call each for every entry that waits in HOME/hot/CLIENT/STREAM; client NULL: all. */
struct waiting_file {
    const char *client, *stream, *name;
    int64_t size, age;   /* bytes; seconds since it last changed */
    const char *why_en, *why_es; /* what it waits for, or why it is not taken */
    bool stuck;          /* it will not be taken as it is */
};
void ctl_hot_walk(const struct instance *in, const char *client, void (*each)(void *to, const struct waiting_file *f),
                  void *to);

/* ---- ctl_help.c ----------------------------------------------------------------- */

void ctl_help(FILE *to);
void ctl_help_verb(const struct ctl_verb *verb, FILE *to);
int ctl_help_run(struct ctl *ctl);
int ctl_completion_run(struct ctl *ctl);

/* ---- the verbs: one file each ---------------------------------------------------- */

int ctl_up_run(struct ctl *ctl);
int ctl_down_run(struct ctl *ctl);
int ctl_status_run(struct ctl *ctl);
int ctl_intake_run(struct ctl *ctl);
int ctl_batch_list_run(struct ctl *ctl);
int ctl_batch_show_run(struct ctl *ctl);
int ctl_batch_close_run(struct ctl *ctl);
int ctl_document_list_run(struct ctl *ctl);
int ctl_document_show_run(struct ctl *ctl);
int ctl_replay_run(struct ctl *ctl);
int ctl_queue_run(struct ctl *ctl);
int ctl_retry_run(struct ctl *ctl);
int ctl_set_aside_run(struct ctl *ctl);
int ctl_document_reopen_run(struct ctl *ctl);
int ctl_balance_run(struct ctl *ctl);
int ctl_forms_list_run(struct ctl *ctl);
int ctl_forms_check_run(struct ctl *ctl);
int ctl_forms_learn_run(struct ctl *ctl);
int ctl_codes_list_run(struct ctl *ctl);
int ctl_codes_import_run(struct ctl *ctl);
int ctl_codes_check_run(struct ctl *ctl);
int ctl_codes_reasons_run(struct ctl *ctl);
/* Currencies and countries from the distribution's iso-codes, where it is installed and has changed. */
int ctl_codes_iso(struct ctl *ctl);
int ctl_config_run(struct ctl *ctl);
int ctl_client_add_run(struct ctl *ctl);
int ctl_client_list_run(struct ctl *ctl);
int ctl_client_show_run(struct ctl *ctl);
int ctl_client_refused_run(struct ctl *ctl);
int ctl_client_streams_run(struct ctl *ctl);
int ctl_client_identity_run(struct ctl *ctl);
int ctl_memory_list_run(struct ctl *ctl);
int ctl_memory_show_run(struct ctl *ctl);
int ctl_memory_forget_run(struct ctl *ctl);
int ctl_codes_rates_run(struct ctl *ctl);
int ctl_client_set_run(struct ctl *ctl);
int ctl_client_record_run(struct ctl *ctl);
/* The rows of ops.batch_stated: as text, or as "expected" of the object. */
void ctl_expected(struct ctl *ctl, const struct db_result *rows, json_t *into);
int ctl_person_add_run(struct ctl *ctl);
int ctl_person_list_run(struct ctl *ctl);
int ctl_person_close_run(struct ctl *ctl);
int ctl_audit_show_run(struct ctl *ctl);
int ctl_audit_verify_run(struct ctl *ctl);
int ctl_migrate_run(struct ctl *ctl);
int ctl_retention_run(struct ctl *ctl);
int ctl_doctor_run(struct ctl *ctl);
int ctl_keys_backup_run(struct ctl *ctl);
int ctl_metrics_run(struct ctl *ctl);
/* `escriba read`: no installation, no database. argv[0] is "read"; parses its own options, --help included. */
int ctl_read(struct ctl *ctl, int argc, char **argv);

#endif
