-- Relations and types in the schemas $1, by schema and name.
SELECT n.nspname, c.relname, c.relkind::pg_catalog.text
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = ANY ($1::pg_catalog.text[])
UNION ALL
SELECT n.nspname, t.typname, 'type'
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname = ANY ($1::pg_catalog.text[]) AND t.typrelid = 0
