-- Whose folder it is and which document came before: sealed parties, keyed tags, and who may let a stranger's paper pass.
SELECT no_plan();
SELECT t.client('acme') AS acme, t.client('beta') AS beta \gset
SELECT t.one('escriba_operator', x) FROM unnest(ARRAY[
    $$SELECT ops.person_add('ana', 'Ana', 'reviewer', 9, '', NULL)$$, $$SELECT ops.person_add('bob', 'Bob', 'senior', 9, '', NULL)$$]) x;
SELECT (SELECT person_id FROM work.person WHERE system_user = 'ana') AS ana,
       (SELECT person_id FROM work.person WHERE system_user = 'bob') AS bob \gset

-- ---- the parties
SELECT is(t.one('escriba_operator', $$SELECT version FROM ops.parties('acme')$$), '0', 'a client begins without parties');
SELECT is(t.one('escriba_operator', $$SELECT count FROM ops.parties_known() WHERE client = 'acme'$$), '0', 'and the doctor can see that its guard is off');
SELECT is(t.state('escriba_operator', $$SELECT ops.parties_put('acme', 0, 2, '\x5ea1')$$), '', 'the operator puts them, sealed');
SELECT is(t.one('escriba_operator', $$SELECT version || ' ' || encode(sealed, 'hex') FROM ops.parties('acme')$$), '1 5ea1', 'and reads them, sealed');
SELECT is(t.state('escriba_operator', $$SELECT ops.parties_put('acme', 0, 3, '\x5ea2')$$), 'ES409', 'who read before another wrote starts again');
SELECT is(t.state('escriba_operator', $$SELECT ops.parties_put('nobody', 0, 3, '\x5ea2')$$), 'ES404', 'a client that is not there has none');
SELECT is(t.state('escriba_operator', $$SELECT ops.parties_put('acme', 1, 3, '')$$), 'ES400', 'nothing sealed is no parties');
SELECT is((SELECT count(*)::int FROM work.audit WHERE event = 'client.parties' AND client_id = :'acme'), 1, 'each change is audited, each refusal is not');
SELECT is(t.one('escriba_operator', $$SELECT count FROM ops.parties_known() WHERE client = 'acme'$$), '2', 'the doctor sees how many');

CREATE FUNCTION pg_temp.parties(p_document uuid, p_token bigint DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT version || '' '' || coalesce(encode(sealed, ''hex''), ''-'') || '' '' || decided FROM work.document_parties(%L, %L, %s)',
                  t.owner(p_document), p_document, coalesce(p_token, t.token(p_document, 3), 0)) $$;
SELECT t.document(:'acme', 'a1') AS a1, t.document(:'beta', 'b1') AS b1 \gset
SELECT is(t.one('escriba_runner', pg_temp.parties(:'a1')), '1 5ea1 0', 'a step is told its own client''s parties');
SELECT is(t.one('escriba_runner', pg_temp.parties(:'b1')), '0 - 0', 'not those of another');
SELECT is(t.state('escriba_runner', pg_temp.parties(:'a1', 1)), 'ES001', 'and only under a lease');

-- ---- twins
CREATE FUNCTION pg_temp.twins(p_document uuid, p_tags text[], p_token bigint DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT work.document_twins(%L, %L, %s, %L)', t.owner(p_document), p_document,
                  coalesce(p_token, t.token(p_document, 3), 0), (SELECT coalesce(array_agg(t.tag(x)), '{}') FROM unnest(p_tags) x)) $$;
SELECT is(t.one('escriba_runner', pg_temp.twins(:'a1', '{one,two}')), NULL, 'the first of its kind has no twin');
SELECT is(t.one('escriba_runner', pg_temp.twins(:'a1', '{one,two}')), NULL, 'nor when its step is done again');
SELECT is(t.one('escriba_runner', pg_temp.twins(:'b1', '{one}')), NULL, 'the same tag at another client is another thing');
SELECT t.document(:'acme', 'a2') AS a2 \gset
SELECT is(t.one('escriba_runner', pg_temp.twins(:'a2', '{zero,two}')), :'a1', 'the second with one tag in common is its twin');
SELECT is(t.one('escriba_runner', pg_temp.twins(:'a1', '{one,two}')), NULL, 'and the first stays the first');
SELECT is(t.one('escriba_operator', format('SELECT twin_of FROM ops.twin(%L)', :'a2')), :'a1', 'the operator sees whose');
SELECT is(t.one('escriba_operator', format('SELECT twin_of FROM ops.twin(%L)', :'a1')), NULL, 'the first has none');
SELECT is((SELECT count(*)::int FROM work.audit WHERE event = 'document.twin'), 1, 'it is audited once');
SELECT is(t.state('escriba_runner', pg_temp.twins(:'a2', '{two}', 1)), 'ES001', 'only under a lease');
SELECT is(t.state('escriba_runner', format('SELECT work.document_twins(%L, %L, %s, NULL)', :'acme', :'a2', t.token(:'a2', 3))), 'ES400', 'no list is no answer');
SELECT is(t.one('escriba_runner', pg_temp.twins(:'a2', '{zero,three}')), NULL, 'values that a person put right make it the only one again');
SELECT is((SELECT twin_of FROM work.document WHERE document_id = :'a2'), NULL, 'which is written down');
SELECT is(t.one('escriba_runner', pg_temp.twins(:'a2', '{two}')), :'a1', 'and back');
SELECT t.runner(t.document_sql(:'a1', 1, 75, NULL));
SELECT is(t.one('escriba_runner', pg_temp.twins(:'a2', '{two}')), :'a1', 'one that waits for a person was there first all the same');
SELECT t.one('escriba_desk', format('SELECT 1 FROM work.review_take(%L, %L, 60)', :'bob', :'a1'));
SELECT t.one('escriba_desk', format('SELECT work.review_reject(%L, %L, %L, %s, 100)', :'bob', :'acme', :'a1', (SELECT token FROM work.review WHERE document_id = :'a1')));
SELECT is(t.one('escriba_runner', pg_temp.twins(:'a2', '{two}')), NULL, 'one that was rejected is nobody''s twin');
SELECT ok(NOT EXISTS (SELECT 1 FROM work.twin w WHERE length(w.tag) <> 32), 'a tag is a hash');
UPDATE work.document SET state = 'erased' WHERE document_id = :'a1';
SELECT is((SELECT count(*)::int FROM work.twin WHERE document_id = :'a1'), 0, 'what is erased leaves no tag');

-- ---- a stranger's paper
SELECT t.document(:'acme', 's1') AS s1, t.document(:'acme', 's2') AS s2 \gset
SELECT t.runner(t.document_sql(:'s1', 1, 88, NULL)), t.runner(t.document_sql(:'s2', 1, 75, NULL));
UPDATE work.review SET deadline = now() WHERE document_id = :'s1';
CREATE FUNCTION pg_temp.take(p_person uuid, p_document uuid DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT document_id FROM work.review_take(%L, %L, 60)', p_person, p_document) $$;
CREATE FUNCTION pg_temp.done(p_person uuid, p_document uuid) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT work.review_done(%L, %L, %L, %s, ''\x0bde'', 0, 1)', p_person, t.owner(p_document), p_document,
                  (SELECT coalesce(token, 0) FROM work.review WHERE document_id = p_document)) $$;
SELECT is(t.one('escriba_desk', format('SELECT string_agg(document_id::text, '' '') FROM work.review_list(%L, 10)', :'ana')), :'s2', 'a reviewer does not see it');
SELECT is(t.one('escriba_desk', format('SELECT waiting FROM work.review_count(%L)', x.p)), x.n, 'nor is it counted for one') FROM (VALUES (:'ana'::uuid, '1'), (:'bob', '2')) x(p, n);
SELECT is(t.state('escriba_desk', pg_temp.take(:'ana', :'s1')), 'ES404', 'and it is not there when asked for by name');
SELECT is(t.one('escriba_desk', pg_temp.take(:'ana')), :'s2', 'the next one is another');
SELECT t.one('escriba_desk', pg_temp.done(:'ana', :'s2'));
SELECT is(t.one('escriba_desk', pg_temp.take(:'bob')), :'s1', 'a senior is given it');
SELECT is(t.one('escriba_desk', format('SELECT work.review_twin(%L, %L, %s)', :'acme', :'s1', (SELECT token FROM work.review WHERE document_id = :'s1'))), NULL, 'with the twin it has, or none');
SELECT is(t.state('escriba_desk', format('SELECT work.review_twin(%L, %L, 1)', :'acme', :'s1')), 'ES001', 'under a lease');
SELECT t.one('escriba_desk', pg_temp.done(:'bob', :'s1'));
SELECT t.take('{3}');
SELECT is(t.one('escriba_runner', pg_temp.parties(:'s1')), '1 5ea1 88', 'that a senior let it pass is told to the step');
SELECT is(t.one('escriba_runner', pg_temp.parties(:'s2')), '1 5ea1 75', 'what a reviewer looked at was looked at for another reason');
-- What a reviewer typed turns out to be somebody else's: it waits again, for a senior.
SELECT t.runner(t.document_sql(:'s2', 1, 88, NULL));
UPDATE work.document SET person_id = :'ana' WHERE document_id = :'s1';
SELECT is(t.one('escriba_runner', pg_temp.parties(:'s1')), '1 5ea1 0', 'a reviewer''s word does not let it pass');
SELECT is(t.one('escriba_desk', format('SELECT string_agg(document_id::text, '' '') FROM work.review_list(%L, 10)', :'ana')), NULL, 'and the second is out of a reviewer''s sight again');
