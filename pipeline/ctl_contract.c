/*
 * ctl_contract.c - what was agreed with a client on wrong values, and what its persons said of ours.
 */
#include "ctl.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "doc/calibration.h"

static const struct column contract_columns[] = {
    { "client", CELL_TEXT, "client", "cliente" },
    { "critical", CELL_REAL, "wrong at most, critical", "erróneos como mucho, críticos" },
    { "major", CELL_REAL, "wrong at most, major", "erróneos como mucho, importantes" },
    { "minor", CELL_REAL, "wrong at most, minor", "erróneos como mucho, menores" },
    { "sample", CELL_REAL, "accepted values looked at", "aceptados que se miran" },
    { NULL, 0, NULL, NULL }
};

/* "0.005" or "0.5%"; CTL_OK with NULL in *given when the option is not there. */
static int
share(struct ctl *ctl, const char *option, double most, double *value, const double **given)
{
    const char *text = ctl_value(ctl, option);
    char *end = NULL;

    *given = NULL;
    if (text == NULL)
        return CTL_OK;
    *value = strspn(text, "0123456789.") > 0 ? strtod(text, &end) : NAN;
    if (end != NULL && *end == '%') {
        *value /= 100;
        end++;
    }
    if (end == NULL || *end != '\0' || !(*value >= 0 && *value <= most))
        return ctl_usage(ctl, "--%s wants a share from 0 to %g, such as 0.005 or 0.5%%", option, most);
    *given = value;
    return CTL_OK;
}

int
ctl_client_set_run(struct ctl *ctl)
{
    static const char *const options[] = { "wrong-critical", "wrong-major", "wrong-minor", "sample" };
    struct db_param params[5] = { DB_P_TEXT(ctl->argv[0]), DB_P_NULL, DB_P_NULL, DB_P_NULL, DB_P_NULL };
    struct db_result *r = NULL;
    double value[4];
    bool any = false;
    int code;

    for (int i = 0; i < 4; i++) {
        const double *given;

        if ((code = share(ctl, options[i], i < 3 ? 0.5 : 1, &value[i], &given)) != CTL_OK)
            return code;
        if (given != NULL)
            params[i + 1] = DB_P_REAL(given);
        any = any || given != NULL;
    }
    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK)
        return code;
    if (any) {
        code = ctl_query(ctl, "SELECT ops.contract_set($1, $2::float8, $3::float8, $4::float8, $5::float8)", params, 5,
                         "writing the terms", &r);
        db_result_free(r);
        r = NULL;
    }
    if (code != CTL_OK ||
        (code = ctl_query(ctl, "SELECT * FROM ops.contract($1)", params, 1, "reading the terms", &r)) != CTL_OK)
        return code;
    ctl_row(ctl, r, 0, contract_columns);
    db_result_free(r);
    return CTL_OK;
}

/* One field of one form, its bins added up. */
struct record {
    const char *form, *field;
    double asked, asked_wrong, lots, lots_wrong, found;
    struct judged bins[CALIBRATION_BINS];
};

static void
record_show(struct ctl *ctl, const struct record *r)
{
    struct shift shift = calibration_shift(r->bins);
    double now = calibration_accept(0.97, shift);

    if (ctl->json) {
        json_t *o = json_object();

        json_object_set_new(o, "form", json_string(r->form));
        json_object_set_new(o, "field", json_string(r->field));
        json_object_set_new(o, "asked", json_real(r->asked));
        json_object_set_new(o, "asked_wrong", json_real(r->asked_wrong));
        json_object_set_new(o, "sampled", json_real(r->lots));
        json_object_set_new(o, "sampled_wrong", json_real(r->lots_wrong));
        json_object_set_new(o, "found", json_real(r->found));
        json_object_set_new(o, "shift", json_real(shift.mean));
        json_object_set_new(o, "shift_low", json_real(shift.low));
        json_object_set_new(o, "stated_970_is", json_real(now));
        ctl_json(o);
        return;
    }
    printf("%-12.12s %-28.28s %6.0f %6.0f %8.0f %6.0f %6.0f   %5.1f %%\n", r->form, r->field, r->asked, r->asked_wrong,
           r->lots, r->lots_wrong, r->found, 100 * now);
}

int
ctl_client_record_run(struct ctl *ctl)
{
    struct db_param param = DB_P_TEXT(ctl->argv[0]);
    struct db_result *r = NULL;
    int code;

    if ((code = ctl_connect(ctl, "work", "operator")) != CTL_OK ||
        (code = ctl_query(ctl,
                          "SELECT form, field, asked, asked_wrong, lots, lots_wrong, found, bin, good, wrong, stated"
                          " FROM ops.judged($1)",
                          &param, 1, "reading what persons said", &r)) != CTL_OK)
        return code;
    if (db_rows(r) == 0)
        ctl_say(ctl, "%s", ctl_tr(ctl, "nobody has judged a value of this client yet",
                                  "nadie ha juzgado aún un valor de este cliente"));
    else if (!ctl->json)
        printf("%s%-12s %-28s %6s %6s %8s %6s %6s   %s%s\n", ctl_bold(ctl), ctl_tr(ctl, "form", "tipo"),
               ctl_tr(ctl, "field", "campo"), ctl_tr(ctl, "asked", "pedid."), ctl_tr(ctl, "wrong", "mal"),
               ctl_tr(ctl, "sampled", "muestra"), ctl_tr(ctl, "wrong", "mal"), ctl_tr(ctl, "found", "vistos"),
               ctl_tr(ctl, "97 % is here", "97 % es aquí"), ctl_plain(ctl));
    for (int i = 0; i < db_rows(r);) {
        struct record one = { .form = db_text(r, i, 0), .field = db_text(r, i, 1) };

        for (; i < db_rows(r); i++) {
            if (strcmp(db_text(r, i, 0), one.form) != 0 || strcmp(db_text(r, i, 1), one.field) != 0)
                break;
            double good = db_real(r, i, 8), wrong = db_real(r, i, 9);
            int64_t bin = db_int(r, i, 7);

            one.asked += db_real(r, i, 2);
            one.asked_wrong += db_real(r, i, 3);
            one.lots += db_real(r, i, 4);
            one.lots_wrong += db_real(r, i, 5);
            one.found += db_real(r, i, 6);
            if (bin >= 0 && bin < CALIBRATION_BINS && good + wrong > 0)
                one.bins[bin] = (struct judged){ good, wrong, db_real(r, i, 10) / (good + wrong) };
        }
        record_show(ctl, &one);
    }
    db_result_free(r);
    return CTL_OK;
}
