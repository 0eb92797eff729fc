#include "unit/postgresql/pg_migration.hpp"

#include "model/canonical.hpp"

namespace migrate::test {
namespace {

ScanSpec spec_of(const Table& table, const Chunk& chunk) {
    ScanSpec spec;
    spec.table = &table;
    spec.chunk = chunk;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!table.columns[i].generated) {
            spec.columns.push_back(i);
        }
    }
    return spec;
}

Digest digest_of(backend::Source& source, const Table& table) {
    Digest digest;
    backend::ChunkOptions options;
    options.target_rows = 500;
    for (const Chunk& chunk : source.chunks(table, options)) {
        const auto reader = source.open_reader(spec_of(table, chunk));
        RowBatch batch;
        while (reader->next(batch)) {
            model::digest_rows(batch, digest);
        }
    }
    return digest;
}

}  // namespace

Endpoint pg_endpoint(const PgDatabase& database, const std::string& schema) {
    Endpoint endpoint;
    endpoint.engine = "postgresql";
    endpoint.location = database.conninfo();
    if (!schema.empty()) {
        endpoint.options["schema"] = schema;
    }
    return endpoint;
}

std::string make_pg_role(const PgDatabase& from, const PgDatabase& to) {
    const std::string role = "migrate_test_owner";
    from.connect().exec(
        "DO $$ BEGIN CREATE ROLE migrate_test_owner LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; "
        "WHEN unique_violation THEN NULL; END $$");
    for (const PgDatabase* database : {&from, &to}) {
        database->connect().exec("GRANT CREATE ON SCHEMA public TO " + role);
    }
    return role;
}

PgCopy::PgCopy(const PgDatabase& from, const PgDatabase& to, const backend::AdoptOptions& options) {
    const auto& engine = backends::postgresql::backend();
    source = engine.open_source(pg_endpoint(from), {});
    target = engine.open_target(pg_endpoint(to), {});
    source->pin_snapshot(2);
    auto reading = source->read_schema({});
    findings = std::move(reading.findings);
    schema = std::move(reading.schema);
    adoption = target->adopt(schema, options);
    plan.migration = "0a1b2c";
    plan.owner = "test";
    plan.plan_json = "{}";
    plan.provenance_json = R"({"of": "a test"})";
    plan.schema = adoption.schema;
}

void PgCopy::begin() {
    target->lock(plan.migration);
    target->begin(plan);
}

void PgCopy::load() {
    const auto writer = target->open_writer();
    for (std::size_t i = 0; i < schema.tables.size(); ++i) {
        for (const Chunk& chunk : source->chunks(schema.tables[i], {})) {
            ChunkClaim claim{plan.migration, plan.owner, 1, i, chunk};
            const auto transaction = writer->begin(claim, WriteMode::append);
            const auto reader = source->open_reader(spec_of(schema.tables[i], chunk));
            Checkpoint checkpoint{plan.migration, plan.schema.tables[i].name, chunk, 0, 0, {}};
            RowBatch batch;
            while (reader->next(batch)) {
                model::digest_rows(batch, checkpoint.digest);
                transaction->write(batch);
                checkpoint.rows += batch.row_count();
            }
            transaction->record(checkpoint);
            transaction->commit();
        }
    }
}

void PgCopy::build() {
    for (const backend::BuildStep& step : target->build_steps()) {
        backend::BuildResult built = target->build(step);
        for (Finding& finding : built.findings) {
            findings.push_back(std::move(finding));
        }
        for (backend::RemovedRows& rows : built.removed) {
            removed.push_back(std::move(rows));
        }
    }
}

std::vector<std::pair<Digest, Digest>> PgCopy::digests() {
    std::vector<std::pair<Digest, Digest>> pairs;
    const auto staging = target->open_staging();
    staging->pin_snapshot(1);
    for (std::size_t i = 0; i < schema.tables.size(); ++i) {
        pairs.emplace_back(digest_of(*source, schema.tables[i]), digest_of(*staging, plan.schema.tables[i]));
    }
    return pairs;
}

void PgCopy::cutover() {
    source->release_snapshot();
    for (Finding& finding : target->cutover({})) {
        findings.push_back(std::move(finding));
    }
}

}  // namespace migrate::test
