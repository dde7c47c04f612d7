/*
 * ctl_rates.c - the tables of rates: what is in force on a day; and what the doctor says of them
 * and of the guard against strangers' papers.
 */
#include "ctl_doctor.h"

#include <string.h>
#include <time.h>

#include "doc/rates.h"
#include "doc/value.h"

static void
today(char out[11])
{
    time_t now = time(NULL);
    struct tm tm;

    if (localtime_r(&now, &tm) == NULL || strftime(out, 11, "%Y-%m-%d", &tm) == 0)
        out[0] = '\0';
}

static enum rc
load(const struct ctl *ctl, struct rate_set **set, struct err *err)
{
    char dir[PATH_ROOM + 8];

    snprintf(dir, sizeof dir, "%s/rates", ctl->in.forms);
    return rates_load(dir, set, err);
}

static void
show(struct ctl *ctl, const struct rate_table *table, const struct rate_row *row)
{
    const char *unit = table->unit == RATE_PERCENT ? "percent" : "amount";

    if (ctl->json) {
        ctl_json(json_pack("{s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:s?, s:s}", "table", table->name, "unit", unit,
                           "key", row->key, "valid_from", row->from, "valid_until", row->until, "value", row->value,
                           "least", row->least, "most", row->most, "source", table->source));
        return;
    }
    printf("%-20s %-4s %-10s  %-10s  ", table->name, row->key != NULL ? row->key : "",
           row->from != NULL ? row->from : "-", row->until != NULL ? row->until : "-");
    if (row->value != NULL)
        printf("%s%s\n", row->value, table->unit == RATE_PERCENT ? " %" : "");
    else
        printf("%s .. %s\n", row->least != NULL ? row->least : "", row->most != NULL ? row->most : "");
}

int
ctl_codes_rates_run(struct ctl *ctl)
{
    const char *on = ctl_value(ctl, "on"), *name = ctl->argc > 0 ? ctl->argv[0] : NULL;
    struct rate_set *set = NULL;
    struct err err = { 0 };
    char day[11];
    struct date d;
    int code = ctl_instance(ctl);

    if (code != CTL_OK)
        return code;
    if (on != NULL && strcmp(on, "any") != 0 && !date_canonical(on, &d))
        return ctl_usage(ctl, "--on `%s` is no date; write it as 2026-11-21, or any", on);
    if (load(ctl, &set, &err) != RC_OK)
        return ctl_fail(ctl, &err);
    if (name != NULL && rates_find(set, name) == NULL) {
        err_set(&err, RC_NOT_FOUND, "there is no table of rates %s", name);
        err_where(&err, "%s/rates", ctl->in.forms);
        err_cure(&err, "escriba codes rates");
        code = ctl_fail(ctl, &err);
    }
    today(day);
    for (unsigned i = 0; i < set->count && code == CTL_OK; i++)
        for (unsigned k = 0; k < set->tables[i]->row_count; k++) {
            const struct rate_row *row = &set->tables[i]->rows[k];

            if (name != NULL && strcmp(set->tables[i]->name, name) != 0)
                continue;
            if ((on != NULL && strcmp(on, "any") == 0) || rate_covers(row, on != NULL ? on : day))
                show(ctl, set->tables[i], row);
        }
    rates_free(set);
    return code;
}

/* ---- what the doctor says ----------------------------------------------------------------------- */

void
doctor_rates(struct doctor *d)
{
    struct rate_set *set = NULL;
    struct err err = { 0 };
    char now[11], cure[160];
    unsigned old = 0;

    if (load(d->ctl, &set, &err) != RC_OK) { /* no cell starts with it */
        doctor_say(d, false, WEIGHT_STRICT, "rates", err.cure, "%s: %s", err.what, err.where);
        return;
    }
    today(now);
    for (unsigned i = 0; i < set->count; i++) {
        const struct rate_table *t = set->tables[i];
        bool covered = false;

        for (unsigned k = 0; k < t->row_count; k++)
            covered = covered || rate_covers(&t->rows[k], now);
        if (covered)
            continue;
        snprintf(cure, sizeof cure, "add this year's rows to forms/rates/%.60s.yaml", t->name);
        doctor_say(d, false, WEIGHT_ADVICE, "rates", cure, "the table of rates %s ends before today", t->name);
        old++;
    }
    if (old == 0)
        doctor_say(d, true, WEIGHT_ADVICE, "rates", "", "%u tables of rates, none out of date", set->count);
    rates_free(set);
}

/* Connected to the work database as the operator. */
void
doctor_parties(struct doctor *d)
{
    struct db_result *r = NULL;
    unsigned off = 0;

    if (db_query(d->ctl->db, "SELECT client, count FROM ops.parties_known()", NULL, 0, &r) != RC_OK)
        return;
    for (int i = 0; i < db_rows(r); i++) {
        char cure[160];

        if (db_int(r, i, 1) > 0)
            continue;
        snprintf(cure, sizeof cure, "escriba client identity add %.40s name NAME; and its tax-id, ein or npi",
                 db_text(r, i, 0));
        doctor_say(d, false, WEIGHT_ADVICE, "misdelivery", cure,
                   "nothing is known of whom the papers of %s must name: its guard against misdelivered ones is off",
                   db_text(r, i, 0));
        off++;
    }
    if (off == 0)
        doctor_say(d, true, WEIGHT_ADVICE, "misdelivery", "", "every client's guard against misdelivered papers is on");
    db_result_free(r);
}
