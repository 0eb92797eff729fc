-- Indexes that a failed concurrent build left behind.
SELECT n.nspname, c.relname, t.relname
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT i.indisvalid AND t.relkind = 'r' AND ($1::pg_catalog.text[] IS NULL OR n.nspname = ANY ($1::pg_catalog.text[]))
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^(pg_|_migrate$|_migrate_(kept_)?[0-9a-f]+(_[0-9]+)?$)'
ORDER BY 1, 2
