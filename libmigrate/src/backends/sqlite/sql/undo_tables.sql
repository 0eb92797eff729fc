-- What a rollback needs of a migration that is done; finalize drops it.
CREATE TABLE IF NOT EXISTS _migrate_undo_table (
    migration TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    table_name TEXT NOT NULL,
    placement TEXT NOT NULL,
    digest_before TEXT NOT NULL,
    digest_after TEXT NOT NULL,
    sequence_before INTEGER,
    sequence_after INTEGER,
    PRIMARY KEY (migration, ordinal)
) WITHOUT ROWID;

-- Statements, in the order in which a rollback runs them.
CREATE TABLE IF NOT EXISTS _migrate_undo_step (
    migration TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    statement TEXT NOT NULL,
    PRIMARY KEY (migration, ordinal)
) WITHOUT ROWID;

-- The columns of the tables that were made, as the cutover left them.
CREATE TABLE IF NOT EXISTS _migrate_undo_column (
    migration TEXT NOT NULL,
    ordinal INTEGER NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    type TEXT NOT NULL,
    generated TEXT NOT NULL,
    PRIMARY KEY (migration, ordinal, position)
) WITHOUT ROWID;

-- What the database consists of beside rows: catalog, sequences, privileges, as the cutover found and left it.
CREATE TABLE IF NOT EXISTS _migrate_undo_thing (
    migration TEXT NOT NULL,
    what TEXT NOT NULL,
    name TEXT NOT NULL,
    text_before TEXT,
    text_after TEXT,
    PRIMARY KEY (migration, what, name)
) WITHOUT ROWID;
