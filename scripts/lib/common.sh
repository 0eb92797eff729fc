# Shared by the scripts: where the project is, and how long each stage took. Sourced, not run.

MIGRATE_ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
MIGRATE_JOBS=${MIGRATE_JOBS:-$(nproc)}
stage_names=()
stage_seconds=()

# stage <name> <command>...: runs it and remembers how long it took.
stage() {
    local name=$1 begin=$SECONDS status=0
    shift
    echo "== $name"
    "$@" || status=$?
    stage_names+=("$name")
    stage_seconds+=($((SECONDS - begin)))
    return "$status"
}

# For tables of what was measured.
machine_line() {
    echo "$(nproc) cores of $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -1), $(awk '/MemTotal/ { printf "%.0f GiB", $2 / 1048576 }' /proc/meminfo), $(uname -sr)"
}

print_stages() {
    local i
    echo "== stages"
    for i in "${!stage_names[@]}"; do
        printf '%6d s  %s\n' "${stage_seconds[$i]}" "${stage_names[$i]}"
    done
}

# build_preset <preset> [target...]
build_preset() {
    local preset=$1 targets=()
    shift
    [ $# -eq 0 ] || targets=(--target "$@")
    if [ ! -f "$MIGRATE_ROOT/build/$preset/build.ninja" ]; then
        (cd "$MIGRATE_ROOT" && cmake --preset "$preset") || return
    fi
    (cd "$MIGRATE_ROOT" && cmake --build --preset "$preset" --parallel "$MIGRATE_JOBS" "${targets[@]}")
}
