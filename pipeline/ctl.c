/*
 * ctl.c - escriba: find the verb, parse its arguments by its row, run it.
 *
 * Connects as the operator's role, which may call the functions of schema ops and touch no
 * table.  Holds no keys; asks keyd.
 */
#include "ctl.h"

#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "base/text.h"

#define WORDS_MAX 2
#define ARENA_LIMIT (64u << 20)

/* Is "name" the first of argv's words?  Sets how many words it has. */
static bool
verb_matches(const char *name, int argc, char **argv, int *words)
{
    const char *second = strchr(name, ' ');
    size_t first = second != NULL ? (size_t)(second - name) : strlen(name);

    if (argc < 1 || strlen(argv[0]) != first || strncmp(argv[0], name, first) != 0)
        return false;
    *words = 1;
    if (second == NULL)
        return true;
    *words = 2;
    return argc >= 2 && strcmp(argv[1], second + 1) == 0;
}

const struct ctl_verb *
ctl_find(int argc, char **argv, int *words)
{
    const struct ctl_verb *best = NULL;
    int best_words = 0;

    for (const struct ctl_verb *v = ctl_verbs; v->name != NULL; v++) {
        int n = 0;

        if (verb_matches(v->name, argc, argv, &n) && n > best_words) {
            best = v;
            best_words = n;
        }
    }
    *words = best_words;
    return best;
}

const char *
ctl_value(const struct ctl *ctl, const char *option)
{
    for (int i = 0; ctl->verb->options != NULL && ctl->verb->options[i].name != NULL; i++)
        if (strcmp(ctl->verb->options[i].name, option) == 0)
            return ctl->value[i];
    return NULL;
}

int
ctl_usage(const struct ctl *ctl, const char *what, ...)
{
    va_list list;

    fputs("escriba: ", stderr);
    va_start(list, what);
    vfprintf(stderr, what, list);
    va_end(list);
    if (ctl != NULL && ctl->verb != NULL)
        fprintf(stderr, "\n  do: escriba help %s\n", ctl->verb->name);
    else
        fputs("\n  do: escriba --help\n", stderr);
    return CTL_USAGE;
}

bool
ctl_number(const struct ctl *ctl, const char *option, int64_t min, int64_t max, int64_t fallback, int64_t *out)
{
    const char *text = ctl_value(ctl, option);

    *out = fallback;
    if (text == NULL || text_parse_i64(text, min, max, out))
        return true;
    ctl_usage(ctl, "--%s takes a whole number from %lld to %lld", option, (long long)min, (long long)max);
    return false;
}

/* Words before the first option or argument that is not part of a verb: for "did you mean". */
static int
unknown_verb(int argc, char **argv)
{
    bool group = false;

    for (const struct ctl_verb *v = ctl_verbs; v->name != NULL; v++) {
        size_t n = strlen(argv[0]);

        if (strncmp(v->name, argv[0], n) == 0 && v->name[n] == ' ') {
            if (!group)
                fprintf(stderr, "escriba: `%s` needs to know what to do:\n", argv[0]);
            group = true;
            fprintf(stderr, "  escriba %-18s %s\n", v->name, v->help);
        }
    }
    if (group)
        return CTL_USAGE;
    fprintf(stderr, "escriba: there is no verb `%s`\n", argv[0]);
    for (const struct ctl_verb *v = ctl_verbs; v->name != NULL; v++)
        if (argc > 0 && argv[0][0] != '\0' && (strncmp(v->name, argv[0], 2) == 0 || strstr(v->name, argv[0]) != NULL))
            fprintf(stderr, "  perhaps: escriba %s\n", v->name);
    fputs("  do: escriba --help\n", stderr);
    return CTL_USAGE;
}

/* Where the value of the option called name (without dashes, up to '=') belongs. */
static const struct ctl_option *
find_option(const struct ctl_option *list, const char *name, size_t size, int *index)
{
    for (int i = 0; list != NULL && list[i].name != NULL; i++)
        if (strlen(list[i].name) == size && strncmp(list[i].name, name, size) == 0) {
            *index = i;
            return &list[i];
        }
    return NULL;
}

/* Is word one of "a|b|c"? */
static bool
choice_has(const char *choices, const char *word)
{
    size_t n = strlen(word);

    for (const char *p = choices; *p != '\0';) {
        size_t m = strcspn(p, "|");

        if (m == n && strncmp(p, word, n) == 0)
            return true;
        p += m;
        p += *p == '|';
    }
    return false;
}

struct asked {
    bool help, version, no_color;
    const char *lang;
};

static void
take_common(struct ctl *ctl, struct asked *asked, int index, const char *value)
{
    switch (index) {
    case 0: ctl->home = value; break;
    case 1: ctl->json = true; break;
    case 2: asked->lang = value; break;
    case 3: ctl->quiet = true; break;
    case 4: asked->no_color = true; break;
    case 5: asked->help = true; break;
    case 6: asked->version = true; break;
    default: break;
    }
}

/* One word that begins with a dash; *used says whether the next word was its value. CTL_OK or CTL_USAGE. */
static int
take_option(struct ctl *ctl, struct asked *asked, const char *word, const char *next, bool *used)
{
    const char *name = word + 2, *equals, *value = "";
    const struct ctl_option *own = NULL, *common = NULL;
    int index = 0;

    *used = false;
    if (strcmp(word, "-h") == 0)
        name = "help";
    else if (strncmp(word, "--", 2) != 0)
        return ctl_usage(ctl, "there is no option `%s`", word);
    equals = strchr(name, '=');
    size_t size = equals != NULL ? (size_t)(equals - name) : strlen(name);

    if (ctl->verb != NULL)
        own = find_option(ctl->verb->options, name, size, &index);
    if (own == NULL)
        common = find_option(ctl_common, name, size, &index);
    const struct ctl_option *option = own != NULL ? own : common;
    if (option == NULL)
        return ctl_usage(ctl, "there is no option `%s`%s%s", word, ctl->verb != NULL ? " of " : " before a verb",
                         ctl->verb != NULL ? ctl->verb->name : "");
    if (option->value == NULL && equals != NULL)
        return ctl_usage(ctl, "--%s takes no value", option->name);
    if (option->value != NULL) {
        value = equals != NULL ? equals + 1 : next;
        if (value == NULL)
            return ctl_usage(ctl, "--%s needs a value: %s", option->name, option->value);
        *used = equals == NULL;
        if (option->word == WORD_CHOICE && !choice_has(option->value, value))
            return ctl_usage(ctl, "--%s is one of %s", option->name, option->value);
    }
    if (own != NULL)
        ctl->value[index] = value;
    else
        take_common(ctl, asked, index, value);
    return CTL_OK;
}

/* Options and arguments may be mixed; after "--" all are arguments.  argv is compacted to the arguments. */
static int
parse(struct ctl *ctl, struct asked *asked, int argc, char **argv)
{
    bool only_args = false;
    int kept = 0;

    for (int i = 0; i < argc; i++) {
        if (!only_args && strcmp(argv[i], "--") == 0) {
            only_args = true;
        } else if (!only_args && argv[i][0] == '-' && argv[i][1] != '\0') {
            bool used;
            int code = take_option(ctl, asked, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &used);

            if (code != CTL_OK)
                return code;
            i += used;
        } else {
            argv[kept++] = argv[i];
        }
    }
    ctl->argc = kept;
    ctl->argv = argv;
    return CTL_OK;
}

static void
choose_manners(struct ctl *ctl, const struct asked *asked)
{
    const char *lang = asked->lang;
    const char *term = getenv("TERM"), *no_color = getenv("NO_COLOR");

    for (int i = 0; lang == NULL && i < 3; i++) {
        static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };
        const char *v = getenv(names[i]);

        if (v != NULL && v[0] != '\0')
            lang = v;
    }
    ctl->lang = lang != NULL && strncmp(lang, "es", 2) == 0 ? LANG_ES : LANG_EN;
    ctl->terminal = isatty(STDOUT_FILENO);
    ctl->progress = isatty(STDERR_FILENO) && !ctl->quiet && !ctl->json && term != NULL && strcmp(term, "dumb") != 0;
    ctl->color = ctl->terminal && !ctl->json && !asked->no_color && (no_color == NULL || no_color[0] == '\0') &&
                 term != NULL && strcmp(term, "dumb") != 0;
}

/* The options that may stand before the verb: `escriba --home X status`. */
static int
parse_before(struct ctl *ctl, struct asked *asked, int argc, char **argv, int *at)
{
    int i = 1;

    while (i < argc && argv[i][0] == '-' && argv[i][1] != '\0') {
        bool used;
        int code = take_option(ctl, asked, argv[i], i + 1 < argc ? argv[i + 1] : NULL, &used);

        if (code != CTL_OK)
            return code;
        i += 1 + used;
    }
    *at = i;
    return CTL_OK;
}

static int
run_verb(struct ctl *ctl, struct asked *asked, int argc, char **argv)
{
    int words = 0, code;

    if ((ctl->verb = ctl_find(argc, argv, &words)) == NULL)
        return unknown_verb(argc, argv);
    if (ctl->verb->raw != NULL) {
        choose_manners(ctl, asked);
        return ctl->verb->raw(ctl, argc - words + 1, argv + words - 1);
    }
    if ((code = parse(ctl, asked, argc - words, argv + words)) != CTL_OK)
        return code;
    if (asked->help) {
        ctl_help_verb(ctl->verb, stdout);
        return CTL_OK;
    }
    choose_manners(ctl, asked);
    if (ctl->argc < ctl->verb->least)
        return ctl_usage(ctl, "`%s` needs %s", ctl->verb->name, ctl->verb->args);
    if (ctl->verb->most >= 0 && ctl->argc > ctl->verb->most)
        return ctl_usage(ctl, "`%s` does not take `%s`", ctl->verb->name, ctl->argv[ctl->verb->most]);
    return ctl->verb->run(ctl);
}

int
main(int argc, char **argv)
{
    struct ctl ctl = { 0 };
    struct asked asked = { 0 };
    int at = 1, code;

    log_open("escriba", LOG_WARN);
    /* Our reader may be `head`: then we end quietly, by the error of the write. */
    signal(SIGPIPE, SIG_IGN);
    if ((code = parse_before(&ctl, &asked, argc, argv, &at)) != CTL_OK)
        return code;
    if (asked.version) {
        puts("escriba " ESCRIBA_VERSION);
        return CTL_OK;
    }
    if (at >= argc) {
        ctl_help(asked.help ? stdout : stderr);
        return asked.help ? CTL_OK : CTL_USAGE;
    }
    if (asked.help) { /* escriba --help client add */
        int words = 0;
        const struct ctl_verb *v = ctl_find(argc - at, argv + at, &words);

        if (v == NULL)
            return unknown_verb(argc - at, argv + at);
        ctl_help_verb(v, stdout);
        return CTL_OK;
    }
    if ((ctl.arena = arena_new(ARENA_LIMIT)) == NULL)
        return CTL_FAILED;
    code = run_verb(&ctl, &asked, argc - at, argv + at);
    db_close(ctl.db);
    arena_free(ctl.arena);
    if (fflush(stdout) != 0 && code == CTL_OK)
        code = CTL_FAILED;
    return code;
}
