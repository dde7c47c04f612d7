-- The audit chain: one for each client, and one for the house (the zero uuid).
-- A row is appended inside the transaction of what it tells; its hash covers the one before.  lib/sys/audit.c
-- computes the same bytes independently.  Order under a clock that jumps back: a row is never older than its predecessor.
SET LOCAL ROLE escriba_owner;

CREATE TABLE work.audit (
    client_id   uuid NOT NULL,
    n           bigint NOT NULL,
    at          timestamptz NOT NULL,
    actor       text NOT NULL,       -- the database role that logged in
    person_id   uuid,
    event       text NOT NULL,
    batch_id    uuid,
    file_id     uuid,
    document_id uuid,
    page        int NOT NULL,        -- -1: none
    code        int NOT NULL,        -- a reason, 0: none
    amount      bigint NOT NULL,
    sealed_hash bytea,               -- SHA-256 of the ciphertext that was stored
    prev        bytea NOT NULL,
    hash        bytea NOT NULL,
    PRIMARY KEY (client_id, n)
);
CREATE TABLE work.audit_head (
    client_id uuid PRIMARY KEY,
    n         bigint NOT NULL,
    hash      bytea NOT NULL,
    at        timestamptz NOT NULL
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE INDEX audit_document ON work.audit (client_id, document_id) WHERE document_id IS NOT NULL;
CREATE INDEX audit_file ON work.audit (client_id, file_id) WHERE file_id IS NOT NULL AND document_id IS NULL AND page < 0;

CREATE TYPE work.audit_entry AS (
    event text, person_id uuid, batch_id uuid, file_id uuid, document_id uuid, page int, code int, amount bigint,
    sealed_hash bytea);

CREATE FUNCTION work.audit_start(p_client uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO work.audit_head (client_id, n, hash, at)
    VALUES (p_client, 0, decode(repeat('00', 32), 'hex'), clock_timestamp()) ON CONFLICT DO NOTHING
$$;

CREATE FUNCTION work.audit_append(p_client uuid, p_entries work.audit_entry[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    nobody CONSTANT bytea := '\x00000000000000000000000000000000';
    v_head work.audit_head;
    v_actor CONSTANT text := session_user;
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
    v_between := timestamptz_send(v_at) || int4send(octet_length(v_actor)) || convert_to(v_actor, 'UTF8');
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
    SELECT p_client, v_head.n + e.i, v_at, v_actor, e.person_id, e.event, e.batch_id, e.file_id, e.document_id,
           coalesce(e.page, -1), coalesce(e.code, 0), coalesce(e.amount, 0), e.sealed_hash,
           CASE e.i WHEN 1 THEN v_head.hash ELSE v_hashes[e.i - 1] END, v_hashes[e.i]
      FROM unnest(p_entries) WITH ORDINALITY AS e(event, person_id, batch_id, file_id, document_id, page, code, amount,
           sealed_hash, i);
    UPDATE work.audit_head h SET n = v_head.n + cardinality(p_entries), hash = v_hash, at = v_at
     WHERE h.client_id = p_client;
END $$;

CREATE FUNCTION work.audit_add(p_client uuid, p_event text, p_person uuid DEFAULT NULL, p_batch uuid DEFAULT NULL,
                               p_file uuid DEFAULT NULL, p_document uuid DEFAULT NULL, p_page int DEFAULT -1,
                               p_code int DEFAULT 0, p_amount bigint DEFAULT 0, p_hash bytea DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
    SELECT work.audit_append(p_client, ARRAY[ROW(p_event, p_person, p_batch, p_file, p_document, p_page, p_code,
                                                 p_amount, p_hash)::work.audit_entry])
$$;

-- The chain only grows.  (Whoever owns the database can switch this off; the chain is there for that.)
CREATE FUNCTION work.audit_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit chain only grows' USING ERRCODE = 'ES403';
END $$;
CREATE TRIGGER audit_frozen BEFORE UPDATE OR DELETE OR TRUNCATE ON work.audit
    FOR EACH STATEMENT EXECUTE FUNCTION work.audit_frozen();

SELECT work.audit_start('00000000-0000-0000-0000-000000000000');
