-- What loading into the tables $1.$2 (pairwise), or replacing them, has to mind.
WITH wanted AS (
    SELECT n.nspname, c.relname, c.oid, c.relkind, c.relowner, c.relrowsecurity, c.relforcerowsecurity, c.reltype,
           (SELECT t.typarray FROM pg_catalog.pg_type t WHERE t.oid = c.reltype) AS arraytype
    FROM ROWS FROM (pg_catalog.unnest($1::pg_catalog.text[]), pg_catalog.unnest($2::pg_catalog.text[]))
         AS w(schema_name, table_name)
    JOIN pg_catalog.pg_namespace n ON n.nspname = w.schema_name
    JOIN pg_catalog.pg_class c ON c.relnamespace = n.oid AND c.relname = w.table_name
)
SELECT w.nspname, w.relname,
    (SELECT pg_catalog.string_agg(t.tgname, ', ' ORDER BY t.tgname) FROM pg_catalog.pg_trigger t
     WHERE t.tgrelid = w.oid AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A')),
    (SELECT pg_catalog.string_agg(t.tgname, ', ' ORDER BY t.tgname) FROM pg_catalog.pg_trigger t
     WHERE t.tgrelid = w.oid AND NOT t.tgisinternal),
    (SELECT pg_catalog.string_agg(r.rulename, ', ' ORDER BY r.rulename) FROM pg_catalog.pg_rewrite r
     WHERE r.ev_class = w.oid),
    (SELECT pg_catalog.string_agg(p.polname, ', ' ORDER BY p.polname) FROM pg_catalog.pg_policy p
     WHERE p.polrelid = w.oid),
    w.relrowsecurity,
    (SELECT pg_catalog.string_agg(DISTINCT v.oid::pg_catalog.regclass::pg_catalog.text, ', ')
     FROM pg_catalog.pg_depend d
     JOIN pg_catalog.pg_rewrite r ON d.classid = 'pg_catalog.pg_rewrite'::pg_catalog.regclass AND r.oid = d.objid
     JOIN pg_catalog.pg_class v ON v.oid = r.ev_class
     WHERE d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = w.oid AND v.relkind = 'm'),
    (SELECT pg_catalog.string_agg(DISTINCT p.oid::pg_catalog.regprocedure::pg_catalog.text, ', ')
     FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_proc p ON p.oid = d.objid
     WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND (
        (d.refclassid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.refobjid = w.oid) OR
        (d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.refobjid IN (w.reltype, w.arraytype)))),
    (SELECT pg_catalog.string_agg(DISTINCT a.attrelid::pg_catalog.regclass::pg_catalog.text, ', ')
     FROM pg_catalog.pg_attribute a WHERE a.atttypid IN (w.reltype, w.arraytype) AND a.attrelid <> w.oid),
    EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE i.inhrelid = w.oid OR i.inhparent = w.oid),
    (SELECT pg_catalog.string_agg(p.pubname, ', ' ORDER BY p.pubname) FROM pg_catalog.pg_publication_rel r
     JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid WHERE r.prrelid = w.oid),
    w.relkind = 'p',
    pg_catalog.pg_has_role(w.relowner, 'USAGE'),
    pg_catalog.has_table_privilege(w.oid, 'SELECT') AND pg_catalog.has_table_privilege(w.oid, 'INSERT') AND
    pg_catalog.has_table_privilege(w.oid, 'UPDATE'),
    -- Its whole definition, and what is attached to it.
    pg_catalog.md5(pg_catalog.concat_ws(pg_catalog.chr(10), w.relkind, w.relrowsecurity, w.relforcerowsecurity,
        (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod),
                     a.attnotnull, a.attidentity, a.attgenerated, a.attcollation,
                     pg_catalog.pg_get_expr(d.adbin, d.adrelid)), pg_catalog.chr(10) ORDER BY a.attnum)
         FROM pg_catalog.pg_attribute a
         LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
         WHERE a.attrelid = w.oid AND a.attnum > 0 AND NOT a.attisdropped),
        (SELECT pg_catalog.string_agg(k.conname || ' ' || pg_catalog.pg_get_constraintdef(k.oid), pg_catalog.chr(10)
                     ORDER BY k.conname)
         FROM pg_catalog.pg_constraint k WHERE k.conrelid = w.oid),
        (SELECT pg_catalog.string_agg(pg_catalog.pg_get_indexdef(i.indexrelid), pg_catalog.chr(10)
                     ORDER BY pg_catalog.pg_get_indexdef(i.indexrelid))
         FROM pg_catalog.pg_index i WHERE i.indrelid = w.oid),
        (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', t.tgenabled, pg_catalog.pg_get_triggerdef(t.oid),
                     pg_catalog.md5(p.prosrc)), pg_catalog.chr(10) ORDER BY t.tgname)
         FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_proc p ON p.oid = t.tgfoid
         WHERE t.tgrelid = w.oid AND NOT t.tgisinternal),
        (SELECT pg_catalog.string_agg(pg_catalog.pg_get_ruledef(r.oid), pg_catalog.chr(10) ORDER BY r.rulename)
         FROM pg_catalog.pg_rewrite r WHERE r.ev_class = w.oid),
        (SELECT pg_catalog.string_agg(pg_catalog.concat_ws(' ', p.polname, p.polcmd, p.polpermissive, p.polroles::pg_catalog.text,
                     pg_catalog.pg_get_expr(p.polqual, p.polrelid), pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid)),
                     pg_catalog.chr(10) ORDER BY p.polname)
         FROM pg_catalog.pg_policy p WHERE p.polrelid = w.oid))),
    pg_catalog.has_table_privilege(w.oid, 'DELETE')
FROM wanted w
