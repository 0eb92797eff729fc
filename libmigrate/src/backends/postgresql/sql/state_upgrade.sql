-- Columns that the tables of earlier versions do not have.
ALTER TABLE _migrate.checkpoint
    ADD COLUMN IF NOT EXISTS nulled pg_catalog.int8 NOT NULL DEFAULT 0,
    ADD COLUMN IF NOT EXISTS filtered pg_catalog.int8 NOT NULL DEFAULT 0;
ALTER TABLE _migrate.dead_letter
    ADD COLUMN IF NOT EXISTS kept pg_catalog.bool NOT NULL DEFAULT false;
