-- Owners and privileges in the schemas $1 (NULL: all but the system's): kind, schema, name, table, statement, kind
-- and name of what they are about, role, and kinds and names of what has to be there beside the table. A privilege that the object's kind gives by itself is not told; one that was taken
-- away is.
WITH chosen AS (
    SELECT n.oid, n.nspname FROM pg_catalog.pg_namespace n
    WHERE ($1::pg_catalog.text[] IS NULL OR n.nspname = ANY ($1::pg_catalog.text[]))
      AND n.nspname <> 'information_schema' AND n.nspname !~ '^(pg_|_migrate)'
), extension_member AS (
    SELECT d.classid, d.objid FROM pg_catalog.pg_depend d WHERE d.deptype = 'e'
), granted (rank, class, oid, sub, nsp, subject, target, what, acl, base) AS (
    SELECT 1, 'pg_namespace'::pg_catalog.regclass, n.oid, 0, n.nspname, n.nspname,
           pg_catalog.format('SCHEMA %I', n.nspname), 'schema', s.nspacl,
           coalesce((SELECT i.initprivs FROM pg_catalog.pg_init_privs i
                     WHERE i.objoid = n.oid AND i.classoid = 'pg_catalog.pg_namespace'::pg_catalog.regclass),
                    pg_catalog.acldefault('n', s.nspowner))
    FROM chosen n JOIN pg_catalog.pg_namespace s ON s.oid = n.oid
    UNION ALL
    SELECT 2, 'pg_type'::pg_catalog.regclass, t.oid, 0, n.nspname, t.typname,
           pg_catalog.format('TYPE %I.%I', n.nspname, t.typname), 'type', t.typacl,
           pg_catalog.acldefault('T', t.typowner)
    FROM pg_catalog.pg_type t JOIN chosen n ON n.oid = t.typnamespace WHERE t.typtype <> 'm'
    UNION ALL
    SELECT 3, 'pg_class'::pg_catalog.regclass, c.oid, 0, n.nspname, c.relname,
           pg_catalog.format('%s %I.%I', CASE c.relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, n.nspname,
                             c.relname),
           CASE c.relkind WHEN 'S' THEN 'sequence' WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view'
                          WHEN 'f' THEN 'foreign table' ELSE 'table' END, c.relacl,
           pg_catalog.acldefault(CASE c.relkind WHEN 'S' THEN 's' ELSE 'r' END::pg_catalog."char", c.relowner)
    FROM pg_catalog.pg_class c JOIN chosen n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND c.relpersistence <> 't' AND c.relname !~ '^_migrate_'
    UNION ALL
    SELECT 4, 'pg_class'::pg_catalog.regclass, c.oid, a.attnum, n.nspname, c.relname,
           pg_catalog.format('(%I) ON TABLE %I.%I', a.attname, n.nspname, c.relname),
           CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
                          ELSE 'table' END, a.attacl,
           pg_catalog.acldefault('c', c.relowner)
    FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
    JOIN chosen n ON n.oid = c.relnamespace
    WHERE a.attacl IS NOT NULL AND NOT a.attisdropped AND c.relname !~ '^_migrate_'
    UNION ALL
    SELECT 5, 'pg_proc'::pg_catalog.regclass, p.oid, 0, n.nspname, p.proname,
           'ROUTINE ' || p.oid::pg_catalog.regprocedure::pg_catalog.text, 'function', p.proacl,
           pg_catalog.acldefault('f', p.proowner)
    FROM pg_catalog.pg_proc p JOIN chosen n ON n.oid = p.pronamespace
), difference AS (
    SELECT g.*, e.grantee, e.privilege_type, e.is_grantable, true AS given
    FROM granted g CROSS JOIN LATERAL pg_catalog.aclexplode(g.acl) e
    WHERE NOT EXISTS (SELECT FROM pg_catalog.aclexplode(g.base) b
                      WHERE b.grantee = e.grantee AND b.privilege_type = e.privilege_type
                        AND b.is_grantable = e.is_grantable)
    UNION ALL
    SELECT g.*, b.grantee, b.privilege_type, b.is_grantable, false
    FROM granted g CROSS JOIN LATERAL pg_catalog.aclexplode(g.base) b
    WHERE g.acl IS NOT NULL
      AND NOT EXISTS (SELECT FROM pg_catalog.aclexplode(g.acl) e
                      WHERE b.grantee = e.grantee AND b.privilege_type = e.privilege_type)
), told (rank, class, oid, sub, kind, nsp, name, subject, definition, what, role) AS (
    SELECT d.rank + 10, d.class, d.oid, d.sub, 'privilege', d.nsp,
           pg_catalog.format('%s on %s', d.privilege_type, d.target), d.subject,
           pg_catalog.format(CASE WHEN d.given THEN 'GRANT %s %s TO %s%s' ELSE 'REVOKE %s %s FROM %s' END,
               d.privilege_type, CASE WHEN d.sub > 0 THEN d.target ELSE 'ON ' || d.target END,
               CASE WHEN d.grantee = 0 THEN 'PUBLIC'
                    ELSE pg_catalog.quote_ident(pg_catalog.pg_get_userbyid(d.grantee)) END,
               CASE WHEN d.is_grantable THEN ' WITH GRANT OPTION' ELSE '' END),
           d.what, CASE WHEN d.grantee <> 0 THEN pg_catalog.pg_get_userbyid(d.grantee) END
    FROM difference d
    UNION ALL
    -- Owners but the bootstrap superuser, whose property is told nowhere.
    SELECT 1, s.classid::pg_catalog.regclass, s.objid, 0, 'owner', coalesce(i.schema, i.name), coalesce(i.name, i.identity),
           coalesce(i.name,
                    (SELECT p.proname FROM pg_catalog.pg_proc p
                     WHERE p.oid = s.objid AND s.classid = 'pg_catalog.pg_proc'::pg_catalog.regclass),
                    (SELECT p.oprname FROM pg_catalog.pg_operator p
                     WHERE p.oid = s.objid AND s.classid = 'pg_catalog.pg_operator'::pg_catalog.regclass)),
           pg_catalog.format('ALTER %s %s OWNER TO %I',
               CASE i.type WHEN 'statistics object' THEN 'STATISTICS' ELSE pg_catalog.upper(i.type) END, i.identity,
               pg_catalog.pg_get_userbyid(s.refobjid)), i.type, pg_catalog.pg_get_userbyid(s.refobjid)
    FROM pg_catalog.pg_shdepend s
    -- What identifies an object is quoted where that is needed; its name is not.
    CROSS JOIN LATERAL (
        SELECT o.type, o.identity, (pg_catalog.parse_ident(o.schema))[1] AS schema,
               CASE WHEN pg_catalog.starts_with(o.name, '"') THEN (pg_catalog.parse_ident(o.name))[1]
                    ELSE o.name END AS name
        FROM pg_catalog.pg_identify_object(s.classid, s.objid, s.objsubid) o) i
    WHERE s.dbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())
      AND s.refclassid = 'pg_catalog.pg_authid'::pg_catalog.regclass AND s.deptype = 'o'
      AND i.type IN ('schema', 'table', 'sequence', 'view', 'materialized view', 'type', 'domain', 'collation',
                     'function', 'procedure', 'aggregate', 'statistics object', 'operator')
      AND coalesce(i.schema, i.name) IN (SELECT n.nspname FROM chosen n)
      AND coalesce(i.name, '') !~ '^_migrate'
      -- A sequence that a column owns belongs to whoever owns the table, a row type likewise.
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                      WHERE d.classid = s.classid AND d.objid = s.objid AND d.deptype IN ('a', 'i')
                        AND d.refclassid IN ('pg_catalog.pg_class'::pg_catalog.regclass,
                                             'pg_catalog.pg_type'::pg_catalog.regclass))
)
SELECT t.kind, t.nsp, t.name, CASE WHEN t.what = 'table' THEN t.subject END, t.definition, t.what, t.subject, t.role,
       CASE WHEN t.what = 'table' AND t.sub > 0 THEN
                (SELECT ARRAY['column', a.attname::pg_catalog.text] FROM pg_catalog.pg_attribute a
                 WHERE a.attrelid = t.oid AND a.attnum = t.sub)
            WHEN t.class = 'pg_catalog.pg_proc'::pg_catalog.regclass THEN
                ARRAY['routine', t.oid::pg_catalog.regprocedure::pg_catalog.text]
            WHEN t.class = 'pg_catalog.pg_operator'::pg_catalog.regclass THEN
                ARRAY['operator', t.oid::pg_catalog.regoperator::pg_catalog.text] END
FROM told t
WHERE NOT EXISTS (SELECT FROM extension_member m WHERE m.classid = t.class AND m.objid = t.oid)
ORDER BY t.rank, t.class, t.oid, t.sub, t.name, t.role
