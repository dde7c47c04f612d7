/*
 * forms_ready.c - finding and loading the forms, once, before the cage.
 */
#include "forms_ready.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stages.h"

static struct form_set *loaded;
static struct codelist_set *lists;
static struct rate_set *rates;

/* A folder counts when it holds the invoice, which we ship. */
static bool
holds_forms(const char *folder)
{
    char path[PATH_MAX + 128];

    snprintf(path, sizeof path, "%s/invoice.yaml", folder);
    return access(path, R_OK) == 0;
}

const char *
forms_folder(void)
{
    static const char *const beside[] = { "../forms", "../../forms", "../share/escriba/forms",
                                          "../../../forms" };
    static char found[PATH_MAX + 64];
    const char *set = getenv("ESCRIBA_FORMS");
    char self[PATH_MAX];
    ssize_t n;
    char *slash;

    if (set != NULL && set[0] != '\0')
        return set;
    if (found[0] != '\0')
        return found;
    n = readlink("/proc/self/exe", self, sizeof self - 1);
    if (n > 0) {
        self[n] = '\0';
        slash = strrchr(self, '/');
        if (slash != NULL)
            *slash = '\0';
        for (size_t i = 0; i < COUNT_OF(beside); i++) {
            snprintf(found, sizeof found, "%s/%s", self, beside[i]);
            if (holds_forms(found))
                return found;
        }
    }
    snprintf(found, sizeof found, "forms");
    return found;
}

const struct form_set *
forms_loaded(void)
{
    return loaded;
}

const char *
codelists_folder(void)
{
    static char found[PATH_MAX + 64];
    const char *set = getenv("ESCRIBA_CODES"), *forms = forms_folder();
    size_t n = strlen(forms);

    if (set != NULL && set[0] != '\0')
        return set;
    while (n > 1 && forms[n - 1] == '/')
        n--;
    while (n > 0 && forms[n - 1] != '/')
        n--;
    snprintf(found, sizeof found, "%.*scodes", (int)n, forms);
    return found;
}

const struct codelist_set *
codelists_loaded(void)
{
    return lists;
}

const struct rate_set *
rates_loaded(void)
{
    return rates;
}

enum rc
forms_ready(void)
{
    struct err err = { .rc = RC_OK };
    char folder[PATH_MAX + 64];
    enum rc rc;

    if (loaded != NULL)
        return RC_OK;
    rc = lists != NULL ? RC_OK : codelists_load(codelists_folder(), &lists, &err);
    snprintf(folder, sizeof folder, "%s/rates", forms_folder());
    if (rc == RC_OK && rates == NULL)
        rc = rates_load(folder, &rates, &err);
    if (rc == RC_OK)
        rc = forms_load(forms_folder(), &loaded, &err);
    if (rc != RC_OK)
        err_print(&err, stderr);
    return rc;
}
