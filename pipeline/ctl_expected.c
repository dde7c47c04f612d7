/*
 * ctl_expected.c - how many values of a batch are expected to be wrong, and what those looked at showed.
 */
#include "ctl.h"

#include <math.h>

#include "doc/calibration.h"

enum { ACCEPTED, DOUBT, SPREAD, BY_PERSON, CONFIRM, SINGLE, DOUBLE, SAMPLED, SEEN, SEEN_WRONG, LOTS, LOTS_WRONG, SUMS };

static const char *const keys[SUMS] = { "accepted", "expected_wrong", NULL, "by_person", "confirm", "single", "double",
                                        "sampled", "judged", "judged_wrong", "drawn", "drawn_wrong" };

static json_t *
sums_json(const double sum[SUMS])
{
    json_t *o = json_object();

    for (int i = 0; i < SUMS; i++)
        if (keys[i] != NULL)
            json_object_set_new(o, keys[i], i == DOUBT ? json_real(sum[i]) : json_integer((json_int_t)sum[i]));
    json_object_set_new(o, "wrong_at_most",
                        json_integer((json_int_t)fmin(calibration_most(sum[DOUBT]), sum[ACCEPTED])));
    json_object_set_new(o, "deviation", json_real(sqrt(sum[SPREAD])));
    if (sum[LOTS] > 0)
        json_object_set_new(o, "drawn_share_at_most",
                            json_real(calibration_share((uint32_t)sum[LOTS_WRONG], (uint32_t)sum[LOTS])));
    return o;
}

static void
row_sums(const struct db_result *r, int row, double sum[SUMS], double all[SUMS])
{
    for (int i = 0; i < SUMS; i++) {
        sum[i] = i == DOUBT || i == SPREAD ? db_real(r, row, i + 2) : (double)db_int(r, row, i + 2);
        all[i] += sum[i];
    }
}

static void
show_total(const struct ctl *ctl, const double all[SUMS])
{
    bool es = ctl->lang == LANG_ES;
    double most = fmin(calibration_most(all[DOUBT]), all[ACCEPTED]);

    printf(es ? "\nAceptados sin persona: %.0f valores; se esperan %.1f erróneos, como mucho %.0f (95 %%)\n"
              : "\nAccepted without a person: %.0f values, of which %.1f expected wrong, at most %.0f (95 %%)\n",
           all[ACCEPTED], all[DOUBT], most);
    printf(es ? "De personas: %.0f; esperan: %.0f por confirmar, %.0f por teclear, %.0f por dos (%.0f al azar)\n"
              : "By persons: %.0f; waiting: %.0f to confirm, %.0f to type, %.0f for two to type (%.0f drawn by lot)\n",
           all[BY_PERSON], all[CONFIRM], all[SINGLE], all[DOUBLE], all[SAMPLED]);
    printf(es ? "Vistos: %.0f, erróneos %.0f" : "Looked at: %.0f, wrong %.0f", all[SEEN], all[SEEN_WRONG]);
    if (all[LOTS] > 0)
        printf(es ? "; al azar entre los aceptados: %.0f, erróneos %.0f: como mucho el %.2f %% (95 %%)"
                  : "; drawn by lot from the accepted: %.0f, wrong %.0f: at most %.2f %% of such are (95 %%)",
               all[LOTS], all[LOTS_WRONG], 100 * calibration_share((uint32_t)all[LOTS_WRONG], (uint32_t)all[LOTS]));
    putchar('\n');
}

void
ctl_expected(struct ctl *ctl, const struct db_result *r, json_t *into)
{
    double all[SUMS] = { 0 }, sum[SUMS];
    json_t *list = into != NULL ? json_array() : NULL, *o;

    for (int i = 0; i < db_rows(r); i++) {
        row_sums(r, i, sum, all);
        if (list == NULL)
            continue;
        o = sums_json(sum);
        json_object_set_new(o, "form", json_string(db_text(r, i, 0)));
        json_object_set_new(o, "field", json_string(db_text(r, i, 1)));
        json_array_append_new(list, o);
    }
    if (list != NULL) {
        o = sums_json(all);
        json_object_set_new(o, "fields", list);
        json_object_set_new(into, "expected", o);
        return;
    }
    if (db_rows(r) == 0)
        return;
    show_total(ctl, all);
    printf("\n%s%-14s %-28s %8s %9s %7s %7s %7s %6s%s\n", ctl_bold(ctl), ctl_tr(ctl, "form", "tipo"),
           ctl_tr(ctl, "field", "campo"), ctl_tr(ctl, "accepted", "acept."), ctl_tr(ctl, "expected", "esperado"),
           ctl_tr(ctl, "at most", "máximo"), ctl_tr(ctl, "waiting", "esperan"), ctl_tr(ctl, "seen", "vistos"),
           ctl_tr(ctl, "wrong", "mal"), ctl_plain(ctl));
    for (int i = 0; i < db_rows(r); i++) {
        row_sums(r, i, sum, all);
        printf("%-14.14s %-28.28s %8.0f %9.2f %7.0f %7.0f %7.0f %6.0f\n", db_text(r, i, 0), db_text(r, i, 1),
               sum[ACCEPTED], sum[DOUBT], fmin(calibration_most(sum[DOUBT]), sum[ACCEPTED]),
               sum[CONFIRM] + sum[SINGLE] + sum[DOUBLE],
               sum[SEEN], sum[SEEN_WRONG]);
    }
}
