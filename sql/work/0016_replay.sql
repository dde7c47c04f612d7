-- Results that can be made again: what made them, and who may look at how a value came about.
--
-- What made a result is kept in clear, because it says nothing about the document: names and hashes of programs,
-- models, forms and lists, as a cell says them before it has seen any document.  The rest is sealed, and is shown by
-- the desk to a person who is an auditor or a senior, one field at a time, each look written down before it is shown.
SET LOCAL ROLE escriba_owner;

CREATE TABLE work.maker (
    maker_id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    digest   bytea NOT NULL UNIQUE CHECK (length(digest) = 32),
    made     text NOT NULL CHECK (octet_length(made) <= 4096 AND made ~ '^[\n -~]*$') -- "name value" lines
);
CREATE TABLE work.made (
    client_id   uuid NOT NULL,
    document_id uuid NOT NULL,
    version     int NOT NULL,
    maker_id    int NOT NULL REFERENCES work.maker,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (client_id, document_id, version),
    FOREIGN KEY (client_id, document_id) REFERENCES work.document
);

-- Who looks at a document that waits for nobody; as short as a review's lease.
CREATE TABLE work.replay (
    client_id   uuid NOT NULL,
    token       bigint NOT NULL DEFAULT nextval('work.token_seq'),
    document_id uuid NOT NULL,
    person_id   uuid NOT NULL REFERENCES work.person,
    until       timestamptz NOT NULL,
    PRIMARY KEY (client_id, token),
    FOREIGN KEY (client_id, document_id) REFERENCES work.document
);

-- ---- the runner: what made this version of a document.  Called under the step's lease, before its commit; a step that
-- is taken again says it again.
CREATE FUNCTION work.document_made(p_client uuid, p_document uuid, p_token bigint, p_made text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step := work.held(p_client, p_document, 3, 0, p_token);
    v_digest CONSTANT bytea := sha256(convert_to(p_made, 'UTF8'));
    v_maker int;
BEGIN
    IF p_made IS NULL OR octet_length(p_made) > 4096 OR p_made !~ '^[\n -~]*$' THEN
        RAISE EXCEPTION 'what made it is a short list of names and versions' USING ERRCODE = 'ES400';
    END IF;
    SELECT m.maker_id INTO v_maker FROM work.maker m WHERE m.digest = v_digest;
    IF NOT FOUND THEN
        INSERT INTO work.maker (digest, made) VALUES (v_digest, p_made) ON CONFLICT (digest) DO NOTHING;
        SELECT m.maker_id INTO STRICT v_maker FROM work.maker m WHERE m.digest = v_digest;
    END IF;
    INSERT INTO work.made (client_id, document_id, version, maker_id) VALUES (p_client, p_document, s.version, v_maker)
    ON CONFLICT (client_id, document_id, version) DO UPDATE SET maker_id = EXCLUDED.maker_id, at = clock_timestamp();
END $$;

-- ---- the operator: which versions of a document there are and what made each.
CREATE FUNCTION ops.made(p_document uuid) RETURNS TABLE (version int, made text, at timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    SELECT m.version, k.made, m.at FROM work.document d JOIN work.made m USING (client_id, document_id)
      JOIN work.maker k USING (maker_id) WHERE d.document_id = p_document ORDER BY m.version
$$;

-- ---- the desk: a look back ------------------------------------------------------------------------------

-- May this person look at how values of this client and stream came about?  Language does not matter for a look.
CREATE FUNCTION work.may_replay(p_person work.person, p_client uuid) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT p_person.closed_at IS NULL AND p_person.role IN ('senior', 'auditor')
       AND EXISTS (SELECT 1 FROM work.client c WHERE c.client_id = p_client AND c.state <> 'erased'
                      AND c.clearance <= p_person.clearance)
       AND (p_person.all_clients OR EXISTS (SELECT 1 FROM work.person_client pc
             WHERE pc.client_id = p_client AND pc.person_id = p_person.person_id))
$$;

-- The one document whose identifier lies between these two (a person may give its first digits).  ES403: not for this
-- person's role; ES404: none that this person may see; ES409: more than one.  An erased one comes without keys.
CREATE FUNCTION work.replay_take(p_person uuid, p_low uuid, p_high uuid, p_lease int)
RETURNS TABLE (token bigint, client_id uuid, document_id uuid, file_id uuid, version int, pages int, form text,
               reason int, file_wrapped bytea, document_wrapped bytea, state text, hint text, changed_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_person work.person;
    v_ids uuid[];
    v_token bigint := 0;
    d work.document;
    f work.file;
BEGIN
    SELECT * INTO v_person FROM work.person p WHERE p.person_id = p_person AND p.closed_at IS NULL;
    IF NOT FOUND OR v_person.role NOT IN ('senior', 'auditor') THEN
        RAISE EXCEPTION 'this person may not look back' USING ERRCODE = 'ES403';
    END IF;
    v_ids := ARRAY(SELECT t.document_id FROM work.document t WHERE t.document_id BETWEEN p_low AND p_high
                      AND work.may_replay(v_person, t.client_id) LIMIT 2);
    IF cardinality(v_ids) = 0 THEN
        RAISE EXCEPTION 'there is no such document for this person' USING ERRCODE = 'ES404';
    ELSIF cardinality(v_ids) > 1 THEN
        RAISE EXCEPTION 'more than one document begins so' USING ERRCODE = 'ES409';
    END IF;
    SELECT t.* INTO d FROM work.document t WHERE t.document_id = v_ids[1];
    SELECT t.* INTO f FROM work.file t WHERE t.client_id = d.client_id AND t.file_id = d.file_id;
    IF d.state <> 'erased' THEN
        DELETE FROM work.replay r WHERE r.client_id = d.client_id
           AND (r.until < clock_timestamp() OR (r.document_id = d.document_id AND r.person_id = p_person));
        INSERT INTO work.replay (client_id, document_id, person_id, until)
        VALUES (d.client_id, d.document_id, p_person,
                clock_timestamp() + make_interval(secs => least(greatest(p_lease, 1), 3600)))
        RETURNING replay.token INTO v_token;
        PERFORM work.audit_add(d.client_id, 'replay.taken', p_person => p_person, p_document => d.document_id);
    END IF;
    RETURN QUERY SELECT v_token, d.client_id, d.document_id, d.file_id, d.version, d.pages, d.form, d.reason,
                        nullif(f.wrapped, ''), d.wrapped, d.state, coalesce(nullif(d.hint, ''), s.form), d.changed_at
                   FROM work.stream s WHERE s.client_id = f.client_id AND s.name = f.stream;
END $$;

-- The look under this token, while the person may still have it, or ES001.
CREATE FUNCTION work.replay_held(p_client uuid, p_document uuid, p_token bigint) RETURNS work.replay
LANGUAGE plpgsql AS $$
DECLARE
    r work.replay;
BEGIN
    SELECT t.* INTO r FROM work.replay t WHERE t.client_id = p_client AND t.token = p_token
       AND t.document_id = p_document AND t.until >= clock_timestamp();
    IF NOT FOUND OR NOT EXISTS (SELECT 1 FROM work.person p WHERE p.person_id = r.person_id
                                   AND work.may_replay(p, p_client)) THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'ES001';
    END IF;
    RETURN r;
END $$;

CREATE FUNCTION work.replay_renew(p_client uuid, p_document uuid, p_token bigint, p_lease int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    PERFORM work.replay_held(p_client, p_document, p_token);
    UPDATE work.replay r SET until = clock_timestamp() + make_interval(secs => least(greatest(p_lease, 1), 3600))
     WHERE r.client_id = p_client AND r.token = p_token;
END $$;

CREATE FUNCTION work.replay_leave(p_client uuid, p_document uuid, p_token bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
    DELETE FROM work.replay r WHERE r.client_id = p_client AND r.token = p_token AND r.document_id = p_document
$$;

-- Who looks at which field; p_apart: the fields that one person must not see together with it.
CREATE FUNCTION work.replay_saw(p_person uuid, p_client uuid, p_document uuid, p_token bigint, p_field text,
                                p_apart text[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    r work.replay := work.replay_held(p_client, p_document, p_token);
BEGIN
    IF r.person_id <> p_person THEN
        RAISE EXCEPTION 'this person did not take it' USING ERRCODE = 'ES403';
    END IF;
    IF EXISTS (SELECT 1 FROM work.seen s, unnest(p_apart) a WHERE s.client_id = p_client AND s.document_id = p_document
                  AND s.person_id = p_person AND s.field IN (a, 'line:' || a, 'replay:' || a)) THEN
        RAISE EXCEPTION 'this person has seen what must not be seen together with it' USING ERRCODE = 'ES403';
    END IF;
    INSERT INTO work.seen (client_id, document_id, person_id, field)
    VALUES (p_client, p_document, p_person, 'replay:' || p_field);
    PERFORM work.audit_add(p_client, 'replay.saw', p_person => p_person, p_document => p_document);
END $$;

-- The loads of a look; p_version 0: the newest.
CREATE FUNCTION work.replay_load(p_client uuid, p_document uuid, p_token bigint, p_kind int, p_page int, p_version int)
RETURNS bytea LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    r work.replay := work.replay_held(p_client, p_document, p_token);
BEGIN
    RETURN (SELECT work.artifact_of(p_client, d.file_id, p_document, coalesce(nullif(p_version, 0), d.version),
                                    p_kind, p_page)
              FROM work.document d WHERE d.client_id = r.client_id AND d.document_id = p_document);
END $$;

CREATE FUNCTION work.replay_load_part(p_client uuid, p_document uuid, p_token bigint, p_part int) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    PERFORM work.replay_held(p_client, p_document, p_token);
    RETURN (SELECT b.sealed FROM work.document d JOIN work.blob_part b ON b.client_id = d.client_id
               AND b.file_id = d.file_id AND b.part = p_part
             WHERE d.client_id = p_client AND d.document_id = p_document);
END $$;

CREATE FUNCTION work.replay_pages(p_client uuid, p_document uuid, p_token bigint) RETURNS TABLE (file_page int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    PERFORM work.replay_held(p_client, p_document, p_token);
    RETURN QUERY SELECT p.page FROM work.page p WHERE p.client_id = p_client AND p.document_id = p_document
                  ORDER BY p.doc_page;
END $$;

-- What was delivered of it, version by version.
CREATE FUNCTION work.replay_sent(p_client uuid, p_document uuid, p_token bigint)
RETURNS TABLE (version int, kind text, seq bigint, at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    PERFORM work.replay_held(p_client, p_document, p_token);
    RETURN QUERY SELECT r.version, r.kind, r.seq, r.at FROM work.receipt r WHERE r.client_id = p_client
                    AND r.object_id = p_document ORDER BY r.version;
END $$;

-- The persons who had it, by their system user: the names behind the identifiers that a value's story has.
CREATE FUNCTION work.replay_persons(p_client uuid, p_document uuid, p_token bigint)
RETURNS TABLE (person_id uuid, system_user text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM work.replay_held(p_client, p_document, p_token);
    RETURN QUERY SELECT DISTINCT p.person_id, p.system_user FROM work.audit a
                   JOIN work.person p ON p.person_id = a.person_id WHERE a.client_id = p_client AND a.document_id = p_document AND a.event LIKE 'review.%' LIMIT 64;
END $$;

GRANT EXECUTE ON FUNCTION work.document_made(uuid, uuid, bigint, text) TO escriba_runner;
GRANT EXECUTE ON FUNCTION ops.made(uuid) TO escriba_operator;
GRANT EXECUTE ON FUNCTION work.replay_take(uuid, uuid, uuid, int), work.replay_renew(uuid, uuid, bigint, int),
    work.replay_leave(uuid, uuid, bigint), work.replay_saw(uuid, uuid, uuid, bigint, text, text[]),
    work.replay_load(uuid, uuid, bigint, int, int, int), work.replay_load_part(uuid, uuid, bigint, int),
    work.replay_pages(uuid, uuid, bigint), work.replay_sent(uuid, uuid, bigint),
    work.replay_persons(uuid, uuid, bigint) TO escriba_desk;
