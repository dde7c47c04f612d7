-- A paper that names somebody else is offered to seniors alone: the three functions of 0014 that offer documents, with
-- work.may_take (0013) beside work.may_see.
SET LOCAL ROLE escriba_owner;

CREATE OR REPLACE FUNCTION work.review_count(p_person uuid) RETURNS TABLE (waiting bigint, earliest timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
    SELECT count(*), min(r.deadline) FROM work.person p, work.review r JOIN work.document d USING (client_id, document_id)
      JOIN work.file f ON f.client_id = d.client_id AND f.file_id = d.file_id
     WHERE p.person_id = p_person AND (r.token IS NULL OR r.until < clock_timestamp() OR r.person_id = p_person)
       AND work.may_see(p, r.client_id, f.stream) AND work.may_take(p, r.reason)
       AND NOT work.has_keyed(p_person, r.client_id, r.document_id, r.version)
$$;

CREATE OR REPLACE FUNCTION work.review_list(p_person uuid, p_most int)
RETURNS TABLE (client_id uuid, client text, document_id uuid, version int, form text, reason int, pages int, doubtful int,
               deadline timestamptz, queued_at timestamptz, taken boolean)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
    SELECT r.client_id, c.name, r.document_id, r.version, d.form, r.reason, d.pages, d.doubtful, r.deadline, r.queued_at,
           r.token IS NOT NULL AND r.until >= clock_timestamp()
      FROM work.person p, work.review r JOIN work.document d USING (client_id, document_id)
      JOIN work.file f ON f.client_id = d.client_id AND f.file_id = d.file_id
      JOIN work.client c ON c.client_id = r.client_id
     WHERE p.person_id = p_person AND work.may_see(p, r.client_id, f.stream) AND work.may_take(p, r.reason)
       AND NOT work.has_keyed(p_person, r.client_id, r.document_id, r.version)
     ORDER BY r.deadline, r.queued_at LIMIT least(p_most, 1000)
$$;

CREATE OR REPLACE FUNCTION work.review_take(p_person uuid, p_document uuid, p_lease int)
RETURNS TABLE (token bigint, client_id uuid, document_id uuid, file_id uuid, version int, pages int, form text, reason int,
               file_wrapped bytea, document_wrapped bytea, deadline timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
#variable_conflict use_column
DECLARE
    v_now CONSTANT timestamptz := clock_timestamp();
    v_person work.person;
    r record;
BEGIN
    SELECT * INTO v_person FROM work.person p WHERE p.person_id = p_person AND p.closed_at IS NULL;
    IF NOT FOUND OR v_person.role = 'auditor' THEN
        RAISE EXCEPTION 'this person may not review' USING ERRCODE = 'ES403';
    END IF;
    SELECT q.client_id, q.document_id INTO r
      FROM work.review q JOIN work.document d USING (client_id, document_id)
      JOIN work.file f ON f.client_id = d.client_id AND f.file_id = d.file_id
     WHERE (p_document IS NULL OR q.document_id = p_document)
       AND (q.token IS NULL OR q.until < v_now OR (q.person_id = p_person AND p_document IS NOT NULL))
       AND work.may_see(v_person, q.client_id, f.stream) AND work.may_take(v_person, q.reason)
       AND NOT work.has_keyed(p_person, q.client_id, q.document_id, q.version)
     ORDER BY q.deadline, q.queued_at LIMIT 1 FOR UPDATE OF q SKIP LOCKED;
    IF NOT FOUND THEN
        IF p_document IS NOT NULL THEN
            IF EXISTS (SELECT 1 FROM work.review q JOIN work.document d USING (client_id, document_id)
                         JOIN work.file f ON f.client_id = d.client_id AND f.file_id = d.file_id
                        WHERE q.document_id = p_document AND work.may_see(v_person, q.client_id, f.stream)
                          AND work.may_take(v_person, q.reason)
                          AND NOT work.has_keyed(p_person, q.client_id, q.document_id, q.version)) THEN
                RAISE EXCEPTION 'another person has this document' USING ERRCODE = 'ES503';
            END IF;
            RAISE EXCEPTION 'no such document waits for this person' USING ERRCODE = 'ES404';
        END IF;
        RETURN;
    END IF;
    UPDATE work.review q SET token = nextval('work.token_seq'), until = v_now + make_interval(secs => p_lease),
           person_id = p_person
     WHERE q.client_id = r.client_id AND q.document_id = r.document_id;
    PERFORM work.audit_add(r.client_id, 'review.taken', p_person => p_person, p_document => r.document_id);
    RETURN QUERY
        SELECT q.token, q.client_id, q.document_id, d.file_id, q.version, d.pages,
               coalesce(nullif(d.form, ''), d.hint), q.reason, f.wrapped, d.wrapped, q.deadline
          FROM work.review q JOIN work.document d USING (client_id, document_id)
          JOIN work.file f ON f.client_id = d.client_id AND f.file_id = d.file_id
         WHERE q.client_id = r.client_id AND q.document_id = r.document_id;
END $$;
