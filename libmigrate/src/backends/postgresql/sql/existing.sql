-- What loading into the tables $1.$2 (pairwise), or replacing them, has to mind.
WITH wanted AS (
    SELECT n.nspname, c.relname, c.oid, c.relkind, c.relowner, c.relrowsecurity, c.reltype,
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
    pg_catalog.has_table_privilege(w.oid, 'UPDATE')
FROM wanted w
