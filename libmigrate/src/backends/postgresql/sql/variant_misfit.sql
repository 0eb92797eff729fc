-- Whether a json column holds anything that is no variant: variant_json.hpp has the forms.
SELECT EXISTS (
    SELECT FROM ONLY {1} t
    WHERE t.{0} IS NOT NULL AND NOT CASE pg_catalog.json_typeof(t.{0})
        WHEN 'string' THEN true
        WHEN 'number' THEN CASE WHEN t.{0}::pg_catalog.text ~ '[.eE]' THEN true
                                ELSE t.{0}::pg_catalog.text::pg_catalog.numeric
                                     BETWEEN -9223372036854775808 AND 9223372036854775807 END
        WHEN 'object' THEN (SELECT count(*) = 1 AND bool_and(key IN ('$blob', '$real', '$text'))
                            FROM pg_catalog.json_each(t.{0}))
        ELSE false
    END)
