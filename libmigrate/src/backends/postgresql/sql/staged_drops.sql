-- Statements that drop what is staged under names that match $1 among the destinations' own: tables, sequences,
-- types, collations.
SELECT statement FROM (
    SELECT 1 AS rank, c.oid,
           pg_catalog.format('DROP %s IF EXISTS %I.%I CASCADE', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END,
                             n.nspname, c.relname) AS statement
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relname ~ $1 AND c.relkind IN ('r', 'p', 'S')
    UNION ALL
    SELECT 2, t.oid, pg_catalog.format('DROP TYPE IF EXISTS %I.%I CASCADE', n.nspname, t.typname)
    FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE t.typname ~ $1 AND t.typtype <> 'm'
      AND (t.typrelid = 0 OR (SELECT c.relkind FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid) = 'c')
    UNION ALL
    SELECT 3, c.oid, pg_catalog.format('DROP COLLATION IF EXISTS %I.%I CASCADE', n.nspname, c.collname)
    FROM pg_catalog.pg_collation c JOIN pg_catalog.pg_namespace n ON n.oid = c.collnamespace
    WHERE c.collname ~ $1
) staged
ORDER BY rank, oid
