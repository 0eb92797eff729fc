# A private, throw-away PostgreSQL cluster. Sourced, not run.
#     pg_cluster_start [server arguments]    sets MIGRATE_TEST_PG, a connection string of its superuser
#                                            PG_CLUSTER_PORT, 5432 if it is not set, names its socket
#     pg_cluster_make      the same without starting its server, which pg_cluster_serve does
#     pg_cluster_crash     stops its server at once; pg_cluster_serve starts it again
#     pg_cluster_stop      stops it and removes its directory; call it from an EXIT trap
# It listens on a Unix socket in its own temporary directory and on no port, so it can meet no other server.
# PostgreSQL refuses to run as root: then the server runs as the user postgres, or nobody.

PG_CLUSTER_DIR=
PG_CLUSTER_PID=

pg_cluster_bindir() {
    local newest
    newest=$(compgen -G '/usr/lib/postgresql/*/bin/initdb' | sort -V | tail -n 1)
    if [ -n "$newest" ]; then
        dirname "$newest"
    elif command -v initdb >/dev/null; then
        dirname "$(command -v initdb)"
    else
        echo "no PostgreSQL server found: run scripts/install-deps" >&2
        return 1
    fi
}

# The user that the server runs as.
pg_cluster_user() {
    if [ "$(id -u)" -ne 0 ]; then
        id -un
    elif id postgres >/dev/null 2>&1; then
        echo postgres
    else
        echo nobody
    fi
}

# Runs a command as that user; exec keeps the process id when it is started in the background. It starts inside
# the cluster's directory, since the server's user may not see the present one.
pg_cluster_exec() {
    cd "$PG_CLUSTER_DIR" || exit
    if [ "$(id -u)" -ne 0 ]; then
        exec "$@"
    fi
    local user
    user=$(pg_cluster_user)
    exec setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups -- env HOME="$PG_CLUSTER_DIR" "$@"
}

pg_cluster_start() {
    pg_cluster_make && pg_cluster_serve "$@"
}

pg_cluster_make() {
    local bindir
    bindir=$(pg_cluster_bindir) || return
    PG_CLUSTER_DIR=$(mktemp -d "${TMPDIR:-/tmp}/migrate-pg.XXXXXX") || return
    if [ "$(id -u)" -eq 0 ]; then
        chown "$(pg_cluster_user)" "$PG_CLUSTER_DIR"
    fi
    (pg_cluster_exec "$bindir/initdb" -D "$PG_CLUSTER_DIR/data" -U postgres -A trust \
        -E UTF8 --locale=C.UTF-8 --no-sync >"$PG_CLUSTER_DIR/initdb.log" 2>&1) || {
        cat "$PG_CLUSTER_DIR/initdb.log" >&2
        return 1
    }
    # Members of the role migrate_password have to give one, so that tests can give a wrong one.
    (pg_cluster_exec sed -i '1i local all +migrate_password scram-sha-256' data/pg_hba.conf)
}

# Starts the server of a cluster that is there; again after pg_cluster_crash.
pg_cluster_serve() {
    local bindir
    bindir=$(pg_cluster_bindir) || return
    (pg_cluster_exec "$bindir/postgres" -D "$PG_CLUSTER_DIR/data" \
        -c listen_addresses= -c unix_socket_directories="$PG_CLUSTER_DIR" -c port="${PG_CLUSTER_PORT:-5432}" \
        -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=128MB \
        -c max_wal_size=4GB -c max_connections=60 -c wal_level=logical -c jit=off "$@") \
        >"$PG_CLUSTER_DIR/server.log" 2>&1 </dev/null &
    PG_CLUSTER_PID=$!
    local _
    for _ in $(seq 100); do
        if "$bindir/pg_isready" -q -h "$PG_CLUSTER_DIR" -p "${PG_CLUSTER_PORT:-5432}"; then
            export MIGRATE_TEST_PG="host=$PG_CLUSTER_DIR port=${PG_CLUSTER_PORT:-5432} user=postgres dbname=postgres"
            return 0
        fi
        kill -0 "$PG_CLUSTER_PID" 2>/dev/null || break
        sleep 0.1
    done
    echo "the private PostgreSQL cluster did not start:" >&2
    cat "$PG_CLUSTER_DIR/server.log" >&2
    return 1
}

# Stops the server at once, as -m immediate does: it recovers when it is started again.
pg_cluster_crash() {
    kill -QUIT "$PG_CLUSTER_PID" 2>/dev/null || true
    wait "$PG_CLUSTER_PID" 2>/dev/null || true
    PG_CLUSTER_PID=
}

pg_cluster_stop() {
    if [ -n "$PG_CLUSTER_PID" ]; then
        # INT is PostgreSQL's fast shutdown; QUIT its immediate one, for when a session will not go.
        kill -INT "$PG_CLUSTER_PID" 2>/dev/null || true
        local _
        for _ in $(seq 100); do
            kill -0 "$PG_CLUSTER_PID" 2>/dev/null || break
            sleep 0.1
        done
        kill -QUIT "$PG_CLUSTER_PID" 2>/dev/null || true
        wait "$PG_CLUSTER_PID" 2>/dev/null || true
        PG_CLUSTER_PID=
    fi
    if [ -n "$PG_CLUSTER_DIR" ]; then
        rm -rf "$PG_CLUSTER_DIR"
        PG_CLUSTER_DIR=
    fi
}
