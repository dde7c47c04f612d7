-- Whose documents come to a client's folder, sealed; and which document is the twin of another, by keyed hashes.
SET LOCAL ROLE escriba_owner;

-- The client's names and numbers, sealed with a key of its own that keyd makes; count is for people who see no keys.
CREATE TABLE work.parties (
    client_id  uuid PRIMARY KEY REFERENCES work.client,
    version    int NOT NULL CHECK (version > 0),
    count      int NOT NULL CHECK (count >= 0),
    sealed     bytea NOT NULL,
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- What makes a document the only one, hashed with the client's key.  Of two with the same tag the first to come is the
-- original: n says which.
CREATE SEQUENCE work.twin_seq CACHE 1;
CREATE TABLE work.twin (
    client_id   uuid NOT NULL,
    tag         bytea NOT NULL CHECK (length(tag) = 32),
    document_id uuid NOT NULL,
    n           bigint NOT NULL DEFAULT nextval('work.twin_seq'),
    PRIMARY KEY (client_id, tag, document_id),
    FOREIGN KEY (client_id, document_id) REFERENCES work.document
);
CREATE INDEX twin_document ON work.twin (client_id, document_id);
ALTER TABLE work.document ADD COLUMN twin_of uuid;

-- What is erased leaves no trace of what it said, not even a keyed one.
CREATE FUNCTION work.twin_forget() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    DELETE FROM work.twin t WHERE t.client_id = NEW.client_id AND t.document_id = NEW.document_id;
    RETURN NULL;
END $$;
CREATE TRIGGER twin_forget AFTER UPDATE OF state ON work.document FOR EACH ROW
    WHEN (NEW.state = 'erased') EXECUTE FUNCTION work.twin_forget();

-- ---- the runner ------------------------------------------------------------------------------------------

-- What a step is told about whose folder it is: the sealed parties (NULL: none), and for which reason the document was
-- last put before a person who since said that it may go on (0: none).  That a paper of somebody else goes on, a senior
-- must have said.
CREATE FUNCTION work.document_parties(p_client uuid, p_document uuid, p_token bigint)
RETURNS TABLE (version int, sealed bytea, decided int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step := work.held(p_client, p_document, 3, 0, p_token);
BEGIN
    RETURN QUERY
        SELECT coalesce(k.version, 0), k.sealed,
               CASE WHEN EXISTS (SELECT 1 FROM work.artifact a WHERE a.client_id = p_client AND a.object_id = p_document
                                    AND a.kind = 10 AND a.page = 0 AND a.generation = s.version)
                     AND (d.reason <> 88 OR p.role = 'senior') AND p.person_id IS NOT NULL THEN d.reason ELSE 0 END
          FROM work.document d LEFT JOIN work.parties k ON k.client_id = d.client_id
          LEFT JOIN work.person p ON p.person_id = d.person_id
         WHERE d.client_id = p_client AND d.document_id = p_document;
END $$;

-- These tags are the document's now.  Gives the document that had one of them before it and is still there, or NULL.
-- Two that come at the same moment wait for each other here, so that exactly one is the first.
CREATE FUNCTION work.document_twins(p_client uuid, p_document uuid, p_token bigint, p_tags bytea[]) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step := work.held(p_client, p_document, 3, 0, p_token);
    v_twin uuid;
    v_before uuid;
    t bytea;
BEGIN
    IF p_tags IS NULL OR cardinality(p_tags) > 16 OR array_position(p_tags, NULL) IS NOT NULL THEN
        RAISE EXCEPTION 'a document has at most 16 tags' USING ERRCODE = 'ES400';
    END IF;
    FOR t IN SELECT DISTINCT x FROM unnest(p_tags) x ORDER BY x LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended(p_client::text || encode(t, 'hex'), 13));
    END LOOP;
    DELETE FROM work.twin w WHERE w.client_id = p_client AND w.document_id = p_document AND w.tag <> ALL (p_tags);
    INSERT INTO work.twin (client_id, tag, document_id) SELECT DISTINCT p_client, x, p_document FROM unnest(p_tags) x
    ON CONFLICT DO NOTHING;
    SELECT o.document_id INTO v_twin
      FROM work.twin m JOIN work.twin o ON o.client_id = m.client_id AND o.tag = m.tag AND o.n < m.n
      JOIN work.document d ON d.client_id = o.client_id AND d.document_id = o.document_id
     WHERE m.client_id = p_client AND m.document_id = p_document AND o.document_id <> p_document
       AND d.state NOT IN ('rejected', 'set_aside', 'quarantined', 'erased')
     ORDER BY o.n LIMIT 1;
    SELECT d.twin_of INTO v_before FROM work.document d WHERE d.client_id = p_client AND d.document_id = p_document;
    IF v_twin IS DISTINCT FROM v_before THEN
        UPDATE work.document d SET twin_of = v_twin WHERE d.client_id = p_client AND d.document_id = p_document;
        IF v_twin IS NOT NULL THEN
            PERFORM work.audit_add(p_client, 'document.twin', p_file => s.file_id, p_document => p_document, p_code => 87);
        END IF;
    END IF;
    RETURN v_twin;
END $$;

-- ---- the desk --------------------------------------------------------------------------------------------

-- A paper that names somebody else may be another client's: only a senior is shown it.
CREATE FUNCTION work.may_take(p_person work.person, p_reason int) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
    SELECT p_reason <> 88 OR p_person.role = 'senior'
$$;

-- The document that came before this one.
CREATE FUNCTION work.review_twin(p_client uuid, p_document uuid, p_token bigint) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    PERFORM work.review_watched(p_client, p_document, p_token);
    RETURN (SELECT d.twin_of FROM work.document d WHERE d.client_id = p_client AND d.document_id = p_document);
END $$;

-- ---- the operator ----------------------------------------------------------------------------------------

CREATE FUNCTION ops.parties(p_client text) RETURNS TABLE (client_id uuid, version int, sealed bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    RETURN QUERY SELECT v_client, coalesce(k.version, 0), k.sealed
                   FROM (VALUES (v_client)) v(id) LEFT JOIN work.parties k ON k.client_id = v.id;
END $$;

-- p_version is the one that was read: who read before another wrote starts again (ES409).
CREATE FUNCTION ops.parties_put(p_client text, p_version int, p_count int, p_sealed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    PERFORM 1 FROM work.client c WHERE c.client_id = v_client AND c.state <> 'erased' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this client is erased' USING ERRCODE = 'ES404';
    END IF;
    IF coalesce((SELECT k.version FROM work.parties k WHERE k.client_id = v_client), 0) <> p_version THEN
        RAISE EXCEPTION 'somebody else changed them meanwhile: try again' USING ERRCODE = 'ES409';
    END IF;
    IF length(p_sealed) NOT BETWEEN 1 AND 200000 THEN
        RAISE EXCEPTION 'too much, or nothing, is sealed' USING ERRCODE = 'ES400';
    END IF;
    INSERT INTO work.parties AS k (client_id, version, count, sealed) VALUES (v_client, 1, p_count, p_sealed)
    ON CONFLICT (client_id) DO UPDATE SET version = k.version + 1, count = EXCLUDED.count, sealed = EXCLUDED.sealed,
        changed_at = clock_timestamp();
    PERFORM work.audit_add(v_client, 'client.parties', p_amount => p_count, p_hash => sha256(p_sealed));
END $$;

-- For the doctor: whose guard is on.
CREATE FUNCTION ops.parties_known() RETURNS TABLE (client text, count int)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    SELECT c.name, coalesce(k.count, 0) FROM work.client c LEFT JOIN work.parties k USING (client_id)
     WHERE c.state <> 'erased' ORDER BY c.name
$$;

CREATE FUNCTION ops.twin(p_document uuid) RETURNS TABLE (twin_of uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    SELECT d.twin_of FROM work.document d WHERE d.document_id = p_document AND d.twin_of IS NOT NULL
$$;

GRANT EXECUTE ON FUNCTION work.document_parties(uuid, uuid, bigint), work.document_twins(uuid, uuid, bigint, bytea[])
    TO escriba_runner;
GRANT EXECUTE ON FUNCTION work.review_twin(uuid, uuid, bigint) TO escriba_desk;
GRANT EXECUTE ON FUNCTION ops.parties(text), ops.parties_put(text, int, int, bytea), ops.parties_known(), ops.twin(uuid)
    TO escriba_operator;
