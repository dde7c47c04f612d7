/*
 * ctl_help.c - help, the manual page's source and the shells' completion, all from the table.
 */
#include "ctl.h"

#include <ctype.h>
#include <string.h>

void
ctl_help(FILE *to)
{
    const char *group = "";

    fputs("Escriba turns scans in a hot folder into results that only the client can open.\n\n"
          "Examples:\n"
          "  escriba up                                   make and start an installation\n"
          "  escriba client add acme --name 'Acme Ltd' --key acme.key.pub\n"
          "  escriba status --follow                      watch batches move\n"
          "  escriba read invoice.pdf                     read a file at once, without a database\n"
          "  escriba balance                              account for every page\n",
          to);
    for (const struct ctl_verb *v = ctl_verbs; v->name != NULL; v++) {
        if (strcmp(group, v->group) != 0) {
            fprintf(to, "\n%s:\n", v->group);
            group = v->group;
        }
        fprintf(to, "  %-15s %s\n", v->name, v->help);
    }
    fputs("\nFor every verb:\n", to);
    for (const struct ctl_option *o = ctl_common; o->name != NULL; o++)
        fprintf(to, "  --%s%s%-*s %s\n", o->name, o->value != NULL ? " " : "",
                (int)(16 - strlen(o->name) - (o->value != NULL)), o->value != NULL ? o->value : "", o->help);
    fputs("\nExit codes: 0 done; 1 failed; 2 wrong usage; 3 done, and something waits for a person;\n"
          "4 not found; 69 database or program away; 77 not permitted; 78 wrong configuration.\n"
          "`escriba help VERB` says more.\n",
          to);
}

void
ctl_help_verb(const struct ctl_verb *verb, FILE *to)
{
    if (verb->raw != NULL && strcmp(verb->name, "read") != 0) {
        fprintf(to, "%s\n", verb->help);
        return;
    }
    fprintf(to, "escriba %s - %s\n\nExamples:\n", verb->name, verb->help);
    for (int i = 0; i < CTL_EXAMPLES_MAX && verb->examples[i] != NULL; i++)
        fprintf(to, "  %s\n", verb->examples[i]);
    fprintf(to, "\nUsage: escriba %s%s%s%s\n", verb->name, verb->options != NULL ? " [OPTION]..." : "",
            verb->args[0] != '\0' ? " " : "", verb->args);
    if (verb->options != NULL)
        fputs("\nOptions:\n", to);
    for (const struct ctl_option *o = verb->options; o != NULL && o->name != NULL; o++) {
        int width = (int)(strlen(o->name) + (o->value != NULL ? strlen(o->value) + 1 : 0));

        fprintf(to, "  --%s%s%s%*s %s\n", o->name, o->value != NULL ? " " : "", o->value != NULL ? o->value : "",
                width < 26 ? 26 - width : 1, "", o->help);
    }
    fputs("\nand those of every verb: --home DIR, --json, --lang en|es, --quiet, --no-color.\n", to);
}

/* scdoc takes _ * and \ for itself. */
static void
scdoc_text(const char *text)
{
    for (; *text != '\0'; text++) {
        if (strchr("_*\\#~`[]<>", *text) != NULL)
            putchar('\\');
        putchar(*text);
    }
}

static void
scdoc_options(const struct ctl_option *options)
{
    for (const struct ctl_option *o = options; o != NULL && o->name != NULL; o++) {
        printf("*--%s*", o->name);
        if (o->value != NULL) {
            putchar(' ');
            scdoc_text(o->value);
        }
        fputs("\n\t", stdout);
        scdoc_text(o->help);
        fputs("\n\n", stdout);
    }
}

static void
scdoc_page(void)
{
    const char *group = "";

    puts("escriba(1)\n\n# NAME\n\nescriba - the operator's command of Escriba\n\n# SYNOPSIS\n\n"
         "*escriba* [*--home* DIR] VERB [OPTION]... [ARGUMENT]...\n\n# DESCRIPTION\n\n"
         "Escriba turns scanned documents that arrive in a client's hot folder into results that only "
         "that client can open.  This command makes and starts an installation, shows what it does, and "
         "proves that every page is accounted for.\n\n# OPTIONS OF EVERY VERB\n");
    scdoc_options(ctl_common);
    for (const struct ctl_verb *v = ctl_verbs; v->name != NULL; v++) {
        if (strcmp(group, v->group) != 0) {
            fputs("# ", stdout);
            for (const char *c = v->group; *c != '\0'; c++)
                putchar(toupper((unsigned char)*c));
            fputs("\n\n", stdout);
            group = v->group;
        }
        printf("## escriba %s", v->name);
        if (v->args[0] != '\0') {
            putchar(' ');
            scdoc_text(v->args);
        }
        fputs("\n\n", stdout);
        putchar(toupper((unsigned char)v->help[0]));
        scdoc_text(v->help + 1);
        fputs(v->help[strlen(v->help) - 1] == '?' ? "\n\n" : ".\n\n", stdout);
        scdoc_options(v->options);
        fputs("```\n", stdout);
        for (int i = 0; i < CTL_EXAMPLES_MAX && v->examples[i] != NULL; i++)
            printf("%s\n", v->examples[i]);
        fputs("```\n\n", stdout);
    }
    puts("# EXIT CODES\n\n0 done; 1 failed; 2 wrong usage; 3 done, and something waits for a person; "
         "4 not found; 69 the database or a program is away; 77 not permitted; 78 wrong configuration. "
         "Any other code is a failure.\n\n# ENVIRONMENT\n\n*ESCRIBA\\_HOME*\n\tThe installation, where "
         "*--home* does not name it.\n\n*ESCRIBA\\_FORMS*\n\tThe document types for *read*, and those that *up* "
         "brings into an installation, where they do not lie beside the program.\n\n*NO\\_COLOR*\n\tNo colour.\n\n"
         "# SEE ALSO\n\n*escriba-client*(1), *escriba-review*(1), *escribad*(8)");
}

int
ctl_help_run(struct ctl *ctl)
{
    int words = 0;
    const struct ctl_verb *verb;

    if (ctl_value(ctl, "scdoc") != NULL) {
        scdoc_page();
        return CTL_OK;
    }
    if (ctl->argc == 0) {
        ctl_help(stdout);
        return CTL_OK;
    }
    if ((verb = ctl_find(ctl->argc, ctl->argv, &words)) == NULL || words != ctl->argc)
        return ctl_usage(NULL, "there is no verb `%s`", ctl->argv[ctl->argc - 1]);
    ctl_help_verb(verb, stdout);
    return CTL_OK;
}

/* ---- completion ------------------------------------------------------------------ */

static bool
group_seen(const struct ctl_verb *verb)
{
    size_t n = strcspn(verb->name, " ");

    for (const struct ctl_verb *v = ctl_verbs; v != verb; v++)
        if (strncmp(v->name, verb->name, n) == 0 && (v->name[n] == ' ' || v->name[n] == '\0'))
            return true;
    return false;
}

static void
print_words(const char *choices)
{
    for (const char *p = choices; *p != '\0'; p++)
        putchar(*p == '|' ? ' ' : *p);
}

/* What to offer for a value: a line of bash that fills COMPREPLY. */
static void
bash_word(enum ctl_word word, const char *choices)
{
    switch (word) {
    case WORD_FILE: fputs("COMPREPLY=($(compgen -f -- \"$cur\"))", stdout); break;
    case WORD_DIR: fputs("COMPREPLY=($(compgen -d -- \"$cur\"))", stdout); break;
    case WORD_CLIENT:
        fputs("COMPREPLY=($(compgen -W \"$(escriba client list --quiet --json 2>/dev/null |"
              " sed -n 's/.*\"code\": *\"\\([^\"]*\\)\".*/\\1/p')\" -- \"$cur\"))",
              stdout);
        break;
    case WORD_CHOICE:
        fputs("COMPREPLY=($(compgen -W '", stdout);
        print_words(choices);
        fputs("' -- \"$cur\"))", stdout);
        break;
    default: fputs("COMPREPLY=()", stdout);
    }
}

static void
bash_options(const char *verb, const struct ctl_option *options)
{
    for (const struct ctl_option *o = options; o != NULL && o->name != NULL; o++)
        if (o->value != NULL) {
            printf("        '%s:--%s') ", verb, o->name);
            bash_word(o->word, o->value);
            puts("; return ;;");
        }
}

static void
bash_page(void)
{
    puts("# bash completion for escriba; printed by `escriba completion bash`\n"
         "_escriba()\n{\n"
         "    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]} verb= i w\n"
         "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
         "        w=${COMP_WORDS[i]}\n"
         "        case $w in --home|--lang) ((i++)); continue ;; -*) continue ;; esac\n"
         "        if [ -z \"$verb\" ]; then verb=$w; else\n"
         "            case \"$verb $w\" in");
    fputs("                ", stdout);
    bool first = true;
    for (const struct ctl_verb *v = ctl_verbs; v->name != NULL; v++)
        if (strchr(v->name, ' ') != NULL) {
            printf("%s'%s'", first ? "" : "|", v->name);
            first = false;
        }
    puts(") verb=\"$verb $w\" ;; esac\n            break\n        fi\n    done\n"
         "    case $prev in");
    puts("        --home) COMPREPLY=($(compgen -d -- \"$cur\")); return ;;\n"
         "        --lang) COMPREPLY=($(compgen -W 'en es' -- \"$cur\")); return ;;\n    esac\n"
         "    case \"$verb:$prev\" in");
    for (const struct ctl_verb *v = ctl_verbs; v->name != NULL; v++)
        bash_options(v->name, v->options);
    puts("    esac\n    case $cur in -*)\n        case $verb in");
    for (const struct ctl_verb *v = ctl_verbs; v->name != NULL; v++) {
        printf("        '%s') w='", v->name);
        for (const struct ctl_option *o = v->options; o != NULL && o->name != NULL; o++)
            printf("--%s ", o->name);
        puts("' ;;");
    }
    fputs("        *) w= ;; esac\n        COMPREPLY=($(compgen -W \"$w", stdout);
    for (const struct ctl_option *o = ctl_common; o->name != NULL; o++)
        printf(" --%s", o->name);
    puts("\" -- \"$cur\")); return ;;\n    esac\n    case $verb in");
    fputs("        '') COMPREPLY=($(compgen -W '", stdout);
    for (const struct ctl_verb *v = ctl_verbs; v->name != NULL; v++)
        if (!group_seen(v))
            printf("%.*s ", (int)strcspn(v->name, " "), v->name);
    puts("' -- \"$cur\")) ;;");
    for (const struct ctl_verb *v = ctl_verbs; v->name != NULL; v++) {
        size_t n = strcspn(v->name, " ");

        if (strchr(v->name, ' ') != NULL && !group_seen(v)) { /* a group without a verb of its own name */
            printf("        '%.*s') COMPREPLY=($(compgen -W '", (int)n, v->name);
            for (const struct ctl_verb *u = v; u->name != NULL; u++)
                if (strncmp(u->name, v->name, n + 1) == 0)
                    printf("%s ", u->name + n + 1);
            puts("' -- \"$cur\")) ;;");
        }
        if (v->most != 0) {
            printf("        '%s') ", v->name);
            bash_word(v->word, v->args);
            puts(" ;;");
        }
    }
    puts("    esac\n}\ncomplete -F _escriba escriba");
}

static void
zsh_quoted(const char *text)
{
    for (; *text != '\0'; text++) {
        if (*text == '\'')
            fputs("'\\''", stdout);
        else {
            if (strchr("[]:", *text) != NULL)
                putchar('\\');
            putchar(*text);
        }
    }
}

static void
zsh_word(enum ctl_word word, const char *choices)
{
    switch (word) {
    case WORD_FILE: fputs("_files", stdout); break;
    case WORD_DIR: fputs("_files -/", stdout); break;
    case WORD_CHOICE:
        putchar('(');
        print_words(choices);
        putchar(')');
        break;
    case WORD_CLIENT: fputs("_escriba_clients", stdout); break;
    default: putchar(' ');
    }
}

static void
zsh_options(const struct ctl_option *options)
{
    for (const struct ctl_option *o = options; o != NULL && o->name != NULL; o++) {
        printf(" \\\n            '--%s[", o->name);
        zsh_quoted(o->help);
        putchar(']');
        if (o->value != NULL) {
            printf(":%s:", o->name);
            zsh_word(o->word, o->value);
        }
        putchar('\'');
    }
}

static void
zsh_page(void)
{
    puts("#compdef escriba\n# zsh completion for escriba; printed by `escriba completion zsh`\n"
         "_escriba_clients() {\n    local -a codes\n"
         "    codes=(${(f)\"$(escriba client list --quiet --json 2>/dev/null |"
         " sed -n 's/.*\"code\": *\"\\([^\"]*\\)\".*/\\1/p')\"})\n    compadd -a codes\n}\n"
         "_escriba() {\n    local verb=\"${words[2]}\"\n    local -a verbs two\n    verbs=(");
    for (const struct ctl_verb *v = ctl_verbs; v->name != NULL; v++)
        if (!group_seen(v)) {
            printf("        '%.*s:", (int)strcspn(v->name, " "), v->name);
            zsh_quoted(v->help);
            puts("'");
        }
    puts("    )\n    if (( CURRENT == 2 )); then _describe verb verbs; return; fi\n    case \"$verb\" in");
    for (const struct ctl_verb *v = ctl_verbs; v->name != NULL; v++) {
        size_t n = strcspn(v->name, " ");
        bool any = false;

        if (group_seen(v))
            continue;
        for (const struct ctl_verb *u = v; u->name != NULL; u++)
            any = any || (strncmp(u->name, v->name, n) == 0 && u->name[n] == ' ');
        if (!any)
            continue;
        printf("    %.*s)\n        two=(", (int)n, v->name);
        for (const struct ctl_verb *u = v; u->name != NULL; u++)
            if (strncmp(u->name, v->name, n) == 0 && u->name[n] == ' ') {
                printf("'%s:", u->name + n + 1);
                zsh_quoted(u->help);
                fputs("' ", stdout);
            }
        puts(")\n        if (( CURRENT == 3 )); then _describe verb two; fi\n"
             "        (( CURRENT > 3 )) && verb=\"$verb ${words[3]}\" ;;");
    }
    puts("    esac\n    case \"$verb\" in");
    for (const struct ctl_verb *v = ctl_verbs; v->name != NULL; v++) {
        printf("    '%s')\n        _arguments", v->name);
        zsh_options(v->options);
        zsh_options(ctl_common);
        if (v->most != 0) {
            fputs(" \\\n            '*: :", stdout);
            zsh_word(v->word, v->args);
            putchar('\'');
        }
        puts(" ;;");
    }
    puts("    esac\n}\n_escriba \"$@\"");
}

int
ctl_completion_run(struct ctl *ctl)
{
    if (strcmp(ctl->argv[0], "bash") == 0)
        bash_page();
    else if (strcmp(ctl->argv[0], "zsh") == 0)
        zsh_page();
    else
        return ctl_usage(ctl, "`%s` is not bash or zsh", ctl->argv[0]);
    return CTL_OK;
}
