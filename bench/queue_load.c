/*
 * queue_load.c - how many page steps a second are claimed and completed, through the SQL functions of the runner.
 *
 *   queue_load SOCKET-FOLDER SMALL LARGE [CONNECTIONS [BYTES]]
 *
 * Each of the connections logs in as escriba_runner and does what a runner does: claim up to 100 in one transaction,
 * complete them with their readings (BYTES each) in another, audit rows included.  Three runs in one database: SMALL
 * waiting, again and again; LARGE waiting, to the last; SMALL again, after all that.  Prints rates as `name value`.
 */
#include <libpq-fe.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define AT_ONCE 100
#define COLUMNS 16 /* of work.commit_pages */
#define SLICES 10
#define MIN_SECONDS 4.0 /* the short queue is filled again until it was worked on this long */

struct text {
    char *at;
    size_t used, room;
};

static const char *host;
static int connections = 8;
static char *sealed; /* one reading as an array element: random bytes in hex */
static atomic_long left, done;
static atomic_bool over;
static pthread_barrier_t begin, end;

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void
die(const char *what, const char *why)
{
    fprintf(stderr, "queue_load: %s: %s\n", what, why);
    exit(2);
}

static PGconn *
login(const char *user)
{
    char info[4200];
    PGconn *c;

    snprintf(info, sizeof info, "host='%s' dbname=escriba_work user=%s", host, user);
    c = PQconnectdb(info);
    if (PQstatus(c) != CONNECTION_OK)
        die(user, PQerrorMessage(c));
    return c;
}

static PGresult *
ask(PGconn *c, const char *sql, int count, const char *const *values)
{
    PGresult *r = PQexecParams(c, sql, count, NULL, values, NULL, NULL, 0);

    if (PQresultStatus(r) != PGRES_TUPLES_OK && PQresultStatus(r) != PGRES_COMMAND_OK)
        die(sql, PQerrorMessage(c));
    return r;
}

static void
add(struct text *t, const char *s)
{
    size_t n = strlen(s);

    if (t->used + n + 2 > t->room) {
        t->room = 2 * (t->room + n + 64);
        if ((t->at = realloc(t->at, t->room)) == NULL)
            die("memory", "there is none left");
    }
    t->at[t->used] = t->used > 0 ? ',' : '{';
    t->used++;
    memcpy(t->at + t->used, s, n);
    t->used += n;
}

/* Complete what was claimed: one call, as the runner makes it. */
static void
complete(PGconn *c, PGresult *claimed, struct text columns[COLUMNS])
{
    static const char commit[] =
        "SELECT work.commit_pages($1::uuid[], $2::uuid[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bigint[],"
        " $8::float8[], $9::bigint[], $10::bigint[], $11::float8[], $12::bigint[], $13::bigint[], $14::text[], $15::float8[],"
        " $16::bytea[])";
    /* kind, k, n, start, width, height, ink, words, reason, form, form_conf */
    static const char *const facts[] = { "0", "0", "0", "0.1", "2480", "3508", "0.04", "310", "0", "\"\"", "0" };
    const char *values[COLUMNS];

    for (int i = 0; i < COLUMNS; i++)
        columns[i].used = 0;
    for (int row = 0; row < PQntuples(claimed); row++) {
        for (int i = 0; i < 4; i++) /* client, file, page, token */
            add(&columns[i], PQgetvalue(claimed, row, i));
        for (int i = 4; i < COLUMNS - 1; i++)
            add(&columns[i], facts[i - 4]);
        add(&columns[COLUMNS - 1], sealed);
    }
    for (int i = 0; i < COLUMNS; i++) {
        columns[i].at[columns[i].used++] = '}';
        columns[i].at[columns[i].used] = '\0';
        values[i] = columns[i].at;
    }
    PQclear(ask(c, commit, COLUMNS, values));
}

static void
work(PGconn *c, const char *worker, struct text columns[COLUMNS])
{
    static const char claim[] = "SELECT client_id, file_id, page, token FROM work.claim($1, ARRAY[2], 100, 60)";

    while (atomic_load(&left) > 0) {
        PGresult *r = ask(c, claim, 1, &worker);
        int got = PQntuples(r);

        if (got > 0) {
            atomic_fetch_sub(&left, got);
            complete(c, r, columns);
            atomic_fetch_add(&done, got);
        } else {
            usleep(1000);
        }
        PQclear(r);
    }
}

static void *
connection(void *number)
{
    PGconn *c = login("escriba_runner");
    struct text columns[COLUMNS] = { 0 };
    char worker[40];

    snprintf(worker, sizeof worker, "00000000-0000-4000-8000-%012d", *(int *)number);
    for (;;) {
        pthread_barrier_wait(&begin);
        if (atomic_load(&over))
            break;
        work(c, worker, columns);
        pthread_barrier_wait(&end);
    }
    for (int i = 0; i < COLUMNS; i++)
        free(columns[i].at);
    PQfinish(c);
    return NULL;
}

static void
fill(PGconn *admin, long count)
{
    char text[32];
    const char *value = text;

    snprintf(text, sizeof text, "%ld", count);
    PQclear(ask(admin, "SELECT bench.fill($1)", 1, &value));
    atomic_store(&done, 0);
    atomic_store(&left, count);
}

/* Seconds to drain the queue; *slowest: the seconds of its slowest tenth. */
static double
drain(long count, double *slowest)
{
    double start, last, at;
    long slice = 1;

    pthread_barrier_wait(&begin);
    start = last = now();
    while (slowest != NULL && slice < SLICES) {
        usleep(2000);
        if (atomic_load(&done) < slice * (count / SLICES))
            continue;
        at = now();
        if (at - last > *slowest)
            *slowest = at - last;
        last = at;
        slice++;
    }
    pthread_barrier_wait(&end);
    at = now();
    if (slowest != NULL && at - last > *slowest)
        *slowest = at - last;
    return at - start;
}

static double
short_queue(PGconn *admin, long count)
{
    double seconds = 0;
    long all = 0;

    while (seconds < MIN_SECONDS) {
        fill(admin, count);
        seconds += drain(count, NULL);
        all += count;
    }
    return (double)all / seconds;
}

static void
measure(PGconn *admin, long small, long large)
{
    double slowest = 0, seconds;

    fill(admin, small);
    drain(small, NULL); /* the first calls of a session make its plans */
    printf("small %.0f\n", short_queue(admin, small));
    fflush(stdout);
    fill(admin, large);
    seconds = drain(large, &slowest);
    printf("large %.0f\nslowest %.0f\n", (double)large / seconds, (double)(large / SLICES) / slowest);
    fflush(stdout);
    printf("after %.0f\n", short_queue(admin, small));
}

static void
make_reading(long bytes)
{
    FILE *f = fopen("/dev/urandom", "r");

    sealed = malloc(2 * (size_t)bytes + 8);
    if (f == NULL || sealed == NULL)
        die("a reading", "cannot be made");
    memcpy(sealed, "\"\\\\x", 4);
    for (long i = 0; i < bytes; i++)
        snprintf(sealed + 4 + 2 * i, 4, "%02x", (unsigned)fgetc(f) & 255);
    memcpy(sealed + 4 + 2 * bytes, "\"", 2);
    fclose(f);
}

int
main(int argc, char **argv)
{
    pthread_t threads[64];
    int numbers[64];
    long small, large;
    PGconn *admin;

    if (argc < 4) {
        fprintf(stderr, "usage: queue_load SOCKET-FOLDER SMALL LARGE [CONNECTIONS [BYTES]]\n");
        return 2;
    }
    host = argv[1];
    small = strtol(argv[2], NULL, 10);
    large = strtol(argv[3], NULL, 10);
    connections = argc > 4 ? (int)strtol(argv[4], NULL, 10) : 8;
    make_reading(argc > 5 ? strtol(argv[5], NULL, 10) : 4096);
    if (small < AT_ONCE || large < small || connections < 1 || connections > 64)
        die("arguments", "not possible");
    admin = login("escriba_admin");
    pthread_barrier_init(&begin, NULL, (unsigned)connections + 1);
    pthread_barrier_init(&end, NULL, (unsigned)connections + 1);
    for (int i = 0; i < connections; i++) {
        numbers[i] = i;
        if (pthread_create(&threads[i], NULL, connection, &numbers[i]) != 0)
            die("threads", "cannot be made");
    }
    measure(admin, small, large);
    atomic_store(&over, true);
    pthread_barrier_wait(&begin);
    for (int i = 0; i < connections; i++)
        pthread_join(threads[i], NULL);
    PQfinish(admin);
    free(sealed);
    return 0;
}
