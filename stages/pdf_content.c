/*
 * pdf_content.c - the operators of a content stream (ISO 32000-1, annex A), looked at only.
 *
 * Text in rendering mode 3 is the invisible layer that OCR programs put over a scan: it is
 * not seen and, pixels being what decides, not read.
 */
#include "pdf_content.h"

#include <stdlib.h>
#include <string.h>

#define OPERANDS 8
#define DEPTH_MAX 64 /* of q */

struct state {
    double m[6];
    int text_mode;
};

struct scan {
    const uint8_t *at, *end;
    struct state now, saved[DEPTH_MAX];
    int depth;
    double number[OPERANDS];
    int numbers;
    char name[PDF_NAME_MAX + 1]; /* the last name operand */
    int images;
    bool other; /* something visible that is not that image */
    struct pdf_content *out;
};

static bool
is_white(uint8_t c)
{
    return c == 0 || c == '\t' || c == '\n' || c == '\f' || c == '\r' || c == ' ';
}

static bool
is_delimiter(uint8_t c)
{
    return c == '(' || c == ')' || c == '<' || c == '>' || c == '[' || c == ']' || c == '{' ||
           c == '}' || c == '/' || c == '%';
}

static void
skip_string(struct scan *s)
{
    int open = 1;

    for (s->at++; s->at < s->end && open > 0; s->at++) {
        if (*s->at == '\\')
            s->at += s->end - s->at > 1;
        else if (*s->at == '(')
            open++;
        else if (*s->at == ')')
            open--;
    }
}

/* Hexadecimal strings and dictionaries are operands that do not matter here. */
static void
skip_angle(struct scan *s)
{
    if (s->end - s->at > 1 && s->at[1] == '<') {
        s->at += 2;
        return;
    }
    while (s->at < s->end && *s->at != '>')
        s->at++;
    s->at += s->at < s->end;
}

static void
take_name(struct scan *s)
{
    size_t n = 0;

    for (s->at++; s->at < s->end && !is_white(*s->at) && !is_delimiter(*s->at); s->at++)
        if (n < PDF_NAME_MAX)
            s->name[n++] = (char)*s->at;
    s->name[n] = 0;
}

/* BI ... ID bytes EI: an inline image is something visible; its bytes are not operators. */
static void
skip_inline_image(struct scan *s)
{
    const uint8_t *at;

    s->other = true;
    while ((at = memmem(s->at, (size_t)(s->end - s->at), "EI", 2)) != NULL) {
        s->at = at + 2;
        if (is_white(at[-1]) && (s->at == s->end || is_white(*s->at)))
            return;
    }
    s->at = s->end;
}

static void
concat(struct state *t, const double *n)
{
    const double *o = t->m;
    double r[6] = { n[0] * o[0] + n[1] * o[2],        n[0] * o[1] + n[1] * o[3],
                    n[2] * o[0] + n[3] * o[2],        n[2] * o[1] + n[3] * o[3],
                    n[4] * o[0] + n[5] * o[2] + o[4], n[4] * o[1] + n[5] * o[3] + o[5] };

    memcpy(t->m, r, sizeof r);
}

enum effect { NOTHING, SAVE, RESTORE, MATRIX, SHOW_OBJECT, MODE, TEXT, DRAWS, BEGIN_IMAGE };

static const struct {
    const char *word;
    enum effect effect;
} operators[] = {
    { "q", SAVE }, { "Q", RESTORE }, { "cm", MATRIX }, { "Do", SHOW_OBJECT }, { "Tr", MODE },
    { "Tj", TEXT }, { "TJ", TEXT }, { "'", TEXT }, { "\"", TEXT }, { "BI", BEGIN_IMAGE },
    { "S", DRAWS }, { "s", DRAWS }, { "f", DRAWS }, { "F", DRAWS }, { "f*", DRAWS }, { "B", DRAWS },
    { "B*", DRAWS }, { "b", DRAWS }, { "b*", DRAWS }, { "sh", DRAWS },
};

static enum effect
effect_of(const uint8_t *word, size_t size)
{
    for (size_t i = 0; i < COUNT_OF(operators); i++)
        if (strlen(operators[i].word) == size && memcmp(operators[i].word, word, size) == 0)
            return operators[i].effect;
    return NOTHING;
}

static void
show_object(struct scan *s)
{
    if (s->images++ > 0)
        s->other = true;
    memcpy(s->out->matrix, s->now.m, sizeof s->out->matrix);
    memcpy(s->out->image, s->name, sizeof s->out->image);
}

static void
act(struct scan *s, enum effect effect)
{
    switch (effect) {
    case SAVE:
        if (s->depth < DEPTH_MAX)
            s->saved[s->depth] = s->now;
        s->depth++;
        break;
    case RESTORE:
        if (s->depth > 0 && --s->depth < DEPTH_MAX)
            s->now = s->saved[s->depth];
        break;
    case MATRIX:
        if (s->numbers >= 6)
            concat(&s->now, s->number + (s->numbers <= OPERANDS ? s->numbers : OPERANDS) - 6);
        break;
    case SHOW_OBJECT: show_object(s); break;
    case MODE:
        s->now.text_mode =
            s->numbers > 0 && s->numbers <= OPERANDS ? (int)s->number[s->numbers - 1] : 0;
        break;
    case TEXT: s->other = s->other || s->now.text_mode != 3; break;
    case DRAWS: s->other = true; break;
    case BEGIN_IMAGE: skip_inline_image(s); break;
    case NOTHING: break;
    }
}

/* A number, or an operator, which ends its operands. */
static void
take_word(struct scan *s)
{
    const uint8_t *from = s->at;
    char text[32];
    size_t size;
    char *end;

    while (s->at < s->end && !is_white(*s->at) && !is_delimiter(*s->at))
        s->at++;
    size = (size_t)(s->at - from);
    if (size < sizeof text) {
        double n;

        memcpy(text, from, size);
        text[size] = 0;
        n = strtod(text, &end);
        if (*end == 0 && strpbrk(text, "xXnNpPeE") == NULL) {
            if (s->numbers < OPERANDS)
                s->number[s->numbers++] = n;
            return;
        }
    }
    act(s, effect_of(from, size));
    s->numbers = 0;
}

void
pdf_content_scan(struct bytes content, struct pdf_content *out)
{
    struct scan s = { .at = content.data, .end = content.data + content.size, .out = out };

    memset(out, 0, sizeof *out);
    s.now.m[0] = s.now.m[3] = 1;
    while (s.at < s.end) {
        uint8_t c = *s.at;

        if (is_white(c) || c == ')' || c == ']' || c == '[' || c == '{' || c == '}' || c == '>')
            s.at++;
        else if (c == '%')
            while (s.at < s.end && *s.at != '\n' && *s.at != '\r')
                s.at++;
        else if (c == '(')
            skip_string(&s);
        else if (c == '<')
            skip_angle(&s);
        else if (c == '/')
            take_name(&s);
        else
            take_word(&s);
    }
    out->marks = s.other || s.images > 0;
    out->one_image = s.images == 1 && !s.other;
}
