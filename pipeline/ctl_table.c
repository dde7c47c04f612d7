/*
 * ctl_table.c - every verb of the operator's command, once.
 *
 * The order is the order of --help.  A new verb is a row here and a function in a file of
 * its own.
 */
#include "ctl.h"

#define NO_OPTION { NULL, NULL, WORD_NONE, NULL }

const struct ctl_option ctl_common[] = {
    { "home", "DIR", WORD_DIR, "the installation's folder (else $ESCRIBA_HOME, else /var/lib/escriba as root)" },
    { "json", NULL, WORD_NONE, "JSON on standard output; lists give one object a line" },
    { "lang", "en|es", WORD_CHOICE, "language of reports (else from $LC_ALL, $LC_MESSAGES, $LANG)" },
    { "quiet", NULL, WORD_NONE, "say nothing on standard error but errors" },
    { "no-color", NULL, WORD_NONE, "no colour, as NO_COLOR=1 does" },
    { "help", NULL, WORD_NONE, "help, for the command or for a verb" },
    { "version", NULL, WORD_NONE, "print the version" },
    NO_OPTION
};

static const struct ctl_option up_options[] = {
    { "database", "CONNINFO", WORD_NONE,
      "use this server: a libpq string with a role that can make roles, and how it logs in" },
    { "workers", "N", WORD_NONE, "documents worked on at once (default: the number of cores)" },
    { "profile", "trial|production", WORD_CHOICE, "production refuses what trial only warns of" },
    { "no-start", NULL, WORD_NONE, "prepare everything, and leave the starting to systemd" },
    NO_OPTION
};

static const struct ctl_option status_options[] = {
    { "follow", NULL, WORD_NONE, "go on until interrupted" },
    { "until-idle", NULL, WORD_NONE, "with --follow: end when nothing is left that a machine can do" },
    { "interval", "SECONDS", WORD_NONE, "with --follow: time between looks (default 1)" },
    NO_OPTION
};

static const struct ctl_option client_filter[] = {
    { "client", "CODE", WORD_CLIENT, "only this client's" },
    NO_OPTION
};

static const struct ctl_option batch_list_options[] = {
    { "client", "CODE", WORD_CLIENT, "only this client's" },
    { "state", "open|closed", WORD_CHOICE, "only these" },
    { "limit", "N", WORD_NONE, "at most so many, newest first (default 50)" },
    NO_OPTION
};

static const struct ctl_option document_list_options[] = {
    { "client", "CODE", WORD_CLIENT, "only this client's" },
    { "batch", "BATCH", WORD_NONE, "only of this batch" },
    { "state", "STATE", WORD_NONE,
      "only in this state: work, review, passed, delivered, rejected, set_aside, quarantined, erased" },
    { "limit", "N", WORD_NONE, "at most so many, newest first (default 50)" },
    NO_OPTION
};

static const struct ctl_option replay_options[] = {
    { "stored", NULL, WORD_NONE, "tell what is stored; do not run the stages again" },
    { "right", NULL, WORD_NONE, "ask on standard input what is right, to tell the cause of a wrong value" },
    NO_OPTION
};

static const struct ctl_option retry_options[] = {
    { "all", NULL, WORD_NONE, "everything that was given up, of the client named with --client" },
    { "client", "CODE", WORD_CLIENT, "with --all: of this client" },
    NO_OPTION
};

static const struct ctl_option set_aside_options[] = {
    { "reason", "WORD", WORD_NONE, "why, a reason word such as person_illegible (default person_other)" },
    NO_OPTION
};

static const struct ctl_option forms_check_options[] = {
    { "dir", "DIR", WORD_DIR, "the forms of this folder instead of the installation's" },
    NO_OPTION
};

static const struct ctl_option forms_learn_options[] = {
    { "blank", "FILE", WORD_FILE, "the empty form, scanned flat" },
    { "marked", "FILE", WORD_FILE, "the same page, each zone a coloured box with its name typed inside" },
    { "fields", "CSV", WORD_FILE, "name,type,title of each zone in reading order; or with x0,y0,x1,y1 in points" },
    { "into", "DIR", WORD_DIR,
      "the folder of forms to write to (default: those that came with the program; `up` takes them over)" },
    { "title", "TEXT", WORD_NONE, "what people call the form" },
    { "replace", NULL, WORD_NONE, "write over a form of this name" },
    NO_OPTION
};

static const struct ctl_option codes_import_options[] = {
    { "valid-from", "DATE", WORD_NONE, "the first day on which the list is in force (default: always was)" },
    { "valid-until", "DATE", WORD_NONE, "the last day (default: until it is replaced)" },
    { "format", "tsv|csv|cms", WORD_CHOICE, "how the file is written (default: as it looks)" },
    NO_OPTION
};

static const struct ctl_option codes_check_options[] = {
    { "on", "DATE", WORD_NONE, "by the list that is in force on that day (default today)" },
    NO_OPTION
};

static const struct ctl_option client_add_options[] = {
    { "name", "NAME", WORD_NONE, "the client's name, for people" },
    { "key", "FILE", WORD_FILE, "the public key that `escriba-client keygen` made at the client's site" },
    { "streams", "LIST", WORD_NONE, "hot folders: document types and `mixed`, with commas (default mixed)" },
    { "sla-hours", "N", WORD_NONE, "hours from a batch's opening to its deadline (default 24)" },
    { "quiet-seconds", "N", WORD_NONE, "a batch closes after so long without a new file (default 900)" },
    { "retention-days", "N", WORD_NONE, "how long we keep what the client has acknowledged (default 30)" },
    NO_OPTION
};

static const struct ctl_option client_set_options[] = {
    { "wrong-critical", "SHARE", WORD_NONE,
      "largest share of wrong values of critical fields: 0.005 or 0.5%; 0: none agreed" },
    { "wrong-major", "SHARE", WORD_NONE, "the same of major fields" },
    { "wrong-minor", "SHARE", WORD_NONE, "the same of minor fields" },
    { "sample", "SHARE", WORD_NONE, "the share of accepted values that a person looks at all the same, such as 1%" },
    NO_OPTION
};

static const struct ctl_option person_add_options[] = {
    { "user", "SYSTEMUSER", WORD_NONE, "the system user; the kernel says who is at the desk's socket" },
    { "role", "reviewer|senior|auditor", WORD_CHOICE,
      "a senior may also let a paper pass that names somebody else; an auditor looks back only (default reviewer)" },
    { "language", "en|es", WORD_CHOICE, "language of the station (default en)" },
    { "clearance", "N", WORD_NONE,
      "fields the person may see: 0 business, 1 financial, 2 personal, 3 identity, 4 health, 5 special (default 1)" },
    { "clients", "LIST", WORD_CLIENT, "codes of clients, with commas; `all` for every client (default all)" },
    NO_OPTION
};

static const struct ctl_option audit_options[] = {
    { "client", "CODE", WORD_CLIENT, "only this client's" },
    { "limit", "N", WORD_NONE, "the newest so many (default 50)" },
    NO_OPTION
};

static const struct ctl_option verify_options[] = {
    { "client", "CODE", WORD_CLIENT, "only this client's" },
    { "against", "FILE", WORD_FILE, "compare with heads kept before, where the database's owner cannot reach" },
    NO_OPTION
};

static const struct ctl_option doctor_options[] = {
    { "profile", "trial|production", WORD_CHOICE, "check for this profile (default: the installation's)" },
    { "machine", NULL, WORD_NONE, "only the machine, not the installation" },
    { "all", NULL, WORD_NONE, "show what is well too" },
    NO_OPTION
};

static const struct ctl_option metrics_options[] = {
    { "to", "FILE", WORD_FILE, "write there, atomically (default HOME/metrics/escriba.prom; - prints)" },
    { "every", "SECONDS", WORD_NONE, "go on writing, so often, until stopped (1 to 3600)" },
    NO_OPTION
};

static const struct ctl_option retention_options[] = {
    { "client", "CODE", WORD_CLIENT, "only this client's" },
    { "dry-run", NULL, WORD_NONE, "say what would go, and erase nothing" },
    NO_OPTION
};

static const struct ctl_option help_options[] = {
    { "scdoc", NULL, WORD_NONE, "the manual page's source, for scdoc" },
    NO_OPTION
};

static const struct ctl_option balance_options[] = {
    { "client", "CODE", WORD_CLIENT, "only this client's" },
    { "batch", "BATCH", WORD_NONE, "only this batch" },
    NO_OPTION
};

#ifdef ESCRIBA_READ /* ctl_read.c parses them; here they are for help, manual page and completion */
static const struct ctl_option read_options[] = {
    { "form", "NAME", WORD_NONE, "every document is of this type; without it the type is found" },
    { "pages", "A-B", WORD_NONE, "only these pages of each file, counted from 1 (A, A-, -B)" },
    { "jobs", "N", WORD_NONE, "cages at work side by side (default: the number of processors)" },
    { "forms", "DIR", WORD_DIR, "the document types (default: $ESCRIBA_FORMS, else those that came with the program)" },
    NO_OPTION
};
#endif

#define G_START "The installation"
#define G_WORK "Work"
#define G_WHO "Clients and people"
#define G_RULES "Forms and settings"
#define G_CARE "Care and proof"

const struct ctl_verb ctl_verbs[] = {
    { "up", G_START, "", WORD_NONE, 0, 0, "make the installation if it is new, and start it", up_options,
      { "escriba up", "escriba up --home ~/escriba --workers 2",
        "escriba up --database 'host=db user=postgres passfile=p sslmode=verify-full' --profile production" },
      ctl_up_run, NULL },
    { "down", G_START, "", WORD_NONE, 0, 0, "stop everything; what is unfinished goes on at the next `up`", NULL,
      { "escriba down" }, ctl_down_run, NULL },
    { "status", G_START, "", WORD_NONE, 0, 0, "what runs, what waits, which batches move, what was refused",
      status_options, { "escriba status", "escriba status --follow", "escriba status --json | jq .queue" },
      ctl_status_run, NULL },
    { "doctor", G_START, "", WORD_NONE, 0, 0, "check the machine and the installation; each finding has its cure",
      doctor_options, { "escriba doctor", "escriba doctor --profile production", "escriba doctor --machine --json" },
      ctl_doctor_run, NULL },
    { "migrate", G_START, "", WORD_NONE, 0, 0, "bring both databases up to date", NULL, { "escriba migrate" },
      ctl_migrate_run, NULL },

#ifdef ESCRIBA_READ
    { "read", G_WORK, "FILE...", WORD_FILE, 0, -1, "read files here and now, without any database", read_options,
      { "escriba read invoice.pdf", "escriba read --form invoice --json *.pdf" }, NULL, ctl_read },
#endif
    { "intake", G_WORK, "", WORD_NONE, 0, 0, "what waits in the hot folders, and what was left there and why",
      client_filter, { "escriba intake", "escriba intake --client acme" }, ctl_intake_run, NULL },
    { "queue", G_WORK, "", WORD_NONE, 0, 0, "what waits to be worked on, by client and kind of step", client_filter,
      { "escriba queue", "escriba queue --json" }, ctl_queue_run, NULL },
    { "batch list", G_WORK, "", WORD_NONE, 0, 0, "batches, newest first", batch_list_options,
      { "escriba batch list --client acme", "escriba batch list --state open --json" }, ctl_batch_list_run, NULL },
    { "batch show", G_WORK, "BATCH", WORD_NONE, 1, 1,
      "one batch: its files, pages, documents and deadline, and how many of its values are expected to be wrong", NULL,
      { "escriba batch show 1f0c8a52" }, ctl_batch_show_run, NULL },
    { "batch close", G_WORK, "BATCH", WORD_NONE, 1, 1, "close a batch: nothing more belongs to it", NULL,
      { "escriba batch close 1f0c8a52" }, ctl_batch_close_run, NULL },
    { "document list", G_WORK, "", WORD_NONE, 0, 0, "documents, newest first", document_list_options,
      { "escriba document list --client acme --state review" }, ctl_document_list_run, NULL },
    { "document show", G_WORK, "DOCUMENT", WORD_NONE, 1, 1, "one document: state, pages, steps, what happened to it",
      NULL, { "escriba document show 7d0be5b4", "escriba document show 7d0be5b4 --json" }, ctl_document_show_run,
      NULL },
    { "document reopen", G_WORK, "DOCUMENT...", WORD_NONE, 1, -1,
      "a delivered document goes to a person again; what comes of it is its next version", NULL,
      { "escriba document reopen 7d0be5b4" }, ctl_document_reopen_run, NULL },
    { "replay", G_WORK, "DOCUMENT [FIELD]", WORD_NONE, 1, 2,
      "how a value came about: its picture, who gave it, what else was considered, rules, versions, why it was wrong",
      replay_options, { "escriba replay 7d0be5b4", "escriba replay 7d0be5b4 grand_total",
                        "escriba replay 7d0be5b4 'lines[3].amount' --stored --json" }, ctl_replay_run, NULL },
    { "retry", G_WORK, "[ID]...", WORD_NONE, 0, -1, "try again what was given up: files or documents", retry_options,
      { "escriba retry 7d0be5b4", "escriba retry --all --client acme" }, ctl_retry_run, NULL },
    { "set-aside", G_WORK, "ID...", WORD_NONE, 1, -1,
      "take files or documents out of work until `retry`; the client is not told",
      set_aside_options, { "escriba set-aside 7d0be5b4 --reason person_illegible" }, ctl_set_aside_run, NULL },
    { "balance", G_WORK, "", WORD_NONE, 0, 0, "account for every page: in equals the sum of where they are",
      balance_options, { "escriba balance", "escriba balance --client acme --lang es" }, ctl_balance_run, NULL },

    { "client add", G_WHO, "CODE", WORD_NONE, 1, 1, "add a client: keys, delivery role, hot folders",
      client_add_options,
      { "escriba client add acme --name 'Acme Ltd' --key acme.key.pub",
        "escriba client add luna --name 'Luna SA' --key luna.key.pub --streams invoice,receipt,mixed --sla-hours 8" },
      ctl_client_add_run, NULL },
    { "client list", G_WHO, "", WORD_NONE, 0, 0, "all clients", NULL, { "escriba client list" }, ctl_client_list_run,
      NULL },
    { "client show", G_WHO, "CODE", WORD_CLIENT, 1, 1, "one client: terms, keys, folders, deliveries", NULL,
      { "escriba client show acme" }, ctl_client_show_run, NULL },
    { "client refused", G_WHO, "CODE", WORD_CLIENT, 1, 1, "what a client refused of its results, and why", NULL,
      { "escriba client refused acme", "escriba client refused acme --json" }, ctl_client_refused_run, NULL },
    { "client streams", G_WHO, "CODE [STREAM]...", WORD_CLIENT, 1, -1,
      "show or add a client's hot folders", NULL,
      { "escriba client streams acme", "escriba client streams acme receipt timesheet" }, ctl_client_streams_run,
      NULL },
    { "client identity", G_WHO, "add|list|remove CODE [KIND VALUE | -]", WORD_CLIENT, 2, 4,
      "the client's own names and numbers (name, tax-id, ein, npi), which its documents must name", NULL,
      { "escriba client identity add acme name 'Acme Ibérica SL'", "escriba client identity add acme tax-id B58378431",
        "escriba client identity add acme - < identities.txt", "escriba client identity list acme" },
      ctl_client_identity_run, NULL },
    { "client set", G_WHO, "CODE", WORD_CLIENT, 1, 1,
      "the error budget agreed with a client, and how many accepted values are looked at all the same",
      client_set_options,
      { "escriba client set acme", "escriba client set acme --wrong-critical 0.5% --wrong-major 1% --wrong-minor 3%",
        "escriba client set acme --sample 1%" },
      ctl_client_set_run, NULL },
    { "client record", G_WHO, "CODE", WORD_CLIENT, 1, 1,
      "what persons said of our values of a client, by field, and what that makes of a stated 97 %", NULL,
      { "escriba client record acme", "escriba client record acme --json" }, ctl_client_record_run, NULL },
    { "memory list", G_WHO, "", WORD_NONE, 0, 0, "how much people taught about each client's senders", NULL,
      { "escriba memory list" }, ctl_memory_list_run, NULL },
    { "memory show", G_WHO, "CODE [LAYOUT]", WORD_CLIENT, 1, 2,
      "the layouts of a client that were learnt, or one with its fields: counts and days, no text", NULL,
      { "escriba memory show acme", "escriba memory show acme 3" }, ctl_memory_show_run, NULL },
    { "memory forget", G_WHO, "CODE [LAYOUT]", WORD_CLIENT, 1, 2,
      "forget one layout of a client, or all of them with their key", NULL,
      { "escriba memory forget acme 3", "escriba memory forget acme" }, ctl_memory_forget_run, NULL },
    { "person add", G_WHO, "NAME", WORD_NONE, 1, 1, "let a person work here", person_add_options,
      { "escriba person add 'Ana Ruiz' --user ana --language es --clearance 2 --clients acme,luna" },
      ctl_person_add_run, NULL },
    { "person list", G_WHO, "", WORD_NONE, 0, 0, "all persons", NULL, { "escriba person list" }, ctl_person_list_run,
      NULL },
    { "person close", G_WHO, "SYSTEMUSER", WORD_NONE, 1, 1, "the person may no longer work here", NULL,
      { "escriba person close ana" }, ctl_person_close_run, NULL },

    { "forms", G_RULES, "", WORD_NONE, 0, 0, "the document types in force", NULL, { "escriba forms" },
      ctl_forms_list_run, NULL },
    { "forms check", G_RULES, "[FILE]...", WORD_FILE, 0, -1, "check document types; errors have file and line",
      forms_check_options, { "escriba forms check", "escriba forms check --dir forms" }, ctl_forms_check_run, NULL },
    { "forms learn", G_RULES, "NAME", WORD_NONE, 1, 1, "a new fixed form from a blank page and a marked one",
      forms_learn_options, { "escriba forms learn membership --blank blank.png --marked marked.png" },
      ctl_forms_learn_run, NULL },
    { "codes list", G_RULES, "", WORD_NONE, 0, 0, "the lists of codes that are here, and when they are in force", NULL,
      { "escriba codes list", "escriba codes list --json" }, ctl_codes_list_run, NULL },
    { "codes import", G_RULES, "NAME FILE", WORD_FILE, 2, 2, "take in an official list of codes: icd10cm, hcpcs, pos",
      codes_import_options,
      { "escriba codes import icd10cm icd10cm-order-2026.txt --valid-from 2025-10-01 --valid-until 2026-09-30",
        "escriba codes import taxonomy nucc_taxonomy.csv", "escriba codes import pos pos.tsv --format tsv" },
      ctl_codes_import_run, NULL },
    { "codes check", G_RULES, "NAME CODE", WORD_NONE, 2, 2, "is a code in a list, on a day?", codes_check_options,
      { "escriba codes check icd10cm E11.9 --on 2026-03-15", "escriba codes check iso4217 EUR" }, ctl_codes_check_run,
      NULL },
    { "codes rates", G_RULES, "[TABLE]", WORD_NONE, 0, 1, "rates and limits in force on a day: taxes, contributions",
      codes_check_options, { "escriba codes rates", "escriba codes rates vat --on 2012-08-31" }, ctl_codes_rates_run,
      NULL },
    { "codes reasons", G_RULES, "", WORD_NONE, 0, 0,
      "the reason words that files and fields can carry, with their meaning", NULL,
      { "escriba codes reasons", "escriba codes reasons --lang es" }, ctl_codes_reasons_run, NULL },
    { "config", G_RULES, "[NAME [VALUE]]", WORD_NONE, 0, 2, "show the settings, or change one", NULL,
      { "escriba config", "escriba config workers 4" }, ctl_config_run, NULL },

    { "audit", G_CARE, "", WORD_NONE, 0, 0, "what happened, newest first", audit_options,
      { "escriba audit --client acme --limit 20" }, ctl_audit_show_run, NULL },
    { "audit verify", G_CARE, "", WORD_NONE, 0, 0, "recompute every chain of the audit log; name the first bad entry",
      verify_options, { "escriba audit verify", "escriba audit verify --json > heads.jsonl",
        "escriba audit verify --against heads.jsonl" }, ctl_audit_verify_run, NULL },
    { "keys backup", G_CARE, "FILE", WORD_FILE, 1, 1, "copy the key store; without it nothing sealed opens again",
      NULL, { "escriba keys backup /media/safe/escriba-keys" }, ctl_keys_backup_run, NULL },
    { "retention", G_CARE, "", WORD_NONE, 0, 0,
      "erase what its client acknowledged longer ago than its retention: results, originals, all that was read",
      retention_options, { "escriba retention --dry-run", "escriba retention --client acme" }, ctl_retention_run,
      NULL },
    { "metrics", G_CARE, "", WORD_NONE, 0, 0, "write the figures for Prometheus' node_exporter", metrics_options,
      { "escriba metrics --to /var/lib/prometheus/node-exporter/escriba.prom", "escriba metrics --to -" },
      ctl_metrics_run, NULL },

    { "help", "Help", "[VERB]", WORD_NONE, 0, 2, "this help, or that of a verb", help_options,
      { "escriba help client add" }, ctl_help_run, NULL },
    { "completion", "Help", "bash|zsh", WORD_CHOICE, 1, 1, "print the completion for a shell", NULL,
      { "escriba completion bash > /etc/bash_completion.d/escriba" }, ctl_completion_run, NULL },
    { NULL, NULL, NULL, WORD_NONE, 0, 0, NULL, NULL, { NULL }, NULL, NULL }
};
