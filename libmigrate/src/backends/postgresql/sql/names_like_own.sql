-- Relations and types in the schemas $1 (NULL: all but the system's) that are named as this library names its own, and
-- are passed over for that, but that it has no record of: $2 are the migrations that it knows (NULL: their record cannot
-- be read, and what looks like theirs is), $3 the schema of its tables where that is not _migrate.
WITH named AS (
    SELECT c.relnamespace AS nsp, c.relname AS name, 'table' AS kind FROM pg_catalog.pg_class c
    WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't'
    UNION ALL
    SELECT t.typnamespace, t.typname, 'type' FROM pg_catalog.pg_type t
    WHERE t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c' AND (SELECT c.relkind FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid) = 'c'
), judged AS (
    SELECT n.nspname, named.name, named.kind,
           named.name IN ('migration', 'checkpoint', 'dead_letter', 'provenance', 'made', 'undo_table', 'undo_step', 'undo_sequence',
                          'undo_column', 'undo_thing')
               AS is_record,
           pg_catalog.substring(named.name, '^_migrate_(.*)$')
               IN ('migration', 'checkpoint', 'dead_letter', 'provenance', 'made', 'undo_table', 'undo_step', 'undo_sequence',
                          'undo_column', 'undo_thing')
               AND n.nspname = $3 AS is_record_in_place,
           $2::pg_catalog.text[] IS NULL
               OR pg_catalog.substring(n.nspname, '^_migrate_(?:kept_)?([0-9a-f]+)(?:_[0-9]+)?$') = ANY ($2) AS is_own_schema,
           CASE WHEN $2::pg_catalog.text[] IS NULL THEN named.name ~ '^_migrate_[0-9a-f]+_[0-9]+$'
                ELSE pg_catalog.substring(named.name, '^_migrate_([0-9a-f]+)_[0-9]+$') = ANY ($2) END AS is_staged,
           n.nspname ~ '^_migrate_(kept_)?[0-9a-f]+(_[0-9]+)?$' AS is_like_own
    FROM named JOIN pg_catalog.pg_namespace n ON n.oid = named.nsp
    WHERE n.nspname <> 'information_schema' AND n.nspname !~ '^pg_'
      AND ($1::pg_catalog.text[] IS NULL OR n.nspname = ANY ($1))
)
SELECT kind, nspname, name FROM judged
WHERE CASE WHEN nspname = '_migrate' THEN NOT is_record
           WHEN is_like_own THEN $1::pg_catalog.text[] IS NULL AND NOT coalesce(is_own_schema, false)
           ELSE name ~ '^_migrate_' AND NOT coalesce(is_staged, false) AND NOT coalesce(is_record_in_place, false) END
ORDER BY 1, 2, 3
