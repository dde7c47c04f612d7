-- The delivery database: the only one that a client's role can connect to.
-- The same roles as in the work database (they belong to the whole cluster), other rights.
DO $$
DECLARE
    r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['escriba_owner', 'escriba_rolemaker', 'escriba_client'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = r) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', r);
        END IF;
    END LOOP;
    FOREACH r IN ARRAY ARRAY['escriba_publisher', 'escriba_operator'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = r) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', r);
        END IF;
    END LOOP;
    -- It owns one function, delivery.role_make, and cannot log in.
    ALTER ROLE escriba_rolemaker CREATEROLE;
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT escriba_owner, escriba_rolemaker TO %I', current_user);
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO escriba_publisher, escriba_operator, escriba_client',
                   current_database());
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA delivery AUTHORIZATION escriba_owner;
GRANT USAGE ON SCHEMA delivery TO escriba_publisher, escriba_operator, escriba_client;
ALTER DEFAULT PRIVILEGES FOR ROLE escriba_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE escriba_rolemaker REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- What every role of PostgreSQL may do and a client need not: large objects fill the disk, advisory locks are a
-- channel between clients.  An administrator who is not a superuser cannot take these away; then they stay.
DO $$
DECLARE
    f regprocedure;
BEGIN
    FOR f IN SELECT p.oid::regprocedure FROM pg_proc p
              WHERE p.pronamespace = 'pg_catalog'::regnamespace
                AND (p.proname LIKE 'pg\_advisory%' OR p.proname LIKE 'pg\_try\_advisory%'
                     OR p.proname LIKE 'lo\_%' OR p.proname IN ('loread', 'lowrite')) LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f);
    END LOOP;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'large objects and advisory locks stay open to every role of this database';
END $$;
