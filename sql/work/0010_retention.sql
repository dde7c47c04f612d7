-- Retention: what a client acknowledged long enough ago goes; counts, identifiers, receipts and the audit chain stay.
--
-- This database does not know what was acknowledged, and the delivery database does not know of files.  The operator's
-- command asks here what could go (retention_due), asks there what the client said about it, and comes back with the
-- answers (retention_erase), which are believed only for the number and digest that our own receipt has.
SET LOCAL ROLE escriba_owner;

-- What is looked through every day: files that came to an end and are still here.
CREATE INDEX file_kept ON work.file (client_id, file_id)
    WHERE state IN ('separated', 'container', 'manifest', 'duplicate', 'refused', 'quarantined');

-- What a file owes its client: each document that came out of it, and the file itself if it could not be taken.
-- Without seq: it was not told yet, or a person has not decided.
CREATE FUNCTION work.owed(p_client uuid, p_file uuid)
RETURNS TABLE (object_id uuid, seq bigint, digest bytea, at timestamptz) LANGUAGE sql STABLE AS $$
    SELECT x.object_id, r.seq, r.digest, r.at FROM (
        SELECT d.document_id AS object_id, d.version, d.state IN ('delivered', 'rejected', 'quarantined') AS ended
          FROM work.document d WHERE d.client_id = p_client AND d.file_id = p_file
        UNION ALL
        SELECT f.file_id, f.version, true FROM work.file f WHERE f.client_id = p_client AND f.file_id = p_file
           AND f.state IN ('refused', 'quarantined')) x
      LEFT JOIN work.receipt r ON r.client_id = p_client AND r.object_id = x.object_id AND r.version = x.version
           AND x.ended
$$;

-- Files whose every answer was delivered longer ago than the client's retention, after one of them, with these
-- answers; whole files, p_most answers or a little more.  (What was delivered later cannot be due.)
CREATE FUNCTION ops.retention_due(p_client uuid, p_after uuid, p_most int)
RETURNS TABLE (file_id uuid, seq bigint, digest bytea)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    WITH due AS (
        SELECT f.file_id, o.answers FROM work.client c JOIN work.file f USING (client_id), LATERAL (
            SELECT count(*) AS answers,
                   coalesce(bool_and(coalesce(w.at <= clock_timestamp() - make_interval(days => c.retention_days),
                                              false)), false) AS old
              FROM work.owed(f.client_id, f.file_id) w) o
         WHERE c.client_id = p_client AND (p_after IS NULL OR f.file_id > p_after)
           AND f.state IN ('separated', 'refused', 'quarantined') AND o.old
         ORDER BY f.file_id LIMIT least(p_most, 10000)
    ), counted AS (
        SELECT d.file_id, sum(d.answers) OVER (ORDER BY d.file_id) - d.answers AS before FROM due d
    )
    SELECT c.file_id, w.seq, w.digest FROM counted c, LATERAL work.owed(p_client, c.file_id) w
     WHERE c.before < p_most ORDER BY c.file_id, w.seq
$$;

-- Files that owe nothing: duplicates, archives, manifests, blank and separator pages alone.  They go when nothing of
-- their batch is in work, and either they ended longer ago than the retention or all that was owed for their batch is
-- gone.  p_gone: files to be taken for gone, for who only wants to know.
CREATE FUNCTION ops.retention_rest(p_client uuid, p_after uuid, p_most int, p_gone uuid[]) RETURNS TABLE (file_id uuid)
LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
    WITH mine AS (
        SELECT f.file_id, f.batch_id, f.changed_at <= clock_timestamp() - make_interval(days => c.retention_days) AS old
          FROM work.client c JOIN work.file f USING (client_id)
         WHERE c.client_id = p_client AND (p_after IS NULL OR f.file_id > p_after)
           AND f.state IN ('separated', 'container', 'manifest', 'duplicate')
           AND NOT EXISTS (SELECT 1 FROM work.document d WHERE d.client_id = f.client_id AND d.file_id = f.file_id)
    ), told AS (
        SELECT DISTINCT g.file_id FROM unnest(p_gone) g(file_id)
    ), batches AS (
        SELECT f.batch_id, bool_or(f.state IN ('arriving', 'waiting', 'reading') OR coalesce(d.busy, false)) AS busy,
               bool_or(f.state = 'erased' OR t.file_id IS NOT NULL) AS gone,
               bool_or(t.file_id IS NULL AND (f.state IN ('refused', 'quarantined', 'set_aside')
                       OR (f.state = 'separated' AND d.busy IS NOT NULL))) AS owing
          FROM work.file f LEFT JOIN told t USING (file_id), LATERAL (
            SELECT bool_or(d.state IN ('work', 'review', 'passed')) AS busy FROM work.document d
             WHERE d.client_id = f.client_id AND d.file_id = f.file_id) d
         WHERE f.client_id = p_client AND f.batch_id IN (SELECT m.batch_id FROM mine m) GROUP BY f.batch_id
    )
    SELECT m.file_id FROM mine m JOIN batches b USING (batch_id)
     WHERE NOT b.busy AND (m.old OR (b.gone AND NOT b.owing)) ORDER BY m.file_id LIMIT least(p_most, 10000)
$$;

-- Erase one file with all that came out of it.  The lists tell what the client has acknowledged: number, digest, and
-- when (seconds since 1970); a file that owes nothing needs none.  No row: not everything that is owed was acknowledged
-- for long enough, or the file is being worked on, or it is gone already.  p_dry: only say what would go.
CREATE FUNCTION ops.retention_erase(p_client uuid, p_file uuid, p_seqs bigint[], p_digests bytea[], p_acked bigint[],
                                    p_dry boolean)
RETURNS TABLE (pages int, documents bigint, bytes bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, ops, work, pg_temp AS $$
DECLARE
    v_limit timestamptz;
    v_documents uuid[];
    v_objects uuid[];
    f work.file;
BEGIN
    SELECT clock_timestamp() - make_interval(days => c.retention_days) INTO v_limit FROM work.client c
     WHERE c.client_id = p_client;
    SELECT t.* INTO f FROM work.file t WHERE t.client_id = p_client AND t.file_id = p_file FOR UPDATE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'there is no such file' USING ERRCODE = 'ES404';
    END IF;
    PERFORM 1 FROM work.document d WHERE d.client_id = p_client AND d.file_id = p_file
      ORDER BY d.document_id FOR UPDATE;
    IF f.state NOT IN ('separated', 'container', 'manifest', 'duplicate', 'refused', 'quarantined')
       OR EXISTS (SELECT 1 FROM work.step s WHERE s.client_id = p_client AND s.file_id = p_file)
       OR EXISTS (SELECT 1 FROM work.owed(p_client, p_file) w WHERE w.seq IS NULL OR NOT EXISTS (
            SELECT 1 FROM unnest(p_seqs, p_digests, p_acked) a(seq, digest, acked)
             WHERE a.seq = w.seq AND a.digest = w.digest AND to_timestamp(a.acked) <= v_limit)) THEN
        RETURN;
    END IF;
    v_documents := ARRAY(SELECT d.document_id FROM work.document d WHERE d.client_id = p_client AND d.file_id = p_file
                          ORDER BY d.document_id);
    v_objects := v_documents || p_file;
    SELECT coalesce(sum(x.size), 0) + length(f.name) + length(f.wrapped) INTO bytes FROM (
        SELECT length(b.sealed) FROM work.blob_part b WHERE b.client_id = p_client AND b.file_id = p_file
        UNION ALL SELECT length(a.sealed) FROM work.artifact a WHERE a.client_id = p_client
                     AND a.object_id = ANY (v_objects)
        UNION ALL SELECT length(d.wrapped) FROM work.document d WHERE d.client_id = p_client
                     AND d.file_id = p_file) x(size);
    pages := coalesce(f.pages, 0);
    documents := cardinality(v_documents);
    IF NOT p_dry THEN
        DELETE FROM work.blob_part b WHERE b.client_id = p_client AND b.file_id = p_file;
        DELETE FROM work.artifact a WHERE a.client_id = p_client AND a.object_id = ANY (v_objects);
        UPDATE work.document d SET state = 'erased', wrapped = NULL, changed_at = clock_timestamp()
         WHERE d.client_id = p_client AND d.file_id = p_file;
        UPDATE work.file t SET state = 'erased', name = '', wrapped = '', changed_at = clock_timestamp()
         WHERE t.client_id = p_client AND t.file_id = p_file;
        PERFORM work.audit_append(p_client,
            ARRAY(SELECT ROW('document.erased', NULL, f.batch_id, p_file, x, -1, 0, 0, NULL)::work.audit_entry
                    FROM unnest(v_documents) x)
            || ROW('file.erased', NULL, f.batch_id, p_file, NULL, -1, 0, bytes, NULL)::work.audit_entry);
    END IF;
    RETURN NEXT;
END $$;
