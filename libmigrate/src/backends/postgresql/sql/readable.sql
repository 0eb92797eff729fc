-- Tables in the schemas $1 (NULL: all but the system's) that the role cannot read whole: no SELECT, or row-level
-- security that applies to it.
SELECT n.nspname, c.relname,
       NOT (pg_catalog.has_schema_privilege(n.oid, 'USAGE') AND pg_catalog.has_table_privilege(c.oid, 'SELECT')),
       pg_catalog.row_security_active(c.oid)
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p') AND c.relpersistence <> 't' AND c.relname !~ '^_migrate_'
  AND ($1::pg_catalog.text[] IS NULL OR n.nspname = ANY ($1::pg_catalog.text[]))
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^(pg_|_migrate$|_migrate_(kept_)?[0-9a-f]+(_[0-9]+)?$)'
  AND (NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE') OR NOT pg_catalog.has_table_privilege(c.oid, 'SELECT')
       OR pg_catalog.row_security_active(c.oid))
ORDER BY 1, 2
