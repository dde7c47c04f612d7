-- What people taught: one client's, under a lease, kept with its document or not at all, and forgotten when asked.
SELECT no_plan();
SELECT t.client('acme') AS acme, t.client('beta') AS beta \gset
CREATE FUNCTION pg_temp.load(p_document uuid, p_token bigint DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT string_agg(slot || '' '' || version || '' '' || coalesce(encode(wrapped, ''hex''), ''-'') || '' '' || coalesce(encode(sealed, ''hex''), ''-''), '', '' ORDER BY slot) FROM work.memory_load(%L, %L, %s)',
                  t.owner(p_document), p_document, coalesce(p_token, t.token(p_document, 3), 0)) $$;
CREATE FUNCTION pg_temp.put(p_document uuid, p_memory uuid, p_wrapped bytea, p_slot int, p_seen int, p_sealed bytea,
                            p_token bigint DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT work.memory_put(%L, %L, %s, %L, %L, %s, %s, ''invoice'', 1, ''{po_number,due_date}'', ''{1,0}'', ''{0,2}'', ''{0,1}'', ''{0,0}'', %L)',
                  t.owner(p_document), p_document, coalesce(p_token, t.token(p_document, 3), 0), p_memory, p_wrapped, p_slot, p_seen, p_sealed) $$;
SELECT t.document(:'acme', 'a1') AS a1, t.document(:'acme', 'a2') AS a2, t.document(:'beta', 'b1') AS b1,
       gen_random_uuid() AS m1, gen_random_uuid() AS m2 \gset

SELECT is(t.one('escriba_runner', pg_temp.load(:'a1')), '0 1 - -', 'a client begins without memory, and without a key for it');
SELECT is(t.state('escriba_runner', pg_temp.load(:'a1', 1)), 'ES001', 'it is loaded only under a lease');
SELECT is(t.state('escriba_runner', pg_temp.put(:'a1', :'m1', '\x11', 1, 0, '\x5ea1', 1)), 'ES001', 'and written only under one');
SELECT is(t.one('escriba_runner', pg_temp.put(:'a1', :'m1', '\x11', 1, 0, '\x5ea1')), 'true', 'the first lesson brings the key');
SELECT is(t.one('escriba_runner', pg_temp.load(:'a2')), '0 2 11 -, 1 1 - 5ea1', 'the next document of this client has both');
SELECT is(t.one('escriba_runner', pg_temp.load(:'b1')), '0 1 - -', 'another client''s has nothing of it');

SELECT is(t.one('escriba_runner', pg_temp.put(:'a2', :'m2', '\x22', 1, 0, '\x5ea2')), 'false', 'a second key is refused');
SELECT is(t.one('escriba_runner', pg_temp.put(:'a2', :'m1', NULL, 1, 0, '\x5ea2')), 'false', 'a slot is not given twice');
SELECT is(t.one('escriba_runner', pg_temp.put(:'a2', :'m1', NULL, 1, 2, '\x5ea2')), 'false', 'what was learnt on another version is not kept');
SELECT is(t.one('escriba_runner', pg_temp.put(:'a2', :'m1', NULL, 7, 1, '\x5ea2')), 'false', 'nor what was learnt on a layout that is not there');
SELECT is(t.one('escriba_runner', pg_temp.put(:'a2', :'m1', NULL, 1, 1, '\x5ea2')), 'true', 'the version that is there is replaced');
SELECT is(t.one('escriba_runner', pg_temp.put(:'a2', :'m1', NULL, 2, 0, '\x5ea3')), 'true', 'and another layout put beside it');
SELECT is(t.one('escriba_runner', pg_temp.load(:'a1')), '0 3 11 -, 1 2 - 5ea2, 2 1 - 5ea3', 'so it is');
SELECT is(t.state('escriba_runner', pg_temp.put(:'a2', :'m1', NULL, 3, 0, ('\x' || repeat('00', 32769))::bytea)), 'ES400', 'a layout has a largest size');
SELECT is((SELECT count(*)::int FROM work.audit WHERE event = 'memory.learnt' AND client_id = :'acme'), 3, 'each lesson is audited, each refusal is not');

-- ---- ceilings
INSERT INTO work.memory_layout (client_id, slot, version, form, lessons, sealed, used_on)
SELECT :'acme', g, 1, 'invoice', 1, '\x01', current_date - 10 FROM generate_series(3, 256) g;
UPDATE work.memory SET next_slot = 257 WHERE client_id = :'acme';
UPDATE work.memory_layout SET used_on = current_date - 400 WHERE client_id = :'acme' AND slot = 1;
SELECT is(t.one('escriba_runner', pg_temp.put(:'a2', :'m1', NULL, 257, 0, '\x5ea4')), 'true', 'one more than there is room for');
SELECT is((SELECT (count(*), min(slot), max(slot))::text FROM work.memory_layout WHERE client_id = :'acme'), '(256,2,257)', 'takes the place of what was of no use for longest');
SELECT t.runner(format('SELECT work.memory_used(%L, %L, %s, 3)', :'acme', :'a1', t.token(:'a1', 3)));
SELECT is((SELECT used_on FROM work.memory_layout WHERE client_id = :'acme' AND slot = 3), current_date, 'a use is noted by the day');
DELETE FROM work.memory_layout WHERE client_id = :'acme' AND slot > 3;

-- ---- the operator
SELECT is(t.one('escriba_operator', $$SELECT client || ' ' || layouts || ' ' || fields FROM ops.memories('acme')$$), 'acme 2 2', 'the operator sees how much is known');
SELECT is(t.one('escriba_operator', $$SELECT string_agg(client || ' ' || layouts, ', ') FROM ops.memories(NULL)$$), 'acme 2, beta 0', 'of every client');
SELECT is(t.one('escriba_operator', $$SELECT layout || ' ' || form || ' ' || corrected || ' ' || confirmed || ' ' || helped FROM ops.memory_layouts('acme', 2)$$), '2 invoice 1 2 1', 'of one layout');
SELECT is(t.one('escriba_operator', $$SELECT string_agg(field || ' ' || corrected, ', ') FROM ops.memory_fields('acme', 2)$$), 'po_number 1, due_date 0', 'and of its fields');
SELECT is(t.state('escriba_operator', $$SELECT * FROM ops.memory_layouts('acme', 99)$$), 'ES404', 'a layout that is not there is said to be none');
SELECT is(t.state('escriba_operator', $$SELECT ops.memory_forget('acme', 99)$$), 'ES404', 'and cannot be forgotten');
SELECT is(t.state('escriba_operator', $$SELECT ops.memory_forget(NULL, NULL)$$), 'ES400', 'nobody forgets everything of everybody');
SELECT is(t.one('escriba_operator', $$SELECT ops.memory_forget('acme', 2)$$), '1', 'one layout is forgotten');
SELECT is(t.one('escriba_runner', pg_temp.put(:'a2', :'m1', NULL, 2, 1, '\x5ea5')), 'false', 'a lesson on it comes too late');
SELECT is(t.one('escriba_operator', $$SELECT ops.memory_forget('acme', NULL)$$), '1', 'then all the others');
SELECT is((SELECT count(*)::int FROM work.memory WHERE client_id = :'acme'), 0, 'with their key');
SELECT is(t.one('escriba_runner', pg_temp.put(:'a2', :'m1', NULL, 3, 1, '\x5ea5')), 'false', 'whoever still holds that key is too late');
SELECT is((SELECT string_agg(code || ' ' || amount, ', ' ORDER BY n) FROM work.audit WHERE event = 'memory.forgotten'), '2 1, 0 1', 'both are audited');
SELECT is(t.one('escriba_runner', pg_temp.put(:'a2', :'m2', '\x22', 1, 0, '\x5ea6')), 'true', 'and it begins anew under another');

-- ---- with the document or not at all
SELECT is(t.state('escriba_runner', format('DO $x$ BEGIN PERFORM %s; PERFORM work.commit_document(%L, %L, 1, 0, 0, 0, ''invoice'', 0.9, 1, 0, 0, NULL, ''\x01'', ''\x01''); END $x$',
    substr(pg_temp.put(:'b1', :'m1', '\x33', 1, 0, '\x5ea7'), 8), :'beta', :'b1')), 'ES001', 'a document that is not committed');
SELECT is((SELECT count(*)::int FROM work.memory WHERE client_id = :'beta'), 0, 'teaches nothing');
