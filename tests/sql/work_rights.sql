-- Who may do what in the work database: the whole list, written a second time from docs/DATABASE.md.
SELECT no_plan();
CREATE ROLE t_nobody LOGIN;

CREATE TEMP TABLE login (role text);
INSERT INTO login VALUES ('escriba_intake'), ('escriba_runner'), ('escriba_publisher'), ('escriba_desk'),
    ('escriba_operator'), ('escriba_audit'), ('escriba_metrics'), ('t_nobody');

-- ---- the database and its schemas
SELECT is(has_database_privilege(l.role, 'escriba_work', 'CONNECT'), l.role NOT IN ('escriba_publisher', 't_nobody'),
          l.role || CASE WHEN l.role IN ('escriba_publisher', 't_nobody') THEN ' cannot' ELSE ' can' END
          || ' connect to the work database') FROM login l;
SELECT ok(NOT has_database_privilege('escriba_client', 'escriba_work', 'CONNECT'), 'a client cannot connect to it');
SELECT ok(NOT has_database_privilege(l.role, 'escriba_work', 'TEMP, CREATE'), l.role || ' makes no table, not even a temporary one')
  FROM login l;
SELECT ok(NOT has_database_privilege(l.role, d, 'CONNECT, TEMP, CREATE'), format('%s has no right in %s', l.role, d))
  FROM login l, unnest(ARRAY['postgres', 'template1']) d;
SELECT ok(NOT has_schema_privilege(l.role, s, 'CREATE'), format('%s makes nothing in schema %s', l.role, s))
  FROM login l, unnest(ARRAY['work', 'ops', 'public', 'escriba']) s;
SELECT is(has_schema_privilege(l.role, 'work', 'USAGE'), l.role IN ('escriba_intake', 'escriba_runner', 'escriba_desk'),
          l.role || ': schema work') FROM login l;
SELECT is(has_schema_privilege(l.role, 'ops', 'USAGE'), l.role IN ('escriba_operator', 'escriba_audit', 'escriba_metrics'),
          l.role || ': schema ops') FROM login l;
SELECT ok(NOT has_schema_privilege(l.role, 'escriba', 'USAGE'), l.role || ': schema escriba is none of its business') FROM login l;

-- ---- no right on any table, view or sequence, by the catalogue and by trying
SELECT ok(NOT t.any_right(l.role, r.oid, r.relkind), format('%s has no right on %s', l.role, r.name))
  FROM login l, t.relation r ORDER BY l.role, r.name;
SELECT is(t.state(l.role, format('SELECT * FROM %s', r.name)), '42501', format('%s cannot read %s', l.role, r.name))
  FROM login l, t.relation r WHERE r.relkind = 'r' ORDER BY l.role, r.name;
-- ---- functions: exactly these
SELECT set_eq(format('SELECT name FROM t.callable(%L)', x.role), x.functions, x.role || ' calls exactly what it needs') FROM (VALUES
    ('t_nobody', ARRAY[]::text[]), ('escriba_publisher', ARRAY[]::text[]), ('escriba_client', ARRAY[]::text[]),
    ('escriba_rolemaker', ARRAY[]::text[]),
    ('escriba_intake', ARRAY['work.hot_folders', 'work.admit', 'work.admit_part', 'work.admit_done', 'work.batch_done',
        'work.tick']),
    ('escriba_runner', ARRAY['work.claim', 'work.renew', 'work.release', 'work.load', 'work.load_part', 'work.load_pages',
        'work.unpack_child', 'work.admit_part', 'work.admit_done', 'work.commit_unpack', 'work.commit_decode',
        'work.commit_manifest', 'work.commit_pages', 'work.commit_document', 'work.commit_delivery', 'work.refuse',
        'work.worker_back', 'work.document_made', 'work.load_contract', 'work.load_judged', 'work.document_stated',
        'work.document_parties', 'work.document_twins', 'work.document_told', 'work.memory_load', 'work.memory_put', 'work.memory_used',
        'work.commit_witness', 'work.commit_companion', 'work.load_witnesses']),
    ('escriba_desk', ARRAY['work.person_of', 'work.review_count', 'work.review_list', 'work.review_take',
        'work.review_renew', 'work.review_leave', 'work.review_done', 'work.review_retype', 'work.review_reject',
        'work.review_saw', 'work.review_load', 'work.review_load_part', 'work.review_pages',
        'work.replay_take', 'work.replay_renew', 'work.replay_leave', 'work.replay_saw', 'work.replay_load', 'work.replay_load_part',
        'work.replay_pages', 'work.replay_sent', 'work.replay_persons', 'work.replay_told', 'work.replay_memory',
        'work.replay_witnesses',
        'work.review_judged', 'work.review_again', 'work.review_twin']),
    ('escriba_operator', ARRAY['ops.status', 'ops.clients', 'ops.client', 'ops.client_add', 'ops.client_set',
        'ops.client_state', 'ops.stream_add', 'ops.streams', 'ops.person_add', 'ops.persons', 'ops.person_close',
        'ops.batches', 'ops.batch', 'ops.batch_files', 'ops.batch_findings', 'ops.batch_close', 'ops.documents',
        'ops.document', 'ops.files', 'ops.history', 'ops.queue', 'ops.set_aside', 'ops.retry', 'ops.reopen', 'ops.tick',
        'ops.seen', 'ops.made', 'ops.audit_heads', 'ops.audit_rows', 'ops.balance', 'ops.balance_problems', 'ops.metrics',
        'ops.retention_due', 'ops.retention_rest', 'ops.retention_erase',
        'ops.contract', 'ops.contract_set', 'ops.batch_stated', 'ops.judged',
        'ops.parties', 'ops.parties_put', 'ops.parties_known', 'ops.twin',
        'ops.memories', 'ops.memory_layouts', 'ops.memory_fields', 'ops.memory_forget']),
    ('escriba_audit', ARRAY['ops.audit_heads', 'ops.audit_rows']),
    ('escriba_metrics', ARRAY['ops.metrics'])) x(role, functions);
SELECT is(t.state(l.role, format('SELECT %s(%s)', r.name, (SELECT string_agg('NULL', ', ') FROM generate_series(1, p.pronargs)))),
          '42501', format('%s is refused %s', l.role, r.name))
  FROM login l, t.routine r JOIN pg_proc p USING (oid)
 WHERE p.prorettype <> 'trigger'::regtype AND r.name NOT IN (SELECT c.name FROM t.callable(l.role) c)
   AND r.name NOT IN ('work.audit_add') -- has defaults; the catalogue was asked above
 ORDER BY l.role, r.name;

-- ---- how the functions are made
SELECT ok(r.proconfig[1] ~ '^search_path=pg_catalog, (ops, )?work, pg_temp$', r.name || ' has a fixed search_path')
  FROM t.routine r WHERE r.prosecdef ORDER BY r.name;
SELECT is_empty($$ SELECT r.name FROM t.routine r WHERE r.proowner <> 'escriba_owner'::regrole $$, 'every function is the owner''s');
SELECT is_empty($$ SELECT r.name FROM t.routine r, login l WHERE NOT r.prosecdef AND has_function_privilege(l.role, r.oid, 'EXECUTE') $$,
                'what does not run as the owner is called by nobody else');
SELECT is_empty($$ SELECT r.name FROM t.routine r JOIN pg_proc p USING (oid), aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a
                    WHERE a.grantee = 0 $$, 'nothing is open to PUBLIC');
SELECT is_empty($$ SELECT r.name FROM t.relation r JOIN pg_class c USING (oid) WHERE c.relowner NOT IN
                    ('escriba_owner'::regrole, 'escriba_admin'::regrole) $$, 'every table is the owner''s');
-- A function of the owner that builds a statement from text would be a way in.
SELECT is_empty($$ SELECT r.name FROM t.routine r JOIN pg_proc p USING (oid) WHERE p.prosrc ~* '\mexecute\s' $$,
                'no function builds statements from text');

-- ---- the roles themselves
SELECT is_empty($$ SELECT r.rolname FROM pg_roles r WHERE r.rolname ~ '^escriba_' AND r.rolname <> 'escriba_admin'
                    AND (r.rolsuper OR r.rolcreatedb OR r.rolreplication OR r.rolbypassrls
                         OR (r.rolcreaterole AND r.rolname <> 'escriba_rolemaker')) $$, 'no role has a power of the server');
SELECT is_empty($$ SELECT r.rolname FROM pg_roles r WHERE r.rolcanlogin AND r.rolname IN
                    ('escriba_owner', 'escriba_rolemaker', 'escriba_client') $$, 'who owns things cannot log in');
SELECT is_empty($$ SELECT r.rolname FROM pg_roles r JOIN pg_auth_members m ON m.member = r.oid
                    WHERE r.rolname ~ '^escriba_' $$, 'no role is a member of another');
SELECT ok(EXISTS (SELECT 1 FROM pg_roles r WHERE r.rolname = l.role AND 'synchronous_commit=on' = ANY (r.rolconfig)),
          l.role || ' commits to the disk') FROM login l WHERE l.role NOT IN ('t_nobody');
