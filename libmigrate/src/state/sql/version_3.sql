-- The order in which migrations were begun or gone on with, whatever the clock said meanwhile.
ALTER TABLE migration ADD COLUMN number INTEGER NOT NULL DEFAULT 0;
UPDATE migration SET number = ranked.number FROM (
    SELECT id, row_number() OVER (ORDER BY started_at, rowid) AS number FROM migration
) AS ranked WHERE ranked.id = migration.id;
CREATE INDEX migration_number ON migration (number);
DROP INDEX migration_started_at;
