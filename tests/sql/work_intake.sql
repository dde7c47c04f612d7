-- Files come in: taken, duplicate, closed; batches open and close; a manifest is checked against what came.
SELECT no_plan();
SELECT t.client('acme', '{mixed,invoice:invoice:en}') AS acme, t.client('beta', p_sla => 3600) AS beta,
       t.client('quiet', p_quiet => 60) AS quiet \gset

-- ---- taken
SELECT t.admit(:'acme', 'one', p_parts => 3) AS one \gset
SELECT batch_id AS batch FROM t.said \gset
SELECT is((SELECT answer FROM t.said), 0, 'a new file is taken');
SELECT is((SELECT (state, parts, pages, depth)::text FROM work.file WHERE file_id = :'one'), '(waiting,3,,0)', 'it waits');
SELECT is((SELECT sealed_size FROM work.file WHERE file_id = :'one'), 12::bigint, 'its sealed size is what was stored');
SELECT is((SELECT count(*) FROM work.step WHERE object_id = :'one' AND unit = 1 AND token IS NULL), 1::bigint, 'for one file step');
SELECT is((SELECT (state, stream, folder)::text FROM work.batch WHERE batch_id = :'batch'), '(open,mixed,"")', 'a batch opened with it');
SELECT ok((SELECT deadline BETWEEN clock_timestamp() + interval '86390 s' AND clock_timestamp() + interval '86401 s' FROM work.batch
            WHERE batch_id = :'batch'), 'its deadline is what was agreed');
SELECT is((SELECT s.deadline FROM work.step s WHERE s.object_id = :'one'), (SELECT deadline FROM work.batch WHERE batch_id = :'batch'),
          'and the deadline of its steps');
SELECT is(t.events(:'one'), 'file.admitted', 'and it is written down');
SELECT t.admit(:'acme', 'two') AS two \gset
SELECT is((SELECT batch_id FROM t.said), :'batch'::uuid, 'the next file of the stream joins the batch');
SELECT t.admit(:'acme', 'three', p_stream => 'invoice') AS three \gset
SELECT isnt((SELECT batch_id FROM t.said), :'batch'::uuid, 'another stream has its own');
SELECT t.admit(:'acme', 'four', p_folder => 'monday') AS four \gset
SELECT isnt((SELECT batch_id FROM t.said), :'batch'::uuid, 'and a folder of that name, too');

-- ---- the same again
SELECT t.admit(:'acme', 'one', 'another name') AS again \gset
SELECT is((SELECT answer FROM t.said), 1, 'the same bytes are a duplicate');
SELECT is((SELECT (state, duplicate_of)::text FROM work.file WHERE file_id = :'again'), format('(duplicate,%s)', :'one'), 'of the first');
SELECT is((SELECT count(*) FROM work.step WHERE object_id = :'again'), 0::bigint, 'which nobody works on');
SELECT is(t.events(:'again'), 'file.duplicate', 'and which is written down');
SELECT t.admit(:'beta', 'one') AS other \gset
SELECT is((SELECT answer FROM t.said), 0, 'the same bytes of another client are not');
SELECT t.read(:'one', '{0,0,0}');
SELECT is((SELECT pages FROM work.file WHERE file_id = :'again'), 3, 'a duplicate has the pages of its original once they are known');
SELECT is((SELECT count(*) FROM work.page WHERE file_id = :'again'), 3::bigint, 'each of them');
SELECT t.admit(:'acme', 'one', 'third name') AS third \gset
SELECT is((SELECT (state, pages)::text FROM work.file WHERE file_id = :'third'), '(duplicate,3)', 'and at once when they are known already');
SELECT t.admit(:'acme', 'five', p_source => 'place 1') AS five \gset
SELECT t.admit(:'acme', 'five', p_source => 'place 1') AS five2 \gset
SELECT is((SELECT (answer, already)::text FROM t.said), '(0,t)', 'the same bytes from the same place: we died before they were removed');
SELECT is((SELECT count(*) FROM work.file WHERE content_tag = t.tag('five')), 1::bigint, 'which makes no second file');
SELECT t.admit(:'acme', 'five', p_source => 'place 2') AS five3 \gset
SELECT is((SELECT (answer, already)::text FROM t.said), '(1,f)', 'from another place they are a duplicate');
SELECT t.admit(:'acme', 'five', p_source => 'place 2') AS five4 \gset
SELECT is((SELECT (answer, already)::text FROM t.said), '(1,t)', 'and that is answered the same a second time');

-- ---- not taken
SELECT t.one('escriba_operator', $$SELECT ops.client_state('beta', 'paused')$$);
SELECT t.admit(:'beta', 'six') AS six \gset
SELECT is((SELECT answer FROM t.said), 2, 'a paused client brings nothing in');
SELECT is((SELECT count(*) FROM work.file WHERE file_id = :'six'), 0::bigint, 'nothing at all');
SELECT t.one('escriba_operator', $$SELECT ops.client_state('beta', 'active')$$);
SELECT t.admit(:'beta', 'six') AS six \gset
SELECT is((SELECT answer FROM t.said), 0, 'until it goes on');
SELECT is(t.state('escriba_intake', format('SELECT * FROM work.admit(%L, %L, %L, %L, %L, %L, NULL, %L, 1, 1, false, %L)', x.client, gen_random_uuid(),
          x.stream, '', t.tag('x'), t.tag('x'), '\x00', t.key())), 'ES404', x.what)
  FROM (VALUES (gen_random_uuid(), 'mixed', 'an unknown client brings nothing'), (:'acme'::uuid, 'nowhere', 'nor an unknown stream')) x(client, stream, what);
SELECT is(t.state('escriba_intake', format('SELECT * FROM work.admit(%L, %L, %L, %L, %L, %L, NULL, %L, 1, 1, false, %L)', :'acme', :'two',
          'mixed', '', t.tag('seven'), t.tag('x'), '\x00', t.key())), '23505', 'an identifier is used once');

-- A file is admitted whole or not at all.
SELECT gen_random_uuid() AS half \gset
SELECT is(t.state('escriba_intake', format($q$DO $x$ BEGIN PERFORM work.admit(%L, %L, 'mixed', '', %L, %L, NULL, '\x00', 1, 1, false, '\x00');
    SET CONSTRAINTS ALL IMMEDIATE; END $x$$q$, :'acme', :'half', t.tag('half'), t.tag('half'))), 'ES400', 'a file without its parts is not committed');
SET CONSTRAINTS ALL DEFERRED;
SET CONSTRAINTS work.audit_said_all IMMEDIATE;
SELECT is(t.state('escriba_intake', format($q$DO $x$ BEGIN PERFORM work.admit(%L, %L, 'mixed', '', %L, %L, NULL, '\x00', 1, 1, false, '\x00');
    PERFORM work.admit_part(%1$L, %2$L, 0, '\x01'); PERFORM work.admit_part(%1$L, %2$L, 2, '\x01'); PERFORM work.admit_done(%1$L, %2$L, 2); END $x$$q$,
    :'acme', :'half', t.tag('half'), t.tag('half'))), 'ES400', 'nor with a part missing in the middle');
SELECT is(t.state('escriba_intake', format($$SELECT work.admit_part(%L, %L, 9, '\x01')$$, :'acme', :'two')), 'ES400', 'nothing is added to a file that is here');
SELECT is(t.state('escriba_intake', format($$SELECT work.admit_done(%L, %L, 1)$$, :'acme', :'two')), 'ES400', 'nor is it admitted again');

-- ---- hot folders
SELECT is(t.one('escriba_intake', $$SELECT string_agg(client || '/' || stream || ':' || form, ' ' ORDER BY client, stream) FROM work.hot_folders()$$),
          'acme/invoice:invoice acme/mixed: beta/mixed: quiet/mixed:', 'every stream has its folder');

-- ---- batches close
SELECT is(t.one('escriba_intake', format($$SELECT work.batch_done(%L, 'mixed', 'monday')$$, :'acme')), 'true', 'the client says that a batch is complete');
SELECT is((SELECT (state, cause)::text FROM work.batch WHERE folder = 'monday'), '(closed,done)', 'and it closes');
SELECT is(t.one('escriba_intake', format($$SELECT work.batch_done(%L, 'mixed', 'monday')$$, :'acme')), 'false', 'once');
SELECT t.admit(:'acme', 'eight', p_folder => 'monday') AS eight \gset
SELECT is((SELECT count(*) FROM work.batch WHERE folder = 'monday'), 2::bigint, 'a file that comes later opens the next');
SELECT is(t.state('escriba_operator', format('SELECT ops.batch_close(%L)', :'batch')), '', 'the operator closes a batch');
SELECT is((SELECT (state, cause)::text FROM work.batch WHERE batch_id = :'batch'), '(closed,operator)', 'and it says so');
SELECT is(t.state('escriba_operator', format('SELECT ops.batch_close(%L)', :'batch')), 'ES400', 'but not twice');
SELECT is(t.state('escriba_operator', 'SELECT ops.batch_close(gen_random_uuid())'), 'ES404', 'nor one that is not there');
SELECT is(t.events(:'batch'), 'batch.opened batch.closed', 'a batch''s life is written down');

SELECT t.admit(:'quiet', 'nine') AS nine \gset
SELECT batch_id AS silent FROM t.said \gset
SELECT is(t.one('escriba_intake', 'SELECT work.tick()'), '0', 'a batch whose files came just now stays open');
UPDATE work.batch SET last_at = last_at - interval '61 seconds';
SELECT t.admit(:'quiet', 'ten') AS ten \gset
SELECT is(t.one('escriba_intake', 'SELECT work.tick()'), '0', 'each file begins the quiet time anew');
UPDATE work.batch SET last_at = last_at - interval '61 seconds';
SELECT is(t.one('escriba_intake', 'SELECT work.tick()'), '1', 'after it the batch closes');
SELECT is((SELECT (state, cause)::text FROM work.batch WHERE batch_id = :'silent'), '(closed,quiet)', 'and it says so');
SELECT is((SELECT count(*) FROM work.batch WHERE client_id <> :'quiet' AND cause = 'quiet'), 0::bigint, 'quiet 0 closes nothing');

-- ---- manifests
-- by number: three files are named, the third closes the batch
SELECT t.admit(:'acme', 'list', 'manifest.csv', p_folder => 'm1', p_manifest => true) AS list \gset
SELECT batch_id AS m1 FROM t.said \gset
SELECT t.take('{1}');
SELECT t.runner(t.manifest_sql(:'list', '{a.pdf,b.pdf,c.pdf}', '{A,NULL,C}', '{2,-1,1}'));
SELECT is((SELECT (state, expected)::text FROM work.batch WHERE batch_id = :'m1'), '(open,3)', 'a manifest is expected to be fulfilled');
SELECT is(t.state_of(:'list'), 'manifest', 'its file is no document');
SELECT t.admit(:'acme', 'A', 'a.pdf', p_folder => 'm1') AS ma \gset
SELECT t.admit(:'acme', 'B', 'b.pdf', p_folder => 'm1') AS mb \gset
SELECT is((SELECT state FROM work.batch WHERE batch_id = :'m1'), 'open', 'two of three: it waits');
SELECT t.admit(:'acme', 'C', 'c.pdf', p_folder => 'm1') AS mc \gset
SELECT is((SELECT (state, cause)::text FROM work.batch WHERE batch_id = :'m1'), '(closed,manifest)', 'three of three: it is complete');
SELECT is((SELECT count(*) FROM work.finding WHERE batch_id = :'m1'), 0::bigint, 'and nothing is wrong');
SELECT t.read(:'ma', '{0,0}');
SELECT is((SELECT count(*) FROM work.finding WHERE batch_id = :'m1'), 0::bigint, 'the right number of pages is no finding');
SELECT t.read(:'mc', '{0,0}');
SELECT is((SELECT (finding, file_id, entry, expected, found)::text FROM work.finding WHERE batch_id = :'m1'), format('(pages,%s,2,1,2)', :'mc'),
          'a wrong number of pages is');

-- everything that can be wrong, in one batch
SELECT t.admit(:'acme', 'P', 'p.pdf', p_folder => 'm2') AS mp \gset
SELECT batch_id AS m2 FROM t.said \gset
SELECT t.admit(:'acme', 'not Q', 'q.pdf', p_folder => 'm2') AS mq \gset
SELECT t.admit(:'acme', 'Z', 'z.pdf', p_folder => 'm2') AS mz \gset
SELECT t.admit(:'acme', 'list2', 'manifest.json', p_folder => 'm2', p_manifest => true) AS list2 \gset
SELECT t.take('{1}');
SELECT t.runner(t.manifest_sql(:'list2', '{p.pdf,q.pdf,r.pdf,s.pdf}', '{P,Q,NULL,NULL}', '{1,1,1,1}'));
SELECT is((SELECT count(*) FROM work.finding WHERE batch_id = :'m2'), 0::bigint, 'an open batch may still become right');
SELECT t.one('escriba_intake', format($$SELECT work.batch_done(%L, 'mixed', 'm2')$$, :'acme'));
SELECT results_eq(format($$SELECT finding, file_id, entry FROM ops.batch_findings(%L) ORDER BY 1, 3$$, :'m2'), format(
    $$VALUES ('hash', %L::uuid, 1), ('missing', NULL, 2), ('missing', NULL, 3), ('unexpected', %L::uuid, NULL)$$, :'mq', :'mz'),
    'missing, unexpected and other bytes are found when it closes');
SELECT t.runner(t.decode_sql(:'mp', 4));
SELECT is((SELECT (entry, expected, found)::text FROM work.finding WHERE batch_id = :'m2' AND finding = 'pages'), '(0,1,4)', 'pages when they are known');
SELECT is((SELECT count(*) FROM work.finding WHERE batch_id = :'m2'), 5::bigint, 'beside the others');
SELECT is(t.state('escriba_runner', format('SELECT work.commit_manifest(%L, %L, 0, %L, %L, %L)', :'acme', :'list2', '{}', '{}', '{}')), 'ES001',
          'a manifest is read under a lease');
SELECT t.admit(:'acme', 'list3', 'manifest.csv', p_folder => 'm3', p_manifest => true) AS list3 \gset
SELECT t.take('{1}');
SELECT is(t.state('escriba_runner', t.manifest_sql(:'list3', '{a,b}', '{NULL}', '{1,1}')), 'ES400', 'lists of one length');

-- an archive that holds what the manifest names
SELECT t.admit(:'acme', 'zip', 'all.zip', p_folder => 'm4') AS zip \gset
SELECT batch_id AS m4 FROM t.said \gset
SELECT t.admit(:'acme', 'list4', 'manifest.csv', p_folder => 'm4', p_manifest => true) AS list4 \gset
SELECT t.take('{1}');
SELECT t.runner(t.manifest_sql(:'list4', '{in1.pdf,in2.pdf}', '{NULL,NULL}', '{-1,-1}'));
SELECT is((SELECT state FROM work.batch WHERE batch_id = :'m4'), 'open', 'an archive alone does not fulfil a manifest');
SELECT gen_random_uuid() AS in1, gen_random_uuid() AS in2 \gset
SELECT t.runner(t.child_sql(:'zip', :'in1', 'in1.pdf'));
SELECT t.runner(format($$SELECT work.admit_part(%L, %L, 0, '\x01')$$, :'acme', :'in1'));
SELECT t.runner(format($$SELECT work.admit_done(%L, %L, 1)$$, :'acme', :'in1'));
SELECT t.runner(t.child_sql(:'zip', :'in2', 'in2.pdf'));
SELECT t.runner(format($$SELECT work.admit_part(%L, %L, 0, '\x02')$$, :'acme', :'in2'));
SELECT t.runner(format($$SELECT work.admit_done(%L, %L, 1)$$, :'acme', :'in2'));
SELECT t.runner(t.unpack_sql(:'zip', 2));
SELECT is((SELECT (state, cause)::text FROM work.batch WHERE batch_id = :'m4'), '(closed,manifest)', 'what is in it does');
SELECT is((SELECT count(*) FROM work.finding WHERE batch_id = :'m4'), 0::bigint, 'and the archive is not unexpected');
SELECT is((SELECT (state, reason, dropped)::text FROM work.file WHERE file_id = :'zip'), '(container,60,2)', 'what was dropped from it is said');
SELECT is((SELECT (parent_id, depth, batch_id, state)::text FROM work.file WHERE file_id = :'in1'), format('(%s,1,%s,waiting)', :'zip', :'m4'),
          'a file out of it is a file of the batch');
SELECT is(t.balance(), '', 'and every page and file has one place');
