-- Tables, views and their like in the schemas $1 (NULL: all but the system's and this library's own);
-- with $2, only those whose names match it.
SELECT c.oid, n.nspname, c.relname, c.relkind::pg_catalog.text, c.relpersistence::pg_catalog.text,
       pg_catalog.obj_description(c.oid, 'pg_class'),
       greatest(c.reltuples, 0)::pg_catalog.int8,
       CASE c.relkind
           WHEN 'p' THEN (SELECT coalesce(sum(pg_catalog.pg_table_size(leaf.relid)), 0)::pg_catalog.int8
                          FROM pg_catalog.pg_partition_tree(c.oid) leaf WHERE leaf.isleaf)
           WHEN 'r' THEN pg_catalog.pg_table_size(c.oid)
           ELSE 0
       END,
       c.relrowsecurity, c.relforcerowsecurity, c.relispartition,
       (SELECT pg_catalog.array_agg(pg_catalog.quote_ident(pn.nspname) || '.' || pg_catalog.quote_ident(p.relname)
                                    ORDER BY i.inhseqno)
        FROM pg_catalog.pg_inherits i
        JOIN pg_catalog.pg_class p ON p.oid = i.inhparent
        JOIN pg_catalog.pg_namespace pn ON pn.oid = p.relnamespace
        WHERE i.inhrelid = c.oid),
       CASE c.relkind WHEN 'p' THEN pg_catalog.pg_get_partkeydef(c.oid) END,
       pg_catalog.pg_get_expr(c.relpartbound, c.oid),
       pg_catalog.array_to_string(c.reloptions, ', '),
       c.reloftype <> 0,
       CASE WHEN c.relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(c.oid) END,
       (SELECT count(*) FROM pg_catalog.pg_inherits i WHERE i.inhparent = c.oid),
       CASE WHEN c.relispartition AND c.relkind IN ('r', 'p') THEN
           (SELECT '(' || pg_catalog.string_agg(
                       pg_catalog.quote_ident(a.attname) || ' ' || pg_catalog.format_type(a.atttypid, a.atttypmod)
                       || CASE WHEN a.attcollation <> 0 AND a.attcollation <> t.typcollation
                               THEN pg_catalog.format(' COLLATE %I.%I', cn.nspname, co.collname) ELSE '' END
                       || CASE a.attgenerated WHEN 's'
                               THEN pg_catalog.format(' GENERATED ALWAYS AS (%s) STORED',
                                                      pg_catalog.pg_get_expr(d.adbin, d.adrelid)) ELSE '' END
                       || CASE WHEN a.attnotnull THEN ' NOT NULL' ELSE '' END, ', ' ORDER BY a.attnum) || ')'
            FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type t ON t.oid = a.atttypid
            LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
            LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
            LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
            WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped) END
FROM pg_catalog.pg_class c
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm')
  AND c.relpersistence <> 't'
  AND ($1::pg_catalog.text[] IS NULL OR n.nspname = ANY ($1::pg_catalog.text[]))
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^(pg_|_migrate$)'
  AND ($1::pg_catalog.text[] IS NOT NULL OR n.nspname !~ '^_migrate_(kept_)?[0-9a-f]+(_[0-9]+)?$')
  AND CASE WHEN $2::pg_catalog.text IS NULL THEN c.relname !~ '^_migrate_' ELSE c.relname ~ $2 END
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                    AND d.deptype = 'e')
ORDER BY c.oid
