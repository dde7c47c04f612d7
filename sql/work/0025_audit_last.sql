-- The audit's head is the last lock of a transaction: what is to be said waits beside the chain until the commit.
--
-- Each transaction keeps one order: batch, file, document, step, head.  One that does several things in a row (an archive
-- with its children, a sweep, a batch that closes) could not: its second thing asked for a file while its first thing's
-- row held the head of the chain, and whoever had that file waited for the head.  Now nobody has a head while it asks
-- for anything else, and a head is held for a commit, not for as long as a file is sent.
SET LOCAL ROLE escriba_owner;

-- Empty between transactions: each row goes in the transaction that wrote it, so a crash has nothing to lose.
CREATE UNLOGGED TABLE work.audit_said (
    txid      xid8 NOT NULL DEFAULT pg_current_xact_id(),
    n         bigint GENERATED ALWAYS AS IDENTITY,
    client_id uuid NOT NULL,
    actor     text NOT NULL DEFAULT session_user,
    entries   work.audit_entry[] NOT NULL DEFAULT '{}',
    batch_id  uuid, -- to be compared with its manifest before the entries are written
    PRIMARY KEY (txid, n)
);

-- Into the chain of this client, which is locked from here to the end of the transaction.
CREATE FUNCTION work.audit_chain(p_client uuid, p_actor text, p_entries work.audit_entry[]) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    nobody CONSTANT bytea := '\x00000000000000000000000000000000';
    v_head work.audit_head;
    v_at timestamptz;
    v_between bytea;
    v_part bytea;
    v_hash bytea;
    v_hashes bytea[] := '{}';
BEGIN
    SELECT * INTO v_head FROM work.audit_head h WHERE h.client_id = p_client FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such client' USING ERRCODE = 'ES404';
    END IF;
    v_at := greatest(clock_timestamp(), v_head.at);
    v_between := timestamptz_send(v_at) || int4send(octet_length(p_actor)) || convert_to(p_actor, 'UTF8');
    v_hash := v_head.hash;
    -- What each row adds is put together by one statement; only the chain itself goes row by row.
    FOREACH v_part IN ARRAY ARRAY(
        SELECT uuid_send(p_client) || int8send(v_head.n + e.i) || v_between
            || coalesce(uuid_send(e.person_id), nobody)
            || int4send(octet_length(e.event)) || convert_to(e.event, 'UTF8')
            || coalesce(uuid_send(e.batch_id), nobody) || coalesce(uuid_send(e.file_id), nobody)
            || coalesce(uuid_send(e.document_id), nobody)
            || int4send(coalesce(e.page, -1)) || int4send(coalesce(e.code, 0)) || int8send(coalesce(e.amount, 0))
            || int4send(coalesce(length(e.sealed_hash), 0)) || coalesce(e.sealed_hash, ''::bytea)
          FROM unnest(p_entries) WITH ORDINALITY AS e(event, person_id, batch_id, file_id, document_id, page, code, amount,
               sealed_hash, i) ORDER BY e.i) LOOP
        v_hash := sha256(v_hash || v_part);
        v_hashes := v_hashes || v_hash;
    END LOOP;
    INSERT INTO work.audit
    SELECT p_client, v_head.n + e.i, v_at, p_actor, e.person_id, e.event, e.batch_id, e.file_id, e.document_id,
           coalesce(e.page, -1), coalesce(e.code, 0), coalesce(e.amount, 0), e.sealed_hash,
           CASE e.i WHEN 1 THEN v_head.hash ELSE v_hashes[e.i - 1] END, v_hashes[e.i]
      FROM unnest(p_entries) WITH ORDINALITY AS e(event, person_id, batch_id, file_id, document_id, page, code, amount,
           sealed_hash, i);
    UPDATE work.audit_head h SET n = v_head.n + cardinality(p_entries), hash = v_hash, at = v_at
     WHERE h.client_id = p_client;
END $$;

CREATE OR REPLACE FUNCTION work.audit_append(p_client uuid, p_entries work.audit_entry[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO work.audit_said (client_id, entries) VALUES (p_client, p_entries)
$$;

-- What differs between the manifest and what came, written anew; who does it has the head of the client's chain, so that
-- two that change one batch see each other.
CREATE FUNCTION work.batch_compare(p_client uuid, p_batch uuid) RETURNS work.audit_entry[] LANGUAGE plpgsql AS $$
DECLARE
    v_before int;
    v_after int;
BEGIN
    IF NOT EXISTS (SELECT 1 FROM work.batch b WHERE b.client_id = p_client AND b.batch_id = p_batch
                      AND b.state = 'closed' AND b.expected IS NOT NULL) THEN
        RETURN '{}';
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
    RETURN CASE WHEN v_after > 0 OR v_before > 0
                THEN ARRAY[ROW('batch.checked', NULL, p_batch, NULL, NULL, -1, 0, v_after, NULL)::work.audit_entry]
                ELSE '{}' END;
END $$;

CREATE OR REPLACE FUNCTION work.batch_check(p_client uuid, p_batch uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO work.audit_said (client_id, batch_id) VALUES (p_client, p_batch)
$$;

-- At the commit: all that this transaction said, client after client in one order everywhere, each in the order said.
-- SECURITY DEFINER: a deferred trigger runs as whoever commits, and no program may write the audit.
CREATE FUNCTION work.audit_said_all() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    x record;
    b uuid;
    v_entries work.audit_entry[];
BEGIN
    FOR x IN WITH gone AS (
                 DELETE FROM work.audit_said s WHERE s.txid = pg_current_xact_id() RETURNING s.*
             )
             SELECT g.client_id, g.actor,
                    array_agg(DISTINCT g.batch_id) FILTER (WHERE g.batch_id IS NOT NULL) AS batches,
                    array_agg(ROW(e.event, e.person_id, e.batch_id, e.file_id, e.document_id, e.page, e.code, e.amount,
                                  e.sealed_hash)::work.audit_entry ORDER BY g.n, e.i) FILTER (WHERE e.i IS NOT NULL) AS entries
               FROM gone g LEFT JOIN LATERAL unnest(g.entries) WITH ORDINALITY
                        AS e(event, person_id, batch_id, file_id, document_id, page, code, amount, sealed_hash, i) ON true
              GROUP BY g.client_id, g.actor ORDER BY g.client_id, min(g.n) LOOP
        PERFORM 1 FROM work.audit_head h WHERE h.client_id = x.client_id FOR UPDATE;
        v_entries := coalesce(x.entries, '{}');
        FOREACH b IN ARRAY coalesce(x.batches, '{}') LOOP
            v_entries := v_entries || work.batch_compare(x.client_id, b);
        END LOOP;
        IF cardinality(v_entries) > 0 THEN
            PERFORM work.audit_chain(x.client_id, x.actor, v_entries);
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER audit_said_all AFTER INSERT ON work.audit_said DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION work.audit_said_all();

-- The same bytes may come while somebody decides to try the old ones again: that is an answer, not a failure.
-- Back into the queue.  If a refusal was or may have been told, the next answer is a new version.
CREATE OR REPLACE FUNCTION ops.retry(p_id uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    f work.file;
    d work.document;
    v_told boolean;
BEGIN
    SELECT t.* INTO d FROM work.document t WHERE t.document_id = p_id;
    IF FOUND THEN
        PERFORM work.lock_owner(d.client_id, d.file_id, p_id);
        SELECT t.* INTO d FROM work.document t WHERE t.document_id = p_id;
        IF d.state NOT IN ('set_aside', 'quarantined', 'rejected') THEN
            RAISE EXCEPTION 'this document is %: there is nothing to try again', d.state USING ERRCODE = 'ES400';
        END IF;
        v_told := d.state <> 'set_aside';
        DELETE FROM work.step s WHERE s.client_id = d.client_id AND s.object_id = p_id;
        UPDATE work.document t SET state = 'work', reason = 0, detail = 0, unread = 0, changed_at = clock_timestamp(),
               version = t.version + CASE WHEN v_told THEN 1 ELSE 0 END
         WHERE t.client_id = d.client_id AND t.document_id = p_id RETURNING * INTO d;
        PERFORM work.step_add(d.client_id, 3, p_id, d.file_id, p_id, d.version);
        PERFORM work.audit_add(d.client_id, 'document.retried', p_batch => d.batch_id, p_file => d.file_id,
                               p_document => p_id, p_amount => d.version);
        RETURN 'document';
    END IF;
    SELECT t.* INTO f FROM work.file t WHERE t.file_id = p_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such file or document' USING ERRCODE = 'ES404';
    END IF;
    IF f.state NOT IN ('set_aside', 'quarantined', 'refused') THEN
        RAISE EXCEPTION 'this file is %: there is nothing to try again', f.state USING ERRCODE = 'ES400';
    END IF;
    IF f.state <> 'refused' AND f.duplicate_of IS NULL AND NOT f.is_manifest AND EXISTS (
        SELECT 1 FROM work.file o WHERE o.client_id = f.client_id AND o.content_tag = f.content_tag AND o.file_id <> p_id
           AND o.duplicate_of IS NULL AND NOT o.is_manifest AND o.state NOT IN ('set_aside', 'quarantined', 'erased')) THEN
        RAISE EXCEPTION 'its bytes came again since, and are worked on as another file' USING ERRCODE = 'ES409';
    END IF;
    v_told := f.state <> 'set_aside';
    DELETE FROM work.step s WHERE s.client_id = f.client_id AND s.object_id = p_id;
    BEGIN
        UPDATE work.file t SET state = 'waiting', reason = 0, detail = 0, changed_at = clock_timestamp(),
               version = t.version + CASE WHEN v_told THEN 1 ELSE 0 END
         WHERE t.client_id = f.client_id AND t.file_id = p_id RETURNING * INTO f;
    EXCEPTION WHEN unique_violation THEN -- they came between the two statements
        RAISE EXCEPTION 'its bytes came again since, and are worked on as another file' USING ERRCODE = 'ES409';
    END;
    PERFORM work.step_add(f.client_id, 1, p_id, p_id, NULL, f.version);
    PERFORM work.audit_add(f.client_id, 'file.retried', p_batch => f.batch_id, p_file => p_id, p_amount => f.version);
    RETURN 'file';
END $$;
