-- One row a migration; `plan` is what parse_plan reads.
CREATE TABLE migration (
    id            TEXT PRIMARY KEY,
    state         TEXT NOT NULL,
    from_display  TEXT NOT NULL,
    to_display    TEXT NOT NULL,
    started_at    TEXT NOT NULL,
    finished_at   TEXT NOT NULL DEFAULT '',
    row_count     INTEGER NOT NULL DEFAULT 0,
    exit_code     INTEGER NOT NULL DEFAULT -1,
    message       TEXT NOT NULL DEFAULT '',
    tool_version  TEXT NOT NULL,
    plan          TEXT NOT NULL
);
CREATE INDEX migration_started_at ON migration (started_at);

-- Both sides as they were given, so that a later command can open them again. Never a secret.
CREATE TABLE endpoint (
    migration  TEXT NOT NULL REFERENCES migration (id),
    side       TEXT NOT NULL CHECK (side IN ('from', 'to')),
    engine     TEXT NOT NULL,
    location   TEXT NOT NULL,
    PRIMARY KEY (migration, side)
) WITHOUT ROWID;

CREATE TABLE endpoint_option (
    migration  TEXT NOT NULL,
    side       TEXT NOT NULL,
    name       TEXT NOT NULL,
    value      TEXT NOT NULL,
    PRIMARY KEY (migration, side, name),
    FOREIGN KEY (migration, side) REFERENCES endpoint (migration, side)
) WITHOUT ROWID;

-- What happened, in the order of `number`.
CREATE TABLE event (
    number     INTEGER PRIMARY KEY,
    migration  TEXT NOT NULL REFERENCES migration (id),
    at         TEXT NOT NULL,
    phase      TEXT NOT NULL,
    message    TEXT NOT NULL
);
CREATE INDEX event_migration ON event (migration);
