-- A person looks at a document: who may, for how long, what it leads to, and that every look is written down.
SELECT no_plan();
SELECT t.client('acme', '{mixed,es:invoice:es}') AS acme, t.client('beta') AS beta, t.client('secret', p_clearance => 5) AS secret \gset
SELECT t.one('escriba_operator', x) FROM unnest(ARRAY[
    $$SELECT ops.person_add('ana', 'Ana', 'reviewer', 0, '', NULL)$$, $$SELECT ops.person_add('bob', 'Bob', 'senior', 9, '', NULL)$$,
    $$SELECT ops.person_add('eva', 'Eva', 'reviewer', 9, '', '{beta}')$$, $$SELECT ops.person_add('luz', 'Luz', 'reviewer', 0, 'es', '{acme}')$$,
    $$SELECT ops.person_add('max', 'Max', 'reviewer', 0, 'de', '{acme}')$$, $$SELECT ops.person_add('aud', 'Aud', 'auditor', 9, '', NULL)$$]) x;
SELECT (SELECT person_id FROM work.person WHERE system_user = 'ana') AS ana, (SELECT person_id FROM work.person WHERE system_user = 'bob') AS bob,
       (SELECT person_id FROM work.person WHERE system_user = 'eva') AS eva, (SELECT person_id FROM work.person WHERE system_user = 'luz') AS luz,
       (SELECT person_id FROM work.person WHERE system_user = 'max') AS max, (SELECT person_id FROM work.person WHERE system_user = 'aud') AS aud \gset
CREATE FUNCTION pg_temp.review(p_client uuid, p_content text, p_stream text DEFAULT 'mixed') RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    d uuid := t.document(p_client, p_content, 2, p_stream);
BEGIN
    PERFORM t.runner(t.document_sql(d, 1, 75, NULL));
    RETURN d;
END $$;
CREATE FUNCTION pg_temp.take_sql(p_person uuid, p_document uuid DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT document_id FROM work.review_take(%L, %L, 60)', p_person, p_document) $$;
CREATE FUNCTION pg_temp.token(p_document uuid) RETURNS bigint LANGUAGE sql AS $$ SELECT coalesce(token, 0) FROM work.review WHERE document_id = p_document $$;
-- 'done' etc. for (person, document), with the token that is right now or this one
CREATE FUNCTION pg_temp.do_sql(p_what text, p_person uuid, p_document uuid, p_token bigint DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT format(CASE p_what
        WHEN 'renew' THEN 'SELECT work.review_renew(%2$L, %3$L, %4$s, 600)'
        WHEN 'leave' THEN 'SELECT work.review_leave(%2$L, %3$L, %4$s)'
        WHEN 'done' THEN 'SELECT work.review_done(%1$L, %2$L, %3$L, %4$s, ''\x0bde'', 3, 9)'
        WHEN 'retype' THEN 'SELECT work.review_retype(%1$L, %2$L, %3$L, %4$s, ''receipt'', ''\x0bd2'')'
        WHEN 'reject' THEN 'SELECT work.review_reject(%1$L, %2$L, %3$L, %4$s, 103)'
        WHEN 'saw' THEN 'SELECT work.review_saw(%1$L, %2$L, %3$L, %4$s, ''total'')'
        WHEN 'load' THEN 'SELECT work.review_load(%2$L, %3$L, %4$s, 4, 0)'
        WHEN 'part' THEN 'SELECT work.review_load_part(%2$L, %3$L, %4$s, 0)'
        WHEN 'pages' THEN 'SELECT count(*) FROM work.review_pages(%2$L, %3$L, %4$s)' END,
        p_person, t.owner(p_document), p_document, coalesce(p_token, pg_temp.token(p_document), 0)) $$;

-- ---- who is there
SELECT is(t.one('escriba_desk', $$SELECT name || ' ' || role || ' ' || clearance FROM work.person_of('bob')$$), 'Bob senior 9', 'the desk knows a person by the system''s user');
SELECT is(t.one('escriba_desk', $$SELECT name FROM work.person_of('root')$$), NULL, 'and nobody else');

-- ---- who may see what
SELECT pg_temp.review(:'acme', 'r1') AS r1, pg_temp.review(:'beta', 'r2') AS r2, pg_temp.review(:'secret', 'r3') AS r3, pg_temp.review(:'acme', 'r4', 'es') AS r4 \gset
UPDATE work.review r SET deadline = now() + x.d FROM (VALUES (:'r1'::uuid, interval '2 h'), (:'r2', '1 h'), (:'r3', '3 h'), (:'r4', '4 h')) x(o, d) WHERE r.document_id = x.o;
SELECT is(t.one('escriba_desk', format($$SELECT string_agg(document_id::text, ' ') FROM work.review_list(%L, 100)$$, x.person)), x.documents, x.what)
  FROM (VALUES (:'ana'::uuid, concat_ws(' ', :'r2', :'r1', :'r4'), 'a reviewer sees what needs no clearance, what is due first comes first'),
               (:'bob', concat_ws(' ', :'r2', :'r1', :'r3', :'r4'), 'with clearance all'), (:'eva', :'r2', 'or the clients one is for'),
               (:'luz', concat_ws(' ', :'r1', :'r4'), 'streams of one''s language and of any'), (:'max', :'r1', 'but not those of another'), (:'aud', NULL, 'an auditor none')) x(person, documents, what);
SELECT is(t.one('escriba_desk', format('SELECT waiting FROM work.review_count(%L)', x.person)), x.n, format('%s waiting', x.n))
  FROM (VALUES (:'ana'::uuid, '3'), (:'bob', '4'), (:'eva', '1'), (:'max', '1'), (:'aud', '0')) x(person, n);
SELECT is(t.one('escriba_desk', format($$SELECT reason || ' ' || pages || ' ' || doubtful || ' ' || taken FROM work.review_list(%L, 1)$$, :'ana')), '75 2 2 false', 'the list says why and how much');

-- ---- take
SELECT is(t.state('escriba_desk', pg_temp.take_sql(x.person, x.document)), x.state, x.what) FROM (VALUES
    (:'aud'::uuid, NULL, 'ES403', 'an auditor takes nothing'), (gen_random_uuid(), NULL, 'ES403', 'nor does a stranger'),
    (:'ana', :'r3'::uuid, 'ES404', 'what one may not see is not there'), (:'eva', :'r1', 'ES404', 'another client''s is not there'),
    (:'max', :'r4', 'ES404', 'nor another language''s'), (:'ana', gen_random_uuid(), 'ES404', 'what is not there is not there')) x(person, document, state, what);
SELECT is(t.one('escriba_desk', pg_temp.take_sql(:'ana')), :'r2', 'the one that is due first is given');
SELECT is(t.one('escriba_desk', pg_temp.take_sql(:'eva')), NULL, 'to one person');
SELECT is(t.state('escriba_desk', pg_temp.take_sql(:'eva', :'r2')), 'ES503', 'also when asked for by name');
SELECT is(t.one('escriba_desk', format('SELECT taken FROM work.review_list(%L, 1)', :'eva')), 'true', 'which the list says');
SELECT pg_temp.token(:'r2') AS old \gset
SELECT is(t.one('escriba_desk', pg_temp.take_sql(:'ana', :'r2')), :'r2', 'who has it may take it again');
SELECT isnt(pg_temp.token(:'r2'), :old::bigint, 'under a new token');
SELECT is(t.state('escriba_desk', pg_temp.do_sql(x, :'ana', :'r2', :old)), 'ES001', x || ' with the old token')
  FROM unnest(ARRAY['renew', 'leave', 'done', 'retype', 'reject', 'saw', 'load', 'part', 'pages']) x;
SELECT is(t.state('escriba_desk', pg_temp.do_sql(x, :'bob', :'r2')), 'ES403', x || ' by another person') FROM unnest(ARRAY['done', 'retype', 'reject', 'saw']) x;
SELECT is(t.one('escriba_desk', format('SELECT (version, pages, form, reason)::text FROM work.review_take(%L, %L, 60)', :'ana', :'r2')), '(1,2,invoice,75)', 'a task says what it is');

-- ---- look
SELECT is(t.state('escriba_desk', pg_temp.do_sql('renew', :'ana', :'r2')), '', 'who looks long keeps it');
SELECT ok((SELECT until > clock_timestamp() + interval '590 s' FROM work.review WHERE document_id = :'r2'), 'so long');
SELECT is(t.one('escriba_desk', pg_temp.do_sql('load', :'ana', :'r2')), t.tag(t.file_of(:'r2') || '0')::text, 'what was read');
SELECT is(t.one('escriba_desk', pg_temp.do_sql('part', :'ana', :'r2')), '\x723230', 'the original');
SELECT is(t.one('escriba_desk', pg_temp.do_sql('pages', :'ana', :'r2')), '2', 'its pages');
SELECT is(t.one('escriba_desk', format('SELECT work.review_load(%L, %L, %s, 5, 0)', :'beta', :'r2', pg_temp.token(:'r2'))), '\xf1e1d5', 'the fields');
SELECT is(t.state('escriba_desk', pg_temp.do_sql('saw', :'ana', :'r2')), '', 'what was shown');
SELECT is(t.one('escriba_operator', format($$SELECT person || ' ' || field FROM ops.seen(%L)$$, :'r2')), 'ana total', 'is known');
SELECT is((SELECT (event, person_id)::text FROM work.audit WHERE document_id = :'r2' ORDER BY n DESC LIMIT 1), format('(review.saw,%s)', :'ana'), 'and in the chain');

-- ---- leave, lapse
SELECT t.one('escriba_desk', pg_temp.do_sql('leave', :'ana', :'r2'));
SELECT is(t.one('escriba_desk', pg_temp.take_sql(:'eva', :'r2')), :'r2', 'what is left is free');
UPDATE work.review SET until = clock_timestamp() - interval '1 s' WHERE document_id = :'r2';
SELECT is(t.one('escriba_desk', pg_temp.take_sql(:'bob', :'r2')), :'r2', 'what nobody looked at for long, too');
SELECT t.one('escriba_operator', $$SELECT ops.person_close('bob')$$);
SELECT is((SELECT (token, person_id)::text FROM work.review WHERE document_id = :'r2'), '(,)', 'who leaves the house lets go of it');
SELECT is(t.state('escriba_desk', pg_temp.take_sql(:'bob')), 'ES403', 'and gets nothing more');
SELECT is(t.one('escriba_desk', $$SELECT name FROM work.person_of('bob')$$), NULL, 'nor is known at the desk');

-- ---- decide
SELECT t.one('escriba_desk', pg_temp.take_sql(:'ana', :'r2'));
SELECT is(t.state('escriba_desk', pg_temp.do_sql('done', :'ana', :'r2')), '', 'a person''s order');
SELECT is((SELECT (state, version, person_id)::text FROM work.document WHERE document_id = :'r2'), format('(work,1,%s)', :'ana'), 'sends the document back to the machine');
SELECT is((SELECT count(*) FROM work.review WHERE document_id = :'r2'), 0::bigint, 'off the desk');
SELECT is((SELECT sealed FROM work.artifact WHERE object_id = :'r2' AND kind = 10), '\x0bde', 'with the order');
SELECT is((SELECT string_agg(event || ' ' || amount, ', ' ORDER BY n) FROM (SELECT * FROM work.audit WHERE document_id = :'r2' ORDER BY n DESC LIMIT 2) x), 'review.done 3, review.accepted 9', 'and the numbers');
SELECT t.take('{3}');
SELECT is(t.one('escriba_runner', format('SELECT work.load(%L, %L, 3, 0, %s, 10, 0)', :'beta', :'r2', t.token(:'r2', 3))), '\x0bde', 'which the machine reads');
SELECT is(t.state('escriba_runner', t.document_sql(:'r2', 0)), '', 'and now it passes');
SELECT is(t.state('escriba_desk', pg_temp.take_sql(:'ana', :'r2')), 'ES404', 'nobody needs to look again');

SELECT t.one('escriba_desk', pg_temp.take_sql(:'ana', :'r1'));
SELECT is(t.state('escriba_desk', format('SELECT work.review_reject(%L, %L, %L, %s, 71)', :'ana', :'acme', :'r1', pg_temp.token(:'r1'))), 'ES400', 'a person rejects with a person''s reason');
SELECT is(t.state('escriba_desk', pg_temp.do_sql('reject', :'ana', :'r1')), '', 'rejected by a person');
SELECT is((SELECT (state, reason, person_id)::text FROM work.document WHERE document_id = :'r1'), format('(rejected,103,%s)', :'ana'), 'with reason and name');
SELECT t.take('{4}'), t.runner(t.deliver_sql(:'r1', 1));
SELECT is((SELECT kind FROM work.receipt WHERE object_id = :'r1'), 'refusal', 'and the client is told');

SELECT t.one('escriba_desk', pg_temp.take_sql(:'luz', :'r4'));
SELECT is(t.state('escriba_desk', format('SELECT work.review_retype(%L, %L, %L, %s, %L, NULL)', :'luz', :'acme', :'r4', pg_temp.token(:'r4'), x)), 'ES400', 'no form: ' || coalesce(quote_literal(x), 'NULL'))
  FROM unnest(ARRAY['', 'A', 'a b', '../x', NULL, repeat('a', 64)]) x;
SELECT is(t.state('escriba_desk', pg_temp.do_sql('retype', :'luz', :'r4')), '', 'another type');
SELECT is((SELECT (state, hint, unread)::text FROM work.document WHERE document_id = :'r4'), '(work,receipt,2)', 'has all pages read again');
SELECT is(t.balance(), '', 'which keeps the balance');
SELECT is(t.take('{2}'), 2::bigint, 'as page steps');
SELECT is((SELECT array_agg(hint) FROM t.lease WHERE object_id = t.file_of(:'r4') AND unit = 2), '{receipt,receipt}', 'with that form');
SELECT is(t.state('escriba_runner', t.page_sql(t.file_of(:'r4'), '{1}')), '', 'one');
SELECT is((SELECT count(*) FROM work.step WHERE object_id = :'r4' AND unit = 3), 0::bigint, 'is not all');
SELECT is(t.state('escriba_runner', t.page_sql(t.file_of(:'r4'), '{0}')), '', 'two');
SELECT is((SELECT count(*) FROM work.step WHERE object_id = :'r4' AND unit = 3), 1::bigint, 'and then the document');
SELECT is(t.owners(t.file_of(:'r4')), '0 0', 'which it stays');
SELECT is(t.balance(), '', 'the balance holds');

-- the same document in the hands of a page step that fails
SELECT t.take('{3}'), t.runner(t.document_sql(:'r4', 1, 71, NULL));
SELECT t.one('escriba_desk', pg_temp.take_sql(:'luz', :'r4')), t.one('escriba_desk', pg_temp.do_sql('retype', :'luz', :'r4'));
SELECT t.take('{2}');
SELECT is(t.state('escriba_runner', t.refuse_sql(t.file_of(:'r4'), 2, 0, 39)), '', 'a page that cannot be read again');
SELECT is((SELECT (state, reason)::text FROM work.document WHERE document_id = :'r4'), '(rejected,39)', 'rejects the document');
SELECT is(t.state_of(t.file_of(:'r4')), 'separated', 'not the file');
SELECT is((SELECT count(*) FROM work.step WHERE object_id = t.file_of(:'r4')), 0::bigint, 'and takes the other page''s step along');
SELECT is(t.balance(), '', 'the balance holds');

-- rights that end while a document is open
SELECT t.one('escriba_desk', pg_temp.take_sql(:'eva', pg_temp.review(:'beta', 'r5'))) AS r5 \gset
UPDATE work.person SET clearance = -1 WHERE person_id = :'eva';
SELECT is(t.state('escriba_desk', pg_temp.do_sql('done', :'eva', :'r5')), 'ES403', 'who may not see it any more cannot decide');
SELECT is(t.state('escriba_desk', pg_temp.do_sql(x, :'eva', :'r5')), 'ES403', x || ': nor look on') FROM unnest(ARRAY['load', 'part', 'pages', 'renew', 'saw']) x;
