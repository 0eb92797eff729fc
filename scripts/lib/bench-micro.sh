# The microbenchmarks of scripts/bench --micro as a table. Sourced, not run.

# micro_table <program> <filter>: a row for each loop, its naive way beside it.
micro_table() {
    local csv
    csv=$("$1" --benchmark_filter="$2" --benchmark_min_time=0.2 --benchmark_format=csv 2>/dev/null) || return
    cat <<END
# The innermost loops

Written by \`scripts/bench --micro\`: nanoseconds a row of one value, or of nine, or a JSON record, on one core; beside each
the naive way to the same end. Below 1.0 the naive way is faster: it checks less, or does less.

Machine: $(machine_line).

| loop | ns | naive | ns | times as fast |
|---|---:|---|---:|---:|
END
    # "group/what/ours",iterations,real,cpu,unit,bytes/s,items/s,"label"
    printf '%s\n' "$csv" | awk -F '"' '
        /\/(ours|naive)"/ {
            split($3, field, ",")
            name = $2
            ns = field[7] > 0 ? 1e9 / field[7] : 0
            way = name
            sub(/.*\//, "", way)
            sub(/\/(ours|naive)$/, "", name)
            if (way == "ours") { ours[name] = ns; next }
            if (ours[name] > 0) printf "| %s | %.1f | %s | %.1f | %.1f |\n", name, ours[name], $4, ns, ns / ours[name]
        }'
}
