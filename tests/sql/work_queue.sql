-- The queue: who gets what, for how long, and what becomes of work that fails.
SELECT no_plan();
SELECT t.client('acme') AS acme, t.client('beta') AS beta \gset

-- ---- what a claim may ask for
SELECT is(t.state('escriba_runner', format($$SELECT * FROM work.claim(gen_random_uuid(), ARRAY[1], %s, %s)$$, x.count, x.lease)), 'ES400',
          format('a claim of %s steps for %s seconds', x.count, x.lease)) FROM (VALUES ('0', '60'), ('1001', '60'), ('-1', '60'), ('NULL', '60'), ('1', '0'), ('1', '86401'), ('1', 'NULL')) x(count, lease);
SELECT is(t.take(), 0::bigint, 'from an empty queue nothing is claimed');

-- ---- the lease and its token
SELECT t.admit(:'acme', 'a1') AS a1 \gset
SELECT is(t.take('{2,3,4}'), 0::bigint, 'a step of another unit is not claimed');
SELECT is(t.take('{1}'), 1::bigint, 'the file step is');
SELECT is((SELECT (unit, client_id, file_id, object_id, version, page, attempts, depth)::text FROM t.lease),
          format('(1,%s,%s,%s,1,0,1,0)', :'acme', :'a1', :'a1'), 'with all that the runner must know');
SELECT is(t.take('{1}'), 0::bigint, 'and is nobody else''s then');
SELECT t.token(:'a1', 1) AS first \gset
SELECT is(t.state('escriba_runner', t.decode_sql(:'a1', 3, t.token(:'a1', 1) + 1)), 'ES001', 'another token does not complete it');
SELECT is(t.state('escriba_runner', t.decode_sql(:'a1', 3, 0)), 'ES001', 'nor none');
SELECT is(t.state('escriba_runner', format('SELECT work.commit_decode(%L, %L, %s, 3, 3, ''\x00'')', :'beta', :'a1', :first)), 'ES001', 'nor that of another client');
SELECT t.lapse(:'a1');
SELECT is((SELECT count(*) FROM work.step WHERE object_id = :'a1' AND token = :first), 1::bigint, 'a lease that has run out is still ours while nobody asks');
SELECT is(t.take('{1}'), 1::bigint, 'whoever asks next gets the step');
SELECT is((SELECT attempts FROM t.lease), 2, 'as its second try');
SELECT ok(t.token(:'a1', 1) > :first, 'under a token that nobody had before');
SELECT is(t.state('escriba_runner', x.sql), 'ES001', x.what || ' after the lease is lost') FROM (VALUES
    (t.decode_sql(:'a1', 3, :first), 'decode'),
    (format('SELECT work.commit_unpack(%L, %L, %s, 0)', :'acme', :'a1', :first), 'unpack'),
    (format('SELECT work.commit_manifest(%L, %L, %s, ''{}'', ''{}'', ''{}'')', :'acme', :'a1', :first), 'manifest'),
    (format('SELECT work.unpack_child(%L, %L, %s, gen_random_uuid(), %L, %L, ''\x00'', 1, 1, false, ''\x00'')', :'acme', :'a1', :first, t.tag('c'), t.tag('c')), 'a child'),
    (format('SELECT work.renew(%L, %L, 1, 0, %s, 60)', :'acme', :'a1', :first), 'renew'),
    (format('SELECT work.release(%L, %L, 1, 0, %s, 13, 0)', :'acme', :'a1', :first), 'release'),
    (format('SELECT work.refuse(%L, %L, 1, 0, %s, 13, 0)', :'acme', :'a1', :first), 'refuse'),
    (format('SELECT work.load(%L, %L, 1, 0, %s, 2, 0)', :'acme', :'a1', :first), 'load'),
    (format('SELECT work.load_part(%L, %L, 1, 0, %s, 0)', :'acme', :'a1', :first), 'load_part'),
    (format('SELECT * FROM work.load_pages(%L, %L, 1, 0, %s)', :'acme', :'a1', :first), 'load_pages')) x(sql, what);
SELECT is((SELECT count(*) FROM work.page), 0::bigint, 'nothing of it was kept');
SELECT is(t.state('escriba_runner', format('SELECT work.renew(%L, %L, 1, 0, %s, 600)', :'acme', :'a1', t.token(:'a1', 1))), '', 'who holds it may hold it longer');
SELECT ok((SELECT until > clock_timestamp() + interval '590 s' FROM work.step WHERE object_id = :'a1'), 'so long');

-- ---- a runner that died and came back
SELECT worker AS dead FROM work.step WHERE object_id = :'a1' \gset
SELECT is(t.one('escriba_runner', 'SELECT work.worker_back(gen_random_uuid())'), '0', 'who held nothing frees nothing');
SELECT is(t.one('escriba_runner', format('SELECT work.worker_back(%L)', :'dead')), '1', 'a worker that comes back frees what it held');
SELECT is(t.take('{1}'), 1::bigint, 'so that it is taken again at once');
SELECT is((SELECT attempts FROM t.lease), 2, 'and its death counted as no try');

-- ---- what a holder reads
SELECT is(t.one('escriba_runner', format('SELECT work.load_part(%L, %L, 1, 0, %s, 0)', :'acme', :'a1', t.token(:'a1', 1))), '\x613130', 'the original in its parts');
SELECT is(t.one('escriba_runner', format('SELECT work.load_part(%L, %L, 1, 0, %s, 1)', :'acme', :'a1', t.token(:'a1', 1))), NULL, 'none after the last');
SELECT is(t.one('escriba_runner', format('SELECT work.load(%L, %L, 1, 0, %s, 2, 0)', :'acme', :'a1', t.token(:'a1', 1))), '\xbeef', 'the name');
SELECT is(t.one('escriba_runner', format('SELECT work.load(%L, %L, 1, 0, %s, 3, 0)', :'acme', :'a1', t.token(:'a1', 1))), NULL, 'no recipe before there is one');
SELECT is(t.state('escriba_runner', t.decode_sql(:'a1', 3)), '', 'the holder completes it');
SELECT is(t.take('{2}'), 3::bigint, 'and each page is a step');
SELECT is(t.one('escriba_runner', format('SELECT work.load(%L, %L, 2, 1, %s, 3, 0)', :'acme', :'a1', t.token(:'a1', 2, 1))), '\x0a0b', 'which reads the recipe');
SELECT is((SELECT array_agg(pages) FROM t.lease WHERE unit = 2), '{3,3,3}', 'and knows how many there are');

-- ---- given back
SELECT t.runner(t.release_sql(:'a1', 2, 0, 0, 0));
SELECT is((SELECT (attempts, token)::text FROM work.step WHERE object_id = :'a1' AND page = 0), '(0,)', 'given back for our own reasons is no try');
SELECT t.runner(t.release_sql(:'a1', 2, 1, 38, 30));
SELECT is((SELECT attempts FROM work.step WHERE object_id = :'a1' AND page = 1), 1, 'given back for its own is');
SELECT is(t.take('{2}'), 1::bigint, 'and waits for the delay');
SELECT t.ready();
SELECT is(t.take('{2}'), 1::bigint, 'which passes');
SELECT is((SELECT array_agg(event ORDER BY n) FROM work.audit WHERE client_id = :'acme' AND event = 'step.failed'), '{step.failed}', 'a failure is written down');
-- time, memory and a dead cell: twice is enough
SELECT t.runner(t.release_sql(:'a1', 2, 1, 38, 0));
SELECT is((SELECT (state, reason)::text FROM work.file WHERE file_id = :'a1'), '(quarantined,38)', 'a page that takes too long twice puts its file away');
SELECT is((SELECT count(*) FROM work.step WHERE object_id = :'a1' AND unit = 2), 0::bigint, 'with all its page steps');
SELECT is(t.state('escriba_runner', t.page_sql(:'a1', '{0}')), 'ES001', 'also those that somebody is at');
SELECT is((SELECT count(*) FROM work.step WHERE object_id = :'a1' AND unit = 4), 1::bigint, 'and the client is told');
SELECT t.take('{4}');
SELECT is((SELECT (reason, file_id)::text FROM t.lease WHERE object_id = :'a1' AND unit = 4), format('(38,%s)', :'a1'), 'with the reason');
SELECT is(t.state('escriba_runner', t.refuse_sql(:'a1', 4, 0, 13)), 'ES400', 'a delivery is not refused');
SELECT t.runner(t.release_sql(:'a1', 4, 0, 13, 0)) FROM generate_series(1, 1);
SELECT is(t.take('{4}'), 1::bigint, 'it is tried again');
SELECT t.runner(t.release_sql(:'a1', 4, 0, 13, 0));
SELECT is(t.take('{4}'), 1::bigint, 'and again');
SELECT t.runner(t.release_sql(:'a1', 4, 0, 13, 0));
SELECT is((SELECT (attempts, token, ready_at > clock_timestamp() + interval '10 s')::text FROM work.step WHERE object_id = :'a1' AND unit = 4),
          '(3,,t)', 'a delivery is never given up, but waits longer');
SELECT t.ready();
SELECT is(t.take('{4}'), 1::bigint, 'until it can be');
SELECT t.runner(t.deliver_sql(:'a1', 1));
SELECT is((SELECT (kind, seq)::text FROM work.receipt WHERE object_id = :'a1'), '(refusal,1)', 'then the receipt says so');
SELECT is(t.events(:'a1'), 'file.admitted file.decoded step.failed step.failed file.quarantined step.failed step.failed step.failed refusal.delivered', 'and so does the chain');
SELECT is(t.balance(), '', 'and the balance holds');

-- other reasons: three times
SELECT t.admit(:'acme', 'a2') AS a2 \gset
SELECT t.take('{1}'), t.runner(t.release_sql(:'a2', 1, 0, 13));
SELECT t.take('{1}'), t.runner(t.release_sql(:'a2', 1, 0, 13));
SELECT is(t.state_of(:'a2'), 'waiting', 'two failures are not enough');
SELECT t.take('{1}'), t.runner(t.release_sql(:'a2', 1, 0, 13));
SELECT is((SELECT (state, reason, detail)::text FROM work.file WHERE file_id = :'a2'), '(quarantined,13,3)', 'three are');
-- leases that run out: three times
SELECT t.admit(:'acme', 'a3') AS a3 \gset
SELECT t.take('{1}'), t.lapse(:'a3') FROM generate_series(1, 3);
SELECT is(t.take('{1}'), 0::bigint, 'a step whose holders died three times is not given to a fourth');
SELECT is((SELECT (state, reason)::text FROM work.file WHERE file_id = :'a3'), '(quarantined,18)', 'its file is put away');
SELECT t.take('{4}');
SELECT t.runner(t.deliver_sql(:'a2', 2)), t.runner(t.deliver_sql(:'a3', 3));
-- a document, not its file
SELECT t.document(:'acme', 'a4', 2) AS d4 \gset
SELECT t.runner(t.release_sql(:'d4', 3, 0, 39)), t.take('{3}'), t.runner(t.release_sql(:'d4', 3, 0, 39));
SELECT is((SELECT (state, reason)::text FROM work.document WHERE document_id = :'d4'), '(quarantined,39)', 'a document that fails is put away');
SELECT is(t.state_of(t.file_of(:'d4')), 'separated', 'its file is not');
SELECT is((SELECT (object_id, document_id)::text FROM work.step WHERE unit = 4), format('(%s,%s)', :'d4', :'d4'), 'its refusal is to be delivered');
SELECT t.take('{4}'), t.runner(t.deliver_sql(:'d4', 4));

-- ---- refusals by the stages
SELECT t.admit(:'acme', 'a5') AS a5 \gset
SELECT t.take('{1}');
SELECT is(t.state('escriba_runner', t.refuse_sql(:'a5', 1, 0, 0)), 'ES400', 'a refusal has a reason');
SELECT t.runner(t.refuse_sql(:'a5', 1, 0, 50));
SELECT is((SELECT (state, reason, detail)::text FROM work.file WHERE file_id = :'a5'), '(refused,50,7)', 'a file is refused at once');
SELECT is((SELECT (unit, token)::text FROM work.step WHERE object_id = :'a5'), '(4,)', 'and that is to be delivered');
SELECT is(t.balance(), '', 'the balance holds');

-- ---- order: earliest deadline first
DELETE FROM work.step;
SELECT t.admit(:'acme', 'o1', p_folder => 'late') AS o1, t.admit(:'acme', 'o2', p_folder => 'soon') AS o2, t.admit(:'acme', 'o3', p_folder => 'middle') AS o3 \gset
UPDATE work.step s SET deadline = now() + x.d FROM (VALUES (:'o1'::uuid, interval '3 h'), (:'o2', '1 h'), (:'o3', '2 h')) x(o, d) WHERE s.object_id = x.o;
DELETE FROM t.lease;
SELECT is(t.take('{1}', 1), 1::bigint, 'one at a time');
SELECT t.take('{1}', 1), t.take('{1}', 1);
SELECT is((SELECT array_agg(object_id ORDER BY n) FROM t.lease), ARRAY[:'o2', :'o3', :'o1']::uuid[], 'what is due first comes first');
-- at the same deadline what is further down the pipeline goes first; an earlier one still wins
DELETE FROM work.step;
INSERT INTO work.step (client_id, object_id, unit, page, file_id, document_id, deadline)
SELECT :'acme', CASE WHEN u > 2 THEN :'d4'::uuid ELSE :'o1'::uuid END, u, 0, :'o1', CASE WHEN u > 2 THEN :'d4'::uuid END, now() + interval '1 hour'
  FROM generate_series(1, 4) u;
INSERT INTO work.step (client_id, object_id, unit, page, file_id, deadline) VALUES (:'acme', :'o2', 1, 0, :'o2', now() + interval '10 min');
DELETE FROM t.lease;
SELECT t.take('{1,2,3,4}', 1) FROM generate_series(1, 5);
SELECT is((SELECT array_agg(unit ORDER BY n) FROM t.lease), '{1,4,3,2,1}', 'at the same deadline deliveries, documents, pages, files; sooner is sooner');

-- ---- fairness: who was served longest ago comes next
DELETE FROM work.step;
DELETE FROM t.lease;
SELECT t.client('small') AS small \gset
INSERT INTO work.step (client_id, object_id, unit, page, file_id, deadline)
SELECT :'acme', :'o1', 2, g, :'o1', now() + interval '1 min' FROM generate_series(0, 499) g;
SELECT t.admit(:'beta', 'f1') AS f1, t.admit(:'small', 'f2') AS f2 \gset
SELECT t.take('{1,2}', 10), t.take('{1,2}', 10), t.take('{1,2}', 10);
SELECT is((SELECT array_agg(DISTINCT client_id ORDER BY client_id) FROM t.lease), (SELECT array_agg(x ORDER BY x) FROM unnest(ARRAY[:'acme', :'beta', :'small']::uuid[]) x),
          'a client with 500 steps due now does not keep two others from their one');
SELECT cmp_ok((SELECT count(*) FROM t.lease WHERE client_id = :'acme'), '>=', 10::bigint, 'and what they do not need is not wasted');
DELETE FROM work.step; DELETE FROM t.lease;
INSERT INTO work.step (client_id, object_id, unit, page, file_id, deadline)
SELECT c, f, 2, g, f, now() + interval '1 min' FROM (VALUES (:'acme'::uuid, :'o1'::uuid), (:'beta', :'f1'), (:'small', :'f2')) x(c, f), generate_series(0, 99) g;
SELECT t.take('{2}', 10) FROM generate_series(1, 9);
SELECT is((SELECT array_agg(n ORDER BY client_id) FROM (SELECT client_id, count(*) AS n FROM t.lease GROUP BY 1) x), '{30,30,30}', 'three clients with equal work get equal turns');

-- ---- the operator's view
SELECT is(t.one('escriba_operator', $$SELECT string_agg(format('%s %s %s %s', client, unit, waiting, leased), ', ' ORDER BY client) FROM ops.queue()$$),
          'acme page 70 30, beta page 70 30, small page 70 30', 'the operator sees what waits and what is worked on');
SELECT t.lapse(:'o1');
SELECT is(t.one('escriba_operator', $$SELECT lapsed FROM ops.queue() WHERE client = 'acme'$$), '30', 'and what nobody answers for');
