-- Of each column of the table $1: the operators that its default order means by "equal" (schema, name) and by "greater";
-- NULL where its type has no order of its own and takes pg_catalog's, as varchar, enums and arrays do.
WITH RECURSIVE base (name, type) AS (
    SELECT a.attname, a.atttypid FROM pg_catalog.pg_attribute a
    WHERE a.attrelid = pg_catalog.to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
    UNION ALL
    SELECT b.name, t.typbasetype FROM base b JOIN pg_catalog.pg_type t ON t.oid = b.type WHERE t.typtype = 'd'
)
SELECT b.name, en.nspname, e.oprname, gn.nspname, g.oprname
FROM base b
JOIN pg_catalog.pg_type t ON t.oid = b.type AND t.typtype <> 'd'
LEFT JOIN pg_catalog.pg_opclass oc ON oc.opcintype = b.type AND oc.opcdefault
    AND oc.opcmethod = (SELECT am.oid FROM pg_catalog.pg_am am WHERE am.amname = 'btree')
LEFT JOIN pg_catalog.pg_amop ea ON ea.amopfamily = oc.opcfamily AND ea.amopstrategy = 3
    AND ea.amoplefttype = oc.opcintype AND ea.amoprighttype = oc.opcintype
LEFT JOIN pg_catalog.pg_operator e ON e.oid = ea.amopopr
LEFT JOIN pg_catalog.pg_namespace en ON en.oid = e.oprnamespace
LEFT JOIN pg_catalog.pg_amop ga ON ga.amopfamily = oc.opcfamily AND ga.amopstrategy = 5
    AND ga.amoplefttype = oc.opcintype AND ga.amoprighttype = oc.opcintype
LEFT JOIN pg_catalog.pg_operator g ON g.oid = ga.amopopr
LEFT JOIN pg_catalog.pg_namespace gn ON gn.oid = g.oprnamespace
