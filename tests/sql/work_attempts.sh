#!/bin/bash
# What a program's role tries in the work database beyond its functions; each in a real session of that role.
. "$(dirname "$0")/cluster.sh"
. "$(dirname "$0")/attempt.sh"
pg_folder=$1
forbidden=$(cat <<'END'
42501	UPDATE work.file SET state = 'waiting'
42501	DELETE FROM work.step
42501	TRUNCATE work.audit
42501	INSERT INTO work.turn SELECT gen_random_uuid()
42501	SELECT nextval('work.step_seq')
42501	BEGIN; LOCK TABLE work.page IN ACCESS SHARE MODE
42501	CREATE TABLE work.mine (n int)
42501	CREATE TABLE public.mine (n int)
42501	CREATE TEMP TABLE mine (n int)
42501	ALTER TABLE work.audit DISABLE TRIGGER ALL
42501	DROP TRIGGER audit_frozen ON work.audit
42501	SET ROLE escriba_owner
42501	SET ROLE escriba_admin
42501	SET SESSION AUTHORIZATION escriba_admin
42501	COPY work.file TO STDOUT
42501	COPY (SELECT 1) TO PROGRAM 'true'
42501	SELECT pg_read_file('/etc/passwd')
42501	SELECT lo_import('/etc/passwd')
42501	CREATE EXTENSION pgcrypto SCHEMA work
42501	ALTER ROLE CURRENT_USER SUPERUSER
42501	CREATE ROLE x
42501	DROP SCHEMA ops CASCADE
42501	CREATE FUNCTION public.f() RETURNS int LANGUAGE sql AS 'SELECT 1'
42501	CREATE OR REPLACE FUNCTION work.held(uuid, uuid, int, int, bigint) RETURNS work.step LANGUAGE sql AS 'SELECT NULL::work.step'
42501	ALTER SYSTEM SET fsync = off
42501	SET session_replication_role = replica
42501	SELECT * FROM work.claim_of(NULL, NULL, 1, NULL, 1, now())
42501	SELECT * FROM work.page_places(NULL)
42501	SELECT * FROM escriba.migration
42501	GRANT escriba_owner TO CURRENT_USER
42501	REVOKE ALL ON work.file FROM escriba_owner
42501	SELECT * FROM pg_authid
42501	CREATE DATABASE x
42501	CREATE PUBLICATION p FOR ALL TABLES
END
)
for role in intake runner desk operator audit metrics; do
    attempt escriba_$role escriba_work $role <<<"$forbidden"
done
# A function of a role's own cannot come between: pg_temp is last, and there is no TEMP.
attempt escriba_runner escriba_work runner <<'END'
ES400	SET search_path = pg_temp, public; SELECT * FROM work.claim(NULL, ARRAY[1], 0, 1)
ES001	SELECT work.renew('00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-000000000000', 1, 0, NULL, 10)
rows=0	SELECT * FROM work.claim('00000000-0000-0000-0000-00000000000a', ARRAY[1, 2, 3, 4], 10, 60)
END
for role in publisher nobody; do
    [ $role = nobody ] && pg_sql postgres -c 'CREATE ROLE escriba_nobody LOGIN'
    if PGUSER=escriba_$role pg_sql escriba_work -c 'SELECT 1' >/dev/null 2>&1; then t=1; else t=0; fi
    ok $t "escriba_$role does not get into the work database"
done
pg_sql postgres -c 'DROP ROLE escriba_nobody'
echo "1..$attempt_n"
