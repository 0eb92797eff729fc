#include "backends/postgresql/copy_reader.hpp"

#include <memory>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backend/misread.hpp"

namespace migrate::backends::postgresql {
namespace {

struct CopyMessageDeleter {
    void operator()(char* message) const noexcept { PQfreemem(message); }
};

}  // namespace

CopyReader::CopyReader(std::shared_ptr<session::PostgresqlSession> session,
                       std::vector<ColumnDecoding> columns, const std::string& select, std::string table,
                       const BatchLimits& limits, GiveBack give_back, ReadRoute route)
    : m_session(std::move(session)),
      m_decoder(std::move(columns)),
      m_table(std::move(table)),
      m_limits(limits),
      m_give_back(std::move(give_back)) {
    if (route == ReadRoute::text) {
        m_text.emplace(m_decoder.columns());
    }
    m_session->execute(fmt::format("COPY ({}) TO STDOUT (FORMAT {})", select, m_text ? "TEXT" : "BINARY"),
                       fmt::format("reading table {}", m_table));
}

CopyReader::~CopyReader() {
    if (m_done) {
        return;
    }
    // The rest is not wanted: ask the server to stop, and take what is already on its way. A lent session is
    // read to the end instead, because a cancelled statement would end its transaction.
    PGconn* connection = m_session->native();
    if (!m_session->borrowed()) {
        const std::unique_ptr<PGcancel, decltype(&PQfreeCancel)> cancel(PQgetCancel(connection),
                                                                        &PQfreeCancel);
        char message[256];
        PQcancel(cancel.get(), message, sizeof message);
    }
    char* row = nullptr;
    while (PQgetCopyData(connection, &row, 0) > 0) {
        PQfreemem(row);
    }
    while (PGresult* result = PQgetResult(connection)) {
        PQclear(result);
    }
    if (m_session->borrowed()) {
        m_give_back(std::move(m_session));
    }
}

void CopyReader::prepare(RowBatch& batch) const {
    const auto& columns = m_decoder.columns();
    bool same = batch.columns.size() == columns.size();
    for (std::size_t i = 0; same && i < columns.size(); ++i) {
        same = batch.columns[i].kind() == columns[i].type.kind;
    }
    if (same) {
        batch.clear();
    } else {
        std::vector<TypeKind> kinds;
        kinds.reserve(columns.size());
        for (const ColumnDecoding& column : columns) {
            kinds.push_back(column.type.kind);
        }
        batch.reset(kinds);
    }
    batch.first_ordinal = m_ordinal;
}

bool CopyReader::next(RowBatch& batch) {
    prepare(batch);
    if (m_done) {
        return false;
    }
    m_session->throw_if_stopped();
    std::size_t rows = 0;
    std::size_t bytes = 0;
    while (rows < m_limits.max_rows && bytes < m_limits.max_bytes) {
        char* message = nullptr;
        const int length = PQgetCopyData(m_session->native(), &message, 0);
        if (length <= 0) {
            finish();
            break;
        }
        const std::unique_ptr<char, CopyMessageDeleter> owner(message);
        if (decode({message, static_cast<std::size_t>(length)}, batch)) {
            ++rows;
            bytes += static_cast<std::size_t>(length);
        }
    }
    m_ordinal += rows;
    if (!m_text) {
        backend::misread(batch);
    }
    return rows > 0;
}

bool CopyReader::decode(std::string_view message, RowBatch& batch) {
    if (!m_text) {
        return m_decoder.decode(message, batch);
    }
    m_text->decode(message, batch);
    return true;
}

void CopyReader::digest_rows(std::function<void(const Digest&)> done) {
    m_digested = std::move(done);
    m_decoder.digest_rows(&m_digest);
}

void CopyReader::finish() {
    m_done = true;
    finish_copy(*m_session, fmt::format("reading table {}", m_table));
    if (m_digested) {
        m_digested(m_digest);
    }
    m_give_back(std::move(m_session));
}

void finish_copy(session::PostgresqlSession& session, const std::string& doing) {
    session::PostgresqlResult failure;
    while (PGresult* next = PQgetResult(session.native())) {
        session::PostgresqlResult result(next);
        if (PQresultStatus(result.get()) != PGRES_COMMAND_OK && failure == nullptr) {
            failure = std::move(result);
        }
    }
    if (failure != nullptr || !session.alive()) {
        session.fail(failure.get(), doing);
    }
}

}  // namespace migrate::backends::postgresql
