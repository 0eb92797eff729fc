-- The relations that hold the rows of $1.$2: itself, or the leaves of a partitioned table; with their blocks,
-- estimated rows per block, and whether block ranges mean something (heap tables only).
SELECT pg_catalog.quote_ident(n.nspname) || '.' || pg_catalog.quote_ident(leaf.relname),
       leaf.oid = root.oid,
       pg_catalog.pg_relation_size(leaf.oid) / pg_catalog.current_setting('block_size')::pg_catalog.int8,
       greatest(leaf.reltuples, 0)::pg_catalog.int8, greatest(leaf.relpages, 0),
       pg_catalog.pg_table_size(leaf.oid),
       coalesce(am.amname = 'heap', false)
FROM pg_catalog.pg_class root
JOIN pg_catalog.pg_namespace rn ON rn.oid = root.relnamespace
CROSS JOIN LATERAL (SELECT root.oid AS relid WHERE root.relkind <> 'p'
                    UNION ALL
                    SELECT t.relid FROM pg_catalog.pg_partition_tree(root.oid) t
                    WHERE root.relkind = 'p' AND t.isleaf) part
JOIN pg_catalog.pg_class leaf ON leaf.oid = part.relid
JOIN pg_catalog.pg_namespace n ON n.oid = leaf.relnamespace
LEFT JOIN pg_catalog.pg_am am ON am.oid = leaf.relam
WHERE rn.nspname = $1 AND root.relname = $2 AND leaf.relkind <> 'p'
ORDER BY leaf.oid
