-- Of the relations $1 (oids) and their partitions, those that the role cannot read whole: no SELECT, or row-level
-- security that applies to it.
SELECT n.nspname, c.relname, pg_catalog.row_security_active(c.oid)
FROM (SELECT asked.relid FROM pg_catalog.unnest($1::pg_catalog.oid[]) asked (relid)
      UNION
      SELECT leaf.relid FROM pg_catalog.unnest($1::pg_catalog.oid[]) asked (relid)
      CROSS JOIN LATERAL pg_catalog.pg_partition_tree(asked.relid) leaf) one
JOIN pg_catalog.pg_class c ON c.oid = one.relid
JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'p')
  AND (NOT pg_catalog.has_schema_privilege(n.oid, 'USAGE') OR NOT pg_catalog.has_any_column_privilege(c.oid, 'SELECT')
       OR pg_catalog.row_security_active(c.oid))
ORDER BY 1, 2
