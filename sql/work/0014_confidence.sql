-- Confidence that is this client's own: what persons said about values, counted; the error budget of the contract;
-- what is expected to be wrong.  Numbers and the names of forms and fields; no value and no text of a document.
SET LOCAL ROLE escriba_owner;

-- What was agreed with a client: the largest share of wrong values by what a mistake costs (0: nothing agreed, the
-- shipped levels hold), and the share of accepted values that a person looks at all the same.
CREATE TABLE work.contract (
    client_id uuid PRIMARY KEY REFERENCES work.client,
    critical  double precision NOT NULL DEFAULT 0 CHECK (critical BETWEEN 0 AND 0.5),
    major     double precision NOT NULL DEFAULT 0 CHECK (major BETWEEN 0 AND 0.5),
    minor     double precision NOT NULL DEFAULT 0 CHECK (minor BETWEEN 0 AND 0.5),
    sample    double precision NOT NULL DEFAULT 0 CHECK (sample BETWEEN 0 AND 1)
);

-- By the bin of the probability that was stated (doc/calibration.h).  way: 0 asked because it was not sure enough,
-- 1 drawn by lot from what was accepted, 2 asked because another rule spoke against it, 3 nobody asked, a person
-- corrected it.  keyed: 1 seen and accepted or corrected, 2 typed blind, 3 typed blind by two.
CREATE TABLE work.judged (
    client_id uuid NOT NULL REFERENCES work.client,
    form      text NOT NULL CHECK (octet_length(form) BETWEEN 1 AND 64),
    field     text NOT NULL CHECK (field ~ '^[a-z0-9_]{1,63}(\.[a-z0-9_]{1,63})?$'),
    bin       smallint NOT NULL CHECK (bin BETWEEN 0 AND 15),
    way       smallint NOT NULL CHECK (way BETWEEN 0 AND 3),
    keyed     smallint NOT NULL CHECK (keyed BETWEEN 1 AND 3),
    good      double precision NOT NULL DEFAULT 0 CHECK (good >= 0),
    wrong     double precision NOT NULL DEFAULT 0 CHECK (wrong >= 0),
    stated    double precision NOT NULL DEFAULT 0 CHECK (stated >= 0), -- the sum of what was stated
    PRIMARY KEY (client_id, form, field, bin, way, keyed)
) WITH (fillfactor = 70);

-- Of one version of a document, by field: how many values were accepted, the sums of their probabilities of being wrong
-- (doubt) and of its variance (spread); how many wait for which kind of look; what was said about those looked at.
CREATE TABLE work.stated (
    client_id   uuid NOT NULL,
    document_id uuid NOT NULL,
    version     int NOT NULL,
    field       text NOT NULL CHECK (field ~ '^[a-z0-9_]{1,63}(\.[a-z0-9_]{1,63})?$'),
    accepted    int NOT NULL DEFAULT 0,
    doubt       double precision NOT NULL DEFAULT 0,
    spread      double precision NOT NULL DEFAULT 0,
    by_person   int NOT NULL DEFAULT 0,
    confirm     int NOT NULL DEFAULT 0,
    single      int NOT NULL DEFAULT 0,
    double      int NOT NULL DEFAULT 0,
    sampled     int NOT NULL DEFAULT 0, -- of those that wait, drawn by lot
    seen        int NOT NULL DEFAULT 0, -- judged by a person, and of those wrong
    seen_wrong  int NOT NULL DEFAULT 0,
    lots        int NOT NULL DEFAULT 0, -- judged of those drawn by lot
    lots_wrong  int NOT NULL DEFAULT 0,
    PRIMARY KEY (client_id, document_id, version, field),
    FOREIGN KEY (client_id, document_id) REFERENCES work.document
);

-- Who has typed this version of a document, and may not be the other one who does.
CREATE TABLE work.keyed (
    client_id   uuid NOT NULL,
    document_id uuid NOT NULL,
    version     int NOT NULL,
    round       int NOT NULL,
    person_id   uuid NOT NULL,
    PRIMARY KEY (client_id, document_id, version, round),
    FOREIGN KEY (client_id, document_id) REFERENCES work.document
);

-- ---- the runner ------------------------------------------------------------------------------------------

CREATE FUNCTION work.load_contract(p_client uuid, p_object uuid, p_unit int, p_page int, p_token bigint)
RETURNS TABLE (critical float8, major float8, minor float8, sample float8)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    PERFORM work.held(p_client, p_object, p_unit, p_page, p_token);
    RETURN QUERY SELECT c.critical, c.major, c.minor, c.sample FROM work.contract c WHERE c.client_id = p_client;
END $$;

-- What another rule spoke against is held back by that rule, whatever its probability: it says nothing about those
-- that nothing speaks against.
CREATE FUNCTION work.load_judged(p_client uuid, p_object uuid, p_unit int, p_page int, p_token bigint)
RETURNS TABLE (form text, field text, bin int, good float8, wrong float8, stated float8)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
BEGIN
    PERFORM work.held(p_client, p_object, p_unit, p_page, p_token);
    RETURN QUERY SELECT j.form, j.field, j.bin::int, sum(j.good), sum(j.wrong), sum(j.stated) / greatest(sum(j.good + j.wrong), 1e-9)
                   FROM work.judged j WHERE j.client_id = p_client AND j.way <> 2
                  GROUP BY j.form, j.field, j.bin ORDER BY 1, 2, 3;
END $$;

-- Called before commit_document, in its transaction.  p_terms: what the step was told, sealed, so that it can be told
-- the same again.
CREATE FUNCTION work.document_stated(p_client uuid, p_document uuid, p_token bigint, p_terms bytea, p_fields text[],
                                     p_accepted bigint[], p_doubt float8[], p_spread float8[], p_by_person bigint[],
                                     p_confirm bigint[], p_single bigint[], p_double bigint[], p_sampled bigint[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    s work.step := work.held(p_client, p_document, 3, 0, p_token);
BEGIN
    IF (cardinality(p_fields) = ALL (ARRAY[cardinality(p_accepted), cardinality(p_doubt), cardinality(p_spread),
           cardinality(p_by_person), cardinality(p_confirm), cardinality(p_single), cardinality(p_double),
           cardinality(p_sampled)])) IS NOT TRUE THEN
        RAISE EXCEPTION 'the lists of what was stated differ in length' USING ERRCODE = 'ES400';
    END IF;
    IF coalesce(length(p_terms), 0) > 0 THEN
        PERFORM work.artifact_put(p_client, p_document, 16, 0, s.version, p_terms);
    END IF;
    -- What persons said of it stays when the machine goes over it again with their order.
    UPDATE work.stated t SET accepted = 0, doubt = 0, spread = 0, by_person = 0, confirm = 0, single = 0, double = 0, sampled = 0
     WHERE t.client_id = p_client AND t.document_id = p_document AND t.version = s.version;
    INSERT INTO work.stated AS t (client_id, document_id, version, field, accepted, doubt, spread, by_person, confirm, single,
                                  double, sampled)
    SELECT p_client, p_document, s.version, i.* FROM unnest(p_fields, p_accepted, p_doubt, p_spread, p_by_person, p_confirm,
                                                            p_single, p_double, p_sampled) i
    ON CONFLICT (client_id, document_id, version, field) DO UPDATE SET accepted = EXCLUDED.accepted, doubt = EXCLUDED.doubt,
        spread = EXCLUDED.spread, by_person = EXCLUDED.by_person, confirm = EXCLUDED.confirm, single = EXCLUDED.single,
        double = EXCLUDED.double, sampled = EXCLUDED.sampled;
END $$;

-- ---- the desk --------------------------------------------------------------------------------------------

-- What a person said about values of a document: called before review_done, in its transaction.  A value each; right is
-- 1 or 0.  A count that has come to two thousand is halved: older values weigh less and less, for a client may change.
CREATE FUNCTION work.review_judged(p_person uuid, p_client uuid, p_document uuid, p_token bigint, p_form text,
                                   p_fields text[], p_bins bigint[], p_ways bigint[], p_keys bigint[], p_right bigint[],
                                   p_stated float8[])
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    r work.review := work.review_watched(p_client, p_document, p_token);
BEGIN
    IF r.person_id <> p_person THEN
        RAISE EXCEPTION 'this person did not take it' USING ERRCODE = 'ES403';
    END IF;
    IF (cardinality(p_fields) = ALL (ARRAY[cardinality(p_bins), cardinality(p_ways), cardinality(p_keys),
           cardinality(p_right), cardinality(p_stated)])) IS NOT TRUE
       OR EXISTS (SELECT 1 FROM unnest(p_right, p_stated) i(good, stated) WHERE i.good NOT IN (0, 1) OR i.stated NOT BETWEEN 0 AND 1
                     OR i.good IS NULL OR i.stated IS NULL) THEN
        RAISE EXCEPTION 'what was said about values does not fit together' USING ERRCODE = 'ES400';
    END IF;
    INSERT INTO work.judged AS j (client_id, form, field, bin, way, keyed, good, wrong, stated)
    SELECT p_client, p_form, i.field, i.bin, i.way, i.keyed, sum(i.good), sum(1 - i.good), sum(i.stated)
      FROM unnest(p_fields, p_bins, p_ways, p_keys, p_right, p_stated) i(field, bin, way, keyed, good, stated)
     GROUP BY i.field, i.bin, i.way, i.keyed ORDER BY i.field, i.bin, i.way, i.keyed
    ON CONFLICT (client_id, form, field, bin, way, keyed) DO UPDATE SET
        good = (j.good + EXCLUDED.good) * CASE WHEN j.good + j.wrong >= 2000 THEN 0.5 ELSE 1 END,
        wrong = (j.wrong + EXCLUDED.wrong) * CASE WHEN j.good + j.wrong >= 2000 THEN 0.5 ELSE 1 END,
        stated = (j.stated + EXCLUDED.stated) * CASE WHEN j.good + j.wrong >= 2000 THEN 0.5 ELSE 1 END;
    INSERT INTO work.stated AS t (client_id, document_id, version, field, seen, seen_wrong, lots, lots_wrong)
    SELECT p_client, p_document, r.version, i.field, count(*), sum(1 - i.good), count(*) FILTER (WHERE i.way = 1),
           coalesce(sum(1 - i.good) FILTER (WHERE i.way = 1), 0)
      FROM unnest(p_fields, p_ways, p_right) i(field, way, good) GROUP BY i.field ORDER BY i.field
    ON CONFLICT (client_id, document_id, version, field) DO UPDATE SET seen = t.seen + EXCLUDED.seen,
        seen_wrong = t.seen_wrong + EXCLUDED.seen_wrong, lots = t.lots + EXCLUDED.lots,
        lots_wrong = t.lots_wrong + EXCLUDED.lots_wrong;
END $$;

-- One person has typed; another one must.  The order waits with the document, which waits on.
CREATE FUNCTION work.review_again(p_person uuid, p_client uuid, p_document uuid, p_token bigint, p_reason int, p_order bytea)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    d work.document := work.review_finish(p_person, p_client, p_document, p_token);
BEGIN
    IF p_reason NOT IN (95, 96) OR coalesce(length(p_order), 0) = 0 THEN
        RAISE EXCEPTION 'a document waits for another person with what was typed, and says why' USING ERRCODE = 'ES400';
    END IF;
    PERFORM work.artifact_put(p_client, p_document, 10, 0, d.version, p_order);
    INSERT INTO work.keyed SELECT p_client, p_document, d.version, 1 + count(*), p_person FROM work.keyed k
     WHERE k.client_id = p_client AND k.document_id = p_document AND k.version = d.version;
    UPDATE work.review r SET token = NULL, until = NULL, person_id = NULL, reason = p_reason
     WHERE r.client_id = p_client AND r.document_id = p_document;
    PERFORM work.audit_add(p_client, 'review.keyed', p_person => p_person, p_batch => d.batch_id, p_file => d.file_id,
                           p_document => p_document, p_code => p_reason, p_hash => sha256(p_order));
END $$;

-- Has this person typed this version of the document already?
CREATE FUNCTION work.has_keyed(p_person uuid, p_client uuid, p_document uuid, p_version int) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (SELECT 1 FROM work.keyed k WHERE k.client_id = p_client AND k.document_id = p_document
                      AND k.version = p_version AND k.person_id = p_person)
$$;

-- As before (0007), but for what this person has typed and another one must.
CREATE OR REPLACE FUNCTION work.review_count(p_person uuid) RETURNS TABLE (waiting bigint, earliest timestamptz)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
    SELECT count(*), min(r.deadline) FROM work.person p, work.review r JOIN work.document d USING (client_id, document_id)
      JOIN work.file f ON f.client_id = d.client_id AND f.file_id = d.file_id
     WHERE p.person_id = p_person AND (r.token IS NULL OR r.until < clock_timestamp() OR r.person_id = p_person)
       AND work.may_see(p, r.client_id, f.stream) AND NOT work.has_keyed(p_person, r.client_id, r.document_id, r.version)
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
     WHERE p.person_id = p_person AND work.may_see(p, r.client_id, f.stream)
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
       AND work.may_see(v_person, q.client_id, f.stream)
       AND NOT work.has_keyed(p_person, q.client_id, q.document_id, q.version)
     ORDER BY q.deadline, q.queued_at LIMIT 1 FOR UPDATE OF q SKIP LOCKED;
    IF NOT FOUND THEN
        IF p_document IS NOT NULL THEN
            IF EXISTS (SELECT 1 FROM work.review q JOIN work.document d USING (client_id, document_id)
                         JOIN work.file f ON f.client_id = d.client_id AND f.file_id = d.file_id
                        WHERE q.document_id = p_document AND work.may_see(v_person, q.client_id, f.stream)
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

-- ---- the operator ----------------------------------------------------------------------------------------

CREATE FUNCTION ops.contract(p_client text)
RETURNS TABLE (client text, critical float8, major float8, minor float8, sample float8)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    RETURN QUERY SELECT c.name, coalesce(t.critical, 0), coalesce(t.major, 0), coalesce(t.minor, 0), coalesce(t.sample, 0)
          FROM work.client c LEFT JOIN work.contract t USING (client_id) WHERE c.client_id = v_client;
END $$;

-- NULL leaves a number as it is.
CREATE FUNCTION ops.contract_set(p_client text, p_critical float8, p_major float8, p_minor float8, p_sample float8)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    IF v_client IS NULL THEN
        RAISE EXCEPTION 'there is no client of this name' USING ERRCODE = 'ES404';
    END IF;
    IF (greatest(p_critical, p_major, p_minor) > 0.5) OR least(p_critical, p_major, p_minor, p_sample) < 0 OR p_sample > 1
       OR 'NaN'::float8 IN (p_critical, p_major, p_minor, p_sample) THEN
        RAISE EXCEPTION 'a budget is a share of wrong values from 0 to 0.5, a sample a share from 0 to 1' USING ERRCODE = 'ES400';
    END IF;
    INSERT INTO work.contract AS c (client_id, critical, major, minor, sample)
    VALUES (v_client, coalesce(p_critical, 0), coalesce(p_major, 0), coalesce(p_minor, 0), coalesce(p_sample, 0))
    ON CONFLICT (client_id) DO UPDATE SET critical = coalesce(p_critical, c.critical), major = coalesce(p_major, c.major),
        minor = coalesce(p_minor, c.minor), sample = coalesce(p_sample, c.sample);
    PERFORM work.audit_add(v_client, 'client.contract');
END $$;

-- What is expected of a batch before it ships, by form and field.  Refused and erased documents ship no values.
CREATE FUNCTION ops.batch_stated(p_batch uuid)
RETURNS TABLE (form text, field text, accepted bigint, doubt float8, spread float8, by_person bigint, confirm bigint,
               single bigint, double bigint, sampled bigint, seen bigint, seen_wrong bigint, lots bigint, lots_wrong bigint)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    SELECT d.form, t.field, sum(t.accepted), sum(t.doubt), sum(t.spread), sum(t.by_person), sum(t.confirm), sum(t.single),
           sum(t.double), sum(t.sampled), sum(t.seen), sum(t.seen_wrong), sum(t.lots), sum(t.lots_wrong)
      FROM work.document d JOIN work.stated t USING (client_id, document_id, version)
     WHERE d.batch_id = p_batch AND d.state IN ('work', 'review', 'passed', 'delivered')
     GROUP BY d.form, t.field ORDER BY d.form, t.field
$$;

-- What this client's persons said, by form and field: how many values were judged, how many of them wrong, how many
-- were expected to be.
CREATE FUNCTION ops.judged(p_client text)
RETURNS TABLE (form text, field text, asked float8, asked_wrong float8, lots float8, lots_wrong float8, found float8,
               bin int, good float8, wrong float8, stated float8)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_client CONSTANT uuid := ops.client_named(p_client);
BEGIN
    RETURN QUERY SELECT j.form, j.field, coalesce(sum(j.good + j.wrong) FILTER (WHERE j.way IN (0, 2)), 0),
               coalesce(sum(j.wrong) FILTER (WHERE j.way IN (0, 2)), 0), coalesce(sum(j.good + j.wrong) FILTER (WHERE j.way = 1), 0),
               coalesce(sum(j.wrong) FILTER (WHERE j.way = 1), 0), coalesce(sum(j.wrong) FILTER (WHERE j.way = 3), 0),
               j.bin::int, coalesce(sum(j.good) FILTER (WHERE j.way <> 2), 0), coalesce(sum(j.wrong) FILTER (WHERE j.way <> 2), 0),
               coalesce(sum(j.stated) FILTER (WHERE j.way <> 2), 0)
          FROM work.judged j WHERE j.client_id = v_client GROUP BY j.form, j.field, j.bin ORDER BY 1, 2, 8;
END $$;

-- Who may call what of this file.
GRANT EXECUTE ON FUNCTION work.load_contract(uuid, uuid, int, int, bigint), work.load_judged(uuid, uuid, int, int, bigint),
    work.document_stated(uuid, uuid, bigint, bytea, text[], bigint[], float8[], float8[], bigint[], bigint[], bigint[], bigint[], bigint[])
    TO escriba_runner;
GRANT EXECUTE ON FUNCTION
    work.review_judged(uuid, uuid, uuid, bigint, text, text[], bigint[], bigint[], bigint[], bigint[], float8[]),
    work.review_again(uuid, uuid, uuid, bigint, int, bytea) TO escriba_desk;
GRANT EXECUTE ON FUNCTION ops.contract(text), ops.contract_set(text, float8, float8, float8, float8), ops.batch_stated(uuid),
    ops.judged(text) TO escriba_operator;
