-- What a rollback needs of a migration that is done; dropped by finalize.
CREATE TABLE IF NOT EXISTS _migrate.undo_table (
    migration pg_catalog.text NOT NULL REFERENCES _migrate.migration ON DELETE CASCADE,
    ordinal pg_catalog.int4 NOT NULL,
    table_schema pg_catalog.text NOT NULL,
    table_name pg_catalog.text NOT NULL,
    placement pg_catalog.text NOT NULL,
    rows_before pg_catalog.int8 NOT NULL,
    digest_before pg_catalog.text NOT NULL,
    rows_after pg_catalog.int8 NOT NULL,
    digest_after pg_catalog.text NOT NULL,
    PRIMARY KEY (migration, ordinal)
);
CREATE TABLE IF NOT EXISTS _migrate.undo_step (
    migration pg_catalog.text NOT NULL REFERENCES _migrate.migration ON DELETE CASCADE,
    ordinal pg_catalog.int4 NOT NULL,
    statement pg_catalog.text NOT NULL,
    PRIMARY KEY (migration, ordinal)
);
CREATE TABLE IF NOT EXISTS _migrate.undo_column (
    migration pg_catalog.text NOT NULL REFERENCES _migrate.migration ON DELETE CASCADE,
    ordinal pg_catalog.int4 NOT NULL,
    position pg_catalog.int8 NOT NULL,
    name pg_catalog.text NOT NULL,
    type pg_catalog.text NOT NULL,
    generated pg_catalog.text NOT NULL,
    PRIMARY KEY (migration, ordinal, position)
);
-- What the database consists of beside rows: catalog, sequences, privileges, by their digests.
CREATE TABLE IF NOT EXISTS _migrate.undo_thing (
    migration pg_catalog.text NOT NULL REFERENCES _migrate.migration ON DELETE CASCADE,
    what pg_catalog.text NOT NULL,
    name pg_catalog.text NOT NULL,
    digest_before pg_catalog.text,
    digest_after pg_catalog.text,
    PRIMARY KEY (migration, what, name)
);
CREATE TABLE IF NOT EXISTS _migrate.undo_sequence (
    migration pg_catalog.text NOT NULL REFERENCES _migrate.migration ON DELETE CASCADE,
    sequence pg_catalog.text NOT NULL,
    last_before pg_catalog.int8 NOT NULL,
    called_before pg_catalog.bool NOT NULL,
    last_after pg_catalog.int8,
    called_after pg_catalog.bool,
    PRIMARY KEY (migration, sequence)
);
