-- Who may call what: the whole list.  A function that is not here can be called by nobody but its owner.
-- (Functions of work are looked up by name; none is overloaded.)
SET LOCAL ROLE escriba_owner;

DO $$
DECLARE
    r record;
    f text;
    v_oid regprocedure;
BEGIN
    FOR r IN SELECT * FROM (VALUES
        ('escriba_intake', 'work', ARRAY['hot_folders', 'admit', 'admit_part', 'admit_done', 'batch_done', 'tick']),
        ('escriba_runner', 'work', ARRAY['claim', 'renew', 'release', 'load', 'load_part', 'load_pages', 'unpack_child',
            'admit_part', 'admit_done', 'commit_unpack', 'commit_decode', 'commit_manifest', 'commit_pages',
            'commit_document', 'commit_delivery', 'refuse', 'worker_back']),
        ('escriba_desk', 'work', ARRAY['person_of', 'review_count', 'review_list', 'review_take', 'review_renew',
            'review_leave', 'review_done', 'review_retype', 'review_reject', 'review_saw', 'review_load',
            'review_load_part', 'review_pages']),
        ('escriba_operator', 'ops', ARRAY['status', 'clients', 'client', 'client_add', 'client_set', 'client_state',
            'stream_add', 'streams', 'person_add', 'persons', 'person_close', 'batches', 'batch', 'batch_files',
            'batch_findings', 'batch_close', 'documents', 'document', 'files', 'history', 'queue', 'set_aside', 'retry',
            'reopen', 'tick', 'seen', 'audit_heads', 'audit_rows', 'balance', 'balance_problems', 'metrics',
            'retention_due', 'retention_rest', 'retention_erase']),
        ('escriba_audit', 'ops', ARRAY['audit_heads', 'audit_rows']),
        ('escriba_metrics', 'ops', ARRAY['metrics'])
        ) AS t(role, schema, functions) LOOP
        FOREACH f IN ARRAY r.functions LOOP
            SELECT p.oid::regprocedure INTO STRICT v_oid FROM pg_proc p
             WHERE p.pronamespace = r.schema::regnamespace AND p.proname = f;
            EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO %I', v_oid, r.role);
        END LOOP;
    END LOOP;
END $$;
