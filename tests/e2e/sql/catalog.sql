-- What the server itself says of everything in a database but the schemas of migrations: kind, name, definition.
WITH mine AS (
    SELECT oid, nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema|_migrate)'
)
SELECT 'view', c.oid::regclass::text, pg_get_viewdef(c.oid) || coalesce(c.reloptions::text, '')
FROM pg_class c JOIN mine ON mine.oid = c.relnamespace WHERE c.relkind IN ('v', 'm')
UNION ALL
SELECT 'routine', p.oid::regprocedure::text, CASE p.prokind WHEN 'a' THEN '' ELSE pg_get_functiondef(p.oid) END
FROM pg_proc p JOIN mine ON mine.oid = p.pronamespace
WHERE NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_proc'::regclass AND d.objid = p.oid AND d.deptype IN ('e', 'i'))
UNION ALL
SELECT 'trigger', t.tgrelid::regclass || ' ' || t.tgname, concat_ws(' ', pg_get_triggerdef(t.oid), t.tgenabled)
FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN mine ON mine.oid = c.relnamespace WHERE NOT t.tgisinternal
UNION ALL
SELECT 'rule', r.ev_class::regclass || ' ' || r.rulename, concat_ws(' ', pg_get_ruledef(r.oid), r.ev_enabled)
FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class JOIN mine ON mine.oid = c.relnamespace WHERE r.rulename <> '_RETURN'
UNION ALL
SELECT 'policy', p.polrelid::regclass || ' ' || p.polname,
       concat_ws(' ', p.polcmd, p.polpermissive, (SELECT string_agg(r::regrole::text, ',') FROM unnest(p.polroles) r),
                 pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid JOIN mine ON mine.oid = c.relnamespace
UNION ALL
SELECT 'relation', c.oid::regclass::text,
       concat_ws(' ', c.relkind, c.relpersistence, c.relrowsecurity, c.relforcerowsecurity, c.relispartition,
                 pg_get_expr(c.relpartbound, c.oid), pg_get_partkeydef(c.oid), c.reloptions::text, c.relowner::regrole::text)
FROM pg_class c JOIN mine ON mine.oid = c.relnamespace WHERE c.relkind IN ('r', 'p', 'v', 'm', 'S')
UNION ALL
SELECT 'column', a.attrelid::regclass || ' ' || a.attname,
       concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity, a.attgenerated, a.attstattarget,
                 pg_get_expr(d.adbin, d.adrelid), a.attoptions::text)
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN mine ON mine.oid = c.relnamespace
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attnum > 0 AND NOT a.attisdropped AND c.relkind IN ('r', 'p', 'v', 'm')
UNION ALL
SELECT 'index', i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid)
FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN mine ON mine.oid = c.relnamespace
UNION ALL
SELECT 'constraint', concat_ws(' ', nullif(k.conrelid, 0)::regclass, nullif(k.contypid, 0)::regtype, k.conname),
       pg_get_constraintdef(k.oid)
FROM pg_constraint k JOIN mine ON mine.oid = k.connamespace
UNION ALL
SELECT 'type', t.oid::regtype::text,
       concat_ws(' ', t.typtype, t.typdefault, format_type(t.typbasetype, t.typtypmod), t.typowner::regrole::text,
                 (SELECT string_agg(quote_literal(e.enumlabel), ',' ORDER BY e.enumsortorder) FROM pg_enum e
                  WHERE e.enumtypid = t.oid))
FROM pg_type t JOIN mine ON mine.oid = t.typnamespace WHERE t.typtype IN ('e', 'd', 'r') OR t.typtype = 'c'
UNION ALL
SELECT 'sequence', s.seqrelid::regclass::text,
       concat_ws(' ', s.seqtypid::regtype, s.seqstart, s.seqincrement, s.seqmax, s.seqmin, s.seqcache, s.seqcycle,
                 pg_sequence_last_value(s.seqrelid))
FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid JOIN mine ON mine.oid = c.relnamespace
UNION ALL
SELECT 'statistics', s.stxname, pg_get_statisticsobjdef(s.oid)
FROM pg_statistic_ext s JOIN mine ON mine.oid = s.stxnamespace
UNION ALL
SELECT 'comment', i.type || ' ' || i.identity, d.description
FROM pg_description d CROSS JOIN LATERAL pg_identify_object(d.classoid, d.objoid, d.objsubid) i
WHERE (d.objoid >= 16384 OR d.classoid = 'pg_namespace'::regclass) AND i.identity !~ '^pg_' AND i.identity !~ '^_migrate' AND i.type <> 'extension'
UNION ALL
SELECT 'privilege', acl.kind || ' ' || acl.name,
       concat_ws(' ', a.privilege_type, CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END,
                 a.grantor::regrole, a.is_grantable)
FROM (SELECT 'relation', c.oid::regclass::text, c.relacl FROM pg_class c JOIN mine ON mine.oid = c.relnamespace
      UNION ALL
      SELECT 'column', a.attrelid::regclass || ' ' || a.attname, a.attacl
      FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN mine ON mine.oid = c.relnamespace
      UNION ALL
      SELECT 'routine', p.oid::regprocedure::text, p.proacl FROM pg_proc p JOIN mine ON mine.oid = p.pronamespace
      UNION ALL
      SELECT 'type', t.oid::regtype::text, t.typacl FROM pg_type t JOIN mine ON mine.oid = t.typnamespace
      UNION ALL
      SELECT 'schema', n.nspname, n.nspacl FROM pg_namespace n JOIN mine ON mine.oid = n.oid) acl (kind, name, list)
CROSS JOIN LATERAL aclexplode(acl.list) a
ORDER BY 1, 2, 3;
