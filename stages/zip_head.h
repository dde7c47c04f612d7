/*
 * zip_head.h - the central directory of a ZIP, looked at before anything is unpacked.
 *
 * Bombs give themselves away here: declared sizes, entries that share bytes, methods that
 * we do not take (each a decoder less that a stranger can reach).
 */
#ifndef STAGES_ZIP_HEAD_H
#define STAGES_ZIP_HEAD_H

#include "base/bytes.h"
#include "doc/reason.h"

/* REASON_NONE, or why this archive is not opened; total gets the sum of the sizes told. Pure. */
enum reason zip_head(struct bytes bytes, uint64_t *total, uint32_t *detail);

#endif
