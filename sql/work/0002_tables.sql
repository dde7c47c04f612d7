-- What we keep of a client's documents: ciphertext, wrapped keys, keyed hashes, numbers and codes.
-- client_id leads every primary key, so that rows of two clients never meet in an index lookup and a
-- distributed PostgreSQL can shard by it.
SET LOCAL ROLE escriba_owner;

CREATE TABLE work.client (
    client_id      uuid PRIMARY KEY,
    name           text NOT NULL UNIQUE CHECK (name ~ '^[a-z0-9][a-z0-9-]{0,30}$'), -- its hot folder
    title          text NOT NULL DEFAULT '',
    state          text NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'paused', 'erased')),
    delivery_role  text NOT NULL DEFAULT '',
    box_key        bytea,              -- to be shown; what is used comes from keyd, which vouches for it
    sla_seconds    int NOT NULL DEFAULT 86400 CHECK (sla_seconds > 0),
    quiet_seconds  int NOT NULL DEFAULT 0 CHECK (quiet_seconds >= 0), -- 0: quiet closes no batch
    retention_days int NOT NULL DEFAULT 30 CHECK (retention_days >= 0),
    clearance      int NOT NULL DEFAULT 0, -- a person needs at least this much to see its documents
    created_at     timestamptz NOT NULL DEFAULT now()
);

-- Whose turn it is: the client served longest ago comes first.
CREATE TABLE work.turn (
    client_id uuid PRIMARY KEY REFERENCES work.client,
    served    bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE SEQUENCE work.turn_seq CACHE 1;

CREATE TABLE work.stream (
    client_id uuid NOT NULL REFERENCES work.client,
    name      text NOT NULL CHECK (name ~ '^[a-z0-9][a-z0-9_-]{0,60}$'),
    form      text NOT NULL DEFAULT '' CHECK (length(form) < 64), -- '' is mixed
    language  text NOT NULL DEFAULT '' CHECK (length(language) < 8),
    PRIMARY KEY (client_id, name)
);

CREATE TABLE work.batch (
    client_id uuid NOT NULL,
    batch_id  uuid NOT NULL,
    stream    text NOT NULL,
    folder    text NOT NULL DEFAULT '',
    state     text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'closed')),
    cause     text NOT NULL DEFAULT '' CHECK (cause IN ('', 'manifest', 'done', 'operator', 'quiet')),
    opened_at timestamptz NOT NULL DEFAULT now(),
    last_at   timestamptz NOT NULL DEFAULT now(), -- when its last file came
    deadline  timestamptz NOT NULL,
    closed_at timestamptz,
    expected  int,                                -- files that its manifest names
    PRIMARY KEY (client_id, batch_id),
    FOREIGN KEY (client_id, stream) REFERENCES work.stream
);
CREATE UNIQUE INDEX batch_open ON work.batch (client_id, stream, folder) WHERE state = 'open';
CREATE INDEX batch_id ON work.batch (batch_id);
CREATE INDEX batch_recent ON work.batch (opened_at DESC);

-- What the client said that the batch holds, and what was different.
CREATE TABLE work.expected (
    client_id   uuid NOT NULL,
    batch_id    uuid NOT NULL,
    entry       int NOT NULL,
    name_tag    bytea NOT NULL,
    content_tag bytea,
    pages       int,
    PRIMARY KEY (client_id, batch_id, entry),
    FOREIGN KEY (client_id, batch_id) REFERENCES work.batch
);
CREATE TABLE work.finding (
    client_id uuid NOT NULL,
    batch_id  uuid NOT NULL,
    n         int NOT NULL,
    finding   text NOT NULL CHECK (finding IN ('missing', 'unexpected', 'hash', 'pages')),
    file_id   uuid,
    entry     int,
    expected  int,
    found     int,
    PRIMARY KEY (client_id, batch_id, n),
    FOREIGN KEY (client_id, batch_id) REFERENCES work.batch
);

CREATE TABLE work.file (
    client_id    uuid NOT NULL,
    file_id      uuid NOT NULL,
    batch_id     uuid NOT NULL,
    parent_id    uuid,               -- the archive it came out of
    stream       text NOT NULL,
    version      int NOT NULL DEFAULT 1,
    -- arriving lives inside one transaction only; container and manifest have no pages of their own
    state        text NOT NULL CHECK (state IN ('arriving', 'waiting', 'reading', 'separated', 'container', 'manifest',
                                                'duplicate', 'refused', 'set_aside', 'quarantined', 'erased')),
    reason       int NOT NULL DEFAULT 0,
    detail       bigint NOT NULL DEFAULT 0,
    dropped      int NOT NULL DEFAULT 0, -- entries of an archive that were not taken
    depth        int NOT NULL DEFAULT 0,
    is_manifest  boolean NOT NULL DEFAULT false,
    content_tag  bytea NOT NULL CHECK (length(content_tag) = 32),
    name_tag     bytea NOT NULL CHECK (length(name_tag) = 32),
    source_tag   bytea CHECK (length(source_tag) = 32),
    name         bytea NOT NULL,     -- sealed
    size         bigint NOT NULL CHECK (size >= 0),
    sealed_size  bigint NOT NULL,
    parts        int NOT NULL DEFAULT 0,
    wrapped      bytea NOT NULL,
    format       int NOT NULL DEFAULT 0,
    pages        int,                -- NULL until decoded
    unread       int NOT NULL DEFAULT 0,
    duplicate_of uuid,
    received_at  timestamptz NOT NULL DEFAULT now(),
    changed_at   timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (client_id, file_id),
    FOREIGN KEY (client_id, batch_id) REFERENCES work.batch
) WITH (fillfactor = 70);
-- One living original for the same bytes of one client.  What we lost or put away may come again.
CREATE UNIQUE INDEX file_content ON work.file (client_id, content_tag)
    WHERE duplicate_of IS NULL AND NOT is_manifest AND state NOT IN ('set_aside', 'quarantined', 'erased');
CREATE INDEX file_source ON work.file (client_id, content_tag) WHERE source_tag IS NOT NULL;
CREATE INDEX file_batch ON work.file (client_id, batch_id);
CREATE INDEX file_parent ON work.file (client_id, parent_id) WHERE parent_id IS NOT NULL;
CREATE INDEX file_duplicate ON work.file (client_id, duplicate_of) WHERE duplicate_of IS NOT NULL;
CREATE INDEX file_state ON work.file (state, client_id) WHERE state IN ('refused', 'set_aside', 'quarantined');
CREATE INDEX file_id ON work.file (file_id);

-- Ciphertext does not shrink: EXTERNAL keeps PostgreSQL from trying.
CREATE TABLE work.blob_part (
    client_id uuid NOT NULL,
    file_id   uuid NOT NULL,
    part      int NOT NULL CHECK (part >= 0),
    sealed    bytea NOT NULL,
    PRIMARY KEY (client_id, file_id, part)
);
ALTER TABLE work.blob_part ALTER sealed SET STORAGE EXTERNAL;

CREATE TABLE work.artifact (
    client_id  uuid NOT NULL,
    object_id  uuid NOT NULL,        -- a file or a document
    kind       smallint NOT NULL,    -- doc/artifact.h
    page       int NOT NULL,
    generation int NOT NULL,         -- version of the document, 0 for a file
    sealed     bytea NOT NULL,
    PRIMARY KEY (client_id, object_id, kind, page, generation)
);
ALTER TABLE work.artifact ALTER sealed SET STORAGE EXTERNAL;

-- One row a page, from the moment its file is decoded.  It belongs to its document if it has one, and else to
-- its file; no column repeats what the state of these says.
CREATE TABLE work.page (
    client_id   uuid NOT NULL,
    file_id     uuid NOT NULL,
    page        int NOT NULL CHECK (page >= 0),
    kind        smallint,            -- doc/reading.h enum page_kind; NULL: not read yet
    k           int NOT NULL DEFAULT 0,
    n           int NOT NULL DEFAULT 0,
    start       real NOT NULL DEFAULT 0,
    width       int NOT NULL DEFAULT 0,
    height      int NOT NULL DEFAULT 0,
    ink         real NOT NULL DEFAULT 0,
    words       int NOT NULL DEFAULT 0,
    reason      int NOT NULL DEFAULT 0,
    form        text NOT NULL DEFAULT '',
    form_conf   real NOT NULL DEFAULT 0,
    document_id uuid,
    doc_page    int,
    PRIMARY KEY (client_id, file_id, page),
    FOREIGN KEY (client_id, file_id) REFERENCES work.file
) WITH (fillfactor = 60);
CREATE UNIQUE INDEX page_document ON work.page (client_id, document_id, doc_page) WHERE document_id IS NOT NULL;

CREATE TABLE work.document (
    client_id       uuid NOT NULL,
    document_id     uuid NOT NULL,
    file_id         uuid NOT NULL,
    batch_id        uuid NOT NULL,
    version         int NOT NULL DEFAULT 1,
    state           text NOT NULL CHECK (state IN ('work', 'review', 'passed', 'delivered', 'rejected', 'set_aside',
                                                   'quarantined', 'erased')),
    reason          int NOT NULL DEFAULT 0,
    detail          bigint NOT NULL DEFAULT 0,
    form            text NOT NULL DEFAULT '',
    form_conf       real NOT NULL DEFAULT 0,
    hint            text NOT NULL DEFAULT '' CHECK (length(hint) < 64), -- the form that a person named
    pages           int NOT NULL,
    unread          int NOT NULL DEFAULT 0, -- pages that are read again with the hint
    fields          int NOT NULL DEFAULT 0,
    doubtful        int NOT NULL DEFAULT 0,
    expected_errors double precision NOT NULL DEFAULT 0,
    must_review     boolean NOT NULL DEFAULT false,
    wrapped         bytea,
    person_id       uuid,               -- who spoke last
    created_at      timestamptz NOT NULL DEFAULT now(),
    changed_at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (client_id, document_id),
    FOREIGN KEY (client_id, file_id) REFERENCES work.file,
    FOREIGN KEY (client_id, batch_id) REFERENCES work.batch
) WITH (fillfactor = 70);
CREATE INDEX document_file ON work.document (client_id, file_id);
CREATE INDEX document_batch ON work.document (client_id, batch_id);
CREATE INDEX document_state ON work.document (state, client_id) WHERE state IN ('rejected', 'set_aside', 'quarantined');
CREATE INDEX document_recent ON work.document (created_at DESC);
CREATE INDEX document_id ON work.document (document_id);

-- The queue: a row for each step that is to be done, gone when it is done.  token is NULL while it waits.
CREATE SEQUENCE work.step_seq CACHE 1;
CREATE SEQUENCE work.token_seq CACHE 1;
CREATE TABLE work.step (
    client_id   uuid NOT NULL,
    object_id   uuid NOT NULL,       -- the file (units file, page) or document; a refused file's delivery: the file
    unit        smallint NOT NULL CHECK (unit BETWEEN 1 AND 4), -- stage.h
    page        int NOT NULL DEFAULT 0,
    step_id     bigint NOT NULL DEFAULT nextval('work.step_seq'),
    file_id     uuid NOT NULL,
    document_id uuid,
    version     int NOT NULL DEFAULT 1,
    deadline    timestamptz NOT NULL,
    ready_at    timestamptz NOT NULL DEFAULT now(),
    since       timestamptz NOT NULL DEFAULT now(),
    attempts    int NOT NULL DEFAULT 0,
    token       bigint,
    until       timestamptz,
    worker      uuid,
    PRIMARY KEY (client_id, object_id, unit, page)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 10000,
        autovacuum_vacuum_insert_scale_factor = 0, autovacuum_vacuum_insert_threshold = 100000,
        autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 20000,
        autovacuum_vacuum_cost_delay = 0);
-- Waiting steps of one client and unit in the order they are taken: all pages of a file lie together.
CREATE INDEX step_waiting ON work.step (client_id, unit, deadline, step_id) WHERE token IS NULL;
CREATE INDEX step_leased ON work.step (until) WHERE token IS NOT NULL;
CREATE INDEX step_file ON work.step (client_id, file_id);

-- Documents that wait for a person.
CREATE TABLE work.review (
    client_id   uuid NOT NULL,
    document_id uuid NOT NULL,
    version     int NOT NULL,
    reason      int NOT NULL,
    deadline    timestamptz NOT NULL,
    queued_at   timestamptz NOT NULL DEFAULT now(),
    token       bigint,
    until       timestamptz,
    person_id   uuid,
    PRIMARY KEY (client_id, document_id),
    FOREIGN KEY (client_id, document_id) REFERENCES work.document
);
CREATE INDEX review_order ON work.review (deadline, queued_at);

CREATE TABLE work.receipt (
    client_id  uuid NOT NULL,
    object_id  uuid NOT NULL,
    version    int NOT NULL,
    kind       text NOT NULL CHECK (kind IN ('result', 'refusal')),
    seq        bigint NOT NULL,
    digest     bytea NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (client_id, object_id, version)
);

CREATE TABLE work.person (
    person_id   uuid PRIMARY KEY,
    system_user text NOT NULL,
    name        text NOT NULL CHECK (octet_length(name) < 64),
    role        text NOT NULL CHECK (role IN ('reviewer', 'senior', 'auditor')),
    clearance   int NOT NULL DEFAULT 0,
    language    text NOT NULL DEFAULT '' CHECK (length(language) < 8),
    all_clients boolean NOT NULL DEFAULT false,
    created_at  timestamptz NOT NULL DEFAULT now(),
    closed_at   timestamptz
);
CREATE UNIQUE INDEX person_user ON work.person (system_user) WHERE closed_at IS NULL;
CREATE TABLE work.person_client (
    client_id uuid NOT NULL REFERENCES work.client,
    person_id uuid NOT NULL REFERENCES work.person,
    PRIMARY KEY (client_id, person_id)
);

-- Who saw what.
CREATE SEQUENCE work.seen_seq CACHE 1;
CREATE TABLE work.seen (
    client_id   uuid NOT NULL,
    seen_id     bigint NOT NULL DEFAULT nextval('work.seen_seq'),
    document_id uuid NOT NULL,
    person_id   uuid NOT NULL,
    field       text NOT NULL CHECK (octet_length(field) <= 100),
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (client_id, seen_id)
);
CREATE INDEX seen_document ON work.seen (client_id, document_id);
