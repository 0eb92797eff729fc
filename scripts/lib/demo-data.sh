# The demo's data, made by the sqlite3 command, the same on every machine. Sourced, not run.

# demo_make_sessions <folder> <count>: one JSON document per work session of an application, of the kind that
# outgrows its folder: nested settings, messages with attachments, missing and null members, numbers whose
# spelling matters.
demo_make_sessions() {
    mkdir -p "$1"
    sqlite3 -bail :memory: <<SQL >/dev/null
CREATE TABLE word(i INTEGER PRIMARY KEY, w TEXT);
INSERT INTO word(w) VALUES ('import'),('parser'),('index'),('cache'),('naïve'),('retry'),('Straße'),('schema'),
    ('日本語'),('worker'),('café'),('queue'),('socket'),('snapshot'),('🚀'),('digest'),('layout'),('token'),('"quoted"');
-- A fixed scatter of n, for choosing things without a random number.
CREATE TABLE session(n INTEGER PRIMARY KEY, x INTEGER, messages INTEGER);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < $2)
    INSERT INTO session SELECT n, (n * 2654435761 + 40503) % 4294967296, 0 FROM c;
UPDATE session SET messages = 8 + (x >> 7) % 60;
CREATE TABLE message(s INTEGER, m INTEGER, x INTEGER, PRIMARY KEY (s, m));
WITH RECURSIVE c(m) AS (SELECT 1 UNION ALL SELECT m + 1 FROM c WHERE m < 68)
    INSERT INTO message SELECT n, m, ((n * 1000 + m) * 2246822519 + 374761393) % 4294967296
    FROM session JOIN c ON m <= messages;
CREATE VIEW sentence AS SELECT s, m, (SELECT group_concat(w, ' ') FROM
    (SELECT w FROM word JOIN (SELECT 1 AS k UNION ALL SELECT 2 UNION ALL SELECT 3 UNION ALL SELECT 4 UNION ALL
        SELECT 5 UNION ALL SELECT 6) ON word.i = 1 + (message.x >> (3 * k)) % 19)) AS text FROM message;
SELECT writefile(printf('%s/session-%04d.json', '$1', n), json_object(
    'id', printf('ws-%04d', n),
    'title', printf('Session %d: %s', n, (SELECT text FROM sentence WHERE s = n AND m = 1)),
    'created_at', strftime('%Y-%m-%dT%H:%M:%SZ', 1767225600 + n * 5011, 'unixepoch'),
    'archived', json(iif(n % 5 = 0, 'true', 'false')),
    'device', 9007199254740993 + x,
    'cost_usd', json(printf('%d.%04d', x % 9, x % 10000)),
    'settings', json_object('theme', iif(x % 2, 'dark', 'light'), 'font_size', 11 + x % 4,
        'editor', json_object('tab_width', 4, 'ruler', json(iif(x % 3, '110', 'null')))),
    'tags', (SELECT json_group_array(w) FROM word WHERE i % 7 = n % 9),
    'messages', (SELECT json_group_array(json(iif(message.x % 6, json_object(
            'id', s * 1000 + message.m, 'role', iif(message.m % 2, 'user', 'assistant'), 'text', text,
            'at', strftime('%Y-%m-%dT%H:%M:%SZ', 1767225600 + s * 5011 + message.m * 17, 'unixepoch'),
            'tokens', message.x % 4000, 'score', json(printf('%.2f', (message.x % 1000) / 100.0))),
        json_object(
            'id', s * 1000 + message.m, 'role', 'tool', 'text', NULL,
            'at', strftime('%Y-%m-%dT%H:%M:%SZ', 1767225600 + s * 5011 + message.m * 17, 'unixepoch'),
            'tokens', 0, 'attachments', json_array(
                json_object('name', printf('log-%d.txt', message.m), 'bytes', message.x),
                json_object('name', printf('plot-%d.png', message.m), 'bytes', message.x * 3))))))
        FROM message JOIN sentence USING (s, m) WHERE s = n)
)) FROM session;
SQL
}

# demo_make_shop <file>: a small shop as SQLite applications write them: declared types that do not bind, money in
# DECIMAL, a reserved word as a table, keys of two columns, BLOBs, times as text.
demo_make_shop() {
    sqlite3 -bail "$1" <<'SQL'
PRAGMA journal_mode = WAL;
BEGIN;
CREATE TABLE customer(
    id INTEGER PRIMARY KEY AUTOINCREMENT, email VARCHAR(120) NOT NULL UNIQUE, name TEXT NOT NULL,
    country CHAR(2) NOT NULL DEFAULT 'DE', newsletter BOOLEAN NOT NULL DEFAULT 0, created_at DATETIME NOT NULL);
CREATE TABLE product(
    sku TEXT PRIMARY KEY NOT NULL, title TEXT NOT NULL, price DECIMAL(10,2) NOT NULL CHECK (price >= 0),
    weight REAL, picture BLOB);
CREATE TABLE "order"(
    id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customer(id) ON DELETE CASCADE,
    state TEXT NOT NULL CHECK (state IN ('open', 'paid', 'sent')), placed_at DATETIME NOT NULL, note TEXT);
CREATE TABLE order_item(
    order_id INTEGER NOT NULL REFERENCES "order"(id) ON DELETE CASCADE, position INTEGER NOT NULL,
    sku TEXT NOT NULL REFERENCES product(sku), quantity INTEGER NOT NULL, price DECIMAL(10,2) NOT NULL,
    PRIMARY KEY (order_id, position));
CREATE INDEX order_by_customer ON "order"(customer_id, placed_at DESC);
CREATE INDEX order_not_sent ON "order"(placed_at) WHERE state <> 'sent';
CREATE INDEX item_by_sku ON order_item(sku);
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 5000)
    INSERT INTO customer SELECT n, printf('person%d@example.org', n),
        CASE n % 4 WHEN 0 THEN 'Zoë Müller' WHEN 1 THEN '山田 太郎' WHEN 2 THEN 'O''Brien, Ann' ELSE 'Ivan Petrov' END,
        CASE n % 3 WHEN 0 THEN 'DE' WHEN 1 THEN 'FR' ELSE 'JP' END, n % 2,
        datetime(1700000000 + n * 3607, 'unixepoch') FROM c;
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 800)
    INSERT INTO product SELECT printf('SKU-%05d', n), printf('Thing no. %d', n), (n * 7919 % 100000) / 100.0,
        iif(n % 7, n * 0.1, NULL), iif(n % 4, NULL, CAST(printf('%.*c', n % 300, 'x') AS BLOB)) FROM c;
WITH RECURSIVE c(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM c WHERE n < 20000)
    INSERT INTO "order" SELECT n, 1 + n * 7919 % 5000, CASE n % 3 WHEN 0 THEN 'open' WHEN 1 THEN 'paid' ELSE 'sent' END,
        datetime(1720000000 + n * 601, 'unixepoch'),
        CASE n % 5 WHEN 0 THEN '' WHEN 1 THEN 'ring twice; "back door"' ELSE NULL END FROM c;
INSERT INTO order_item
    SELECT id, position, printf('SKU-%05d', 1 + (id * 31 + position * 97) % 800), 1 + id % 3,
        ((1 + (id * 31 + position * 97) % 800) * 7919 % 100000) / 100.0
    FROM "order" JOIN (SELECT 1 AS position UNION ALL SELECT 2 UNION ALL SELECT 3) ON position <= 1 + id % 3;
COMMIT;
SQL
}

# demo_compare_documents <folder> <folder>: the same files, each the same document: members in their order, missing or
# null as they were, numbers as they are spelled; both sides read by the sqlite3 command. Fails if any differs.
demo_compare_documents() {
    local result files missing added
    result=$(
        sqlite3 -bail :memory: <<SQL
CREATE TABLE a AS SELECT substr(name, length('$1') + 2) AS path, json(readfile(name)) AS document FROM fsdir('$1')
    WHERE name LIKE '%.json';
CREATE TABLE b AS SELECT substr(name, length('$2') + 2) AS path, json(readfile(name)) AS document FROM fsdir('$2')
    WHERE name LIKE '%.json';
SELECT count(*), (SELECT count(*) FROM (SELECT * FROM a EXCEPT SELECT * FROM b)),
    (SELECT count(*) FROM b) - count(*) FROM a;
SQL
    ) || return
    IFS='|' read -r files missing added <<<"$result"
    echo "compared by sqlite3: $files documents, $missing differ, $added more on the other side"
    [ "$files" -gt 0 ] && [ "$missing" = 0 ] && [ "$added" = 0 ]
}

# demo_compare_tables <database> <database>: the same definitions, character for character, and the same rows; values
# are compared with their storage class, so that 1, 1.0 and '1' are three different ones. Fails if not.
demo_compare_tables() {
    local query result different=0 table rows missing added
    query=$(
        sqlite3 "$1" "
            WITH t AS (SELECT name, (SELECT group_concat(printf('quote(\"%w\")', c.name), ', ')
                                     FROM pragma_table_info(s.name) AS c) AS columns
                       FROM sqlite_schema AS s WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\')
            SELECT printf('SELECT %Q, (SELECT count(*) FROM a.\"%w\"),
                (SELECT count(*) FROM (SELECT %s FROM a.\"%w\" EXCEPT SELECT %s FROM b.\"%w\")),
                (SELECT count(*) FROM b.\"%w\") - (SELECT count(*) FROM a.\"%w\");',
                name, name, columns, name, columns, name, name, name) FROM t ORDER BY name"
    )
    query="$query
        SELECT 'definitions', count(*), (SELECT count(*) FROM (SELECT type, name, sql FROM a.sqlite_schema
                                        EXCEPT SELECT type, name, sql FROM b.sqlite_schema)),
            (SELECT count(*) FROM b.sqlite_schema WHERE name NOT LIKE '%\_migrate\_%' ESCAPE '\') - count(*)
        FROM a.sqlite_schema"
    result=$(sqlite3 -bail :memory: "ATTACH '$1' AS a; ATTACH '$2' AS b; $query") || return
    while IFS='|' read -r table rows missing added; do
        echo "compared by sqlite3: $table, $rows rows, $missing differ, $added more on the other side"
        [ "$missing" = 0 ] && [ "$added" = 0 ] || different=1
    done <<<"$result"
    [ "$different" -eq 0 ]
}
