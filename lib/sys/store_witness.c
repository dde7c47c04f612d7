/* store_witness.c - what the e-invoice of a companion states, kept. */
#include "store_internal.h"

enum rc
store_commit_companion(struct db *db, const struct claim *c, struct bytes sealed_witness)
{
    const struct db_param p[] = { DB_P_ID(&c->client), DB_P_ID(&c->file), DB_P_INT(c->token),
                                  DB_P_BYTES(sealed_witness) };

    return db_run(db, "SELECT work.commit_companion($1, $2, $3, $4)", p, COUNT_OF(p));
}
