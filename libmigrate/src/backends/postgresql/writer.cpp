#include "backends/postgresql/writer.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backend/taken_over.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/target_state.hpp"
#include "model/canonical.hpp"
#include "session/postgresql_error.hpp"

namespace migrate::backends::postgresql {
namespace {

/// What libpq is handed at once; larger pieces gain nothing.
constexpr std::size_t k_piece_bytes = 256UL * 1024UL;

std::int64_t chunk_lock(const ChunkClaim& claim) {
    return advisory_key(
        fmt::format("migrate chunk {} {} {}", claim.migration, claim.table, claim.chunk.index));
}

ErrorFacts facts_for(ErrorCode code, const Table& table) {
    return {.code = code, .backend = "postgresql", .table = table.name.display()};
}

std::vector<ColumnEncoding> encodings(const Table& table, const std::vector<PhysicalColumn>& physical) {
    std::vector<ColumnEncoding> columns;
    for (const Column& column : table.columns) {
        if (column.generated || column.hidden) {
            continue;
        }
        const auto found = std::find_if(physical.begin(), physical.end(),
                                        [&](const PhysicalColumn& one) { return one.name == column.name; });
        if (found == physical.end()) {
            throw Error(facts_for(ErrorCode::internal, table),
                        fmt::format("PostgreSQL: the staged table {} lacks column {}.", table.name.display(),
                                    column.name));
        }
        columns.push_back(encoding_of(column.name, found->type, column.type));
    }
    return columns;
}

/// True for values that the server gives back byte by byte as it has got them.
bool is_stored_as_sent(const PhysicalColumn& column, const ColumnEncoding& encoding) {
    if (column.name != encoding.name) {
        return false;
    }
    switch (static_cast<TypeOid>(column.type.oid)) {
        case TypeOid::boolean:
        case TypeOid::int2:
        case TypeOid::int4:
        case TypeOid::int8:
        case TypeOid::float4:
        case TypeOid::float8:
        case TypeOid::numeric:
        case TypeOid::text:
        case TypeOid::varchar:
        case TypeOid::bytea:
        case TypeOid::date:
        case TypeOid::time:
        case TypeOid::timestamp:
        case TypeOid::timestamptz:
        case TypeOid::uuid:
            return encoding.form != ColumnEncoding::Form::spelled;
        default:
            return false;
    }
}

bool is_stored_as_sent(const std::vector<PhysicalColumn>& physical,
                       const std::vector<ColumnEncoding>& columns) {
    return std::equal(physical.begin(), physical.end(), columns.begin(), columns.end(),
                      [](const PhysicalColumn& column, const ColumnEncoding& encoding) {
                          return is_stored_as_sent(column, encoding);
                      });
}

}  // namespace

std::unique_ptr<backend::TargetTransaction> CopyWriter::begin(const ChunkClaim& claim, WriteMode mode) {
    const Table& table = m_context.schema->tables.at(claim.table);
    if (mode != WriteMode::append) {
        throw Error(facts_for(ErrorCode::unsupported, table),
                    "PostgreSQL: staging tables only take rows that are appended.");
    }
    const QualifiedName staged = m_context.names->staged(table.name);
    const auto physical = m_context.physical->of(*m_session, staged);
    const auto result = m_session->execute(
        m_context.place.sql(fmt::format(
            "BEGIN; SET LOCAL synchronous_commit = off; SELECT pg_catalog.pg_advisory_xact_lock({}); "
            "SELECT epoch FROM _migrate.migration WHERE id = {} FOR SHARE",
            chunk_lock(claim), quote_literal(claim.migration))),
        "claiming a chunk");
    const bool current =
        PQntuples(result.get()) == 1 && PQgetvalue(result.get(), 0, 0) == std::to_string(claim.epoch);
    if (!current) {
        m_session->execute("ROLLBACK", "giving a chunk back");
        ErrorFacts facts = facts_for(ErrorCode::locked, table);
        facts.next_step = "Look at `status`: another run has taken this migration over, or it has ended.";
        throw backend::TakenOverError(
            facts, "PostgreSQL: this worker's claim on the migration is no longer the current one.");
    }
    return std::make_unique<CopyTransaction>(*m_session, table, staged, physical, claim, m_context.place,
                                             m_context.written);
}

std::optional<Checkpoint> CopyWriter::find_checkpoint(const ChunkClaim& claim) {
    const Table& table = m_context.schema->tables.at(claim.table);
    // The lock is the chunk transaction's own: having it means that the transaction has ended.
    m_session->execute(fmt::format("BEGIN; SELECT pg_catalog.pg_advisory_xact_lock({})", chunk_lock(claim)),
                       "waiting for a chunk's outcome");
    const auto rows = m_session->query(
        m_context.place.sql(
            "SELECT chunk_kind, chunk_first, chunk_last, chunk_partition, rows, rejects, digest, nulled, "
            "filtered FROM "
            "_migrate.checkpoint WHERE migration = $1 AND table_schema = $2 AND table_name = $3 AND "
            "chunk_index = $4"),
        {claim.migration, table.name.schema, table.name.name, std::to_string(claim.chunk.index)},
        "reading a checkpoint");
    m_session->execute("COMMIT", "reading a checkpoint");
    if (rows.size() == 0) {
        return std::nullopt;
    }
    Checkpoint checkpoint;
    checkpoint.migration = claim.migration;
    checkpoint.table = table.name;
    checkpoint.chunk.kind = static_cast<ChunkKind>(rows.integer(0, 0));
    checkpoint.chunk.index = claim.chunk.index;
    checkpoint.chunk.first = rows.integer(0, 1);
    checkpoint.chunk.last = rows.integer(0, 2);
    checkpoint.chunk.partition = rows.text(0, 3);
    checkpoint.chunk.row_estimate = claim.chunk.row_estimate;
    checkpoint.rows = static_cast<std::uint64_t>(rows.integer(0, 4));
    checkpoint.rejects = static_cast<std::uint64_t>(rows.integer(0, 5));
    checkpoint.digest = parse_digest(rows.text(0, 6));
    checkpoint.nulled = static_cast<std::uint64_t>(rows.integer(0, 7));
    checkpoint.filtered = static_cast<std::uint64_t>(rows.integer(0, 8));
    return checkpoint;
}

CopyTransaction::CopyTransaction(session::PostgresqlSession& session, const Table& table,
                                 const QualifiedName& staged, const std::vector<PhysicalColumn>& physical,
                                 ChunkClaim claim, state::Place place,
                                 std::shared_ptr<backend::StagedDigests> written)
    : m_session(session),
      m_table(table),
      m_staged(staged),
      m_claim(std::move(claim)),
      m_place(std::move(place)),
      m_encoder(encodings(table, physical)) {
    std::vector<std::string> names;
    for (const ColumnEncoding& column : m_encoder.columns()) {
        names.push_back(column.name);
    }
    m_copy_sql = fmt::format("COPY {}{} FROM STDIN{}", quote_name(m_staged),
                             names.empty() ? "" : " " + quote_list(names),
                             m_encoder.binary() ? " (FORMAT BINARY)" : "");
    m_buffer.reserve(2 * k_piece_bytes);
    if (written != nullptr && is_stored_as_sent(physical, m_encoder.columns())) {
        m_written = std::move(written);
    }
}

CopyTransaction::~CopyTransaction() {
    if (m_open && m_session.alive()) {
        PQclear(PQexec(m_session.native(), "ROLLBACK"));
    }
}

void CopyTransaction::start_copy() {
    m_session.throw_if_stopped();
    const std::string sql =
        (m_savepoint ? "RELEASE SAVEPOINT batch; SAVEPOINT batch; " : "SAVEPOINT batch; ") + m_copy_sql;
    if (PQsendQuery(m_session.native(), sql.c_str()) == 0) {
        m_session.fail(nullptr, "starting to write");
    }
    while (PGresult* next = PQgetResult(m_session.native())) {
        const session::PostgresqlResult result(next);
        const ExecStatusType status = PQresultStatus(result.get());
        if (status == PGRES_COPY_IN) {
            m_savepoint = true;
            return;
        }
        if (status != PGRES_COMMAND_OK) {
            drain();
            m_session.fail(result.get(), fmt::format("writing table {}", m_table.name.display()));
        }
    }
    m_session.fail(nullptr, "starting to write");
}

void CopyTransaction::drain() {
    while (PGresult* next = PQgetResult(m_session.native())) {
        PQclear(next);
    }
}

void CopyTransaction::send(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::string_view piece = bytes.substr(0, k_piece_bytes);
        if (PQputCopyData(m_session.native(), piece.data(), static_cast<int>(piece.size())) != 1) {
            m_session.fail(nullptr, fmt::format("writing table {}", m_table.name.display()));
        }
        bytes.remove_prefix(piece.size());
    }
}

void CopyTransaction::write(const RowBatch& batch) {
    const std::size_t rows = batch.row_count();
    if (rows == 0) {
        return;
    }
    backend::WriteTimer timer(m_times);
    start_copy();
    timer.answered();
    Digest digest;
    try {
        encode(batch, digest, timer);
    } catch (...) {
        abort_copy();
        throw;
    }
    finish_copy(rows);
    timer.answered();
    m_digest.merge(digest);
}

void CopyTransaction::encode(const RowBatch& batch, Digest& digest, backend::WriteTimer& timer) {
    m_buffer.clear();
    m_encoder.append_header(m_buffer);
    for (std::size_t row = 0; row < batch.row_count(); ++row) {
        const std::size_t start = m_buffer.size();
        m_encoder.append_row(batch, row, m_buffer);
        if (m_written != nullptr) {
            model::digest_canonical_row(std::string_view(m_buffer).substr(start), digest);
        }
        if (m_buffer.size() >= k_piece_bytes) {
            timer.encoded();
            send(m_buffer);
            timer.sent();
            m_buffer.clear();
        }
    }
    m_encoder.append_trailer(m_buffer);
    timer.encoded();
    send(m_buffer);
    timer.sent();
}

void CopyTransaction::abort_copy() noexcept {
    if (PQputCopyEnd(m_session.native(), "the row does not fit") == 1) {
        drain();
    }
    PQclear(PQexec(m_session.native(), "ROLLBACK TO SAVEPOINT batch"));
}

void CopyTransaction::finish_copy(std::size_t rows) {
    const bool sent = PQputCopyEnd(m_session.native(), nullptr) == 1;
    session::PostgresqlResult failure;
    while (PGresult* next = PQgetResult(m_session.native())) {
        session::PostgresqlResult result(next);
        if (PQresultStatus(result.get()) != PGRES_COMMAND_OK && failure == nullptr) {
            failure = std::move(result);
        }
    }
    if (failure != nullptr || !sent) {
        fail_row(failure.get(), rows);
    }
}

void CopyTransaction::fail_row(const PGresult* result, std::size_t rows) {
    const std::string doing = fmt::format("writing table {}", m_table.name.display());
    const Error error = session::postgresql_error(m_session.native(), result, doing);
    const bool about_row = error.code() == ErrorCode::row || error.code() == ErrorCode::constraint;
    if (!about_row) {
        m_session.fail(result, doing);
    }
    std::vector<std::string> names;
    for (const ColumnEncoding& column : m_encoder.columns()) {
        names.push_back(column.name);
    }
    const auto position = session::copy_position(result, m_staged.name, names);
    rollback_to_savepoint();
    ErrorFacts facts = error.facts();
    facts.table = m_table.name.display();
    if (facts.column.empty()) {
        facts.column = position.column;
    }
    // A row that fails in its constraints is named as well; without a line it is the batch that fails.
    if (position.line > 0 && position.line <= rows) {
        facts.code = ErrorCode::row;
        facts.row = position.line - 1;
    }
    throw Error(facts, error.what());
}

void CopyTransaction::rollback_to_savepoint() {
    m_session.execute("ROLLBACK TO SAVEPOINT batch", "taking a batch back");
}

void CopyTransaction::write_dead_letter(const QualifiedName& table, const RejectedRow& row) {
    state::insert_dead_letter(m_session, m_place, m_claim.migration, table, m_claim.chunk.index, row);
}

void CopyTransaction::record(const Checkpoint& checkpoint) {
    const Chunk& chunk = checkpoint.chunk;
    m_session.query(
        m_place.sql("INSERT INTO _migrate.checkpoint (migration, table_schema, table_name, chunk_index, "
                    "chunk_kind, chunk_first, chunk_last, chunk_partition, rows, rejects, digest, nulled, "
                    "filtered) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"),
        {m_claim.migration, m_table.name.schema, m_table.name.name, std::to_string(chunk.index),
         std::to_string(static_cast<int>(chunk.kind)), std::to_string(chunk.first),
         std::to_string(chunk.last), chunk.partition, std::to_string(checkpoint.rows),
         std::to_string(checkpoint.rejects), to_string(checkpoint.digest), std::to_string(checkpoint.nulled),
         std::to_string(checkpoint.filtered)},
        "writing a checkpoint");
}

void CopyTransaction::commit() {
    m_session.throw_if_stopped();
    const session::PostgresqlResult result(PQexec(m_session.native(), "COMMIT"));
    m_open = false;
    if (PQresultStatus(result.get()) == PGRES_COMMAND_OK &&
        std::string_view(PQcmdStatus(result.get())) == "COMMIT") {
        if (m_written != nullptr) {
            m_written->add_written(m_table.name, m_digest);
        }
        return;
    }
    if (session::is_lost(m_session.native())) {
        ErrorFacts facts = facts_for(ErrorCode::connection_lost, m_table);
        facts.next_step = "Resume: the chunk's checkpoint tells whether it was committed.";
        throw CommitUnknownError(facts, "PostgreSQL: the connection was lost during a commit.");
    }
    m_session.fail(result.get(), fmt::format("committing a chunk of table {}", m_table.name.display()));
}

}  // namespace migrate::backends::postgresql
