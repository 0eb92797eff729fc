-- What this library keeps in a target; described in ARCHITECTURE.md. In the schema _migrate, which is there.
CREATE TABLE IF NOT EXISTS _migrate.migration (
    id pg_catalog.text PRIMARY KEY,
    state pg_catalog.text NOT NULL,
    epoch pg_catalog.int8 NOT NULL,
    owner pg_catalog.text NOT NULL,
    created_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
    updated_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.now(),
    plan pg_catalog.text NOT NULL
);
CREATE TABLE IF NOT EXISTS _migrate.checkpoint (
    migration pg_catalog.text NOT NULL REFERENCES _migrate.migration ON DELETE CASCADE,
    table_schema pg_catalog.text NOT NULL,
    table_name pg_catalog.text NOT NULL,
    chunk_index pg_catalog.int8 NOT NULL,
    chunk_kind pg_catalog.int4 NOT NULL,
    chunk_first pg_catalog.int8 NOT NULL,
    chunk_last pg_catalog.int8 NOT NULL,
    chunk_partition pg_catalog.text NOT NULL,
    rows pg_catalog.int8 NOT NULL,
    rejects pg_catalog.int8 NOT NULL,
    digest pg_catalog.text NOT NULL,
    nulled pg_catalog.int8 NOT NULL DEFAULT 0,
    filtered pg_catalog.int8 NOT NULL DEFAULT 0,
    PRIMARY KEY (migration, table_schema, table_name, chunk_index)
);
CREATE TABLE IF NOT EXISTS _migrate.dead_letter (
    migration pg_catalog.text NOT NULL REFERENCES _migrate.migration ON DELETE CASCADE,
    table_schema pg_catalog.text NOT NULL,
    table_name pg_catalog.text NOT NULL,
    chunk_index pg_catalog.int8 NOT NULL,
    ordinal pg_catalog.int8 NOT NULL,
    row_key pg_catalog.text NOT NULL,
    column_name pg_catalog.text NOT NULL,
    reason pg_catalog.text NOT NULL,
    row_json pg_catalog.text NOT NULL,
    kept pg_catalog.bool NOT NULL DEFAULT false,
    PRIMARY KEY (migration, table_schema, table_name, chunk_index, ordinal)
);
CREATE TABLE IF NOT EXISTS _migrate.provenance (
    migration pg_catalog.text PRIMARY KEY REFERENCES _migrate.migration ON DELETE CASCADE,
    written_at pg_catalog.timestamptz NOT NULL DEFAULT pg_catalog.clock_timestamp(),
    record pg_catalog.text NOT NULL
);
CREATE TABLE IF NOT EXISTS _migrate.made (
    migration pg_catalog.text NOT NULL REFERENCES _migrate.migration ON DELETE CASCADE,
    ordinal pg_catalog.int8 NOT NULL,
    kind pg_catalog.text NOT NULL,
    in_schema pg_catalog.text NOT NULL,
    name pg_catalog.text NOT NULL,
    PRIMARY KEY (migration, ordinal)
);
