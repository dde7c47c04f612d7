-- A person looks: one document, one lease, every look written down.  The desk calls these for a person whom the
-- kernel named; the rules about who may see what are here.
SET LOCAL ROLE escriba_owner;

CREATE FUNCTION work.person_of(p_system_user text)
RETURNS TABLE (person_id uuid, name text, role text, language text, clearance int)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
    SELECT p.person_id, p.name, p.role, p.language, p.clearance FROM work.person p
     WHERE p.system_user = p_system_user AND p.closed_at IS NULL
$$;

-- May this person see documents of this client and stream?
CREATE FUNCTION work.may_see(p_person work.person, p_client uuid, p_stream text) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT p_person.closed_at IS NULL AND p_person.role IN ('reviewer', 'senior')
       AND EXISTS (SELECT 1 FROM work.client c WHERE c.client_id = p_client AND c.state <> 'erased'
                      AND c.clearance <= p_person.clearance)
       AND (p_person.all_clients OR EXISTS (SELECT 1 FROM work.person_client pc
             WHERE pc.client_id = p_client AND pc.person_id = p_person.person_id))
       AND (p_person.language = '' OR EXISTS (SELECT 1 FROM work.stream s WHERE s.client_id = p_client
             AND s.name = p_stream AND s.language IN ('', p_person.language)))
$$;

-- How many documents wait that this person may see.
CREATE FUNCTION work.review_count(p_person uuid) RETURNS TABLE (waiting bigint, earliest timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
    SELECT count(*), min(r.deadline) FROM work.person p, work.review r JOIN work.document d USING (client_id, document_id)
      JOIN work.file f ON f.client_id = d.client_id AND f.file_id = d.file_id
     WHERE p.person_id = p_person AND (r.token IS NULL OR r.until < clock_timestamp() OR r.person_id = p_person)
       AND work.may_see(p, r.client_id, f.stream)
$$;

-- The queue as this person sees it: no contents, no names of files.
CREATE FUNCTION work.review_list(p_person uuid, p_most int)
RETURNS TABLE (client_id uuid, client text, document_id uuid, version int, form text, reason int, pages int, doubtful int,
               deadline timestamptz, queued_at timestamptz, taken boolean)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
    SELECT r.client_id, c.name, r.document_id, r.version, d.form, r.reason, d.pages, d.doubtful, r.deadline, r.queued_at,
           r.token IS NOT NULL AND r.until >= clock_timestamp()
      FROM work.person p, work.review r JOIN work.document d USING (client_id, document_id)
      JOIN work.file f ON f.client_id = d.client_id AND f.file_id = d.file_id
      JOIN work.client c ON c.client_id = r.client_id
     WHERE p.person_id = p_person AND work.may_see(p, r.client_id, f.stream)
     ORDER BY r.deadline, r.queued_at LIMIT least(p_most, 1000)
$$;

-- The next document, or this one (ES503 when another person has it, ES404 when it waits for nobody).  No row: none waits.
CREATE FUNCTION work.review_take(p_person uuid, p_document uuid, p_lease int)
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
       AND work.may_see(v_person, q.client_id, f.stream)
     ORDER BY q.deadline, q.queued_at LIMIT 1 FOR UPDATE OF q SKIP LOCKED;
    IF NOT FOUND THEN
        IF p_document IS NOT NULL THEN
            IF EXISTS (SELECT 1 FROM work.review q JOIN work.document d USING (client_id, document_id)
                         JOIN work.file f ON f.client_id = d.client_id AND f.file_id = d.file_id
                        WHERE q.document_id = p_document AND work.may_see(v_person, q.client_id, f.stream)) THEN
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

-- The document under this lease, or ES001.
CREATE FUNCTION work.review_held(p_client uuid, p_document uuid, p_token bigint) RETURNS work.review LANGUAGE plpgsql AS $$
DECLARE
    r work.review;
BEGIN
    SELECT t.* INTO r FROM work.review t WHERE t.client_id = p_client AND t.document_id = p_document
       AND t.token = p_token;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'ES001';
    END IF;
    RETURN r;
END $$;

-- The same, while the person who took it may still see it: rights may end while a document is open.
CREATE FUNCTION work.review_watched(p_client uuid, p_document uuid, p_token bigint) RETURNS work.review
LANGUAGE plpgsql AS $$
DECLARE
    r work.review := work.review_held(p_client, p_document, p_token);
BEGIN
    IF NOT EXISTS (SELECT 1 FROM work.person p, work.document d JOIN work.file f USING (client_id, file_id)
                    WHERE p.person_id = r.person_id AND d.client_id = p_client AND d.document_id = p_document
                      AND work.may_see(p, p_client, f.stream)) THEN
        RAISE EXCEPTION 'this person may not see this document any more' USING ERRCODE = 'ES403';
    END IF;
    RETURN r;
END $$;

-- The same for the person who took it, locked to the end of the transaction.
CREATE FUNCTION work.review_finish(p_person uuid, p_client uuid, p_document uuid, p_token bigint) RETURNS work.document
LANGUAGE plpgsql AS $$
DECLARE
    r work.review := work.review_held(p_client, p_document, p_token);
    d work.document;
BEGIN
    SELECT t.* INTO d FROM work.document t WHERE t.client_id = p_client AND t.document_id = p_document;
    PERFORM work.lock_owner(p_client, d.file_id, p_document);
    SELECT t.* INTO d FROM work.document t WHERE t.client_id = p_client AND t.document_id = p_document;
    r := work.review_held(p_client, p_document, p_token);
    IF r.person_id <> p_person OR NOT EXISTS (SELECT 1 FROM work.person p JOIN work.file f ON f.client_id = p_client
            AND f.file_id = d.file_id WHERE p.person_id = p_person AND work.may_see(p, p_client, f.stream)) THEN
        RAISE EXCEPTION 'this person may not decide here' USING ERRCODE = 'ES403';
    END IF;
    RETURN d;
END $$;

CREATE FUNCTION work.review_renew(p_client uuid, p_document uuid, p_token bigint, p_lease int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    PERFORM work.review_watched(p_client, p_document, p_token);
    UPDATE work.review r SET until = clock_timestamp() + make_interval(secs => p_lease)
     WHERE r.client_id = p_client AND r.document_id = p_document AND r.token = p_token;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the lease is lost' USING ERRCODE = 'ES001';
    END IF;
END $$;

CREATE FUNCTION work.review_leave(p_client uuid, p_document uuid, p_token bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    v_person uuid;
BEGIN
    v_person := (work.review_held(p_client, p_document, p_token)).person_id;
    UPDATE work.review r SET token = NULL, until = NULL, person_id = NULL
     WHERE r.client_id = p_client AND r.document_id = p_document AND r.token = p_token;
    PERFORM work.audit_add(p_client, 'review.left', p_person => v_person, p_document => p_document);
END $$;

-- The person's order goes back to the machine with the document, as the next try of the same version.
CREATE FUNCTION work.review_done(p_person uuid, p_client uuid, p_document uuid, p_token bigint, p_order bytea,
                                 p_corrected int, p_accepted int)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    d work.document := work.review_finish(p_person, p_client, p_document, p_token);
BEGIN
    PERFORM work.artifact_put(p_client, p_document, 10, 0, d.version, p_order);
    DELETE FROM work.review r WHERE r.client_id = p_client AND r.document_id = p_document;
    UPDATE work.document t SET state = 'work', must_review = false, person_id = p_person, changed_at = clock_timestamp()
     WHERE t.client_id = p_client AND t.document_id = p_document;
    PERFORM work.step_add(p_client, 3, p_document, d.file_id, p_document, d.version);
    PERFORM work.audit_append(p_client, ARRAY[
        ROW('review.done', p_person, d.batch_id, d.file_id, p_document, -1, 0, p_corrected, sha256(p_order)),
        ROW('review.accepted', p_person, d.batch_id, d.file_id, p_document, -1, 0, p_accepted, NULL)]::work.audit_entry[]);
END $$;

-- It is another type of document: all its pages are read again with that form, then the document.
CREATE FUNCTION work.review_retype(p_person uuid, p_client uuid, p_document uuid, p_token bigint, p_form text,
                                   p_order bytea)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    d work.document := work.review_finish(p_person, p_client, p_document, p_token);
BEGIN
    IF p_form IS NULL OR p_form !~ '^[a-z0-9_]{1,63}$' THEN
        RAISE EXCEPTION 'a form has a name of small letters, digits and _' USING ERRCODE = 'ES400';
    END IF;
    DELETE FROM work.review r WHERE r.client_id = p_client AND r.document_id = p_document;
    IF coalesce(length(p_order), 0) > 0 THEN
        PERFORM work.artifact_put(p_client, p_document, 10, 0, d.version, p_order);
    END IF;
    UPDATE work.document t SET state = 'work', hint = p_form, unread = t.pages, person_id = p_person,
           must_review = false, changed_at = clock_timestamp()
     WHERE t.client_id = p_client AND t.document_id = p_document;
    INSERT INTO work.step (client_id, object_id, unit, page, file_id, document_id, version, deadline)
    SELECT p_client, p.file_id, 2, p.page, p.file_id, p_document, d.version, b.deadline
      FROM work.page p JOIN work.batch b ON b.client_id = p.client_id AND b.batch_id = d.batch_id
     WHERE p.client_id = p_client AND p.document_id = p_document ORDER BY p.doc_page;
    PERFORM work.audit_add(p_client, 'review.retyped', p_person => p_person, p_batch => d.batch_id, p_file => d.file_id,
                           p_document => p_document);
END $$;

CREATE FUNCTION work.review_reject(p_person uuid, p_client uuid, p_document uuid, p_token bigint, p_reason int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    PERFORM work.review_finish(p_person, p_client, p_document, p_token);
    IF p_reason NOT BETWEEN 100 AND 199 THEN
        RAISE EXCEPTION 'a person rejects with a person''s reason' USING ERRCODE = 'ES400';
    END IF;
    PERFORM work.document_end(p_client, p_document, 'rejected', p_reason, 0, true, p_person);
END $$;

-- Who saw which field of which document; '' is a whole page.
CREATE FUNCTION work.review_saw(p_person uuid, p_client uuid, p_document uuid, p_token bigint, p_field text)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    r work.review := work.review_watched(p_client, p_document, p_token);
BEGIN
    IF r.person_id <> p_person THEN
        RAISE EXCEPTION 'this person did not take it' USING ERRCODE = 'ES403';
    END IF;
    INSERT INTO work.seen (client_id, document_id, person_id, field) VALUES (p_client, p_document, p_person, p_field);
    PERFORM work.audit_add(p_client, 'review.saw', p_person => p_person, p_document => p_document);
END $$;

CREATE FUNCTION work.review_load(p_client uuid, p_document uuid, p_token bigint, p_kind int, p_page int) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    r work.review := work.review_watched(p_client, p_document, p_token);
BEGIN
    RETURN (SELECT work.artifact_of(p_client, d.file_id, p_document, r.version, p_kind, p_page)
              FROM work.document d WHERE d.client_id = p_client AND d.document_id = p_document);
END $$;

CREATE FUNCTION work.review_load_part(p_client uuid, p_document uuid, p_token bigint, p_part int) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    PERFORM work.review_watched(p_client, p_document, p_token);
    RETURN (SELECT b.sealed FROM work.document d JOIN work.blob_part b ON b.client_id = d.client_id
               AND b.file_id = d.file_id AND b.part = p_part
             WHERE d.client_id = p_client AND d.document_id = p_document);
END $$;

CREATE FUNCTION work.review_pages(p_client uuid, p_document uuid, p_token bigint) RETURNS TABLE (file_page int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    PERFORM work.review_watched(p_client, p_document, p_token);
    RETURN QUERY SELECT p.page FROM work.page p WHERE p.client_id = p_client AND p.document_id = p_document
                  ORDER BY p.doc_page;
END $$;
