/*
 * runner_journal.h - what this runner holds, in a file that outlives it.
 *
 * A runner that is killed leaves its claims leased until they lapse, minutes later.  The next
 * runner of the same slot claims under the same name, and frees them at once.  A step in
 * which runner after runner dies is written down here, given back with blame, and ends set aside.
 * The file holds identifiers, tokens and wrapped keys: nothing that opens anything.
 */
#ifndef PIPELINE_RUNNER_JOURNAL_H
#define PIPELINE_RUNNER_JOURNAL_H

#include "sys/instance.h"
#include "sys/store.h"

#define CLAIMS_MAX 8

struct journal;

/* HOME/run/runner-SLOT.claims. RC_EXISTS when another runner has this slot; RC_IO. */
MUST_USE enum rc journal_open(const struct instance *in, unsigned slot, struct journal **out);
void journal_close(struct journal *journal);
/* The name under which all runners of this slot claim, one after the other. */
const struct id *journal_worker(const struct journal *journal);
/* Give back what a dead predecessor held, also what it had no time to write down. RC_DB: try again. */
MUST_USE enum rc journal_recover(struct journal *journal, struct db *work);

/* These are ours now; then which one is at hand; then that it is settled. */
void journal_claimed(struct journal *journal, const struct claim *claims, uint32_t count);
void journal_begin(struct journal *journal, uint32_t i);
void journal_settled(struct journal *journal, uint32_t i);

/* Something failed and we may hold claims that we do not know of: recover again. */
void journal_suspect(struct journal *journal);

#endif
