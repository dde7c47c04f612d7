/* store_confidence.c - what a client's persons said about values, and what is stated of those that ship. */
#include "store_internal.h"

#include "doc/calibration.h"

enum rc
store_terms(struct db *db, const struct claim *c, struct arena *arena, struct terms *out)
{
    const struct db_param p[] = { STEP_PARAMS(c) };
    struct db_result *r = NULL;
    struct judged bins[CALIBRATION_BINS];
    enum rc rc = db_query(db,
                          "SELECT critical, major, minor, sample FROM work.load_contract($1, $2, $3::int, $4::int, $5)",
                          p, COUNT_OF(p), &r);

    memset(out, 0, sizeof *out);
    memcpy(out->draw, c->document.b, sizeof out->draw);
    if (rc != RC_OK)
        return rc;
    if (db_rows(r) == 1) {
        out->budget[CRIT_CRITICAL] = db_real(r, 0, 0);
        out->budget[CRIT_MAJOR] = db_real(r, 0, 1);
        out->budget[CRIT_MINOR] = db_real(r, 0, 2);
        out->sample = db_real(r, 0, 3);
    }
    db_result_free(r);
    r = NULL;
    rc = db_query(db,
                  "SELECT form, field, bin, good, wrong, stated FROM work.load_judged($1, $2, $3::int, $4::int, $5)", p,
                  COUNT_OF(p), &r);
    if (rc != RC_OK)
        return rc;
    if ((out->items = arena_array(arena, (size_t)db_rows(r) + 1, sizeof *out->items)) == NULL)
        rc = RC_NOMEM;
    for (int i = 0; rc == RC_OK && i < db_rows(r) && out->count < TERMS_MAX;) {
        struct term *t = &out->items[out->count++];

        memset(bins, 0, sizeof bins);
        t->form = arena_str(arena, db_text(r, i, 0));
        t->field = arena_str(arena, db_text(r, i, 1));
        if (t->form == NULL || t->field == NULL) {
            rc = RC_NOMEM;
            break;
        }
        /* The rows of one field come together. */
        for (; i < db_rows(r); i++) {
            int64_t bin = db_int(r, i, 2);

            if (strcmp(db_text(r, i, 0), t->form) != 0 || strcmp(db_text(r, i, 1), t->field) != 0)
                break;
            if (bin >= 0 && bin < CALIBRATION_BINS)
                bins[bin] = (struct judged){ db_real(r, i, 3), db_real(r, i, 4), db_real(r, i, 5) };
        }
        t->shift = calibration_shift(bins);
    }
    db_result_free(r);
    return rc;
}

enum rc
store_document_stated(struct db *db, const struct claim *c, struct bytes sealed_terms, const struct stated *list,
                      uint32_t count)
{
    enum { ACCEPTED, BY_PERSON, CONFIRM, SINGLE, DOUBLE, SAMPLED, INTEGERS };
    struct arena *arena = arena_new(4u << 20);
    const char **fields = NULL;
    int64_t *n[INTEGERS];
    double *doubt = NULL, *spread = NULL;
    bool memory = arena != NULL;
    enum rc rc = RC_NOMEM;

    if (memory) {
        fields = arena_array(arena, count + 1u, sizeof *fields);
        doubt = arena_array(arena, count + 1u, sizeof *doubt);
        spread = arena_array(arena, count + 1u, sizeof *spread);
        memory = fields != NULL && doubt != NULL && spread != NULL;
        for (int i = 0; i < INTEGERS; i++)
            memory = (n[i] = arena_array(arena, count + 1u, sizeof **n)) != NULL && memory;
    }
    if (!memory)
        goto out;
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = list[i].field;
        doubt[i] = list[i].doubt;
        spread[i] = list[i].spread;
        n[ACCEPTED][i] = list[i].accepted;
        n[BY_PERSON][i] = list[i].by_person;
        n[CONFIRM][i] = list[i].asked[LEVEL_CONFIRM];
        n[SINGLE][i] = list[i].asked[LEVEL_SINGLE];
        n[DOUBLE][i] = list[i].asked[LEVEL_DOUBLE];
        n[SAMPLED][i] = list[i].sampled;
    }
    const struct db_param p[] = {
        DB_P_ID(&c->client),                    DB_P_ID(&c->document),
        DB_P_INT(c->token),                     maybe_bytes(sealed_terms),
        db_text_list(arena, fields, count),     db_int_list(arena, n[ACCEPTED], count),
        db_real_list(arena, doubt, count),      db_real_list(arena, spread, count),
        db_int_list(arena, n[BY_PERSON], count), db_int_list(arena, n[CONFIRM], count),
        db_int_list(arena, n[SINGLE], count),   db_int_list(arena, n[DOUBLE], count),
        db_int_list(arena, n[SAMPLED], count),
    };

    rc = db_run(db, "SELECT work.document_stated($1, $2, $3, $4::bytea, $5, $6, $7, $8, $9, $10, $11, $12, $13)", p,
                COUNT_OF(p));
out:
    arena_free(arena);
    return rc;
}

enum rc
store_review_judged(struct db *db, const struct id *person, const struct review_task *t, const char *form,
                    const struct judgement *list, uint32_t count)
{
    enum { BIN, WAY, KEYED, RIGHT, INTEGERS };
    struct arena *arena;
    const char **fields;
    int64_t *n[INTEGERS];
    double *stated;
    bool memory = true;
    enum rc rc = RC_NOMEM;

    if (count == 0)
        return RC_OK;
    if ((arena = arena_new(8u << 20)) == NULL)
        return RC_NOMEM;
    fields = arena_array(arena, count, sizeof *fields);
    stated = arena_array(arena, count, sizeof *stated);
    for (int i = 0; i < INTEGERS; i++)
        memory = (n[i] = arena_array(arena, count, sizeof **n)) != NULL && memory;
    if (!memory || fields == NULL || stated == NULL)
        goto out;
    for (uint32_t i = 0; i < count; i++) {
        fields[i] = list[i].field;
        stated[i] = list[i].stated;
        n[BIN][i] = calibration_bin(list[i].stated);
        n[WAY][i] = list[i].way;
        n[KEYED][i] = list[i].keyed;
        n[RIGHT][i] = list[i].right;
    }
    const struct db_param p[] = {
        DB_P_ID(person),
        DB_P_ID(&t->client),
        DB_P_ID(&t->document),
        DB_P_INT(t->token),
        DB_P_TEXT(form),
        db_text_list(arena, fields, count),
        db_int_list(arena, n[BIN], count),
        db_int_list(arena, n[WAY], count),
        db_int_list(arena, n[KEYED], count),
        db_int_list(arena, n[RIGHT], count),
        db_real_list(arena, stated, count),
    };

    rc = db_run(db, "SELECT work.review_judged($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)", p, COUNT_OF(p));
out:
    arena_free(arena);
    return rc;
}

enum rc
store_review_again(struct db *db, const struct id *person, const struct review_task *t, enum reason reason,
                   const struct review_order *o)
{
    const struct db_param p[] = { DB_P_ID(person),    DB_P_ID(&t->client), DB_P_ID(&t->document),
                                  DB_P_INT(t->token), DB_P_INT(reason),    DB_P_BYTES(o->sealed) };
    enum rc rc = db_begin(db);

    if (rc == RC_OK)
        rc = store_review_judged(db, person, t, o->form, o->judged, o->judged_count);
    if (rc == RC_OK)
        rc = db_run(db, "SELECT work.review_again($1, $2, $3, $4, $5::int, $6)", p, COUNT_OF(p));
    if (rc == RC_OK)
        rc = db_commit(db);
    if (rc != RC_OK)
        db_rollback(db);
    return rc;
}
