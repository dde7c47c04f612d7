/*
 * ctl_replay.c - escriba replay: how one value came about, shown to a person who may look back.
 *
 * Asks the desk, as the station does: this program holds no key, and the desk knows by the kernel who sits here.
 * What is right is read from standard input, never from the arguments, which any user of the machine can see.
 */
#include "ctl_replay.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "review_link.h"

#define REPLAY_ARENA (48u << 20)
#define RIGHT_MAX 1000

/* The first digits of an identifier; false when it is none. */
static bool
digits_of(const char *text, struct id *out, uint32_t *digits)
{
    memset(out, 0, sizeof *out);
    *digits = 0;
    for (; *text != '\0'; text++) {
        int c = tolower((unsigned char)*text);
        unsigned v = isdigit(c) ? (unsigned)(c - '0') : (unsigned)(c - 'a' + 10);

        if (c == '-')
            continue;
        if (!isxdigit(c) || *digits == 2 * ID_SIZE)
            return false;
        out->b[*digits / 2] |= (uint8_t)(*digits % 2 == 0 ? v << 4 : v);
        (*digits)++;
    }
    return *digits >= 4;
}

/* The desk's own sentence, when it gave one. */
static int
refused(const struct ctl *ctl, const struct link *link, enum rc rc)
{
    struct err err = { 0 };

    if (link_message(link)[0] == '\0')
        return ctl_fail_rc(ctl, rc == RC_INPUT ? RC_BUG : rc, "asking the desk");
    err_set(&err, rc, "%s", link_message(link));
    err_where(&err, "escriba-desk");
    return ctl_fail(ctl, &err);
}

/* What the client refused of this document; an operator's account is needed to see it, and it may not be there. */
static void
ask_nacks(struct ctl *ctl, const struct id *id, uint32_t digits, struct replay_shown *shown)
{
    char conninfo[PATH_ROOM];
    struct err err = { 0 };
    struct db_result *r = NULL;
    struct db *db = NULL;

    if (instance_conninfo(&ctl->in, "delivery", "operator", conninfo, sizeof conninfo) != RC_OK ||
        db_open(conninfo, "escriba", &db, &err) != RC_OK)
        return;
    if (db_query(db, "SELECT document, version, reason, nacked_at FROM delivery.nacks()", NULL, 0, &r) == RC_OK &&
        (shown->nacks = arena_array(ctl->arena, (size_t)db_rows(r) + 1, sizeof *shown->nacks)) != NULL) {
        shown->knows_nacks = true;
        for (int i = 0; i < db_rows(r); i++) {
            struct id document;
            bool same = db_id(r, i, 0, &document);

            for (uint32_t d = 0; d < digits && same; d++)
                same = ((document.b[d / 2] ^ id->b[d / 2]) & (d % 2 == 0 ? 0xf0 : 0x0f)) == 0;
            if (!same)
                continue;
            shown->nacks[shown->nack_count++] = (struct replay_nack){
                (uint32_t)db_int(r, i, 1), db_int(r, i, 3), arena_str(ctl->arena, db_text(r, i, 2)) };
        }
    }
    db_result_free(r);
    db_close(db);
}

/* One line of standard input: what is right. */
static const char *
ask_right(struct ctl *ctl)
{
    char line[RIGHT_MAX + 2];
    const char *kept;
    size_t n;

    if (isatty(STDIN_FILENO))
        fprintf(stderr, "%s ", ctl_tr(ctl, "What is right?", "¿Qué es lo correcto?"));
    if (fgets(line, sizeof line, stdin) == NULL)
        line[0] = '\0';
    n = strcspn(line, "\r\n");
    kept = arena_copy(ctl->arena, line, n);
    bytes_wipe(line, sizeof line);
    return kept;
}

static void
print_list(struct ctl *ctl, const struct desk_document *d)
{
    for (uint32_t i = 0; i < d->count; i++) {
        if (ctl->json)
            ctl_json(json_pack("{s:s,s:s,s:i}", "field", ctl_safe(ctl, d->items[i].name), "title",
                               ctl_safe(ctl, d->items[i].title), "page", (int)d->items[i].page + 1));
        else
            printf("%-32s %s\n", ctl_safe(ctl, d->items[i].name), ctl_safe(ctl, d->items[i].title));
    }
}

#define PATIENCE 5 /* seconds: as long as the desk lets a person wait who asks faster than one can look */

static enum rc
ask_patiently(struct link *link, const struct desk_ask *ask, enum desk_answer_kind want, struct arena *arena,
              struct desk_answer *answer)
{
    enum rc rc = link_ask(link, ask, want, arena, answer);

    for (int i = 0; i < PATIENCE && rc == RC_BUSY; i++) {
        sleep(1);
        rc = link_ask(link, ask, want, arena, answer);
    }
    return rc;
}

/* Page after page, so that nobody else at the desk waits long. */
static enum rc
run_again(struct ctl *ctl, struct link *link, struct arena *arena, struct replay_shown *shown)
{
    const struct desk_ask ask = { .what = DESK_RERUN, .text = "" };
    struct desk_answer answer;
    enum rc rc;

    do {
        rc = link_ask(link, &ask, DESK_IS_RERUN, arena, &answer);
        if (rc == RC_BUSY) { /* we ask faster than a person may */
            sleep(2);
            answer.u.rerun.finished = 0;
            rc = RC_OK;
            continue;
        }
        if (rc == RC_OK && ctl->progress)
            fprintf(stderr, "\r%u/%u ", answer.u.rerun.done, answer.u.rerun.of);
    } while (rc == RC_OK && !answer.u.rerun.finished);
    if (ctl->progress)
        fputs("\r        \r", stderr);
    if (rc == RC_OK) {
        shown->today = answer.u.rerun;
        shown->ran = true;
    }
    return rc;
}

static enum rc
ask_all(struct ctl *ctl, struct link *link, struct arena *arena, struct desk_ask *ask, struct replay_shown *shown)
{
    const struct desk_ask leave = { .what = DESK_LEAVE, .text = "" };
    struct desk_answer answer;
    bool list = ask->text[0] == '\0';
    enum rc rc = ask_patiently(link, ask, list ? DESK_IS_DOCUMENT : DESK_IS_REPLAY, arena, &answer);

    if (rc != RC_OK)
        return rc;
    if (list) {
        print_list(ctl, &answer.u.document);
    } else {
        shown->story = answer.u.replay;
        if (ctl->terminal && !ctl->json && shown->story.picture) {
            const struct desk_ask crop = { .what = DESK_CROP, .number = shown->story.item, .flag = DESK_VIEW_VALUE,
                                           .text = "" };

            shown->has_crop = link_ask(link, &crop, DESK_IS_CROP, arena, &answer) == RC_OK;
            if (shown->has_crop)
                shown->crop = answer.u.crop;
        }
        if (ctl_value(ctl, "stored") == NULL)
            rc = run_again(ctl, link, arena, shown);
    }
    if (rc == RC_OK)
        (void)!link_ask(link, &leave, DESK_IS_DONE, arena, &answer);
    return rc;
}

int
ctl_replay_run(struct ctl *ctl)
{
    struct arena *arena = arena_new(REPLAY_ARENA);
    struct desk_ask hello = { .what = DESK_HELLO, .number = DESK_VERSION, .text = ctl->lang == LANG_ES ? "es" : "en" };
    struct desk_ask ask = { .what = DESK_REPLAY };
    struct replay_shown shown = { .ran = false };
    struct desk_answer answer;
    struct link *link = NULL;
    char socket[PATH_ROOM + 16];
    const char *right = NULL;
    enum rc rc;
    int code;

    if (!digits_of(ctl->argv[0], &ask.id, &ask.number)) {
        arena_free(arena);
        return ctl_usage(ctl, "`%s` is not the beginning of an identifier; four digits at least", ctl->argv[0]);
    }
    if (arena == NULL || (code = ctl_instance(ctl)) != CTL_OK) {
        arena_free(arena);
        return arena == NULL ? CTL_FAILED : code;
    }
    ask.text = ctl->argc > 1 ? ctl->argv[1] : "";
    if (ask.text[0] != '\0')
        ask_nacks(ctl, &ask.id, ask.number, &shown);
    ask.flag = shown.nack_count > 0 ? DESK_REPLAY_NACKED : 0;
    if (ask.text[0] != '\0' && ctl_value(ctl, "right") != NULL && (right = ask_right(ctl)) != NULL) {
        ask.text = arena_printf(ctl->arena, "%s\n%s", ask.text, right);
        ask.flag |= DESK_REPLAY_RIGHT;
    }
    snprintf(socket, sizeof socket, "%s/desk.sock", ctl->in.run);
    code = CTL_OK;
    if ((rc = ask.text == NULL ? RC_NOMEM : link_open(socket, &link)) != RC_OK) {
        struct err err = { 0 };

        err_set(&err, rc == RC_NOT_FOUND ? RC_TIMEOUT : rc, "the desk does not answer"); /* away, as any program */
        err_where(&err, "%s", socket);
        err_cure(&err, "escriba up");
        code = ctl_fail(ctl, &err);
    } else if ((rc = ask_patiently(link, &hello, DESK_IS_WELCOME, arena, &answer)) != RC_OK ||
               (rc = ask_all(ctl, link, arena, &ask, &shown)) != RC_OK) {
        code = refused(ctl, link, rc);
    } else if (ask.text[0] != '\0') {
        (ctl->json ? replay_json : replay_print)(ctl, &shown);
    }
    link_close(link);
    arena_free(arena);
    return code;
}
