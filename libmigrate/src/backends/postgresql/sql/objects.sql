-- Everything that is not a table, index, key or sequence, in the schemas $1 (NULL: all but the system's), in an
-- order in which it could be created: kind, schema, name, table, definition (NULL: it is only listed), owner, and of
-- range types the multirange type and the subtype, of policies the roles, of extensions their types;
-- of routines and operators the name with the types of their arguments.
WITH chosen AS (
    SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n
    WHERE ($1::pg_catalog.text[] IS NULL OR n.nspname = ANY ($1::pg_catalog.text[]))
      AND n.nspname <> 'information_schema' AND n.nspname !~ '^(pg_|_migrate$)'
  AND ($1::pg_catalog.text[] IS NOT NULL OR n.nspname !~ '^_migrate_(kept_)?[0-9a-f]+(_[0-9]+)?$')
), extension_member AS (
    SELECT d.classid, d.objid FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
), found (rank, oid, class, kind, nsp, name, tab, definition, owner, multirange, subtype, roles) AS (
    SELECT -1, n.oid, 'pg_namespace'::pg_catalog.regclass, 'schema', NULL::pg_catalog.name, n.nspname, NULL::pg_catalog.name,
           pg_catalog.format('CREATE SCHEMA IF NOT EXISTS %I', n.nspname), 0::pg_catalog.oid,
           NULL::pg_catalog.text, NULL::pg_catalog.text, NULL::pg_catalog.text[]
    FROM chosen n
    -- The others come with what is in them; every database has public.
    WHERE n.nspname <> 'public'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_type t WHERE t.typnamespace = n.oid)
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_proc p WHERE p.pronamespace = n.oid)
    UNION ALL
    SELECT 0, e.oid, 'pg_extension'::pg_catalog.regclass, 'extension', n.nspname, e.extname, NULL,
           pg_catalog.format('CREATE EXTENSION IF NOT EXISTS %I WITH SCHEMA %I', e.extname, n.nspname), 0,
           NULL, NULL,
           ARRAY(SELECT pg_catalog.format('%I.%I', tn.nspname, t.typname)
                 FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_type t ON t.oid = d.objid
                 JOIN pg_catalog.pg_namespace tn ON tn.oid = t.typnamespace
                 WHERE d.classid = 'pg_catalog.pg_type'::pg_catalog.regclass AND d.deptype = 'e'
                   AND d.refclassid = 'pg_catalog.pg_extension'::pg_catalog.regclass AND d.refobjid = e.oid)
    FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
    WHERE e.extname <> 'plpgsql'
    UNION ALL
    SELECT 1, c.oid, 'pg_collation'::pg_catalog.regclass, 'collation', n.nspname, c.collname, NULL,
           CASE WHEN c.collprovider IN ('i', 'c') THEN
               pg_catalog.format('CREATE COLLATION %I.%I (PROVIDER = %s, %s%s)', n.nspname, c.collname,
                   CASE c.collprovider WHEN 'i' THEN 'icu' ELSE 'libc' END,
                   CASE WHEN c.collprovider = 'i'
                        THEN pg_catalog.format('LOCALE = %L', coalesce(
                                 pg_catalog.to_jsonb(c) ->> 'colllocale', pg_catalog.to_jsonb(c) ->> 'colliculocale',
                                 c.collcollate))
                             || coalesce(', RULES = ' || pg_catalog.quote_literal(
                                             pg_catalog.to_jsonb(c) ->> 'collicurules'), '')
                        ELSE pg_catalog.format('LC_COLLATE = %L, LC_CTYPE = %L', c.collcollate, c.collctype) END,
                   CASE WHEN c.collisdeterministic THEN '' ELSE ', DETERMINISTIC = false' END) END,
           c.collowner, NULL, NULL, NULL
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
                   || coalesce(' DEFAULT ' || coalesce(pg_catalog.pg_get_expr(t.typdefaultbin, 0), t.typdefault), '')
                   || CASE WHEN t.typnotnull THEN ' NOT NULL' ELSE '' END
                   || coalesce((SELECT pg_catalog.string_agg(
                                    pg_catalog.format(' CONSTRAINT %I %s', dc.conname,
                                                      pg_catalog.pg_get_constraintdef(dc.oid)), '' ORDER BY dc.conname)
                                FROM pg_catalog.pg_constraint dc
                                WHERE dc.contypid = t.oid AND dc.contype = 'c' AND dc.convalidated), '')
               WHEN 'c' THEN (SELECT pg_catalog.format('CREATE TYPE %I.%I AS (%s)', n.nspname, t.typname,
                                       coalesce(pg_catalog.string_agg(pg_catalog.format('%I %s%s', a.attname,
                                           pg_catalog.format_type(a.atttypid, a.atttypmod),
                                           CASE WHEN a.attcollation <> 0 AND a.attcollation <> at.typcollation
                                                THEN pg_catalog.format(' COLLATE %I.%I', cn.nspname, co.collname)
                                                ELSE '' END), ', ' ORDER BY a.attnum), ''))
                              FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_type at ON at.oid = a.atttypid
                              LEFT JOIN pg_catalog.pg_collation co ON co.oid = a.attcollation
                              LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
                              WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped)
               -- A canonical function needs the type before it is whole: that is only listed.
               WHEN 'r' THEN (SELECT pg_catalog.format('CREATE TYPE %I.%I AS RANGE (SUBTYPE = %s%s%s%s%s)', n.nspname,
                                       t.typname, pg_catalog.format_type(r.rngsubtype, NULL),
                                       CASE WHEN oc.opcdefault THEN ''
                                            ELSE pg_catalog.format(', SUBTYPE_OPCLASS = %I.%I', ocn.nspname,
                                                                   oc.opcname) END,
                                       CASE WHEN r.rngcollation <> 0 AND r.rngcollation <> st.typcollation
                                            THEN pg_catalog.format(', COLLATION = %I.%I', cn.nspname, co.collname)
                                            ELSE '' END,
                                       CASE WHEN r.rngsubdiff <> 0
                                            THEN (SELECT pg_catalog.format(', SUBTYPE_DIFF = %I.%I', pn.nspname, p.proname)
                                                  FROM pg_catalog.pg_proc p
                                                  JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
                                                  WHERE p.oid = r.rngsubdiff) ELSE '' END,
                                       CASE WHEN mt.oid IS NOT NULL
                                            THEN pg_catalog.format(', MULTIRANGE_TYPE_NAME = %I.%I', mn.nspname,
                                                                   mt.typname) ELSE '' END)
                              FROM pg_catalog.pg_type st, pg_catalog.pg_opclass oc
                              JOIN pg_catalog.pg_namespace ocn ON ocn.oid = oc.opcnamespace
                              LEFT JOIN pg_catalog.pg_collation co ON co.oid = r.rngcollation
                              LEFT JOIN pg_catalog.pg_namespace cn ON cn.oid = co.collnamespace
                              WHERE st.oid = r.rngsubtype AND oc.oid = r.rngsubopc AND r.rngcanonical = 0)
           END,
           t.typowner, CASE WHEN mt.oid IS NOT NULL THEN pg_catalog.format('%I.%I', mn.nspname, mt.typname) END,
           pg_catalog.format_type(r.rngsubtype, NULL), NULL
    FROM pg_catalog.pg_type t JOIN chosen n ON n.oid = t.typnamespace
    LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = t.oid
    LEFT JOIN pg_catalog.pg_type mt ON mt.oid = (pg_catalog.to_jsonb(r) ->> 'rngmultitypid')::pg_catalog.oid
    LEFT JOIN pg_catalog.pg_namespace mn ON mn.oid = mt.typnamespace
    WHERE t.typtype IN ('e', 'd', 'c', 'r', 'b', 'p')
      AND NOT (t.typcategory = 'A' AND t.typelem <> 0)
      AND (t.typtype <> 'c' OR (SELECT c.relkind FROM pg_catalog.pg_class c WHERE c.oid = t.typrelid) = 'c')
      AND t.typname !~ '^_migrate_'
    UNION ALL
    SELECT 4, p.oid, 'pg_proc'::pg_catalog.regclass,
           CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'a' THEN 'aggregate' ELSE 'function' END,
           n.nspname, p.proname, NULL,
           CASE WHEN p.prokind <> 'a' THEN pg_catalog.pg_get_functiondef(p.oid)
                ELSE (SELECT pg_catalog.format('CREATE AGGREGATE %I.%I(%s) (SFUNC = %s, STYPE = %s, SSPACE = %s%s%s%s%s%s%s%s%s)',
                                 n.nspname, p.proname,
                                 coalesce(nullif(pg_catalog.pg_get_function_arguments(p.oid), ''), '*'),
                                 fn.sfunc, pg_catalog.format_type(a.aggtranstype, NULL), a.aggtransspace,
                                 ', FINALFUNC = ' || fn.final, CASE WHEN a.aggfinalextra THEN ', FINALFUNC_EXTRA' END,
                                 pg_catalog.format(', FINALFUNC_MODIFY = %s',
                                     CASE a.aggfinalmodify WHEN 'r' THEN 'READ_ONLY' WHEN 's' THEN 'SHAREABLE'
                                                           ELSE 'READ_WRITE' END),
                                 ', COMBINEFUNC = ' || fn.combine, ', SERIALFUNC = ' || fn.serial,
                                 ', DESERIALFUNC = ' || fn.deserial,
                                 ', INITCOND = ' || pg_catalog.quote_literal(a.agginitval),
                                 pg_catalog.format(', PARALLEL = %s', CASE p.proparallel WHEN 's' THEN 'SAFE'
                                     WHEN 'r' THEN 'RESTRICTED' ELSE 'UNSAFE' END))
                      FROM pg_catalog.pg_aggregate a
                      CROSS JOIN LATERAL (
                          SELECT max(f.name) FILTER (WHERE f.oid = a.aggtransfn), max(f.name) FILTER (WHERE f.oid = a.aggfinalfn),
                                 max(f.name) FILTER (WHERE f.oid = a.aggcombinefn), max(f.name) FILTER (WHERE f.oid = a.aggserialfn),
                                 max(f.name) FILTER (WHERE f.oid = a.aggdeserialfn)
                          FROM (SELECT q.oid, pg_catalog.format('%I.%I', qn.nspname, q.proname) AS name
                                FROM pg_catalog.pg_proc q JOIN pg_catalog.pg_namespace qn ON qn.oid = q.pronamespace
                                WHERE q.oid IN (a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn,
                                                a.aggdeserialfn)) f) fn (sfunc, final, combine, serial, deserial)
                      -- Ordered sets, moving aggregates and sort operators are only listed.
                      WHERE a.aggfnoid = p.oid AND a.aggkind = 'n' AND a.aggmtransfn = 0 AND a.aggsortop = 0) END,
           p.proowner, NULL, NULL, NULL
    FROM pg_catalog.pg_proc p JOIN chosen n ON n.oid = p.pronamespace
    -- Not those that a range type brings along.
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass AND d.objid = p.oid
                        AND d.deptype = 'i')
    UNION ALL
    SELECT 5, o.oid, 'pg_operator'::pg_catalog.regclass, 'operator', n.nspname, o.oprname, NULL,
           (SELECT pg_catalog.format('CREATE OPERATOR %I.%s (FUNCTION = %I.%I%s%s%s%s%s%s%s%s)', n.nspname, o.oprname,
                       pn.nspname, p.proname,
                       ', LEFTARG = ' || CASE WHEN o.oprleft <> 0 THEN pg_catalog.format_type(o.oprleft, NULL) END,
                       ', RIGHTARG = ' || CASE WHEN o.oprright <> 0 THEN pg_catalog.format_type(o.oprright, NULL) END,
                       (SELECT pg_catalog.format(', COMMUTATOR = OPERATOR(%I.%s)', cn.nspname, c.oprname)
                        FROM pg_catalog.pg_operator c JOIN pg_catalog.pg_namespace cn ON cn.oid = c.oprnamespace
                        WHERE c.oid = o.oprcom),
                       (SELECT pg_catalog.format(', NEGATOR = OPERATOR(%I.%s)', cn.nspname, c.oprname)
                        FROM pg_catalog.pg_operator c JOIN pg_catalog.pg_namespace cn ON cn.oid = c.oprnamespace
                        WHERE c.oid = o.oprnegate),
                       ', RESTRICT = ' || CASE WHEN o.oprrest <> 0 THEN o.oprrest::pg_catalog.regproc::pg_catalog.text END,
                       ', JOIN = ' || CASE WHEN o.oprjoin <> 0 THEN o.oprjoin::pg_catalog.regproc::pg_catalog.text END,
                       CASE WHEN o.oprcanhash THEN ', HASHES' END, CASE WHEN o.oprcanmerge THEN ', MERGES' END)
            FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
            WHERE p.oid = o.oprcode),
           o.oprowner, NULL, NULL, NULL
    FROM pg_catalog.pg_operator o JOIN chosen n ON n.oid = o.oprnamespace
    UNION ALL
    SELECT 6, o.oid, 'pg_opclass'::pg_catalog.regclass, 'operator class', n.nspname, o.opcname, NULL, NULL,
           o.opcowner, NULL, NULL, NULL
    FROM pg_catalog.pg_opclass o JOIN chosen n ON n.oid = o.opcnamespace
    UNION ALL
    SELECT 7, o.oid, 'pg_ts_config'::pg_catalog.regclass, 'text search configuration', n.nspname, o.cfgname, NULL, NULL,
           o.cfgowner, NULL, NULL, NULL
    FROM pg_catalog.pg_ts_config o JOIN chosen n ON n.oid = o.cfgnamespace
    UNION ALL
    SELECT 7, o.oid, 'pg_ts_dict'::pg_catalog.regclass, 'text search dictionary', n.nspname, o.dictname, NULL, NULL,
           o.dictowner, NULL, NULL, NULL
    FROM pg_catalog.pg_ts_dict o JOIN chosen n ON n.oid = o.dictnamespace
    UNION ALL
    SELECT 8, o.oid, 'pg_statistic_ext'::pg_catalog.regclass, 'statistics', n.nspname, o.stxname, c.relname,
           pg_catalog.pg_get_statisticsobjdef(o.oid),
           o.stxowner, NULL, NULL, NULL
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
               WHEN 'm' THEN pg_catalog.format('CREATE MATERIALIZED VIEW %I.%I%s AS %s WITH %sDATA', n.nspname, c.relname,
                                 coalesce(' WITH (' || pg_catalog.array_to_string(c.reloptions, ', ') || ')', ''),
                                 pg_catalog.rtrim(pg_catalog.pg_get_viewdef(c.oid), ';'),
                                 CASE WHEN c.relispopulated THEN '' ELSE 'NO ' END)
           END,
           c.relowner, NULL, NULL, NULL
    FROM pg_catalog.pg_class c JOIN chosen n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('v', 'm', 'f') AND c.relpersistence <> 't' AND NOT c.relispartition
    UNION ALL
    -- Indexes and constraints that a partition has for itself: those of the whole come with its root.
    SELECT 9, ic.oid, 'pg_class'::pg_catalog.regclass,
           CASE c.relkind WHEN 'm' THEN 'materialized view index' ELSE 'partition index' END,
           n.nspname, ic.relname, c.relname, pg_catalog.pg_get_indexdef(ic.oid), c.relowner, NULL, NULL, NULL
    FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indrelid
    JOIN chosen n ON n.oid = c.relnamespace JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
    WHERE (c.relispartition AND NOT ic.relispartition OR c.relkind = 'm')
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint k WHERE k.conindid = ic.oid AND k.conrelid = c.oid)
    UNION ALL
    SELECT 9, k.oid, 'pg_constraint'::pg_catalog.regclass, 'partition constraint', n.nspname, k.conname, c.relname,
           pg_catalog.format('ALTER TABLE %I.%I ADD CONSTRAINT %I %s', n.nspname, c.relname, k.conname,
                             pg_catalog.pg_get_constraintdef(k.oid)), c.relowner, NULL, NULL, NULL
    FROM pg_catalog.pg_constraint k JOIN pg_catalog.pg_class c ON c.oid = k.conrelid
    JOIN chosen n ON n.oid = c.relnamespace
    WHERE c.relispartition AND k.conparentid = 0 AND k.conislocal AND k.coninhcount = 0
      AND k.contype IN ('c', 'f', 'p', 'u', 'x')
    UNION ALL
    SELECT 10, r.oid, 'pg_rewrite'::pg_catalog.regclass, 'rule', n.nspname, r.rulename, c.relname,
           pg_catalog.pg_get_ruledef(r.oid),
           c.relowner, NULL, NULL, NULL
    FROM pg_catalog.pg_rewrite r JOIN pg_catalog.pg_class c ON c.oid = r.ev_class
    JOIN chosen n ON n.oid = c.relnamespace
    WHERE r.rulename <> '_RETURN'
    UNION ALL
    SELECT 11, t.oid, 'pg_trigger'::pg_catalog.regclass, 'trigger', n.nspname, t.tgname, c.relname,
           pg_catalog.pg_get_triggerdef(t.oid),
           c.relowner, NULL, NULL, NULL
    FROM pg_catalog.pg_trigger t JOIN pg_catalog.pg_class c ON c.oid = t.tgrelid
    JOIN chosen n ON n.oid = c.relnamespace
    WHERE NOT t.tgisinternal AND t.tgparentid = 0
    UNION ALL
    SELECT 12, p.oid, 'pg_policy'::pg_catalog.regclass, 'policy', n.nspname, p.polname, c.relname,
           pg_catalog.format('CREATE POLICY %I ON %I.%I AS %s FOR %s TO %s%s%s', p.polname, n.nspname, c.relname,
               CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END,
               CASE p.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
                             ELSE 'ALL' END,
               (SELECT pg_catalog.string_agg(CASE WHEN role = 0 THEN 'PUBLIC'
                           ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(role)) END, ', ')
                FROM pg_catalog.unnest(p.polroles) role),
               ' USING (' || pg_catalog.pg_get_expr(p.polqual, p.polrelid) || ')',
               ' WITH CHECK (' || pg_catalog.pg_get_expr(p.polwithcheck, p.polrelid) || ')'),
           c.relowner, NULL, NULL,
           ARRAY(SELECT pg_catalog.pg_get_userbyid(role)::pg_catalog.text FROM pg_catalog.unnest(p.polroles) role
                 WHERE role <> 0)
    FROM pg_catalog.pg_policy p JOIN pg_catalog.pg_class c ON c.oid = p.polrelid
    JOIN chosen n ON n.oid = c.relnamespace
    UNION ALL
    SELECT 13, e.oid, 'pg_event_trigger'::pg_catalog.regclass, 'event trigger', NULL, e.evtname, NULL, NULL,
           e.evtowner, NULL, NULL, NULL
    FROM pg_catalog.pg_event_trigger e WHERE $1::pg_catalog.text[] IS NULL
    UNION ALL
    SELECT 14, p.oid, 'pg_publication'::pg_catalog.regclass, 'publication', NULL, p.pubname, NULL, NULL,
           p.pubowner, NULL, NULL, NULL
    FROM pg_catalog.pg_publication p WHERE $1::pg_catalog.text[] IS NULL
    UNION ALL
    -- What is only listed.
    SELECT 15, c.oid, 'pg_cast'::pg_catalog.regclass, 'cast', NULL,
           pg_catalog.format('(%s AS %s)', pg_catalog.format_type(c.castsource, NULL),
                             pg_catalog.format_type(c.casttarget, NULL)), NULL, NULL, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_cast c
    WHERE c.oid >= 16384 AND $1::pg_catalog.text[] IS NULL
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = 'pg_catalog.pg_cast'::pg_catalog.regclass AND d.objid = c.oid
                        AND d.deptype = 'i')
    UNION ALL
    SELECT 15, s.oid, 'pg_foreign_server'::pg_catalog.regclass, 'server', NULL, s.srvname, NULL, NULL, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_foreign_server s WHERE $1::pg_catalog.text[] IS NULL
    UNION ALL
    SELECT 15, u.umid, 'pg_user_mapping'::pg_catalog.regclass, 'user mapping', NULL,
           pg_catalog.format('%s on %s', u.usename, u.srvname), NULL, NULL, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_user_mappings u WHERE $1::pg_catalog.text[] IS NULL
    UNION ALL
    SELECT 15, l.oid, 'pg_language'::pg_catalog.regclass, 'language', NULL, l.lanname, NULL, NULL, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_language l WHERE l.oid >= 16384 AND l.lanname <> 'plpgsql' AND $1::pg_catalog.text[] IS NULL
    UNION ALL
    SELECT 15, a.oid, 'pg_default_acl'::pg_catalog.regclass, 'default privileges', n.nspname,
           pg_catalog.format('of %s on %s', pg_catalog.pg_get_userbyid(a.defaclrole),
               CASE a.defaclobjtype WHEN 'r' THEN 'tables' WHEN 'S' THEN 'sequences' WHEN 'f' THEN 'functions'
                                    WHEN 'T' THEN 'types' ELSE 'schemas' END), NULL, NULL, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_default_acl a LEFT JOIN chosen n ON n.oid = a.defaclnamespace
    WHERE n.oid IS NOT NULL OR a.defaclnamespace = 0 AND $1::pg_catalog.text[] IS NULL
    UNION ALL
    SELECT 15, c.oid, 'pg_class'::pg_catalog.regclass, 'tablespace', n.nspname,
           pg_catalog.format('%s of %s', ts.spcname, c.relname), c.relname, NULL, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_class c JOIN chosen n ON n.oid = c.relnamespace
    JOIN pg_catalog.pg_tablespace ts ON ts.oid = c.reltablespace
    UNION ALL
    SELECT 15, c.oid, 'pg_class'::pg_catalog.regclass, 'access method', n.nspname,
           pg_catalog.format('%s of %s', am.amname, c.relname), c.relname, NULL, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_class c JOIN chosen n ON n.oid = c.relnamespace JOIN pg_catalog.pg_am am ON am.oid = c.relam
    WHERE c.relkind IN ('r', 'm', 'p') AND am.amname <> 'heap'
    UNION ALL
    SELECT 15, s.setrole, 'pg_db_role_setting'::pg_catalog.regclass, 'database setting', NULL,
           pg_catalog.split_part(one, '=', 1)
           || CASE WHEN s.setrole <> 0 THEN ' of ' || pg_catalog.pg_get_userbyid(s.setrole) ELSE '' END,
           NULL, NULL, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_db_role_setting s CROSS JOIN LATERAL pg_catalog.unnest(s.setconfig) one
    WHERE s.setdatabase = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
      AND $1::pg_catalog.text[] IS NULL
    UNION ALL
    SELECT 15, d.objoid, 'pg_database'::pg_catalog.regclass, 'database setting', NULL, 'comment', NULL, NULL, 0,
           NULL, NULL, NULL
    FROM pg_catalog.pg_shdescription d JOIN pg_catalog.pg_database b ON b.oid = d.objoid
    WHERE d.classoid = 'pg_catalog.pg_database'::pg_catalog.regclass AND b.datname = pg_catalog.current_database()
      AND b.datname <> 'postgres' AND $1::pg_catalog.text[] IS NULL
    UNION ALL
    SELECT 15, l.objoid, l.classoid::pg_catalog.regclass, 'security label', l.objnamespace::pg_catalog.text, l.objname,
           NULL, NULL, 0, NULL, NULL, NULL
    FROM pg_catalog.pg_seclabels l WHERE $1::pg_catalog.text[] IS NULL AND l.classoid <> 'pg_catalog.pg_database'::pg_catalog.regclass
)
SELECT f.kind, f.nsp, f.name, f.tab, f.definition, CASE WHEN f.owner <> 0 THEN pg_catalog.pg_get_userbyid(f.owner) END,
       f.multirange, f.subtype, f.roles,
       CASE f.class WHEN 'pg_catalog.pg_proc'::pg_catalog.regclass THEN f.oid::pg_catalog.regprocedure::pg_catalog.text
                    WHEN 'pg_catalog.pg_operator'::pg_catalog.regclass
                    THEN f.oid::pg_catalog.regoperator::pg_catalog.text END
FROM found f
WHERE f.kind = 'extension' OR NOT EXISTS (SELECT FROM extension_member m WHERE m.classid = f.class AND m.objid = f.oid)
ORDER BY f.rank, f.oid
