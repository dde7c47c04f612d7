/* forms_ready.h - the forms that this process knows; loaded before the cage shuts. */
#ifndef STAGES_FORMS_READY_H
#define STAGES_FORMS_READY_H

#include "doc/codelist.h"
#include "doc/form.h"
#include "doc/rates.h"

/*
 * The folder: ESCRIBA_FORMS, else ../forms or ../../forms beside the program, else
 * share/escriba/forms under the program's prefix.  Never NULL.
 */
const char *forms_folder(void);
/* NULL before forms_ready() has succeeded. */
const struct form_set *forms_loaded(void);

/* The lists of codes: ESCRIBA_CODES, else `codes` beside the folder of the forms.  Never NULL. */
const char *codelists_folder(void);
/* NULL before forms_ready() has succeeded; empty when none was imported. */
const struct codelist_set *codelists_loaded(void);

/* The tables of rates, of the folder `rates` in that of the forms; NULL before forms_ready() has succeeded. */
const struct rate_set *rates_loaded(void);

#endif
