-- What a client may pull: results and refusals, sealed to its own key.  Row-level security is the second wall
-- behind the seal; the policy asks current_user, which a client cannot set (any setting of ours it could).
SET LOCAL ROLE escriba_owner;

CREATE TABLE delivery.client (
    client_id      uuid PRIMARY KEY,
    role           name NOT NULL UNIQUE CHECK (role::text ~ '^client_[0-9a-f]{16}$'), -- says nothing about who it is
    last_seq       bigint NOT NULL DEFAULT 0,
    acked_seq      bigint NOT NULL DEFAULT 0,
    retention_days int NOT NULL DEFAULT 30 CHECK (retention_days >= 0),
    created_at     timestamptz NOT NULL DEFAULT now(),
    closed_at      timestamptz
) WITH (fillfactor = 20);

CREATE TABLE delivery.result (
    client_id   uuid NOT NULL REFERENCES delivery.client,
    seq         bigint NOT NULL,
    role        name NOT NULL,
    batch       uuid,
    document    uuid NOT NULL,
    version     int NOT NULL,
    kind        text NOT NULL CHECK (kind IN ('result', 'refusal')),
    form        text NOT NULL,
    payload     bytea,               -- NULL after retention
    digest      bytea NOT NULL CHECK (length(digest) = 32),
    created_at  timestamptz NOT NULL DEFAULT now(),
    acked_at    timestamptz,
    nacked_at   timestamptz,
    nack_reason text CHECK (octet_length(nack_reason) <= 200),
    purged_at   timestamptz,
    PRIMARY KEY (client_id, seq),
    UNIQUE (client_id, document, version)
);
ALTER TABLE delivery.result ALTER payload SET STORAGE EXTERNAL;
CREATE INDEX result_role ON delivery.result (role, seq);
CREATE INDEX result_unpurged ON delivery.result (client_id, acked_at) WHERE payload IS NOT NULL AND acked_at IS NOT NULL;

ALTER TABLE delivery.client ENABLE ROW LEVEL SECURITY;
ALTER TABLE delivery.client FORCE ROW LEVEL SECURITY;
ALTER TABLE delivery.result ENABLE ROW LEVEL SECURITY;
ALTER TABLE delivery.result FORCE ROW LEVEL SECURITY;
-- FORCE binds the owner, too: our own functions are let in by name.
CREATE POLICY house ON delivery.client TO escriba_owner USING (true) WITH CHECK (true);
CREATE POLICY house ON delivery.result TO escriba_owner USING (true) WITH CHECK (true);
CREATE POLICY own ON delivery.result FOR SELECT TO escriba_client USING (role = current_user);

CREATE VIEW delivery.results WITH (security_invoker = true, security_barrier = true) AS
    SELECT seq, batch, document, version, kind, form, payload, digest, created_at, acked_at, nacked_at, nack_reason
      FROM delivery.result;
GRANT SELECT ON delivery.results TO escriba_client;
-- The view runs with the client's rights, so the client needs them on these columns of the table.
GRANT SELECT (seq, role, batch, document, version, kind, form, payload, digest, created_at, acked_at, nacked_at,
              nack_reason) ON delivery.result TO escriba_client;

-- Once for each (client, document, version): again gives the first sequence number and digest.
-- The client's row lock makes the numbers gapless and their order that of the commits.
CREATE FUNCTION delivery.publish(p_client uuid, p_document uuid, p_version int, p_batch uuid, p_kind text, p_form text,
                                 p_payload bytea, p_digest bytea)
RETURNS TABLE (seq bigint, digest bytea, again boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, delivery, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_client delivery.client;
BEGIN
    SELECT * INTO v_client FROM delivery.client c WHERE c.client_id = p_client FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'this client has no role in the delivery database' USING ERRCODE = 'ES404';
    END IF;
    RETURN QUERY SELECT r.seq, r.digest, true FROM delivery.result r
      WHERE r.client_id = p_client AND r.document = p_document AND r.version = p_version;
    IF FOUND THEN
        RETURN;
    END IF;
    IF p_payload IS NULL OR length(p_payload) = 0 OR sha256(p_payload) <> p_digest THEN
        RAISE EXCEPTION 'the payload is not what its digest says' USING ERRCODE = 'ES400';
    END IF;
    INSERT INTO delivery.result (client_id, seq, role, batch, document, version, kind, form, payload, digest)
    VALUES (p_client, v_client.last_seq + 1, v_client.role, p_batch, p_document, p_version, p_kind, p_form, p_payload,
            p_digest);
    UPDATE delivery.client c SET last_seq = v_client.last_seq + 1 WHERE c.client_id = p_client;
    PERFORM pg_notify(v_client.role::text, (v_client.last_seq + 1)::text);
    RETURN QUERY SELECT v_client.last_seq + 1, p_digest, false;
END $$;

-- ---- for a client.  session_user: the role that logged in, also inside a function of the owner ------------

CREATE FUNCTION delivery.ack(upto bigint) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, delivery, pg_temp AS $$
DECLARE
    v_client delivery.client;
    v_acked bigint;
BEGIN
    IF upto IS NULL THEN -- least() would take it for everything
        RAISE EXCEPTION 'up to which number?' USING ERRCODE = 'ES400';
    END IF;
    SELECT * INTO v_client FROM delivery.client c WHERE c.role = session_user FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'only a client acknowledges' USING ERRCODE = 'ES403';
    END IF;
    UPDATE delivery.result r SET acked_at = clock_timestamp()
     WHERE r.client_id = v_client.client_id AND r.seq <= upto AND r.seq > v_client.acked_seq AND r.acked_at IS NULL;
    GET DIAGNOSTICS v_acked = ROW_COUNT;
    UPDATE delivery.client c SET acked_seq = greatest(c.acked_seq, least(upto, c.last_seq))
     WHERE c.client_id = v_client.client_id;
    RETURN v_acked;
END $$;

CREATE FUNCTION delivery.nack(p_seq bigint, reason text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, delivery, pg_temp AS $$
BEGIN
    IF reason IS NULL OR octet_length(reason) NOT BETWEEN 1 AND 200 THEN
        RAISE EXCEPTION 'a reason has 1 to 200 bytes' USING ERRCODE = 'ES400';
    END IF;
    UPDATE delivery.result r SET nacked_at = clock_timestamp(), nack_reason = reason
      FROM delivery.client c WHERE c.role = session_user AND r.client_id = c.client_id AND r.seq = p_seq;
    RETURN FOUND;
END $$;

CREATE FUNCTION delivery.whoami() RETURNS TABLE (client_id uuid, role text, last_seq bigint, acked_seq bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, delivery, pg_temp AS $$
    SELECT c.client_id, c.role::text, c.last_seq, c.acked_seq FROM delivery.client c WHERE c.role = session_user
$$;

-- ---- for the operator -------------------------------------------------------------------------------------

CREATE FUNCTION delivery.clients()
RETURNS TABLE (client_id uuid, role text, last_seq bigint, acked_seq bigint, waiting bigint, nacked bigint,
               retention_days int, closed_at timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, delivery, pg_temp AS $$
    SELECT c.client_id, c.role::text, c.last_seq, c.acked_seq, c.last_seq - c.acked_seq,
           (SELECT count(*) FROM delivery.result r WHERE r.client_id = c.client_id AND r.nacked_at IS NOT NULL),
           c.retention_days, c.closed_at
      FROM delivery.client c ORDER BY c.created_at
$$;

CREATE FUNCTION delivery.nacks()
RETURNS TABLE (client_id uuid, seq bigint, document uuid, version int, reason text, nacked_at timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, delivery, pg_temp AS $$
    SELECT r.client_id, r.seq, r.document, r.version, r.nack_reason, r.nacked_at FROM delivery.result r
     WHERE r.nacked_at IS NOT NULL ORDER BY r.nacked_at
$$;

CREATE FUNCTION delivery.client_retention(p_client uuid, p_days int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, delivery, pg_temp AS $$
BEGIN
    UPDATE delivery.client c SET retention_days = p_days WHERE c.client_id = p_client;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such client' USING ERRCODE = 'ES404';
    END IF;
END $$;

-- Did the client refuse this, and has it acknowledged nothing better since?  Such a row goes nowhere.
CREATE FUNCTION delivery.disputed(r delivery.result) RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, delivery, pg_temp AS $$
    SELECT r.nacked_at IS NOT NULL AND NOT EXISTS (
        SELECT 1 FROM delivery.result n WHERE n.client_id = r.client_id AND n.document = r.document
           AND n.version > r.version AND n.acked_at IS NOT NULL AND n.nacked_at IS NULL)
$$;

-- What the client said about these: when it acknowledged (NULL: not yet), whether it refused, and whether its time is
-- over.  Their payloads may be gone already.  A number that does not exist has no row.
CREATE FUNCTION delivery.acknowledged(p_client uuid, p_seqs bigint[])
RETURNS TABLE (seq bigint, digest bytea, acked_at timestamptz, disputed boolean, over boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, delivery, pg_temp AS $$
BEGIN
    IF p_seqs IS NULL OR cardinality(p_seqs) > 10000 THEN
        RAISE EXCEPTION 'up to 10000 numbers can be asked about' USING ERRCODE = 'ES400';
    END IF;
    RETURN QUERY SELECT r.seq, r.digest, r.acked_at, delivery.disputed(r),
               coalesce(r.acked_at < clock_timestamp() - make_interval(days => c.retention_days), false)
          FROM delivery.client c JOIN delivery.result r USING (client_id)
         WHERE c.client_id = p_client AND r.seq = ANY (p_seqs) ORDER BY r.seq;
END $$;

-- Payloads go when their client has had them for as long as was agreed; the row stays, so that numbers have no gaps.
-- One client's or everybody's; p_dry: only count them.
CREATE FUNCTION delivery.purge(p_client uuid DEFAULT NULL, p_dry boolean DEFAULT false) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, delivery, pg_temp AS $$
DECLARE
    v_purged bigint;
BEGIN
    WITH over AS (
        SELECT r.client_id, r.seq FROM delivery.client c JOIN delivery.result r USING (client_id)
         WHERE (p_client IS NULL OR c.client_id = p_client) AND r.payload IS NOT NULL
           AND r.acked_at < clock_timestamp() - make_interval(days => c.retention_days)
           AND (r.nacked_at IS NULL OR NOT delivery.disputed(r))
    ), gone AS (
        UPDATE delivery.result r SET payload = NULL, purged_at = clock_timestamp() FROM over o
         WHERE NOT p_dry AND r.client_id = o.client_id AND r.seq = o.seq
    )
    SELECT count(*) INTO v_purged FROM over;
    RETURN v_purged;
END $$;
