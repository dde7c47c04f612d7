/*
 * ctl_doctor.h - what the doctor's checks share.
 *
 * A check says one thing about the machine or the installation.  Its weight says what a bad
 * answer means: STRICT stops both profiles, PRODUCTION stops that profile and is a warning in
 * the other, ADVICE never stops anything.
 */
#ifndef PIPELINE_CTL_DOCTOR_H
#define PIPELINE_CTL_DOCTOR_H

#include "ctl.h"

enum weight { WEIGHT_STRICT, WEIGHT_PRODUCTION, WEIGHT_ADVICE };

struct doctor {
    struct ctl *ctl;
    bool production;
    bool all;      /* show what is well, too */
    int refused;   /* findings that stop this profile        */
    int warned;
    int later;     /* warnings that would stop production    */
};

/* One finding; what and cure are for a person.  cure may be "" when well. */
void doctor_say(struct doctor *d, bool well, enum weight weight, const char *check, const char *cure,
                const char *what, ...) PRINTF_LIKE(6, 7);

/* ---- ctl_doctor_machine.c, ctl_doctor_packages.c, ctl_doctor_here.c, ctl_codes.c ------- */
void doctor_codes(struct doctor *d);
void doctor_rates(struct doctor *d);   /* ctl_rates.c */
void doctor_parties(struct doctor *d); /* ctl_rates.c; connected to the work database */
void doctor_machine(struct doctor *d);
void doctor_packages(struct doctor *d);
void doctor_here(struct doctor *d);

/* ---- ctl_version.c -------------------------------------------------------------------- */

/* Debian's order of versions: below, equal to, above zero like strcmp. */
int version_compare(const char *a, const char *b);

#endif
