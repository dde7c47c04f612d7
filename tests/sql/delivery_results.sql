-- Publishing, pulling, acknowledging, refusing, forgetting.  t.one and t.state log in as the role: session_user counts.
SELECT no_plan();
\set verifier 'SCRAM-SHA-256$4096:AAAA$AAAA:AAAA'
SELECT t.one('escriba_operator', format('SELECT delivery.client_add(%L, %L, 10)', x, :'verifier')) FROM unnest(ARRAY['00000000-0000-4000-8000-00000000000a', '00000000-0000-4000-8000-00000000000b']) x;
SELECT (SELECT role FROM delivery.client WHERE client_id::text LIKE '%a') AS a, (SELECT role FROM delivery.client WHERE client_id::text LIKE '%b') AS b \gset
\set ida 00000000-0000-4000-8000-00000000000a
\set idb 00000000-0000-4000-8000-00000000000b
CREATE FUNCTION pg_temp.publish(p_client text, p_document text, p_version int, p_payload text, p_kind text DEFAULT 'result') RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT (seq, digest, again)::text FROM delivery.publish(%L, %L, %s, NULL, %L, %L, %L, %L)', p_client, md5(p_document)::uuid, p_version, p_kind,
                  'invoice', convert_to(p_payload, 'UTF8'), sha256(convert_to(p_payload, 'UTF8'))) $$;

SELECT ok(:'a' ~ '^client_[0-9a-f]{16}$' AND :'a' <> :'b' AND position(replace(:'ida', '-', '') in :'a') = 0, 'a role says nothing about who it is');
-- ---- publish
SELECT is(t.one('escriba_publisher', pg_temp.publish(:'ida', 'd1', 1, 'p1')), format('(1,%s,f)', quote_ident(replace(sha256('p1')::text, '\', '\\'))), 'the first result has number 1');
SELECT is(t.one('escriba_publisher', pg_temp.publish(:'ida', 'd1', 1, 'p1')), format('(1,%s,t)', quote_ident(replace(sha256('p1')::text, '\', '\\'))), 'again gives the same number');
SELECT is(t.one('escriba_publisher', pg_temp.publish(:'ida', 'd1', 1, 'another seal')), format('(1,%s,t)', quote_ident(replace(sha256('p1')::text, '\', '\\'))), 'and the first digest, whatever is sent');
SELECT is((SELECT payload FROM delivery.result WHERE seq = 1), 'p1'::bytea, 'the first payload stays');
SELECT is(t.one('escriba_publisher', pg_temp.publish(:'ida', 'd1', 2, 'p1b')), format('(2,%s,f)', quote_ident(replace(sha256('p1b')::text, '\', '\\'))), 'the next version has the next number');
SELECT is(t.one('escriba_publisher', pg_temp.publish(:'ida', 'd2', 1, 'no', 'refusal')), format('(3,%s,f)', quote_ident(replace(sha256('no')::text, '\', '\\'))), 'a refusal is delivered, too');
SELECT is(t.one('escriba_publisher', pg_temp.publish(:'idb', 'd1', 1, 'b1')), format('(1,%s,f)', quote_ident(replace(sha256('b1')::text, '\', '\\'))), 'each client counts from 1');
SELECT is(t.state('escriba_publisher', x.sql), x.state, x.what) FROM (VALUES
    (pg_temp.publish('00000000-0000-4000-8000-00000000000c', 'd', 1, 'p'), 'ES404', 'a client without a role'),
    (format('SELECT * FROM delivery.publish(%L, gen_random_uuid(), 1, NULL, %L, %L, %L, %L)', :'ida', 'result', 'f', '\x01', sha256('\x02')), 'ES400', 'a payload with another digest'),
    (format('SELECT * FROM delivery.publish(%L, gen_random_uuid(), 1, NULL, %L, %L, %L, %L)', :'ida', 'result', 'f', '', sha256('')), 'ES400', 'nothing'),
    (format('SELECT * FROM delivery.publish(%L, gen_random_uuid(), 1, NULL, %L, %L, NULL, %L)', :'ida', 'result', 'f', sha256('')), 'ES400', 'no payload'),
    (format('SELECT * FROM delivery.publish(%L, gen_random_uuid(), 1, NULL, %L, %L, %L, %L)', :'ida', 'gift', 'f', '\x01', sha256('\x01')), '23514', 'an unknown kind')) x(sql, state, what);
SELECT is((SELECT last_seq FROM delivery.client WHERE client_id = :'ida'), 3::bigint, 'what failed took no number');

-- ---- pull
SELECT is(t.one(:'a', 'SELECT string_agg(concat_ws('' '', seq, version, kind, convert_from(payload, ''UTF8'')), '', '' ORDER BY seq) FROM delivery.results'), '1 1 result p1, 2 2 result p1b, 3 1 refusal no', 'a client reads its own');
SELECT is(t.one(:'b', 'SELECT string_agg(convert_from(payload, ''UTF8''), '', '') FROM delivery.results'), 'b1', 'and the other its own');
SELECT is(t.one(:'a', 'SELECT count(*) FROM delivery.results WHERE digest <> sha256(payload)'), '0', 'digests are those of the payloads');
SELECT is(t.one(:'a', 'SELECT (client_id, role, last_seq, acked_seq)::text FROM delivery.whoami()'), format('(%s,%s,3,0)', :'ida', :'a'), 'who am I');
SELECT is(t.one('escriba_operator', 'SELECT delivery.client_retention(''00000000-0000-4000-8000-00000000000a'', 5)'), '', 'the operator says how long');
SELECT is(t.state('escriba_operator', 'SELECT delivery.client_retention(gen_random_uuid(), 5)'), 'ES404', 'for a client that there is');

-- ---- ack
SELECT is(t.one(:'a', 'SELECT delivery.ack(2)'), '2', 'two are acknowledged');
SELECT is(t.one(:'a', 'SELECT delivery.ack(2)'), '0', 'once');
SELECT is(t.one(:'a', 'SELECT delivery.ack(1)'), '0', 'and never backwards');
SELECT is(t.one(:'a', 'SELECT acked_seq FROM delivery.whoami()'), '2', 'up to two');
SELECT is(t.one(:'a', 'SELECT delivery.ack(99)'), '1', 'what is not there yet is not acknowledged');
SELECT is(t.one(:'a', 'SELECT acked_seq FROM delivery.whoami()'), '3', 'up to the last');
SELECT t.one('escriba_publisher', pg_temp.publish(:'ida', 'd3', 1, 'p3'));
SELECT is(t.state(:'a', 'SELECT delivery.ack(NULL)'), 'ES400', 'nothing is not everything');
SELECT is(t.one(:'a', 'SELECT count(*) FROM delivery.results WHERE acked_at IS NULL'), '1', 'so that what comes later is new');
SELECT is(t.one(:'b', 'SELECT count(*) FROM delivery.results WHERE acked_at IS NULL'), '1', 'and the other''s is untouched');
SELECT is(t.state('escriba_operator', 'SELECT delivery.ack(1)'), '42501', 'the operator acknowledges for nobody');
-- ---- nack
SELECT is(t.one(:'a', 'SELECT delivery.nack(1, ''does not add up'')'), 'true', 'a client says what is wrong');
SELECT is(t.one(:'a', 'SELECT nack_reason FROM delivery.results WHERE seq = 1'), 'does not add up', 'and reads it');
SELECT is(t.one(:'a', 'SELECT delivery.nack(77, ''x'')'), 'false', 'not about what is not there');
SELECT is(t.one(:'b', 'SELECT delivery.nack(2, ''x'')'), 'false', 'nor about another''s');
SELECT is(t.state(:'a', format('SELECT delivery.nack(1, %L)', x)), 'ES400', 'a reason of ' || coalesce(octet_length(x)::text, 'no') || ' bytes') FROM unnest(ARRAY['', NULL, repeat('x', 201), repeat('é', 101)]) x;
SELECT is(t.one('escriba_operator', 'SELECT (client_id, seq, version, reason)::text FROM delivery.nacks()'), format('(%s,1,1,"does not add up")', :'ida'), 'the operator sees it');
SELECT is(t.one('escriba_operator', 'SELECT string_agg((last_seq, acked_seq, waiting, nacked, retention_days)::text, '' '' ORDER BY client_id) FROM delivery.clients()'), '(4,3,1,1,5) (1,0,1,0,10)', 'and how far everybody is');
-- ---- purge
SELECT is(t.one('escriba_operator', 'SELECT delivery.purge()'), '0', 'nothing goes before its time');
UPDATE delivery.result SET acked_at = acked_at - interval '6 days' WHERE seq IN (1, 2);
SELECT is(t.one('escriba_operator', 'SELECT delivery.purge()'), '2', 'payloads go when their time is over');
SELECT is(t.one('escriba_operator', 'SELECT delivery.purge()'), '0', 'once');
SELECT is(t.one(:'a', 'SELECT string_agg(seq || coalesce('' '' || convert_from(payload, ''UTF8''), ''''), '', '' ORDER BY seq) FROM delivery.results'), '1, 2, 3 no, 4 p3', 'numbers stay, without gaps');
SELECT is(t.one('escriba_publisher', pg_temp.publish(:'ida', 'd1', 1, 'p1')), format('(1,%s,t)', quote_ident(replace(sha256('p1')::text, '\', '\\'))), 'what is gone is not published again');
UPDATE delivery.result SET created_at = created_at - interval '100 days' WHERE role = :'b';
SELECT is(t.one('escriba_operator', 'SELECT delivery.purge()'), '0', 'what was never acknowledged waits for ever');
-- ---- the end of a client
SELECT t.one('escriba_operator', format('SELECT delivery.client_close(%L)', :'idb'));
SELECT is(t.one('escriba_operator', 'SELECT closed_at IS NOT NULL FROM delivery.clients() WHERE client_id::text LIKE ''%b'''), 'true', 'a client is closed');
SELECT is((SELECT count(*) FROM delivery.result WHERE role = :'b'), 1::bigint, 'its results stay');
