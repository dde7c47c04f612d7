/*
 * log.c - events made of codes and counts; cannot print text.
 *
 * One write(2) a line, so lines of several processes do not mix.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/id.h"

static struct {
    const char *program;
    enum log_level least;
    bool json;
    bool journal;
} config = { "escriba", LOG_INFO, false, false };

struct line {
    char text[1024];
    size_t size;
};

static void
put(struct line *line, const char *format, ...) PRINTF_LIKE(2, 3);

static void
put(struct line *line, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(line->text + line->size, sizeof line->text - line->size, format, args);
    va_end(args);
    if (n > 0)
        line->size += (size_t)n;
    if (line->size > sizeof line->text - 2)
        line->size = sizeof line->text - 2;
}

void
log_open(const char *program, enum log_level least)
{
    config.program = program;
    config.least = least;
    config.json = isatty(STDERR_FILENO) == 0;
    config.journal = getenv("JOURNAL_STREAM") != NULL;
}

static void
put_item(struct line *line, const struct log_item *item)
{
    static const struct id nothing;
    const char *quote = config.json ? "\"" : "";
    char id[ID_TEXT];
    struct id raw = nothing;

    put(line, config.json ? ",\"%s\":" : " %s=", item->key);
    switch (item->kind) {
    case LOG_KIND_INT:
        put(line, "%lld", (long long)item->number);
        break;
    case LOG_KIND_ID:
        if (item->id != NULL)
            memcpy(raw.b, item->id, ID_SIZE);
        id_text(&raw, id);
        put(line, "%s%s%s", quote, id, quote);
        break;
    case LOG_KIND_WORD:
        put(line, "%s%s%s", quote, item->word, quote);
        break;
    case LOG_END:
        break;
    }
}

void
log_write(enum log_level level, const char *event, const struct log_item *items)
{
    struct line line = { .size = 0 };
    long long ms = (long long)clock_wall_ms();

    if (level > config.least)
        return;
    if (config.journal)
        put(&line, "<%d>", (int)level);
    if (config.json)
        put(&line, "{\"ms\":%lld,\"program\":\"%s\",\"level\":%d,\"event\":\"%s\"", ms, config.program,
            (int)level, event);
    else
        put(&line, "%s: %s", config.program, event);
    for (; items->kind != LOG_END; items++)
        put_item(&line, items);
    if (config.json)
        put(&line, "}");
    line.text[line.size++] = '\n';
    if (write(STDERR_FILENO, line.text, line.size) < 0)
        return; /* there is nowhere to say so */
}
