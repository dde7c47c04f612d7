-- What a document was told beside its pages: kept in the version that was told, forgotten with the memory, for the desk alone.
SELECT no_plan();
SELECT t.client('acme') AS acme, t.client('beta') AS beta \gset
SELECT t.one('escriba_operator', $$SELECT ops.person_add('aud', 'Aud', 'auditor', 9, '', NULL)$$);
SELECT (SELECT person_id FROM work.person WHERE system_user = 'aud') AS aud,
       t.document(:'acme', 'd1') AS d1, t.document(:'acme', 'd2') AS d2, t.document(:'beta', 'e1') AS e1, gen_random_uuid() AS m1 \gset
CREATE FUNCTION pg_temp.put(p_document uuid, p_memory uuid, p_wrapped bytea, p_slot int, p_seen int, p_sealed bytea) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT work.memory_put(%L, %L, %s, %L, %L, %s, %s, ''invoice'', 1, ''{}'', ''{}'', ''{}'', ''{}'', ''{}'', %L)',
                  t.owner(p_document), p_document, t.token(p_document, 3), p_memory, p_wrapped, p_slot, p_seen, p_sealed) $$;
CREATE FUNCTION pg_temp.told(p_document uuid, p_slot int, p_memory int, p_parties int, p_sealed bytea, p_witnesses uuid[] DEFAULT '{}',
                             p_token bigint DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT work.document_told(%L, %L, %s, %L, %L, %L, %L, %L)', t.owner(p_document), p_document,
                  coalesce(p_token, t.token(p_document, 3)), p_slot, p_memory, p_parties, p_sealed, p_witnesses) $$;
CREATE FUNCTION pg_temp.look(p_person uuid, p_document uuid) RETURNS bigint LANGUAGE sql AS $$
    SELECT t.one('escriba_desk', format('SELECT token FROM work.replay_take(%L, %L, %2$L, 60)', p_person, p_document))::bigint $$;
CREATE FUNCTION pg_temp.ask(p_what text, p_document uuid, p_token bigint) RETURNS text LANGUAGE sql AS $$
    SELECT format(CASE p_what
        WHEN 'told' THEN 'SELECT (memory_slot, memory_version, parties, witnesses)::text FROM work.replay_told(%L, %L, %s)'
        WHEN 'memory' THEN 'SELECT string_agg(slot || '' '' || version || '' '' || coalesce(encode(sealed, ''hex''), ''-''), '', '' ORDER BY slot) FROM work.replay_memory(%L, %L, %s)'
        WHEN 'witnesses' THEN 'SELECT string_agg(encode(sealed, ''hex''), '', '') FROM work.replay_witnesses(%L, %L, %s)' END,
        t.owner(p_document), p_document, p_token) $$;

-- ---- the runner
SELECT is(t.state('escriba_runner', pg_temp.told(:'d1', 0, 0, 0, NULL, '{}', 1)), 'ES001', 'it is said only under a lease');
SELECT is(t.state('escriba_runner', pg_temp.told(:'d1', x.slot, 1, x.parties, x.sealed, x.files)), 'ES400', x.what) FROM (VALUES
    (NULL::int, 0, NULL::bytea, '{}'::uuid[], 'not nothing'), (1, 1, NULL, '{}', 'not parties without what they say'),
    (1, 0, '\x01', '{}', 'nor the other way'), (1, 0, NULL, array_fill(gen_random_uuid(), ARRAY[65]), 'not a long list'))
    x(slot, parties, sealed, files, what);
SELECT t.runner(pg_temp.put(:'d1', :'m1', '\x11', 1, 0, '\x5ea1'));
INSERT INTO work.artifact VALUES (:'acme', t.file_of(:'d1'), 12, 0, 0, '\xe1');
SELECT is(t.state('escriba_runner', pg_temp.told(:'d1', 1, 1, 4, '\x9a', ARRAY[t.file_of(:'d1')])), '', 'a step says what it was told');
SELECT is(t.state('escriba_runner', pg_temp.told(:'d1', 1, 1, 5, '\x9b', ARRAY[t.file_of(:'d1')])), '', 'and says it again');
SELECT t.runner(t.document_sql(:'d1', 0)), t.runner(t.document_sql(:'e1', 0));
-- three more lessons: of the versions between only the one that was told stays, and the last
SELECT t.runner(pg_temp.put(:'d2', :'m1', NULL, 1, 1, '\x5ea2')), t.runner(pg_temp.put(:'d2', :'m1', NULL, 1, 2, '\x5ea3')),
       t.runner(pg_temp.put(:'d2', :'m1', NULL, 1, 3, '\x5ea4')), t.runner(pg_temp.put(:'d2', :'m1', NULL, 2, 0, '\x5eb1'));
SELECT is((SELECT string_agg(version::text, ' ' ORDER BY version) FROM work.memory_before), '1 3', 'a version that was told stays, and the newest before this one');

-- ---- the desk
SELECT pg_temp.look(:'aud', :'d1') AS token, pg_temp.look(:'aud', :'e1') AS other \gset
SELECT is(t.one('escriba_desk', pg_temp.ask('told', :'d1', :token)), '(1,1,5,1)', 'a look back sees what was told');
SELECT is(t.one('escriba_desk', pg_temp.ask('memory', :'d1', :token)), '0 3 -, 1 1 5ea1', 'the layout as it was');
SELECT is(t.one('escriba_desk', pg_temp.ask('witnesses', :'d1', :token)), 'e1', 'the e-invoice');
SELECT is(t.one('escriba_desk', format('SELECT work.replay_load(%L, %L, %s, 17, 0, 0)', :'acme', :'d1', :token)), '\x9b', 'and the parties');
SELECT is(t.state('escriba_desk', pg_temp.ask(x, :'d1', :other)), 'ES001', x || ' with another''s token') FROM unnest(ARRAY['told', 'memory', 'witnesses']) x;
SELECT is(t.state(r, pg_temp.ask(x, :'d1', :token)), '42501', x || ' not for ' || r)
  FROM unnest(ARRAY['told', 'memory', 'witnesses']) x, unnest(ARRAY['escriba_runner', 'escriba_operator', 'escriba_intake']) r;
SELECT is((SELECT count(*)::int FROM work.told WHERE document_id = :'e1'), 0, 'a document of an older release says nothing');
SELECT is(t.one('escriba_desk', pg_temp.ask('told', :'e1', :other)), NULL, 'and that is seen');
SELECT is(t.one('escriba_desk', pg_temp.ask('memory', :'e1', :other)), '0 1 -', 'its memory is that of its own client today');

-- ---- what was not given is taken away, and what is forgotten is gone
SELECT is(t.state('escriba_runner', pg_temp.told(:'d2', 1, 4, 4, '\x9a')), '', 'another document');
SELECT is(t.state('escriba_runner', pg_temp.told(:'d2', 0, 0, 0, NULL)), '', 'that was told nothing the second time');
SELECT is((SELECT count(*)::int FROM work.artifact WHERE object_id = :'d2' AND kind = 17), 0, 'keeps nothing of it');
SELECT t.one('escriba_operator', $$SELECT ops.memory_forget('acme', 1)$$);
SELECT is(t.one('escriba_desk', pg_temp.ask('memory', :'d1', :token)), '0 3 -', 'a layout that was forgotten is not told');
SELECT is((SELECT count(*)::int FROM work.memory_before), 0, 'and none of its versions is kept');
SELECT is(t.one('escriba_desk', pg_temp.ask('told', :'d1', :token)), '(1,1,5,1)', 'though it was told once');
SELECT is(t.balance(), '', 'the balance holds');
