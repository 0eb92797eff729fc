-- Comments on everything in the schemas $1 (NULL: all but the system's) but tables and their columns: kind, schema,
-- name, table, statement, kind and name of what is
-- described, and kinds and names of what has to be there beside the table for it to be described.
WITH RECURSIVE described AS (
    -- What identifies an object is quoted where that is needed; its name is not.
    SELECT d.classoid, d.objoid, d.objsubid, d.description, i.type, i.identity,
           (pg_catalog.parse_ident(i.schema))[1] AS schema,
           CASE WHEN pg_catalog.starts_with(i.name, '"') THEN (pg_catalog.parse_ident(i.name))[1] ELSE i.name END AS name
    FROM pg_catalog.pg_description d
    CROSS JOIN LATERAL pg_catalog.pg_identify_object(d.classoid, d.objoid, d.objsubid) i
    WHERE d.objoid >= 16384 OR d.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass
), owned AS (
    SELECT d.*, coalesce(d.schema,
               (SELECT n.nspname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                WHERE c.oid = coalesce((SELECT conrelid FROM pg_catalog.pg_constraint x WHERE x.oid = d.objoid
                                          AND d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass),
                                       (SELECT tgrelid FROM pg_catalog.pg_trigger x WHERE x.oid = d.objoid
                                          AND d.classoid = 'pg_catalog.pg_trigger'::pg_catalog.regclass),
                                       (SELECT ev_class FROM pg_catalog.pg_rewrite x WHERE x.oid = d.objoid
                                          AND d.classoid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass),
                                       (SELECT polrelid FROM pg_catalog.pg_policy x WHERE x.oid = d.objoid
                                          AND d.classoid = 'pg_catalog.pg_policy'::pg_catalog.regclass))),
               (SELECT n.nspname FROM pg_catalog.pg_constraint x JOIN pg_catalog.pg_type t ON t.oid = x.contypid
                JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
                WHERE x.oid = d.objoid AND d.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass),
               CASE WHEN d.type = 'schema' THEN d.name END) AS nsp
    FROM described d
), lineage (oid, parent, name) AS (
    -- A partition's constraints go by the name that their root's has.
    SELECT k.oid, k.conparentid, k.conname FROM pg_catalog.pg_constraint k JOIN owned o ON o.objoid = k.oid
    WHERE o.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass
    UNION ALL
    SELECT l.oid, k.conparentid, k.conname FROM lineage l JOIN pg_catalog.pg_constraint k ON k.oid = l.parent
)
SELECT 'comment', o.nsp,
       CASE WHEN pg_catalog.starts_with(o.identity, pg_catalog.quote_ident(o.nsp) || '.')
            THEN pg_catalog.substr(o.identity, pg_catalog.length(pg_catalog.quote_ident(o.nsp)) + 2)
            ELSE o.identity END,
       coalesce((SELECT c.relname FROM pg_catalog.pg_class c
                 WHERE c.oid = o.objoid AND o.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass
                   AND c.relkind IN ('r', 'p')),
                (SELECT c.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
                 WHERE i.indexrelid = o.objoid AND o.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass),
                (SELECT c.relname FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
                 WHERE k.oid = o.objoid AND o.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass),
                (SELECT c.relname FROM pg_catalog.pg_trigger k JOIN pg_catalog.pg_class c ON c.oid = k.tgrelid
                 WHERE k.oid = o.objoid AND o.classoid = 'pg_catalog.pg_trigger'::pg_catalog.regclass),
                (SELECT c.relname FROM pg_catalog.pg_rewrite k JOIN pg_catalog.pg_class c ON c.oid = k.ev_class
                 WHERE k.oid = o.objoid AND o.classoid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass),
                (SELECT c.relname FROM pg_catalog.pg_policy k JOIN pg_catalog.pg_class c ON c.oid = k.polrelid
                 WHERE k.oid = o.objoid AND o.classoid = 'pg_catalog.pg_policy'::pg_catalog.regclass)),
       pg_catalog.format('COMMENT ON %s %s IS %L',
           CASE WHEN o.type LIKE '% column' THEN 'COLUMN'
                WHEN o.type IN ('table constraint', 'domain constraint') THEN 'CONSTRAINT'
                WHEN o.type = 'statistics object' THEN 'STATISTICS'
                ELSE pg_catalog.upper(o.type) END,
           CASE WHEN o.type = 'domain constraint'
                THEN (SELECT pg_catalog.format('%I ON DOMAIN %s', x.conname, x.contypid::pg_catalog.regtype)
                      FROM pg_catalog.pg_constraint x WHERE x.oid = o.objoid)
                ELSE o.identity END,
           o.description),
       CASE WHEN o.type IN ('view column', 'materialized view column', 'foreign table column')
            THEN pg_catalog.regexp_replace(o.type, ' column$', '') ELSE o.type END,
       coalesce(o.name,
                (SELECT c.relname FROM pg_catalog.pg_class c
                 WHERE c.oid = o.objoid AND o.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass),
                (SELECT p.proname FROM pg_catalog.pg_proc p
                 WHERE p.oid = o.objoid AND o.classoid = 'pg_catalog.pg_proc'::pg_catalog.regclass),
                (SELECT p.oprname FROM pg_catalog.pg_operator p
                 WHERE p.oid = o.objoid AND o.classoid = 'pg_catalog.pg_operator'::pg_catalog.regclass),
                (SELECT t.typname FROM pg_catalog.pg_constraint x JOIN pg_catalog.pg_type t ON t.oid = x.contypid
                 WHERE x.oid = o.objoid AND o.classoid = 'pg_catalog.pg_constraint'::pg_catalog.regclass),
                (SELECT c.relname FROM pg_catalog.pg_rewrite x JOIN pg_catalog.pg_class c ON c.oid = x.ev_class
                 WHERE x.oid = o.objoid AND o.classoid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass)),
       CASE o.classoid
           WHEN 'pg_catalog.pg_constraint'::pg_catalog.regclass THEN
               (SELECT ARRAY['constraint', l.name::pg_catalog.text] FROM lineage l
                WHERE l.oid = o.objoid AND l.parent = 0 AND o.type = 'table constraint')
           WHEN 'pg_catalog.pg_trigger'::pg_catalog.regclass THEN
               (SELECT ARRAY['trigger', t.tgname::pg_catalog.text] FROM pg_catalog.pg_trigger t WHERE t.oid = o.objoid)
           WHEN 'pg_catalog.pg_rewrite'::pg_catalog.regclass THEN
               (SELECT ARRAY['rule', w.rulename::pg_catalog.text] FROM pg_catalog.pg_rewrite w
                WHERE w.oid = o.objoid AND w.rulename <> '_RETURN')
           WHEN 'pg_catalog.pg_policy'::pg_catalog.regclass THEN
               (SELECT ARRAY['policy', p.polname::pg_catalog.text] FROM pg_catalog.pg_policy p WHERE p.oid = o.objoid)
           WHEN 'pg_catalog.pg_proc'::pg_catalog.regclass THEN
               ARRAY['routine', o.objoid::pg_catalog.regprocedure::pg_catalog.text]
           WHEN 'pg_catalog.pg_operator'::pg_catalog.regclass THEN
               ARRAY['operator', o.objoid::pg_catalog.regoperator::pg_catalog.text]
           WHEN 'pg_catalog.pg_class'::pg_catalog.regclass THEN
               (SELECT CASE WHEN c.relkind IN ('i', 'I') THEN
                                ARRAY['index', (SELECT r.relname::pg_catalog.text FROM pg_catalog.pg_class r
                                                WHERE r.oid = coalesce(pg_catalog.pg_partition_root(c.oid), c.oid))]
                            WHEN c.relkind IN ('r', 'p') THEN
                                (SELECT ARRAY['column', a.attname::pg_catalog.text] FROM pg_catalog.pg_attribute a
                                 WHERE a.attrelid = c.oid AND a.attnum = o.objsubid) END
                FROM pg_catalog.pg_class c WHERE c.oid = o.objoid)
       END
FROM owned o
WHERE o.nsp IS NOT NULL AND ($1::pg_catalog.text[] IS NULL OR o.nsp = ANY ($1::pg_catalog.text[]))
  AND o.nsp <> 'information_schema' AND o.nsp !~ '^(pg_|_migrate)'
  AND NOT (o.type = 'schema' AND o.objoid < 16384 AND o.description = 'standard public schema')
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend e
                  WHERE e.classid = o.classoid AND e.objid = o.objoid AND e.deptype = 'e')
  -- Tables and their columns carry their own.
  AND NOT (o.type IN ('table', 'table column')
           AND NOT (SELECT c.relispartition FROM pg_catalog.pg_class c WHERE c.oid = o.objoid))
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c
                  WHERE o.classoid = 'pg_catalog.pg_class'::pg_catalog.regclass AND c.oid = o.objoid
                    AND (c.relname ~ '^_migrate_' OR c.relpersistence = 't'))
ORDER BY o.classoid, o.objoid, o.objsubid
