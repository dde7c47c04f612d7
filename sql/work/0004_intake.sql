-- Files come in: admitted once, into a batch that opens with them.
SET LOCAL ROLE escriba_owner;

-- One step into the queue.  A file's deadline is its batch's.
CREATE FUNCTION work.step_add(p_client uuid, p_unit int, p_object uuid, p_file uuid, p_document uuid, p_version int)
RETURNS void LANGUAGE sql AS $$
    INSERT INTO work.step (client_id, object_id, unit, file_id, document_id, version, deadline)
    SELECT p_client, p_object, p_unit, p_file, p_document, p_version, b.deadline
      FROM work.file f JOIN work.batch b USING (client_id, batch_id)
     WHERE f.client_id = p_client AND f.file_id = p_file
$$;

CREATE FUNCTION work.hot_folders() RETURNS TABLE (client_id uuid, client text, stream text, form text, state text)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
    SELECT c.client_id, c.name, s.name, s.form, c.state FROM work.client c JOIN work.stream s USING (client_id)
     WHERE c.state <> 'erased' ORDER BY c.name, s.name
$$;

-- What differs between the manifest and what came.  Written anew each time; later files may mend a finding.
CREATE FUNCTION work.batch_check(p_client uuid, p_batch uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_before int;
    v_after int;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM work.batch b WHERE b.client_id = p_client AND b.batch_id = p_batch
                      AND b.state = 'closed' AND b.expected IS NOT NULL) THEN
        RETURN;
    END IF;
    DELETE FROM work.finding f WHERE f.client_id = p_client AND f.batch_id = p_batch;
    GET DIAGNOSTICS v_before = ROW_COUNT;
    WITH here AS (
        SELECT f.* FROM work.file f WHERE f.client_id = p_client AND f.batch_id = p_batch AND NOT f.is_manifest
    ), said AS (
        SELECT e.* FROM work.expected e WHERE e.client_id = p_client AND e.batch_id = p_batch
    ), found AS (
        SELECT 'missing' AS finding, NULL::uuid AS file_id, s.entry, s.pages AS expected, NULL::int AS found
          FROM said s WHERE NOT EXISTS (SELECT 1 FROM here h WHERE h.name_tag = s.name_tag)
        UNION ALL
        -- An archive is expected when something in it is, and what is in an expected archive is expected.
        SELECT 'unexpected', h.file_id, NULL, NULL, h.pages FROM here h
         WHERE NOT EXISTS (SELECT 1 FROM said s WHERE s.name_tag = h.name_tag)
           AND NOT EXISTS (SELECT 1 FROM here p JOIN said s ON s.name_tag = p.name_tag WHERE p.file_id = h.parent_id)
           AND NOT EXISTS (SELECT 1 FROM here k JOIN said s ON s.name_tag = k.name_tag WHERE k.parent_id = h.file_id)
        UNION ALL
        SELECT 'hash', h.file_id, s.entry, NULL, NULL FROM said s JOIN here h USING (name_tag)
         WHERE s.content_tag IS NOT NULL AND s.content_tag <> h.content_tag
           AND NOT EXISTS (SELECT 1 FROM here o WHERE o.name_tag = s.name_tag AND o.content_tag = s.content_tag)
        UNION ALL
        SELECT 'pages', h.file_id, s.entry, s.pages, h.pages FROM said s JOIN here h USING (name_tag)
         WHERE s.pages IS NOT NULL AND h.pages IS NOT NULL AND s.pages <> h.pages
    )
    INSERT INTO work.finding (client_id, batch_id, n, finding, file_id, entry, expected, found)
    SELECT p_client, p_batch, row_number() OVER (ORDER BY f.finding, f.entry, f.file_id), f.finding, f.file_id, f.entry,
           f.expected, f.found FROM found f;
    GET DIAGNOSTICS v_after = ROW_COUNT;
    IF v_after > 0 OR v_before > 0 THEN
        PERFORM work.audit_add(p_client, 'batch.checked', p_batch => p_batch, p_amount => v_after);
    END IF;
END $$;

CREATE FUNCTION work.batch_close(p_client uuid, p_batch uuid, p_cause text) RETURNS boolean LANGUAGE plpgsql AS $$
BEGIN
    UPDATE work.batch b SET state = 'closed', cause = p_cause, closed_at = clock_timestamp()
     WHERE b.client_id = p_client AND b.batch_id = p_batch AND b.state = 'open';
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM work.audit_add(p_client, 'batch.closed', p_batch => p_batch,
        p_amount => array_position(ARRAY['manifest', 'done', 'operator', 'quiet'], p_cause));
    PERFORM work.batch_check(p_client, p_batch);
    RETURN true;
END $$;

-- All that the manifest names is there, or as many files as it names: the batch is complete.
CREATE FUNCTION work.batch_count(p_client uuid, p_batch uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_expected int;
    v_files int;
BEGIN
    SELECT b.expected INTO v_expected FROM work.batch b
     WHERE b.client_id = p_client AND b.batch_id = p_batch AND b.state = 'open' AND b.expected IS NOT NULL;
    IF NOT FOUND THEN
        PERFORM work.batch_check(p_client, p_batch);
        RETURN;
    END IF;
    SELECT count(*) INTO v_files FROM work.file f WHERE f.client_id = p_client AND f.batch_id = p_batch
       AND NOT f.is_manifest AND f.state <> 'container'
       AND NOT (f.state = 'erased' AND EXISTS (SELECT 1 FROM work.file k WHERE k.client_id = p_client
                                                  AND k.parent_id = f.file_id)); -- it was one
    IF v_files >= v_expected OR NOT EXISTS (
        SELECT 1 FROM work.expected e WHERE e.client_id = p_client AND e.batch_id = p_batch
           AND NOT EXISTS (SELECT 1 FROM work.file f WHERE f.client_id = p_client AND f.batch_id = p_batch
                              AND f.name_tag = e.name_tag)) THEN
        PERFORM work.batch_close(p_client, p_batch, 'manifest');
    END IF;
END $$;

CREATE FUNCTION work.batch_for(p_client uuid, p_stream text, p_folder text, p_sla int) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    v_batch uuid;
BEGIN
    LOOP
        SELECT b.batch_id INTO v_batch FROM work.batch b
         WHERE b.client_id = p_client AND b.stream = p_stream AND b.folder = p_folder AND b.state = 'open'
           FOR NO KEY UPDATE; -- a document of the batch may be made meanwhile: its key stays
        IF FOUND THEN
            RETURN v_batch;
        END IF;
        INSERT INTO work.batch (client_id, batch_id, stream, folder, deadline)
        VALUES (p_client, gen_random_uuid(), p_stream, p_folder, clock_timestamp() + make_interval(secs => p_sla))
        ON CONFLICT DO NOTHING RETURNING batch_id INTO v_batch;
        IF FOUND THEN
            PERFORM work.audit_add(p_client, 'batch.opened', p_batch => v_batch);
            RETURN v_batch;
        END IF;
    END LOOP;
END $$;

-- A file with the pages of its original, whose duplicate it is.
CREATE FUNCTION work.duplicate_pages(p_client uuid, p_file uuid, p_pages int) RETURNS void LANGUAGE sql AS $$
    INSERT INTO work.page (client_id, file_id, page)
    SELECT p_client, p_file, g FROM generate_series(0, p_pages - 1) g;
    UPDATE work.file f SET pages = p_pages WHERE f.client_id = p_client AND f.file_id = p_file;
$$;

CREATE FUNCTION work.file_insert(p_client uuid, p_file uuid, p_batch uuid, p_parent uuid, p_stream text, p_depth int,
                                 p_content bytea, p_name_tag bytea, p_source bytea, p_name bytea, p_size bigint,
                                 p_sealed_size bigint, p_manifest boolean, p_wrapped bytea)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_original work.file;
BEGIN
    LOOP
        SELECT f.* INTO v_original FROM work.file f
         WHERE f.client_id = p_client AND f.content_tag = p_content AND f.duplicate_of IS NULL AND NOT f.is_manifest
           AND f.state NOT IN ('set_aside', 'quarantined', 'erased') AND NOT p_manifest
           FOR UPDATE; -- its decoding gives the duplicate its pages: not both, not none
        BEGIN
            INSERT INTO work.file (client_id, file_id, batch_id, parent_id, stream, depth, state, is_manifest, content_tag,
                                   name_tag, source_tag, name, size, sealed_size, wrapped, duplicate_of)
            VALUES (p_client, p_file, p_batch, p_parent, p_stream, p_depth,
                    CASE WHEN v_original.file_id IS NULL THEN 'arriving' ELSE 'duplicate' END, p_manifest, p_content,
                    p_name_tag, p_source, p_name, p_size, p_sealed_size, p_wrapped, v_original.file_id);
            EXIT;
        EXCEPTION WHEN unique_violation THEN
            IF EXISTS (SELECT 1 FROM work.file f WHERE f.client_id = p_client AND f.file_id = p_file) THEN
                RAISE; -- the identifier itself is used twice
            END IF;
        END; -- else somebody admitted the same bytes between the two statements: look again
    END LOOP;
    UPDATE work.batch b SET last_at = clock_timestamp() WHERE b.client_id = p_client AND b.batch_id = p_batch;
    IF v_original.file_id IS NULL THEN
        RETURN 0;
    END IF;
    IF v_original.pages IS NOT NULL THEN
        PERFORM work.duplicate_pages(p_client, p_file, v_original.pages);
    END IF;
    PERFORM work.audit_add(p_client, 'file.duplicate', p_batch => p_batch, p_file => p_file, p_amount => p_size);
    PERFORM work.batch_count(p_client, p_batch);
    RETURN 1;
END $$;

-- Answers 0 taken, 1 duplicate (nothing more to send), 2 closed.  After 0: admit_part for each part, then admit_done.
-- already: these very bytes of this very source were admitted before (we died before the source was removed).
CREATE FUNCTION work.admit(p_client uuid, p_file uuid, p_stream text, p_folder text, p_content bytea, p_name_tag bytea,
                           p_source bytea, p_name bytea, p_size bigint, p_sealed_size bigint, p_manifest boolean,
                           p_wrapped bytea)
RETURNS TABLE (answer int, batch_id uuid, already boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_client work.client;
    v_before work.file;
BEGIN
    SELECT * INTO v_client FROM work.client c WHERE c.client_id = p_client;
    IF NOT FOUND OR NOT EXISTS (SELECT 1 FROM work.stream s WHERE s.client_id = p_client AND s.name = p_stream) THEN
        RAISE EXCEPTION 'there is no such client or stream' USING ERRCODE = 'ES404';
    END IF;
    IF v_client.state <> 'active' THEN
        RETURN QUERY SELECT 2, NULL::uuid, false;
        RETURN;
    END IF;
    IF p_source IS NOT NULL THEN
        SELECT * INTO v_before FROM work.file f
         WHERE f.client_id = p_client AND f.content_tag = p_content AND f.source_tag = p_source;
        IF FOUND THEN
            RETURN QUERY SELECT CASE WHEN v_before.duplicate_of IS NULL THEN 0 ELSE 1 END, v_before.batch_id, true;
            RETURN;
        END IF;
    END IF;
    batch_id := work.batch_for(p_client, p_stream, p_folder, v_client.sla_seconds);
    answer := work.file_insert(p_client, p_file, batch_id, NULL, p_stream, 0, p_content, p_name_tag, p_source, p_name,
                               p_size, p_sealed_size, p_manifest, p_wrapped);
    already := false;
    RETURN NEXT;
END $$;

CREATE FUNCTION work.admit_part(p_client uuid, p_file uuid, p_part int, p_sealed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    -- 'arriving' is never committed, so this is a file of our own transaction.
    IF NOT EXISTS (SELECT 1 FROM work.file f WHERE f.client_id = p_client AND f.file_id = p_file
                      AND f.state = 'arriving') THEN
        RAISE EXCEPTION 'no file is being admitted under this identifier' USING ERRCODE = 'ES400';
    END IF;
    INSERT INTO work.blob_part VALUES (p_client, p_file, p_part, p_sealed);
END $$;

CREATE FUNCTION work.admit_done(p_client uuid, p_file uuid, p_parts int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    v_file work.file;
    v_count int;
    v_size bigint;
    v_hash bytea;
BEGIN
    SELECT count(*), coalesce(sum(length(b.sealed)), 0), sha256(string_agg(sha256(b.sealed), ''::bytea ORDER BY b.part))
      INTO v_count, v_size, v_hash FROM work.blob_part b WHERE b.client_id = p_client AND b.file_id = p_file;
    UPDATE work.file f SET state = 'waiting', parts = p_parts, sealed_size = v_size
     WHERE f.client_id = p_client AND f.file_id = p_file AND f.state = 'arriving' RETURNING * INTO v_file;
    IF NOT FOUND OR p_parts < 1 OR v_count <> p_parts OR NOT EXISTS (
        SELECT 1 FROM work.blob_part b WHERE b.client_id = p_client AND b.file_id = p_file AND b.part = p_parts - 1) THEN
        RAISE EXCEPTION 'the parts of a file are not all there' USING ERRCODE = 'ES400';
    END IF;
    PERFORM work.step_add(p_client, 1, p_file, p_file, NULL, v_file.version);
    PERFORM work.audit_add(p_client, 'file.admitted', p_batch => v_file.batch_id, p_file => p_file,
                           p_amount => v_file.size, p_hash => v_hash);
    PERFORM work.batch_count(p_client, v_file.batch_id);
END $$;

-- A file is admitted whole or not at all, whatever a program forgets to call.
-- SECURITY DEFINER: a deferred trigger runs as whoever commits, and no program may read the table.
CREATE FUNCTION work.file_arrived() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM work.file f WHERE f.client_id = NEW.client_id AND f.file_id = NEW.file_id
                  AND f.state = 'arriving') THEN
        RAISE EXCEPTION 'a file was not admitted to the end' USING ERRCODE = 'ES400';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER file_arrived AFTER INSERT ON work.file DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.state = 'arriving') EXECUTE FUNCTION work.file_arrived();

-- The client's own sign that a batch is complete.  False when no batch is open there.
CREATE FUNCTION work.batch_done(p_client uuid, p_stream text, p_folder text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    v_batch uuid;
BEGIN
    SELECT b.batch_id INTO v_batch FROM work.batch b
     WHERE b.client_id = p_client AND b.stream = p_stream AND b.folder = p_folder AND b.state = 'open';
    RETURN FOUND AND work.batch_close(p_client, v_batch, 'done');
END $$;

-- Close the batches whose quiet time is over; gives how many.
CREATE FUNCTION work.tick() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    b record;
    v_closed bigint := 0;
BEGIN
    FOR b IN SELECT t.client_id, t.batch_id FROM work.batch t JOIN work.client c USING (client_id)
              WHERE t.state = 'open' AND c.quiet_seconds > 0
                AND t.last_at + make_interval(secs => c.quiet_seconds) < clock_timestamp()
              ORDER BY t.client_id, t.batch_id LIMIT 100 FOR NO KEY UPDATE OF t SKIP LOCKED LOOP
        IF work.batch_close(b.client_id, b.batch_id, 'quiet') THEN
            v_closed := v_closed + 1;
        END IF;
    END LOOP;
    RETURN v_closed;
END $$;
