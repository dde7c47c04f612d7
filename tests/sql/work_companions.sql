-- E-invoices: a companion meets its pages whatever comes first, is heard by their document, counted once, and refused alone.
SELECT no_plan();
SELECT t.client('acme', '{mixed}') AS acme, t.client('beta') AS beta \gset

-- A file with a stem, as intake sends it.
CREATE FUNCTION t.send(p_client uuid, p_name text, p_content text DEFAULT NULL, p_folder text DEFAULT '') RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    v_file CONSTANT uuid := gen_random_uuid();
    v_content CONSTANT text := coalesce(p_content, p_name || clock_timestamp());
    v_answer int;
BEGIN
    PERFORM t.become('escriba_intake');
    SELECT a.answer INTO v_answer FROM work.admit(p_client, v_file, 'mixed', p_folder, t.tag(v_content), t.tag(p_name), NULL,
        '\xbeef', 1000, 1040, false, t.key(), t.tag('stem' || split_part(p_name, '.', 1)), p_name LIKE '%.xml') a;
    IF v_answer = 0 THEN
        PERFORM work.admit_part(p_client, v_file, 0, '\xaa');
        PERFORM work.admit_done(p_client, v_file, 1);
    END IF;
    PERFORM t.home();
    RETURN v_file;
END $$;
CREATE FUNCTION t.companion_sql(p_file uuid, p_token bigint DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT work.commit_companion(%L, %L, %s, ''\x1a2b'')', t.owner(p_file), p_file,
                  coalesce(p_token, t.token(p_file, 1), 0)) $$;
CREATE FUNCTION t.companion(p_file uuid) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM t.take('{1}');
    RETURN t.one('escriba_runner', t.companion_sql(p_file));
END $$;
-- What the document step of a file is told: "companion" or "own" for each witness, "waits".
CREATE FUNCTION t.heard(p_file uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_document CONSTANT uuid := (t.documents(p_file))[1];
BEGIN
    PERFORM t.take('{3}');
    RETURN coalesce(t.one('escriba_runner', format(
        'SELECT string_agg(CASE WHEN w.waits THEN ''waits'' WHEN w.file_id = %L THEN ''own'' ELSE ''companion'' END, '' '' ORDER BY 1)
           FROM work.load_witnesses(%L, %L, 3, 0, %s) w', p_file, t.owner(p_file), v_document, t.token(v_document, 3))), '');
END $$;

-- ---- pages first
SELECT t.send(:'acme', 'one.pdf') AS pages \gset
SELECT t.read(:'pages', '{0}');
SELECT t.send(:'acme', 'one.xml') AS xml \gset
SELECT is(t.heard(:'pages'), 'waits', 'an e-invoice that was admitted and is not read yet is waited for');
SELECT t.runner(t.release_sql((t.documents(:'pages'))[1], 3, 0, 0));
SELECT is(t.companion(:'xml'), 'paired', 'it is paired with pages that were read before it');
SELECT is(t.state_of(:'xml'), 'companion', 'it is a companion');
SELECT is(t.heard(:'pages'), 'companion', 'and their document hears it');
SELECT is(t.events(:'xml'), 'file.admitted file.witness file.companion', 'all of it is written down');
SELECT is((SELECT place FROM work.file_places(:'acme') WHERE file_id = :'xml'), 'containers', 'it counts as a container, not as a page');
SELECT is(t.balance(), '', 'the balance holds');

-- ---- e-invoice first
SELECT t.send(:'acme', 'two.xml') AS xml2 \gset
SELECT is(t.companion(:'xml2'), 'waits', 'an e-invoice whose pages have not come waits');
SELECT is((SELECT place FROM work.file_places(:'acme') WHERE file_id = :'xml2'), 'in_work', 'in work');
SELECT is(t.balance(), '', 'and has its place');
SELECT t.send(:'acme', 'two.tif') AS pages2 \gset
SELECT t.read(:'pages2', '{0}');
SELECT is((SELECT companion_of FROM work.file WHERE file_id = :'xml2'), :'pages2'::uuid, 'its pages find it when they are decoded');
SELECT is(t.heard(:'pages2'), 'companion', 'and hear it');

-- ---- a second pair of the same name in the same batch goes together
SELECT t.send(:'acme', 'two.xml') AS xml3 \gset
SELECT is(t.companion(:'xml3'), 'waits', 'a name that comes again does not find pages that have one already');
SELECT t.send(:'acme', 'two.pdf') AS pages3 \gset
SELECT t.read(:'pages3', '{0}');
SELECT is((SELECT companion_of FROM work.file WHERE file_id = :'xml3'), :'pages3'::uuid, 'but the next of that name');

-- ---- alone
SELECT t.send(:'acme', 'three.xml') AS lone \gset
SELECT is(t.companion(:'lone'), 'waits', 'one more waits');
SELECT t.send(:'acme', 'late.xml') AS unread \gset
SELECT t.take('{1}');
SELECT t.one('escriba_intake', format('SELECT work.batch_done(%L, ''mixed'', '''')', :'acme'));
SELECT is((SELECT (state, reason)::text FROM work.file WHERE file_id = :'lone'), '(refused,21)', 'it is refused when its batch closes');
SELECT is((SELECT count(*) FROM work.step WHERE object_id = :'lone' AND unit = 4), 1::bigint, 'and the client is told');
SELECT is(t.one('escriba_runner', t.companion_sql(:'unread')), 'refused', 'one that is read after the batch closed is refused at once');
SELECT is((SELECT state FROM work.file WHERE file_id = :'xml'), 'companion', 'those that were paired stay');
SELECT is(t.balance(), '', 'the balance holds');
SELECT t.send(:'acme', 'three.xml', p_folder => 'again') AS again \gset
SELECT is(t.state_of(:'again'), 'waiting', 'the same XML may come again: a companion is no duplicate');

-- ---- pages that went on without it
SELECT t.send(:'acme', 'four.pdf', p_folder => 'f') AS pages4 \gset
SELECT t.read(:'pages4', '{0}');
SELECT t.take('{3}');
SELECT t.runner(t.document_sql((t.documents(:'pages4'))[1], 1, 72));
SELECT is(t.state_of((t.documents(:'pages4'))[1]), 'review', 'a document waits for a person');
SELECT t.send(:'acme', 'four.xml', p_folder => 'f') AS xml4 \gset
SELECT is(t.companion(:'xml4'), 'paired', 'an e-invoice that comes now is heard');
SELECT is(t.state_of((t.documents(:'pages4'))[1]), 'work', 'for the document is done again');
SELECT is(t.heard(:'pages4'), 'companion', 'with it');
SELECT t.runner(t.document_sql((t.documents(:'pages4'))[1], 0));
SELECT t.send(:'acme', 'five.pdf', p_folder => 'f') AS pages5 \gset
SELECT t.read(:'pages5', '{0}');
SELECT t.take('{3}');
SELECT t.runner(t.document_sql((t.documents(:'pages5'))[1], 0));
SELECT t.send(:'acme', 'five.xml', p_folder => 'f') AS xml5 \gset
SELECT is(t.companion(:'xml5'), 'refused', 'one that comes when its document has passed is refused');
SELECT is(t.balance(), '', 'the balance holds');

-- ---- several documents in one file: it speaks for none
SELECT t.send(:'acme', 'six.pdf', p_folder => 'g') AS pages6, t.send(:'acme', 'six.xml', p_folder => 'g') AS xml6 \gset
SELECT t.take('{1}');
SELECT t.one('escriba_runner', t.companion_sql(:'xml6'));
SELECT t.runner(t.decode_sql(:'pages6', 2));
SELECT t.take('{2}');
SELECT t.runner(t.page_sql(:'pages6', '{0,1}', p_start => 0.9));
SELECT is(cardinality(t.documents(:'pages6')), 2, 'two documents');
SELECT is(t.heard(:'pages6'), '', 'hear nothing');

-- ---- an e-invoice inside a file
SELECT t.send(:'acme', 'seven.pdf', p_folder => 'h') AS pages7 \gset
SELECT t.take('{1}');
SELECT t.runner(format('SELECT work.commit_witness(%L, %L, %s, ''\x77'')', :'acme', :'pages7', t.token(:'pages7', 1)));
SELECT t.runner(t.decode_sql(:'pages7', 1));
SELECT t.take('{2}');
SELECT t.runner(t.page_sql(:'pages7', '{0}'));
SELECT is(t.heard(:'pages7'), 'own', 'is heard by the document');

-- ---- not somebody else's
SELECT t.send(:'beta', 'eight.pdf') AS pages8, t.send(:'acme', 'eight.xml', p_folder => 'i') AS xml8 \gset
SELECT is(t.companion(:'xml8'), 'waits', 'another client''s pages are not its own');
SELECT is(t.state('escriba_runner', format('SELECT * FROM work.load_witnesses(%L, %L, 3, 0, 1)', :'acme', :'pages8')), 'ES001',
          'nothing is told without a lease');
SELECT is(t.state('escriba_runner', t.companion_sql(:'xml8', 1)), 'ES001', 'nor kept');
SELECT is(t.state('escriba_runner', format('SELECT work.companion_settle(%L, %L)', :'acme', :'xml8')), '42501',
          'and the inside is nobody''s');
-- pages named .xml are pages
SELECT t.send(:'acme', 'nine.xml', p_folder => 'j') AS odd \gset
SELECT t.read(:'odd', '{0}');
SELECT is(t.state_of(:'odd'), 'separated', 'a file of pages that is named like an e-invoice is read');

-- ---- retention: it goes with the rest of its batch
SELECT set_eq(format($$SELECT state FROM work.file WHERE client_id = %L AND is_companion AND companion_of IS NULL$$, :'acme'),
              ARRAY['refused', 'waiting', 'companion', 'separated'], 'companions without pages, of every kind');
SELECT ok(NOT EXISTS (SELECT 1 FROM ops.retention_rest(:'acme', NULL, 1000, NULL) r WHERE r.file_id = :'xml8'),
          'one that waits is not erased');
UPDATE work.file SET changed_at = clock_timestamp() - interval '400 days' WHERE client_id = :'acme';
SELECT t.take('{3}');
SELECT t.runner(t.document_sql(d, 0)) FROM unnest(t.documents(:'pages') || t.documents(:'pages2') || t.documents(:'pages3')) d;
SELECT t.take('{4}');
SELECT t.runner(t.deliver_sql(d, 70 + n)) FROM unnest(t.documents(:'pages') || t.documents(:'pages2') || t.documents(:'pages3'))
    WITH ORDINALITY x(d, n);
SELECT ok(EXISTS (SELECT 1 FROM ops.retention_rest(:'acme', NULL, 1000, NULL) r WHERE r.file_id = :'xml'),
          'one whose pages were delivered long ago is');
SELECT is((SELECT count(*) FROM ops.retention_erase(:'acme', :'xml', '{}', '{}', '{}', false)), 1::bigint, 'and it goes');
SELECT is(t.state_of(:'xml'), 'erased', 'for good');
SELECT is(t.balance(), '', 'the balance holds');
