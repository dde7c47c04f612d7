/*
 * deskdouble.c - a desk that knows one document by heart, for tests of the screen only.
 *
 * It speaks the real protocol over a real socket, so that keys, drawing, lock and wiping can be
 * tested without database, keys and cages.  deskdouble SOCKET PICTURE.pgm [IDLE_SECONDS]
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/deskproto.h"
#include "base/ipc.h"
#include "base/text.h"

struct known {
    const char *name, *en, *es, *value, *text;
    uint8_t type, state, mark;
    const char *choices[3];
};

static const struct known start[] = {
    { "invoice_number", "Invoice number", "Número de factura", "INV-CANARY-7731", "INV-CANARY-7731", DESK_ID,
      DESK_HAS_VALUE, DESK_QUIET, { NULL } },
    { "grand_total", "Grand total", "Total", "182.47", "182.47", DESK_MONEY, DESK_HAS_VALUE, DESK_FLAGGED, { NULL } },
    { "issue_date", "Issue date", "Fecha de emisión", "2026-02-30", "30/02/2026", DESK_DATE, DESK_HAS_VALUE,
      DESK_FLAGGED, { NULL } },
    { "seller_name", "Seller", "Vendedor", "CANARY \033[31mWorks\xe2\x80\xae Ltd", "CANARY \033]52;c;AAAA\007Works",
      DESK_TEXT, DESK_HAS_VALUE, DESK_FLAGGED, { NULL } },
    { "currency", "Currency", "Moneda", "", "", DESK_CODE, DESK_HAS_NOTHING, DESK_FLAGGED, { "EUR", "USD", NULL } },
    { "iban", "IBAN", "IBAN", "", "", DESK_ID, DESK_HAS_NOTHING, DESK_FLAGGED, { NULL } },
    { "lines[1].charges", "Line 1: amount", "Línea 1: importe", "99.10", "99,10", DESK_MONEY, DESK_HAS_VALUE,
      DESK_FLAGGED, { NULL } },
};
#define ITEMS 7

struct state {
    uint8_t mark[ITEMS];
    char value[ITEMS][256];
    int history[64];
    int decided;
    uint32_t accepted, corrected;
    bool es;
    bool held;
    uint32_t idle;
    uint8_t *pixels;
    uint32_t width, height;
};

static enum rc
send_answer(int sock, uint16_t kind, struct buffer *b)
{
    enum rc rc = b->failed ? RC_LIMIT : ipc_send(sock, kind, buffer_bytes(b), NULL, 0);

    buffer_done(b);
    return rc;
}

static enum rc
send_error(int sock, enum rc code, const char *message)
{
    struct buffer b;

    buffer_init(&b, 4096);
    desk_error_write(&b, &(struct desk_error){ (uint16_t)code, message });
    return send_answer(sock, DESK_IS_ERROR, &b);
}

static void
reset(struct state *s)
{
    for (int i = 0; i < ITEMS; i++) {
        s->mark[i] = start[i].mark;
        snprintf(s->value[i], sizeof s->value[i], "%s", start[i].value);
    }
    s->decided = 0;
    s->accepted = s->corrected = 0;
    s->held = true;
}

static enum rc
send_document(int sock, struct state *s)
{
    struct desk_item items[ITEMS];
    struct desk_document d = { .form = "invoice", .title = s->es ? "Factura" : "Invoice",
                               .why = s->es ? "La suma no coincide." : "A sum differs.", .version = 1, .pages = 2,
                               .table = 1, .items = items, .count = ITEMS };
    struct buffer b;

    memset(items, 0, sizeof items);
    for (int i = 0; i < ITEMS; i++) {
        items[i].name = start[i].name;
        items[i].title = s->es ? start[i].es : start[i].en;
        items[i].type = start[i].type;
        items[i].mark = s->mark[i];
        items[i].required = i < 3;
    }
    d.id.b[0] = 7;
    buffer_init(&b, 1 << 16);
    desk_document_write(&b, &d);
    return send_answer(sock, DESK_IS_DOCUMENT, &b);
}

static enum rc
send_field(int sock, struct state *s, uint32_t i)
{
    const char *why = s->es ? "La suma no coincide: compruebe el importe." : "The sum differs: check the amount.";
    const char *choices[3] = { start[i].choices[0], start[i].choices[1], start[i].choices[2] };
    struct desk_field f = { .item = i, .value = s->value[i], .text = start[i].text, .state = start[i].state,
                            .sure = 612, .picture = start[i].state == DESK_HAS_VALUE, .reasons = &why,
                            .reason_count = 1, .choices = choices };
    struct buffer b;

    while (f.choice_count < 3 && choices[f.choice_count] != NULL)
        f.choice_count++;
    buffer_init(&b, 1 << 16);
    desk_field_write(&b, &f);
    return send_answer(sock, DESK_IS_FIELD, &b);
}

static enum rc
send_crop(int sock, struct state *s, const struct desk_ask *ask)
{
    struct desk_crop c = { .item = ask->number, .window = { 0, 0, 1000, 1000 }, .width = s->width,
                           .height = s->height, .x0 = 8, .y0 = 8, .x1 = s->width - 8, .y1 = s->height - 8,
                           .pixels = { s->pixels, (size_t)s->width * s->height } };
    struct buffer b;

    if (ask->flag == DESK_VIEW_PAGE) {
        c.window = ask->box;
        c.page = ask->number;
        c.x1 = c.x0;
    }
    buffer_init(&b, DESK_ANSWER_MAX);
    desk_crop_write(&b, &c);
    return send_answer(sock, DESK_IS_CROP, &b);
}

static enum rc
send_decided(int sock, struct state *s, uint32_t i, enum desk_outcome outcome, const char *message)
{
    struct desk_decided d = { .item = i, .outcome = (uint8_t)outcome, .mark = s->mark[i], .message = message,
                              .next = -1 };
    struct buffer b;

    for (uint32_t n = 1; n <= ITEMS; n++)
        if (s->mark[(i + n) % ITEMS] == DESK_FLAGGED) {
            d.left++;
            if (d.next < 0)
                d.next = (int32_t)((i + n) % ITEMS);
        }
    buffer_init(&b, 4096);
    desk_decided_write(&b, &d);
    return send_answer(sock, DESK_IS_DECIDED, &b);
}

static enum rc
decide(int sock, struct state *s, const struct desk_ask *ask, uint8_t mark)
{
    uint32_t i = ask->number;

    if (ask->what == DESK_CORRECT && start[i].type == DESK_ID && strcmp(ask->text, "BAD") == 0 && ask->flag == 0)
        return send_decided(sock, s, i, DESK_DOUBTED, "The check digit is wrong. Enter again keeps it.");
    if (ask->what == DESK_CORRECT)
        snprintf(s->value[i], sizeof s->value[i], "%s", ask->text);
    s->mark[i] = mark;
    s->accepted += mark == DESK_ACCEPTED;
    s->corrected += mark == DESK_CORRECTED;
    if (s->decided < 64)
        s->history[s->decided++] = (int)i;
    return send_decided(sock, s, i, DESK_TAKEN, "");
}

static enum rc
undo(int sock, struct state *s)
{
    int i;

    if (s->decided == 0)
        return send_error(sock, RC_NOT_FOUND, "There is nothing to take back in this document.");
    i = s->history[--s->decided];
    s->mark[i] = start[i].mark == DESK_QUIET ? DESK_QUIET : DESK_FLAGGED;
    snprintf(s->value[i], sizeof s->value[i], "%s", start[i].value);
    return send_decided(sock, s, (uint32_t)i, DESK_TAKEN, "");
}

static enum rc
done(int sock, struct state *s, enum desk_end how)
{
    struct buffer b;

    s->held = false;
    buffer_init(&b, 64);
    desk_done_write(&b, &(struct desk_done){ (uint8_t)how, s->accepted, s->corrected });
    return send_answer(sock, DESK_IS_DONE, &b);
}

static enum rc
send_queue(int sock, struct state *s)
{
    struct desk_row row = { .form = s->es ? "Factura" : "Invoice", .reason = 76,
                            .why = s->es ? "La suma no coincide." : "A sum differs.", .waiting = 754,
                            .deadline = clock_wall_ms() / 1000 + 7300, .pages = 2 };
    struct buffer b;

    row.document.b[0] = 7;
    buffer_init(&b, 4096);
    desk_queue_write(&b, &(struct desk_queue){ 1, &row, 1 });
    return send_answer(sock, DESK_IS_QUEUE, &b);
}

static enum rc
answer(int sock, struct state *s, const struct desk_ask *ask)
{
    static struct desk_form forms[] = { { "invoice", "Invoice" }, { "payslip", "Payslip" }, { "w2", "W-2" } };
    struct buffer b;

    buffer_init(&b, 1 << 16);
    switch (ask->what) {
    case DESK_HELLO:
        s->es = ask->text[0] == 'e' && ask->text[1] == 's';
        desk_welcome_write(&b, &(struct desk_welcome){ DESK_VERSION, "ana", "reviewer", s->es ? "es" : "en", s->idle,
                                                       1 });
        return send_answer(sock, DESK_IS_WELCOME, &b);
    case DESK_QUEUE: return send_queue(sock, s);
    case DESK_TAKE: reset(s); return send_document(sock, s);
    case DESK_PING: return send_answer(sock, DESK_IS_PONG, &b);
    case DESK_FORMS:
        desk_forms_write(&b, &(struct desk_forms){ forms, 3 });
        return send_answer(sock, DESK_IS_FORMS, &b);
    case DESK_FINISH: return done(sock, s, DESK_END_FINISHED);
    case DESK_LEAVE: return done(sock, s, DESK_END_LEFT);
    case DESK_REJECT: return done(sock, s, DESK_END_REJECTED);
    case DESK_RETYPE:
        if (ask->flag == 0)
            return done(sock, s, DESK_END_RETYPED);
        reset(s);
        return send_document(sock, s);
    case DESK_SKIP: return done(sock, s, DESK_END_LEFT);
    case DESK_ADD_ROW: return send_document(sock, s);
    case DESK_UNDO: return undo(sock, s);
    case DESK_CROP: return send_crop(sock, s, ask);
    default: break;
    }
    if (ask->number >= ITEMS)
        return send_error(sock, RC_NOT_FOUND, "There is no such field in this document.");
    switch (ask->what) {
    case DESK_FIELD: return send_field(sock, s, ask->number);
    case DESK_ACCEPT: return decide(sock, s, ask, DESK_ACCEPTED);
    case DESK_CORRECT: return decide(sock, s, ask, DESK_CORRECTED);
    case DESK_BLANK: return decide(sock, s, ask, DESK_IS_BLANK);
    case DESK_UNREADABLE: return decide(sock, s, ask, DESK_NOT_READABLE);
    default: return send_error(sock, RC_INPUT, "?");
    }
}

static void
serve(int sock, struct state *s)
{
    struct buffer in;
    struct frame frame;
    struct desk_ask ask;

    buffer_init(&in, DESK_ASK_MAX + 64);
    while (ipc_recv(sock, DESK_ASK_MAX, -1, &in, &frame) == RC_OK) {
        struct arena *arena = arena_new(1u << 16);
        enum rc rc = desk_ask_read(frame.type, frame.body, arena, &ask);

        /* What was decided goes to standard output: the test compares it. */
        if (rc == RC_OK && ask.what >= DESK_ACCEPT && ask.what != DESK_FORMS && ask.what != DESK_PING) {
            printf("%d %u %d %s\n", (int)ask.what, (unsigned)ask.number, ask.flag, ask.text);
            fflush(stdout);
        }
        rc = rc == RC_OK ? answer(sock, s, &ask) : RC_INPUT;
        arena_free(arena);
        if (rc != RC_OK)
            break;
    }
    buffer_done(&in);
}

static bool
picture_read(const char *path, struct state *s)
{
    FILE *file = fopen(path, "rb");
    unsigned w = 0;
    unsigned h = 0;
    bool good = file != NULL && fscanf(file, "P5 %u %u 255", &w, &h) == 2 && fgetc(file) != EOF && w > 0 && h > 0 &&
                w <= DESK_SIDE_MAX && h <= DESK_SIDE_MAX && (s->pixels = malloc((size_t)w * h)) != NULL &&
                fread(s->pixels, 1, (size_t)w * h, file) == (size_t)w * h;

    s->width = w;
    s->height = h;
    if (file != NULL)
        fclose(file);
    return good;
}

int
main(int argc, char **argv)
{
    struct state s;
    int64_t idle = 120;
    int listener;

    memset(&s, 0, sizeof s);
    if (argc < 3 || !picture_read(argv[2], &s) || (argc > 3 && !text_parse_i64(argv[3], 1, 3600, &idle)) ||
        ipc_listen(argv[1], 0600, &listener) != RC_OK) {
        fputs("usage: deskdouble SOCKET PICTURE.pgm [IDLE_SECONDS]\n", stderr);
        return 2;
    }
    s.idle = (uint32_t)idle;
    reset(&s);
    for (;;) {
        int sock = accept(listener, NULL, NULL);

        if (sock < 0)
            continue;
        serve(sock, &s);
        close(sock);
    }
}
