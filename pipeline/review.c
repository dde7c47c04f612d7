/*
 * review.c - escriba-review, the terminal station of a person who corrects.
 *
 * It holds no key and no database: all it knows came from escriba-desk, one picture and one
 * value at a time, and is wiped from memory and screen when it is left, locked or killed.
 */
#include "review.h"

#include <errno.h>
#include <getopt.h>
#include <langinfo.h>
#include <locale.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/clock.h"
#include "screen.h"

#define PING_MS 20000

static volatile sig_atomic_t stop;

static void
on_signal(int number)
{
    (void)number;
    stop = 1;
}

static void
usage(FILE *to)
{
    fputs("Usage: escriba-review [--home DIR | --socket PATH] [--language en|es] [--once]\n"
          "\n"
          "Look at what the machine is not sure of: one field, its picture and its value at a time.\n"
          "\n"
          "Examples:\n"
          "  escriba-review                          # the installation of this machine\n"
          "  escriba-review --home /srv/escriba      # another one\n"
          "  escriba-review --language es --once     # in Spanish, one document, then end\n"
          "\n"
          "Options:\n"
          "  --home DIR       the installation; default $ESCRIBA_HOME, /var/lib/escriba as root,\n"
          "                   else ~/.local/share/escriba\n"
          "  --socket PATH    the desk's socket; default DIR/run/desk.sock\n"
          "  --language L     en or es; default: the person's language, else the locale's\n"
          "  --once           take one document and end when it is done\n"
          "  -h, --help       this text;  --version  the version\n"
          "\n"
          "Keys: Enter accepts and goes to the next field; F1 shows all; F10 leaves.\n"
          "Exit: 0 left, 2 usage, 69 no desk, 77 not allowed, 78 no usable terminal.\n",
          to);
}

struct options {
    char socket[1200];
    const char *language;
    bool once;
};

static bool
locale_is_spanish(void)
{
    static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        const char *value = getenv(names[i]);

        if (value != NULL && value[0] != '\0')
            return strncmp(value, "es", 2) == 0;
    }
    return false;
}

/* Where the installation is, by the same rule as include/sys/instance.h. */
static void
default_socket(const char *home, char *out, size_t room)
{
    const char *env = getenv("ESCRIBA_HOME");
    const char *xdg = getenv("XDG_DATA_HOME");
    const char *user = getenv("HOME");

    if (home == NULL && env != NULL && env[0] != '\0')
        home = env;
    if (home != NULL)
        snprintf(out, room, "%s/run/desk.sock", home);
    else if (geteuid() == 0)
        snprintf(out, room, "/var/lib/escriba/run/desk.sock");
    else if (xdg != NULL && xdg[0] == '/')
        snprintf(out, room, "%s/escriba/run/desk.sock", xdg);
    else
        snprintf(out, room, "%s/.local/share/escriba/run/desk.sock", user == NULL ? "" : user);
    /* A person who has no installation of their own works at the machine's. */
    if (home == NULL && access(out, F_OK) != 0)
        snprintf(out, room, "/var/lib/escriba/run/desk.sock");
}

/* -1: go on; else the exit code. */
static int
parse(int argc, char **argv, struct options *o)
{
    static const struct option longs[] = {
        { "home", required_argument, NULL, 'H' },   { "socket", required_argument, NULL, 's' },
        { "language", required_argument, NULL, 'l' }, { "once", no_argument, NULL, '1' },
        { "help", no_argument, NULL, 'h' },         { "version", no_argument, NULL, 'V' },
        { NULL, 0, NULL, 0 },
    };
    const char *home = NULL;
    const char *path = NULL;
    int c;

    memset(o, 0, sizeof *o);
    while ((c = getopt_long(argc, argv, "h", longs, NULL)) != -1) {
        switch (c) {
        case 'H': home = optarg; break;
        case 's': path = optarg; break;
        case 'l': o->language = optarg; break;
        case '1': o->once = true; break;
        case 'h': usage(stdout); return 0;
        case 'V': puts("escriba-review " ESCRIBA_VERSION); return 0;
        default: fputs("Try: escriba-review --help\n", stderr); return 2;
        }
    }
    if (optind < argc || (o->language != NULL && strcmp(o->language, "en") != 0 && strcmp(o->language, "es") != 0)) {
        fputs(optind < argc ? "escriba-review: there are no arguments without a name\n"
                            : "escriba-review: --language is en or es\n", stderr);
        fputs("Try: escriba-review --help\n", stderr);
        return 2;
    }
    if (path != NULL)
        snprintf(o->socket, sizeof o->socket, "%s", path);
    else
        default_socket(home, o->socket, sizeof o->socket);
    return -1;
}

static int
complain(const char *what, const char *where, const char *cure, int code)
{
    fprintf(stderr, "escriba-review: %s\n", what);
    if (where[0] != '\0')
        fprintf(stderr, "  where: %s\n", where);
    fprintf(stderr, "  do: %s\n", cure);
    return code;
}

/* Who we are, to the desk; also the check after a locked screen. */
static enum rc
hello(struct station *st, const char *language)
{
    struct desk_ask ask = { .what = DESK_HELLO, .number = DESK_VERSION, .text = language };
    struct desk_answer answer;
    struct arena *arena = arena_new(1u << 16);
    enum rc rc;

    if (arena == NULL)
        return RC_NOMEM;
    rc = link_ask(st->link, &ask, DESK_IS_WELCOME, arena, &answer);
    if (rc == RC_OK) {
        const struct desk_welcome *w = &answer.u.welcome;

        snprintf(st->person, sizeof st->person, "%.60s", w->name);
        st->waiting = w->waiting;
        st->idle_seconds = w->idle_seconds < 5 || w->idle_seconds > 3600 ? 120 : w->idle_seconds;
        if (!st->spanish_forced && w->language[0] != '\0')
            st->spanish = strncmp(w->language, "es", 2) == 0;
    }
    arena_free(arena);
    return rc;
}

static void
ping(struct station *st)
{
    struct desk_ask ask = { .what = DESK_PING };
    struct desk_answer answer;
    struct arena *arena = arena_new(1u << 16);

    if (arena == NULL)
        return;
    (void)!station_ask(st, &ask, DESK_IS_PONG, arena, &answer);
    arena_free(arena);
}

/* Nothing of a document on the screen until a person is there again and still allowed. */
static void
lock(struct station *st)
{
    bool touched = false;

    screen_wipe();
    while (!stop) {
        struct key key;
        char left[64];

        screen_begin();
        snprintf(left, sizeof left, " %s \xc2\xb7 %s", word(st->spanish, W_APP), word(st->spanish, W_TITLE_LOCKED));
        screen_bar(0, STYLE_TITLE, left, "");
        screen_wrap(2, 2, screen_columns() - 4, 3, STYLE_BOLD,
                    word(st->spanish, touched ? W_LOCKED_CONTINUE : W_LOCKED));
        screen_show();
        if (!screen_key(1000, &key) || (key.is_code && key.value == 0632 /* KEY_RESIZE */))
            continue;
        if (touched && binding_find(IN_QUEUE, key) == ACT_ACCEPT)
            break;
        touched = true;
    }
    if (!stop && hello(st, st->spanish ? "es" : "en") != RC_OK) {
        st->running = false;
        st->exit_code = 77;
        station_text(st, true, link_message(st->link)[0] != '\0' ? link_message(st->link)
                                                                 : word(st->spanish, W_DESK_GONE));
    } else if (!stop && st->held) {
        ping(st);
    }
    screen_redraw();
}

static void
act(struct station *st, struct key key)
{
    enum action action = binding_find(st->view->scope, key);

    switch (action) {
    case ACT_HELP:
        if (st->view != &view_help) {
            st->before_help = st->view;
            st->view = &view_help;
            return;
        }
        break;
    case ACT_LOCK: lock(st); return;
    case ACT_REDRAW: screen_redraw(); return;
    default: break;
    }
    st->view->key(st, action, key);
}

static void
draw(struct station *st)
{
    screen_begin();
    if (screen_rows() < 18 || screen_columns() < 60)
        screen_wrap(0, 0, screen_columns(), 3, STYLE_BOLD, word(st->spanish, W_TOO_SMALL));
    else
        st->view->draw(st);
    screen_show();
}

static void
loop(struct station *st)
{
    int64_t touched = clock_ms();
    int64_t pinged = touched;

    while (st->running && !stop) {
        struct key key;

        draw(st);
        if (!st->running)
            break;
        if (!screen_key(1000, &key)) {
            if (clock_ms() - touched > (int64_t)st->idle_seconds * 1000) {
                lock(st);
                touched = clock_ms();
            }
            continue;
        }
        touched = clock_ms();
        if (key.is_code && key.value == 0632)
            continue;
        act(st, key);
        if (st->held && clock_ms() - pinged > PING_MS) {
            pinged = clock_ms();
            ping(st);
        }
    }
}

static void
harden(void)
{
    const struct rlimit none = { 0, 0 };
    struct sigaction action = { .sa_handler = on_signal };

    (void)prctl(PR_SET_DUMPABLE, 0);
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)sigaction(SIGTERM, &action, NULL);
    (void)sigaction(SIGHUP, &action, NULL);
    (void)sigaction(SIGINT, &action, NULL);
    (void)sigaction(SIGQUIT, &action, NULL);
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGTSTP, SIG_IGN);
}

static int
work(struct station *st)
{
    int code;

    if (screen_guard_start() != RC_OK || screen_open(getenv("NO_COLOR") == NULL) != RC_OK) {
        screen_guard_end();
        return complain(word(st->spanish, W_BAD_TERM), getenv("TERM") == NULL ? "TERM" : getenv("TERM"),
                        word(st->spanish, W_BAD_TERM_CURE), 78);
    }
    st->running = true;
    st->view = &view_queue;
    view_queue.open(st);
    if (st->once)
        station_take(st, NULL);
    if (st->once && !st->held)
        st->running = false;
    loop(st);
    if (st->view->close != NULL)
        st->view->close(st);
    if (view_field.close != NULL)
        view_field.close(st);
    screen_close();
    screen_guard_end();
    code = st->exit_code;
    if (st->message[0] != '\0' && (code != 0 || st->once))
        fprintf(code != 0 ? stderr : stdout, "%s\n", st->message);
    return code;
}

int
main(int argc, char **argv)
{
    struct station st = { .running = false };
    struct options o;
    struct passwd *me = getpwuid(geteuid());
    enum rc rc;
    char cure[300];
    int code = parse(argc, argv, &o);

    if (code >= 0)
        return code;
    setlocale(LC_ALL, "");
    if (strcmp(nl_langinfo(CODESET), "UTF-8") != 0)
        setlocale(LC_CTYPE, "C.UTF-8");
    st.spanish = o.language != NULL ? o.language[0] == 'e' && o.language[1] == 's' : locale_is_spanish();
    st.spanish_forced = o.language != NULL;
    st.once = o.once;
    if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
        return complain(word(st.spanish, W_NO_TERMINAL), "", word(st.spanish, W_NO_TERMINAL_CURE), 78);
    harden();
    rc = link_open(o.socket, &st.link);
    word_with(st.spanish, W_DESK_FORBIDDEN_CURE, (const char *const[2]){ me == NULL ? "NAME" : me->pw_name, "" },
              cure, sizeof cure);
    if (rc == RC_DENIED)
        return complain(word(st.spanish, W_DESK_FORBIDDEN), o.socket, cure, 77);
    if (rc != RC_OK)
        return complain(word(st.spanish, W_DESK_ABSENT), o.socket, word(st.spanish, W_DESK_ABSENT_CURE), 69);
    st.document_arena = arena_new(8u << 20);
    if ((rc = hello(&st, o.language == NULL ? "" : o.language)) == RC_OK && st.document_arena != NULL)
        code = work(&st);
    else if (rc == RC_DENIED)
        code = complain(link_message(st.link), o.socket, cure, 77);
    else
        code = complain(link_message(st.link)[0] != '\0' ? link_message(st.link) : word(st.spanish, W_DESK_GONE),
                        o.socket, word(st.spanish, W_DESK_ABSENT_CURE), 69);
    link_close(st.link);
    arena_free(st.document_arena);
    bytes_wipe(&st, sizeof st);
    return code;
}
