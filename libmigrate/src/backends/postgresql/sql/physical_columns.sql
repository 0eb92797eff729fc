-- The columns of relations ($1: their oids) as the server holds them, domains followed to their base.
WITH RECURSIVE base (relid, num, type, modifier) AS (
    SELECT a.attrelid, a.attnum, a.atttypid, a.atttypmod
    FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = ANY ($1::pg_catalog.oid[]) AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT b.relid, b.num, t.typbasetype, CASE WHEN b.modifier >= 0 THEN b.modifier ELSE t.typtypmod END
    FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type
    WHERE t.typtype = 'd'
)
SELECT b.relid, b.num, a.attname, b.type, b.modifier,
       CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 AND b.type NOT IN (22, 30) -- int2vector, oidvector
            THEN 'a' ELSE t.typtype::pg_catalog.text END,
       pg_catalog.quote_ident(pn.nspname) || '.' || pg_catalog.quote_ident(p.proname),
       pg_catalog.format_type(b.type, NULL),
       (SELECT pg_catalog.array_agg(e.enumlabel::pg_catalog.text ORDER BY e.enumsortorder)
        FROM pg_catalog.pg_enum e WHERE e.enumtypid = b.type),
       coalesce(r.rngsubtype, t.typelem),
       pg_catalog.format_type(coalesce(r.rngsubtype, t.typelem), NULL)
FROM base b
JOIN pg_catalog.pg_type t ON t.oid = b.type AND t.typtype <> 'd'
JOIN pg_catalog.pg_attribute a ON a.attrelid = b.relid AND a.attnum = b.num
JOIN pg_catalog.pg_proc p ON p.oid = t.typoutput
JOIN pg_catalog.pg_namespace pn ON pn.oid = p.pronamespace
LEFT JOIN pg_catalog.pg_range r ON r.rngtypid = b.type
ORDER BY b.relid, b.num
