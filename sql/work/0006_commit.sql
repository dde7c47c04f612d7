-- What a step made, kept in one transaction with the next steps and the audit rows.
SET LOCAL ROLE escriba_owner;

CREATE FUNCTION work.artifact_put(p_client uuid, p_object uuid, p_kind int, p_page int, p_generation int, p_sealed bytea)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO work.artifact VALUES (p_client, p_object, p_kind, p_page, p_generation, p_sealed)
    ON CONFLICT (client_id, object_id, kind, page, generation) DO UPDATE SET sealed = EXCLUDED.sealed
$$;

-- Pages that an earlier try found and this one does not: read, they had artifacts; owned, they would be in no place.
CREATE FUNCTION work.pages_forget(p_client uuid, p_file uuid, p_from int) RETURNS void LANGUAGE sql AS $$
    DELETE FROM work.artifact a WHERE a.client_id = p_client AND a.object_id = p_file AND a.kind = 4 AND a.page >= p_from;
    DELETE FROM work.page p WHERE p.client_id = p_client AND p.file_id = p_file AND p.page >= p_from
$$;

-- For steps that change their batch, before they lock their file: who admits into a batch holds it, and then asks for
-- the file that has the same bytes.
CREATE FUNCTION work.batch_lock(p_client uuid, p_file uuid) RETURNS void LANGUAGE sql AS $$
    SELECT 1 FROM work.batch b WHERE b.client_id = p_client AND b.batch_id = (
        SELECT f.batch_id FROM work.file f WHERE f.client_id = p_client AND f.file_id = p_file) FOR NO KEY UPDATE
$$;

-- A file out of an archive: admitted like any other, in the transaction that ends with commit_unpack.
CREATE FUNCTION work.unpack_child(p_client uuid, p_file uuid, p_token bigint, p_child uuid, p_content bytea,
                                  p_name_tag bytea, p_name bytea, p_size bigint, p_sealed_size bigint,
                                  p_manifest boolean, p_wrapped bytea)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    v_parent work.file;
BEGIN
    PERFORM work.held(p_client, p_file, 1, 0, p_token);
    PERFORM work.batch_lock(p_client, p_file);
    SELECT f.* INTO v_parent FROM work.file f WHERE f.client_id = p_client AND f.file_id = p_file FOR UPDATE;
    RETURN work.file_insert(p_client, p_child, v_parent.batch_id, p_file, v_parent.stream, v_parent.depth + 1, p_content,
                            p_name_tag, NULL, p_name, p_size, p_sealed_size, p_manifest, p_wrapped);
END $$;

CREATE FUNCTION work.commit_unpack(p_client uuid, p_file uuid, p_token bigint, p_dropped int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step;
    v_batch uuid;
    v_children bigint;
BEGIN
    PERFORM work.batch_lock(p_client, p_file);
    s := work.finish(p_client, p_file, 1, 0, p_token);
    SELECT count(*) INTO v_children FROM work.file f WHERE f.client_id = p_client AND f.parent_id = p_file;
    -- 60: something in it was dropped (links, devices, odd names)
    PERFORM work.pages_forget(p_client, p_file, 0);
    UPDATE work.file f SET state = 'container', pages = NULL, unread = 0, dropped = p_dropped, reason = CASE WHEN p_dropped > 0 THEN 60 ELSE 0 END,
           detail = p_dropped, changed_at = clock_timestamp()
     WHERE f.client_id = p_client AND f.file_id = s.file_id RETURNING f.batch_id INTO v_batch;
    PERFORM work.audit_add(p_client, 'file.unpacked', p_batch => v_batch, p_file => p_file,
                           p_code => CASE WHEN p_dropped > 0 THEN 60 ELSE 0 END, p_amount => v_children);
    PERFORM work.batch_count(p_client, v_batch);
END $$;

CREATE FUNCTION work.commit_decode(p_client uuid, p_file uuid, p_token bigint, p_pages int, p_format int, p_recipe bytea)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step := work.finish(p_client, p_file, 1, 0, p_token);
    v_batch uuid;
    d record;
BEGIN
    IF coalesce(p_pages, 0) NOT BETWEEN 1 AND 2000 THEN
        RAISE EXCEPTION 'a file has 1 to 2000 pages' USING ERRCODE = 'ES400';
    END IF;
    UPDATE work.file f SET state = 'reading', pages = p_pages, unread = p_pages, format = p_format,
           changed_at = clock_timestamp()
     WHERE f.client_id = p_client AND f.file_id = p_file RETURNING f.batch_id INTO v_batch;
    PERFORM work.artifact_put(p_client, p_file, 3, 0, 0, p_recipe);
    -- A file that is tried again has its pages already; a newer reader may find fewer.
    PERFORM work.pages_forget(p_client, p_file, p_pages);
    INSERT INTO work.page (client_id, file_id, page)
    SELECT p_client, p_file, g FROM generate_series(0, p_pages - 1) g
    ON CONFLICT (client_id, file_id, page) DO UPDATE SET kind = NULL;
    INSERT INTO work.step (client_id, object_id, unit, page, file_id, version, deadline)
    SELECT p_client, p_file, 2, g, p_file, s.version, s.deadline FROM generate_series(0, p_pages - 1) g ORDER BY g;
    FOR d IN SELECT f.file_id FROM work.file f WHERE f.client_id = p_client AND f.duplicate_of = p_file
                AND f.pages IS NULL LOOP
        PERFORM work.duplicate_pages(p_client, d.file_id, p_pages);
    END LOOP;
    PERFORM work.audit_add(p_client, 'file.decoded', p_batch => v_batch, p_file => p_file, p_amount => p_pages,
                           p_hash => sha256(p_recipe));
    PERFORM work.batch_check(p_client, v_batch);
END $$;

CREATE FUNCTION work.commit_manifest(p_client uuid, p_file uuid, p_token bigint, p_names bytea[], p_contents bytea[],
                                     p_pages bigint[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step;
    v_batch uuid;
    v_first int;
    v_count CONSTANT int := cardinality(p_names);
BEGIN
    PERFORM work.batch_lock(p_client, p_file);
    s := work.finish(p_client, p_file, 1, 0, p_token);
    IF v_count IS NULL OR v_count <> cardinality(p_contents) OR v_count <> cardinality(p_pages) THEN
        RAISE EXCEPTION 'the lists of a manifest differ in length' USING ERRCODE = 'ES400';
    END IF;
    PERFORM work.pages_forget(p_client, p_file, 0);
    UPDATE work.file f SET state = 'manifest', pages = NULL, unread = 0, detail = v_count, changed_at = clock_timestamp()
     WHERE f.client_id = p_client AND f.file_id = s.file_id RETURNING f.batch_id INTO v_batch;
    SELECT coalesce(max(e.entry), -1) + 1 INTO v_first FROM work.expected e
     WHERE e.client_id = p_client AND e.batch_id = v_batch;
    INSERT INTO work.expected (client_id, batch_id, entry, name_tag, content_tag, pages)
    SELECT p_client, v_batch, v_first + (i.n - 1)::int, i.name_tag, i.content_tag, nullif(i.pages, -1)::int
      FROM unnest(p_names, p_contents, p_pages) WITH ORDINALITY i(name_tag, content_tag, pages, n);
    UPDATE work.batch b SET expected = v_first + v_count WHERE b.client_id = p_client AND b.batch_id = v_batch;
    PERFORM work.audit_add(p_client, 'batch.manifest', p_batch => v_batch, p_file => p_file, p_amount => v_count);
    PERFORM work.batch_count(p_client, v_batch);
END $$;

-- ---- pages ---------------------------------------------------------------------------------------------

-- Which document each page of a file belongs to, from 0, or NULL.  The rule, and its twin in C, stand in
-- include/doc/separate.h; here a page that matched a fixed form begins a document, too.
CREATE FUNCTION work.separate_pages(p_client uuid, p_file uuid) RETURNS TABLE (page int, owner int, doc_page int)
LANGUAGE plpgsql AS $$
DECLARE
    p work.page;
    v_open boolean := false;
    v_last_k int := 0;
    v_last_n int := 0;
BEGIN
    owner := -1;
    FOR p IN SELECT t.* FROM work.page t WHERE t.client_id = p_client AND t.file_id = p_file ORDER BY t.page LOOP
        page := p.page;
        IF p.kind <> 0 THEN
            IF p.kind >= 2 THEN -- a separator sheet; a blank page just goes
                v_open := false;
            END IF;
            CONTINUE;
        END IF;
        IF NOT v_open OR p.k = 1 OR ((p.start >= 0.5 OR p.form <> '') AND p.k <= 1)
           OR (v_last_n > 0 AND v_last_k = v_last_n AND p.k = 0) THEN
            owner := owner + 1;
            doc_page := 0;
        ELSE
            doc_page := doc_page + 1;
        END IF;
        v_open := true;
        v_last_k := p.k;
        v_last_n := p.n;
        RETURN NEXT;
    END LOOP;
END $$;

-- The last page of a file is read: its pages become documents, each with its step.
CREATE FUNCTION work.separate(p_client uuid, p_file uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_file work.file;
    v_entries work.audit_entry[];
BEGIN
    UPDATE work.file f SET state = 'separated', changed_at = clock_timestamp()
     WHERE f.client_id = p_client AND f.file_id = p_file RETURNING * INTO v_file;
    WITH owned AS (
        SELECT o.page, o.owner, o.doc_page FROM work.separate_pages(p_client, p_file) o
    ), made AS (
        SELECT o.owner, gen_random_uuid() AS document_id, count(*)::int AS pages FROM owned o GROUP BY o.owner
    ), documents AS (
        INSERT INTO work.document (client_id, document_id, file_id, batch_id, version, state, pages)
        SELECT p_client, m.document_id, p_file, v_file.batch_id, 1, 'work', m.pages FROM made m ORDER BY m.owner
    ), pages AS (
        UPDATE work.page p SET document_id = m.document_id, doc_page = o.doc_page FROM owned o JOIN made m USING (owner)
         WHERE p.client_id = p_client AND p.file_id = p_file AND p.page = o.page
    ), steps AS (
        INSERT INTO work.step (client_id, object_id, unit, file_id, document_id, version, deadline)
        SELECT p_client, m.document_id, 3, p_file, m.document_id, 1, b.deadline
          FROM made m, work.batch b WHERE b.client_id = p_client AND b.batch_id = v_file.batch_id ORDER BY m.owner
    )
    SELECT array_agg(ROW('document.made', NULL, v_file.batch_id, p_file, m.document_id, -1, 0, m.pages,
                         NULL)::work.audit_entry ORDER BY m.owner) INTO v_entries FROM made m;
    IF v_entries IS NOT NULL THEN
        PERFORM work.audit_append(p_client, v_entries);
    END IF;
END $$;

-- Pages are read: many at once, of any files and clients, or none if one lease of them is lost.
CREATE FUNCTION work.commit_pages(p_clients uuid[], p_files uuid[], p_pages bigint[], p_tokens bigint[], p_kinds bigint[],
                                  p_ks bigint[], p_ns bigint[], p_starts float8[], p_widths bigint[], p_heights bigint[],
                                  p_inks float8[], p_words bigint[], p_reasons bigint[], p_forms text[],
                                  p_confs float8[], p_sealed bytea[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    v_found int;
    v_unread int;
    v_version int;
    v_clients uuid[];
    v_entries work.audit_entry[];
    c uuid;
    x record;
BEGIN
    IF (cardinality(p_tokens) = ALL (ARRAY[cardinality(p_clients), cardinality(p_files), cardinality(p_pages),
           cardinality(p_kinds), cardinality(p_ks), cardinality(p_ns), cardinality(p_starts), cardinality(p_widths),
           cardinality(p_heights), cardinality(p_inks), cardinality(p_words), cardinality(p_reasons), cardinality(p_forms),
           cardinality(p_confs), cardinality(p_sealed)])) IS NOT TRUE OR array_position(p_kinds, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'the lists of what was read differ in length' USING ERRCODE = 'ES400';
    END IF;
    -- Files first, in one order everywhere: two commits cannot wait for each other.
    PERFORM 1 FROM work.file f
      WHERE (f.client_id, f.file_id) IN (SELECT * FROM unnest(p_clients, p_files)) ORDER BY f.client_id, f.file_id FOR UPDATE;
    WITH i AS (
        SELECT * FROM unnest(p_clients, p_files, p_pages, p_tokens) AS t(client_id, file_id, page, token)
    ), gone AS (
        DELETE FROM work.step s USING i WHERE s.client_id = i.client_id AND s.object_id = i.file_id AND s.unit = 2
           AND s.page = i.page::int AND s.token = i.token RETURNING 1
    )
    SELECT count(*) INTO v_found FROM gone;
    IF v_found <> cardinality(p_tokens) THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'ES001';
    END IF;
    INSERT INTO work.artifact (client_id, object_id, kind, page, generation, sealed)
    SELECT i.client_id, i.file_id, 4, i.page, 0, i.sealed
      FROM unnest(p_clients, p_files, p_pages, p_sealed) AS i(client_id, file_id, page, sealed)
    ON CONFLICT (client_id, object_id, kind, page, generation) DO UPDATE SET sealed = EXCLUDED.sealed;
    UPDATE work.page p SET kind = i.kind, k = i.k, n = i.n, start = i.start, width = i.width, height = i.height,
           ink = i.ink, words = i.words, reason = i.reason, form = i.form, form_conf = i.conf
      FROM unnest(p_clients, p_files, p_pages, p_kinds, p_ks, p_ns, p_starts, p_widths, p_heights, p_inks, p_words,
                  p_reasons, p_forms, p_confs)
           AS i(client_id, file_id, page, kind, k, n, start, width, height, ink, words, reason, form, conf)
     WHERE p.client_id = i.client_id AND p.file_id = i.file_id AND p.page = i.page::int;

    v_clients := ARRAY(SELECT DISTINCT t FROM unnest(p_clients) t ORDER BY t);
    FOREACH c IN ARRAY v_clients LOOP
        v_entries := ARRAY(SELECT ROW('page.read', NULL, NULL, i.file_id, NULL, i.page::int, i.reason::int, i.words,
                                      sha256(i.sealed))::work.audit_entry
                             FROM unnest(p_clients, p_files, p_pages, p_reasons, p_words, p_sealed)
                                  AS i(client_id, file_id, page, reason, words, sealed) WHERE i.client_id = c);
        PERFORM work.audit_append(c, v_entries);
    END LOOP;
    -- A page that has a document is read again with the form that a person named; else its file is being read.
    FOR x IN SELECT p.client_id, p.file_id, p.document_id, count(*)::int AS pages
               FROM unnest(p_clients, p_files, p_pages) AS i(client_id, file_id, page)
               JOIN work.page p ON p.client_id = i.client_id AND p.file_id = i.file_id AND p.page = i.page::int
              GROUP BY p.client_id, p.file_id, p.document_id ORDER BY 1, 2, 3 LOOP
        -- By the key alone: a condition on state would tempt the planner to another index.
        IF x.document_id IS NULL THEN
            UPDATE work.file f SET unread = f.unread - x.pages
             WHERE f.client_id = x.client_id AND f.file_id = x.file_id RETURNING f.unread INTO v_unread;
            IF v_unread = 0 THEN
                PERFORM work.separate(x.client_id, x.file_id);
            END IF;
        ELSE
            UPDATE work.document d SET unread = d.unread - x.pages
             WHERE d.client_id = x.client_id AND d.document_id = x.document_id
            RETURNING d.unread, d.version INTO v_unread, v_version;
            IF v_unread = 0 THEN
                PERFORM work.step_add(x.client_id, 3, x.document_id, x.file_id, x.document_id, v_version);
            END IF;
        END IF;
    END LOOP;
END $$;

-- ---- documents and deliveries --------------------------------------------------------------------------

-- Verdict 0 pass, 1 review, 2 reject (stage.h).
CREATE FUNCTION work.commit_document(p_client uuid, p_document uuid, p_token bigint, p_verdict int, p_reason int,
                                     p_detail bigint, p_form text, p_form_conf float8, p_fields int, p_doubtful int,
                                     p_errors float8, p_wrapped bytea, p_sealed_fields bytea, p_sealed_package bytea)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step := work.finish(p_client, p_document, 3, 0, p_token);
    d work.document;
    v_state text;
BEGIN
    SELECT t.* INTO d FROM work.document t WHERE t.client_id = p_client AND t.document_id = p_document;
    IF p_wrapped IS NOT NULL AND d.wrapped IS NOT NULL AND p_wrapped <> d.wrapped THEN
        -- Two keys for one document would leave artifacts that nobody opens.
        RAISE EXCEPTION 'this document has a key already' USING ERRCODE = 'ES409';
    END IF;
    v_state := CASE WHEN p_verdict = 2 THEN 'rejected' WHEN p_verdict = 1 OR d.must_review THEN 'review' ELSE 'passed' END;
    IF v_state = 'passed' AND coalesce(length(p_sealed_package), 0) = 0 THEN
        RAISE EXCEPTION 'a document that passes has a package' USING ERRCODE = 'ES400';
    END IF;
    UPDATE work.document t SET state = v_state, reason = p_reason, detail = p_detail, form = p_form, fields = p_fields,
           form_conf = p_form_conf, doubtful = p_doubtful, expected_errors = p_errors,
           wrapped = coalesce(t.wrapped, p_wrapped), changed_at = clock_timestamp()
     WHERE t.client_id = p_client AND t.document_id = p_document;
    IF coalesce(length(p_sealed_fields), 0) > 0 THEN
        PERFORM work.artifact_put(p_client, p_document, 5, 0, s.version, p_sealed_fields);
    END IF;
    IF v_state = 'passed' THEN
        PERFORM work.artifact_put(p_client, p_document, 6, 0, s.version, p_sealed_package);
        PERFORM work.step_add(p_client, 4, p_document, d.file_id, p_document, s.version);
    ELSIF v_state = 'rejected' THEN
        PERFORM work.step_add(p_client, 4, p_document, d.file_id, p_document, s.version);
    ELSE
        INSERT INTO work.review (client_id, document_id, version, reason, deadline)
        VALUES (p_client, p_document, s.version, p_reason, s.deadline);
    END IF;
    PERFORM work.audit_add(p_client, 'document.' || v_state, p_batch => d.batch_id, p_file => d.file_id,
                           p_document => p_document, p_code => p_reason, p_amount => p_doubtful,
                           p_hash => sha256(coalesce(nullif(p_sealed_package, ''), p_sealed_fields)));
END $$;

-- The file cannot be taken; for a page that is read again, its document cannot.
CREATE FUNCTION work.refuse(p_client uuid, p_object uuid, p_unit int, p_page int, p_token bigint, p_reason int,
                            p_detail bigint)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step := work.finish(p_client, p_object, p_unit, p_page, p_token);
BEGIN
    IF p_reason = 0 OR s.unit = 4 THEN
        RAISE EXCEPTION 'a refusal needs a reason, and a delivery cannot be refused' USING ERRCODE = 'ES400';
    END IF;
    IF s.document_id IS NOT NULL THEN
        PERFORM work.document_end(p_client, s.document_id, 'rejected', p_reason, p_detail, true);
    ELSE
        PERFORM work.file_end(p_client, s.file_id, 'refused', p_reason, p_detail, true);
    END IF;
END $$;

-- The delivery database has it under this number.  A refusal leaves the state as it is: it was told.
CREATE FUNCTION work.commit_delivery(p_client uuid, p_object uuid, p_token bigint, p_seq bigint, p_digest bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step := work.finish(p_client, p_object, 4, 0, p_token);
    v_result boolean;
BEGIN
    UPDATE work.document d SET state = 'delivered', changed_at = clock_timestamp()
     WHERE d.client_id = p_client AND d.document_id = s.document_id AND d.state = 'passed';
    v_result := FOUND;
    INSERT INTO work.receipt (client_id, object_id, version, kind, seq, digest)
    VALUES (p_client, p_object, s.version, CASE WHEN v_result THEN 'result' ELSE 'refusal' END, p_seq, p_digest);
    PERFORM work.audit_add(p_client, CASE WHEN v_result THEN 'document.delivered' ELSE 'refusal.delivered' END,
                           p_batch => (SELECT f.batch_id FROM work.file f WHERE f.client_id = p_client
                                          AND f.file_id = s.file_id),
                           p_file => s.file_id, p_document => s.document_id, p_amount => p_seq, p_hash => p_digest);
END $$;
