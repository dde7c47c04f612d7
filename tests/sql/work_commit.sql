-- What a step makes is kept with the next steps, all of it or nothing; and which pages become which documents.
SELECT no_plan();
SELECT t.client('acme', '{mixed,invoice:invoice:}') AS acme, t.client('beta') AS beta \gset

-- ---- unpack
SELECT t.admit(:'acme', 'zip') AS zip \gset
SELECT gen_random_uuid() AS c1, gen_random_uuid() AS c2, gen_random_uuid() AS c3 \gset
SELECT t.take('{1}');
SELECT is(t.one('escriba_runner', t.child_sql(:'zip', :'c1', 'inner')), '0', 'a file out of an archive is taken like any other');
SELECT is(t.state('escriba_runner', format($$SELECT work.admit_part(%L, %L, 0, '\x01')$$, :'acme', :'c1')), '', 'with its parts');
SELECT is(t.state('escriba_runner', format($$SELECT work.admit_done(%L, %L, 1)$$, :'acme', :'c1')), '', 'to the end');
SELECT is(t.one('escriba_runner', t.child_sql(:'zip', :'c2', 'inner')), '1', 'twice in one archive: the second is a duplicate');
SELECT is(t.state('escriba_runner', t.unpack_sql(:'zip')), '', 'the archive is done with');
SELECT is((SELECT (state, reason)::text FROM work.file WHERE file_id = :'zip'), '(container,0)', 'it has no pages of its own');
SELECT is(t.state('escriba_runner', t.unpack_sql(:'zip')), 'ES001', 'and is done with once');
SELECT is((SELECT count(*) FROM work.step WHERE file_id = :'c1' AND unit = 1), 1::bigint, 'what came out of it waits');
SELECT t.take('{1}');
SELECT is(t.one('escriba_runner', t.child_sql(:'c1', :'c3', 'deeper')), '0', 'an archive in an archive');
SELECT is((SELECT depth FROM work.file WHERE file_id = :'c3'), 2, 'lies deeper');
SELECT t.runner(format($$SELECT work.admit_part(%L, %L, 0, '\x01')$$, :'acme', :'c3')), t.runner(format($$SELECT work.admit_done(%L, %L, 1)$$, :'acme', :'c3')),
       t.runner(t.unpack_sql(:'c1'));
SELECT is((SELECT amount FROM work.audit WHERE file_id = :'zip' AND event = 'file.unpacked'), 2::bigint, 'how many came out of it is written down');

-- ---- decode
SELECT t.admit(:'acme', 'f') AS f \gset
SELECT t.take('{1}');
SELECT is(t.state('escriba_runner', t.decode_sql(:'f', x)), 'ES400', x || ' pages are not possible') FROM unnest(ARRAY[0, -1, 2001]) x;
SELECT is(t.state('escriba_runner', replace(t.decode_sql(:'f', 777), ', 777, 3', ', NULL, 3')), 'ES400', 'nor an unknown number');
SELECT is((SELECT count(*) FROM work.step WHERE object_id = :'f' AND token = t.token(:'f', 1)), 1::bigint, 'and cost nothing: the lease is still held');
SELECT is(t.state('escriba_runner', t.decode_sql(:'f', 3)), '', 'three are');
SELECT is((SELECT (state, pages, unread, format)::text FROM work.file WHERE file_id = :'f'), '(reading,3,3,3)', 'the file is being read');
SELECT is((SELECT array_agg(page ORDER BY step_id) FROM work.step WHERE object_id = :'f' AND unit = 2), '{0,1,2}', 'its pages in their order');
SELECT is((SELECT sealed_hash FROM work.audit WHERE file_id = :'f' AND event = 'file.decoded'), sha256('\x0a0b'), 'the recipe''s hash is in the chain');
SELECT is(t.balance(), '', 'the balance holds');

-- ---- pages
SELECT t.take('{2}');
SELECT is(t.state('escriba_runner', t.page_sql(:'f', '{2}')), '', 'a page is read, the last first');
SELECT is((SELECT (kind, width, height, words)::text FROM work.page WHERE file_id = :'f' AND page = 2), '(0,2480,3508,300)', 'its facts are kept');
SELECT is((SELECT sealed FROM work.artifact WHERE object_id = :'f' AND kind = 4 AND page = 2), t.tag(:'f' || '2'), 'and what was read');
SELECT is((SELECT (page, code, amount, sealed_hash = sha256(t.tag(:'f' || '2')))::text FROM work.audit WHERE file_id = :'f' AND event = 'page.read'),
          '(2,0,300,t)', 'its hash is in the chain');
SELECT is(t.state('escriba_runner', t.page_sql(:'f', '{2}')), 'ES001', 'once');
SELECT is(t.state('escriba_runner', t.page_sql(:'f', '{0,2}')), 'ES001', 'of many, one lost lease');
SELECT is((SELECT (unread, (SELECT count(*) FROM work.step WHERE object_id = :'f'), (SELECT count(kind) FROM work.page WHERE file_id = :'f'))::text
             FROM work.file WHERE file_id = :'f'), '(2,2,1)', 'keeps all of them out');
SELECT is(t.state('escriba_runner', t.page_sql(:'f', '{1,1}')), 'ES001', 'nor the same page twice at once');
SELECT is(t.state('escriba_runner', replace(t.page_sql(:'f', '{0,1}'), $$'{2480,2480}'$$, x)), 'ES400', 'lists of one length, not ' || x) FROM unnest(ARRAY[$$'{2480}'$$, $$'{2480,2480,2480}'$$, 'NULL']) x;
SELECT is(t.state('escriba_runner', replace(t.page_sql(:'f', '{0,1}'), $$, '{0,0}', '{0,0}', '{0,0}', '{0,0}', '{2480$$, $$, '{0,NULL}', '{0,0}', '{0,0}', '{0,0}', '{2480$$)), 'ES400', 'a page that is read has a kind');
SELECT is(t.documents(:'f'), NULL, 'no document while a page is missing');
SELECT is(t.state('escriba_runner', t.page_sql(:'f', '{0,1}')), '', 'two at once');
SELECT is((SELECT (state, unread)::text FROM work.file WHERE file_id = :'f'), '(separated,0)', 'and the file is read');
SELECT is(t.owners(:'f'), '0 0 0', 'three pages that say nothing are one document');
SELECT (t.documents(:'f'))[1] AS d \gset
SELECT is((SELECT (state, version, pages, batch_id)::text FROM work.document WHERE document_id = :'d'), (SELECT format('(work,1,3,%s)', batch_id) FROM work.file WHERE file_id = :'f'),
          'which has work to be done');
SELECT is(t.events(:'d'), 'document.made', 'and is written down');
-- many files and clients in one commit
SELECT t.admit(:'acme', 'm1') AS m1, t.admit(:'beta', 'm2') AS m2 \gset
SELECT t.take('{1}');
SELECT t.runner(t.decode_sql(:'m1', 1)), t.runner(t.decode_sql(:'m2', 2));
SELECT t.take('{2}');
SELECT is(t.state('escriba_runner', format('SELECT work.commit_pages(%L, %L, ''{0,0,1}'', %L, ''{0,0,0}'', ''{0,0,0}'', ''{0,0,0}'', ''{0,0,0}'', ''{1,1,1}'', ''{1,1,1}'', ''{0,0,0}'', ''{5,6,7}'', ''{0,0,0}'', ''{"","",""}'', ''{0,0,0}'', ''{"\\x01","\\x02","\\x03"}'')',
    ARRAY[:'acme', :'beta', :'beta'], ARRAY[:'m1', :'m2', :'m2'], ARRAY[t.token(:'m1', 2, 0), t.token(:'m2', 2, 0), t.token(:'m2', 2, 1)])), '', 'pages of two clients in one commit');
SELECT is((SELECT string_agg(format('%s %s', client_id = :'acme', amount), ', ' ORDER BY client_id = :'acme', n) FROM work.audit WHERE event = 'page.read' AND file_id IN (:'m1', :'m2')),
          'f 6, f 7, t 5', 'each in its own client''s chain');
SELECT is((SELECT array_agg(state ORDER BY state) FROM work.file WHERE file_id IN (:'m1', :'m2')), '{separated,separated}', 'and both files are read');
SELECT is(t.balance(), '', 'the balance holds');

-- ---- which pages become which documents: pages as "kind k n start form", owners in order
CREATE TEMP TABLE separation (what text, pages text[], owners text);
INSERT INTO separation VALUES
    ('one page',                                         '{0}', '0'),
    ('pages that say nothing go together',               '{0,0,0,0}', '0 0 0 0'),
    ('a blank page belongs to nobody',                   '{0,1,0}', '0 - 0'),
    ('nothing but blank pages: no document',             '{1,1}', '- -'),
    ('blank at both ends',                               '{1,0,0,1}', '- 0 0 -'),
    ('a separator sheet divides',                        '{0,2,0}', '0 - 1'),
    ('two separator sheets divide once',                 '{0,2,2,0}', '0 - - 1'),
    ('a batch separator divides, too',                   '{0,3,0,0}', '0 - 1 1'),
    ('separator first and last',                         '{2,0,0,2}', '- 0 0 -'),
    ('blank after a separator',                          '{0,2,1,0}', '0 - - 1'),
    ('page 1 of n begins',                               '{"0 1 2","0 2 2","0 1 1","0 1 3","0 2 3","0 3 3"}', '0 0 1 2 2 2'),
    ('page 1 begins even when the one before had more to come', '{"0 1 3","0 2 3","0 1 2","0 2 2"}', '0 0 1 1'),
    ('after page n of n a page that says nothing begins','{"0 1 2","0 2 2","0","0"}', '0 0 1 1'),
    ('after page 1 of 1 as well',                        '{"0 1 1","0","0"}', '0 1 1'),
    ('a blank does not hide that',                       '{"0 1 2","0 2 2","1","0"}', '0 0 - 1'),
    ('before page n of n it goes on',                    '{"0 1 3","0","0 3 3"}', '0 0 0'),
    ('page 2 without its page 1 goes on with what is open', '{0,"0 2 2",0}', '0 0 1'),
    ('page 2 as the first page begins all the same',     '{"0 2 3","0 3 3","0"}', '0 0 1'),
    ('a start of 0.5 begins',                            '{"0 0 0 0.5","0 0 0 0.5","0 0 0 0.49"}', '0 1 1'),
    ('a start does not break page 2 of 2',               '{"0 1 2 0.9","0 2 2 0.9","0 0 0 0.9"}', '0 0 1'),
    ('a fixed form begins with each page',               '{"0 0 0 0 cms1500","0 0 0 0 cms1500","0 0 0 0 cms1500"}', '0 1 2'),
    ('but not when it says page 2 of 2',                 '{"0 1 2 0 w2","0 2 2 0 w2","0 0 0 0 w2"}', '0 0 1'),
    ('an attachment goes with the form before it',       '{"0 0 0 0 ub04","0","0 0 0 0 ub04","0"}', '0 0 1 1');
CREATE FUNCTION pg_temp.separated(p_client uuid, p_what text, p_pages text[]) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_file uuid := t.admit(p_client, p_what);
BEGIN
    PERFORM t.read(v_file, p_pages);
    RETURN t.owners(v_file);
END $$;
SELECT is(pg_temp.separated(:'acme', what, pages), owners, what) FROM separation;
SELECT is((SELECT count(*) FROM work.document d WHERE d.pages <> (SELECT count(*) FROM work.page p WHERE p.document_id = d.document_id)
            OR d.pages <> (SELECT max(p.doc_page) + 1 FROM work.page p WHERE p.document_id = d.document_id)), 0::bigint, 'pages of a document count from 0 without gaps');
SELECT is((SELECT count(*) FROM work.document d WHERE NOT EXISTS (SELECT 1 FROM work.step s WHERE s.object_id = d.document_id AND s.unit = 3)), 0::bigint,
          'each document has its step');
SELECT is(t.balance(), '', 'no page is lost by it');
-- read from the end: the same
SELECT t.admit(:'acme', 'backwards') AS back \gset
SELECT t.take('{1}'), t.runner(t.decode_sql(:'back', 3)), t.take('{2}');
SELECT t.runner(t.page_sql(:'back', '{2}')), t.runner(t.page_sql(:'back', '{1}', 2)), t.runner(t.page_sql(:'back', '{0}'));
SELECT is(t.owners(:'back'), '0 - 1', 'the order in which pages are read does not matter');

-- ---- documents
SELECT t.document(:'acme', 'invoice 1', 2, 'invoice') AS d1 \gset
SELECT is((SELECT (hint, pages, document_wrapped IS NULL)::text FROM t.lease WHERE object_id = :'d1'), '(invoice,2,t)', 'the stream says which form');
SELECT is(t.one('escriba_runner', format('SELECT string_agg(file_page::text, '','') FROM work.load_pages(%L, %L, 3, 0, %s)', :'acme', :'d1', t.token(:'d1', 3))), '0,1', 'its pages');
SELECT is(t.one('escriba_runner', format('SELECT work.load(%L, %L, 3, 0, %s, 4, 1)', :'acme', :'d1', t.token(:'d1', 3))), t.tag(t.file_of(:'d1') || '1')::text, 'what was read on them');
SELECT is(t.state('escriba_runner', t.document_sql(:'d1', 0, 0, NULL)), 'ES400', 'a document that passes has a package');
SELECT is(t.state('escriba_runner', t.document_sql(:'d1', 0, 0, '')), 'ES400', 'with something in it');
SELECT is(t.state('escriba_runner', t.document_sql(:'d1', 0)), '', 'then it passes');
SELECT is((SELECT (state, form, fields, doubtful, expected_errors, wrapped = t.key())::text FROM work.document WHERE document_id = :'d1'), '(passed,invoice,12,2,0.25,t)', 'and it is said what it is');
SELECT is((SELECT array_agg((kind, generation)::text ORDER BY kind) FROM work.artifact WHERE object_id = :'d1'), '{"(5,1)","(6,1)"}', 'fields and package are kept');
SELECT is(t.state('escriba_runner', t.document_sql(:'d1', 0)), 'ES001', 'once');
SELECT is(t.take('{4}'), 1::bigint, 'it is to be delivered');
SELECT is(t.one('escriba_runner', format('SELECT work.load(%L, %L, 4, 0, %s, 6, 0)', :'acme', :'d1', t.token(:'d1', 4))), '\xfeed', 'its package');
SELECT is(t.state('escriba_runner', t.deliver_sql(:'d1', 17)), '', 'it is delivered');
SELECT is((SELECT (state, (SELECT (kind, seq, version)::text FROM work.receipt WHERE object_id = :'d1'))::text FROM work.document WHERE document_id = :'d1'),
          '(delivered,"(result,17,1)")', 'under this number');
SELECT is((SELECT (event, amount, sealed_hash = t.tag('17'))::text FROM work.audit WHERE document_id = :'d1' ORDER BY n DESC LIMIT 1), '(document.delivered,17,t)', 'which is in the chain with its hash');
SELECT is(t.state('escriba_runner', t.deliver_sql(:'d1', 18)), 'ES001', 'once');

SELECT t.document(:'acme', 'invoice 2') AS d2 \gset
SELECT is(t.state('escriba_runner', t.document_sql(:'d2', 1, 75, NULL)), '', 'a document that a person must see');
SELECT is((SELECT (state, reason)::text FROM work.document WHERE document_id = :'d2'), '(review,75)', 'waits for one');
SELECT is((SELECT (version, reason, token)::text FROM work.review WHERE document_id = :'d2'), '(1,75,)', 'in the queue of the desk');
SELECT is((SELECT count(*) FROM work.step WHERE object_id = :'d2'), 0::bigint, 'and in no other');
SELECT t.document(:'acme', 'invoice 3') AS d3 \gset
SELECT is(t.state('escriba_runner', t.document_sql(:'d3', 2, 71, NULL)), '', 'a document that is rejected');
SELECT is((SELECT (state, reason)::text FROM work.document WHERE document_id = :'d3'), '(rejected,71)', 'is rejected');
SELECT t.take('{4}'), t.runner(t.deliver_sql(:'d3', 18));
SELECT is((SELECT (kind, seq)::text FROM work.receipt WHERE object_id = :'d3'), '(refusal,18)', 'and the client is told');
SELECT is(t.state_of(:'d3'), 'rejected', 'being told does not change it');

-- a key of its own, for ever
SELECT t.document(:'acme', 'invoice 4') AS d4 \gset
UPDATE work.document SET wrapped = t.key() WHERE document_id = :'d4';
SELECT is(t.state('escriba_runner', t.document_sql(:'d4', 0, p_wrapped => '\x0102')), 'ES409', 'a document''s key is not replaced');
SELECT is(t.state('escriba_runner', t.document_sql(:'d4', 0, p_wrapped => NULL)), '', 'nor need it be sent again');
SELECT is((SELECT wrapped FROM work.document WHERE document_id = :'d4'), t.key(), 'it stays');
-- a refusal in a document step
SELECT t.document(:'acme', 'invoice 5') AS d5 \gset
SELECT is(t.state('escriba_runner', t.refuse_sql(:'d5', 3, 0, 39)), '', 'a document can be refused');
SELECT is((SELECT (state, reason)::text FROM work.document WHERE document_id = :'d5'), '(rejected,39)', 'without its file');
SELECT is(t.balance(), '', 'the balance holds');
