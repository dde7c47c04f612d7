-- The balance: of every client, every page and every file that came in has one place, and nothing is in two.
--
--   pages: arrived = delivered + in work + in review + rejected + blank + separator + duplicate + set aside
--                    + quarantined + erased
--   files: the same with containers (archives, manifests); a file that is decoded counts by its pages' law only as
--          delivered, in work, in review (by what is left of its documents), so that nothing is hidden in a file
--
-- "arrived" is what the decoder said (file.pages); the right side counts the rows of pages, one by one.  The two are
-- written by different statements, and problems() looks for what a count cannot show.
SET LOCAL ROLE escriba_owner;

-- Where each page is.  NULL: nowhere.
CREATE FUNCTION work.page_places(p_client uuid)
RETURNS TABLE (client_id uuid, file_id uuid, page int, document_id uuid, place text) LANGUAGE sql STABLE AS $$
    SELECT p.client_id, p.file_id, p.page, p.document_id,
           CASE WHEN p.document_id IS NOT NULL THEN
                    CASE d.state WHEN 'work' THEN 'in_work' WHEN 'passed' THEN 'in_work' WHEN 'review' THEN 'in_review'
                                 ELSE d.state END
                WHEN f.state IN ('waiting', 'reading') THEN 'in_work'
                WHEN f.state = 'refused' THEN 'rejected'
                WHEN f.state IN ('duplicate', 'set_aside', 'quarantined', 'erased') THEN f.state
                WHEN f.state = 'separated' AND p.kind = 1 THEN 'blank'
                WHEN f.state = 'separated' AND p.kind IN (2, 3) THEN 'separator'
           END
      FROM work.page p JOIN work.file f USING (client_id, file_id)
      LEFT JOIN work.document d ON d.client_id = p.client_id AND d.document_id = p.document_id
     WHERE p_client IS NULL OR p.client_id = p_client
$$;

CREATE FUNCTION work.file_places(p_client uuid)
RETURNS TABLE (client_id uuid, file_id uuid, place text) LANGUAGE sql STABLE AS $$
    SELECT f.client_id, f.file_id,
           CASE WHEN f.state IN ('waiting', 'reading') THEN 'in_work'
                WHEN f.state IN ('container', 'manifest') THEN 'containers'
                WHEN f.state = 'refused' THEN 'rejected'
                WHEN f.state = 'separated' THEN
                    CASE WHEN d.documents = 0 THEN 'blank' -- nothing but blank pages and separators
                         WHEN d.work > 0 THEN 'in_work' WHEN d.review > 0 THEN 'in_review'
                         WHEN d.delivered > 0 THEN 'delivered' WHEN d.rejected > 0 THEN 'rejected'
                         WHEN d.set_aside > 0 THEN 'set_aside' WHEN d.quarantined > 0 THEN 'quarantined' ELSE 'erased' END
                WHEN f.state = 'arriving' THEN NULL
                ELSE f.state END
      FROM work.file f, LATERAL (
        SELECT count(*) AS documents, count(*) FILTER (WHERE d.state IN ('work', 'passed')) AS work,
               count(*) FILTER (WHERE d.state = 'review') AS review,
               count(*) FILTER (WHERE d.state = 'delivered') AS delivered,
               count(*) FILTER (WHERE d.state = 'rejected') AS rejected,
               count(*) FILTER (WHERE d.state = 'set_aside') AS set_aside,
               count(*) FILTER (WHERE d.state = 'quarantined') AS quarantined
          FROM work.document d WHERE d.client_id = f.client_id AND d.file_id = f.file_id) d
     WHERE p_client IS NULL OR f.client_id = p_client
$$;

-- Everything that is nowhere, in two places, or waits for nobody.
CREATE FUNCTION ops.balance_problems(p_client text)
RETURNS TABLE (client text, problem text, file_id uuid, document_id uuid, page int, number bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    RETURN QUERY
    SELECT c.name, x.problem, x.file_id, x.document_id, x.page, x.number FROM (
        SELECT p.client_id, 'page without a place' AS problem, p.file_id, p.document_id, p.page, 1::bigint AS number
          FROM work.page_places(v_client) p WHERE p.place IS NULL
        UNION ALL -- also a page row too many: the decoder counted, the rows are counted again
        SELECT f.client_id, CASE WHEN f.pages > n.rows THEN 'pages missing' ELSE 'pages too many' END, f.file_id, NULL, NULL,
               abs(f.pages - n.rows)
          FROM work.file f, LATERAL (SELECT count(*) AS rows FROM work.page p WHERE p.client_id = f.client_id
                                        AND p.file_id = f.file_id) n
         WHERE (v_client IS NULL OR f.client_id = v_client) AND coalesce(f.pages, 0) <> n.rows
        UNION ALL
        SELECT d.client_id, CASE WHEN n.rows < d.pages THEN 'page of a document missing' ELSE 'page with two owners' END,
               d.file_id, d.document_id, NULL, abs(d.pages - n.rows)
          FROM work.document d, LATERAL (SELECT count(*) AS rows FROM work.page p WHERE p.client_id = d.client_id
                                            AND p.document_id = d.document_id AND p.file_id = d.file_id) n
         WHERE (v_client IS NULL OR d.client_id = v_client) AND d.pages <> n.rows
        UNION ALL
        SELECT p.client_id, 'page of another file''s document', p.file_id, p.document_id, p.page, 1
          FROM work.page p LEFT JOIN work.document d ON d.client_id = p.client_id AND d.document_id = p.document_id
         WHERE (v_client IS NULL OR p.client_id = v_client) AND p.document_id IS NOT NULL
           AND d.file_id IS DISTINCT FROM p.file_id
        UNION ALL
        SELECT f.client_id, 'file in work without a step', f.file_id, NULL, NULL, 1 FROM work.file f
         WHERE (v_client IS NULL OR f.client_id = v_client) AND f.state IN ('waiting', 'reading')
           AND NOT EXISTS (SELECT 1 FROM work.step s WHERE s.client_id = f.client_id AND s.object_id = f.file_id
                              AND s.unit = CASE f.state WHEN 'waiting' THEN 1 ELSE 2 END)
        UNION ALL
        SELECT f.client_id, 'unread pages and steps differ', f.file_id, NULL, NULL, abs(f.unread - n.steps)
          FROM work.file f, LATERAL (SELECT count(*) AS steps FROM work.step s WHERE s.client_id = f.client_id
                                        AND s.object_id = f.file_id AND s.unit = 2 AND s.document_id IS NULL) n
         WHERE (v_client IS NULL OR f.client_id = v_client) AND f.state = 'reading' AND f.unread <> n.steps
        UNION ALL
        SELECT d.client_id, 'document in work without a step', d.file_id, d.document_id, NULL, 1 FROM work.document d
         WHERE (v_client IS NULL OR d.client_id = v_client) AND d.state IN ('work', 'passed')
           AND NOT EXISTS (SELECT 1 FROM work.step s WHERE s.client_id = d.client_id AND (
                  (s.object_id = d.document_id AND s.unit = CASE d.state WHEN 'work' THEN 3 ELSE 4 END)
                  OR (d.state = 'work' AND s.object_id = d.file_id AND s.unit = 2 AND s.document_id = d.document_id)))
        UNION ALL
        SELECT d.client_id, 'document in review that nobody is shown', d.file_id, d.document_id, NULL, 1
          FROM work.document d WHERE (v_client IS NULL OR d.client_id = v_client) AND d.state = 'review'
           AND NOT EXISTS (SELECT 1 FROM work.review r WHERE r.client_id = d.client_id AND r.document_id = d.document_id)
        UNION ALL
        SELECT d.client_id, 'document that passed is shown for review', d.file_id, d.document_id, NULL, 1
          FROM work.document d JOIN work.review r USING (client_id, document_id)
         WHERE (v_client IS NULL OR d.client_id = v_client) AND d.state <> 'review'
        UNION ALL
        SELECT d.client_id, 'delivered document without a receipt', d.file_id, d.document_id, NULL, 1 FROM work.document d
         WHERE (v_client IS NULL OR d.client_id = v_client) AND d.state = 'delivered'
           AND NOT EXISTS (SELECT 1 FROM work.receipt r WHERE r.client_id = d.client_id AND r.object_id = d.document_id
                              AND r.version = d.version AND r.kind = 'result')
        UNION ALL
        SELECT x.client_id, 'refusal neither told nor waiting', x.file_id, x.document_id, NULL, 1 FROM (
            SELECT f.client_id, f.file_id, NULL::uuid AS document_id, f.file_id AS object_id, f.version FROM work.file f
             WHERE f.state IN ('refused', 'quarantined')
            UNION ALL SELECT d.client_id, d.file_id, d.document_id, d.document_id, d.version FROM work.document d
             WHERE d.state IN ('rejected', 'quarantined')) x
         WHERE (v_client IS NULL OR x.client_id = v_client)
           AND NOT EXISTS (SELECT 1 FROM work.receipt r WHERE r.client_id = x.client_id AND r.object_id = x.object_id
                              AND r.version = x.version)
           AND NOT EXISTS (SELECT 1 FROM work.step s WHERE s.client_id = x.client_id AND s.object_id = x.object_id
                              AND s.unit = 4)
        UNION ALL
        SELECT s.client_id, 'step of something that is finished', s.file_id, s.document_id, s.page, 1
          FROM work.step s JOIN work.file f USING (client_id, file_id)
          LEFT JOIN work.document d ON d.client_id = s.client_id AND d.document_id = s.document_id
         WHERE (v_client IS NULL OR s.client_id = v_client) AND NOT CASE
               WHEN s.unit = 1 THEN f.state = 'waiting'
               WHEN s.unit = 2 AND s.document_id IS NULL THEN f.state = 'reading'
               WHEN s.unit IN (2, 3) THEN d.state = 'work'
               WHEN s.document_id IS NULL THEN f.state IN ('refused', 'quarantined')
               ELSE d.state IN ('passed', 'rejected', 'quarantined') END
    ) x JOIN work.client c USING (client_id) ORDER BY 1, 2, 3, 4, 5;
END $$;

CREATE FUNCTION ops.balance(p_client text)
RETURNS TABLE (client text, unit text, arrived bigint, delivered bigint, in_work bigint, in_review bigint, rejected bigint,
               blank bigint, separator bigint, duplicate bigint, set_aside bigint, quarantined bigint, erased bigint,
               containers bigint, difference bigint, problems bigint, holds boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    RETURN QUERY
    WITH trouble AS (
        SELECT b.client, count(*) AS problems FROM ops.balance_problems(p_client) b GROUP BY b.client
    ), places AS (
        SELECT p.client_id, 'page' AS unit, p.place, count(*) AS number FROM work.page_places(v_client) p GROUP BY 1, 3
        UNION ALL
        SELECT f.client_id, 'file', f.place, count(*) FROM work.file_places(v_client) f GROUP BY 1, 3
    ), came AS (
        SELECT f.client_id, 'page' AS unit, coalesce(sum(f.pages), 0)::bigint AS number FROM work.file f GROUP BY 1
        UNION ALL
        SELECT f.client_id, 'file', count(*) FROM work.file f GROUP BY 1
    ), counted AS (
        SELECT c.client_id, c.name, u.unit, coalesce(m.number, 0)::bigint AS arrived,
               coalesce(sum(p.number) FILTER (WHERE p.place = 'delivered'), 0)::bigint AS delivered,
               coalesce(sum(p.number) FILTER (WHERE p.place = 'in_work'), 0)::bigint AS in_work,
               coalesce(sum(p.number) FILTER (WHERE p.place = 'in_review'), 0)::bigint AS in_review,
               coalesce(sum(p.number) FILTER (WHERE p.place = 'rejected'), 0)::bigint AS rejected,
               coalesce(sum(p.number) FILTER (WHERE p.place = 'blank'), 0)::bigint AS blank,
               coalesce(sum(p.number) FILTER (WHERE p.place = 'separator'), 0)::bigint AS separator,
               coalesce(sum(p.number) FILTER (WHERE p.place = 'duplicate'), 0)::bigint AS duplicate,
               coalesce(sum(p.number) FILTER (WHERE p.place = 'set_aside'), 0)::bigint AS set_aside,
               coalesce(sum(p.number) FILTER (WHERE p.place = 'quarantined'), 0)::bigint AS quarantined,
               coalesce(sum(p.number) FILTER (WHERE p.place = 'erased'), 0)::bigint AS erased,
               coalesce(sum(p.number) FILTER (WHERE p.place = 'containers'), 0)::bigint AS containers,
               coalesce((SELECT t.problems FROM trouble t WHERE t.client = c.name), 0) AS problems
          FROM work.client c CROSS JOIN (VALUES ('page'), ('file')) u(unit)
          LEFT JOIN came m ON m.client_id = c.client_id AND m.unit = u.unit
          LEFT JOIN places p ON p.client_id = c.client_id AND p.unit = u.unit
         WHERE v_client IS NULL OR c.client_id = v_client
         GROUP BY c.client_id, c.name, u.unit, m.number
    )
    SELECT k.name, k.unit, k.arrived, k.delivered, k.in_work, k.in_review, k.rejected, k.blank, k.separator, k.duplicate,
           k.set_aside, k.quarantined, k.erased, k.containers, d.difference, k.problems, d.difference = 0 AND k.problems = 0
      FROM counted k, LATERAL (SELECT k.arrived - k.delivered - k.in_work - k.in_review - k.rejected - k.blank - k.separator
               - k.duplicate - k.set_aside - k.quarantined - k.erased - k.containers AS difference) d
     ORDER BY k.name, k.unit DESC;
END $$;

-- For a Prometheus text file: names and labels in its form.
CREATE FUNCTION ops.metrics() RETURNS TABLE (name text, labels text, value double precision)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    WITH balance AS MATERIALIZED (SELECT * FROM ops.balance(NULL)), queue AS MATERIALIZED (SELECT * FROM ops.queue())
    SELECT 'escriba_queue_steps', format('client="%s",unit="%s",state="%s"', q.client, q.unit, s.state),
           s.value::double precision
      FROM queue q, LATERAL (VALUES ('waiting', q.waiting), ('delayed', q.delayed), ('leased', q.leased),
                                          ('lapsed', q.lapsed)) AS s(state, value)
    UNION ALL
    SELECT 'escriba_queue_oldest_seconds', format('client="%s",unit="%s"', q.client, q.unit), q.oldest_seconds FROM queue q
    UNION ALL
    SELECT 'escriba_review_documents', format('client="%s"', c.name), count(r.document_id)
      FROM work.client c LEFT JOIN work.review r USING (client_id) GROUP BY c.name
    UNION ALL
    SELECT 'escriba_files', format('client="%s",state="%s"', c.name, f.state), count(*)
      FROM work.client c JOIN work.file f USING (client_id) GROUP BY c.name, f.state
    UNION ALL
    SELECT 'escriba_documents', format('client="%s",state="%s"', c.name, d.state), count(*)
      FROM work.client c JOIN work.document d USING (client_id) GROUP BY c.name, d.state
    UNION ALL
    SELECT 'escriba_refusals_total', format('client="%s",reason="%s"', c.name, f.reason), count(*)
      FROM work.client c JOIN work.file f USING (client_id)
     WHERE f.state IN ('refused', 'quarantined') -- what was refused and erased since was refused: it only counts up
        OR (f.state = 'erased' AND EXISTS (SELECT 1 FROM work.receipt r WHERE r.client_id = f.client_id
                                              AND r.object_id = f.file_id AND r.version = f.version))
     GROUP BY c.name, f.reason
    UNION ALL
    SELECT 'escriba_steps_total', format('client="%s"', c.name), h.n
      FROM work.client c JOIN work.audit_head h USING (client_id)
    UNION ALL
    SELECT 'escriba_batches_late', '', count(*) FROM ops.batches(NULL, false) b WHERE b.late
    UNION ALL
    SELECT 'escriba_pages', format('client="%s",state="%s"', b.client, s.state), s.value::double precision
      FROM balance b, LATERAL (VALUES ('delivered', b.delivered), ('in_work', b.in_work), ('in_review', b.in_review),
           ('rejected', b.rejected), ('blank', b.blank), ('separator', b.separator), ('duplicate', b.duplicate),
           ('set_aside', b.set_aside), ('quarantined', b.quarantined), ('erased', b.erased)) AS s(state, value)
     WHERE b.unit = 'page'
    UNION ALL
    SELECT 'escriba_balance_difference', format('client="%s",unit="%s"', b.client, b.unit), b.difference::double precision
      FROM balance b
$$;
