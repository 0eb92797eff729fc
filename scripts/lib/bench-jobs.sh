# The jobs of scripts/bench: each runs its contestants in turn, round by round. Sourced, not run.

results=()   # "job|contestant|seconds|kilobytes", one entry a run
estimates=() # "what|estimated before|after a tenth|seconds|farthest off from there on", one entry a run

psql_db() { psql -X -q -v ON_ERROR_STOP=1 "host=$PG_CLUSTER_DIR port=5432 user=postgres dbname=$1" "${@:2}"; }
pg_uri() { echo "postgresql://postgres@/$1?host=$PG_CLUSTER_DIR&port=5432"; }
# A fresh database; what earlier runs have left to write is written first.
fresh_db() {
    psql_db postgres -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" -c "CREATE DATABASE $1" -c CHECKPOINT
}
cli() { "$bin/migrate-cli" "$@" --quiet --source-backup never >>"$work/cli.log"; }

# What is read is in memory for every contestant alike, whoever has read it last.
warm() { cat "$work"/orders.db "$work"/records.ndjson "$work"/copy/* >/dev/null; }

# timed <job> <contestant> <command>...: one run. A failure is shown and ends everything: a contestant that fails has no
# time. GNU time's resident size is that of the largest process below it.
timed() {
    local job=$1 who=$2 status=0 figures
    shift 2
    warm
    sync
    command time -f '%e %M' -o "$work/time" "$BASH" -c '"$@"' bench "$@" >"$work/out" 2>&1 || status=$?
    if [ $status -ne 0 ]; then
        echo "bench: $job, $who: exit $status" >&2
        tail -n 20 "$work/out" >&2
        return 1
    fi
    figures=$(tail -n 1 "$work/time")
    results+=("$job|$who|${figures% *}|${figures#* }")
    echo "   $who: ${figures% *} s, $((${figures#* } / 1024)) MiB"
}

bench_data() {
    "$bin/migrate-bench-data" orders "$work/orders.db" "$scale"
    "$bin/migrate-bench-data" records "$work/records.ndjson" "$records"
    "$bin/migrate-bench-data" small "$work/small.db" 200 100
    # What the floors need: the tables as PostgreSQL has them, ready-made files, and the two parts of the DDL.
    fresh_db orders
    cli migrate --from "$work/orders.db" --to "$(pg_uri orders)" --execute
    mkdir -p "$work/copy"
    chmod 777 "$work/copy"
    local table
    for table in $(tables_by_size); do
        psql_db orders -c "\\copy public.$table TO '$work/copy/$table' (FORMAT BINARY)"
    done
    pg_dump -h "$PG_CLUSTER_DIR" -U postgres -n public --section=pre-data -O -x orders | grep -v '^CREATE SCHEMA' \
        >"$work/pre.sql"
    pg_dump -h "$PG_CLUSTER_DIR" -U postgres -n public --section=post-data -O -x orders >"$work/post.sql"
    ls -l "$work"/*.db "$work"/*.ndjson
}

tables_by_size() { echo lineitem orders partsupp part customer supplier nation region; }

# The floor of a load: ready-made binary files in one stream, then the same keys and indexes. Nothing is read,
# converted or verified.
floor_load() {
    psql_db bench -f "$work/pre.sql" >/dev/null
    local table
    for table in $(tables_by_size); do
        printf "BEGIN; TRUNCATE public.%s;\n\\\\copy public.%s FROM '%s' (FORMAT BINARY, FREEZE)\nCOMMIT;\n" \
            "$table" "$table" "$work/copy/$table"
    done | psql_db bench
    psql_db bench -f "$work/post.sql" -c ANALYZE >/dev/null
}

ogr_to_pg() {
    ogr2ogr -f PostgreSQL "PG:host=$PG_CLUSTER_DIR port=5432 user=postgres dbname=bench" "$1" --config PG_USE_COPY YES
}

pgloader_to_pg() {
    # pgloader takes a socket's directory percent-encoded in the place of the host.
    pgloader "sqlite://$1" "postgresql://postgres@unix:${PG_CLUSTER_DIR}:5432/bench"
}

export -f psql_db pg_uri tables_by_size floor_load ogr_to_pg pgloader_to_pg

each_round() {
    local round
    for round in $(seq "$rounds"); do
        echo "   round $round"
        "$@" || return
    done
}

run_in() { # exported surroundings for what timed runs in a shell of its own
    export work bin PG_CLUSTER_DIR
}

job_load() {
    run_in
    round() {
        fresh_db bench && timed load floor floor_load || return
        fresh_db bench && timed load migrate "$bin/migrate-cli" migrate --from "$work/orders.db" --to "$(pg_uri bench)" \
            --execute --quiet --source-backup never || return
        fresh_db bench && timed load pgloader pgloader_to_pg "$work/orders.db" || return
        fresh_db bench && timed load ogr2ogr ogr_to_pg "$work/orders.db" || return
    }
    each_round round
}

job_basic() {
    run_in
    round() {
        fresh_db bench && timed basic floor floor_load || return
        fresh_db bench && timed basic migrate "$bin/migrate-cli" migrate --from "$work/orders.db" --to "$(pg_uri bench)" \
            --execute --quiet --source-backup never --level basic || return
    }
    each_round round
}

floor_copy_out() { psql_db orders -c '\copy public.lineitem TO /dev/null (FORMAT BINARY)'; }
# A second file with the same key and indexes, and all of it on the disk.
floor_sqlite_insert() {
    rm -f "$work/floor.db"
    {
        echo "PRAGMA journal_mode=OFF; PRAGMA synchronous=FULL;"
        sqlite3 "$work/orders.db" "SELECT sql || ';' FROM sqlite_schema WHERE name = 'lineitem'"
        echo "ATTACH '$work/orders.db' AS o; INSERT INTO lineitem SELECT * FROM o.lineitem;"
        sqlite3 "$work/orders.db" "SELECT sql || ';' FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'lineitem' AND sql > ''"
    } | sqlite3 "$work/floor.db"
    sync "$work/floor.db"
}
ogr_to_sqlite() {
    rm -f "$work/ogr.db"
    ogr2ogr -f SQLite "$work/ogr.db" "PG:host=$PG_CLUSTER_DIR port=5432 user=postgres dbname=orders" lineitem
}
export -f floor_copy_out floor_sqlite_insert ogr_to_sqlite

job_sqlite() {
    run_in
    round() {
        timed sqlite "floor: COPY out" floor_copy_out || return
        timed sqlite "floor: insert" floor_sqlite_insert || return
        rm -f "$work/out.db"
        timed sqlite migrate "$bin/migrate-cli" migrate --from "$(pg_uri orders)" --to "$work/out.db" --tables lineitem \
            --execute --quiet || return
        timed sqlite ogr2ogr ogr_to_sqlite || return
    }
    each_round round
}

floor_write_json() {
    rm -f "$work/floor.json"
    dd if=/dev/zero of="$work/floor.json" bs=1M count="$1" conv=fsync status=none
}
sqlite3_json() { sqlite3 -json "$1" "SELECT * FROM lineitem" >"$work/peer.json"; }
export -f floor_write_json sqlite3_json

job_json_out() {
    run_in
    round() {
        rm -rf "$work/out.json"
        timed json-out migrate "$bin/migrate-cli" migrate --from "$work/orders.db" --to "json:$work/out.json/" \
            --tables lineitem --layout tables --execute --quiet --source-backup never || return
        timed json-out "floor: write" floor_write_json "$(du -sm "$work/out.json" | cut -f 1)" || return
        timed json-out "sqlite3 -json" sqlite3_json "$work/orders.db" || return
    }
    each_round round
}

utils_insert() {
    rm -f "$work/peer.db"
    sqlite-utils insert "$work/peer.db" records "$work/records.ndjson" --nl --pk id
}
export -f utils_insert

job_json_in() {
    run_in
    round() {
        timed json-in "floor: parse" "$bin/migrate-bench-data" parse "$work/records.ndjson" || return
        rm -f "$work/records.db"
        timed json-in migrate "$bin/migrate-cli" migrate --from "$work/records.ndjson" --to "$work/records.db" \
            --execute --quiet --source-backup never || return
        timed json-in sqlite-utils utils_insert || return
    }
    each_round round
}

job_json_pg() {
    run_in
    round() {
        rm -f "$work/records.db"
        timed json-pg "migrate to SQLite" "$bin/migrate-cli" migrate --from "$work/records.ndjson" \
            --to "$work/records.db" --execute --quiet --source-backup never || return
        fresh_db bench && timed json-pg migrate "$bin/migrate-cli" migrate --from "$work/records.ndjson" \
            --to "$(pg_uri bench)" --execute --quiet --source-backup never || return
    }
    each_round round
}

dump_and_restore() {
    rm -rf "$work/dump"
    pg_dump -h "$PG_CLUSTER_DIR" -U postgres -Fd -j2 -n public -f "$work/dump" orders
    pg_restore -h "$PG_CLUSTER_DIR" -U postgres -j2 -d bench "$work/dump" 2>/dev/null ||
        [ "$(psql_db bench -At -c 'SELECT count(*) FROM public.region')" = 5 ]
}
export -f dump_and_restore

job_pg_pg() {
    run_in
    round() {
        fresh_db bench && timed pg-pg "pg_dump, pg_restore" dump_and_restore || return
        fresh_db bench && timed pg-pg migrate "$bin/migrate-cli" migrate --from "$(pg_uri orders)" \
            --to "$(pg_uri bench)" --execute --quiet || return
    }
    each_round round
}

job_verify() {
    run_in
    round() {
        fresh_db bench && timed verify "migrate: the load" "$bin/migrate-cli" migrate --from "$work/orders.db" \
            --to "$(pg_uri bench)" --execute --quiet --source-backup never || return
        timed verify migrate "$bin/migrate-cli" verify --from "$work/orders.db" --to "$(pg_uri bench)" --quiet || return
    }
    each_round round
}

job_small() {
    run_in
    round() {
        fresh_db bench && timed small migrate "$bin/migrate-cli" migrate --from "$work/small.db" --to "$(pg_uri bench)" \
            --execute --quiet --source-backup never || return
    }
    each_round round
}

# The same at four times the rows: time and memory.
job_four() {
    run_in
    "$bin/migrate-bench-data" orders "$work/orders4.db" "$(awk "BEGIN { print $scale * 4 }")"
    fresh_db bench
    timed four "migrate, the usual rows" "$bin/migrate-cli" migrate --from "$work/orders.db" --to "$(pg_uri bench)" \
        --execute --quiet --source-backup never || return
    fresh_db bench
    timed four migrate "$bin/migrate-cli" migrate --from "$work/orders4.db" --to "$(pg_uri bench)" --execute --quiet \
        --source-backup never || return
    rm -f "$work/orders4.db"
}

# estimate_of: from the events in $work/out, what was estimated as the run began and after its first tenth, what it took, and
# the factor by which an estimate was off at most from there on.
estimate_of() {
    awk '
        function number(name) { return match($0, "\"" name "\":[0-9]+") ? substr($0, RSTART + length(name) + 3) + 0 : -1 }
        !/^\{"event":/ { next }
        /"event":"phase_started","phase":"open"/ { start = number("elapsed_ms"); n = 0 }
        number("remaining_ms") >= 0 { at[++n] = number("elapsed_ms") - start; left[n] = number("remaining_ms") }
        { end = number("elapsed_ms") - start }
        END {
            if (n == 0 || end <= 0) exit 1
            for (i = 1; i <= n; ++i) {
                if (at[i] < end / 10) continue
                whole = at[i] + left[i]
                if (tenth == "") tenth = whole
                off = whole > end ? whole / end : end / whole
                if (off > worst) worst = off
            }
            printf "%.2f|%.2f|%.2f|%.2f\n", (at[1] + left[1]) / 1000, tenth / 1000, end / 1000, worst
        }' "$work/out"
}

# estimated <what> <command>...: a run whose estimates are set beside what it took.
estimated() {
    local what=$1 figures
    shift
    timed estimate "$what" "$@" --execute --progress json --source-backup never || return
    figures=$(estimate_of) || return
    estimates+=("$what|$figures")
    echo "   $what: estimated | after a tenth | took | off by at most: $figures"
}

# Once as on a machine where nothing ran before, and once with what the first run has left.
job_estimate() {
    run_in
    local again
    for again in "nothing known" "one run known"; do
        export XDG_STATE_HOME=$work/estimate-state
        fresh_db bench && estimated "SQLite → PostgreSQL, $again" "$bin/migrate-cli" migrate --from "$work/orders.db" \
            --to "$(pg_uri bench)" || return
        rm -f "$work/out.db"
        estimated "PostgreSQL → SQLite, $again" "$bin/migrate-cli" migrate --from "$(pg_uri orders)" --to "$work/out.db" || return
        rm -rf "$work/out.json"
        estimated "SQLite → JSON, $again" "$bin/migrate-cli" migrate --from "$work/orders.db" --to "json:$work/out.json/" \
            --layout tables || return
        rm -f "$work/records.db"
        estimated "JSON → SQLite, $again" "$bin/migrate-cli" migrate --from "$work/records.ndjson" --to "$work/records.db" || return
    done
    export XDG_STATE_HOME=$work/state
}

estimate_rows() {
    [ ${#estimates[@]} -gt 0 ] || return 0
    printf '\n| run | estimated, s | after a tenth, s | took, s | off by at most from there on |\n|---|---:|---:|---:|---:|\n'
    printf '%s\n' "${estimates[@]}" | awk -F '|' '{ printf "| %s | %s | %s | %s | %s |\n", $1, $2, $3, $4, $5 }'
}

# median <job> <contestant> <field>; empty if it did not run.
median() {
    printf '%s\n' "${results[@]}" | awk -F '|' -v job="$1" -v who="$2" -v field="$3" \
        '$1 == job && $2 == who { print $field }' | sort -n | awk '{ v[NR] = $1 } END { if (NR) print v[int((NR + 1) / 2)] }'
}

# target_row <what> <job> <our contestant> <other> <limit> <at-most|at-least>: the ratio of the medians beside its target.
target_row() {
    local ours others
    ours=$(median "$2" "$3" 3)
    others=$(median "$2" "$4" 3)
    [ -n "$ours" ] && [ -n "$others" ] || return 0
    awk -v what="$1" -v ours="$ours" -v others="$others" -v limit="$5" -v sense="$6" 'BEGIN {
        ratio = sense == "at-most" ? ours / others : others / ours
        met = sense == "at-most" ? ratio <= limit : ratio >= limit
        printf "| %s | %.2f | %s %.2f | %s |\n", what, ratio, sense == "at-most" ? "≤" : "≥", limit, met ? "met" : "missed" }'
}

slower_sqlite_floor() {
    awk -v a="$(median sqlite "floor: COPY out" 3)" -v b="$(median sqlite "floor: insert" 3)" \
        'BEGIN { print (a > b ? "floor: COPY out" : "floor: insert") }'
}

bench_report() {
    cat <<END
# Performance

Written by \`scripts/bench\`: every contestant in turn, $rounds rounds, medians of whole commands. Same objects, same
verification, same durability at the end as any run; only the source's backup is off. Sizes: scale $scale, $records records.

Machine: $(machine_line); PostgreSQL $(psql --version | awk '{ print $3 }'), SQLite $(sqlite3 --version | cut -d ' ' -f 1).

| job | what ran | seconds | peak MiB |
|---|---|---:|---:|
END
    printf '%s\n' "${results[@]}" | awk -F '|' '!seen[$1 "|" $2]++ { print $1 "|" $2 }' | while IFS='|' read -r job who; do
        printf '| %s | %s | %s | %s |\n' "$job" "$who" "$(median "$job" "$who" 3)" "$(($(median "$job" "$who" 4) / 1024))"
    done
    printf '\n| target | ratio | wanted | |\n|---|---:|---:|---|\n'
    target_row "SQLite → PostgreSQL, verified: of the floor" load migrate floor 1.15 at-most
    target_row "the same: faster than pgloader" load migrate pgloader 3.5 at-least
    target_row "the same, level basic: of the floor" basic migrate floor 0.9 at-most
    target_row "PostgreSQL → SQLite, verified: of the slower floor" sqlite migrate "$(slower_sqlite_floor)" 1.5 at-most
    target_row "the same: faster than ogr2ogr" sqlite migrate ogr2ogr 4 at-least
    target_row "SQLite → JSON, verified: faster than sqlite3 -json" json-out migrate "sqlite3 -json" 3 at-least
    target_row "JSON → SQLite, verified: faster than sqlite-utils" json-in migrate sqlite-utils 6 at-least
    target_row "JSON → PostgreSQL, verified: of JSON → SQLite" json-pg migrate "migrate to SQLite" 1.5 at-most
    target_row "PostgreSQL → PostgreSQL, verified: of pg_dump and pg_restore" pg-pg migrate "pg_dump, pg_restore" 1.2 at-most
    target_row "verify: of the load" verify migrate "migrate: the load" 0.6 at-most
    target_row "four times the rows: of the time" four migrate "migrate, the usual rows" 4.3 at-most
    [ ${#estimates[@]} -eq 0 ] || printf '%s\n' "${estimates[@]}" | awk -F '|' '$5 > worst { worst = $5 } END {
        printf "| estimate after a tenth: factor off | %.2f | ≤ 1.50 | %s |\n", worst, worst <= 1.5 ? "met" : "missed" }'
    local peak
    peak=$(printf '%s\n' "${results[@]}" | awk -F '|' '$2 ~ /^migrate/ && $4 > most { most = $4 } END { print most }')
    [ -z "$peak" ] || awk -v k="$peak" 'BEGIN { m = k / 1024
        printf "| peak resident memory of any of these: MiB | %.0f | ≤ 256 | %s |\n", m, m <= 256 ? "met" : "missed" }'
    local small
    small=$(median small migrate 3)
    [ -z "$small" ] || awk -v s="$small" 'BEGIN { printf "| 200 tables of 100 rows: seconds | %.2f | ≤ 3.00 | %s |\n", s, s <= 3 ? "met" : "missed"
        printf "| the same: milliseconds a table | %.1f | ≤ 15 | %s |\n", s * 5, s * 5 <= 15 ? "met" : "missed" }'
    estimate_rows
}
