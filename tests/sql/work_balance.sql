-- The balance: a long walk of operations chosen at random, after each of which every page and file has one place and
-- every change of a state is in the chain; then sabotage, which must be found and named.
-- The seed is printed; ESCRIBA_SEED=N tests/sql/run.sh work_balance walks the same way again.
SELECT no_plan();
\getenv seed ESCRIBA_SEED
\if :{?seed}
\else
SELECT (random() * 1000000)::int AS seed \gset
\endif
\getenv steps ESCRIBA_WALK
\if :{?steps}
\else
\set steps 400
\endif
SELECT diag('seed ' || :seed || ', ' || :steps || ' operations');
SELECT setseed(:seed / 1000000.0);

SELECT t.client('acme', '{mixed,invoice:invoice:}') AS acme, t.client('beta', p_quiet => 30) AS beta, t.client('gamma') AS gamma \gset
SELECT t.one('escriba_operator', $$SELECT ops.person_add('ana', 'Ana', 'senior', 9, '', NULL)$$) AS ana \gset

CREATE FUNCTION pg_temp.pick(p_sql text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    v_id uuid;
BEGIN
    EXECUTE p_sql || ' ORDER BY random() LIMIT 1' INTO v_id;
    RETURN v_id;
END $$;
CREATE FUNCTION pg_temp.die(p_sides int) RETURNS int LANGUAGE sql AS $$ SELECT floor(random() * p_sides)::int $$;
CREATE SEQUENCE pg_temp.told;

-- Everything whose change must be in the chain.
CREATE FUNCTION pg_temp.states() RETURNS numeric LANGUAGE sql AS $$
    SELECT coalesce(sum(hashtextextended(x, 0)), 0) FROM (
        SELECT concat_ws('|', file_id, state, reason, version, pages) AS x FROM work.file UNION ALL SELECT concat_ws('|', document_id, state, reason, version) FROM work.document
        UNION ALL SELECT concat_ws('|', batch_id, state, expected) FROM work.batch UNION ALL SELECT concat_ws('|', client_id, state) FROM work.client
        UNION ALL SELECT concat_ws('|', 'read', file_id, page) FROM work.page WHERE kind IS NOT NULL
        UNION ALL SELECT concat_ws('|', object_id, version, seq) FROM work.receipt) x $$;

-- One operation; says which and what it led to ('' done, an SQLSTATE, - nothing to do).
CREATE FUNCTION pg_temp.operation(p_ana uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    n int := pg_temp.die(100);
    c uuid := pg_temp.pick('SELECT client_id FROM work.client');
    l t.lease;
    o uuid;
    r work.review;
    s text;
    v_what text;
    v_child uuid;
BEGIN
    CASE
    WHEN n < 5 THEN
        PERFORM t.admit(c, 'content ' || pg_temp.die(100000), p_folder => (ARRAY['', 'a', 'b'])[1 + pg_temp.die(3)], p_parts => 1 + pg_temp.die(3));
        RETURN 'admit';
    WHEN n < 8 THEN -- bytes that were there before, whatever became of them
        o := pg_temp.pick('SELECT file_id FROM work.file WHERE NOT is_manifest');
        IF o IS NULL THEN RETURN 'again -'; END IF;
        PERFORM t.admit(t.owner(o), 'bytes of ' || o, 'name', p_folder => 'again', p_source => (ARRAY[NULL, 'here', 'there'])[1 + pg_temp.die(3)]) FROM work.file WHERE file_id = o;
        PERFORM t.admit(t.owner(o), 'bytes of ' || o, 'other name', p_folder => 'again');
        RETURN 'again';
    WHEN n < 9 THEN
        PERFORM t.admit(c, 'manifest ' || pg_temp.die(100000), p_folder => (ARRAY['', 'a', 'b'])[1 + pg_temp.die(3)], p_manifest => true);
        RETURN 'manifest';
    WHEN n < 21 THEN
        PERFORM t.ready() WHERE pg_temp.die(3) = 0;
        RETURN 'claim ' || t.take((ARRAY['{1,2,3,4}', '{2,3,4}', '{3,4}', '{4}'])[1 + pg_temp.die(4)]::int[], 1 + pg_temp.die(12));
    WHEN n < 70 THEN -- whoever holds a step does something about it, sometimes too late
        SELECT x.* INTO l FROM t.lease x ORDER BY random() LIMIT 1;
        IF NOT FOUND THEN RETURN 'step -'; END IF;
        v_what := (ARRAY['file', 'page', 'document', 'delivery'])[l.unit];
        IF pg_temp.die(10) = 0 THEN
            v_what := v_what || ' failed';
            s := t.release_sql(l.object_id, l.unit, l.page, (ARRAY[0, 13, 38, 18])[1 + pg_temp.die(4)], pg_temp.die(2));
        ELSIF l.unit < 4 AND pg_temp.die(16) = 0 THEN
            v_what := v_what || ' refused';
            s := t.refuse_sql(l.object_id, l.unit, l.page, 13);
        ELSIF l.unit = 1 AND l.is_manifest THEN
            s := t.manifest_sql(l.object_id, ARRAY['content 1', 'x', 'y'], ARRAY[NULL, 'x', NULL], ARRAY[1, -1, 2]);
        ELSIF l.unit = 1 AND pg_temp.die(5) = 0 THEN
            v_what := 'unpack';
            s := '';
            FOR i IN 1 .. pg_temp.die(4) LOOP
                v_child := gen_random_uuid();
                s := s || format('IF (%s) = 0 THEN PERFORM work.admit_part(%L, %L, 0, ''\x01''); PERFORM work.admit_done(%2$L, %3$L, 1); END IF; ',
                                 t.child_sql(l.object_id, v_child, 'inner ' || pg_temp.die(30)), l.client_id, v_child);
            END LOOP;
            s := format('DO $x$ BEGIN %s PERFORM %s; END $x$', s, regexp_replace(t.unpack_sql(l.object_id, pg_temp.die(2)), '^SELECT ', ''));
        ELSIF l.unit = 1 THEN
            s := t.decode_sql(l.object_id, 1 + pg_temp.die(4));
        ELSIF l.unit = 2 THEN
            s := t.page_sql(l.object_id, ARRAY[l.page], greatest(0, pg_temp.die(9) - 5), pg_temp.die(3), 2, random(), (ARRAY['', '', '', 'w2'])[1 + pg_temp.die(4)]);
        ELSIF l.unit = 3 THEN
            n := (ARRAY[0, 0, 0, 1, 1, 1, 2])[1 + pg_temp.die(7)];
            s := t.document_sql(l.object_id, n, CASE WHEN n = 0 THEN 0 ELSE 72 END, CASE WHEN n = 0 THEN '\xfe'::bytea END);
        ELSE
            s := t.deliver_sql(l.object_id, nextval('pg_temp.told'));
        END IF;
        s := t.state('escriba_runner', s);
        DELETE FROM t.lease x WHERE (x.object_id, x.unit, x.page) = (l.object_id, l.unit, l.page);
        RETURN v_what || ' ' || s;
    WHEN n < 72 THEN
        PERFORM t.lapse((SELECT object_id FROM work.step WHERE token IS NOT NULL ORDER BY random() LIMIT 1));
        RETURN 'lapse';
    WHEN n < 85 THEN
        PERFORM t.one('escriba_desk', format('SELECT 1 FROM work.review_take(%L, NULL, 60)', p_ana));
        SELECT x.* INTO r FROM work.review x WHERE x.token IS NOT NULL ORDER BY random() LIMIT 1;
        IF NOT FOUND THEN RETURN 'review -'; END IF;
        s := (ARRAY['review_done(%1$L, %2$L, %3$L, %4$s, ''\x01'', 1, 1)', 'review_retype(%1$L, %2$L, %3$L, %4$s, ''w2'', NULL)',
                    'review_reject(%1$L, %2$L, %3$L, %4$s, 100)', 'review_leave(%2$L, %3$L, %4$s)', 'review_saw(%1$L, %2$L, %3$L, %4$s, ''total'')'])[1 + pg_temp.die(5)];
        RETURN split_part(s, '(', 1) || ' ' || t.state('escriba_desk', format('SELECT work.' || s, p_ana, r.client_id, r.document_id, r.token));
    WHEN n < 88 THEN
        o := pg_temp.pick('SELECT x FROM (SELECT file_id FROM work.file UNION ALL SELECT document_id FROM work.document) y(x)');
        RETURN 'set_aside ' || t.state('escriba_operator', format('SELECT ops.set_aside(%L, 84)', o));
    WHEN n < 95 THEN
        o := pg_temp.pick($q$SELECT x FROM (SELECT file_id, state FROM work.file UNION ALL SELECT document_id, state FROM work.document) y(x, state)
                             WHERE state IN ('set_aside', 'quarantined', 'refused', 'rejected')$q$);
        IF o IS NULL THEN RETURN 'retry -'; END IF;
        RETURN 'retry ' || t.state('escriba_operator', format('SELECT ops.retry(%L)', o));
    WHEN n < 97 THEN
        o := pg_temp.pick($q$SELECT document_id FROM work.document WHERE state = 'delivered'$q$);
        IF o IS NULL THEN RETURN 'reopen -'; END IF;
        RETURN 'reopen ' || t.state('escriba_operator', format('SELECT ops.reopen(%L)', o));
    WHEN n < 98 THEN
        UPDATE work.batch SET last_at = last_at - interval '1 minute' WHERE pg_temp.die(2) = 0;
        RETURN 'tick ' || t.one('escriba_intake', 'SELECT work.tick()');
    WHEN n < 99 THEN
        o := pg_temp.pick($q$SELECT batch_id FROM work.batch WHERE state = 'open'$q$);
        IF o IS NULL THEN RETURN 'close -'; END IF;
        RETURN 'close ' || t.state('escriba_operator', format('SELECT ops.batch_close(%L)', o));
    ELSE
        s := (ARRAY['paused', 'active', 'active'])[1 + pg_temp.die(3)];
        PERFORM t.one('escriba_operator', format('SELECT ops.client_state((SELECT client FROM ops.clients() WHERE client_id = %L), %L)', c, s));
        RETURN 'client ' || s;
    END CASE;
END $$;

-- Something of each kind to begin with.
SELECT count(t.runner(t.document_sql(t.document((ARRAY[:'acme', :'beta', :'gamma'])[1 + g % 3]::uuid, 'first ' || g, 1 + g % 2), g % 3, 70 * least(1, g % 3), CASE WHEN g % 3 = 0 THEN '\xfe'::bytea END))) FROM generate_series(0, 8) g;
CREATE TEMP TABLE walked (n int, what text, wrong text, told boolean);
CREATE FUNCTION pg_temp.walk(p_steps int, p_ana uuid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    v_before numeric;
    v_after numeric;
    v_rows bigint;
    v_what text;
    v_wrong text;
    v_told boolean;
BEGIN
    v_after := pg_temp.states();
    FOR i IN 1 .. p_steps LOOP
        v_before := v_after;
        SELECT sum(h.n) INTO v_rows FROM work.audit_head h;
        v_what := pg_temp.operation(p_ana);
        v_wrong := t.balance();
        v_after := pg_temp.states();
        -- a state that changed without a row, or rows that a failure left behind
        v_told := CASE WHEN v_before <> v_after THEN (SELECT sum(h.n) FROM work.audit_head h) > v_rows
                       WHEN v_what ~ ' [0-9A-Z]{5}$' THEN (SELECT sum(h.n) FROM work.audit_head h) = v_rows ELSE true END;
        INSERT INTO walked VALUES (i, v_what, v_wrong, v_told);
        EXIT WHEN v_wrong <> '' OR NOT v_told; -- what follows would only repeat it
    END LOOP;
END $$;
SELECT pg_temp.walk(:steps, :'ana');
SELECT is((SELECT count(*) FROM walked), :steps::bigint, 'the walk came to its end (seed ' || :seed || ')');
SELECT is((SELECT string_agg(format('operation %s, %s: %s', n, what, wrong), '; ') FROM walked WHERE wrong <> ''), NULL, 'the balance held after every operation');
SELECT is((SELECT string_agg(format('operation %s, %s', n, what), '; ') FROM walked WHERE NOT told), NULL, 'every change of a state is in the chain, and nothing that failed');
SELECT is((SELECT string_agg(DISTINCT what, ', ') FROM walked WHERE what ~ ' [0-9A-Z]{5}$' AND what !~ ' (ES001|ES400|ES409)$'), NULL, 'nothing failed that ought not to');
SELECT diag(format('%s: %s', regexp_replace(what, ' [0-9]+$', ''), count(*))) FROM walked GROUP BY regexp_replace(what, ' [0-9]+$', '') ORDER BY 1;
SELECT diag(format('%s %s: %s', kind, state, n)) FROM (SELECT 'file' AS kind, state, count(*) AS n FROM work.file GROUP BY 2 UNION ALL SELECT 'document', state, count(*) FROM work.document GROUP BY 2) x ORDER BY 1;
SELECT cmp_ok((SELECT count(DISTINCT event) FROM work.audit), '>=', 20::bigint, 'it came through many kinds of events');

-- Let everything come to an end: whatever is left must be able to.
CREATE FUNCTION pg_temp.finish_all(p_ana uuid) RETURNS int LANGUAGE plpgsql AS $$
DECLARE
    l t.lease;
    r record;
    v_round int := 0;
BEGIN
    UPDATE work.client SET state = 'active';
    WHILE EXISTS (SELECT 1 FROM work.step) OR EXISTS (SELECT 1 FROM work.review) LOOP
        v_round := v_round + 1;
        EXIT WHEN v_round > 50;
        PERFORM t.lapse(), t.ready();
        UPDATE work.step SET attempts = 0;
        DELETE FROM t.lease;
        PERFORM t.take();
        FOR l IN SELECT * FROM t.lease ORDER BY n LOOP
            PERFORM t.runner(CASE l.unit WHEN 1 THEN CASE WHEN l.is_manifest THEN t.manifest_sql(l.object_id, '{a}', '{a}', '{1}') ELSE t.decode_sql(l.object_id, 1) END
                WHEN 2 THEN t.page_sql(l.object_id, ARRAY[l.page]) WHEN 3 THEN t.document_sql(l.object_id, 0) ELSE t.deliver_sql(l.object_id, nextval('pg_temp.told')) END);
        END LOOP;
        FOR r IN SELECT document_id, client_id FROM work.review LOOP
            PERFORM t.one('escriba_desk', format('SELECT 1 FROM work.review_take(%L, %L, 60)', p_ana, r.document_id));
            PERFORM t.one('escriba_desk', format('SELECT work.review_done(%L, %L, %L, %s, ''\x01'', 0, 1)', p_ana, r.client_id, r.document_id, (SELECT token FROM work.review WHERE document_id = r.document_id)));
        END LOOP;
    END LOOP;
    RETURN v_round;
END $$;
SELECT cmp_ok(pg_temp.finish_all(:'ana'), '<=', 50, 'all that is left can be worked off');
SELECT is(t.balance(), '', 'and the balance holds');
SELECT is((SELECT count(*) FROM work.file WHERE state IN ('arriving', 'waiting', 'reading')) + (SELECT count(*) FROM work.document WHERE state IN ('work', 'review', 'passed')), 0::bigint, 'with nothing in work');
SELECT is(t.one('escriba_operator', $$SELECT count(*) FROM ops.balance(NULL) WHERE in_work <> 0 OR in_review <> 0$$), '0', 'which the balance says, too');

-- ---- sabotage: each is done, found under its name, and undone
CREATE FUNCTION pg_temp.sabotaged(p_sql text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_found text;
    v_holds boolean;
BEGIN
    BEGIN
        SET LOCAL session_replication_role = replica;
        EXECUTE p_sql;
        SET LOCAL session_replication_role = origin;
        SELECT string_agg(DISTINCT problem, ', ' ORDER BY problem) INTO v_found FROM ops.balance_problems(NULL);
        SELECT bool_and(holds) INTO v_holds FROM ops.balance(NULL);
        RAISE EXCEPTION USING ERRCODE = 'UNDO1';
    EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
        RETURN CASE WHEN v_holds THEN 'it holds! ' ELSE '' END || coalesce(v_found, 'nothing is named');
    END;
END $$;
SELECT t.document(:'gamma', 's1', 2) AS s1, t.document(:'gamma', 's2', 2) AS s2, t.document(:'gamma', 's3', 1) AS s3 \gset
SELECT t.runner(t.document_sql(:'s2', 1, 72, NULL)), t.runner(t.document_sql(:'s3', 0)), t.take(), t.runner(t.deliver_sql(:'s3', 100001));
SELECT t.admit(:'gamma', 's4') AS s4, t.admit(:'gamma', 's5') AS s5 \gset
SELECT t.take(), t.runner(t.decode_sql(:'s4', 3));
SELECT t.admit(:'gamma', 's6') AS s6 \gset
SELECT t.take(), t.runner(t.refuse_sql(:'s6', 1, 0, 13));
SELECT is(t.balance(), '', 'before the sabotage it holds');
SELECT matches(pg_temp.sabotaged(format(x.sql, x.id)), '^(?!it holds)(.*, )?' || x.problem || '(,.*)?$', x.what) FROM (VALUES
    ($$DELETE FROM work.page WHERE document_id = %L AND doc_page = 0$$, :'s1'::uuid, 'page of a document missing', 'a page deleted'),
    ($$DELETE FROM work.page WHERE file_id = %L AND page = 1$$, :'s4', 'pages missing', 'a page of a file deleted'),
    ($$INSERT INTO work.page (client_id, file_id, page) SELECT client_id, file_id, 3 FROM work.file WHERE file_id = %L$$, :'s4', 'pages too many', 'a page slipped in'),
    ($$INSERT INTO work.page (client_id, file_id, page, document_id, doc_page) SELECT client_id, file_id, 2, document_id, 2 FROM work.document WHERE document_id = %L$$, :'s1', 'page with two owners', 'a page too many in a document'),
    ($$UPDATE work.page SET document_id = NULL WHERE document_id = %L AND doc_page = 0$$, :'s1', 'page without a place', 'a page without owner'),
    ($$UPDATE work.page SET document_id = %L, doc_page = 77 WHERE page = 0 AND document_id = (SELECT r.document_id FROM work.review r ORDER BY queued_at DESC LIMIT 1)$$, :'s1', 'page of another file''s document', 'a page moved to a stranger'),
    ($$UPDATE work.page SET document_id = gen_random_uuid() WHERE document_id = %L AND doc_page = 0$$, :'s1', 'page of another file''s document', 'a page of a document that is not there'),
    ($$UPDATE work.file SET pages = pages + 1 WHERE file_id = %L$$, :'s4', 'pages missing', 'one page more said than there are'),
    ($$DELETE FROM work.step WHERE object_id = %L$$, :'s5', 'file in work without a step', 'a file''s step lost'),
    ($$DELETE FROM work.step WHERE object_id = %L AND page = 2$$, :'s4', 'unread pages and steps differ', 'a page''s step lost'),
    ($$DELETE FROM work.step WHERE object_id = %L$$, :'s1', 'document in work without a step', 'a document''s step lost'),
    ($$DELETE FROM work.review WHERE document_id = %L$$, :'s2', 'document in review that nobody is shown', 'a review lost'),
    ($$UPDATE work.document SET state = 'work' WHERE document_id = %L$$, :'s2', 'document that passed is shown for review', 'a review too many'),
    ($$DELETE FROM work.receipt WHERE object_id = %L$$, :'s3', 'delivered document without a receipt', 'a receipt lost'),
    ($$UPDATE work.document SET version = 9 WHERE document_id = %L$$, :'s3', 'delivered document without a receipt', 'a version that was never delivered'),
    ($$UPDATE work.document SET state = 'delivered' WHERE document_id = %L$$, :'s2', 'delivered document without a receipt', 'a document said to be delivered'),
    ($$DELETE FROM work.step WHERE object_id = %L$$, :'s6', 'refusal neither told nor waiting', 'a refusal that nobody hears of'),
    ($$UPDATE work.document SET state = 'erased' WHERE document_id = %L$$, :'s1', 'step of something that is finished', 'a step of what is finished'),
    ($$DELETE FROM work.document WHERE document_id = %L$$, :'s1', 'page without a place|page of another file''s document', 'a document deleted'),
    ($$UPDATE work.file SET state = 'arriving' WHERE file_id = %L$$, :'s4', 'page without a place', 'a file that never arrived'),
    ($$UPDATE work.file SET state = 'container' WHERE file_id = %L$$, :'s4', 'page without a place', 'pages hidden in a container')) x(sql, id, problem, what);
SELECT is(t.balance(), '', 'and undone it holds again');
