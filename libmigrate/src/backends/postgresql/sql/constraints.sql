-- Keys, checks, foreign keys and exclusion constraints of the relations $1 (oids).
SELECT c.conrelid, c.conname, c.contype::pg_catalog.text,
       (SELECT pg_catalog.array_agg(a.attname::pg_catalog.text ORDER BY k.place)
        FROM pg_catalog.unnest(c.conkey) WITH ORDINALITY k (num, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num),
       rn.nspname, rc.relname,
       (SELECT pg_catalog.array_agg(a.attname::pg_catalog.text ORDER BY k.place)
        FROM pg_catalog.unnest(c.confkey) WITH ORDINALITY k (num, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.confrelid AND a.attnum = k.num),
       c.confupdtype::pg_catalog.text, c.confdeltype::pg_catalog.text, c.confmatchtype::pg_catalog.text,
       c.condeferrable, c.condeferred, c.convalidated, c.connoinherit, c.conislocal,
       pg_catalog.pg_get_constraintdef(c.oid), pg_catalog.pg_get_expr(c.conbin, c.conrelid),
       (SELECT pg_catalog.array_agg(a.attname::pg_catalog.text ORDER BY k.place)
        FROM pg_catalog.jsonb_array_elements_text(
                 nullif(pg_catalog.to_jsonb(c) -> 'confdelsetcols', 'null')) WITH ORDINALITY k (num, place)
        JOIN pg_catalog.pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = k.num::pg_catalog.int2),
       c.conindid, c.conparentid <> 0,
       (SELECT pg_catalog.array_to_string(ic.reloptions, ', ') FROM pg_catalog.pg_class ic
        WHERE ic.oid = c.conindid AND c.contype IN ('p', 'u', 'x'))
FROM pg_catalog.pg_constraint c
LEFT JOIN pg_catalog.pg_class rc ON rc.oid = c.confrelid
LEFT JOIN pg_catalog.pg_namespace rn ON rn.oid = rc.relnamespace
WHERE c.conrelid = ANY ($1::pg_catalog.oid[]) AND c.contype IN ('p', 'u', 'c', 'f', 'x')
ORDER BY c.conrelid, c.oid
