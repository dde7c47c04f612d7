-- What the operator may learn about acknowledgements, and that a refused result stays until a better one is accepted.
SELECT no_plan();
\set verifier 'SCRAM-SHA-256$4096:AAAA$AAAA:AAAA'
\set ida 00000000-0000-4000-8000-00000000000a
\set idb 00000000-0000-4000-8000-00000000000b
SELECT t.one('escriba_operator', format('SELECT delivery.client_add(%L, %L, 10)', x, :'verifier')) FROM unnest(ARRAY[:'ida', :'idb']) x;
SELECT (SELECT role FROM delivery.client WHERE client_id = :'ida') AS a, (SELECT role FROM delivery.client WHERE client_id = :'idb') AS b \gset
CREATE FUNCTION pg_temp.publish(p_client text, p_document text, p_version int) RETURNS text LANGUAGE sql AS $$
    SELECT t.one('escriba_publisher', format('SELECT seq FROM delivery.publish(%L, %L, %s, NULL, %L, %L, %L, %L)', p_client, md5(p_document)::uuid, p_version,
                 'result', 'invoice', convert_to(p_document || p_version, 'UTF8'), sha256(convert_to(p_document || p_version, 'UTF8')))) $$;
CREATE FUNCTION pg_temp.said(p_client text, p_seqs bigint[]) RETURNS text LANGUAGE sql AS $$
    SELECT t.one('escriba_operator', format('SELECT string_agg(concat_ws('' '', seq, CASE WHEN acked_at IS NOT NULL THEN ''acked'' END, CASE WHEN disputed THEN ''disputed'' END, CASE WHEN over THEN ''over'' END), '', '' ORDER BY seq) FROM delivery.acknowledged(%L, %L)', p_client, p_seqs)) $$;
CREATE FUNCTION pg_temp.purge(p_args text) RETURNS text LANGUAGE sql AS $$ SELECT t.one('escriba_operator', format('SELECT delivery.purge(%s)', p_args)) $$;
CREATE FUNCTION pg_temp.held(p_client text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(seq::text, ' ' ORDER BY seq) FROM delivery.result WHERE client_id::text = p_client AND payload IS NOT NULL $$;

SELECT pg_temp.publish(:'ida', 'd', 1), pg_temp.publish(:'ida', 'e', 1), pg_temp.publish(:'ida', 'f', 1), pg_temp.publish(:'idb', 'd', 1);
SELECT is(pg_temp.said(:'ida', '{1,2,3,4}'), '1, 2, 3', 'nothing is acknowledged, and what is not there is not told');
SELECT t.one(:'a', 'SELECT delivery.ack(2)'), t.one(:'b', 'SELECT delivery.ack(1)'), t.one(:'a', 'SELECT delivery.nack(1, ''wrong'')');
SELECT is(pg_temp.said(:'ida', '{3,2,1}'), '1 acked disputed, 2 acked, 3', 'acknowledged, and one of them refused');
SELECT is(t.one('escriba_operator', format('SELECT count(*) FROM delivery.acknowledged(%L, ''{1,2,3}'') WHERE digest <> sha256(convert_to((ARRAY[''d1'', ''e1'', ''f1''])[seq], ''UTF8''))', :'ida')), '0', 'with their digests');
UPDATE delivery.result SET acked_at = acked_at - interval '11 days' WHERE acked_at IS NOT NULL;
SELECT is(pg_temp.said(:'ida', '{1,2,3}'), '1 acked disputed over, 2 acked over, 3', 'their time is over after eleven days');
SELECT is(pg_temp.said(:'idb', '{1}'), '1 acked over', 'each client''s own');
SELECT is(t.state('escriba_operator', format('SELECT * FROM delivery.acknowledged(%L, %L)', :'ida', x)), 'ES400', 'not all at once') FROM unnest(ARRAY[NULL, (SELECT array_agg(g)::text FROM generate_series(1, 10001) g)]) x;
SELECT is(pg_temp.purge('NULL, true'), '2', 'a trial counts what would go');
SELECT is(pg_temp.held(:'ida') || ', ' || pg_temp.held(:'idb'), '1 2 3, 1', 'and deletes nothing');
SELECT is(pg_temp.purge(quote_literal(:'ida')), '1', 'one client''s');
SELECT is(pg_temp.held(:'ida') || ', ' || pg_temp.held(:'idb'), '1 3, 1', 'what was refused stays, and what was not acknowledged, and the other''s');
SELECT is(pg_temp.said(:'ida', '{1,2}'), '1 acked disputed over, 2 acked over', 'what is gone is still known');
SELECT pg_temp.publish(:'ida', 'd', 2);
SELECT is(pg_temp.said(:'ida', '{1,4}'), '1 acked disputed over, 4', 'a new version alone ends no dispute');
SELECT t.one(:'a', 'SELECT delivery.ack(4)'), t.one(:'a', 'SELECT delivery.nack(4, ''still wrong'')');
SELECT is(pg_temp.said(:'ida', '{1,4}'), '1 acked disputed over, 4 acked disputed', 'nor does one that is refused, too');
SELECT pg_temp.publish(:'ida', 'd', 3), t.one(:'a', 'SELECT delivery.ack(5)');
SELECT is(pg_temp.said(:'ida', '{1,4,5}'), '1 acked over, 4 acked, 5 acked', 'one that is accepted does');
SELECT is(pg_temp.purge('') || ' ' || pg_temp.purge(''), '2 0', 'then it goes, once');
SELECT is(pg_temp.held(:'ida'), '3 4 5', 'and the rest when its own time is over');
