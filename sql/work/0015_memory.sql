-- What people taught about the layouts of a client's senders: sealed, one row a layout, and counts for who sees no keys.
--
-- The contents are sealed with a key of their own that keyd wrapped for this client; forgetting is a deletion here, and
-- the loss of the client's key is one everywhere.  In clear are a number, the form, the names of its fields and how
-- often a person said something about each: nothing of a document, and nothing that says who the sender is.
SET LOCAL ROLE escriba_owner;

CREATE TABLE work.memory (
    client_id uuid PRIMARY KEY REFERENCES work.client,
    memory_id uuid NOT NULL,           -- the object of its seals
    wrapped   bytea NOT NULL,
    next_slot int NOT NULL DEFAULT 1
);

CREATE TABLE work.memory_layout (
    client_id  uuid NOT NULL REFERENCES work.memory ON DELETE CASCADE,
    slot       int NOT NULL CHECK (slot > 0), -- never given a second time
    version    int NOT NULL CHECK (version > 0),
    form       text NOT NULL CHECK (length(form) < 64),
    lessons    int NOT NULL,
    fields     text[] NOT NULL DEFAULT '{}',
    corrected  bigint[] NOT NULL DEFAULT '{}',
    confirmed  bigint[] NOT NULL DEFAULT '{}',
    helped     bigint[] NOT NULL DEFAULT '{}',
    misled     bigint[] NOT NULL DEFAULT '{}',
    sealed     bytea NOT NULL CHECK (length(sealed) <= 32768),
    made_at    timestamptz NOT NULL DEFAULT now(),
    learnt_at  timestamptz NOT NULL DEFAULT now(),
    used_on    date NOT NULL DEFAULT current_date,
    PRIMARY KEY (client_id, slot)
);
ALTER TABLE work.memory_layout ALTER sealed SET STORAGE EXTERNAL;

-- ---- the runner ------------------------------------------------------------------------------------------

-- All that is known, of this document's client.  The first row (slot 0) has the key, or none when nothing is known yet;
-- its version is the next slot.
CREATE FUNCTION work.memory_load(p_client uuid, p_document uuid, p_token bigint)
RETURNS TABLE (slot int, version int, memory_id uuid, wrapped bytea, sealed bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    PERFORM work.held(p_client, p_document, 3, 0, p_token);
    RETURN QUERY
        SELECT 0, coalesce(m.next_slot, 1), coalesce(m.memory_id, gen_random_uuid()), m.wrapped, NULL::bytea
          FROM (VALUES (p_client)) v(id) LEFT JOIN work.memory m ON m.client_id = v.id
        UNION ALL (
        SELECT l.slot, l.version, NULL, NULL, l.sealed FROM work.memory_layout l WHERE l.client_id = p_client
         ORDER BY l.used_on DESC, l.slot LIMIT 256)
        ORDER BY 1;
END $$;

-- A lesson, in the transaction of the document that gave it.  p_seen: the version that it was learnt on, 0 for a new
-- layout, whose slot must be the next.  False: somebody else was here first; learn again on what is here now.
CREATE FUNCTION work.memory_put(p_client uuid, p_document uuid, p_token bigint, p_memory uuid, p_wrapped bytea, p_slot int,
                                p_seen int, p_form text, p_lessons int, p_fields text[], p_corrected bigint[],
                                p_confirmed bigint[], p_helped bigint[], p_misled bigint[], p_sealed bytea)
RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    m work.memory;
BEGIN
    PERFORM work.held(p_client, p_document, 3, 0, p_token);
    IF (cardinality(p_fields) = ALL (ARRAY[cardinality(p_corrected), cardinality(p_confirmed), cardinality(p_helped),
           cardinality(p_misled)])) IS NOT TRUE OR cardinality(p_fields) > 64 OR length(p_sealed) > 32768 THEN
        RAISE EXCEPTION 'a layout has at most 64 fields and 32768 bytes' USING ERRCODE = 'ES400';
    END IF;
    IF p_wrapped IS NOT NULL THEN
        INSERT INTO work.memory (client_id, memory_id, wrapped) VALUES (p_client, p_memory, p_wrapped)
        ON CONFLICT (client_id) DO NOTHING;
    END IF;
    SELECT t.* INTO m FROM work.memory t WHERE t.client_id = p_client FOR UPDATE;
    -- Another key than the one it is sealed with, or forgotten since.
    IF NOT FOUND OR m.memory_id <> p_memory THEN
        RETURN false;
    END IF;
    IF p_seen = 0 THEN
        IF p_slot <> m.next_slot THEN
            RETURN false;
        END IF;
        UPDATE work.memory t SET next_slot = m.next_slot + 1 WHERE t.client_id = p_client;
        INSERT INTO work.memory_layout (client_id, slot, version, form, lessons, fields, corrected, confirmed, helped, misled,
                                        sealed)
        VALUES (p_client, p_slot, 1, p_form, p_lessons, p_fields, p_corrected, p_confirmed, p_helped, p_misled, p_sealed);
        -- The one that was of no use for longest makes room.
        DELETE FROM work.memory_layout l WHERE l.client_id = p_client AND l.slot IN (
            SELECT o.slot FROM work.memory_layout o WHERE o.client_id = p_client AND o.slot <> p_slot
             ORDER BY o.used_on DESC, o.learnt_at DESC OFFSET 255);
    ELSE
        UPDATE work.memory_layout l SET version = l.version + 1, form = p_form, lessons = p_lessons, fields = p_fields,
               corrected = p_corrected, confirmed = p_confirmed, helped = p_helped, misled = p_misled, sealed = p_sealed,
               learnt_at = clock_timestamp(), used_on = current_date
         WHERE l.client_id = p_client AND l.slot = p_slot AND l.version = p_seen;
        IF NOT FOUND THEN
            RETURN false;
        END IF;
    END IF;
    PERFORM work.audit_add(p_client, 'memory.learnt', p_document => p_document, p_amount => p_slot, p_hash => sha256(p_sealed));
    RETURN true;
END $$;

-- A document had this layout: once a day is enough.
CREATE FUNCTION work.memory_used(p_client uuid, p_document uuid, p_token bigint, p_slot int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    PERFORM work.held(p_client, p_document, 3, 0, p_token);
    UPDATE work.memory_layout l SET used_on = current_date
     WHERE l.client_id = p_client AND l.slot = p_slot AND l.used_on < current_date;
END $$;

-- ---- the operator ----------------------------------------------------------------------------------------

CREATE FUNCTION ops.memories(p_client text)
RETURNS TABLE (client text, layouts bigint, fields bigint, lessons bigint, bytes bigint, learnt_at timestamptz, used_on date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    RETURN QUERY SELECT c.name, count(l.slot), coalesce(sum(cardinality(l.fields)), 0)::bigint,
               coalesce(sum(l.lessons), 0)::bigint, coalesce(sum(length(l.sealed)), 0)::bigint, max(l.learnt_at), max(l.used_on)
          FROM work.client c LEFT JOIN work.memory_layout l USING (client_id)
         WHERE v_client IS NULL OR c.client_id = v_client GROUP BY c.name ORDER BY c.name;
END $$;

CREATE FUNCTION ops.memory_layouts(p_client text, p_slot int)
RETURNS TABLE (layout int, form text, lessons int, fields int, corrected bigint, confirmed bigint, helped bigint, misled bigint,
               bytes int, made_at timestamptz, learnt_at timestamptz, used_on date)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    RETURN QUERY SELECT l.slot, l.form, l.lessons, cardinality(l.fields), (SELECT coalesce(sum(x), 0)::bigint FROM unnest(l.corrected) x),
               (SELECT coalesce(sum(x), 0)::bigint FROM unnest(l.confirmed) x), (SELECT coalesce(sum(x), 0)::bigint FROM unnest(l.helped) x),
               (SELECT coalesce(sum(x), 0)::bigint FROM unnest(l.misled) x), length(l.sealed), l.made_at, l.learnt_at, l.used_on
          FROM work.memory_layout l WHERE l.client_id = v_client AND (p_slot IS NULL OR l.slot = p_slot) ORDER BY l.slot;
    IF NOT FOUND AND p_slot IS NOT NULL THEN
        RAISE EXCEPTION 'there is no such layout' USING ERRCODE = 'ES404';
    END IF;
END $$;

CREATE FUNCTION ops.memory_fields(p_client text, p_slot int)
RETURNS TABLE (field text, corrected bigint, confirmed bigint, helped bigint, misled bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    RETURN QUERY SELECT x.field, x.corrected, x.confirmed, x.helped, x.misled
          FROM work.memory_layout l, unnest(l.fields, l.corrected, l.confirmed, l.helped, l.misled)
               WITH ORDINALITY AS x(field, corrected, confirmed, helped, misled, n)
         WHERE l.client_id = v_client AND l.slot = p_slot ORDER BY x.n;
END $$;

-- One layout, or with NULL all of them and their key.  Gives how many.
CREATE FUNCTION ops.memory_forget(p_client text, p_slot int) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
    v_gone bigint;
BEGIN
    IF v_client IS NULL THEN
        RAISE EXCEPTION 'whose memory?' USING ERRCODE = 'ES400';
    END IF;
    PERFORM 1 FROM work.memory m WHERE m.client_id = v_client FOR UPDATE;
    DELETE FROM work.memory_layout l WHERE l.client_id = v_client AND (p_slot IS NULL OR l.slot = p_slot);
    GET DIAGNOSTICS v_gone = ROW_COUNT;
    IF p_slot IS NOT NULL AND v_gone = 0 THEN
        RAISE EXCEPTION 'there is no such layout' USING ERRCODE = 'ES404';
    END IF;
    IF p_slot IS NULL THEN
        DELETE FROM work.memory m WHERE m.client_id = v_client;
    END IF;
    PERFORM work.audit_add(v_client, 'memory.forgotten', p_code => coalesce(p_slot, 0), p_amount => v_gone);
    RETURN v_gone;
END $$;

GRANT EXECUTE ON FUNCTION work.memory_load(uuid, uuid, bigint),
    work.memory_put(uuid, uuid, bigint, uuid, bytea, int, int, text, int, text[], bigint[], bigint[], bigint[], bigint[], bytea),
    work.memory_used(uuid, uuid, bigint, int) TO escriba_runner;
GRANT EXECUTE ON FUNCTION ops.memories(text), ops.memory_layouts(text, int), ops.memory_fields(text, int),
    ops.memory_forget(text, int) TO escriba_operator;
