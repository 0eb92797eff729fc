-- The parts of the indexes of the relations $1 (oids) that do not merely implement a constraint, one row each.
SELECT i.indrelid, i.indexrelid, ic.relname, i.indisunique, i.indisvalid, am.amname,
       pg_catalog.pg_get_expr(i.indpred, i.indrelid), pg_catalog.pg_get_indexdef(i.indexrelid),
       coalesce((pg_catalog.to_jsonb(i) ->> 'indnullsnotdistinct')::pg_catalog.bool, false),
       part.place, part.place > i.indnkeyatts,
       a.attname, pg_catalog.pg_get_indexdef(i.indexrelid, part.place, false),
       CASE WHEN part.place <= i.indnkeyatts AND NOT oc.opcdefault
            THEN (SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_namespace n WHERE n.oid = oc.opcnamespace)
                 || '.' || pg_catalog.quote_ident(oc.opcname) END,
       CASE WHEN coll.oid IS NOT NULL AND coll.oid <> coalesce(a.attcollation, 100)
            THEN (SELECT pg_catalog.quote_ident(n.nspname) FROM pg_catalog.pg_namespace n WHERE n.oid = coll.collnamespace)
                 || '.' || pg_catalog.quote_ident(coll.collname) END,
       coalesce(i.indoption[part.place - 1] & 1, 0), coalesce(i.indoption[part.place - 1] & 2, 0),
       ic.reloptions IS NOT NULL, i.indisreplident, i.indisclustered
FROM pg_catalog.pg_index i
JOIN pg_catalog.pg_class ic ON ic.oid = i.indexrelid
JOIN pg_catalog.pg_am am ON am.oid = ic.relam
CROSS JOIN LATERAL pg_catalog.generate_series(1, i.indnatts::pg_catalog.int4) part (place)
LEFT JOIN pg_catalog.pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[part.place - 1] AND a.attnum > 0
LEFT JOIN pg_catalog.pg_opclass oc ON oc.oid = i.indclass[part.place - 1]
LEFT JOIN pg_catalog.pg_collation coll ON coll.oid = i.indcollation[part.place - 1]
WHERE i.indrelid = ANY ($1::pg_catalog.oid[])
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_constraint c
                  WHERE c.conindid = i.indexrelid AND c.conrelid = i.indrelid AND c.contype IN ('p', 'u', 'x'))
ORDER BY i.indrelid, i.indexrelid, part.place
