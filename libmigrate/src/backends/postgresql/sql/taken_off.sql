-- Statements that take off staged tables what a cutover makes on them once they stand in their place, so that the next
-- one can make it again: triggers, rules, policies, statistics. $1: a pattern of the staging schemas' names; $2: one of
-- the names of what is staged among the destinations' own.
WITH staged AS (
    SELECT c.oid, n.nspname, c.relname, c.relrowsecurity
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p') AND (n.nspname ~ $1 OR c.relname ~ $2)
)
SELECT pg_catalog.format('DROP TRIGGER %I ON %I.%I', t.tgname, s.nspname, s.relname)
FROM pg_catalog.pg_trigger t JOIN staged s ON s.oid = t.tgrelid
WHERE NOT t.tgisinternal AND t.tgparentid = 0
UNION ALL
SELECT pg_catalog.format('DROP RULE %I ON %I.%I', r.rulename, s.nspname, s.relname)
FROM pg_catalog.pg_rewrite r JOIN staged s ON s.oid = r.ev_class
UNION ALL
SELECT pg_catalog.format('DROP POLICY %I ON %I.%I', p.polname, s.nspname, s.relname)
FROM pg_catalog.pg_policy p JOIN staged s ON s.oid = p.polrelid
UNION ALL
SELECT pg_catalog.format('DROP STATISTICS %I.%I', n.nspname, e.stxname)
FROM pg_catalog.pg_statistic_ext e JOIN staged s ON s.oid = e.stxrelid
    JOIN pg_catalog.pg_namespace n ON n.oid = e.stxnamespace
UNION ALL
SELECT pg_catalog.format('ALTER TABLE %I.%I DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY', nspname, relname)
FROM staged WHERE relrowsecurity
