-- What the server has beside its own: kind, name, and for roles and extensions what the session's role may do.
SELECT 'type', n.nspname || '.' || t.typname, false, false
FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n ON n.oid = t.typnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND t.typrelid = 0
UNION ALL
SELECT 'object', n.nspname || '.' || c.relname, false, false
FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema', 'pg_toast') AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
UNION ALL
SELECT 'object', n.nspname || '.' || p.proname, false, false
FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n ON n.oid = p.pronamespace
WHERE n.nspname NOT IN ('pg_catalog', 'information_schema')
UNION ALL
SELECT 'schema', nspname, false, false FROM pg_catalog.pg_namespace
UNION ALL
SELECT 'extension', extname, false, false FROM pg_catalog.pg_extension
UNION ALL
SELECT 'creatable', v.name, false, false
FROM pg_catalog.pg_available_extensions a
JOIN pg_catalog.pg_available_extension_versions v ON v.name = a.name AND v.version = a.default_version
WHERE NOT v.installed
  AND ((SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user)
       OR NOT v.superuser AND pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE')
       OR (pg_catalog.to_jsonb(v) ->> 'trusted')::pg_catalog.bool
          AND pg_catalog.has_database_privilege(pg_catalog.current_database(), 'CREATE'))
UNION ALL
SELECT 'role', r.rolname, r.rolsuper, pg_catalog.pg_has_role(r.oid, 'MEMBER') FROM pg_catalog.pg_roles r
UNION ALL
SELECT 'me', r.rolname, r.rolsuper, true FROM pg_catalog.pg_roles r WHERE r.rolname = current_user
