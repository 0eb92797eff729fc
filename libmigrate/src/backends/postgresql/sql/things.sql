-- What the schemas $1 (names) consist of beside rows, and what nobody but this library has made there is left out: kind of
-- thing, name, and what it says. Left out as well are $2 (quoted names), range types with what they brought along, and $3
-- (names), schemas themselves.
WITH places AS (
    SELECT oid, nspname, nspowner, nspacl FROM pg_catalog.pg_namespace WHERE nspname = ANY ($1::pg_catalog.text[])
), relations AS (
    SELECT c.*, p.nspname, pg_catalog.format('%I.%I', p.nspname, c.relname) AS display
    FROM pg_catalog.pg_class c JOIN places p ON p.oid = c.relnamespace
    WHERE c.relname !~ '^_migrate_'
      -- Staged beside what is there, a table has indexes that bear their own names already.
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class t ON t.oid = i.indrelid
                      WHERE i.indexrelid = c.oid AND t.relname ~ '^_migrate_')
), wanted_types AS (
    SELECT t.oid FROM pg_catalog.unnest($2::pg_catalog.text[]) AS wanted(name)
    JOIN pg_catalog.pg_type t ON t.oid = pg_catalog.to_regtype(wanted.name)
), made_types AS (
    SELECT oid FROM wanted_types
    UNION
    SELECT d.objid FROM wanted_types w JOIN pg_catalog.pg_depend d ON d.refobjid = w.oid
    WHERE d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.classid = d.refclassid AND d.deptype = 'i'
), routines AS (
    SELECT f.*, pg_catalog.format('%I.%I(%s)', p.nspname, f.proname, pg_catalog.pg_get_function_identity_arguments(f.oid))
               AS display
    FROM pg_catalog.pg_proc f JOIN places p ON p.oid = f.pronamespace
    -- Constructors of range types.
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN made_types m ON m.oid = d.refobjid
                      WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = f.oid
                        AND d.refclassid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.deptype = 'i')
), types AS (
    SELECT t.*, pg_catalog.format('%I.%I', p.nspname, t.typname) AS display
    FROM pg_catalog.pg_type t JOIN places p ON p.oid = t.typnamespace
    WHERE t.typtype IN ('d', 'e', 'r') AND t.typname !~ '^_migrate_' AND t.oid NOT IN (SELECT oid FROM made_types)
), things AS (
    SELECT 'catalog' AS what, 'schema ' || nspname AS name,
           coalesce(pg_catalog.obj_description(oid, 'pg_namespace'), '') AS says FROM places
    WHERE nspname <> ALL ($3::pg_catalog.text[])
    UNION ALL
    SELECT 'privileges', 'schema ' || nspname, pg_catalog.concat_ws(' ', nspowner, nspacl) FROM places
    WHERE nspname <> ALL ($3::pg_catalog.text[])
    UNION ALL
    SELECT 'catalog', 'relation ' || display,
           pg_catalog.concat_ws(' ', relkind, relpersistence, reloptions, relrowsecurity, relforcerowsecurity,
                                relispartition, relreplident, reltablespace,
                                pg_catalog.pg_get_expr(relpartbound, oid),
                                CASE WHEN relkind IN ('v', 'm') THEN pg_catalog.pg_get_viewdef(oid) END,
                                CASE WHEN relkind = 'i' THEN pg_catalog.pg_get_indexdef(oid) END,
                                pg_catalog.obj_description(oid, 'pg_class'))
    FROM relations WHERE relkind NOT IN ('t', 'I')
    UNION ALL
    SELECT 'privileges', 'relation ' || display, pg_catalog.concat_ws(' ', relowner, relacl)
    FROM relations WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
    UNION ALL
    SELECT 'catalog', pg_catalog.format('column %s.%I', r.display, a.attname),
           pg_catalog.concat_ws(' ', pg_catalog.format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                                a.attgenerated, a.attcollation, a.attoptions,
                                pg_catalog.pg_get_expr(d.adbin, d.adrelid),
                                pg_catalog.col_description(r.oid, a.attnum))
    FROM relations r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_catalog.pg_attrdef d ON d.adrelid = r.oid AND d.adnum = a.attnum
    WHERE r.relkind IN ('r', 'p', 'v', 'm', 'f', 'c')
    UNION ALL
    SELECT 'privileges', pg_catalog.format('column %s.%I', r.display, a.attname), a.attacl::pg_catalog.text
    FROM relations r JOIN pg_catalog.pg_attribute a ON a.attrelid = r.oid AND a.attacl IS NOT NULL
        AND NOT a.attisdropped
    UNION ALL
    SELECT 'catalog', pg_catalog.format('constraint %s.%I', r.display, k.conname),
           pg_catalog.concat_ws(' ', pg_catalog.pg_get_constraintdef(k.oid), k.convalidated, k.conislocal,
                                pg_catalog.obj_description(k.oid, 'pg_constraint'))
    FROM relations r JOIN pg_catalog.pg_constraint k ON k.conrelid = r.oid
    UNION ALL
    SELECT 'catalog', pg_catalog.format('trigger %s.%I', r.display, t.tgname),
           pg_catalog.concat_ws(' ', pg_catalog.pg_get_triggerdef(t.oid), t.tgenabled)
    FROM relations r JOIN pg_catalog.pg_trigger t ON t.tgrelid = r.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT 'catalog', pg_catalog.format('rule %s.%I', r.display, w.rulename), pg_catalog.pg_get_ruledef(w.oid)
    FROM relations r JOIN pg_catalog.pg_rewrite w ON w.ev_class = r.oid AND w.rulename <> '_RETURN'
    UNION ALL
    SELECT 'catalog', pg_catalog.format('policy %s.%I', r.display, y.polname),
           pg_catalog.concat_ws(' ', y.polcmd, y.polpermissive, y.polroles, pg_catalog.pg_get_expr(y.polqual, r.oid),
                                pg_catalog.pg_get_expr(y.polwithcheck, r.oid))
    FROM relations r JOIN pg_catalog.pg_policy y ON y.polrelid = r.oid
    UNION ALL
    SELECT 'catalog', pg_catalog.format('statistics %I.%I', p.nspname, e.stxname), pg_catalog.pg_get_statisticsobjdef(e.oid)
    FROM pg_catalog.pg_statistic_ext e JOIN places p ON p.oid = e.stxnamespace
        JOIN pg_catalog.pg_class t ON t.oid = e.stxrelid AND t.relname !~ '^_migrate_'
    UNION ALL
    SELECT 'catalog', 'routine ' || display,
           pg_catalog.concat_ws(' ', prokind, prosrc, probin, proconfig, provolatile, prosecdef, proisstrict,
                                pg_catalog.pg_get_function_result(oid), pg_catalog.obj_description(oid, 'pg_proc'))
    FROM routines
    UNION ALL
    SELECT 'privileges', 'routine ' || display, pg_catalog.concat_ws(' ', proowner, proacl) FROM routines
    UNION ALL
    SELECT 'catalog', 'type ' || display,
           pg_catalog.concat_ws(' ', typtype, typnotnull, typdefault,
                                CASE WHEN typtype = 'd' THEN pg_catalog.format_type(typbasetype, typtypmod) END,
                                (SELECT pg_catalog.string_agg(e.enumlabel, ',' ORDER BY e.enumsortorder)
                                 FROM pg_catalog.pg_enum e WHERE e.enumtypid = types.oid),
                                pg_catalog.obj_description(oid, 'pg_type'))
    FROM types
    UNION ALL
    SELECT 'privileges', 'type ' || display, pg_catalog.concat_ws(' ', typowner, typacl) FROM types
    UNION ALL
    SELECT 'sequences', pg_catalog.format('%I.%I', s.schemaname, s.sequencename),
           pg_catalog.concat_ws(' ', s.data_type, s.start_value, s.min_value, s.max_value, s.increment_by, s.cycle,
                                s.cache_size, s.last_value)
    FROM pg_catalog.pg_sequences s
    WHERE s.schemaname = ANY ($1::pg_catalog.text[]) AND s.sequencename !~ '^_migrate_'
)
SELECT what, name, pg_catalog.md5(coalesce(says, '')) FROM things ORDER BY 1, 2
