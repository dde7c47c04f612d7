/*
 * readzones.c - read pages by their zones without the rest of the house, for trying and measuring.
 *
 *     readzones [--match] FORMS_FOLDER IMAGE...
 */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "zone_template.h"
#include "zones.h"

static double
now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

int
main(int argc, char **argv)
{
    struct err err = { 0 };

    if (argc < 3)
        return 64;
    if (zones_ready(argv[1], NULL, &err) != RC_OK) {
        err_print(&err, stderr);
        return 78;
    }
    for (int i = 2; i < argc; i++) {
        PIX *pix = pixRead(argv[i]), *gray = pix == NULL ? NULL : pixConvertTo8(pix, 0);
        struct zone_match m;
        double t0 = now();
        enum rc rc;

        if (gray == NULL)
            continue;
        rc = zones_match(gray, "", &m);
        printf("%s: %s %s %.3f rot %d %.0f ms\n", argv[i], rc_name(rc), m.form ? m.form : "-", m.conf, m.rotation,
               1000 * (now() - t0));
        pixDestroy(&gray);
        pixDestroy(&pix);
    }
    return 0;
}
