-- What a run that ended well had to do and how long it took, by which the next ones are estimated: of the
-- same engines on the same machine, since a file may be shared by several.
CREATE TABLE run (
    number        INTEGER PRIMARY KEY,
    migration     TEXT NOT NULL UNIQUE REFERENCES migration (id),
    machine       TEXT NOT NULL,
    from_engine   TEXT NOT NULL,
    to_engine     TEXT NOT NULL,
    tables        INTEGER NOT NULL,
    row_count     INTEGER NOT NULL,
    value_count   INTEGER NOT NULL,
    bytes         INTEGER NOT NULL,
    keyed_rows    INTEGER NOT NULL,
    merged_rows   INTEGER NOT NULL,
    backup_bytes  INTEGER NOT NULL,
    reads_back    INTEGER NOT NULL,
    estimated_ms  INTEGER NOT NULL,
    duration_ms   INTEGER NOT NULL
);
CREATE INDEX run_engines ON run (machine, from_engine, to_engine);

CREATE TABLE run_phase (
    run          INTEGER NOT NULL REFERENCES run (number),
    phase        TEXT NOT NULL,
    duration_ms  INTEGER NOT NULL,
    PRIMARY KEY (run, phase)
) WITHOUT ROWID;
