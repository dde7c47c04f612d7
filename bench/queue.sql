-- What the queue's bench fills the work database with; applied as the superuser of its own cluster.
CREATE SCHEMA bench;

CREATE FUNCTION bench.clients(p_count int) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    FOR i IN 1 .. p_count LOOP
        PERFORM ops.client_add(gen_random_uuid(), 'bench' || i, '', '', decode(repeat('00', 32), 'hex'), NULL, NULL, NULL, NULL);
        PERFORM ops.stream_add('bench' || i, 'mixed', '', '');
    END LOOP;
END $$;

-- So many page steps as if files of 20 pages had been decoded: 50 files a batch, the clients by turns.
CREATE FUNCTION bench.fill(p_pages int) RETURNS void LANGUAGE plpgsql SET session_replication_role = replica AS $$
DECLARE
    v_files CONSTANT int := p_pages / 20;
BEGIN
    CREATE TEMP TABLE fresh ON COMMIT DROP AS
        SELECT c.client_id, gen_random_uuid() AS file_id, f / 50 / 8 AS batch FROM generate_series(0, v_files - 1) f
          JOIN (SELECT client_id, row_number() OVER (ORDER BY name) - 1 AS i FROM work.client) c ON c.i = f % 8;
    CREATE TEMP TABLE batches ON COMMIT DROP AS
        SELECT client_id, batch, gen_random_uuid() AS batch_id, clock_timestamp() + make_interval(days => 1, secs => batch) AS deadline
          FROM fresh GROUP BY client_id, batch;
    INSERT INTO work.batch (client_id, batch_id, stream, folder, deadline)
    SELECT client_id, batch_id, 'mixed', batch_id::text, deadline FROM batches;
    INSERT INTO work.file (client_id, file_id, batch_id, stream, state, content_tag, name_tag, name, size, sealed_size, wrapped,
                           pages, unread)
    SELECT f.client_id, f.file_id, b.batch_id, 'mixed', 'reading', sha256(uuid_send(f.file_id)), sha256(uuid_send(f.file_id)),
           '\x00', 1, 1, decode(repeat('00', 80), 'hex'), 20, 20 FROM fresh f JOIN batches b USING (client_id, batch);
    INSERT INTO work.page (client_id, file_id, page)
    SELECT f.client_id, f.file_id, g FROM fresh f, generate_series(0, 19) g;
    INSERT INTO work.step (client_id, object_id, unit, page, file_id, version, deadline)
    SELECT f.client_id, f.file_id, 2, g, f.file_id, 1, b.deadline FROM fresh f JOIN batches b USING (client_id, batch), generate_series(0, 19) g;
END $$;
