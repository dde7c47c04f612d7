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

-- Everything whose change must be in the chain.
CREATE FUNCTION pg_temp.states() RETURNS numeric LANGUAGE sql AS $$
    SELECT coalesce(sum(hashtextextended(x, 0)), 0) FROM (
        SELECT concat_ws('|', file_id, state, reason, version, pages) AS x FROM work.file UNION ALL SELECT concat_ws('|', document_id, state, reason, version) FROM work.document
        UNION ALL SELECT concat_ws('|', batch_id, state, expected) FROM work.batch UNION ALL SELECT concat_ws('|', client_id, state) FROM work.client
        UNION ALL SELECT concat_ws('|', 'read', file_id, page) FROM work.page WHERE kind IS NOT NULL
        UNION ALL SELECT concat_ws('|', object_id, version, seq) FROM work.receipt) x $$;

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
        v_what := t.operation(p_ana);
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
                WHEN 2 THEN t.page_sql(l.object_id, ARRAY[l.page]) WHEN 3 THEN t.document_sql(l.object_id, 0) ELSE t.deliver_sql(l.object_id, nextval('t.told')) END);
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
