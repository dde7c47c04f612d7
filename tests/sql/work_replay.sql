-- Looking back: what made a result is in clear and says nothing; who may look at a value, and that each look is written down.
SELECT no_plan();
SELECT t.client('acme') AS acme, t.client('beta') AS beta, t.client('secret', p_clearance => 5) AS secret \gset
SELECT t.one('escriba_operator', x) FROM unnest(ARRAY[
    $$SELECT ops.person_add('ana', 'Ana', 'reviewer', 9, '', NULL)$$, $$SELECT ops.person_add('bob', 'Bob', 'senior', 9, '', '{beta}')$$,
    $$SELECT ops.person_add('aud', 'Aud', 'auditor', 2, 'de', NULL)$$, $$SELECT ops.person_add('old', 'Old', 'auditor', 9, '', NULL)$$]) x;
SELECT (SELECT person_id FROM work.person WHERE system_user = 'ana') AS ana, (SELECT person_id FROM work.person WHERE system_user = 'bob') AS bob,
       (SELECT person_id FROM work.person WHERE system_user = 'aud') AS aud, (SELECT person_id FROM work.person WHERE system_user = 'old') AS old \gset
SELECT t.one('escriba_operator', $$SELECT ops.person_close('old')$$);
CREATE FUNCTION pg_temp.made_sql(p_document uuid, p_made text, p_token bigint DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT work.document_made(%L, %L, %s, %L)', t.owner(p_document), p_document, coalesce(p_token, t.token(p_document, 3)), p_made) $$;
CREATE FUNCTION pg_temp.look_sql(p_person uuid, p_document uuid, p_high uuid DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT token FROM work.replay_take(%L, %L, %L, 60)', p_person, p_document, coalesce(p_high, p_document)) $$;
CREATE FUNCTION pg_temp.do_sql(p_what text, p_document uuid, p_token bigint, p_person uuid DEFAULT NULL, p_field text DEFAULT 'total',
                               p_apart text DEFAULT '{}') RETURNS text LANGUAGE sql AS $$
    SELECT format(CASE p_what
        WHEN 'renew' THEN 'SELECT work.replay_renew(%1$L, %2$L, %3$s, 600)'
        WHEN 'load' THEN 'SELECT work.replay_load(%1$L, %2$L, %3$s, 5, 0, 0)'
        WHEN 'part' THEN 'SELECT work.replay_load_part(%1$L, %2$L, %3$s, 0)'
        WHEN 'pages' THEN 'SELECT count(*) FROM work.replay_pages(%1$L, %2$L, %3$s)'
        WHEN 'sent' THEN 'SELECT string_agg(kind || version || '' '' || seq, '','') FROM work.replay_sent(%1$L, %2$L, %3$s)'
        WHEN 'persons' THEN 'SELECT string_agg(system_user, '','') FROM work.replay_persons(%1$L, %2$L, %3$s)'
        WHEN 'leave' THEN 'SELECT work.replay_leave(%1$L, %2$L, %3$s)'
        WHEN 'saw' THEN 'SELECT work.replay_saw(%4$L, %1$L, %2$L, %3$s, %5$L, %6$L)' END,
        t.owner(p_document), p_document, p_token, p_person, p_field, p_apart) $$;

-- ---- what made it
SELECT t.document(:'acme', 'r1', 2) AS r1, t.document(:'beta', 'r2', 1) AS r2, t.document(:'secret', 'r3', 1) AS r3 \gset
SELECT is(t.state('escriba_runner', pg_temp.made_sql(:'r1', E'escriba 0.1.0\ntesseract 5.3.0\n')), '', 'a runner says what made it');
SELECT is(t.state('escriba_runner', pg_temp.made_sql(:'r1', E'escriba 0.2.0\n')), '', 'and the newest word counts');
SELECT is(t.state('escriba_runner', pg_temp.made_sql(:'r2', E'escriba 0.2.0\n')), '', 'documents made alike');
SELECT is((SELECT count(*) FROM work.maker), 2::bigint, 'share the words');
SELECT is(t.state('escriba_runner', pg_temp.made_sql(:'r1', x.made, x.token)), x.state, x.what) FROM (VALUES
    ('x', 1::bigint, 'ES001', 'not without the lease'), (repeat('x', 5000), NULL, 'ES400', 'not at length'), (NULL, NULL, 'ES400', 'not nothing'),
    (E'total 12\t10', NULL, 'ES400', 'no control characters'), ('señor', NULL, 'ES400', 'plain letters only')) x(made, token, state, what);
SELECT is(t.one('escriba_operator', format($$SELECT version || ' ' || made FROM ops.made(%L)$$, :'r1')), E'1 escriba 0.2.0\n', 'the operator sees it');
SELECT t.runner(t.document_sql(x::uuid, 0)) FROM unnest(ARRAY[:'r1', :'r2', :'r3']) x;
SELECT is(t.state('escriba_runner', pg_temp.made_sql(:'r1', 'late', 7)), 'ES001', 'afterwards nobody says it any more');

-- ---- who may look
SELECT is(t.state('escriba_desk', pg_temp.look_sql(x.person, x.document)), x.state, x.what) FROM (VALUES
    (:'ana'::uuid, :'r1'::uuid, 'ES403', 'a reviewer corrects, and does not look back'), (:'old', :'r1', 'ES403', 'who left the house does not'),
    (gen_random_uuid(), :'r1', 'ES403', 'nor a stranger'), (:'aud', :'r3', 'ES404', 'what needs more clearance is not there'),
    (:'bob', :'r1', 'ES404', 'nor another client''s'), (:'aud', gen_random_uuid(), 'ES404', 'nor what does not exist')) x(person, document, state, what);
SELECT is(t.state('escriba_desk', pg_temp.look_sql(:'aud', '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff')), 'ES409', 'two documents are not one');
SELECT is(t.state(r, pg_temp.look_sql(:'aud', :'r1')), '42501', r || ' does not look at all') FROM unnest(ARRAY['escriba_runner', 'escriba_operator', 'escriba_intake']) r;
SELECT t.one('escriba_desk', pg_temp.look_sql(:'bob', :'r2')) AS other, t.one('escriba_desk', pg_temp.look_sql(:'aud', :'r1')) AS first \gset
SELECT ok(:first > 0, 'an auditor looks, whatever the language');
SELECT t.one('escriba_desk', pg_temp.look_sql(:'aud', :'r1')) AS token \gset
SELECT is(t.state('escriba_desk', pg_temp.do_sql('load', :'r1', :first)), 'ES001', 'a new look ends the one before');
SELECT is(t.one('escriba_desk', format($$SELECT (version, pages, form, state, hint)::text FROM work.replay_take(%L, %L, %2$L, 60)$$, :'bob', :'r2')), '(1,1,invoice,passed,"")', 'it says what it is');
SELECT is((SELECT (event, person_id)::text FROM work.audit WHERE document_id = :'r1' ORDER BY n DESC LIMIT 1), format('(replay.taken,%s)', :'aud'), 'and is in the chain');

-- ---- what is seen
SELECT is(t.one('escriba_desk', pg_temp.do_sql('load', :'r1', :token)), '\xf1e1d5', 'the fields');
SELECT is(t.one('escriba_desk', pg_temp.do_sql('part', :'r1', :token)), '\x723130', 'the original');
SELECT is(t.one('escriba_desk', pg_temp.do_sql('pages', :'r1', :token)), '2', 'its pages');
SELECT t.take('{4}'), t.runner(t.deliver_sql(:'r1', 17));
SELECT is(t.one('escriba_desk', pg_temp.do_sql('sent', :'r1', :token)), 'result1 17', 'what was delivered');
SELECT is(t.one('escriba_desk', pg_temp.do_sql('persons', :'r1', :token)), NULL, 'nobody keyed anything');
SELECT is(t.state('escriba_desk', pg_temp.do_sql('saw', :'r1', :token, :'aud')), '', 'a look is written down');
SELECT is(t.one('escriba_operator', format($$SELECT person || ' ' || field FROM ops.seen(%L)$$, :'r1')), 'aud replay:total', 'where the operator sees it');
SELECT is((SELECT (event, person_id)::text FROM work.audit WHERE document_id = :'r1' ORDER BY n DESC LIMIT 1), format('(replay.saw,%s)', :'aud'), 'and in the chain');
SELECT is(t.state('escriba_desk', pg_temp.do_sql('saw', :'r1', :token, :'bob')), 'ES403', 'not in another''s name');
SELECT is(t.state('escriba_desk', pg_temp.do_sql('saw', :'r1', :token, :'aud', 'date', '{name,total}')), 'ES403', 'not together with what one person must not see with it');
SELECT is(t.state('escriba_desk', pg_temp.do_sql('saw', :'r1', :token, :'aud', 'date', '{name}')), '', 'but with anything else');
SELECT is(t.state('escriba_desk', pg_temp.do_sql(x, :'r1', :other, :'bob')), 'ES001', x || ' with another''s token')
  FROM unnest(ARRAY['renew', 'load', 'part', 'pages', 'sent', 'persons', 'saw']) x;

-- ---- how it ends
UPDATE work.replay SET until = clock_timestamp() - interval '1 s' WHERE token = :token;
SELECT is(t.state('escriba_desk', pg_temp.do_sql(x, :'r1', :token, :'aud')), 'ES001', x || ' after its time')
  FROM unnest(ARRAY['renew', 'load', 'part', 'pages', 'sent', 'persons', 'saw']) x;
SELECT t.one('escriba_desk', pg_temp.look_sql(:'aud', :'r1')) AS token \gset
SELECT is(t.state('escriba_desk', pg_temp.do_sql('renew', :'r1', :token)), '', 'who looks long keeps it');
UPDATE work.person SET role = 'reviewer' WHERE person_id = :'aud';
SELECT is(t.state('escriba_desk', pg_temp.do_sql('load', :'r1', :token)), 'ES001', 'rights may end while one looks');
UPDATE work.person SET role = 'auditor' WHERE person_id = :'aud';
SELECT is(t.state('escriba_desk', pg_temp.do_sql('leave', :'r1', :token)), '', 'and then one leaves');
SELECT is(t.state('escriba_desk', pg_temp.do_sql('load', :'r1', :token)), 'ES001', 'with nothing in the hand');
UPDATE work.document SET state = 'erased', wrapped = NULL WHERE document_id = :'r1';
UPDATE work.file SET state = 'erased', wrapped = '' WHERE file_id = t.file_of(:'r1');
SELECT is(t.one('escriba_desk', format($$SELECT (token, state, file_wrapped, document_wrapped)::text FROM work.replay_take(%L, %L, %2$L, 60)$$, :'aud', :'r1')), '(0,erased,,)', 'what retention took is gone, and that is said');
SELECT is(t.balance(), '', 'the balance holds');
