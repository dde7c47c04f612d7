-- A client's role is made by one function, which belongs to a role that may make roles and cannot log in.
-- The password arrives as a SCRAM verifier: neither the server nor its log ever sees it.

SET LOCAL ROLE escriba_owner;
GRANT USAGE ON SCHEMA delivery TO escriba_rolemaker;
RESET ROLE;

GRANT CREATE ON SCHEMA delivery TO escriba_rolemaker;
SET LOCAL ROLE escriba_rolemaker;

CREATE FUNCTION delivery.role_make(p_role text, p_verifier text, p_login boolean) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    -- Whatever is asked, no other role can be touched.
    IF p_role !~ '^client_[0-9a-f]{16}$' THEN
        RAISE EXCEPTION 'this is not a client''s role' USING ERRCODE = 'ES403';
    END IF;
    IF p_verifier IS NOT NULL AND p_verifier !~ '^SCRAM-SHA-256\$[0-9]+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$' THEN
        RAISE EXCEPTION 'a password travels as a SCRAM-SHA-256 verifier only' USING ERRCODE = 'ES400';
    END IF;
    IF NOT EXISTS (SELECT 1 FROM pg_roles r WHERE r.rolname = p_role) THEN
        EXECUTE format('CREATE ROLE %I NOLOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS'
                       ' CONNECTION LIMIT 8 IN ROLE escriba_client', p_role);
        EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', p_role, '60s');
        EXECUTE format('ALTER ROLE %I SET idle_in_transaction_session_timeout = %L', p_role, '60s');
    END IF;
    IF p_verifier IS NOT NULL THEN
        EXECUTE format('ALTER ROLE %I PASSWORD %L', p_role, p_verifier);
    END IF;
    EXECUTE format('ALTER ROLE %I %s', p_role, CASE WHEN p_login THEN 'LOGIN' ELSE 'NOLOGIN' END);
END $$;
GRANT EXECUTE ON FUNCTION delivery.role_make TO escriba_owner;
RESET ROLE;
REVOKE CREATE ON SCHEMA delivery FROM escriba_rolemaker;

SET LOCAL ROLE escriba_owner;

CREATE FUNCTION delivery.client_add(p_client uuid, p_verifier text, p_retention_days int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, delivery, pg_temp AS $$
DECLARE
    v_role text;
BEGIN
    IF p_verifier IS NULL THEN
        RAISE EXCEPTION 'a client needs a password' USING ERRCODE = 'ES400';
    END IF;
    IF EXISTS (SELECT 1 FROM delivery.client c WHERE c.client_id = p_client) THEN
        RAISE EXCEPTION 'this client has a role already' USING ERRCODE = 'ES409';
    END IF;
    v_role := 'client_' || substr(replace(gen_random_uuid()::text, '-', ''), 17);
    PERFORM delivery.role_make(v_role, p_verifier, true);
    INSERT INTO delivery.client (client_id, role, retention_days) VALUES (p_client, v_role, coalesce(p_retention_days, 30));
    RETURN v_role;
END $$;

CREATE FUNCTION delivery.client_password(p_client uuid, p_verifier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, delivery, pg_temp AS $$
DECLARE
    v_role text;
BEGIN
    SELECT c.role INTO v_role FROM delivery.client c WHERE c.client_id = p_client AND c.closed_at IS NULL;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such client' USING ERRCODE = 'ES404';
    END IF;
    IF p_verifier IS NULL THEN
        RAISE EXCEPTION 'a client needs a password' USING ERRCODE = 'ES400';
    END IF;
    PERFORM delivery.role_make(v_role, p_verifier, true);
END $$;

CREATE FUNCTION delivery.client_close(p_client uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, delivery, pg_temp AS $$
DECLARE
    v_role text;
BEGIN
    UPDATE delivery.client c SET closed_at = clock_timestamp() WHERE c.client_id = p_client RETURNING c.role INTO v_role;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such client' USING ERRCODE = 'ES404';
    END IF;
    PERFORM delivery.role_make(v_role, NULL, false);
END $$;

GRANT EXECUTE ON FUNCTION delivery.publish TO escriba_publisher;
GRANT EXECUTE ON FUNCTION delivery.ack, delivery.nack, delivery.whoami TO escriba_client;
GRANT EXECUTE ON FUNCTION delivery.client_add, delivery.client_password, delivery.client_close, delivery.clients,
    delivery.nacks, delivery.client_retention, delivery.acknowledged, delivery.purge TO escriba_operator;
