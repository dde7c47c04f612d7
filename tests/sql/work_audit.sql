-- The chain: what is in it, that it is whole by a computation of our own, and that meddling shows.
SELECT no_plan();
SELECT t.client('acme') AS acme, t.client('beta') AS beta \gset

-- The bytes as the documentation gives them, written anew: whoever computes them otherwise does not agree with us.
CREATE FUNCTION pg_temp.digest(a work.audit, p_prev bytea) RETURNS bytea LANGUAGE sql AS $$
    SELECT sha256(p_prev || uuid_send(a.client_id) || int8send(a.n) || timestamptz_send(a.at)
        || int4send(length(convert_to(a.actor, 'UTF8'))) || convert_to(a.actor, 'UTF8')
        || uuid_send(coalesce(a.person_id, '00000000-0000-0000-0000-000000000000'))
        || int4send(length(convert_to(a.event, 'UTF8'))) || convert_to(a.event, 'UTF8')
        || uuid_send(coalesce(a.batch_id, '00000000-0000-0000-0000-000000000000'))
        || uuid_send(coalesce(a.file_id, '00000000-0000-0000-0000-000000000000'))
        || uuid_send(coalesce(a.document_id, '00000000-0000-0000-0000-000000000000'))
        || int4send(a.page) || int4send(a.code) || int8send(a.amount)
        || int4send(coalesce(length(a.sealed_hash), 0)) || coalesce(a.sealed_hash, ''))
$$;
-- '' or the first thing that is wrong with a chain
CREATE FUNCTION pg_temp.verify(p_client uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    a work.audit;
    h work.audit_head;
    v_prev bytea := decode(repeat('00', 32), 'hex');
    v_n bigint := 0;
    v_at timestamptz := '-infinity';
BEGIN
    FOR a IN SELECT * FROM work.audit WHERE client_id = p_client ORDER BY n LOOP
        v_n := v_n + 1;
        IF a.n <> v_n THEN RETURN format('row %s is missing', v_n); END IF;
        IF a.prev <> v_prev THEN RETURN format('row %s does not follow', v_n); END IF;
        IF a.hash <> pg_temp.digest(a, v_prev) THEN RETURN format('row %s is changed', v_n); END IF;
        IF a.at < v_at THEN RETURN format('row %s is older than the one before', v_n); END IF;
        v_prev := a.hash;
        v_at := a.at;
    END LOOP;
    SELECT * INTO h FROM work.audit_head WHERE client_id = p_client;
    IF NOT FOUND THEN RETURN 'there is no head'; END IF;
    IF h.n <> v_n OR h.hash <> v_prev THEN RETURN 'the end is cut off'; END IF;
    RETURN '';
END $$;

SELECT is((SELECT (h.n, h.hash = decode(repeat('00', 32), 'hex'))::text FROM work.audit_head h WHERE client_id = '00000000-0000-0000-0000-000000000000'), '(0,t)', 'the house''s chain begins with nothing');
SELECT t.document(:'acme', 'f1', 3) AS d1 \gset
SELECT t.runner(t.document_sql(:'d1', 0)), t.take(), t.runner(t.deliver_sql(:'d1', 1));
SELECT t.admit(:'acme', 'f2') AS f2, t.admit(:'beta', 'f3') AS f3, t.admit(:'acme', 'f2', 'again') AS f4 \gset
SELECT t.take(), t.runner(t.refuse_sql(:'f2', 1, 0, 13));
SELECT t.one('escriba_operator', $$SELECT ops.person_add('ana', 'Ana', 'reviewer', 0, '', NULL)$$) AS ana \gset
SELECT is(pg_temp.verify(c), '', 'the chain is whole: ' || w) FROM (VALUES (:'acme'::uuid, 'acme'), (:'beta', 'beta'), ('00000000-0000-0000-0000-000000000000', 'the house')) x(c, w);
SELECT is((SELECT string_agg(event, ' ' ORDER BY n) FROM work.audit WHERE client_id = :'acme'),
          'client.added stream.added batch.opened file.admitted file.decoded page.read page.read page.read document.made document.passed document.delivered file.admitted file.duplicate file.refused',
          'each change is in it once, in order');
SELECT is((SELECT string_agg(actor, ' ' ORDER BY n) FROM (SELECT actor, min(n) AS n FROM work.audit WHERE client_id = :'acme' GROUP BY 1) x), 'escriba_operator escriba_intake escriba_runner', 'with the role that did it');
SELECT is((SELECT count(*) FROM work.audit WHERE client_id = :'beta' AND event LIKE 'page%'), 0::bigint, 'nothing of one client is in another''s');
SELECT is((SELECT count(*) FROM work.audit a JOIN work.audit b ON b.client_id = a.client_id AND b.n = a.n + 1 WHERE b.prev <> a.hash), 0::bigint, 'each row names the one before');

-- ---- what others read of it
SELECT is(t.one('escriba_audit', $$SELECT string_agg(client || ' ' || n, ', ' ORDER BY client) FROM ops.audit_heads(NULL)$$), '- 1, acme 14, beta 4', 'the heads');
SELECT is(t.one('escriba_audit', format('SELECT string_agg(n::text, '' '') FROM ops.audit_rows(%L, 3, 2)', :'acme')), '3 4', 'the rows from anywhere');
SELECT is(t.one('escriba_audit', format($$SELECT count(*) FROM ops.audit_rows(%L, 1, 1000) WHERE at_bytes <> timestamptz_send(at)$$, :'acme')), '0', 'with the bytes of their time');
-- whoever has only these rows can compute the chain: the same digest from what the function gives
SELECT is(t.one('escriba_audit', format($$SELECT count(*) FROM (SELECT r.*, lag(r.hash, 1, decode(repeat('00', 32), 'hex')) OVER (ORDER BY r.n) AS before FROM ops.audit_rows(%L, 1, 1000) r) r
    WHERE r.prev = r.before AND r.hash = sha256(r.before || uuid_send(%1$L) || int8send(r.n) || r.at_bytes || int4send(octet_length(r.actor)) || convert_to(r.actor, 'UTF8')
      || coalesce(uuid_send(r.person_id), decode(repeat('00', 16), 'hex')) || int4send(octet_length(r.event)) || convert_to(r.event, 'UTF8')
      || coalesce(uuid_send(r.batch_id), decode(repeat('00', 16), 'hex')) || coalesce(uuid_send(r.file_id), decode(repeat('00', 16), 'hex')) || coalesce(uuid_send(r.document_id), decode(repeat('00', 16), 'hex'))
      || int4send(r.page) || int4send(r.code) || int8send(r.amount) || int4send(coalesce(length(r.sealed_hash), 0)) || coalesce(r.sealed_hash, ''))$$, :'acme')), '14', 'who has the role of an auditor verifies it alone');

-- ---- it only grows
SELECT throws_ok($$UPDATE work.audit SET code = 1 WHERE n = 1$$, 'ES403', NULL, 'no row is changed');
SELECT throws_ok($$DELETE FROM work.audit WHERE n = 1$$, 'ES403', NULL, 'none is removed');
SELECT throws_ok($$TRUNCATE work.audit$$, 'ES403', NULL, 'nor all');
SELECT is(t.state('escriba_owner', 'UPDATE work.audit SET code = 1'), 'ES403', 'not by the owner either');

-- ---- a clock that jumps back
UPDATE work.audit_head SET at = at + interval '1 hour' WHERE client_id = :'beta';
SELECT t.admit(:'beta', 'f9') AS f9 \gset
SELECT is(pg_temp.verify(:'beta'), '', 'a clock that goes back does not break it');
SELECT ok((SELECT at > clock_timestamp() + interval '50 min' FROM work.audit WHERE client_id = :'beta' ORDER BY n DESC LIMIT 1), 'no row is older than the one before');

-- ---- what fails is not in it
SELECT n AS before FROM work.audit_head WHERE client_id = :'acme' \gset
SELECT t.state('escriba_runner', t.deliver_sql(:'d1', 2)), t.state('escriba_runner', t.decode_sql(:'f4', 2)), t.state('escriba_operator', format('SELECT ops.retry(%L)', :'d1')), t.state('escriba_operator', $$SELECT ops.client_state('acme', 'x')$$);
SELECT is((SELECT n FROM work.audit_head WHERE client_id = :'acme'), :before::bigint, 'what did not happen is not told');

-- ---- meddling shows.  Whoever owns the cluster can switch the trigger off; the chain is there for that.
CREATE FUNCTION pg_temp.meddled(p_sql text, p_client uuid) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    v_found text;
BEGIN
    BEGIN
        SET LOCAL session_replication_role = replica;
        EXECUTE p_sql;
        v_found := pg_temp.verify(p_client);
        RAISE EXCEPTION USING ERRCODE = 'UNDO1';
    EXCEPTION WHEN SQLSTATE 'UNDO1' THEN
        RETURN v_found;
    END;
END $$;
SELECT is(pg_temp.meddled(format(x.sql, :'acme'), :'acme'), x.found, x.what) FROM (VALUES
    ($$UPDATE work.audit SET amount = amount + 1 WHERE client_id = %L AND n = 6$$, 'row 6 is changed', 'an amount'),
    ($$UPDATE work.audit SET actor = 'escriba_desk' WHERE client_id = %L AND n = 6$$, 'row 6 is changed', 'an actor'),
    ($$UPDATE work.audit SET at = at - interval '1 microsecond' WHERE client_id = %L AND n = 6$$, 'row 6 is changed', 'a microsecond'),
    ($$UPDATE work.audit SET event = 'document.rejected' WHERE client_id = %L AND n = 10$$, 'row 10 is changed', 'an event'),
    ($$UPDATE work.audit SET code = 1 WHERE client_id = %L AND n = 10$$, 'row 10 is changed', 'a code'),
    ($$UPDATE work.audit SET page = 9 WHERE client_id = %L AND n = 6$$, 'row 6 is changed', 'a page'),
    ($$UPDATE work.audit SET person_id = gen_random_uuid() WHERE client_id = %L AND n = 6$$, 'row 6 is changed', 'a person'),
    ($$UPDATE work.audit SET batch_id = gen_random_uuid() WHERE client_id = %L AND n = 6$$, 'row 6 is changed', 'a batch'),
    ($$UPDATE work.audit SET file_id = gen_random_uuid() WHERE client_id = %L AND n = 6$$, 'row 6 is changed', 'a file'),
    ($$UPDATE work.audit SET document_id = gen_random_uuid() WHERE client_id = %L AND n = 10$$, 'row 10 is changed', 'a document'),
    ($$UPDATE work.audit SET sealed_hash = sha256('x') WHERE client_id = %L AND n = 5$$, 'row 5 is changed', 'the hash of what was stored'),
    ($$UPDATE work.audit SET sealed_hash = '\x' WHERE client_id = %L AND n = 5$$, 'row 5 is changed', 'a hash emptied'),
    ($$UPDATE work.audit SET hash = sha256('x') WHERE client_id = %L AND n = 5$$, 'row 5 is changed', 'a hash of the chain'),
    ($$UPDATE work.audit SET prev = sha256('x') WHERE client_id = %L AND n = 5$$, 'row 5 does not follow', 'a link'),
    ($$DELETE FROM work.audit WHERE client_id = %L AND n = 7$$, 'row 7 is missing', 'a row removed'),
    ($$DELETE FROM work.audit WHERE client_id = %L AND n >= 13$$, 'the end is cut off', 'the end cut off'),
    ($$DELETE FROM work.audit WHERE client_id = %L$$, 'the end is cut off', 'all of it gone'),
    ($$DELETE FROM work.audit_head WHERE client_id = %L$$, 'there is no head', 'the head gone'),
    ($$UPDATE work.audit SET n = n + 1000 WHERE client_id = %L AND n = 6$$, 'row 6 is missing', 'a row moved')) x(sql, found, what);
-- one row recomputed with its own hash: the next one does not follow
SELECT is(pg_temp.meddled(format($$WITH x AS (SELECT a AS r FROM work.audit a WHERE client_id = %L AND n = 6)
    UPDATE work.audit a SET amount = 99, hash = pg_temp.digest(ROW(a.client_id, a.n, a.at, a.actor, a.person_id, a.event, a.batch_id, a.file_id, a.document_id, a.page, a.code, 99::bigint, a.sealed_hash, a.prev, a.hash)::work.audit, a.prev)
      FROM x WHERE a.client_id = (x.r).client_id AND a.n = 6$$, :'acme'), :'acme'), 'row 7 does not follow', 'a row forged with its own hash');
DELETE FROM work.audit_head WHERE client_id = :'beta';
SELECT is(t.one('escriba_audit', $$SELECT coalesce(n::text, 'none') FROM ops.audit_heads('beta')$$), 'none', 'a chain whose head is gone is missed');
INSERT INTO work.audit_head VALUES (gen_random_uuid(), 1, '\x00', now());
SELECT is(t.one('escriba_audit', $$SELECT count(*) FROM ops.audit_heads(NULL) WHERE client = '?'$$), '1', 'and one that belongs to nobody is shown');
