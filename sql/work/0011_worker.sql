-- A runner that died comes back under the same name.  What it held is free at once, instead of when its lease runs
-- out minutes later, and its death counts as no try: a machine that is switched off is not the document's fault.
-- (Steps that kill runner after runner are given back with blame by the runner's own account, before this.)
SET LOCAL ROLE escriba_owner;

CREATE FUNCTION work.worker_back(p_worker uuid) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, work, pg_temp AS $$
DECLARE
    v_freed bigint;
BEGIN
    -- Who is just committing such a step for the dead one keeps it: no waiting, so no deadlock.
    WITH held AS (
        SELECT s.client_id, s.object_id, s.unit, s.page FROM work.step s
         WHERE s.token IS NOT NULL AND s.worker = p_worker FOR UPDATE SKIP LOCKED
    ), freed AS (
        UPDATE work.step s SET token = NULL, until = NULL, worker = NULL, attempts = s.attempts - 1
          FROM held h WHERE (s.client_id, s.object_id, s.unit, s.page) = (h.client_id, h.object_id, h.unit, h.page)
        RETURNING 1
    )
    SELECT count(*) INTO v_freed FROM freed;
    RETURN v_freed;
END $$;

GRANT EXECUTE ON FUNCTION work.worker_back(uuid) TO escriba_runner;
