-- Views, tables and functions that depend on the tables $1 (quoted names) or their row types, and are none of them: kind,
-- schema, name, and the table that each depends on.
WITH gone AS (
    SELECT c.oid, c.reltype, t.typarray, n.nspname || '.' || c.relname AS display
    FROM pg_catalog.unnest($1::pg_catalog.text[]) AS wanted(name)
    JOIN pg_catalog.pg_class c ON c.oid = pg_catalog.to_regclass(wanted.name)
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_type t ON t.oid = c.reltype
), dependents AS (
    SELECT d.classid, d.objid, gone.display
    FROM gone JOIN pg_catalog.pg_depend d
      ON (d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = gone.oid)
      OR (d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid IN (gone.reltype, gone.typarray))
    WHERE d.deptype = 'n'
), relations AS (
    SELECT r.ev_class AS oid, x.display FROM dependents x
    JOIN pg_catalog.pg_rewrite r ON x.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = x.objid
    UNION
    SELECT k.conrelid, x.display FROM dependents x
    JOIN pg_catalog.pg_constraint k ON x.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND k.oid = x.objid
    UNION
    SELECT x.objid, x.display FROM dependents x WHERE x.classid = 'pg_catalog.pg_class'::pg_catalog.regclass
)
SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'table' END, n.nspname, c.relname,
       r.display
FROM relations r
JOIN pg_catalog.pg_class c ON c.oid = r.oid AND c.relkind IN ('r', 'p', 'f', 'v', 'm')
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE NOT EXISTS (SELECT FROM gone WHERE gone.oid = c.oid)
UNION
SELECT 'function', n.nspname, p.proname, x.display
FROM dependents x
JOIN pg_catalog.pg_proc p ON x.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND p.oid = x.objid
JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
ORDER BY 1, 2, 3, 4
