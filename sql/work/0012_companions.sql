-- E-invoices: what one inside a file states, and XML files that lie beside a scan under its name.
--
-- NAME.xml is the companion of NAME.pdf when both come in one batch (and out of one archive, or none).  It is a file
-- of its own, sealed under its own key, and has no page: the balance counts it with the containers.  It is paired
-- with its pages when it is read or when they are decoded, whatever comes last.  One whose pages have not come waits
-- (in work) until its batch closes, and is then refused with reason 21; so is one that comes when its pages have gone
-- on without it.  While a person may still look (and nobody does), the document is done again with it.
--
-- stem_tag: keyed hash of the name without its ending.  A companion is never a duplicate: the same invoice may come
-- again with its pages after it came alone.
SET LOCAL ROLE escriba_owner;

ALTER TABLE work.file ADD COLUMN stem_tag bytea CHECK (length(stem_tag) = 32),
    ADD COLUMN is_companion boolean NOT NULL DEFAULT false,
    ADD COLUMN companion_of uuid,
    DROP CONSTRAINT file_state_check,
    ADD CONSTRAINT file_state_check CHECK (state IN ('arriving', 'waiting', 'reading', 'separated', 'container', 'manifest',
                                                     'companion', 'duplicate', 'refused', 'set_aside', 'quarantined', 'erased'));
DROP INDEX work.file_content;
CREATE UNIQUE INDEX file_content ON work.file (client_id, content_tag)
    WHERE duplicate_of IS NULL AND NOT is_manifest AND NOT is_companion
          AND state NOT IN ('set_aside', 'quarantined', 'erased');
DROP INDEX work.file_kept;
CREATE INDEX file_kept ON work.file (client_id, file_id)
    WHERE state IN ('separated', 'container', 'manifest', 'companion', 'duplicate', 'refused', 'quarantined');
CREATE INDEX file_stem ON work.file (client_id, batch_id, stem_tag) WHERE stem_tag IS NOT NULL;
CREATE INDEX file_companion ON work.file (client_id, companion_of) WHERE companion_of IS NOT NULL;

-- ---- they come in: as 0004 and 0006, with the stem and whether it is a companion by its name

DROP FUNCTION work.file_insert(uuid, uuid, uuid, uuid, text, int, bytea, bytea, bytea, bytea, bigint, bigint, boolean, bytea);
CREATE FUNCTION work.file_insert(p_client uuid, p_file uuid, p_batch uuid, p_parent uuid, p_stream text, p_depth int,
                                 p_content bytea, p_name_tag bytea, p_source bytea, p_name bytea, p_size bigint,
                                 p_sealed_size bigint, p_manifest boolean, p_wrapped bytea, p_stem bytea,
                                 p_companion boolean)
RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    v_original work.file;
BEGIN
    LOOP
        SELECT f.* INTO v_original FROM work.file f
         WHERE f.client_id = p_client AND f.content_tag = p_content AND f.duplicate_of IS NULL AND NOT f.is_manifest
           AND NOT f.is_companion AND f.state NOT IN ('set_aside', 'quarantined', 'erased')
           AND NOT p_manifest AND NOT p_companion
           FOR UPDATE; -- its decoding gives the duplicate its pages: not both, not none
        BEGIN
            INSERT INTO work.file (client_id, file_id, batch_id, parent_id, stream, depth, state, is_manifest, content_tag,
                                   name_tag, source_tag, name, size, sealed_size, wrapped, duplicate_of, stem_tag,
                                   is_companion)
            VALUES (p_client, p_file, p_batch, p_parent, p_stream, p_depth,
                    CASE WHEN v_original.file_id IS NULL THEN 'arriving' ELSE 'duplicate' END, p_manifest, p_content,
                    p_name_tag, p_source, p_name, p_size, p_sealed_size, p_wrapped, v_original.file_id, p_stem, p_companion);
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

DROP FUNCTION work.admit(uuid, uuid, text, text, bytea, bytea, bytea, bytea, bigint, bigint, boolean, bytea);
CREATE FUNCTION work.admit(p_client uuid, p_file uuid, p_stream text, p_folder text, p_content bytea, p_name_tag bytea,
                           p_source bytea, p_name bytea, p_size bigint, p_sealed_size bigint, p_manifest boolean,
                           p_wrapped bytea, p_stem bytea DEFAULT NULL, p_companion boolean DEFAULT false)
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
                               p_size, p_sealed_size, p_manifest, p_wrapped, p_stem, p_companion);
    already := false;
    RETURN NEXT;
END $$;

DROP FUNCTION work.unpack_child(uuid, uuid, bigint, uuid, bytea, bytea, bytea, bigint, bigint, boolean, bytea);
CREATE FUNCTION work.unpack_child(p_client uuid, p_file uuid, p_token bigint, p_child uuid, p_content bytea,
                                  p_name_tag bytea, p_name bytea, p_size bigint, p_sealed_size bigint,
                                  p_manifest boolean, p_wrapped bytea, p_stem bytea DEFAULT NULL,
                                  p_companion boolean DEFAULT false)
RETURNS int LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    v_parent work.file;
BEGIN
    PERFORM work.held(p_client, p_file, 1, 0, p_token);
    PERFORM work.batch_lock(p_client, p_file);
    SELECT f.* INTO v_parent FROM work.file f WHERE f.client_id = p_client AND f.file_id = p_file FOR UPDATE;
    RETURN work.file_insert(p_client, p_child, v_parent.batch_id, p_file, v_parent.stream, v_parent.depth + 1, p_content,
                            p_name_tag, NULL, p_name, p_size, p_sealed_size, p_manifest, p_wrapped, p_stem, p_companion);
END $$;

-- ---- they are paired

-- The pages of a companion: read, or on their way.  The nearest in time that have none yet.
CREATE FUNCTION work.companion_pages(f work.file) RETURNS uuid LANGUAGE sql STABLE AS $$
    SELECT p.file_id FROM work.file p
     WHERE p.client_id = f.client_id AND p.batch_id = f.batch_id AND p.stem_tag = f.stem_tag AND NOT p.is_companion
       AND p.parent_id IS NOT DISTINCT FROM f.parent_id AND p.state IN ('waiting', 'reading', 'separated', 'duplicate')
       AND NOT EXISTS (SELECT 1 FROM work.file c WHERE c.client_id = p.client_id AND c.companion_of = p.file_id)
     ORDER BY abs(extract(epoch FROM p.received_at - f.received_at)), p.file_id LIMIT 1
$$;

-- May the documents of these pages still hear of it?  One that waits for a person, and that nobody holds, is done again.
CREATE FUNCTION work.companion_heard(p_client uuid, p_pages uuid) RETURNS boolean LANGUAGE plpgsql AS $$
DECLARE
    d work.document;
BEGIN
    IF (SELECT count(*) FROM work.document t WHERE t.client_id = p_client AND t.file_id = p_pages) <> 1 THEN
        RETURN true; -- none yet, or several, of which it speaks for none
    END IF;
    SELECT t.* INTO d FROM work.document t WHERE t.client_id = p_client AND t.file_id = p_pages;
    PERFORM work.lock_owner(p_client, p_pages, d.document_id);
    SELECT t.* INTO d FROM work.document t WHERE t.client_id = p_client AND t.document_id = d.document_id;
    IF d.state = 'review' THEN
        DELETE FROM work.review r WHERE r.client_id = p_client AND r.document_id = d.document_id
           AND (r.token IS NULL OR r.until < clock_timestamp());
        IF NOT FOUND THEN
            RETURN false;
        END IF;
        UPDATE work.document t SET state = 'work', changed_at = clock_timestamp()
         WHERE t.client_id = p_client AND t.document_id = d.document_id;
        PERFORM work.step_add(p_client, 3, d.document_id, p_pages, d.document_id, d.version);
        RETURN true;
    END IF;
    RETURN d.state = 'work' AND NOT EXISTS (SELECT 1 FROM work.step s WHERE s.client_id = p_client
        AND s.object_id = d.document_id AND s.unit = 3 AND s.token IS NOT NULL);
END $$;

-- Pair it, let it wait, or refuse it.  The batch is locked: nothing comes into it meanwhile.
CREATE FUNCTION work.companion_settle(p_client uuid, p_file uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    f work.file;
    v_pages uuid;
BEGIN
    SELECT t.* INTO f FROM work.file t WHERE t.client_id = p_client AND t.file_id = p_file;
    v_pages := work.companion_pages(f);
    IF f.is_companion AND v_pages IS NOT NULL AND work.companion_heard(p_client, v_pages) THEN
        UPDATE work.file t SET companion_of = v_pages, changed_at = clock_timestamp()
         WHERE t.client_id = p_client AND t.file_id = p_file;
        PERFORM work.audit_add(p_client, 'file.companion', p_batch => f.batch_id, p_file => p_file);
        RETURN 'paired';
    END IF;
    IF f.is_companion AND v_pages IS NULL AND EXISTS (SELECT 1 FROM work.batch b WHERE b.client_id = p_client
                                                         AND b.batch_id = f.batch_id AND b.state = 'open') THEN
        RETURN 'waits';
    END IF;
    PERFORM work.file_end(p_client, p_file, 'refused', 21, 0, true); -- reason companion_alone
    RETURN 'refused';
END $$;

-- What the XML states is kept under the file's key.
CREATE FUNCTION work.commit_companion(p_client uuid, p_file uuid, p_token bigint, p_sealed bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step;
BEGIN
    PERFORM work.batch_lock(p_client, p_file);
    s := work.finish(p_client, p_file, 1, 0, p_token);
    PERFORM work.pages_forget(p_client, p_file, 0);
    PERFORM work.artifact_put(p_client, p_file, 12, 0, 0, p_sealed);
    UPDATE work.file f SET state = 'companion', pages = NULL, unread = 0, changed_at = clock_timestamp()
     WHERE f.client_id = p_client AND f.file_id = p_file;
    PERFORM work.audit_add(p_client, 'file.witness', p_file => p_file, p_hash => sha256(p_sealed));
    RETURN work.companion_settle(p_client, p_file);
END $$;

-- What an e-invoice inside a file states: in the transaction that ends with commit_decode.
CREATE FUNCTION work.commit_witness(p_client uuid, p_file uuid, p_token bigint, p_sealed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    PERFORM work.held(p_client, p_file, 1, 0, p_token);
    PERFORM work.artifact_put(p_client, p_file, 12, 0, 0, p_sealed);
    PERFORM work.audit_add(p_client, 'file.witness', p_file => p_file, p_hash => sha256(p_sealed));
END $$;

-- Pages are decoded: a companion that came before them has waited.
CREATE FUNCTION work.companion_awaited() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    v_file uuid;
BEGIN
    UPDATE work.file t SET companion_of = NEW.file_id, changed_at = clock_timestamp()
     WHERE t.client_id = NEW.client_id AND t.file_id = (
        SELECT c.file_id FROM work.file c WHERE c.client_id = NEW.client_id AND c.batch_id = NEW.batch_id
           AND c.stem_tag = NEW.stem_tag AND c.is_companion AND c.state = 'companion' AND c.companion_of IS NULL
           AND c.parent_id IS NOT DISTINCT FROM NEW.parent_id ORDER BY c.received_at, c.file_id LIMIT 1)
       AND NOT EXISTS (SELECT 1 FROM work.file c WHERE c.client_id = NEW.client_id AND c.companion_of = NEW.file_id)
    RETURNING t.file_id INTO v_file;
    IF FOUND THEN
        PERFORM work.audit_add(NEW.client_id, 'file.companion', p_batch => NEW.batch_id, p_file => v_file);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER companion_awaited AFTER UPDATE OF state ON work.file FOR EACH ROW
    WHEN (OLD.state = 'waiting' AND NEW.state = 'reading' AND NEW.stem_tag IS NOT NULL AND NOT NEW.is_companion)
    EXECUTE FUNCTION work.companion_awaited();

-- The batch closes: nobody is waited for any more.
CREATE FUNCTION work.companion_last_call() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    v_file uuid;
BEGIN
    FOR v_file IN SELECT f.file_id FROM work.file f WHERE f.client_id = NEW.client_id AND f.batch_id = NEW.batch_id
                     AND f.is_companion AND f.state = 'companion' AND f.companion_of IS NULL
                   ORDER BY f.file_id FOR UPDATE LOOP
        PERFORM work.companion_settle(NEW.client_id, v_file);
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER companion_last_call AFTER UPDATE OF state ON work.batch FOR EACH ROW
    WHEN (OLD.state = 'open' AND NEW.state = 'closed') EXECUTE FUNCTION work.companion_last_call();

-- ---- they are heard

-- What an e-invoice in the file of a document, or beside it, states; wrapped is the companion's own key.  waits: one was
-- admitted and is not read yet.  Nothing when the file holds several documents: it speaks for none of them.
CREATE FUNCTION work.load_witnesses(p_client uuid, p_object uuid, p_unit int, p_page int, p_token bigint)
RETURNS TABLE (file_id uuid, wrapped bytea, sealed bytea, waits boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
#variable_conflict use_column
DECLARE
    s work.step := work.held(p_client, p_object, p_unit, p_page, p_token);
BEGIN
    IF (SELECT count(*) FROM work.document d WHERE d.client_id = p_client AND d.file_id = s.file_id) <> 1 THEN
        RETURN;
    END IF;
    RETURN QUERY
        SELECT f.file_id, f.wrapped, a.sealed, false FROM work.file f JOIN work.artifact a
            ON a.client_id = f.client_id AND a.object_id = f.file_id AND a.kind = 12 AND a.page = 0 AND a.generation = 0
         WHERE f.client_id = p_client
           AND (f.file_id = s.file_id OR (f.companion_of = s.file_id AND f.state = 'companion'))
        UNION ALL
        SELECT c.file_id, NULL::bytea, NULL::bytea, true FROM work.file f JOIN work.file c
            ON c.client_id = f.client_id AND c.batch_id = f.batch_id AND c.stem_tag = f.stem_tag AND c.is_companion
           AND c.parent_id IS NOT DISTINCT FROM f.parent_id AND c.state = 'waiting'
         WHERE f.client_id = p_client AND f.file_id = s.file_id;
END $$;

GRANT EXECUTE ON FUNCTION work.admit(uuid, uuid, text, text, bytea, bytea, bytea, bytea, bigint, bigint, boolean, bytea,
                                     bytea, boolean) TO escriba_intake;
GRANT EXECUTE ON FUNCTION work.unpack_child(uuid, uuid, bigint, uuid, bytea, bytea, bytea, bigint, bigint, boolean, bytea,
                                            bytea, boolean),
    work.commit_companion(uuid, uuid, bigint, bytea), work.commit_witness(uuid, uuid, bigint, bytea),
    work.load_witnesses(uuid, uuid, int, int, bigint) TO escriba_runner;

-- ---- they are counted, and go: lists of states that have one more now.  The functions stay as they are but for that;
-- a text that is not found would be a function that changed, and stops the migration.
DO $$
DECLARE
    r record;
    v_text text;
BEGIN
    FOR r IN SELECT * FROM (VALUES
        ('work.file_places(uuid)',
         'WHEN f.state IN (''container'', ''manifest'') THEN ''containers''',
         'WHEN f.state = ''companion'' AND f.companion_of IS NULL THEN ''in_work'' -- until its batch closes
                WHEN f.state IN (''container'', ''manifest'', ''companion'') THEN ''containers'''),
        ('ops.retention_rest(uuid,uuid,int,uuid[])',
         'AND f.state IN (''separated'', ''container'', ''manifest'', ''duplicate'')',
         'AND (f.state IN (''separated'', ''container'', ''manifest'', ''duplicate'')
                OR (f.state = ''companion'' AND f.companion_of IS NOT NULL))'),
        ('ops.retention_erase(uuid,uuid,bigint[],bytea[],bigint[],boolean)',
         '''manifest'', ''duplicate'', ''refused''',
         '''manifest'', ''companion'', ''duplicate'', ''refused''')
        ) AS t(name, was, becomes) LOOP
        v_text := pg_get_functiondef(r.name::regprocedure);
        IF position(r.was IN v_text) = 0 THEN
            RAISE EXCEPTION '% does not hold what is to be changed', r.name;
        END IF;
        EXECUTE replace(v_text, r.was, r.becomes);
    END LOOP;
END $$;
