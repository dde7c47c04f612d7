-- Metrics: pages by the state they are in and whether the balance holds, beside what there was before.
SET LOCAL ROLE escriba_owner;

CREATE OR REPLACE FUNCTION ops.metrics() RETURNS TABLE (name text, labels text, value double precision)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    SELECT 'escriba_queue_steps', format('client="%s",unit="%s",state="%s"', q.client, q.unit, s.state),
           s.value::double precision
      FROM ops.queue() q, LATERAL (VALUES ('waiting', q.waiting), ('delayed', q.delayed), ('leased', q.leased),
                                          ('lapsed', q.lapsed)) AS s(state, value)
    UNION ALL
    SELECT 'escriba_queue_oldest_seconds', format('client="%s",unit="%s"', q.client, q.unit), q.oldest_seconds FROM ops.queue() q
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
      FROM work.client c JOIN work.file f USING (client_id) WHERE f.state IN ('refused', 'quarantined') GROUP BY c.name, f.reason
    UNION ALL
    SELECT 'escriba_steps_total', format('client="%s"', c.name), h.n
      FROM work.client c JOIN work.audit_head h USING (client_id)
    UNION ALL
    SELECT 'escriba_batches_late', '', count(*) FROM ops.batches(NULL, false) b WHERE b.late
    UNION ALL
    SELECT 'escriba_pages', format('client="%s",state="%s"', b.client, s.state), s.value::double precision
      FROM ops.balance(NULL) b, LATERAL (VALUES ('delivered', b.delivered), ('in_work', b.in_work), ('in_review', b.in_review),
           ('rejected', b.rejected), ('blank', b.blank), ('separator', b.separator), ('duplicate', b.duplicate),
           ('set_aside', b.set_aside), ('quarantined', b.quarantined), ('erased', b.erased)) AS s(state, value)
     WHERE b.unit = 'page'
    UNION ALL
    SELECT 'escriba_balance_difference', format('client="%s",unit="%s"', b.client, b.unit), b.difference::double precision
      FROM ops.balance(NULL) b
$$;
