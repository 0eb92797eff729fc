-- The indexes of partitions that came with their parent's: schema, partition, the parent's index, their own name.
-- In the schemas $1 (NULL: all but the system's).
SELECT n.nspname, c.relname, pc.relname, ic.relname
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_inherits h ON h.inhrelid = ic.oid
JOIN pg_catalog.pg_class pc ON pc.oid = h.inhparent
WHERE c.relispartition AND ($1::pg_catalog.text[] IS NULL OR n.nspname = ANY ($1::pg_catalog.text[]))
ORDER BY ic.oid
