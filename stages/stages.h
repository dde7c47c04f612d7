/* stages.h - the functions that stages/table.c names; one file each. */
#ifndef STAGES_STAGES_H
#define STAGES_STAGES_H

#include "stage.h"

enum rc unpack_run(const struct job *job, struct result *result);
enum rc manifest_run(const struct job *job, struct result *result);
enum rc einvoice_run(const struct job *job, struct result *result);
enum rc decode_run(const struct job *job, struct result *result);
enum rc read_ready(void);
enum rc read_run(const struct job *job, struct result *result);
enum rc learn_run(const struct job *job, struct result *result);
enum rc crop_run(const struct job *job, struct result *result);
enum rc forms_ready(void);
enum rc classify_run(const struct job *job, struct result *result);
enum rc extract_run(const struct job *job, struct result *result);
enum rc compare_run(const struct job *job, struct result *result);
enum rc validate_run(const struct job *job, struct result *result);
enum rc remember_run(const struct job *job, struct result *result);
enum rc package_run(const struct job *job, struct result *result);

#endif
