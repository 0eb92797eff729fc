-- The plan and epoch of each migration into this database. `state`: loading, ready, done, failed, abandoned.
CREATE TABLE IF NOT EXISTS _migrate_migration (
    id TEXT PRIMARY KEY,
    state TEXT NOT NULL,
    created_at TEXT NOT NULL,
    owner TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    plan TEXT NOT NULL
) WITHOUT ROWID;

-- A chunk that is here, committed with its rows; bounds are the source's.
CREATE TABLE IF NOT EXISTS _migrate_checkpoint (
    migration TEXT NOT NULL,
    table_name TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    kind INTEGER NOT NULL,
    first INTEGER NOT NULL,
    last INTEGER NOT NULL,
    partition TEXT NOT NULL,
    row_estimate INTEGER NOT NULL,
    row_count INTEGER NOT NULL,
    rejects INTEGER NOT NULL,
    digest TEXT NOT NULL,
    nulled INTEGER NOT NULL DEFAULT 0,
    filtered INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (migration, table_name, partition, chunk)
) WITHOUT ROWID;

-- A row that did not fit, whole; `kept`: it is in its table, with NULL for what did not fit.
CREATE TABLE IF NOT EXISTS _migrate_dead_letter (
    migration TEXT NOT NULL,
    table_name TEXT NOT NULL,
    chunk INTEGER NOT NULL,
    ordinal INTEGER NOT NULL,
    row_key TEXT NOT NULL,
    column_name TEXT NOT NULL,
    reason TEXT NOT NULL,
    row_json TEXT NOT NULL,
    kept INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (migration, table_name, chunk, ordinal)
) WITHOUT ROWID;

-- What the tables here were where they came from; one row a migration, the newest last.
CREATE TABLE IF NOT EXISTS _migrate_provenance (
    id INTEGER PRIMARY KEY,
    migration TEXT NOT NULL,
    record TEXT NOT NULL
);
