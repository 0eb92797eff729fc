-- Everything that is not a table, index, key or sequence, in the schemas $1 (NULL: all but the system's), in an
-- order in which it could be created: kind, schema, name, table, definition.
WITH chosen AS (
    SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n
    WHERE ($1::pg_catalog.text[] IS NULL OR n.nspname = ANY ($1::pg_catalog.text[]))
      AND n.nspname <> 'information_schema' AND n.nspname !~ '^(pg_|_migrate$)'
  AND ($1::pg_catalog.text[] IS NOT NULL OR n.nspname !~ '^_migrate_[0-9a-f]+_[0-9]+$')
), extension_member AS (
    SELECT d.classid, d.objid FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
), found (rank, oid, class, kind, nsp, name, tab, definition) AS (
    SELECT 0, e.oid, 'pg_extension'::pg_catalog.regclass, 'extension', n.nspname, e.extname, NULL::pg_catalog.name,
           pg_catalog.format('CREATE EXTENSION IF NOT EXISTS %I', e.extname)
    FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname <> 'plpgsql'
    UNION ALL
    SELECT 1, c.oid, 'pg_collation'::pg_catalog.regclass, 'collation', n.nspname, c.collname, NULL, NULL
    FROM pg_catalog.pg_collation c JOIN chosen n ON n.oid = c.collnamespace
    UNION ALL
    SELECT 2, t.oid, 'pg_type'::pg_catalog.regclass,
           CASE t.typtype WHEN 'e' THEN 'enum' WHEN 'd' THEN 'domain' WHEN 'c' THEN 'composite type'
                          WHEN 'r' THEN 'range type' ELSE 'base type' END,
           n.nspname, t.typname, NULL,
           CASE t.typtype
               WHEN 'e' THEN (SELECT pg_catalog.format('CREATE TYPE %I.%I AS ENUM (%s)', n.nspname, t.typname,
                                       pg_catalog.string_agg(pg_catalog.quote_literal(e.enumlabel), ', '
                                                             ORDER BY e.enumsortorder))
                              FROM pg_catalog.pg_enum e WHERE e.enumtypid = t.oid)
               WHEN 'd' THEN pg_catalog.format('CREATE DOMAIN %I.%I AS %s', n.nspname, t.typname,
                                       pg_catalog.format_type(t.typbasetype, t.typtypmod))
                   || coalesce((SELECT pg_catalog.format(' COLLATE %I.%I', cn.nspname, co.collname)
                                FROM pg_catalog.pg_collation co
                                JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
                                JOIN pg_catalog.pg_type bt ON bt.oid = t.typbasetype
                                WHERE co.oid = t.typcollation AND co.oid <> bt.typcollation), '')
                   || coalesce(' DEFAULT ' || t.typdefault, '')
                   || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END
                   || coalesce((SELECT pg_catalog.string_agg(
                                    pg_catalog.format(' CONSTRAINT %I %s', dc.conname,
                                                      pg_catalog.pg_get_constraintdef(dc.oid)), '' ORDER BY dc.conname)
                                FROM pg_catalog.pg_constraint dc
                                WHERE dc.contypid = t.oid AND dc.contype = 'c'), '')
               WHEN 'c' THEN (SELECT pg_catalog.format('CREATE TYPE %I.%I AS (%s)', n.nspname, t.typname,
                                       pg_catalog.string_agg(pg_catalog.format('%I %s', a.attname,
                                           pg_catalog.format_type(a.atttypid, a.atttypmod)), ', ' ORDER BY a.attnum))
                              FROM pg_catalog.pg_attribute a
                              WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
               WHEN 'r' THEN (SELECT pg_catalog.format('CREATE TYPE %I.%I AS RANGE (SUBTYPE = %s)', n.nspname,
                                       t.typname, pg_catalog.format_type(r.rngsubtype, NULL))
                              FROM pg_catalog.pg_range r WHERE r.rngtypid = t.oid)
           END
    FROM pg_catalog.pg_type t JOIN chosen n ON n.oid = t.typnamespace
    WHERE t.typtype IN ('e', 'd', 'c', 'r', 'b')
      AND NOT (t.typcategory = 'A' AND t.typelem <> 0)
      AND (t.typtype <> 'c' OR (SELECT c.relkind FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid) = 'c')
    UNION ALL
    SELECT 4, p.oid, 'pg_proc'::pg_catalog.regclass,
           CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
           n.nspname, p.proname, NULL,
           CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid) END
    FROM pg_catalog.pg_proc p JOIN chosen n ON n.oid = p.pronamespace
    UNION ALL
    SELECT 5, o.oid, 'pg_operator'::pg_catalog.regclass, 'operator', n.nspname, o.oprname, NULL, NULL
    FROM pg_catalog.pg_operator o JOIN chosen n ON n.oid = o.oprnamespace
    UNION ALL
    SELECT 6, o.oid, 'pg_opclass'::pg_catalog.regclass, 'operator class', n.nspname, o.opcname, NULL, NULL
    FROM pg_catalog.pg_opclass o JOIN chosen n ON n.oid = o.opcnamespace
    UNION ALL
    SELECT 7, o.oid, 'pg_ts_config'::pg_catalog.regclass, 'text search configuration', n.nspname, o.cfgname, NULL, NULL
    FROM pg_catalog.pg_ts_config o JOIN chosen n ON n.oid = o.cfgnamespace
    UNION ALL
    SELECT 7, o.oid, 'pg_ts_dict'::pg_catalog.regclass, 'text search dictionary', n.nspname, o.dictname, NULL, NULL
    FROM pg_catalog.pg_ts_dict o JOIN chosen n ON n.oid = o.dictnamespace
    UNION ALL
    SELECT 8, o.oid, 'pg_statistic_ext'::pg_catalog.regclass, 'statistics', n.nspname, o.stxname, c.relname,
           pg_catalog.pg_get_statisticsobjdef(o.oid)
    FROM pg_catalog.pg_statistic_ext o JOIN chosen n ON n.oid = o.stxnamespace
    JOIN pg_catalog.pg_class c ON c.oid = o.stxrelid
    UNION ALL
    SELECT 9, c.oid, 'pg_class'::pg_catalog.regclass,
           CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' ELSE 'foreign table' END,
           n.nspname, c.relname, NULL,
           CASE c.relkind
               WHEN 'v' THEN pg_catalog.format('CREATE VIEW %I.%I%s AS %s', n.nspname, c.relname,
                                 coalesce(' WITH (' || pg_catalog.array_to_string(c.reloptions, ', ') || ')', ''),
                                 pg_catalog.pg_get_viewdef(c.oid))
               WHEN 'm' THEN pg_catalog.format('CREATE MATERIALIZED VIEW %I.%I AS %s', n.nspname, c.relname,
                                 pg_catalog.pg_get_viewdef(c.oid))
           END
    FROM pg_catalog.pg_class c JOIN chosen n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm', 'f') AND c.relpersistence <> 't'
    UNION ALL
    -- Indexes that a partition has for itself: those of the whole come with its root.
    SELECT 9, ic.oid, 'pg_class'::pg_catalog.regclass, 'partition index', n.nspname, ic.relname, c.relname, NULL
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
    JOIN chosen n ON n.oid = c.relnamespace JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
    WHERE c.relispartition AND NOT ic.relispartition
    UNION ALL
    SELECT 10, r.oid, 'pg_rewrite'::pg_catalog.regclass, 'rule', n.nspname, r.rulename, c.relname,
           pg_catalog.pg_get_ruledef(r.oid)
    FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
    JOIN chosen n ON n.oid = c.relnamespace
    WHERE r.rulename <> '_RETURN'
    UNION ALL
    SELECT 11, t.oid, 'pg_trigger'::pg_catalog.regclass, 'trigger', n.nspname, t.tgname, c.relname,
           pg_catalog.pg_get_triggerdef(t.oid)
    FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
    JOIN chosen n ON n.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND t.tgparentid = 0
    UNION ALL
    SELECT 12, p.oid, 'pg_policy'::pg_catalog.regclass, 'policy', n.nspname, p.polname, c.relname, NULL
    FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
    JOIN chosen n ON n.oid = c.relnamespace
    UNION ALL
    SELECT 13, e.oid, 'pg_event_trigger'::pg_catalog.regclass, 'event trigger', NULL, e.evtname, NULL, NULL
    FROM pg_catalog.pg_event_trigger e WHERE $1::pg_catalog.text[] IS NULL
    UNION ALL
    SELECT 14, p.oid, 'pg_publication'::pg_catalog.regclass, 'publication', NULL, p.pubname, NULL, NULL
    FROM pg_catalog.pg_publication p WHERE $1::pg_catalog.text[] IS NULL
)
SELECT f.kind, f.nsp, f.name, f.tab, f.definition
FROM found f
WHERE f.kind = 'extension' OR NOT EXISTS (SELECT FROM extension_member m WHERE m.classid = f.class AND m.objid = f.oid)
ORDER BY f.rank, f.oid
