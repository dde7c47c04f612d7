/*
 * ctl_doctor.c - escriba doctor: what is wrong, and the one line that cures it.
 *
 * The production profile refuses to start on the findings of this list; `escriba up` and the
 * units run it first.
 */
#include "ctl_doctor.h"

#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>

static const char *
word_of(const struct doctor *d, bool well, enum weight weight)
{
    if (well)
        return "ok";
    if (weight == WEIGHT_STRICT || (weight == WEIGHT_PRODUCTION && d->production))
        return "refused";
    return "warning";
}

void
doctor_say(struct doctor *d, bool well, enum weight weight, const char *check, const char *cure, const char *what,
           ...)
{
    const char *word = word_of(d, well, weight);
    bool later = !well && weight == WEIGHT_PRODUCTION && !d->production;
    char text[512];
    va_list list;

    va_start(list, what);
    vsnprintf(text, sizeof text, what, list);
    va_end(list);
    d->refused += strcmp(word, "refused") == 0;
    d->warned += strcmp(word, "warning") == 0;
    d->later += later;
    if (d->ctl->json) {
        json_t *o = json_object();

        json_object_set_new(o, "check", json_string(check));
        json_object_set_new(o, "finding", json_string(word));
        json_object_set_new(o, "production_refuses", json_boolean(!well && weight != WEIGHT_ADVICE));
        json_object_set_new(o, "what", json_string(text));
        json_object_set_new(o, "do", well ? json_null() : json_string(cure));
        ctl_json(o);
        return;
    }
    if (well && !d->all)
        return;
    printf("%s%-8s%s %s: %s%s\n", well ? "" : ctl_warm(d->ctl), word, well ? "" : ctl_plain(d->ctl), check,
           ctl_safe(d->ctl, text), later ? "; production refuses this" : "");
    if (!well)
        printf("         do: %s\n", cure);
}

int
ctl_doctor_run(struct ctl *ctl)
{
    struct doctor d = { .ctl = ctl, .all = ctl_value(ctl, "all") != NULL };
    const char *profile = ctl_value(ctl, "profile");
    struct err err = { 0 };
    enum rc rc = instance_open(ctl->home, &ctl->in, &err);

    ctl->in_open = rc == RC_OK;
    d.production = profile != NULL ? strcmp(profile, "production") == 0 : ctl->in_open && ctl->in.production;
    if (ctl->in_open && profile != NULL)
        ctl->in.production = d.production;
    doctor_machine(&d);
    doctor_packages(&d);
    if (ctl_value(ctl, "machine") == NULL) {
        if (!ctl->in_open)
            doctor_say(&d, false, WEIGHT_STRICT, "settings", err.cure[0] != '\0' ? err.cure : "correct the file",
                       "%s%s%s", err.what, err.where[0] != '\0' ? ", " : "", err.where);
        else
            doctor_here(&d);
    }
    if (!ctl->json)
        ctl_say(ctl, "%s profile: %d refused, %d warning%s%s", d.production ? "production" : "trial", d.refused,
                d.warned, d.warned == 1 ? "" : "s", d.later > 0 ? " (some would stop production)" : "");
    return d.refused == 0 ? CTL_OK : CTL_CONFIG;
}
