-- Checks, indexes, defaults and generated columns of the relations $1 (oids) that call a function or operator of the
-- database's own (not the system's, not an extension's): what, relation, name, and the relation's (a type's) schema and name.
WITH code AS (
    SELECT 'pg_proc'::pg_catalog.regclass AS class, p.oid FROM pg_catalog.pg_proc p WHERE p.oid >= 16384
    UNION ALL
    SELECT 'pg_operator'::pg_catalog.regclass, o.oid FROM pg_catalog.pg_operator o WHERE o.oid >= 16384
), own_code AS (
    SELECT c.class, c.oid FROM code c
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = c.class AND d.objid = c.oid AND d.deptype IN ('e', 'i'))
), caller AS (
    SELECT DISTINCT d.classid, d.objid
    FROM pg_catalog.pg_depend d JOIN own_code c ON d.refclassid = c.class AND d.refobjid = c.oid
), caller_of (what, relation, name) AS (
    SELECT 'check', k.conrelid, k.conname
    FROM pg_catalog.pg_constraint k
    JOIN caller c ON c.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND c.objid = k.oid
    WHERE k.conrelid = ANY ($1::pg_catalog.oid[]) AND k.contype = 'c'
    UNION ALL
    SELECT 'index', i.indrelid, ic.relname
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
    JOIN caller c ON c.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.objid = i.indexrelid
    WHERE i.indrelid = ANY ($1::pg_catalog.oid[])
    UNION ALL
    SELECT CASE WHEN a.attgenerated = '' THEN 'default' ELSE 'generated' END, d.adrelid, a.attname
    FROM pg_catalog.pg_attrdef d JOIN pg_catalog.pg_attribute a ON a.attrelid = d.adrelid AND a.attnum = d.adnum
    JOIN caller c ON c.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass AND c.objid = d.oid
    WHERE d.adrelid = ANY ($1::pg_catalog.oid[])
    UNION ALL
    SELECT 'object', p.polrelid, p.polname
    FROM pg_catalog.pg_policy p
    JOIN caller c ON c.classid = 'pg_catalog.pg_policy'::pg_catalog.regclass AND c.objid = p.oid
    UNION ALL
    SELECT 'object', s.stxrelid, s.stxname
    FROM pg_catalog.pg_statistic_ext s
    JOIN caller c ON c.classid = 'pg_catalog.pg_statistic_ext'::pg_catalog.regclass AND c.objid = s.oid
    UNION ALL
    SELECT 'object', k.conrelid, k.conname
    FROM pg_catalog.pg_constraint k
    JOIN caller c ON c.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND c.objid = k.oid
    WHERE k.conrelid <> 0 AND k.contype IN ('c', 'x')
    UNION ALL
    SELECT 'object', i.indrelid, ic.relname
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
    JOIN caller c ON c.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.objid = i.indexrelid
    UNION ALL
    SELECT 'type', k.contypid, k.conname
    FROM pg_catalog.pg_constraint k
    JOIN caller c ON c.classid = 'pg_catalog.pg_constraint'::pg_catalog.regclass AND c.objid = k.oid
    WHERE k.contypid <> 0
)
SELECT u.what, u.relation, u.name, n.nspname, coalesce(c.relname, t.typname)
FROM caller_of u
LEFT JOIN pg_catalog.pg_class c ON c.oid = u.relation AND u.what <> 'type'
LEFT JOIN pg_catalog.pg_type t ON t.oid = u.relation AND u.what = 'type'
JOIN pg_catalog.pg_namespace n ON n.oid = coalesce(c.relnamespace, t.typnamespace)
