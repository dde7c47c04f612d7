-- The queue: who works on what, under which lease, and what happens to work that fails.
--
-- A step is waiting (token NULL), or leased: token is a number that nobody ever had before, until a time of the
-- server's clock.  Whoever completes a step shows its token; after the lease has passed to another, that fails
-- with ES001 and nothing is kept.  Locks are always taken in this order: batch, file, document, step, audit head.
SET LOCAL ROLE escriba_owner;

-- Tries before a step is given up: 3, or 2 when the caged reader died (reasons time, memory, cell_died).
CREATE FUNCTION work.tries(p_reason int) RETURNS int LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p_reason IN (18, 38, 39) THEN 2 ELSE 3 END
$$;

-- Take steps of one client: from the unit whose first step is due earliest, but none that is due later than the
-- first step of another unit.  At the same deadline what is further down the pipeline goes first.
CREATE FUNCTION work.claim_of(p_client uuid, p_units int[], p_count int, p_worker uuid, p_lease int, p_now timestamptz)
RETURNS SETOF work.step LANGUAGE plpgsql
-- With statistics of an empty queue the planner would sort; the index is right at every size.
SET enable_seqscan = off SET enable_bitmapscan = off SET enable_sort = off AS $$
DECLARE
    v_units int[] := p_units;
    v_left int := p_count;
    v_unit int;
    v_bound timestamptz;
    v_at timestamptz;
    v_best timestamptz;
    v_got int;
    u int;
BEGIN
    WHILE v_left > 0 AND cardinality(v_units) > 0 LOOP
        v_unit := NULL;
        v_best := NULL;
        v_bound := 'infinity';
        FOREACH u IN ARRAY v_units LOOP -- the array goes from delivery down to file
            SELECT s.deadline INTO v_at FROM work.step s
             WHERE s.client_id = p_client AND s.unit = u AND s.token IS NULL AND s.ready_at <= p_now
             ORDER BY s.deadline, s.step_id LIMIT 1;
            IF NOT FOUND THEN
                v_units := array_remove(v_units, u);
            ELSIF v_best IS NULL OR v_at < v_best THEN
                v_bound := coalesce(v_best, v_bound);
                v_best := v_at;
                v_unit := u;
            ELSIF v_at < v_bound THEN
                v_bound := v_at;
            END IF;
        END LOOP;
        EXIT WHEN v_unit IS NULL;
        RETURN QUERY
            WITH picked AS (
                SELECT s.client_id, s.object_id, s.unit, s.page FROM work.step s
                 WHERE s.client_id = p_client AND s.unit = v_unit AND s.token IS NULL AND s.ready_at <= p_now
                   AND s.deadline <= v_bound
                 ORDER BY s.deadline, s.step_id LIMIT v_left FOR UPDATE SKIP LOCKED
            )
            UPDATE work.step s SET token = nextval('work.token_seq'), until = p_now + make_interval(secs => p_lease),
                   worker = p_worker, attempts = s.attempts + 1
              FROM picked p WHERE (s.client_id, s.object_id, s.unit, s.page) = (p.client_id, p.object_id, p.unit, p.page)
            RETURNING s.*;
        GET DIAGNOSTICS v_got = ROW_COUNT;
        v_left := v_left - v_got;
        IF v_got = 0 THEN -- all that is due there is in other hands at this moment
            v_units := array_remove(v_units, v_unit);
        END IF;
    END LOOP;
END $$;

-- Give up a file: its pages and its own steps go; documents that came out of it stay what they are.
CREATE FUNCTION work.file_end(p_client uuid, p_file uuid, p_state text, p_reason int, p_detail bigint, p_tell boolean)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_file work.file;
BEGIN
    UPDATE work.file f SET state = p_state, reason = p_reason, detail = p_detail, changed_at = clock_timestamp()
     WHERE f.client_id = p_client AND f.file_id = p_file RETURNING * INTO v_file;
    DELETE FROM work.step s WHERE s.client_id = p_client AND s.object_id = p_file;
    IF p_tell THEN
        PERFORM work.step_add(p_client, 4, p_file, p_file, NULL, v_file.version);
    END IF;
    PERFORM work.audit_add(p_client, 'file.' || p_state, p_batch => v_file.batch_id, p_file => p_file, p_code => p_reason,
                           p_amount => p_detail);
END $$;

CREATE FUNCTION work.document_end(p_client uuid, p_document uuid, p_state text, p_reason int, p_detail bigint,
                                  p_tell boolean, p_person uuid DEFAULT NULL)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_document work.document;
BEGIN
    UPDATE work.document d SET state = p_state, reason = p_reason, detail = p_detail, unread = 0,
           person_id = coalesce(p_person, d.person_id), changed_at = clock_timestamp()
     WHERE d.client_id = p_client AND d.document_id = p_document RETURNING * INTO v_document;
    DELETE FROM work.step s WHERE s.client_id = p_client AND s.object_id = p_document;
    DELETE FROM work.step s WHERE s.client_id = p_client AND s.object_id = v_document.file_id AND s.unit = 2
       AND s.document_id = p_document;
    DELETE FROM work.review r WHERE r.client_id = p_client AND r.document_id = p_document;
    IF p_tell THEN
        PERFORM work.step_add(p_client, 4, p_document, v_document.file_id, p_document, v_document.version);
    END IF;
    PERFORM work.audit_add(p_client, 'document.' || p_state, p_person => p_person, p_batch => v_document.batch_id,
                           p_file => v_document.file_id, p_document => p_document, p_code => p_reason,
                           p_amount => p_detail);
END $$;

-- A step has used up its tries.  A delivery is never given up: what we promised to send waits and is shown.
CREATE FUNCTION work.give_up(p_step work.step, p_reason int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF p_step.unit = 4 THEN
        UPDATE work.step s SET token = NULL, until = NULL, worker = NULL,
               ready_at = clock_timestamp() + make_interval(secs => least(900, 15 * s.attempts))
         WHERE (s.client_id, s.object_id, s.unit, s.page) = (p_step.client_id, p_step.object_id, 4, 0);
    ELSIF p_step.document_id IS NOT NULL THEN
        PERFORM work.document_end(p_step.client_id, p_step.document_id, 'quarantined', p_reason, p_step.attempts, true);
    ELSE
        PERFORM work.file_end(p_step.client_id, p_step.file_id, 'quarantined', p_reason, p_step.attempts, true);
    END IF;
END $$;

-- Lock what a step belongs to, in the order that everybody keeps.
CREATE FUNCTION work.lock_owner(p_client uuid, p_file uuid, p_document uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM 1 FROM work.file f WHERE f.client_id = p_client AND f.file_id = p_file FOR UPDATE;
    IF p_document IS NOT NULL THEN
        PERFORM 1 FROM work.document d WHERE d.client_id = p_client AND d.document_id = p_document FOR UPDATE;
    END IF;
END $$;

-- Leases that have run out: their holder died or slept.  That was a try.
CREATE FUNCTION work.sweep(p_now timestamptz) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    x work.step;
    s work.step;
BEGIN
    FOR x IN SELECT t.* FROM work.step t WHERE t.token IS NOT NULL AND t.until < p_now ORDER BY t.until LIMIT 20 LOOP
        IF x.unit <> 4 AND x.attempts >= 3 THEN
            PERFORM work.lock_owner(x.client_id, x.file_id, x.document_id);
        END IF;
        SELECT t.* INTO s FROM work.step t
         WHERE (t.client_id, t.object_id, t.unit, t.page) = (x.client_id, x.object_id, x.unit, x.page)
           AND t.token = x.token FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        IF s.unit <> 4 AND s.attempts >= 3 THEN
            PERFORM work.give_up(s, 18);
        ELSE
            UPDATE work.step t SET token = NULL, until = NULL, worker = NULL
             WHERE (t.client_id, t.object_id, t.unit, t.page) = (s.client_id, s.object_id, s.unit, s.page);
        END IF;
    END LOOP;
END $$;

-- Up to p_count steps, from the client whose turn it is, then the next.  p_units: which, downstream first.
CREATE FUNCTION work.claim(p_worker uuid, p_units int[], p_count int, p_lease int)
RETURNS TABLE (step_id bigint, token bigint, unit int, client_id uuid, file_id uuid, object_id uuid, version int, page int,
               pages int, depth int, attempts int, is_manifest boolean, hint text, file_wrapped bytea,
               document_wrapped bytea, reason int, detail bigint, batch_id uuid, form text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_now CONSTANT timestamptz := clock_timestamp();
    v_units CONSTANT int[] := ARRAY(SELECT DISTINCT x FROM unnest(p_units) x ORDER BY x DESC);
    v_steps work.step[] := '{}';
    v_more work.step[];
    v_clients uuid[];
    c uuid;
BEGIN
    IF coalesce(p_count, 0) NOT BETWEEN 1 AND 1000 OR coalesce(p_lease, 0) NOT BETWEEN 1 AND 86400 THEN
        RAISE EXCEPTION 'a claim takes 1 to 1000 steps for 1 to 86400 seconds' USING ERRCODE = 'ES400';
    END IF;
    PERFORM work.sweep(v_now);
    v_clients := ARRAY(SELECT t.client_id FROM work.turn t ORDER BY t.served, t.client_id);
    FOREACH c IN ARRAY v_clients LOOP
        EXIT WHEN cardinality(v_steps) >= p_count;
        -- Two claims at one moment go to two clients, if two have work; see below.
        PERFORM 1 FROM work.turn t WHERE t.client_id = c FOR UPDATE SKIP LOCKED;
        CONTINUE WHEN NOT FOUND;
        v_more := ARRAY(SELECT s FROM work.claim_of(c, v_units, p_count - cardinality(v_steps), p_worker, p_lease, v_now) s);
        IF cardinality(v_more) > 0 THEN
            UPDATE work.turn t SET served = nextval('work.turn_seq') WHERE t.client_id = c;
            v_steps := v_steps || v_more;
        END IF;
    END LOOP;
    IF cardinality(v_steps) = 0 THEN -- perhaps the only clients with work were being served just then
        FOREACH c IN ARRAY v_clients LOOP
            v_steps := ARRAY(SELECT s FROM work.claim_of(c, v_units, p_count, p_worker, p_lease, v_now) s);
            EXIT WHEN cardinality(v_steps) > 0;
        END LOOP;
    END IF;
    RETURN QUERY
        SELECT s.step_id, s.token, s.unit::int, s.client_id, s.file_id, s.object_id, s.version, s.page,
               coalesce(d.pages, f.pages, 0), f.depth, s.attempts, f.is_manifest,
               coalesce(nullif(d.hint, ''), st.form), f.wrapped, d.wrapped,
               CASE WHEN s.unit <> 4 OR d.state = 'passed' THEN 0 ELSE coalesce(d.reason, f.reason) END,
               coalesce(d.detail, f.detail), f.batch_id, coalesce(d.form, '')
          FROM unnest(v_steps) WITH ORDINALITY AS s(client_id, object_id, unit, page, step_id, file_id, document_id,
                   version, deadline, ready_at, since, attempts, token, until, worker, n)
          JOIN work.file f ON f.client_id = s.client_id AND f.file_id = s.file_id
          JOIN work.stream st ON st.client_id = f.client_id AND st.name = f.stream
          LEFT JOIN work.document d ON d.client_id = s.client_id AND d.document_id = s.document_id
         ORDER BY min(s.n) OVER (PARTITION BY s.client_id), s.deadline, s.unit DESC, s.step_id;
END $$;

-- The step under this token, or ES001.  With p_lock nobody else changes it until we commit.
CREATE FUNCTION work.held(p_client uuid, p_object uuid, p_unit int, p_page int, p_token bigint)
RETURNS work.step LANGUAGE plpgsql AS $$
DECLARE
    s work.step;
BEGIN
    SELECT t.* INTO s FROM work.step t WHERE t.client_id = p_client AND t.object_id = p_object AND t.unit = p_unit
       AND t.page = p_page AND t.token = p_token;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'ES001';
    END IF;
    RETURN s;
END $$;

-- The step is done: owner locked, step gone, or ES001 and nothing done.
CREATE FUNCTION work.finish(p_client uuid, p_object uuid, p_unit int, p_page int, p_token bigint)
RETURNS work.step LANGUAGE plpgsql AS $$
DECLARE
    s work.step := work.held(p_client, p_object, p_unit, p_page, p_token);
BEGIN
    PERFORM work.lock_owner(s.client_id, s.file_id, s.document_id);
    DELETE FROM work.step t WHERE t.client_id = p_client AND t.object_id = p_object AND t.unit = p_unit
       AND t.page = p_page AND t.token = p_token;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'ES001';
    END IF;
    RETURN s;
END $$;

-- A longer lease for work that takes long and is alive.
CREATE FUNCTION work.renew(p_client uuid, p_object uuid, p_unit int, p_page int, p_token bigint, p_lease int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    UPDATE work.step s SET until = clock_timestamp() + make_interval(secs => p_lease)
     WHERE s.client_id = p_client AND s.object_id = p_object AND s.unit = p_unit AND s.page = p_page
       AND s.token = p_token;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'ES001';
    END IF;
END $$;

-- Give back.  Reason 0 is about us (shutting down, key daemon away) and does not count as a try.
CREATE FUNCTION work.release(p_client uuid, p_object uuid, p_unit int, p_page int, p_token bigint, p_reason int, p_delay int)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step := work.held(p_client, p_object, p_unit, p_page, p_token);
BEGIN
    PERFORM work.lock_owner(s.client_id, s.file_id, s.document_id);
    s := work.held(p_client, p_object, p_unit, p_page, p_token);
    IF p_reason <> 0 THEN
        PERFORM work.audit_add(p_client, 'step.failed', p_file => s.file_id, p_document => s.document_id,
                               p_page => CASE WHEN s.unit = 2 THEN s.page ELSE -1 END, p_code => p_reason,
                               p_amount => s.attempts);
        IF s.attempts >= work.tries(p_reason) THEN
            PERFORM work.give_up(s, p_reason);
            RETURN;
        END IF;
    END IF;
    UPDATE work.step t SET token = NULL, until = NULL, worker = NULL,
           attempts = t.attempts - CASE WHEN p_reason = 0 THEN 1 ELSE 0 END,
           ready_at = clock_timestamp() + make_interval(secs => greatest(p_delay, 0))
     WHERE t.client_id = p_client AND t.object_id = p_object AND t.unit = p_unit AND t.page = p_page
       AND t.token = p_token;
END $$;

-- A runner that died comes back under the same name.  What it held is free at once, instead of when its lease runs
-- out minutes later, and its death counts as no try: a machine that is switched off is not the document's fault.
-- (Steps that kill runner after runner are given back with blame by the runner's own account, before this.)
CREATE FUNCTION work.worker_back(p_worker uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    v_freed bigint;
BEGIN
    -- Who is just committing such a step for the dead one keeps it: no waiting, so no deadlock.
    WITH held AS (
        SELECT s.client_id, s.object_id, s.unit, s.page FROM work.step s
         WHERE s.token IS NOT NULL AND s.worker = p_worker FOR UPDATE SKIP LOCKED
    ), freed AS (
        UPDATE work.step s SET token = NULL, until = NULL, worker = NULL, attempts = s.attempts - 1
          FROM held h WHERE (s.client_id, s.object_id, s.unit, s.page) = (h.client_id, h.object_id, h.unit, h.page)
        RETURNING 1
    )
    SELECT count(*) INTO v_freed FROM freed;
    RETURN v_freed;
END $$;

-- What a holder of a step may read: its file's and its document's artifacts.
CREATE FUNCTION work.load(p_client uuid, p_object uuid, p_unit int, p_page int, p_token bigint, p_kind int, p_of_page int)
RETURNS bytea LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step := work.held(p_client, p_object, p_unit, p_page, p_token);
BEGIN
    RETURN work.artifact_of(p_client, s.file_id, s.document_id, s.version, p_kind, p_of_page);
END $$;

-- Kinds 2, 3, 4 (name, recipe, reading) are of the file; 5, 6, 10 (fields, package, order) of the document's version.
CREATE FUNCTION work.artifact_of(p_client uuid, p_file uuid, p_document uuid, p_version int, p_kind int, p_page int)
RETURNS bytea LANGUAGE plpgsql AS $$
BEGIN
    CASE
    WHEN p_kind = 2 THEN
        RETURN (SELECT f.name FROM work.file f WHERE f.client_id = p_client AND f.file_id = p_file);
    WHEN p_kind IN (3, 4) THEN
        RETURN (SELECT a.sealed FROM work.artifact a WHERE a.client_id = p_client AND a.object_id = p_file
                   AND a.kind = p_kind AND a.page = p_page AND a.generation = 0);
    ELSE
        RETURN (SELECT a.sealed FROM work.artifact a WHERE a.client_id = p_client AND a.object_id = p_document
                   AND a.kind = p_kind AND a.page = p_page AND a.generation = p_version);
    END CASE;
END $$;

CREATE FUNCTION work.load_part(p_client uuid, p_object uuid, p_unit int, p_page int, p_token bigint, p_part int)
RETURNS bytea LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step := work.held(p_client, p_object, p_unit, p_page, p_token);
BEGIN
    RETURN (SELECT b.sealed FROM work.blob_part b WHERE b.client_id = p_client AND b.file_id = s.file_id
               AND b.part = p_part);
END $$;

CREATE FUNCTION work.load_pages(p_client uuid, p_object uuid, p_unit int, p_page int, p_token bigint)
RETURNS TABLE (file_page int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step := work.held(p_client, p_object, p_unit, p_page, p_token);
BEGIN
    RETURN QUERY SELECT p.page FROM work.page p WHERE p.client_id = p_client AND p.document_id = s.document_id
                  ORDER BY p.doc_page;
END $$;
