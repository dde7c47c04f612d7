-- Roles, and what everybody may not do.  One login role per program; none may touch a table.
-- Roles belong to the whole cluster, so this file and its twin of the delivery database both ask first.
DO $$
DECLARE
    r text;
BEGIN
    FOREACH r IN ARRAY ARRAY['escriba_owner', 'escriba_rolemaker', 'escriba_client'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = r) THEN
            EXECUTE format('CREATE ROLE %I NOLOGIN', r);
        END IF;
    END LOOP;
    FOREACH r IN ARRAY ARRAY['escriba_intake', 'escriba_runner', 'escriba_publisher', 'escriba_desk',
                             'escriba_operator', 'escriba_audit', 'escriba_metrics'] LOOP
        IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = r) THEN
            EXECUTE format('CREATE ROLE %I LOGIN NOINHERIT', r);
        END IF;
        -- A program that hangs inside a statement must not hold locks for ever; it may not lift this limit unseen,
        -- since a lost lease costs it its commit anyway.
        EXECUTE format('ALTER ROLE %I SET statement_timeout = %L', r, '300s');
        EXECUTE format('ALTER ROLE %I SET synchronous_commit = on', r);
    END LOOP;
    -- To SET ROLE to the owner, an administrator who is not a superuser must be a member.
    IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
        EXECUTE format('GRANT escriba_owner, escriba_rolemaker TO %I', current_user);
    END IF;
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO escriba_intake, escriba_runner, escriba_desk, escriba_operator,'
                   ' escriba_audit, escriba_metrics', current_database());
END $$;

REVOKE ALL ON SCHEMA public FROM PUBLIC;
CREATE SCHEMA work AUTHORIZATION escriba_owner;
CREATE SCHEMA ops AUTHORIZATION escriba_owner;
GRANT USAGE ON SCHEMA work TO escriba_intake, escriba_runner, escriba_desk;
GRANT USAGE ON SCHEMA ops TO escriba_operator, escriba_audit, escriba_metrics;

-- Functions are born callable by everybody; ours are not.
ALTER DEFAULT PRIVILEGES FOR ROLE escriba_owner REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
ALTER DEFAULT PRIVILEGES FOR ROLE escriba_owner REVOKE USAGE ON TYPES FROM PUBLIC;
