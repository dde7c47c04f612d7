/* store_commit.c - what a step made, kept whole or not at all. */
#include "store_internal.h"

static enum rc
send_child(struct db *db, const struct claim *c, const struct child *child)
{
    const struct admit *a = &child->admit;
    const struct db_param p[] = {
        DB_P_ID(&c->client),       DB_P_ID(&c->file),          DB_P_INT(c->token),
        DB_P_ID(&a->file),         tag_param(a->content_tag),  tag_param(a->name_tag),
        DB_P_BYTES(a->name),       DB_P_INT(a->size),          DB_P_INT(a->sealed_size),
        DB_P_BOOL(a->is_manifest), DB_P_BYTES(bytes_of(a->wrapped, a->wrapped_size)),
        tag_param(a->stem_tag),    DB_P_BOOL(a->is_companion),
    };
    struct db_result *r = NULL;
    bool duplicate;
    enum rc rc =
        db_query(db, "SELECT work.unpack_child($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)", p,
                 COUNT_OF(p), &r);

    if (rc != RC_OK)
        return rc;
    duplicate = db_int(r, 0, 0) == ADMIT_DUPLICATE;
    db_result_free(r);
    if (duplicate)
        return RC_OK;
    for (uint32_t i = 0; i < child->part_count; i++) {
        const struct db_param part[] = { DB_P_ID(&c->client), DB_P_ID(&a->file), DB_P_INT(i),
                                         DB_P_BYTES(child->parts[i]) };

        if ((rc = db_run(db, "SELECT work.admit_part($1, $2, $3::int, $4)", part, COUNT_OF(part))) != RC_OK)
            return rc;
    }
    const struct db_param done[] = { DB_P_ID(&c->client), DB_P_ID(&a->file), DB_P_INT(child->part_count) };

    return db_run(db, "SELECT work.admit_done($1, $2, $3::int)", done, COUNT_OF(done));
}

enum rc
store_commit_unpack(struct db *db, const struct claim *c, const struct child *children, uint32_t count,
                    uint32_t dropped)
{
    const struct db_param p[] = { DB_P_ID(&c->client), DB_P_ID(&c->file), DB_P_INT(c->token), DB_P_INT(dropped) };
    enum rc rc = db_begin(db);

    for (uint32_t i = 0; i < count && rc == RC_OK; i++)
        rc = send_child(db, c, &children[i]);
    if (rc == RC_OK)
        rc = db_run(db, "SELECT work.commit_unpack($1, $2, $3, $4::int)", p, COUNT_OF(p));
    if (rc == RC_OK)
        rc = db_commit(db);
    if (rc != RC_OK)
        db_rollback(db);
    return rc;
}

enum rc
store_commit_decode(struct db *db, const struct claim *c, const struct recipe *recipe, struct bytes sealed_recipe,
                    struct bytes sealed_witness)
{
    const struct db_param w[] = { DB_P_ID(&c->client), DB_P_ID(&c->file), DB_P_INT(c->token),
                                  DB_P_BYTES(sealed_witness) };
    const struct db_param p[] = { DB_P_ID(&c->client),     DB_P_ID(&c->file),        DB_P_INT(c->token),
                                  DB_P_INT(recipe->count), DB_P_INT(recipe->format), DB_P_BYTES(sealed_recipe) };
    const char *decode = "SELECT work.commit_decode($1, $2, $3, $4::int, $5::int, $6)";
    enum rc rc;

    if (sealed_witness.size == 0)
        return db_run(db, decode, p, COUNT_OF(p));
    if ((rc = db_begin(db)) == RC_OK)
        rc = db_run(db, "SELECT work.commit_witness($1, $2, $3, $4)", w, COUNT_OF(w));
    if (rc == RC_OK)
        rc = db_run(db, decode, p, COUNT_OF(p));
    if (rc == RC_OK)
        rc = db_commit(db);
    if (rc != RC_OK)
        db_rollback(db);
    return rc;
}

enum rc
store_commit_manifest(struct db *db, const struct claim *c, const struct manifest_tag *entries, uint32_t count)
{
    struct arena *arena = arena_new(64u << 20);
    struct bytes *names, *contents;
    int64_t *pages;
    enum rc rc = RC_NOMEM;

    if (arena == NULL)
        return rc;
    names = arena_array(arena, count + 1u, sizeof *names);
    contents = arena_array(arena, count + 1u, sizeof *contents);
    pages = arena_array(arena, count + 1u, sizeof *pages);
    if (names == NULL || contents == NULL || pages == NULL)
        goto out;
    for (uint32_t i = 0; i < count; i++) {
        names[i] = bytes_of(entries[i].name_tag, 32);
        if (entries[i].has_content)
            contents[i] = bytes_of(entries[i].content_tag, 32);
        pages[i] = entries[i].pages;
    }
    const struct db_param p[] = { DB_P_ID(&c->client), DB_P_ID(&c->file), DB_P_INT(c->token),
                                  db_bytes_list(arena, names, count), db_bytes_list(arena, contents, count),
                                  db_int_list(arena, pages, count) };

    rc = db_run(db, "SELECT work.commit_manifest($1, $2, $3, $4, $5, $6)", p, COUNT_OF(p));
out:
    arena_free(arena);
    return rc;
}

enum rc
store_commit_pages(struct db *db, const struct page_done *pages, uint32_t count)
{
    enum { PAGE, TOKEN, KIND, K, N, WIDTH, HEIGHT, WORDS, REASON, INTEGERS };
    enum { START, INK, CONF, REALS };
    struct arena *arena = arena_new((size_t)256 << 20);
    struct id *clients, *files;
    int64_t *ints[INTEGERS];
    double *reals[REALS];
    const char **forms;
    struct bytes *sealed;
    bool memory = arena != NULL;
    enum rc rc = RC_NOMEM;

    if (!memory)
        return rc;
    clients = arena_array(arena, count, sizeof *clients);
    files = arena_array(arena, count, sizeof *files);
    forms = arena_array(arena, count, sizeof *forms);
    sealed = arena_array(arena, count, sizeof *sealed);
    for (int i = 0; i < INTEGERS; i++)
        memory = (ints[i] = arena_array(arena, count, sizeof **ints)) != NULL && memory;
    for (int i = 0; i < REALS; i++)
        memory = (reals[i] = arena_array(arena, count, sizeof **reals)) != NULL && memory;
    if (!memory || clients == NULL || files == NULL || forms == NULL || sealed == NULL)
        goto out;
    for (uint32_t i = 0; i < count; i++) {
        const struct page_facts *f = pages[i].facts;

        clients[i] = pages[i].claim->client;
        files[i] = pages[i].claim->file;
        ints[PAGE][i] = pages[i].claim->page;
        ints[TOKEN][i] = pages[i].claim->token;
        ints[KIND][i] = f->kind;
        ints[K][i] = f->page_k;
        ints[N][i] = f->page_n;
        ints[WIDTH][i] = f->width;
        ints[HEIGHT][i] = f->height;
        ints[WORDS][i] = f->words;
        ints[REASON][i] = f->reason;
        reals[START][i] = (double)f->start;
        reals[INK][i] = (double)f->ink;
        reals[CONF][i] = (double)pages[i].form_conf;
        forms[i] = pages[i].form != NULL ? pages[i].form : "";
        sealed[i] = pages[i].sealed_reading;
    }
    const struct db_param p[] = {
        db_id_list(arena, clients, count),       db_id_list(arena, files, count),
        db_int_list(arena, ints[PAGE], count),   db_int_list(arena, ints[TOKEN], count),
        db_int_list(arena, ints[KIND], count),   db_int_list(arena, ints[K], count),
        db_int_list(arena, ints[N], count),      db_real_list(arena, reals[START], count),
        db_int_list(arena, ints[WIDTH], count),  db_int_list(arena, ints[HEIGHT], count),
        db_real_list(arena, reals[INK], count),  db_int_list(arena, ints[WORDS], count),
        db_int_list(arena, ints[REASON], count), db_text_list(arena, forms, count),
        db_real_list(arena, reals[CONF], count), db_bytes_list(arena, sealed, count),
    };

    rc = db_run(db,
                "SELECT work.commit_pages($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)",
                p, COUNT_OF(p));
out:
    arena_free(arena);
    return rc;
}

enum rc
store_commit_page(struct db *db, const struct claim *claim, const struct page_facts *facts, const char *form,
                  float form_conf, struct bytes sealed_reading)
{
    const struct page_done page = { claim, facts, form, form_conf, sealed_reading };

    return store_commit_pages(db, &page, 1);
}

enum rc
store_commit_document(struct db *db, const struct claim *c, const struct document_outcome *o)
{
    const struct db_param p[] = {
        DB_P_ID(&c->client),      DB_P_ID(&c->document),     DB_P_INT(c->token),
        DB_P_INT(o->verdict),     DB_P_INT(o->reason),       DB_P_INT(o->detail),
        DB_P_TEXT(o->form != NULL ? o->form : ""),           DB_P_REAL(&o->form_conf),
        DB_P_INT(o->fields),      DB_P_INT(o->doubtful),     DB_P_REAL(&o->expected_errors),
        maybe_bytes(bytes_of(o->wrapped, o->wrapped != NULL ? o->wrapped_size : 0)),
        maybe_bytes(o->sealed_fields),                       maybe_bytes(o->sealed_package),
    };
    const struct db_param made[] = { p[0], p[1], p[2], DB_P_TEXT(o->made) };

    enum rc rc = db_begin(db);

    if (rc == RC_OK && (o->stated_count > 0 || o->sealed_terms.size > 0))
        rc = store_document_stated(db, c, o->sealed_terms, o->stated, o->stated_count);
    if (rc == RC_OK)
        rc = store_document_told(db, c, &o->told);
    if (rc == RC_OK && o->made != NULL)
        rc = db_run(db, "SELECT work.document_made($1, $2, $3, $4)", made, COUNT_OF(made));
    if (rc == RC_OK && o->memory_used > 0)
        rc = store_memory_used(db, c, o->memory_used);
    if (rc == RC_OK && o->lesson != NULL)
        rc = store_memory_put(db, c, o->lesson);
    if (rc == RC_OK)
        rc = db_run(db,
                    "SELECT work.commit_document($1, $2, $3, $4::int, $5::int, $6, $7, $8, $9::int, $10::int, $11,"
                    " $12::bytea, $13::bytea, $14::bytea)",
                    p, COUNT_OF(p));
    if (rc == RC_OK)
        rc = db_commit(db);
    if (rc != RC_OK)
        db_rollback(db);
    return rc;
}

enum rc
store_commit_delivery(struct db *db, const struct claim *c, int64_t seq, const uint8_t digest[32])
{
    const struct db_param p[] = { DB_P_ID(&c->client), DB_P_ID(&c->document), DB_P_INT(c->token), DB_P_INT(seq),
                                  tag_param(digest) };

    return db_run(db, "SELECT work.commit_delivery($1, $2, $3, $4, $5)", p, COUNT_OF(p));
}
