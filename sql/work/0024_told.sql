-- What a document step was told beside its pages, so that a look back can tell today's programs the same: which layout of the
-- client's memory, whose folder it is, which e-invoices.  The client's terms are kept since 0014.
--
-- In clear are numbers and identifiers.  The parties are a copy under the document's key and go with the document; of the
-- memory nothing is copied out of it: a version that a document was told stays beside the newest one, is sealed with the
-- memory's own key, and is forgotten with its layout.
SET LOCAL ROLE escriba_owner;

CREATE TABLE work.told (
    client_id      uuid NOT NULL,
    document_id    uuid NOT NULL,
    version        int NOT NULL,
    memory_slot    int NOT NULL,    -- the layout that its pages had; 0: none
    memory_version int NOT NULL,
    parties        int NOT NULL,    -- their version; 0: none were told
    witnesses      uuid[] NOT NULL, -- the files whose e-invoices were told
    PRIMARY KEY (client_id, document_id, version),
    FOREIGN KEY (client_id, document_id) REFERENCES work.document
);
CREATE INDEX told_memory ON work.told (client_id, memory_slot, memory_version) WHERE memory_slot > 0;

CREATE TABLE work.memory_before (
    client_id uuid NOT NULL,
    slot      int NOT NULL,
    version   int NOT NULL,
    sealed    bytea NOT NULL,
    PRIMARY KEY (client_id, slot, version),
    FOREIGN KEY (client_id, slot) REFERENCES work.memory_layout ON DELETE CASCADE
);
ALTER TABLE work.memory_before ALTER sealed SET STORAGE EXTERNAL;

-- The newest of the old ones stays, as a step that was told it may end after this; of the others those that somebody may
-- look back at.
CREATE FUNCTION work.memory_stays() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    DELETE FROM work.memory_before b WHERE b.client_id = OLD.client_id AND b.slot = OLD.slot
       AND NOT EXISTS (SELECT 1 FROM work.told t JOIN work.document d USING (client_id, document_id)
                        WHERE t.client_id = b.client_id AND t.memory_slot = b.slot AND t.memory_version = b.version
                          AND t.version = d.version AND d.state <> 'erased');
    INSERT INTO work.memory_before VALUES (OLD.client_id, OLD.slot, OLD.version, OLD.sealed) ON CONFLICT DO NOTHING;
    RETURN NULL;
END $$;
CREATE TRIGGER memory_stays AFTER UPDATE OF version ON work.memory_layout FOR EACH ROW
    WHEN (OLD.version <> NEW.version) EXECUTE FUNCTION work.memory_stays();

-- ---- the runner: under the step's lease, before its commit; a step that is taken again says it again.
CREATE FUNCTION work.document_told(p_client uuid, p_document uuid, p_token bigint, p_slot int, p_memory int, p_parties int,
                                   p_sealed bytea, p_witnesses uuid[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step := work.held(p_client, p_document, 3, 0, p_token);
BEGIN
    IF p_slot IS NULL OR p_memory IS NULL OR p_parties IS NULL OR p_witnesses IS NULL OR cardinality(p_witnesses) > 64
       OR (p_parties > 0) <> (p_sealed IS NOT NULL) THEN
        RAISE EXCEPTION 'what was told is a few numbers' USING ERRCODE = 'ES400';
    END IF;
    INSERT INTO work.told VALUES (p_client, p_document, s.version, p_slot, p_memory, p_parties, p_witnesses)
    ON CONFLICT (client_id, document_id, version) DO UPDATE SET memory_slot = EXCLUDED.memory_slot,
        memory_version = EXCLUDED.memory_version, parties = EXCLUDED.parties, witnesses = EXCLUDED.witnesses;
    IF p_sealed IS NOT NULL THEN
        PERFORM work.artifact_put(p_client, p_document, 17, 0, s.version, p_sealed);
    ELSE
        DELETE FROM work.artifact a WHERE a.client_id = p_client AND a.object_id = p_document AND a.kind = 17
           AND a.page = 0 AND a.generation = s.version;
    END IF;
END $$;

-- ---- the desk: a look back.  Nothing: made by an older release, which kept none of it.
CREATE FUNCTION work.replay_told(p_client uuid, p_document uuid, p_token bigint)
RETURNS TABLE (memory_slot int, memory_version int, parties int, witnesses int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    PERFORM work.replay_held(p_client, p_document, p_token);
    RETURN QUERY SELECT t.memory_slot, t.memory_version, t.parties, cardinality(t.witnesses)
                   FROM work.told t JOIN work.document d USING (client_id, document_id, version)
                  WHERE t.client_id = p_client AND t.document_id = p_document;
END $$;

-- The layout that was told, as it was then, if it is there; of a document of an older release all that is known today.
-- The first row is as in work.memory_load.
CREATE FUNCTION work.replay_memory(p_client uuid, p_document uuid, p_token bigint)
RETURNS TABLE (slot int, version int, memory_id uuid, wrapped bytea, sealed bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    v_told work.told;
BEGIN
    PERFORM work.replay_held(p_client, p_document, p_token);
    SELECT t.* INTO v_told FROM work.told t JOIN work.document d USING (client_id, document_id, version)
     WHERE t.client_id = p_client AND t.document_id = p_document;
    RETURN QUERY
        SELECT 0, coalesce(m.next_slot, 1), coalesce(m.memory_id, gen_random_uuid()), m.wrapped, NULL::bytea
          FROM (VALUES (p_client)) v(id) LEFT JOIN work.memory m ON m.client_id = v.id
        UNION ALL (
        SELECT l.slot, l.version, NULL, NULL, l.sealed FROM work.memory_layout l
         WHERE l.client_id = p_client AND (v_told.version IS NULL
            OR (l.slot = v_told.memory_slot AND l.version = v_told.memory_version))
         ORDER BY l.used_on DESC, l.slot LIMIT 256)
        UNION ALL
        SELECT b.slot, b.version, NULL, NULL, b.sealed FROM work.memory_before b
         WHERE b.client_id = p_client AND b.slot = v_told.memory_slot AND b.version = v_told.memory_version
        ORDER BY 1;
END $$;

-- The e-invoices that were told; of a document of an older release those that are there today.
CREATE FUNCTION work.replay_witnesses(p_client uuid, p_document uuid, p_token bigint)
RETURNS TABLE (file_id uuid, wrapped bytea, sealed bytea, waits boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_files uuid[];
    d work.document;
BEGIN
    PERFORM work.replay_held(p_client, p_document, p_token);
    SELECT t.* INTO d FROM work.document t WHERE t.client_id = p_client AND t.document_id = p_document;
    SELECT t.witnesses INTO v_files FROM work.told t WHERE t.client_id = p_client AND t.document_id = p_document
       AND t.version = d.version;
    IF NOT FOUND AND (SELECT count(*) FROM work.document o WHERE o.client_id = p_client AND o.file_id = d.file_id) = 1 THEN
        v_files := ARRAY(SELECT f.file_id FROM work.file f WHERE f.client_id = p_client
                            AND (f.file_id = d.file_id OR (f.companion_of = d.file_id AND f.state = 'companion')));
    END IF;
    RETURN QUERY
        SELECT f.file_id, f.wrapped, a.sealed, false FROM work.file f JOIN work.artifact a
            ON a.client_id = f.client_id AND a.object_id = f.file_id AND a.kind = 12 AND a.page = 0 AND a.generation = 0
         WHERE f.client_id = p_client AND f.file_id = ANY (v_files) AND f.state <> 'erased'
         ORDER BY array_position(v_files, f.file_id);
END $$;

GRANT EXECUTE ON FUNCTION work.document_told(uuid, uuid, bigint, int, int, int, bytea, uuid[]) TO escriba_runner;
GRANT EXECUTE ON FUNCTION work.replay_told(uuid, uuid, bigint), work.replay_memory(uuid, uuid, bigint),
    work.replay_witnesses(uuid, uuid, bigint) TO escriba_desk;
