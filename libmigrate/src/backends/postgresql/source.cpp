#include "backends/postgresql/source.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/adopter.hpp"
#include "backends/postgresql/catalog.hpp"
#include "backends/postgresql/check.hpp"
#include "backends/postgresql/chunking.hpp"
#include "backends/postgresql/copy_reader.hpp"
#include "backends/postgresql/held_tables.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/staged_schema.hpp"
#include "backends/postgresql/state_place.hpp"
#include "backends/postgresql/stored_digest.hpp"
#include "backends/postgresql/target_state.hpp"

namespace migrate::backends::postgresql {

std::vector<std::string> schema_option(const Endpoint& endpoint) {
    std::vector<std::string> names;
    std::string name;
    for (const char c : endpoint.option("schema") + ",") {
        if (c != ',') {
            name += c;
            continue;
        }
        const auto first = name.find_first_not_of(' ');
        if (first != std::string::npos) {
            names.push_back(name.substr(first, name.find_last_not_of(' ') - first + 1));
        }
        name.clear();
    }
    return names;
}

PostgresqlSource::PostgresqlSource(const Endpoint& endpoint, const backend::OpenContext& context,
                                   StagingNames staged, std::shared_ptr<session::PostgresqlSession> lent,
                                   std::shared_ptr<backend::StagedDigests> stored)
    : m_factory(endpoint, context, session::PostgresqlUse::read),
      m_staged(std::move(staged)),
      m_schemas(schema_option(endpoint)),
      m_session(lent != nullptr ? std::move(lent) : m_factory.open()),
      m_readers(m_factory),
      m_stored(std::move(stored)) {}

PostgresqlSource::~PostgresqlSource() {
    try {
        release_snapshot();
    } catch (const Error&) {
        // The session is lost, and the snapshot with it.
        m_snapshot.clear();
    }
}

backend::SourceInfo PostgresqlSource::describe() {
    return describe_server(*m_session, m_factory.endpoint());
}

backend::DatabaseIdentity PostgresqlSource::identity() {
    return identity_of_server(*m_session);
}

backend::Adoption PostgresqlSource::adopt(const Schema& other, const backend::AdoptOptions& options) {
    return postgresql::adopt(other, options, m_factory.endpoint(), *m_session);
}

std::optional<std::string> PostgresqlSource::provenance() {
    if (!state::exists(*m_session)) {
        return std::nullopt;
    }
    const auto rows = m_session->query(
        state::find_place(*m_session)
            .sql("SELECT record FROM _migrate.provenance ORDER BY written_at DESC, migration"),
        "reading provenance");
    std::string records;
    for (int row = 0; row < static_cast<int>(rows.size()); ++row) {
        records += (records.empty() ? "[" : ",") + rows.text(row, 0);
    }
    return records.empty() ? std::nullopt : std::optional(records + "]");
}

unsigned PostgresqlSource::pin_snapshot(unsigned readers) {
    if (m_wanted) {
        HeldTables(*m_session, m_schemas, m_wanted).begin_snapshot();
    } else {
        m_session->execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY", "pinning a snapshot");
    }
    if (m_session->borrowed()) {
        // A lent session reads by itself: any query pins its own snapshot.
        m_session->execute("SELECT 1", "pinning a snapshot");
        m_reader_count = 1;
        return 1;
    }
    m_snapshot =
        m_session->query("SELECT pg_catalog.pg_export_snapshot()", "exporting a snapshot").text(0, 0);
    m_reader_count = std::max(readers, 1U);
    return m_reader_count;
}

void PostgresqlSource::release_snapshot() {
    m_readers.close();
    if (m_reader_count == 0) {
        return;
    }
    m_reader_count = 0;
    m_snapshot.clear();
    PQclear(PQexec(m_session->native(), "ROLLBACK"));
}

/// The highest number in each key that a sequence feeds, where an index gives it at once. On the way back
/// from another engine it tells whether rows were added meanwhile: if not, the sequence stands where it
/// stood.
void PostgresqlSource::note_highest(Schema& schema) {
    for (Table& table : schema.tables) {
        for (Column& column : table.columns) {
            if (!column.identity || !table.primary_key || table.primary_key->columns.front() != column.name) {
                continue;
            }
            const auto rows =
                m_session->query(fmt::format("SELECT coalesce(max({})::pg_catalog.text, '') FROM {}",
                                             quote_identifier(column.name), quote_name(table.name)),
                                 {}, "reading table " + table.name.display());
            column.properties["highest"] = rows.text(0, 0);
        }
    }
}

backend::SchemaReading PostgresqlSource::read_schema(const backend::SchemaRequest& request) {
    if (m_staged.schemas().empty()) {
        backend::SchemaReading reading = read_catalog(*m_session, m_schemas, request);
        note_highest(reading.schema);
        return reading;
    }
    std::vector<std::string> schemas;
    for (const auto& [destination, staging] : m_staged.schemas()) {
        schemas.push_back(staging);
    }
    const bool prefixed = m_staged.place() == StagingNames::Place::prefixes;
    auto reading = read_catalog(*m_session, schemas, request,
                                prefixed ? std::optional("^" + m_staged.prefix()) : std::nullopt);
    name_as_destined(*m_session, m_staged, reading.schema);
    return reading;
}

QualifiedName PostgresqlSource::located(const QualifiedName& name) const {
    return m_staged.staged(name);
}

std::vector<Chunk> PostgresqlSource::chunks(const Table& table, const backend::ChunkOptions& options) {
    std::vector<Chunk> chunks = block_chunks(*m_session, located(table.name), options);
    if (m_stored != nullptr) {
        m_stored->begin(table.name, chunks.size());
    }
    return chunks;
}

ScanTarget PostgresqlSource::target_of(const Table& table, const Chunk& chunk,
                                       session::PostgresqlSession& session) const {
    const QualifiedName name = located(table.name);
    if (chunk.partition.empty()) {
        return {name, table.properties.contains(property::k_partition_key)};
    }
    // The partition's name comes back from plans and checkpoints: the server says what it means.
    const auto rows = session.query(
        "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = "
        "c.relnamespace WHERE c.oid = pg_catalog.to_regclass($1)",
        {chunk.partition}, "looking for a partition");
    if (rows.size() == 0) {
        throw Error(
            ErrorFacts{.code = ErrorCode::not_found, .backend = "postgresql", .table = chunk.partition},
            fmt::format("PostgreSQL: there is no partition {}.", chunk.partition));
    }
    return {{rows.text(0, 0), rows.text(0, 1)}, false};
}

std::unique_ptr<backend::Reader> PostgresqlSource::open_reader(const ScanSpec& spec) {
    if (m_reader_count == 0) {
        throw Error(ErrorCode::internal, "A reader was opened without a snapshot.");
    }
    const bool alone = m_session->borrowed();
    const std::string snapshot = spec.snapshot.empty() ? m_snapshot : spec.snapshot;
    if (alone && m_reader_out) {
        throw Error(ErrorCode::locked, "PostgreSQL: the one lent session is being read from already.");
    }
    auto session = alone ? m_session : m_readers.take(snapshot);
    const ScanTarget target = target_of(*spec.table, spec.chunk, *session);
    std::vector<ColumnDecoding> decodings;
    const std::string select = scan_select(spec, target, m_physical.of(*session, target.relation), decodings);
    const bool stored_whole = m_stored != nullptr && reads_all(spec, decodings, *session);
    m_reader_out = alone;
    auto reader = std::make_unique<CopyReader>(
        session, std::move(decodings), select, spec.table->name.display(), spec.limits,
        [this, alone, snapshot](std::shared_ptr<session::PostgresqlSession> used) {
            if (alone) {
                m_reader_out = false;
            } else {
                m_readers.put_back(snapshot, std::move(used));
            }
        },
        spec.route);
    if (stored_whole) {
        reader->digest_rows([stored = m_stored, table = spec.table->name, part = spec.chunk.index](
                                const Digest& digest) { stored->add(table, part, digest); });
    }
    return reader;
}

bool PostgresqlSource::reads_all(const ScanSpec& spec, const std::vector<ColumnDecoding>& decodings,
                                 session::PostgresqlSession& session) {
    // A partition's own columns may be in another order than the table's.
    return spec.route == ReadRoute::native && spec.keys.empty() && !spec.watermark &&
           undo::reads_all_stored(m_physical.of(session, located(spec.table->name)), decodings);
}

std::uint64_t PostgresqlSource::count_rows(const Table& table) {
    const ScanTarget target = target_of(table, {}, *m_session);
    const auto rows = m_session->query("SELECT count(*) " + from_clause(target),
                                       fmt::format("counting the rows of {}", table.name.display()));
    return static_cast<std::uint64_t>(rows.integer(0, 0));
}

backend::Fingerprint PostgresqlSource::fingerprint() {
    return fingerprint_of(*m_session);
}

std::vector<Finding> PostgresqlSource::check(const Schema& schema) {
    return check_database(*m_session, m_schemas, schema);
}

std::vector<backend::BrokenRule> PostgresqlSource::broken_rules(const Schema& schema) {
    return count_broken_rules(*m_session, schema, [this](const Table& table) {
        return from_clause(target_of(table, {}, *m_session)).substr(std::string_view("FROM ").size());
    });
}

void PostgresqlSource::backup_to(const std::string& /*path*/) {
    ErrorFacts facts{.code = ErrorCode::unsupported, .backend = "postgresql"};
    facts.next_step = "Make a backup with pg_dump, or migrate the database to a file first.";
    throw Error(facts, "PostgreSQL: a database on a server cannot be copied to a file by its engine.");
}

}  // namespace migrate::backends::postgresql
