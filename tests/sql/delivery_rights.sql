-- Who may do what in the delivery database.
SELECT no_plan();
CREATE ROLE t_nobody LOGIN;
CREATE TEMP TABLE made AS SELECT delivery.client_add('00000000-0000-4000-8000-000000000001',
    'SCRAM-SHA-256$4096:AAAA$AAAA:AAAA', 30) AS role;

CREATE TEMP TABLE login (role text, name text);
INSERT INTO login SELECT r, r FROM unnest(ARRAY['escriba_intake', 'escriba_runner', 'escriba_publisher', 'escriba_desk',
    'escriba_operator', 'escriba_audit', 'escriba_metrics', 't_nobody']) r UNION ALL SELECT role, 'a client' FROM made;

SELECT is(has_database_privilege(l.role, 'escriba_delivery', 'CONNECT'), l.name IN ('escriba_publisher', 'escriba_operator', 'a client'),
          l.name || ': the delivery database') FROM login l;
SELECT ok(NOT has_database_privilege(l.role, 'escriba_delivery', 'TEMP, CREATE'), l.name || ' makes no table, not even a temporary one')
  FROM login l;
SELECT ok(NOT has_database_privilege(m.role, d, 'CONNECT, TEMP, CREATE'), 'a client has no right in ' || d)
  FROM made m, unnest(ARRAY['escriba_work', 'postgres', 'template1']) d;
SELECT ok(NOT has_schema_privilege(l.role, s, 'CREATE'), format('%s makes nothing in schema %s', l.name, s))
  FROM login l, unnest(ARRAY['delivery', 'public', 'escriba']) s;
SELECT is(has_schema_privilege(l.role, 'delivery', 'USAGE'), l.name IN ('escriba_publisher', 'escriba_operator', 'a client'),
          l.name || ': schema delivery') FROM login l;

SELECT ok(NOT t.any_right(l.role, r.oid, r.relkind), format('%s has no right on %s', l.name, r.name))
  FROM login l, t.relation r WHERE NOT (l.name = 'a client' AND r.name IN ('delivery.results', 'delivery.result'))
 ORDER BY l.name, r.name;
SELECT ok(has_table_privilege(m.role, 'delivery.results', 'SELECT')
          AND NOT has_table_privilege(m.role, 'delivery.results', 'INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
          AND NOT has_any_column_privilege(m.role, 'delivery.results', 'INSERT, UPDATE, REFERENCES'), 'a client reads its view, no more')
  FROM made m;
SELECT ok(NOT has_table_privilege(m.role, 'delivery.result', 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE, REFERENCES, TRIGGER')
          AND NOT has_any_column_privilege(m.role, 'delivery.result', 'INSERT, UPDATE, REFERENCES')
          AND NOT has_column_privilege(m.role, 'delivery.result', 'client_id', 'SELECT'), 'of the table a client reads what the view shows')
  FROM made m;

SELECT set_eq(format('SELECT name FROM t.callable(%L)', x.role), x.functions, x.name || ' calls exactly what it needs') FROM (
    SELECT l.role, l.name, CASE l.name
        WHEN 'escriba_publisher' THEN ARRAY['delivery.publish']
        WHEN 'escriba_operator' THEN ARRAY['delivery.client_add', 'delivery.client_password', 'delivery.client_close',
            'delivery.clients', 'delivery.nacks', 'delivery.client_retention', 'delivery.acknowledged',
            'delivery.purge']
        WHEN 'a client' THEN ARRAY['delivery.ack', 'delivery.nack', 'delivery.whoami']
        ELSE ARRAY[]::text[] END FROM login l) x(role, name, functions);
SELECT is(t.state(l.role, format('SELECT %s(%s)', r.name, (SELECT string_agg('NULL', ', ') FROM generate_series(1, p.pronargs)))),
          '42501', format('%s is refused %s', l.name, r.name))
  FROM login l, t.routine r JOIN pg_proc p USING (oid) WHERE r.name NOT IN (SELECT c.name FROM t.callable(l.role) c)
 ORDER BY l.name, r.name;

SELECT ok(r.proconfig[1] ~ '^search_path=pg_catalog, (delivery, )?pg_temp$', r.name || ' has a fixed search_path')
  FROM t.routine r WHERE r.prosecdef ORDER BY r.name;
SELECT is_empty($$ SELECT r.name FROM t.routine r WHERE NOT r.prosecdef $$, 'every function runs as its owner');
SELECT is_empty($$ SELECT r.name FROM t.routine r JOIN pg_proc p USING (oid), aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                    WHERE a.grantee = 0 $$, 'nothing is open to PUBLIC');
SELECT set_eq($$ SELECT r.name FROM t.routine r JOIN pg_proc p USING (oid) WHERE p.prosrc ~* '\mexecute\s' $$,
              ARRAY['delivery.role_make'], 'one function builds statements from text');
SELECT set_eq($$ SELECT r.name FROM t.routine r WHERE r.proowner <> 'escriba_owner'::regrole $$, ARRAY['delivery.role_make'],
              'and belongs to the role maker');
SELECT is_empty($$ SELECT 1 FROM t.routine r, login l WHERE r.name = 'delivery.role_make'
                    AND has_function_privilege(l.role, r.oid, 'EXECUTE') $$, 'which nobody who logs in may call');

SELECT ok(c.relrowsecurity AND c.relforcerowsecurity, r.name || ': row-level security is forced')
  FROM t.relation r JOIN pg_class c USING (oid) WHERE r.name LIKE 'delivery.%' AND r.relkind = 'r' ORDER BY r.name;
SELECT ok(c.reloptions @> ARRAY['security_invoker=true', 'security_barrier=true'], r.name || ': asks with the rights of who asks')
  FROM t.relation r JOIN pg_class c USING (oid) WHERE r.relkind = 'v';
SELECT is((SELECT count(*) FROM t.relation WHERE relkind IN ('v', 'r') AND name LIKE 'delivery.%'), 3::bigint, 'two tables and one view, no more');

-- ---- the role of a client
SELECT ok(NOT (r.rolsuper OR r.rolcreatedb OR r.rolcreaterole OR r.rolreplication OR r.rolbypassrls) AND r.rolcanlogin
          AND r.rolconnlimit = 8, 'a client''s role has no power') FROM pg_roles r JOIN made m ON m.role = r.rolname;
SELECT set_eq($$ SELECT m.roleid::regrole::text FROM pg_auth_members m JOIN made ON m.member = made.role::regrole $$,
              ARRAY['escriba_client'], 'it is a client and nothing else');
SELECT ok(r.rolconfig @> ARRAY['statement_timeout=60s', 'idle_in_transaction_session_timeout=60s'], 'it cannot hold on to anything for long')
  FROM pg_roles r JOIN made m ON m.role = r.rolname;
SELECT is_empty($$ SELECT p.oid::regprocedure FROM pg_proc p, made m WHERE p.pronamespace = 'pg_catalog'::regnamespace
    AND (p.proname ~ '^pg_(try_)?advisory' OR p.proname ~ '^lo_' OR p.proname IN ('loread', 'lowrite'))
    AND has_function_privilege(m.role, p.oid, 'EXECUTE') $$, 'neither large objects nor advisory locks');
SELECT is(t.state('escriba_operator', x.sql), x.state, x.what) FROM (VALUES
    ($$SELECT delivery.client_add(gen_random_uuid(), 'a password', 1)$$, 'ES400', 'a password in clear is not taken'),
    ($$SELECT delivery.client_add(gen_random_uuid(), NULL, 1)$$, 'ES400', 'nor none'),
    ($$SELECT delivery.client_add('00000000-0000-4000-8000-000000000001', 'SCRAM-SHA-256$4096:AAAA$AAAA:AAAA', 1)$$, 'ES409',
     'a client has one role'),
    ($$SELECT delivery.client_password(gen_random_uuid(), 'SCRAM-SHA-256$4096:AAAA$AAAA:AAAA')$$, 'ES404', 'an unknown client has no password'),
    ($$SELECT delivery.client_close(gen_random_uuid())$$, 'ES404', 'nor anything to close'),
    ($$SELECT delivery.client_password('00000000-0000-4000-8000-000000000001', 'SCRAM-SHA-256$4096:BBBB$BBBB:BBBB')$$, '', 'a new password'),
    ($$SELECT delivery.client_close('00000000-0000-4000-8000-000000000001')$$, '', 'the end')) x(sql, state, what);
SELECT ok(NOT r.rolcanlogin, 'a closed client cannot log in') FROM pg_roles r JOIN made m ON m.role = r.rolname;
SELECT is(t.state('escriba_operator', $$SELECT delivery.client_password('00000000-0000-4000-8000-000000000001',
    'SCRAM-SHA-256$4096:CCCC$CCCC:CCCC')$$), 'ES404', 'and a new password does not open it again');
SELECT is(t.state('escriba_owner', format('SELECT delivery.role_make(%L, NULL, true)', x)), 'ES403', 'not a client''s role: ' || x)
  FROM unnest(ARRAY['postgres', 'escriba_admin', 'escriba_owner', 'client_', 'client_00000000000000000', 'Client_0000000000000000',
                    'client_000000000000000g']) x;
