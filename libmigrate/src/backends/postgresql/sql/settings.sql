-- What tables, columns, indexes, triggers and domains have been set to, in the schemas $1 (NULL: all but the
-- system's): kind, schema, name, table, statement, kind and name of what is set, and kinds and names of what has to be
-- there beside the table for it to be set.
WITH relation AS (
    SELECT c.*, n.nspname, pg_catalog.format('%I.%I', n.nspname, c.relname) AS quoted,
           CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE'
                          ELSE 'TABLE' END AS word,
           CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
                          ELSE 'table' END AS what
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relpersistence <> 't' AND c.relname !~ '^_migrate_'
      AND ($1::pg_catalog.text[] IS NULL OR n.nspname = ANY ($1::pg_catalog.text[]))
      AND n.nspname <> 'information_schema' AND n.nspname !~ '^(pg_|_migrate)'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                        AND d.deptype = 'e')
), found (rank, oid, nsp, name, tab, definition, what, part, part_name) AS (
    SELECT 1, r.oid, r.nspname, 'statistics target of ' || a.attname, r.relname,
           pg_catalog.format('ALTER %s %s%s ALTER COLUMN %I SET STATISTICS %s', r.word,
                             CASE WHEN r.what = 'table' THEN 'ONLY ' ELSE '' END, r.quoted, a.attname,
                             a.attstattarget), r.what,
           'column', a.attname
    FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attstattarget >= 0
    UNION ALL
    SELECT 1, r.oid, r.nspname, 'options of ' || a.attname, r.relname,
           pg_catalog.format('ALTER %s %s%s ALTER COLUMN %I SET (%s)', r.word,
                             CASE WHEN r.what = 'table' THEN 'ONLY ' ELSE '' END, r.quoted, a.attname,
                             pg_catalog.array_to_string(a.attoptions, ', ')), r.what, 'column', a.attname
    FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid
    WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attoptions IS NOT NULL
    UNION ALL
    SELECT 1, r.oid, r.nspname, 'compression of ' || a.attname, r.relname,
           pg_catalog.format('ALTER TABLE ONLY %s ALTER COLUMN %I SET COMPRESSION %s', r.quoted, a.attname,
                             CASE pg_catalog.to_jsonb(a) ->> 'attcompression' WHEN 'p' THEN 'pglz' ELSE 'lz4' END),
           r.what, 'column', a.attname
    FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid
    WHERE r.what = 'table' AND a.attnum > 0 AND NOT a.attisdropped
      AND pg_catalog.to_jsonb(a) ->> 'attcompression' <> ''
    UNION ALL
    SELECT 2, r.oid, r.nspname, 'toast options', r.relname,
           pg_catalog.format('ALTER TABLE %s SET (%s)', r.quoted,
                             (SELECT pg_catalog.string_agg('toast.' || o, ', ')
                              FROM pg_catalog.unnest(t.reloptions) o)), r.what, NULL, NULL
    FROM relation r JOIN pg_catalog.pg_class t ON t.oid = r.reltoastrelid
    WHERE t.reloptions IS NOT NULL
    UNION ALL
    SELECT 3, r.oid, r.nspname, 'replica identity', r.relname,
           pg_catalog.format('ALTER TABLE ONLY %s REPLICA IDENTITY %s', r.quoted,
                             CASE r.relreplident WHEN 'n' THEN 'NOTHING' WHEN 'f' THEN 'FULL'
                                  ELSE (SELECT pg_catalog.format('USING INDEX %I', ic.relname)
                                        FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
                                        WHERE i.indrelid = r.oid AND i.indisreplident) END), r.what,
           'index', (SELECT top.relname FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class top
                         ON top.oid = coalesce(pg_catalog.pg_partition_root(i.indexrelid), i.indexrelid)
                     WHERE i.indrelid = r.oid AND i.indisreplident AND r.relreplident = 'i')
    FROM relation r WHERE r.relkind IN ('r', 'p') AND r.relreplident <> 'd'
    UNION ALL
    SELECT 4, r.oid, r.nspname, 'clustering', r.relname,
           pg_catalog.format('ALTER %s %s CLUSTER ON %I', r.word, r.quoted, ic.relname), r.what,
           'index', (SELECT top.relname FROM pg_catalog.pg_class top
                     WHERE top.oid = coalesce(pg_catalog.pg_partition_root(ic.oid), ic.oid))
    FROM relation r JOIN pg_catalog.pg_index i ON i.indrelid = r.oid AND i.indisclustered
    JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
    UNION ALL
    SELECT 5, r.oid, r.nspname, 'statistics target of ' || ic.relname, r.relname,
           pg_catalog.format('ALTER INDEX %I.%I ALTER COLUMN %s SET STATISTICS %s', r.nspname, ic.relname, a.attnum,
                             a.attstattarget), r.what,
           'index', (SELECT top.relname FROM pg_catalog.pg_class top
                     WHERE top.oid = coalesce(pg_catalog.pg_partition_root(ic.oid), ic.oid))
    FROM relation r JOIN pg_catalog.pg_index i ON i.indrelid = r.oid
    JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
    JOIN pg_catalog.pg_attribute a ON a.attrelid = ic.oid
    WHERE a.attstattarget >= 0
    UNION ALL
    SELECT 6, r.oid, r.nspname, 'statistics target of ' || s.stxname, r.relname,
           pg_catalog.format('ALTER STATISTICS %I.%I SET STATISTICS %s', sn.nspname, s.stxname, s.stxstattarget),
           'statistics object', 'statistics', s.stxname
    FROM relation r JOIN pg_catalog.pg_statistic_ext s ON s.stxrelid = r.oid
    JOIN pg_catalog.pg_namespace sn ON sn.oid = s.stxnamespace
    WHERE s.stxstattarget >= 0
    UNION ALL
    SELECT 7, r.oid, r.nspname, 'trigger ' || t.tgname, r.relname,
           pg_catalog.format('ALTER TABLE ONLY %s %s TRIGGER %I', r.quoted,
                             CASE t.tgenabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'
                                              ELSE 'ENABLE ALWAYS' END, t.tgname), 'trigger',
           'trigger', t.tgname
    FROM relation r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid
    WHERE NOT t.tgisinternal AND t.tgparentid = 0 AND t.tgenabled <> 'O'
    UNION ALL
    SELECT 7, r.oid, r.nspname, 'rule ' || w.rulename, r.relname,
           pg_catalog.format('ALTER TABLE %s %s RULE %I', r.quoted,
                             CASE w.ev_enabled WHEN 'D' THEN 'DISABLE' WHEN 'R' THEN 'ENABLE REPLICA'
                                               ELSE 'ENABLE ALWAYS' END, w.rulename), 'rule',
           'rule', w.rulename
    FROM relation r JOIN pg_catalog.pg_rewrite w ON w.ev_class = r.oid
    WHERE w.rulename <> '_RETURN' AND w.ev_enabled <> 'O'
    UNION ALL
    SELECT 8, r.oid, r.nspname, 'default of ' || a.attname, r.relname,
           pg_catalog.format('ALTER VIEW %s ALTER COLUMN %I SET DEFAULT %s', r.quoted, a.attname,
                             pg_catalog.pg_get_expr(d.adbin, d.adrelid)), r.what, NULL, NULL
    FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid
    JOIN pg_catalog.pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
    WHERE r.relkind = 'v'
    UNION ALL
    -- A partition's defaults where they are not those of its root.
    SELECT 0, r.oid, r.nspname, 'default of ' || a.attname, r.relname,
           pg_catalog.format('ALTER TABLE ONLY %s ALTER COLUMN %I %s', r.quoted, a.attname,
                             coalesce('SET DEFAULT ' || pg_catalog.pg_get_expr(d.adbin, d.adrelid), 'DROP DEFAULT')),
           'partition', 'column', a.attname
    FROM relation r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
    LEFT JOIN pg_catalog.pg_attribute ra ON ra.attrelid = pg_catalog.pg_partition_root(r.oid) AND ra.attname = a.attname
    LEFT JOIN pg_catalog.pg_attrdef rd ON rd.adrelid = ra.attrelid AND rd.adnum = ra.attnum
    WHERE r.relispartition AND r.relkind IN ('r', 'p') AND a.attgenerated = ''
      AND pg_catalog.pg_get_expr(d.adbin, d.adrelid) IS DISTINCT FROM pg_catalog.pg_get_expr(rd.adbin, rd.adrelid)
    UNION ALL
    SELECT 0, r.oid, r.nspname, 'row type', r.relname,
           pg_catalog.format('ALTER TABLE %s OF %s', r.quoted, r.reloftype::pg_catalog.regtype), 'table', NULL, NULL
    FROM relation r WHERE r.reloftype <> 0
    UNION ALL
    SELECT 0, s.oid, n.nspname, 'persistence', s.relname,
           pg_catalog.format('ALTER SEQUENCE %I.%I SET UNLOGGED', n.nspname, s.relname), 'sequence', NULL, NULL
    FROM pg_catalog.pg_class s JOIN pg_catalog.pg_namespace n ON n.oid = s.relnamespace
    WHERE s.relkind = 'S' AND s.relpersistence = 'u' AND s.relname !~ '^_migrate_'
      AND ($1::pg_catalog.text[] IS NULL OR n.nspname = ANY ($1::pg_catalog.text[]))
      AND n.nspname <> 'information_schema' AND n.nspname !~ '^(pg_|_migrate)'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = s.oid
                        AND d.deptype IN ('i', 'e'))
    UNION ALL
    SELECT 0, t.oid, n.nspname, x.conname, t.typname,
           pg_catalog.format('ALTER DOMAIN %s ADD CONSTRAINT %I %s', t.oid::pg_catalog.regtype, x.conname,
                             pg_catalog.pg_get_constraintdef(x.oid)), 'domain', NULL, NULL
    FROM pg_catalog.pg_constraint x JOIN pg_catalog.pg_type t ON t.oid = x.contypid
    JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
    WHERE NOT x.convalidated AND ($1::pg_catalog.text[] IS NULL OR n.nspname = ANY ($1::pg_catalog.text[]))
)
SELECT 'setting', f.nsp, f.name, CASE WHEN f.what NOT IN ('domain', 'sequence', 'view', 'materialized view', 'foreign table') THEN f.tab END, f.definition, f.what, f.tab,
       CASE WHEN f.part_name IS NOT NULL THEN ARRAY[f.part, f.part_name::pg_catalog.text] END
FROM found f ORDER BY f.rank, f.oid, f.name
