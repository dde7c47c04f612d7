-- What persons say is counted by client, form and field; the error budget; who types a document twice.
SELECT no_plan();
SELECT t.client('acme') AS acme, t.client('beta') AS beta \gset
SELECT t.one('escriba_operator', x) FROM unnest(ARRAY[$$SELECT ops.person_add('ana', 'Ana', 'reviewer', 0, '', NULL)$$,
    $$SELECT ops.person_add('bob', 'Bob', 'reviewer', 0, '', NULL)$$, $$SELECT ops.person_add('eva', 'Eva', 'reviewer', 0, '', NULL)$$]) x;
SELECT (SELECT person_id FROM work.person WHERE system_user = 'ana') AS ana, (SELECT person_id FROM work.person WHERE system_user = 'bob') AS bob,
       (SELECT person_id FROM work.person WHERE system_user = 'eva') AS eva \gset
CREATE FUNCTION pg_temp.take(p_person uuid, p_document uuid) RETURNS text LANGUAGE sql AS $$
    SELECT t.one('escriba_desk', format('SELECT document_id FROM work.review_take(%L, %L, 60)', p_person, p_document)) $$;
CREATE FUNCTION pg_temp.token(p_document uuid) RETURNS bigint LANGUAGE sql AS $$ SELECT coalesce(token, 0) FROM work.review WHERE document_id = p_document $$;
CREATE FUNCTION pg_temp.stated_sql(p_document uuid, p_rest text, p_token bigint DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT work.document_stated(%L, %L, %s, ''\x7e25'', %s)', t.owner(p_document), p_document,
                  coalesce(p_token, t.token(p_document, 3), 0), p_rest) $$;
CREATE FUNCTION pg_temp.judged_sql(p_person uuid, p_document uuid, p_rest text, p_token bigint DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT work.review_judged(%L, %L, %L, %s, ''invoice'', %s)', p_person, t.owner(p_document), p_document,
                  coalesce(p_token, pg_temp.token(p_document), 0), p_rest) $$;
CREATE FUNCTION pg_temp.again_sql(p_person uuid, p_document uuid, p_reason int DEFAULT 95) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT work.review_again(%L, %L, %L, %s, %s, ''\x0bde'')', p_person, t.owner(p_document), p_document,
                  coalesce(pg_temp.token(p_document), 0), p_reason) $$;

-- ---- the contract
SELECT is(t.one('escriba_operator', $$SELECT concat_ws(' ', client, critical, major, minor, sample) FROM ops.contract('acme')$$), 'acme 0 0 0 0', 'nothing is agreed at first');
SELECT is(t.state('escriba_operator', x), s, w) FROM (VALUES
    ($$SELECT ops.contract_set('acme', 0.005, NULL, 0.03, NULL)$$, '', 'a budget is agreed'), ($$SELECT ops.contract_set('acme', NULL, 0.01, NULL, 0.02)$$, '', 'and more of it'),
    ($$SELECT ops.contract_set('acme', 0.6, NULL, NULL, NULL)$$, 'ES400', 'most of it wrong is no budget'), ($$SELECT ops.contract_set('acme', NULL, -0.1, NULL, NULL)$$, 'ES400', 'nor less than none'),
    ($$SELECT ops.contract_set('acme', NULL, NULL, NULL, 1.5)$$, 'ES400', 'nor a sample larger than all'), ($$SELECT ops.contract_set('acme', 'NaN', NULL, NULL, NULL)$$, 'ES400', 'nor no number'),
    ($$SELECT ops.contract_set('nobody', 0.1, NULL, NULL, NULL)$$, 'ES404', 'of nobody'), ($$SELECT ops.contract_set(NULL, 0.1, NULL, NULL, NULL)$$, 'ES404', 'nor of everybody')) y(x, s, w);
SELECT is(t.one('escriba_operator', $$SELECT concat_ws(' ', critical, major, minor, sample) FROM ops.contract('acme')$$), '0.005 0.01 0.03 0.02', 'what is not named stays');
SELECT is((SELECT count(*) FROM work.audit WHERE event = 'client.contract'), 2::bigint, 'each agreement is in the chain');

-- ---- what is stated of a document
SELECT t.document(:'acme', 'd1', 1) AS d1, t.document(:'acme', 'd2', 1) AS d2, t.document(:'beta', 'd3', 1) AS d3 \gset
\set stated 'ARRAY[''total'', ''lines.price''], ARRAY[1, 4], ARRAY[0.01, 0.2], ARRAY[0.0099, 0.19], ARRAY[0, 0], ARRAY[0, 2], ARRAY[1, 0], ARRAY[0, 0], ARRAY[0, 1]'
SELECT is(t.one('escriba_runner', format('SELECT critical FROM work.load_contract(%L, %L, 3, 0, %s)', :'acme', :'d1', t.token(:'d1', 3))), '0.005', 'a document step knows the contract');
SELECT is(t.one('escriba_runner', format('SELECT count(*) FROM work.load_contract(%L, %L, 3, 0, %s)', :'beta', :'d3', t.token(:'d3', 3))), '0', 'another client''s has none');
SELECT is(t.state('escriba_runner', format('SELECT * FROM work.load_contract(%L, %L, 3, 0, 1)', :'acme', :'d1')), 'ES001', 'who has no lease learns nothing of it');
SELECT is(t.state('escriba_runner', format('SELECT * FROM work.load_judged(%L, %L, 3, 0, 1)', :'acme', :'d1')), 'ES001', 'nor what persons said');
SELECT is(t.state('escriba_runner', pg_temp.stated_sql(:'d1', :'stated', 1)), 'ES001', 'nor states anything');
SELECT is(t.state('escriba_runner', pg_temp.stated_sql(:'d1', 'ARRAY[''total''], ARRAY[1, 2], ARRAY[0.1], ARRAY[0.1], ARRAY[1], ARRAY[1], ARRAY[1], ARRAY[1], ARRAY[1]')), 'ES400', 'lists of one length');
SELECT is(t.state('escriba_runner', pg_temp.stated_sql(:'d1', replace(:'stated', 'total', x))), '23514', 'no text in a name: ' || quote_literal(x)) FROM unnest(ARRAY['Ana Ruiz', '', 'a.b.c', 'TOTAL', 'ñ']) x;
SELECT is(t.state('escriba_runner', pg_temp.stated_sql(:'d1', :'stated')), '', 'sums by field');
SELECT is(t.state('escriba_runner', pg_temp.stated_sql(:'d2', :'stated')), '', 'of each document');
SELECT is((SELECT sealed FROM work.artifact WHERE object_id = :'d1' AND kind = 16), '\x7e25', 'what the step was told is kept, sealed');
SELECT t.runner(t.document_sql(x, 1, 72, NULL)) FROM unnest(ARRAY[:'d1'::uuid, :'d2', :'d3']) x;
SELECT batch_id AS batch FROM work.document WHERE document_id = :'d1' \gset
SELECT is(t.one('escriba_operator', format($$SELECT string_agg(concat_ws(' ', form, field, accepted, round(doubt::numeric, 3), confirm, single, double, sampled, seen), ', ' ORDER BY field) FROM ops.batch_stated(%L)$$, :'batch')),
          'invoice lines.price 8 0.400 4 0 0 2 0, invoice total 2 0.020 0 2 0 0 0', 'a batch is their sum');

-- ---- what persons say
\set said 'ARRAY[''total'', ''total'', ''lines.price''], ARRAY[10, 10, 3], ARRAY[1, 0, 2], ARRAY[2, 1, 1], ARRAY[0, 1, 0], ARRAY[0.965, 0.962, 0.65]'
SELECT is(t.state('escriba_desk', pg_temp.judged_sql(:'ana', :'d1', :'said')), 'ES001', 'who holds no document says nothing of it');
SELECT pg_temp.take(:'ana', :'d1');
SELECT is(t.state('escriba_desk', pg_temp.judged_sql(:'bob', :'d1', :'said')), 'ES403', 'nor who did not take it');
SELECT is(t.state('escriba_desk', pg_temp.judged_sql(:'ana', :'d1', replace(:'said', x, y))), s, w) FROM (VALUES
    ('ARRAY[0, 1, 0]', 'ARRAY[0, 2, 0]', 'ES400', 'a value is right or wrong'), ('0.965', '1.5', 'ES400', 'a probability is one'), ('ARRAY[10, 10, 3]', 'ARRAY[10, 3]', 'ES400', 'lists of one length'),
    ('ARRAY[10, 10, 3]', 'ARRAY[10, 16, 3]', '23514', 'a bin that there is'), ('lines.price', 'Ana Ruiz', '23514', 'a name that is one')) z(x, y, s, w);
SELECT is((SELECT count(*) FROM work.judged), 0::bigint, 'nothing was counted so far');
SELECT is(t.state('escriba_desk', pg_temp.judged_sql(:'ana', :'d1', :'said')), '', 'what was said is counted');
SELECT t.one('escriba_desk', format('SELECT work.review_done(%L, %L, %L, %s, ''\x0bde'', 3, 9)', :'ana', :'acme', :'d1', pg_temp.token(:'d1')));
SELECT is((SELECT string_agg(concat_ws(' ', form, field, bin, way, keyed, good, wrong), ', ' ORDER BY field, way) FROM work.judged WHERE client_id = :'acme'),
          'invoice lines.price 3 2 1 0 1, invoice total 10 0 1 1 0, invoice total 10 1 2 0 1', 'by field, bin and way');
SELECT is(t.one('escriba_operator', format($$SELECT string_agg(concat_ws(' ', field, seen, seen_wrong, lots, lots_wrong), ', ' ORDER BY field) FROM ops.batch_stated(%L)$$, :'batch')),
          'lines.price 1 1 0 0, total 2 1 1 1', 'and of its batch');
SELECT t.take('{3}');
SELECT is(t.one('escriba_runner', format($$SELECT string_agg(concat_ws(' ', field, bin, good, wrong, round(stated::numeric, 4)), ', ') FROM work.load_judged(%L, %L, 3, 0, %s)$$, :'acme', :'d1', t.token(:'d1', 3))),
          'total 10 1 1 0.9635', 'the next step is told what was not held back by another rule');
SELECT is(t.state('escriba_runner', pg_temp.stated_sql(:'d1', replace(:'stated', 'ARRAY[1, 4]', 'ARRAY[0, 4]'))), '', 'the machine goes over it again');
SELECT is((SELECT concat_ws(' ', accepted, seen, lots_wrong) FROM work.stated WHERE document_id = :'d1' AND field = 'total'), '0 2 1', 'what was said of it stays');
SELECT t.runner(t.document_sql(:'d1', 0));
SELECT t.document(:'beta', 'd4', 1) AS d4 \gset
SELECT is(t.one('escriba_runner', format('SELECT count(*) FROM work.load_judged(%L, %L, 3, 0, %s)', :'beta', :'d4', t.token(:'d4', 3))), '0', 'another client''s step is told nothing of it');
SELECT is(t.one('escriba_operator', $$SELECT string_agg(concat_ws(' ', field, asked, asked_wrong, lots, lots_wrong, found), ', ' ORDER BY field) FROM ops.judged('acme')$$),
          'lines.price 1 1 0 0 0, total 1 0 1 1 0', 'the operator sees the record');
-- old counts weigh less
UPDATE work.judged SET good = 2000 WHERE field = 'total' AND way = 0;
SELECT pg_temp.take(:'ana', :'d2'), t.one('escriba_desk', pg_temp.judged_sql(:'ana', :'d2', :'said'));
SELECT is((SELECT good FROM work.judged WHERE field = 'total' AND way = 0), 1000.5::float8, 'a long record is halved');

-- ---- typed by two
SELECT is(t.state('escriba_desk', pg_temp.again_sql(:'ana', :'d2', x)), 'ES400', 'not for reason ' || x) FROM unnest(ARRAY[0, 72, 100]) x;
SELECT is(t.state('escriba_desk', pg_temp.again_sql(:'bob', :'d2')), 'ES403', 'only who has it gives it on');
SELECT is(t.state('escriba_desk', pg_temp.again_sql(:'ana', :'d2')), '', 'one has typed it');
SELECT is((SELECT (state, (SELECT reason FROM work.review r WHERE r.document_id = d.document_id))::text FROM work.document d WHERE document_id = :'d2'), '(review,95)', 'it waits for another');
SELECT is(t.state('escriba_desk', format('SELECT * FROM work.review_take(%L, %L, 60)', :'ana', :'d2')), 'ES404', 'and is not there for the one');
SELECT is(t.one('escriba_desk', format('SELECT count(*) FROM work.review_list(%L, 100) WHERE document_id = %L', x.p, :'d2')), x.n, x.n || ' in the list') FROM (VALUES (:'ana'::uuid, '0'), (:'bob', '1')) x(p, n);
SELECT is(t.one('escriba_desk', format('SELECT waiting FROM work.review_count(%L)', x.p)), x.n, x.n || ' waiting') FROM (VALUES (:'ana'::uuid, '1'), (:'bob', '2')) x(p, n);
SELECT pg_temp.take(:'bob', :'d2');
SELECT is(t.one('escriba_desk', format('SELECT work.review_load(%L, %L, %s, 10, 0)', :'acme', :'d2', pg_temp.token(:'d2'))), '\x0bde', 'the desk reads what the one typed');
SELECT is(t.state('escriba_desk', pg_temp.again_sql(:'bob', :'d2', 96)), '', 'the other one typed something else');
SELECT is(t.state('escriba_desk', format('SELECT * FROM work.review_take(%L, %L, 60)', x, :'d2')), 'ES404', 'neither of the two decides') FROM unnest(ARRAY[:'ana'::uuid, :'bob']) x;
SELECT is(pg_temp.take(:'eva', :'d2'), :'d2', 'a third one does');
SELECT is(t.state('escriba_desk', format('SELECT work.review_done(%L, %L, %L, %s, ''\x0bde'', 3, 9)', :'eva', :'acme', :'d2', pg_temp.token(:'d2'))), '', 'and it goes on');
SELECT is(t.balance(), '', 'the balance holds');
