-- Sequences in the schemas $1 (NULL: all but the system's), and the columns that own or alone use them;
-- with $2, only those whose names match it.
SELECT s.seqrelid, n.nspname, c.relname, pg_catalog.format_type(s.seqtypid, NULL), s.seqstart, s.seqincrement,
       s.seqmin, s.seqmax, s.seqcache, s.seqcycle,
       pg_catalog.has_sequence_privilege(s.seqrelid, 'SELECT'),
       owner.refobjid, oa.attname, owner.deptype::pg_catalog.text,
       usage.adrelid, ua.attname,
       (SELECT count(*) FROM pg_catalog.pg_depend d
        WHERE d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
          AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = s.seqrelid),
       pg_catalog.pg_get_expr(usage.adbin, usage.adrelid)
         = pg_catalog.format('nextval(%L::regclass)', pg_catalog.format('%I.%I', n.nspname, c.relname))
FROM pg_catalog.pg_sequence s
JOIN pg_catalog.pg_class c ON c.oid = s.seqrelid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
LEFT JOIN pg_catalog.pg_depend owner
       ON owner.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND owner.objid = s.seqrelid
      AND owner.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND owner.refobjsubid > 0
      AND owner.deptype IN ('a', 'i')
LEFT JOIN pg_catalog.pg_attribute oa ON oa.attrelid = owner.refobjid AND oa.attnum = owner.refobjsubid
LEFT JOIN LATERAL (SELECT ad.* FROM pg_catalog.pg_depend d
                   JOIN pg_catalog.pg_attrdef ad ON ad.oid = d.objid
                   WHERE d.classid = 'pg_catalog.pg_attrdef'::pg_catalog.regclass
                     AND d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = s.seqrelid
                   ORDER BY ad.oid LIMIT 1) usage ON true
LEFT JOIN pg_catalog.pg_attribute ua ON ua.attrelid = usage.adrelid AND ua.attnum = usage.adnum
WHERE ($1::pg_catalog.text[] IS NULL OR n.nspname = ANY ($1::pg_catalog.text[]))
  AND n.nspname <> 'information_schema' AND n.nspname !~ '^(pg_|_migrate$)'
  AND ($1::pg_catalog.text[] IS NOT NULL OR n.nspname !~ '^_migrate_(kept_)?[0-9a-f]+(_[0-9]+)?$')
  AND CASE WHEN $2::pg_catalog.text IS NULL THEN c.relname !~ '^_migrate_' ELSE c.relname ~ $2 END
  AND c.relpersistence <> 't'
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                  WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                    AND d.deptype = 'e')
ORDER BY s.seqrelid
