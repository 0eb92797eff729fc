-- Statements that take back what was built on the staged relations of a migration, in an order that works: foreign
-- keys, then the other constraints, then the indexes that belong to none. $1: a pattern of the staging schemas'
-- names; $2: one of the names of what is staged among the destinations' own.
WITH staged AS (
    SELECT c.oid, n.nspname, c.relname
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND (n.nspname ~ $1 OR c.relname ~ $2)
)
SELECT statement FROM (
    SELECT CASE k.contype WHEN 'f' THEN 1 ELSE 2 END AS rank, k.oid,
           pg_catalog.format('ALTER TABLE %I.%I DROP CONSTRAINT %I', s.nspname, s.relname, k.conname) AS statement
    FROM pg_catalog.pg_constraint k JOIN staged s ON s.oid = k.conrelid
    WHERE k.contype IN ('p', 'u', 'f', 'x', 'c') AND k.conparentid = 0 AND k.coninhcount = 0
    UNION ALL
    SELECT 3, i.oid, pg_catalog.format('DROP INDEX %I.%I', s.nspname, i.relname)
    FROM pg_catalog.pg_index x JOIN staged s ON s.oid = x.indrelid JOIN pg_catalog.pg_class i ON i.oid = x.indexrelid
    WHERE NOT i.relispartition
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = i.oid AND k.conrelid = s.oid)
) built
ORDER BY rank, oid
