-- Retention in the work database: what goes, what stays, and that nothing goes too early.
SELECT no_plan();
SELECT t.client('acme') AS acme, t.client('other') AS other \gset
-- What the client acknowledged, as the operator's command brings it: all numbers given, so many days ago.
CREATE FUNCTION pg_temp.erase(p_file uuid, p_seqs bigint[], p_days int, p_dry boolean DEFAULT false, p_digest text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT (pages, documents, bytes > 0)::text FROM ops.retention_erase(%L, %L, %L, %L, %L, %L)', t.owner(p_file), p_file, p_seqs,
                  ARRAY(SELECT t.tag(coalesce(p_digest, x::text)) FROM unnest(p_seqs) x),
                  ARRAY(SELECT floor(extract(epoch FROM clock_timestamp() - make_interval(days => p_days)))::bigint FROM unnest(p_seqs)), p_dry) $$;
CREATE FUNCTION pg_temp.told(p_object uuid, p_days int) RETURNS void LANGUAGE sql AS $$
    UPDATE work.receipt SET at = at - make_interval(days => p_days) WHERE object_id = p_object $$;
CREATE FUNCTION pg_temp.due(p_client uuid, p_after uuid DEFAULT NULL, p_most int DEFAULT 1000) RETURNS text LANGUAGE sql AS $$
    SELECT t.one('escriba_operator', format('SELECT string_agg(file_id || '' '' || seq, '', '') FROM ops.retention_due(%L, %L, %s)', p_client, p_after, p_most)) $$;
CREATE FUNCTION pg_temp.rest(p_client uuid, p_gone uuid[] DEFAULT '{}') RETURNS uuid[] LANGUAGE sql AS $$
    SELECT t.one('escriba_operator', format('SELECT array_agg(file_id ORDER BY file_id) FROM ops.retention_rest(%L, NULL, 1000, %L)', p_client, p_gone))::uuid[] $$;
CREATE FUNCTION pg_temp.sorted(p uuid[]) RETURNS uuid[] LANGUAGE sql AS $$ SELECT array_agg(x ORDER BY x) FROM unnest(p) x $$;
-- What of a client is left in a form that could be opened.
CREATE FUNCTION pg_temp.sealed(p_file uuid) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', (SELECT count(*) FROM work.blob_part WHERE file_id = p_file),
        (SELECT count(*) FROM work.artifact WHERE object_id = p_file OR object_id IN (SELECT document_id FROM work.document WHERE file_id = p_file)),
        (SELECT length(name) + length(wrapped) FROM work.file WHERE file_id = p_file),
        (SELECT count(wrapped) FROM work.document WHERE file_id = p_file)) $$;

-- ---- one file, two documents
SELECT t.admit(:'acme', 'f', p_parts => 2) AS f \gset
SELECT t.read(:'f', '{0 0 0 1,0 0 0 1,1}');
SELECT (t.documents(:'f'))[1] AS d1, (t.documents(:'f'))[2] AS d2, (SELECT batch_id FROM work.file WHERE file_id = :'f') AS batch \gset
SELECT t.take('{3}'), t.runner(t.document_sql(:'d1', 0)), t.take('{4}'), t.runner(t.deliver_sql(:'d1', 1));
SELECT pg_temp.told(:'d1', 40);
SELECT is(pg_temp.due(:'acme'), NULL, 'a file with a document in work is not due');
SELECT is(t.one('escriba_operator', pg_temp.erase(:'f', '{1}', 35)), NULL, 'and cannot be erased');
SELECT t.runner(t.document_sql(:'d2', 2, 70)), t.take('{4}');
SELECT is(t.one('escriba_operator', pg_temp.erase(:'f', '{1,2}', 35)), NULL, 'nor while its refusal is on the way');
SELECT t.runner(t.deliver_sql(:'d2', 2));
SELECT is(pg_temp.due(:'acme'), NULL, 'what was delivered today is not due');
SELECT pg_temp.told(:'d2', 40);
SELECT is(pg_temp.due(:'acme'), format('%s 1, %1$s 2', :'f'), 'what was told 40 days ago may be, with a result and a refusal');
SELECT is(pg_temp.due(:'acme', :'f'), NULL, 'after it there is nothing');
SELECT is(pg_temp.due(:'acme', NULL, 1), format('%s 1, %1$s 2', :'f'), 'a file is never cut in two');
SELECT is(pg_temp.due(:'other'), NULL, 'and it is one client''s');
SELECT is(t.one('escriba_operator', pg_temp.erase(:'f', x.seqs, x.days, false, x.digest)), NULL, x.what) FROM (VALUES
    ('{1}'::bigint[], 35, NULL, 'one of two was acknowledged: nothing goes'), ('{}', 35, NULL, 'none was'), (NULL, 35, NULL, 'nobody said'),
    ('{1,2}', 29, NULL, 'acknowledged 29 days ago, kept for 30'), ('{1,3}', 35, NULL, 'another number'),
    ('{1,2}', 35, 'x', 'what was acknowledged is not what we delivered')) x(seqs, days, digest, what);
SELECT is(pg_temp.sealed(:'f'), '2 7 82 2', 'all is still there');
CREATE TEMP TABLE before AS SELECT sum(n) AS n FROM work.audit_head;
SELECT is(t.one('escriba_operator', pg_temp.erase(:'f', '{1,2}', 31, true)), '(3,2,t)', 'a trial says what would go');
SELECT is((SELECT pg_temp.sealed(:'f') || ' ' || sum(n) FROM work.audit_head), (SELECT '2 7 82 2 ' || n FROM before), 'and changes nothing');
SELECT is(t.one('escriba_operator', pg_temp.erase(:'f', '{1,2}', 31)), '(3,2,t)', 'after its time it goes');
SELECT is(pg_temp.sealed(:'f'), '0 0 0 0', 'original, recipe, readings, fields, package, name and keys');
SELECT is(t.state_of(:'f') || ' ' || t.state_of(:'d1') || ' ' || t.state_of(:'d2'), 'erased erased erased', 'file and documents say so');
SELECT is((SELECT (pages, size, content_tag IS NOT NULL)::text FROM work.file WHERE file_id = :'f'), '(3,1000,t)', 'counts stay');
SELECT is((SELECT count(*) FROM work.receipt WHERE object_id IN (:'d1', :'d2')), 2::bigint, 'receipts stay');
SELECT is(t.balance(), '', 'the balance holds');
SELECT is((SELECT (arrived, delivered, rejected, blank, erased)::text FROM ops.balance('acme') WHERE unit = 'page'), '(3,0,0,0,3)', 'all three pages are erased, the blank one, too');
SELECT is((SELECT (pages, in_work, delivered, rejected, other)::text FROM ops.batch(:'batch')), '(3,0,0,0,3)', 'as their batch says');
SELECT is(t.events(:'f') || ', ' || t.events(:'d2'), 'file.admitted file.decoded page.read page.read page.read file.erased, document.made document.rejected refusal.delivered document.erased', 'the chain tells it');
SELECT cmp_ok((SELECT amount FROM work.audit WHERE file_id = :'f' AND event = 'file.erased'), '>', 150::bigint, 'with the bytes that went');
SELECT is(t.one('escriba_operator', pg_temp.erase(:'f', '{1,2}', 31)), NULL, 'a second time nothing goes');
SELECT is((SELECT sum(n) FROM work.audit_head), (SELECT n + 3 FROM before), 'and nothing is written down');
SELECT is(pg_temp.due(:'acme'), NULL, 'it is not due again');
SELECT is(t.state('escriba_operator', format('SELECT ops.%s(%L%s)', x, :'d1', CASE x WHEN 'set_aside' THEN ', 84' ELSE '' END)), 'ES400', x || ': too late') FROM unnest(ARRAY['reopen', 'retry', 'set_aside']) x;
SELECT is(t.state('escriba_operator', format('SELECT ops.retry(%L)', :'f')), 'ES400', 'the file cannot be tried again');
SELECT t.admit(:'acme', 'f') AS f2 \gset
SELECT is((SELECT answer FROM t.said), 0, 'the same bytes may come again');
SELECT t.one('escriba_operator', format('SELECT ops.set_aside(%L, 84)', :'f2'));
SELECT is(t.state('escriba_operator', format('SELECT * FROM ops.retention_erase(%L, gen_random_uuid(), NULL, NULL, NULL, false)', :'acme')), 'ES404', 'a file that is not there');
SELECT is(t.state('escriba_operator', format('SELECT * FROM ops.retention_erase(%L, %L, NULL, NULL, NULL, false)', :'other', :'f')), 'ES404', 'or another client''s');
SELECT is(t.one('escriba_operator', pg_temp.erase(:'f2', NULL, 99)), NULL, 'what was set aside waits for the operator');

-- ---- the next version counts, not the one before
SELECT t.document(:'other', 'v') AS v \gset
SELECT t.runner(t.document_sql(:'v', 0)), t.take('{4}'), t.runner(t.deliver_sql(:'v', 1));
SELECT t.one('escriba_operator', format('SELECT ops.reopen(%L)', :'v')), pg_temp.told(:'v', 50);
SELECT is(t.one('escriba_operator', pg_temp.erase(t.file_of(:'v'), '{1}', 40)), NULL, 'a document that was reopened stays');
SELECT t.take('{3}'), t.runner(t.document_sql(:'v', 2, 70)), t.take('{4}'), t.runner(t.deliver_sql(:'v', 2));
SELECT is(t.one('escriba_operator', pg_temp.erase(t.file_of(:'v'), '{1}', 40)), NULL, 'and the answer to the first version is none to the second');
SELECT is(t.one('escriba_operator', pg_temp.erase(t.file_of(:'v'), '{2}', 40)), '(1,1,t)', 'the answer to the second is');
SELECT is((SELECT count(*) FROM work.artifact WHERE object_id = :'v'), 0::bigint, 'the artifacts of both go');

-- ---- a file that was refused
SELECT t.admit(:'other', 'r', p_folder => 'r') AS r \gset
SELECT t.take('{1}'), t.runner(t.refuse_sql(:'r', 1, 0, 13));
SELECT is(t.one('escriba_operator', pg_temp.erase(:'r', NULL, 40)), NULL, 'a refusal that was not told keeps its file');
SELECT t.take('{4}'), t.runner(t.deliver_sql(:'r', 3));
SELECT is(t.one('escriba_operator', pg_temp.erase(:'r', '{3}', 40)), '(0,0,t)', 'acknowledged, the file goes');
SELECT is(t.balance(), '', 'the balance holds');
SELECT is(t.one('escriba_metrics', $$SELECT sum(value) FROM ops.metrics() WHERE name = 'escriba_refusals_total' AND labels LIKE '%other%'$$), '1', 'a refusal stays counted');

-- ---- what owes nothing: an archive of two, the same bytes again, a manifest, blank pages
SELECT t.admit(:'other', 'zip', p_folder => 'b') AS zip, gen_random_uuid() AS c1, gen_random_uuid() AS c2 \gset
SELECT t.take('{1}');
SELECT is(t.state('escriba_runner', format('DO $x$ BEGIN PERFORM %1$s; PERFORM %2$s; PERFORM work.admit_part(%3$L, x, 0, %4$L), work.admit_done(%3$L, x, 1) FROM unnest(%5$L::uuid[]) x; PERFORM %6$s; END $x$',
    substr(t.child_sql(:'zip', :'c1', 'c1'), 8), substr(t.child_sql(:'zip', :'c2', 'c2'), 8), :'other', '\x01', ARRAY[:'c1', :'c2'], substr(t.unpack_sql(:'zip'), 8))), '', 'an archive of two files');
SELECT t.admit(:'other', 'blank', p_folder => 'b') AS blank, t.admit(:'other', 'list', p_folder => 'b', p_manifest => true) AS list \gset
SELECT t.take('{1}'), t.runner(t.decode_sql(:'c1', 1)), t.runner(t.decode_sql(:'c2', 1)), t.runner(t.decode_sql(:'blank', 2));
SELECT t.runner(t.manifest_sql(:'list', '{c1,c2,blank,dup,late}', '{NULL,NULL,NULL,NULL,NULL}', '{-1,-1,-1,-1,-1}'));
SELECT t.take('{2}'), t.runner(t.page_sql(:'c1', '{0}')), t.runner(t.page_sql(:'blank', '{0,1}', 1));
SELECT t.admit(:'other', 'blank', 'dup', p_folder => 'b') AS dup \gset
SELECT pg_temp.sorted(ARRAY[:'zip', :'list', :'blank', :'dup']::uuid[]) AS rest, (SELECT batch_id FROM work.file WHERE file_id = :'zip') AS batch \gset
SELECT is((SELECT (count(*), min(state))::text FROM work.file WHERE batch_id = :'batch' AND state IN ('container', 'manifest', 'duplicate', 'separated')), '(5,container)', 'all are in one batch');
UPDATE work.file SET changed_at = changed_at - interval '31 days' WHERE file_id = :'dup';
SELECT is(pg_temp.rest(:'other'), NULL, 'while something of their batch is in work none goes, however old');
SELECT t.runner(t.page_sql(:'c2', '{0}')), t.take('{3}');
SELECT t.runner(t.document_sql((t.documents(x))[1], 0)) FROM unnest(ARRAY[:'c1', :'c2']::uuid[]) x;
SELECT t.take('{4}'), t.runner(t.deliver_sql((t.documents(:'c1'))[1], 4)), t.runner(t.deliver_sql((t.documents(:'c2'))[1], 5));
SELECT is(pg_temp.rest(:'other'), ARRAY[:'dup']::uuid[], 'then by age');
SELECT is(pg_temp.rest(:'other', ARRAY[:'c1', :'c2']::uuid[]), :'rest'::uuid[], 'or when all that was owed is gone, as a trial can ask');
SELECT is(t.one('escriba_operator', pg_temp.erase(:'c1', '{4}', 31)), '(1,1,t)', 'one of the archive goes');
SELECT is(pg_temp.rest(:'other'), ARRAY[:'dup']::uuid[], 'the archive waits for the other');
SELECT is(t.one('escriba_operator', pg_temp.erase(:'c2', '{5}', 31)), '(1,1,t)', 'which goes');
SELECT is(pg_temp.rest(:'other'), :'rest'::uuid[], 'and now the rest');
SELECT is(t.one('escriba_operator', pg_temp.erase(x, NULL, 0)) IS NOT NULL, true, 'goes') FROM unnest(:'rest'::uuid[]) x;
SELECT is(pg_temp.rest(:'other'), NULL, 'once');
SELECT is((SELECT string_agg(pg_temp.sealed(x), ', ') FROM unnest(:'rest'::uuid[]) x), '0 0 0 0, 0 0 0 0, 0 0 0 0, 0 0 0 0', 'nothing is left of it');
SELECT is(t.balance(), '', 'the balance holds');
SELECT is((SELECT (arrived, duplicate, blank, containers, erased)::text FROM ops.balance('other') WHERE unit = 'file'), '(8,0,0,0,8)', 'for files');
SELECT is((SELECT (pages, in_work, delivered, other)::text FROM ops.batch(:'batch')), '(6,0,0,6)', 'and in their batch');
SELECT is((SELECT state FROM work.batch WHERE batch_id = :'batch'), 'open', 'which still waits for a file that its list names');
SELECT t.admit(:'other', 'late', p_folder => 'b');
SELECT is((SELECT (state, cause)::text FROM work.batch WHERE batch_id = :'batch'), '(closed,manifest)', 'and closes with it');
SELECT is_empty(format('SELECT * FROM work.finding WHERE batch_id = %L', :'batch'), 'as complete');

-- ---- a client that keeps nothing
SELECT t.one('escriba_operator', $$SELECT ops.client_set('acme', NULL, NULL, 0, NULL)$$);
SELECT t.document(:'acme', 'now') AS now \gset
SELECT t.runner(t.document_sql(:'now', 0)), t.take('{4}'), t.runner(t.deliver_sql(:'now', 3));
SELECT is(pg_temp.due(:'acme'), t.file_of(:'now') || ' 3', 'with a retention of no days');
SELECT is(t.one('escriba_operator', pg_temp.erase(t.file_of(:'now'), '{3}', 0)), '(1,1,t)', 'it goes as soon as it is acknowledged');
SELECT is(t.balance(), '', 'the balance holds');
-- every row of the chains follows from the one before
SELECT is_empty($$ SELECT 1 FROM (SELECT prev, lag(hash) OVER (PARTITION BY client_id ORDER BY n) AS last FROM work.audit) x WHERE last IS NOT NULL AND last <> prev $$, 'the chains are whole');
