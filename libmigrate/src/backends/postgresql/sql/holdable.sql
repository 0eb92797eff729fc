-- Tables and partitions that the role may read, in the schemas $1 (NULL: all but the system's and this library's own),
-- each with the table that it is a part of in the end; whether the role has SELECT on all of it, as LOCK TABLE wants; and
-- whether its storage is still the one that this snapshot sees.
SELECT c.oid, n.nspname, c.relname, root_schema.nspname, root.relname,
       pg_catalog.has_table_privilege(c.oid, 'SELECT'),
       c.relfilenode = coalesce(pg_catalog.pg_relation_filenode(c.oid), 0)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
JOIN pg_catalog.pg_class root ON root.oid = coalesce(pg_catalog.pg_partition_root(c.oid), c.oid)
JOIN pg_catalog.pg_namespace root_schema ON root_schema.oid = root.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't'
  AND ($1::pg_catalog.text[] IS NULL OR root_schema.nspname = ANY ($1::pg_catalog.text[]))
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^(pg_|_migrate$)'
  AND pg_catalog.has_schema_privilege(n.oid, 'USAGE')
  AND pg_catalog.has_any_column_privilege(c.oid, 'SELECT') AND NOT pg_catalog.row_security_active(c.oid)
ORDER BY c.oid
