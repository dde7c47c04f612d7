-- What the operator sees and does.
SELECT no_plan();

-- ---- clients and streams
SELECT gen_random_uuid() AS acme, gen_random_uuid() AS other \gset
SELECT is(t.state('escriba_operator', format('SELECT ops.client_add(%L, %L, %L, %L, %L, %L, %L, %L, %L)', x.id, x.name, 'T', 'client_1', x.key, x.sla, x.quiet, 30, 0)), x.state, x.what)
  FROM (VALUES (:'acme'::uuid, 'acme', decode(repeat('01', 32), 'hex'), 3600, 0, '', 'a client is added'),
    (:'other', 'acme', decode(repeat('01', 32), 'hex'), 3600, 0, 'ES409', 'its name is taken'), (:'acme', 'beta', decode(repeat('01', 32), 'hex'), 3600, 0, 'ES409', 'its identifier is taken'),
    (:'other', 'Beta', decode(repeat('01', 32), 'hex'), 3600, 0, 'ES400', 'no capitals in a folder'), (:'other', '../etc', decode(repeat('01', 32), 'hex'), 3600, 0, 'ES400', 'no path'),
    (:'other', '', decode(repeat('01', 32), 'hex'), 3600, 0, 'ES400', 'no nothing'), (:'other', repeat('a', 32), decode(repeat('01', 32), 'hex'), 3600, 0, 'ES400', 'not so long'),
    (:'other', 'a/b', decode(repeat('01', 32), 'hex'), 3600, 0, 'ES400', 'no slash'), (:'other', E'a\nb', decode(repeat('01', 32), 'hex'), 3600, 0, 'ES400', 'no second line'),
    (:'other', 'beta', '\x01', 3600, 0, 'ES400', 'a key of 32 bytes'), (:'other', 'beta', decode(repeat('01', 32), 'hex'), -5, 0, '23514', 'time to do the work'),
    (:'other', 'beta', decode(repeat('02', 32), 'hex'), NULL, NULL, '', 'with what is usual')) x(id, name, key, sla, quiet, state, what);
SELECT is(t.one('escriba_operator', $$SELECT string_agg(concat_ws(' ', client, title, state, delivery_role, sla_seconds, quiet_seconds, retention_days, clearance), ', ' ORDER BY client) FROM ops.clients()$$),
          'acme T active client_1 3600 0 30 0, beta T active client_1 86400 0 30 0', 'clients are listed');
SELECT is(t.one('escriba_operator', format('SELECT client_id FROM ops.client(%L)', x)), :'acme', 'one by ' || w) FROM (VALUES ('acme', 'name'), (:'acme', 'identifier'), (upper(:'acme'), 'identifier in capitals')) y(x, w);
SELECT is(t.state('escriba_operator', x), 'ES404', 'nobody of this name: ' || x) FROM unnest(ARRAY[$$SELECT * FROM ops.client('nobody')$$, $$SELECT ops.client_set('nobody', 1, 1, 1, 1)$$,
    $$SELECT ops.client_state('nobody', 'paused')$$, $$SELECT ops.stream_add('nobody', 'x', '', '')$$, $$SELECT * FROM ops.streams('nobody')$$, $$SELECT * FROM ops.batches('nobody', true)$$,
    $$SELECT * FROM ops.documents('nobody', NULL, NULL, 1)$$, $$SELECT * FROM ops.files('nobody', NULL, NULL, 1)$$, $$SELECT * FROM ops.balance('nobody')$$, $$SELECT * FROM ops.balance_problems('nobody')$$,
    $$SELECT * FROM ops.audit_heads('nobody')$$, $$SELECT ops.person_add('x', 'X', 'reviewer', 0, '', '{nobody}')$$]) x;
SELECT is(t.state('escriba_operator', $$SELECT ops.client_set('acme', NULL, 90, NULL, 2)$$), '', 'a client''s numbers are set');
SELECT is(t.one('escriba_operator', $$SELECT concat_ws(' ', sla_seconds, quiet_seconds, retention_days, clearance) FROM ops.client('acme')$$), '3600 90 30 2', 'those that are named');
SELECT is(t.state('escriba_operator', x), 'ES400', 'not: ' || x) FROM unnest(ARRAY[$$SELECT ops.client_set('acme', 0, NULL, NULL, NULL)$$, $$SELECT ops.client_set('acme', NULL, -1, NULL, NULL)$$,
    $$SELECT ops.client_set('acme', NULL, NULL, -1, NULL)$$, $$SELECT ops.client_state('acme', 'erased')$$, $$SELECT ops.client_state('acme', 'open')$$, $$SELECT ops.stream_add('acme', 'A', '', '')$$,
    $$SELECT ops.stream_add('acme', 'a/b', '', '')$$, $$SELECT ops.stream_add('acme', '..', '', '')$$, $$SELECT ops.stream_add('acme', 'a', '../form', '')$$, $$SELECT ops.person_add('', 'X', 'reviewer', 0, '', NULL)$$,
    $$SELECT ops.person_add(NULL, 'X', 'reviewer', 0, '', NULL)$$, $$SELECT ops.person_add('x', 'X', 'king', 0, '', NULL)$$]) x;
SELECT t.one('escriba_operator', $$SELECT ops.stream_add('acme', 'mixed', '', '')$$), t.one('escriba_operator', $$SELECT ops.stream_add('acme', 'invoice', 'invoice', 'es')$$), t.one('escriba_operator', $$SELECT ops.stream_add('beta', 'mixed', NULL, NULL)$$);
SELECT is(t.state('escriba_operator', $$SELECT ops.stream_add('acme', 'mixed', 'invoice', '')$$), 'ES409', 'a stream is there once');
SELECT is(t.one('escriba_operator', $$SELECT string_agg(concat_ws('/', client, stream, form, language, files), ' ') FROM ops.streams(NULL)$$), 'acme/invoice/invoice/es/0 acme/mixed///0 beta/mixed///0', 'streams are listed');
SELECT is(t.one('escriba_operator', $$SELECT streams FROM ops.client('acme')$$), 'invoice,mixed', 'with their client, too');

-- ---- persons
SELECT t.one('escriba_operator', $$SELECT ops.person_add('ana', 'Ana', 'reviewer', 3, 'es', '{beta,acme,beta}')$$) AS ana \gset
SELECT is(t.state('escriba_operator', $$SELECT ops.person_add('ana', 'Ana 2', 'senior', 3, 'es', NULL)$$), 'ES409', 'a system user is one person');
SELECT t.one('escriba_operator', $$SELECT ops.person_add('leo', NULL, 'senior', NULL, NULL, NULL)$$) AS leo \gset
SELECT is(t.one('escriba_operator', $$SELECT string_agg(concat_ws('/', system_user, name, role, clearance, language, clients), ' ') FROM ops.persons()$$), 'ana/Ana/reviewer/3/es/acme,beta leo/leo/senior/0//*', 'persons are listed');
SELECT is(t.state('escriba_operator', $$SELECT ops.person_close('ana')$$), '', 'a person leaves');
SELECT is(t.state('escriba_operator', $$SELECT ops.person_close('ana')$$), 'ES404', 'once');
SELECT is(t.state('escriba_operator', $$SELECT ops.person_add('ana', 'Ana', 'senior', 3, '', NULL)$$), '', 'and may come back as another');
SELECT is((SELECT string_agg(event, ' ' ORDER BY n) FROM work.audit WHERE client_id = '00000000-0000-0000-0000-000000000000'), 'person.added person.added person.closed person.added', 'which is in the chain of the house');

-- ---- batches, files, documents
SELECT t.one('escriba_operator', $$SELECT ops.client_set('acme', NULL, 0, NULL, 0)$$);
SELECT t.document(:'acme', 'f1', 3) AS d1 \gset
SELECT t.file_of(:'d1') AS f1, (SELECT batch_id FROM work.document WHERE document_id = :'d1') AS b \gset
SELECT t.admit(:'acme', 'f2') AS f2, t.admit(:'acme', 'f1', 'again') AS f3 \gset
SELECT t.admit(:'acme', 'f4') AS f4 \gset
SELECT t.take('{1}');
SELECT t.runner(t.refuse_sql(:'f4', 1, 0, 50));
SELECT is(t.one('escriba_operator', format('SELECT (state, files, pages, documents, in_work, in_review, delivered, rejected, other, findings, late)::text FROM ops.batch(%L)', :'b')), '(open,4,6,1,3,0,0,0,3,0,f)', 'a batch in numbers');
SELECT t.runner(t.document_sql(:'d1', 1, 72, NULL));
SELECT is(t.one('escriba_operator', format('SELECT (in_work, in_review)::text FROM ops.batch(%L)', :'b')), '(0,3)', 'pages that a person has');
UPDATE work.batch SET deadline = now() - interval '1 s' WHERE batch_id = :'b';
SELECT is(t.one('escriba_operator', format('SELECT late FROM ops.batch(%L)', :'b')), 'true', 'late');
SELECT is(t.one('escriba_operator', 'SELECT batches_late FROM ops.status()'), '1', 'which the status says');
SELECT is(t.state('escriba_operator', 'SELECT * FROM ops.batch(gen_random_uuid())'), 'ES404', 'no such batch');
SELECT is(t.one('escriba_operator', format($$SELECT string_agg(concat_ws('/', state, reason, pages, documents), ' ' ORDER BY state) FROM ops.batch_files(%L)$$, :'b')), 'duplicate/0/3/0 refused/50/0 separated/0/3/1 waiting/0/0', 'its files');
SELECT is(t.one('escriba_operator', format($$SELECT count(*) FROM ops.files('acme', 'duplicate', %L, 10)$$, :'b')), '1', 'files by state');
SELECT is(t.one('escriba_operator', $$SELECT count(*) FROM ops.files(NULL, NULL, NULL, 2)$$), '2', 'not more than asked for');
SELECT is(t.one('escriba_operator', $$SELECT count(*) FROM ops.files('beta', NULL, NULL, NULL)$$), '0', 'of one client');
SELECT is(t.one('escriba_operator', format($$SELECT (state, form, reason, doubtful, pages, version, client)::text FROM ops.document(%L)$$, :'d1')), '(review,invoice,72,2,3,1,acme)', 'a document');
SELECT is(t.one('escriba_operator', $$SELECT count(*) FROM ops.documents('acme', 'review', NULL, 10)$$), '1', 'documents by state');
SELECT is(t.state('escriba_operator', 'SELECT * FROM ops.document(gen_random_uuid())'), 'ES404', 'no such document');
SELECT is(t.one('escriba_operator', format($$SELECT string_agg(event, ' ' ORDER BY n) FROM ops.history(%L)$$, :'d1')), 'document.made document.review', 'its history');
SELECT is(t.one('escriba_operator', format($$SELECT string_agg(DISTINCT actor, ' ') FROM ops.history(%L)$$, :'f1')), 'escriba_intake escriba_runner', 'and who it was');
SELECT is(t.state('escriba_operator', 'SELECT * FROM ops.history(gen_random_uuid())'), 'ES404', 'no history of nothing');
SELECT is(t.one('escriba_operator', $$SELECT (clients, batches_open, files_waiting, pages_waiting, documents_waiting, deliveries_waiting, leased, in_review, set_aside, quarantined, pages_in, pages_delivered)::text FROM ops.status()$$),
          '(2,1,1,0,0,1,1,1,0,0,6,0)', 'the house in one line');

-- ---- set aside, retry, reopen
SELECT is(t.one('escriba_operator', format('SELECT ops.set_aside(%L, 84)', :'f2')), 'file', 'a file is put aside');
SELECT is((SELECT (state, reason)::text FROM work.file WHERE file_id = :'f2'), '(set_aside,84)', 'with a reason');
SELECT is((SELECT count(*) FROM work.step WHERE object_id = :'f2'), 0::bigint, 'nobody works on it, and nobody is told');
SELECT is(t.state('escriba_runner', t.decode_sql(:'f2', 1)), 'ES001', 'who did has lost it');
SELECT is(t.state('escriba_operator', format('SELECT ops.set_aside(%L, 84)', :'f2')), 'ES400', 'once');
SELECT is(t.one('escriba_operator', format('SELECT ops.set_aside(%L, 84)', :'d1')), 'document', 'a document under review is put aside');
SELECT is((SELECT (state, (SELECT count(*) FROM work.review))::text FROM work.document WHERE document_id = :'d1'), '(set_aside,0)', 'off the desk');
SELECT is(t.state('escriba_operator', format('SELECT ops.set_aside(%L, 84)', x)), s, w) FROM (VALUES (:'f4'::uuid, 'ES400', 'what is refused is not put aside'), (:'f1', 'ES400', 'nor a file whose documents are on their way'), (gen_random_uuid(), 'ES404', 'nor nothing')) y(x, s, w);
SELECT is(t.balance(), '', 'the balance holds');
SELECT is(t.one('escriba_operator', format('SELECT ops.retry(%L)', :'d1')), 'document', 'and tried again');
SELECT is((SELECT (state, version)::text FROM work.document WHERE document_id = :'d1'), '(work,1)', 'as the same version: nobody was told');
SELECT is(t.one('escriba_operator', format('SELECT ops.retry(%L)', :'f4')), 'file', 'a refused file is tried again');
SELECT is((SELECT (state, version)::text FROM work.file WHERE file_id = :'f4'), '(waiting,2)', 'as the next version: the client may have been told');
SELECT is((SELECT array_agg(unit) FROM work.step WHERE object_id = :'f4'), '{1}', 'and the refusal is not sent any more');
SELECT is(t.state('escriba_operator', format('SELECT ops.retry(%L)', x)), s, w) FROM (VALUES (:'f1'::uuid, 'ES400', 'what did not fail is not tried again'), (:'d1', 'ES400', 'nor what is in work'), (gen_random_uuid(), 'ES404', 'nor nothing')) y(x, s, w);
SELECT t.take();
SELECT t.runner(t.decode_sql(:'f4', 2)), t.take();
SELECT t.runner(t.page_sql(:'f4', '{0,1}')), t.take();
SELECT is((SELECT count(*) FROM work.document WHERE file_id = :'f4'), 1::bigint, 'and this time it is read');
SELECT is((SELECT state FROM work.document WHERE file_id = :'f4'), 'work', 'to the end');
-- a file that was put aside in the middle of its pages
SELECT t.one('escriba_operator', format('SELECT ops.retry(%L)', :'f2')), t.take();
SELECT t.runner(t.decode_sql(:'f2', 3)), t.take();
SELECT t.runner(t.page_sql(:'f2', '{1}', 1)), t.one('escriba_operator', format('SELECT ops.set_aside(%L, 84)', :'f2')), t.balance();
SELECT is(t.balance(), '', 'pages of a file that was put aside are put aside');
SELECT t.one('escriba_operator', format('SELECT ops.retry(%L)', :'f2')), t.take();
SELECT is(t.balance(), '', 'and in work when it is tried again');
SELECT is(t.state('escriba_runner', t.decode_sql(:'f2', 3)), '', 'it is decoded anew');
SELECT is((SELECT count(kind) FROM work.page WHERE file_id = :'f2'), 0::bigint, 'and no page counts as read');
SELECT t.take(), t.runner(t.page_sql(:'f2', '{0,1,2}')), t.take();
SELECT is(t.owners(:'f2'), '0 0 0', 'before it is');
SELECT is(t.balance(), '', 'the balance holds');
-- another number of pages the second time (a newer reader)
SELECT t.admit(:'other', 'g') AS g \gset
SELECT t.take(), t.runner(t.decode_sql(:'g', 3)), t.one('escriba_operator', format('SELECT ops.set_aside(%L, 84)', :'g')), t.one('escriba_operator', format('SELECT ops.retry(%L)', :'g')), t.take();
SELECT is(t.state('escriba_runner', t.decode_sql(:'g', 2)), '', 'a file that has fewer pages the second time');
SELECT is(t.balance(), '', 'has as many as it is said to have');
SELECT t.take(), t.runner(t.page_sql(:'g', '{0,1}'));
SELECT is(t.owners(:'g'), '0 0', 'each with its document');

-- pages the first time, an archive or a manifest the second
SELECT t.admit(:'other', 'g2') AS g2, t.admit(:'other', 'g3', p_manifest => true) AS g3 \gset
SELECT t.take(), t.runner(t.decode_sql(:'g2', 3)), t.runner(t.decode_sql(:'g3', 2));
SELECT t.one('escriba_operator', format('SELECT ops.set_aside(%L, 84)', x)), t.one('escriba_operator', format('SELECT ops.retry(%L)', x)) FROM unnest(ARRAY[:'g2', :'g3']::uuid[]) x;
SELECT t.take();
SELECT is(t.state('escriba_runner', t.unpack_sql(:'g2')), '', 'a file that is an archive the second time');
SELECT is(t.state('escriba_runner', t.manifest_sql(:'g3', '{g}', '{g}', '{2}')), '', 'or a manifest');
SELECT is(t.balance(), '', 'has no pages any more');
-- bytes that came again while their first file was put aside
SELECT t.admit(:'other', 'g4') AS g4 \gset
SELECT t.one('escriba_operator', format('SELECT ops.set_aside(%L, 84)', :'g4'));
SELECT t.admit(:'other', 'g4', 'again') AS g5 \gset
SELECT is((SELECT answer FROM t.said), 0, 'bytes that were put aside may come again');
SELECT is(t.state('escriba_operator', format('SELECT ops.retry(%L)', :'g4')), 'ES409', 'then the first is not tried again beside them');

SELECT t.runner(t.document_sql(:'d1', 0)), t.take(), t.runner(t.deliver_sql(:'d1', 5));
SELECT is(t.one('escriba_operator', format('SELECT seq FROM ops.document(%L)', :'d1')), '5', 'a delivered document has its number');
SELECT is(t.state('escriba_operator', format('SELECT ops.reopen(%L)', :'d1')), '', 'it is looked at again');
SELECT is((SELECT (state, version, must_review)::text FROM work.document WHERE document_id = :'d1'), '(work,2,t)', 'as the next version');
SELECT is(t.state('escriba_operator', format('SELECT ops.reopen(%L)', :'d1')), 'ES400', 'once');
SELECT is(t.state('escriba_operator', 'SELECT ops.reopen(gen_random_uuid())'), 'ES404', 'not nothing');
SELECT is(t.balance(), '', 'the balance holds');
SELECT t.take(), t.runner(t.document_sql(:'d1', 0));
SELECT is(t.state_of(:'d1'), 'review', 'the machine passes it, a person still looks');
SELECT is(t.one('escriba_desk', format('SELECT version FROM work.review_take(%L, %L, 60)', :'leo', :'d1')), '2', 'at version 2');
SELECT t.one('escriba_desk', format('SELECT work.review_done(%L, %L, %L, %s, ''\x01'', 0, 1)', :'leo', :'acme', :'d1', (SELECT token FROM work.review WHERE document_id = :'d1')));
SELECT t.take(), t.runner(t.document_sql(:'d1', 0)), t.take(), t.runner(t.deliver_sql(:'d1', 9));
SELECT is((SELECT array_agg((version, seq)::text ORDER BY version) FROM work.receipt WHERE object_id = :'d1'), '{"(1,5)","(2,9)"}', 'and the client has both');
SELECT is((SELECT array_agg(generation ORDER BY generation) FROM work.artifact WHERE object_id = :'d1' AND kind = 6), '{1,2}', 'both packages are kept');
SELECT is(t.balance(), '', 'the balance holds');

-- ---- numbers for machines
SELECT is(t.one('escriba_metrics', $$SELECT count(*) FROM ops.metrics() WHERE value IS NULL OR name !~ '^escriba_[a-z_]+$' OR (labels <> '' AND labels !~ '^([a-z_]+="[^"\\]*",?)+$')$$), '0', 'every metric has a name, labels and a value');
SELECT is(t.one('escriba_metrics', $$SELECT value FROM ops.metrics() WHERE name = 'escriba_documents' AND labels LIKE '%acme%delivered%'$$), '1', 'and they say how it is');
SELECT is(t.one('escriba_operator', 'SELECT ops.tick()'), '0', 'the operator may tick, too');
