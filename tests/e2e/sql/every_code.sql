-- Code on top of every_object.sql: functions, views, triggers, and what calls functions of the database's own.
-- functions etc
CREATE FUNCTION app.f(x int) RETURNS int LANGUAGE sql IMMUTABLE AS 'select x+1'; COMMENT ON FUNCTION app.f(int) IS 'f comment';
CREATE FUNCTION app.trg() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN NEW.v := 99; RETURN NEW; END$$;
CREATE PROCEDURE app.proc(INOUT a int) LANGUAGE plpgsql AS $$BEGIN a := a+1; END$$;
CREATE AGGREGATE app.mysum(int) (SFUNC = int4pl, STYPE = int4, INITCOND='0');
CREATE OPERATOR app.##+ (FUNCTION = int4pl, LEFTARG=int, RIGHTARG=int);
CREATE TABLE app.usesf (a int DEFAULT app.f(1), b int CHECK (app.f(b) > 0), c int, v int, g int);
CREATE INDEX usesf_i ON app.usesf (app.f(c)); CREATE TRIGGER t1 BEFORE INSERT ON app.usesf FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION app.trg(); COMMENT ON TRIGGER t1 ON app.usesf IS 'trg comment'; 
INSERT INTO app.usesf VALUES (0,1,1,1,1);
CREATE TRIGGER t2 BEFORE UPDATE ON app.usesf FOR EACH ROW EXECUTE FUNCTION app.trg(); ALTER TABLE app.usesf DISABLE TRIGGER t2; ALTER TABLE app.usesf ENABLE ALWAYS TRIGGER t1;
CREATE VIEW app.v1 WITH (security_barrier=true) AS SELECT id, code FROM app.base WHERE price > 1; COMMENT ON VIEW app.v1 IS 'view comment'; COMMENT ON COLUMN app.v1.id IS 'vcol';
CREATE VIEW app.v0 AS SELECT v1.id, app.f(1) AS f FROM app.v1; CREATE VIEW app.v2 AS SELECT id FROM app.base WITH CHECK OPTION; ALTER VIEW app.v2 ALTER id SET DEFAULT 5;
CREATE MATERIALIZED VIEW app.mv AS SELECT code, count(*) n FROM app.base GROUP BY code; CREATE UNIQUE INDEX mv_i ON app.mv (code); CREATE MATERIALIZED VIEW app.mv2 AS SELECT 1 AS x WITH NO DATA; COMMENT ON MATERIALIZED VIEW app.mv IS 'mv comment';
CREATE RULE r1 AS ON UPDATE TO app.pair DO ALSO NOTIFY x; COMMENT ON RULE r1 ON app.pair IS 'rule comment';
GRANT ALL ON app.v1 TO exact_writer; REVOKE ALL ON FUNCTION app.f(int) FROM PUBLIC; GRANT EXECUTE ON FUNCTION app.f(int) TO exact_reader;
