-- Of the relations $1 (oids) and their partitions, those that the role cannot read whole, and why: their rows are in
-- another database, row-level security applies to it, or it has no SELECT.
SELECT n.nspname, c.relname,
       CASE WHEN c.relkind = 'f' THEN 'foreign' WHEN pg_catalog.row_security_active(c.oid) THEN 'hidden' ELSE 'denied' END
FROM (SELECT asked.relid FROM pg_catalog.unnest($1::pg_catalog.oid[]) asked (relid)
      UNION
      SELECT leaf.relid FROM pg_catalog.unnest($1::pg_catalog.oid[]) asked (relid)
      CROSS JOIN LATERAL pg_catalog.pg_partition_tree(asked.relid) leaf) one
JOIN pg_catalog.pg_class c ON c.oid = one.relid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p', 'f')
  AND (c.relkind = 'f' OR NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE') OR NOT pg_catalog.has_any_column_privilege(c.oid, 'SELECT')
       OR pg_catalog.row_security_active(c.oid))
ORDER BY 3 DESC, 1, 2
