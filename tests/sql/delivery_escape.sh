#!/bin/bash
# One client tries to see, to change or to disturb what is another's: real logins, each statement in a session of the
# client's own role.  Afterwards nothing of the other may have been printed, and nothing of it may be different.
. "$(dirname "$0")/cluster.sh"
. "$(dirname "$0")/attempt.sh"
pg_folder=$1
verifier='SCRAM-SHA-256$4096:AAAA$AAAA:AAAA'
operator() { PGUSER=escriba_operator pg_sql escriba_delivery -At -c "$1"; }
admin() { pg_sql escriba_delivery -At -c "$1"; }
a=$(operator "SELECT delivery.client_add('a0000000-0000-4000-8000-000000000001', '$verifier', 30)")
b=$(operator "SELECT delivery.client_add('b0000000-0000-4000-8000-000000000002', '$verifier', 30)")
publish() { # client uuid, text, kind
    PGUSER=escriba_publisher pg_sql escriba_delivery -At -c "SELECT seq FROM delivery.publish('$1', gen_random_uuid(), 1,
        gen_random_uuid(), '$3', 'invoice', convert_to('$2', 'UTF8'), sha256(convert_to('$2', 'UTF8')))" >/dev/null
}
for i in 1 2 3; do publish a0000000-0000-4000-8000-000000000001 "ALPHA-$i" result; done
for i in 1 2 3 4 5; do publish b0000000-0000-4000-8000-000000000002 "BRAVO-SECRET-$i" result; done
PGUSER=$b pg_sql escriba_delivery -At -c 'SELECT delivery.ack(1)' -c "SELECT delivery.nack(2, 'BRAVO-SECRET-reason')" >/dev/null
bdoc=$(admin "SELECT document FROM delivery.result WHERE role = '$b' AND seq = 1")
everything="SELECT md5(string_agg(x, '' ORDER BY x)) FROM (SELECT r::text FROM delivery.result r WHERE role = '$b' UNION ALL
    SELECT c::text FROM delivery.client c WHERE role = '$b' UNION ALL SELECT rolname || rolconfig::text || rolcanlogin FROM pg_roles WHERE rolname LIKE 'client%'
    UNION ALL SELECT relname || relacl::text FROM pg_class WHERE relnamespace = 'delivery'::regnamespace UNION ALL SELECT proname || proacl::text FROM pg_proc WHERE pronamespace = 'delivery'::regnamespace
    UNION ALL SELECT polname FROM pg_policy) y(x)"
before=$(admin "$everything")
is "$(PGUSER=$b pg_sql escriba_delivery -At -c 'SELECT count(*) FROM delivery.results')" 5 "the other has five results"

attempt "$a" escriba_delivery client <<END
rows=3	SELECT * FROM delivery.results
rows=0	SELECT * FROM delivery.results WHERE seq > 3
rows=0	SELECT * FROM delivery.results WHERE document = '$bdoc'
rows=0	SELECT * FROM delivery.results WHERE convert_from(payload, 'UTF8') LIKE 'BRAVO%'
rows=3	SELECT * FROM delivery.results WHERE seq > 0 OR true
rows=3	SELECT * FROM delivery.results UNION SELECT * FROM delivery.results
rows=3	SELECT seq, role, payload FROM delivery.result
rows=0	SELECT seq FROM delivery.result WHERE role = '$b'
rows=0	SELECT seq FROM delivery.result WHERE role <> current_user
rows=1	SELECT count(*) FROM (SELECT seq FROM delivery.result) x HAVING count(*) = 3
42501	SELECT * FROM delivery.result
42501	SELECT client_id FROM delivery.result
42501	SELECT purged_at FROM delivery.result
42501	SELECT ctid FROM delivery.result
42501	SELECT result FROM delivery.result
42501	SELECT r FROM delivery.result r
42501	SELECT * FROM delivery.client
42501	SELECT last_seq FROM delivery.client WHERE role = '$b'
42501	SELECT count(client_id) FROM delivery.client
42501	INSERT INTO delivery.results (seq) VALUES (9)
42501	INSERT INTO delivery.result (seq) VALUES (9)
42501	UPDATE delivery.results SET payload = 'x'
42501	UPDATE delivery.result SET acked_at = now()
42501	UPDATE delivery.client SET acked_seq = 99
42501	UPDATE delivery.client SET role = '$b'
42501	DELETE FROM delivery.results
42501	DELETE FROM delivery.result
42501	TRUNCATE delivery.result
42501	MERGE INTO delivery.result r USING (SELECT 1 AS s) x ON r.seq = x.s WHEN MATCHED THEN DELETE
42501	COPY delivery.result TO STDOUT
42501	COPY delivery.result FROM PROGRAM 'cat /etc/passwd'
42501	COPY (SELECT 1) TO '/tmp/escape'
42501	SELECT * FROM delivery.results FOR UPDATE
42501	SELECT seq FROM delivery.result FOR SHARE
42501	BEGIN; LOCK TABLE delivery.result IN ACCESS EXCLUSIVE MODE
42501	BEGIN; LOCK TABLE delivery.results IN ROW EXCLUSIVE MODE
42501	SET ROLE escriba_owner
42501	SET ROLE escriba_publisher
42501	SET ROLE escriba_rolemaker
42501	SET ROLE $b
42501	SET SESSION AUTHORIZATION $b
42501	SET SESSION AUTHORIZATION escriba_admin
rows=0	SET ROLE escriba_client; SELECT * FROM delivery.results
rows=1	SET ROLE escriba_client; SELECT * FROM delivery.whoami() WHERE role = '$a'
42501	SET row_security = off; SELECT * FROM delivery.results
42501	ALTER TABLE delivery.result DISABLE ROW LEVEL SECURITY
42501	ALTER TABLE delivery.result NO FORCE ROW LEVEL SECURITY
42501	DROP POLICY own ON delivery.result
42501	CREATE POLICY mine ON delivery.result USING (true)
42501	ALTER VIEW delivery.results SET (security_invoker = false)
42501	CREATE OR REPLACE VIEW delivery.results AS SELECT 1
42501	CREATE TABLE delivery.x (n int)
42501	CREATE TABLE public.x (n int)
42501	CREATE TEMP TABLE x (n int)
42501	CREATE TEMP VIEW x AS SELECT * FROM delivery.results
42501	CREATE SCHEMA x
42501	CREATE FUNCTION delivery.leak(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'
42501	CREATE FUNCTION pg_temp.leak(bytea) RETURNS boolean LANGUAGE plpgsql AS 'BEGIN RAISE NOTICE ''%'', \$1; RETURN true; END'
42501	CREATE EXTENSION pgcrypto SCHEMA delivery
42501|42704	CREATE SERVER s FOREIGN DATA WRAPPER postgres_fdw
42501	ALTER ROLE $a SUPERUSER
42501	ALTER ROLE $a BYPASSRLS
42501	ALTER ROLE $a CONNECTION LIMIT 1000
42501	ALTER ROLE $b NOLOGIN
42501	ALTER ROLE $b SET statement_timeout = 1
42501	DROP ROLE $b
42501	GRANT $b TO $a
42501	GRANT escriba_owner TO $a
42501	CREATE ROLE client_0000000000000000
42501	SELECT delivery.publish('b0000000-0000-4000-8000-000000000002', gen_random_uuid(), 1, NULL, 'result', 'f', '\\x01', sha256('\\x01'))
42501	SELECT delivery.purge()
42501	SELECT * FROM delivery.clients()
42501	SELECT * FROM delivery.nacks()
42501	SELECT delivery.client_add(gen_random_uuid(), '$verifier', 1)
42501	SELECT delivery.client_password('b0000000-0000-4000-8000-000000000002', '$verifier')
42501	SELECT delivery.client_close('b0000000-0000-4000-8000-000000000002')
42501	SELECT delivery.client_retention('b0000000-0000-4000-8000-000000000002', 0)
42501	SELECT delivery.role_make('$b', NULL, false)
rows=1	SELECT 1 WHERE delivery.ack(0) = 0
rows=0	SELECT 1 WHERE delivery.nack(4, 'mine?')
rows=0	SELECT 1 WHERE delivery.nack(5, 'mine?')
rows=0	SET search_path = public; SELECT 1 WHERE delivery.nack(5, 'x')
rows=0	SELECT * FROM delivery.whoami() WHERE role <> '$a'
42501	SELECT * FROM pg_authid
42501	SELECT rolpassword FROM pg_authid WHERE rolname = '$b'
42501	SELECT passwd FROM pg_shadow
rows=0	SELECT * FROM pg_stats WHERE schemaname = 'delivery' AND tablename = 'client'
42501	SELECT * FROM pg_statistic
rows=0	SELECT most_common_vals FROM pg_stats WHERE schemaname = 'delivery' AND tablename = 'result' AND most_common_vals::text LIKE '%BRAVO%'
rows=0	SELECT query FROM pg_stat_activity WHERE usename <> current_user AND query LIKE '%delivery%'
42501	SELECT pg_read_file('postgresql.conf')
42501	SELECT * FROM pg_ls_dir('.')
42501	SELECT pg_reload_conf()
42501	SELECT lo_create(0)
42501	SELECT pg_advisory_lock(1)
42501	SELECT pg_try_advisory_xact_lock(1)
42501	SELECT pg_switch_wal()
42501	SELECT pg_terminate_backend(pg_backend_pid()) FROM pg_read_file('x')
42501	ALTER SYSTEM SET log_statement = 'all'
42501	SET session_replication_role = replica
42501	SET log_statement = 'all'
42501	ALTER DATABASE escriba_delivery SET row_security = off
42501	VACUUM (FULL) pg_catalog.pg_authid; SELECT * FROM pg_authid
42501	CREATE SUBSCRIPTION s CONNECTION 'x' PUBLICATION p
42501	DO \$\$ BEGIN EXECUTE 'SET ROLE escriba_owner'; END \$\$
42501	DO \$\$ BEGIN PERFORM payload FROM delivery.result WHERE client_id IS NOT NULL; END \$\$
42501	DO LANGUAGE internal 'x'
22012	SELECT 1 FROM delivery.result WHERE role = current_user AND 1 / (seq - 1) > 0
rows=0	SELECT 1 FROM delivery.result WHERE 1 / (seq - 4) > 5
END
if grep -q -e BRAVO -e 425241564f "$attempt_out"; then ok 1 'nothing of the other was printed'; else ok 0 'nothing of the other was printed'; fi
is "$(admin "$everything")" "$before" 'nothing of the other is different'
is "$(admin "SELECT count(*) FROM delivery.result WHERE role = '$a'")" 3 'nor is anything lost'

# Where a client may be at all.
for d in escriba_work postgres template1; do
    said=$(PGUSER=$a pg_sql $d -c 'SELECT 1' 2>&1)
    case $said in *"permission denied for database"*) ok 0 "a client is not let into $d" ;; *) ok 1 "a client is not let into $d: $said" ;; esac
done
said=$(PGUSER=escriba_client pg_sql escriba_delivery -c 'SELECT 1' 2>&1)
case $said in *"not permitted to log in"*) ok 0 'nobody logs in as all clients' ;; *) ok 1 "nobody logs in as all clients: $said" ;; esac

# What a listener learns: of its own results a number, and of another's, even under the other's name, no more than that.
(
    printf 'LISTEN %s; LISTEN %s; SELECT 1;\n' "$a" "$b"
    for _ in 1 2 3 4 5 6 7 8; do sleep 0.2; echo 'SELECT 1;'; done
) | PGUSER=$a pg_sql escriba_delivery >"$pg_folder/heard" 2>&1 &
sleep 0.6
publish b0000000-0000-4000-8000-000000000002 BRAVO-SECRET-6 result
publish a0000000-0000-4000-8000-000000000001 ALPHA-4 refusal
wait $!
grep -q "\"$a\" with payload \"4\"" "$pg_folder/heard"; ok $? 'a client hears the number of its new result'
grep 'Asynchronous' "$pg_folder/heard" | grep -qvE '^Asynchronous notification "client_[0-9a-f]{16}" with payload "[0-9]+" received' && t=1 || t=0
ok $t 'a notification is a number and nothing else'
# A closed client is out.
operator "SELECT delivery.client_close('a0000000-0000-4000-8000-000000000001')" >/dev/null
said=$(PGUSER=$a pg_sql escriba_delivery -c 'SELECT 1' 2>&1)
case $said in *"not permitted to log in"*) ok 0 'a closed client is not let in' ;; *) ok 1 "a closed client is not let in: $said" ;; esac
echo "1..$attempt_n"
