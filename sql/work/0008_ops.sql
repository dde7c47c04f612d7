-- The operator's functions: what is where, and what a person may do about it.  docs/DATABASE.md lists them.
SET LOCAL ROLE escriba_owner;

-- A client by its short name or its identifier; NULL for NULL; ES404.
CREATE FUNCTION ops.client_named(p_client text) RETURNS uuid LANGUAGE plpgsql STABLE AS $$
DECLARE
    v_id uuid;
BEGIN
    IF p_client IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT c.client_id INTO v_id FROM work.client c WHERE c.name = p_client OR c.client_id::text = lower(p_client);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no client of this name' USING ERRCODE = 'ES404';
    END IF;
    RETURN v_id;
END $$;

-- ---- clients, streams, persons -------------------------------------------------------------------------

CREATE FUNCTION ops.clients()
RETURNS TABLE (client_id uuid, client text, title text, state text, delivery_role text, sla_seconds int, quiet_seconds int,
               retention_days int, clearance int, streams text, created_at timestamptz, files bigint, documents bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    SELECT c.client_id, c.name, c.title, c.state, c.delivery_role, c.sla_seconds, c.quiet_seconds, c.retention_days,
           c.clearance,
           coalesce((SELECT string_agg(s.name, ',' ORDER BY s.name) FROM work.stream s WHERE s.client_id = c.client_id), ''),
           c.created_at, (SELECT count(*) FROM work.file f WHERE f.client_id = c.client_id),
           (SELECT count(*) FROM work.document d WHERE d.client_id = c.client_id)
      FROM work.client c ORDER BY c.name
$$;

CREATE FUNCTION ops.client(p_client text)
RETURNS TABLE (client_id uuid, client text, title text, state text, delivery_role text, sla_seconds int, quiet_seconds int,
               retention_days int, clearance int, streams text, created_at timestamptz, files bigint, documents bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    RETURN QUERY SELECT * FROM ops.clients() c WHERE c.client_id = v_client;
END $$;

CREATE FUNCTION ops.client_add(p_client_id uuid, p_client text, p_title text, p_delivery_role text, p_box_key bytea,
                               p_sla_seconds int, p_quiet_seconds int, p_retention_days int, p_clearance int)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
BEGIN
    IF p_client !~ '^[a-z0-9][a-z0-9-]{0,30}$' THEN
        RAISE EXCEPTION 'a client''s short name has 1 to 31 small letters, digits and hyphens' USING ERRCODE = 'ES400';
    END IF;
    IF length(p_box_key) <> 32 THEN
        RAISE EXCEPTION 'a delivery key has 32 bytes' USING ERRCODE = 'ES400';
    END IF;
    IF EXISTS (SELECT 1 FROM work.client c WHERE c.client_id = p_client_id OR c.name = p_client) THEN
        RAISE EXCEPTION 'there is a client of this name already' USING ERRCODE = 'ES409';
    END IF;
    INSERT INTO work.client (client_id, name, title, delivery_role, box_key, sla_seconds, quiet_seconds, retention_days,
                             clearance)
    VALUES (p_client_id, p_client, coalesce(p_title, ''), coalesce(p_delivery_role, ''), p_box_key,
            coalesce(p_sla_seconds, 86400), coalesce(p_quiet_seconds, 0), coalesce(p_retention_days, 30),
            coalesce(p_clearance, 0));
    INSERT INTO work.turn (client_id) VALUES (p_client_id);
    PERFORM work.audit_start(p_client_id);
    PERFORM work.audit_add(p_client_id, 'client.added', p_hash => sha256(p_box_key));
END $$;

CREATE FUNCTION ops.client_set(p_client text, p_sla_seconds int, p_quiet_seconds int, p_retention_days int, p_clearance int)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    IF p_sla_seconds <= 0 OR p_quiet_seconds < 0 OR p_retention_days < 0 THEN
        RAISE EXCEPTION 'a time is negative, or there is no time at all to do the work' USING ERRCODE = 'ES400';
    END IF;
    UPDATE work.client c SET sla_seconds = coalesce(p_sla_seconds, c.sla_seconds),
           quiet_seconds = coalesce(p_quiet_seconds, c.quiet_seconds),
           retention_days = coalesce(p_retention_days, c.retention_days), clearance = coalesce(p_clearance, c.clearance)
     WHERE c.client_id = v_client;
    PERFORM work.audit_add(v_client, 'client.set');
END $$;

CREATE FUNCTION ops.client_state(p_client text, p_state text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    IF p_state NOT IN ('active', 'paused') THEN
        RAISE EXCEPTION 'a client is active or paused' USING ERRCODE = 'ES400';
    END IF;
    UPDATE work.client c SET state = p_state WHERE c.client_id = v_client AND c.state <> 'erased';
    PERFORM work.audit_add(v_client, 'client.' || p_state);
END $$;

CREATE FUNCTION ops.stream_add(p_client text, p_stream text, p_form text, p_language text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    IF p_stream !~ '^[a-z0-9][a-z0-9_-]{0,60}$' OR coalesce(p_form, '') !~ '^[a-z0-9_]{0,63}$' THEN
        RAISE EXCEPTION 'streams and forms are named with small letters, digits, _ and -' USING ERRCODE = 'ES400';
    END IF;
    IF EXISTS (SELECT 1 FROM work.stream s WHERE s.client_id = v_client AND s.name = p_stream) THEN
        RAISE EXCEPTION 'this client has a stream of this name already' USING ERRCODE = 'ES409';
    END IF;
    INSERT INTO work.stream VALUES (v_client, p_stream, coalesce(p_form, ''), coalesce(p_language, ''));
    PERFORM work.audit_add(v_client, 'stream.added');
END $$;

CREATE FUNCTION ops.streams(p_client text)
RETURNS TABLE (client text, stream text, form text, language text, files bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    RETURN QUERY SELECT c.name, s.name, s.form, s.language,
               (SELECT count(*) FROM work.file f WHERE f.client_id = s.client_id AND f.stream = s.name)
          FROM work.stream s JOIN work.client c USING (client_id) WHERE v_client IS NULL OR s.client_id = v_client
         ORDER BY 1, 2;
END $$;

CREATE FUNCTION ops.person_add(p_system_user text, p_name text, p_role text, p_clearance int, p_language text,
                               p_clients text[])
RETURNS uuid LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_person CONSTANT uuid := gen_random_uuid();
    c text;
BEGIN
    IF p_role NOT IN ('reviewer', 'senior', 'auditor') OR coalesce(p_system_user, '') = '' THEN
        RAISE EXCEPTION 'a person has a system user, and is reviewer, senior or auditor' USING ERRCODE = 'ES400';
    END IF;
    IF EXISTS (SELECT 1 FROM work.person p WHERE p.system_user = p_system_user AND p.closed_at IS NULL) THEN
        RAISE EXCEPTION 'there is a person with this system user already' USING ERRCODE = 'ES409';
    END IF;
    INSERT INTO work.person (person_id, system_user, name, role, clearance, language, all_clients)
    VALUES (v_person, p_system_user, coalesce(p_name, p_system_user), p_role, coalesce(p_clearance, 0),
            coalesce(p_language, ''), p_clients IS NULL);
    FOREACH c IN ARRAY coalesce(p_clients, '{}') LOOP
        INSERT INTO work.person_client VALUES (ops.client_named(c), v_person) ON CONFLICT DO NOTHING;
    END LOOP;
    PERFORM work.audit_add('00000000-0000-0000-0000-000000000000', 'person.added', p_person => v_person,
                           p_amount => coalesce(p_clearance, 0));
    RETURN v_person;
END $$;

CREATE FUNCTION ops.persons()
RETURNS TABLE (person_id uuid, system_user text, name text, role text, clearance int, language text, clients text,
               created_at timestamptz, closed_at timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    SELECT p.person_id, p.system_user, p.name, p.role, p.clearance, p.language,
           CASE WHEN p.all_clients THEN '*' ELSE coalesce((SELECT string_agg(c.name, ',' ORDER BY c.name)
             FROM work.person_client pc JOIN work.client c USING (client_id) WHERE pc.person_id = p.person_id), '') END,
           p.created_at, p.closed_at
      FROM work.person p ORDER BY p.closed_at IS NOT NULL, p.system_user
$$;

CREATE FUNCTION ops.person_close(p_system_user text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_person uuid;
BEGIN
    UPDATE work.person p SET closed_at = clock_timestamp() WHERE p.system_user = p_system_user AND p.closed_at IS NULL
    RETURNING p.person_id INTO v_person;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no person with this system user' USING ERRCODE = 'ES404';
    END IF;
    -- What this person had open is free for others at once.
    UPDATE work.review r SET token = NULL, until = NULL, person_id = NULL WHERE r.person_id = v_person;
    PERFORM work.audit_add('00000000-0000-0000-0000-000000000000', 'person.closed', p_person => v_person);
END $$;

-- ---- batches, files, documents -------------------------------------------------------------------------

CREATE FUNCTION ops.batch_rows(p_client uuid, p_batch uuid, p_all boolean, p_most int)
RETURNS TABLE (batch_id uuid, client text, stream text, folder text, state text, cause text, opened_at timestamptz,
               closed_at timestamptz, deadline timestamptz, late boolean, expected_files int, files bigint, pages bigint,
               documents bigint, in_work bigint, in_review bigint, delivered bigint, rejected bigint, other bigint,
               findings bigint)
LANGUAGE sql STABLE AS $$
    SELECT b.batch_id, c.name, b.stream, b.folder,
           CASE WHEN b.state = 'closed' AND NOT x.busy THEN 'done' ELSE b.state END, b.cause, b.opened_at, b.closed_at,
           b.deadline, x.busy AND b.deadline < clock_timestamp(), b.expected, x.files, x.pages, x.documents,
           x.pages - x.in_review - x.delivered - x.rejected - x.other, x.in_review, x.delivered, x.rejected, x.other,
           x.findings
      FROM work.batch b JOIN work.client c USING (client_id), LATERAL (
        SELECT f.files, f.pages, d.documents, d.in_review, d.delivered, f.refused + d.rejected AS rejected,
               f.other + d.other + loose.pages AS other,
               f.busy OR d.busy AS busy,
               (SELECT count(*) FROM work.finding n WHERE n.client_id = b.client_id AND n.batch_id = b.batch_id) AS findings
          FROM (SELECT count(*) FILTER (WHERE f.state <> 'manifest') AS files, coalesce(sum(f.pages), 0)::bigint AS pages,
                       coalesce(sum(f.pages) FILTER (WHERE f.state = 'refused'), 0)::bigint AS refused,
                       coalesce(sum(f.pages) FILTER (WHERE f.state IN ('duplicate', 'set_aside', 'quarantined')), 0)::bigint
                         AS other,
                       coalesce(bool_or(f.state IN ('waiting', 'reading')), false) AS busy
                  FROM work.file f WHERE f.client_id = b.client_id AND f.batch_id = b.batch_id) f,
               (SELECT count(*) AS documents,
                       coalesce(sum(d.pages) FILTER (WHERE d.state = 'review'), 0)::bigint AS in_review,
                       coalesce(sum(d.pages) FILTER (WHERE d.state = 'delivered'), 0)::bigint AS delivered,
                       coalesce(sum(d.pages) FILTER (WHERE d.state = 'rejected'), 0)::bigint AS rejected,
                       coalesce(sum(d.pages) FILTER (WHERE d.state IN ('set_aside', 'quarantined', 'erased')),
                                0)::bigint AS other,
                       coalesce(bool_or(d.state IN ('work', 'review', 'passed')), false) AS busy
                  FROM work.document d WHERE d.client_id = b.client_id AND d.batch_id = b.batch_id) d,
               (SELECT count(*) AS pages FROM work.page p JOIN work.file f USING (client_id, file_id)
                 WHERE f.client_id = b.client_id AND f.batch_id = b.batch_id
                   AND f.state IN ('separated', 'erased') AND p.document_id IS NULL) loose) x
     WHERE (p_client IS NULL OR b.client_id = p_client) AND (p_batch IS NULL OR b.batch_id = p_batch)
       AND (p_all OR b.state = 'open' OR x.busy)
     ORDER BY b.opened_at DESC LIMIT p_most
$$;

CREATE FUNCTION ops.batches(p_client text, p_all boolean)
RETURNS TABLE (batch_id uuid, client text, stream text, folder text, state text, cause text, opened_at timestamptz,
               closed_at timestamptz, deadline timestamptz, late boolean, expected_files int, files bigint, pages bigint,
               documents bigint, in_work bigint, in_review bigint, delivered bigint, rejected bigint, other bigint,
               findings bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    RETURN QUERY SELECT * FROM ops.batch_rows(v_client, NULL, p_all, 200);
END $$;

CREATE FUNCTION ops.batch(p_batch uuid)
RETURNS TABLE (batch_id uuid, client text, stream text, folder text, state text, cause text, opened_at timestamptz,
               closed_at timestamptz, deadline timestamptz, late boolean, expected_files int, files bigint, pages bigint,
               documents bigint, in_work bigint, in_review bigint, delivered bigint, rejected bigint, other bigint,
               findings bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT * FROM ops.batch_rows(NULL, p_batch, true, 1);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such batch' USING ERRCODE = 'ES404';
    END IF;
END $$;

CREATE FUNCTION ops.batch_files(p_batch uuid)
RETURNS TABLE (file_id uuid, parent_id uuid, state text, reason int, detail bigint, pages int, documents bigint,
               received_at timestamptz, duplicate_of uuid, is_manifest boolean)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    SELECT f.file_id, f.parent_id, f.state, f.reason, f.detail, f.pages,
           (SELECT count(*) FROM work.document d WHERE d.client_id = f.client_id AND d.file_id = f.file_id),
           f.received_at, f.duplicate_of, f.is_manifest
      FROM work.batch b JOIN work.file f USING (client_id, batch_id) WHERE b.batch_id = p_batch ORDER BY f.received_at, f.file_id
$$;

CREATE FUNCTION ops.batch_findings(p_batch uuid)
RETURNS TABLE (finding text, file_id uuid, entry int, expected int, found int)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    SELECT n.finding, n.file_id, n.entry, n.expected, n.found FROM work.batch b JOIN work.finding n USING (client_id, batch_id)
     WHERE b.batch_id = p_batch ORDER BY n.n
$$;

CREATE FUNCTION ops.batch_close(p_batch uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    b work.batch;
BEGIN
    SELECT t.* INTO b FROM work.batch t WHERE t.batch_id = p_batch;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such batch' USING ERRCODE = 'ES404';
    END IF;
    IF NOT work.batch_close(b.client_id, p_batch, 'operator') THEN
        RAISE EXCEPTION 'this batch is closed already' USING ERRCODE = 'ES400';
    END IF;
END $$;

CREATE FUNCTION ops.document_rows(p_client uuid, p_state text, p_batch uuid, p_document uuid, p_most int)
RETURNS TABLE (document_id uuid, version int, client text, batch_id uuid, file_id uuid, state text, form text,
               form_confidence real, reason int, detail bigint, pages int, fields int, doubtful int,
               expected_errors double precision, created_at timestamptz, changed_at timestamptz, deadline timestamptz,
               seq bigint, person text)
LANGUAGE sql STABLE AS $$
    SELECT d.document_id, d.version, c.name, d.batch_id, d.file_id, d.state, d.form, d.form_conf, d.reason, d.detail,
           d.pages, d.fields, d.doubtful, d.expected_errors, d.created_at, d.changed_at, b.deadline, r.seq,
           (SELECT p.system_user FROM work.person p WHERE p.person_id = d.person_id)
      FROM work.document d JOIN work.client c USING (client_id) JOIN work.batch b USING (client_id, batch_id)
      LEFT JOIN work.receipt r ON r.client_id = d.client_id AND r.object_id = d.document_id AND r.version = d.version
     WHERE (p_client IS NULL OR d.client_id = p_client) AND (p_state IS NULL OR d.state = p_state)
       AND (p_batch IS NULL OR d.batch_id = p_batch) AND (p_document IS NULL OR d.document_id = p_document)
     ORDER BY d.created_at DESC, d.document_id LIMIT least(coalesce(p_most, 100), 100000)
$$;

CREATE FUNCTION ops.documents(p_client text, p_state text, p_batch uuid, p_most int)
RETURNS TABLE (document_id uuid, version int, client text, batch_id uuid, file_id uuid, state text, form text,
               form_confidence real, reason int, detail bigint, pages int, fields int, doubtful int,
               expected_errors double precision, created_at timestamptz, changed_at timestamptz, deadline timestamptz,
               seq bigint, person text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    RETURN QUERY SELECT * FROM ops.document_rows(v_client, p_state, p_batch, NULL, p_most);
END $$;

CREATE FUNCTION ops.document(p_document uuid)
RETURNS TABLE (document_id uuid, version int, client text, batch_id uuid, file_id uuid, state text, form text,
               form_confidence real, reason int, detail bigint, pages int, fields int, doubtful int,
               expected_errors double precision, created_at timestamptz, changed_at timestamptz, deadline timestamptz,
               seq bigint, person text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT * FROM ops.document_rows(NULL, NULL, NULL, p_document, 1);
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such document' USING ERRCODE = 'ES404';
    END IF;
END $$;

CREATE FUNCTION ops.files(p_client text, p_state text, p_batch uuid, p_most int)
RETURNS TABLE (file_id uuid, version int, client text, batch_id uuid, stream text, parent_id uuid, state text, reason int,
               detail bigint, pages int, unread int, size bigint, received_at timestamptz, duplicate_of uuid, seq bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    RETURN QUERY
    SELECT f.file_id, f.version, c.name, f.batch_id, f.stream, f.parent_id, f.state, f.reason, f.detail, f.pages, f.unread,
           f.size, f.received_at, f.duplicate_of, r.seq
      FROM work.file f JOIN work.client c USING (client_id)
      LEFT JOIN work.receipt r ON r.client_id = f.client_id AND r.object_id = f.file_id AND r.version = f.version
     WHERE (v_client IS NULL OR f.client_id = v_client) AND (p_state IS NULL OR f.state = p_state)
       AND (p_batch IS NULL OR f.batch_id = p_batch)
     ORDER BY f.received_at DESC, f.file_id LIMIT least(coalesce(p_most, 100), 100000);
END $$;

CREATE FUNCTION ops.history(p_id uuid)
RETURNS TABLE (n bigint, at timestamptz, actor text, person text, event text, code int, amount bigint, page int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client uuid;
    v_kind text;
BEGIN
    SELECT x.client_id, x.kind INTO v_client, v_kind FROM (
        SELECT d.client_id, 'document' AS kind FROM work.document d WHERE d.document_id = p_id UNION ALL
        SELECT f.client_id, 'file' FROM work.file f WHERE f.file_id = p_id UNION ALL
        SELECT b.client_id, 'batch' FROM work.batch b WHERE b.batch_id = p_id) x;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such file, document or batch' USING ERRCODE = 'ES404';
    END IF;
    RETURN QUERY SELECT a.n, a.at, a.actor, p.system_user, a.event, a.code, a.amount, a.page
          FROM work.audit a LEFT JOIN work.person p USING (person_id)
         WHERE a.client_id = v_client AND CASE v_kind WHEN 'document' THEN a.document_id = p_id
               WHEN 'file' THEN a.file_id = p_id ELSE a.batch_id = p_id END ORDER BY a.n;
END $$;

CREATE FUNCTION ops.queue()
RETURNS TABLE (client text, unit text, waiting bigint, delayed bigint, leased bigint, lapsed bigint, most_attempts int,
               oldest_seconds bigint, earliest_deadline timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    SELECT c.name, (ARRAY['file', 'page', 'document', 'delivery'])[s.unit],
           count(*) FILTER (WHERE s.token IS NULL AND s.ready_at <= clock_timestamp()),
           count(*) FILTER (WHERE s.token IS NULL AND s.ready_at > clock_timestamp()),
           count(*) FILTER (WHERE s.token IS NOT NULL AND s.until >= clock_timestamp()),
           count(*) FILTER (WHERE s.token IS NOT NULL AND s.until < clock_timestamp()),
           max(s.attempts), extract(epoch FROM clock_timestamp() - min(s.since))::bigint, min(s.deadline)
      FROM work.step s JOIN work.client c USING (client_id) GROUP BY c.name, s.unit ORDER BY c.name, s.unit
$$;

-- ---- what an operator does about it ---------------------------------------------------------------------

CREATE FUNCTION ops.set_aside(p_id uuid, p_reason int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    f work.file;
    d work.document;
BEGIN
    SELECT t.* INTO d FROM work.document t WHERE t.document_id = p_id;
    IF FOUND THEN
        PERFORM work.lock_owner(d.client_id, d.file_id, p_id);
        SELECT t.* INTO d FROM work.document t WHERE t.document_id = p_id;
        IF d.state NOT IN ('work', 'review') THEN
            RAISE EXCEPTION 'this document is %, not in work or in review', d.state USING ERRCODE = 'ES400';
        END IF;
        PERFORM work.document_end(d.client_id, p_id, 'set_aside', p_reason, 0, false);
        RETURN 'document';
    END IF;
    SELECT t.* INTO f FROM work.file t WHERE t.file_id = p_id FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such file or document' USING ERRCODE = 'ES404';
    END IF;
    IF f.state NOT IN ('waiting', 'reading') THEN
        RAISE EXCEPTION 'this file is %, not in work', f.state USING ERRCODE = 'ES400';
    END IF;
    PERFORM work.file_end(f.client_id, p_id, 'set_aside', p_reason, 0, false);
    RETURN 'file';
END $$;

-- Back into the queue.  If a refusal was or may have been told, the next answer is a new version.
CREATE FUNCTION ops.retry(p_id uuid) RETURNS text
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
    UPDATE work.file t SET state = 'waiting', reason = 0, detail = 0, changed_at = clock_timestamp(),
           version = t.version + CASE WHEN v_told THEN 1 ELSE 0 END
     WHERE t.client_id = f.client_id AND t.file_id = p_id RETURNING * INTO f;
    PERFORM work.step_add(f.client_id, 1, p_id, p_id, NULL, f.version);
    PERFORM work.audit_add(f.client_id, 'file.retried', p_batch => f.batch_id, p_file => p_id, p_amount => f.version);
    RETURN 'file';
END $$;

-- A delivered document is looked at again by a person; what comes of it is its next version.
CREATE FUNCTION ops.reopen(p_document uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    d work.document;
BEGIN
    SELECT t.* INTO d FROM work.document t WHERE t.document_id = p_document FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such document' USING ERRCODE = 'ES404';
    END IF;
    IF d.state <> 'delivered' THEN
        RAISE EXCEPTION 'this document is %, not delivered', d.state USING ERRCODE = 'ES400';
    END IF;
    UPDATE work.document t SET state = 'work', version = t.version + 1, must_review = true, changed_at = clock_timestamp()
     WHERE t.client_id = d.client_id AND t.document_id = p_document;
    PERFORM work.step_add(d.client_id, 3, p_document, d.file_id, p_document, d.version + 1);
    PERFORM work.audit_add(d.client_id, 'document.reopened', p_batch => d.batch_id, p_file => d.file_id,
                           p_document => p_document, p_amount => d.version + 1);
END $$;

CREATE FUNCTION ops.tick() RETURNS bigint
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$ SELECT work.tick() $$;

CREATE FUNCTION ops.seen(p_document uuid) RETURNS TABLE (at timestamptz, person text, field text)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    SELECT s.at, p.system_user, s.field FROM work.document d
      JOIN work.seen s ON s.client_id = d.client_id AND s.document_id = d.document_id
      LEFT JOIN work.person p ON p.person_id = s.person_id WHERE d.document_id = p_document ORDER BY s.seen_id
$$;

-- ---- the audit chain, to be checked by somebody else -----------------------------------------------------

CREATE FUNCTION ops.audit_heads(p_client text) RETURNS TABLE (client_id uuid, client text, n bigint, hash bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    -- From the clients, not from the heads: a chain that is gone altogether must be missed.
    RETURN QUERY
        SELECT x.client_id, x.name, h.n, h.hash FROM (
            SELECT c.client_id, c.name FROM work.client c UNION ALL SELECT '00000000-0000-0000-0000-000000000000', '-'
            UNION ALL SELECT h.client_id, '?' FROM work.audit_head h WHERE h.client_id <> '00000000-0000-0000-0000-000000000000'
                         AND NOT EXISTS (SELECT 1 FROM work.client c WHERE c.client_id = h.client_id)
            ) x LEFT JOIN work.audit_head h USING (client_id)
         WHERE v_client IS NULL OR x.client_id = v_client ORDER BY x.name;
END $$;

CREATE FUNCTION ops.audit_rows(p_client_id uuid, p_from bigint, p_most int)
RETURNS TABLE (n bigint, at timestamptz, at_bytes bytea, actor text, person_id uuid, event text, batch_id uuid, file_id uuid,
               document_id uuid, page int, code int, amount bigint, sealed_hash bytea, prev bytea, hash bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    SELECT a.n, a.at, timestamptz_send(a.at), a.actor, a.person_id, a.event, a.batch_id, a.file_id, a.document_id, a.page,
           a.code, a.amount, a.sealed_hash, a.prev, a.hash
      FROM work.audit a WHERE a.client_id = p_client_id AND a.n >= p_from ORDER BY a.n LIMIT least(p_most, 100000)
$$;

CREATE FUNCTION ops.status()
RETURNS TABLE (clients bigint, batches_open bigint, batches_late bigint, files_waiting bigint, pages_waiting bigint,
               documents_waiting bigint, deliveries_waiting bigint, leased bigint, in_review bigint, oldest_seconds bigint,
               set_aside bigint, quarantined bigint, pages_in bigint, pages_delivered bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    SELECT (SELECT count(*) FROM work.client c WHERE c.state <> 'erased'),
           (SELECT count(*) FROM work.batch b WHERE b.state = 'open'),
           (SELECT count(*) FROM ops.batches(NULL, false) b WHERE b.late),
           count(*) FILTER (WHERE s.unit = 1), count(*) FILTER (WHERE s.unit = 2), count(*) FILTER (WHERE s.unit = 3),
           count(*) FILTER (WHERE s.unit = 4), count(*) FILTER (WHERE s.token IS NOT NULL),
           (SELECT count(*) FROM work.review),
           coalesce(extract(epoch FROM clock_timestamp() - min(s.since)), 0)::bigint,
           (SELECT count(*) FROM work.document d WHERE d.state = 'set_aside')
             + (SELECT count(*) FROM work.file f WHERE f.state = 'set_aside'),
           (SELECT count(*) FROM work.document d WHERE d.state = 'quarantined')
             + (SELECT count(*) FROM work.file f WHERE f.state = 'quarantined'),
           (SELECT coalesce(sum(f.pages), 0) FROM work.file f),
           (SELECT coalesce(sum(d.pages), 0) FROM work.document d WHERE d.state = 'delivered')
      FROM work.step s
$$;
