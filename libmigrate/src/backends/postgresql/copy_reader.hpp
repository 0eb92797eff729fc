#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include <migrate/chunk.hpp>

#include "backend/source.hpp"
#include "backends/postgresql/copy_decoder.hpp"
#include "backends/postgresql/text_decoder.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// Rows of one COPY … TO STDOUT, in binary or text format, decoded one message at a time straight into the
/// batch.
class CopyReader final : public backend::Reader {
  public:
    using GiveBack = std::function<void(std::shared_ptr<session::PostgresqlSession>)>;

    /// `select` is what to copy; give_back gets the session once everything was read from it.
    CopyReader(std::shared_ptr<session::PostgresqlSession> session, std::vector<ColumnDecoding> columns,
               const std::string& select, std::string table, const BatchLimits& limits, GiveBack give_back,
               ReadRoute route = ReadRoute::native);
    ~CopyReader() override;
    CopyReader(const CopyReader&) = delete;
    CopyReader& operator=(const CopyReader&) = delete;

    bool next(RowBatch& batch) override;

    /// `done` gets the digest of all rows, as the server sends them, once everything was read. Requires:
    /// before the first next(); not of text.
    void digest_rows(std::function<void(const Digest&)> done);

  private:
    void prepare(RowBatch& batch) const;
    bool decode(std::string_view message, RowBatch& batch);
    void finish();

    std::shared_ptr<session::PostgresqlSession> m_session;
    CopyDecoder m_decoder;
    std::optional<TextDecoder> m_text;  ///< Instead of it, by ReadRoute::text.
    std::string m_table;
    BatchLimits m_limits;
    GiveBack m_give_back;
    std::function<void(const Digest&)> m_digested;
    Digest m_digest;
    std::uint64_t m_ordinal = 0;
    bool m_done = false;
};

/// After the last message of a COPY … TO STDOUT. Throws: Error where the server has failed on the way.
void finish_copy(session::PostgresqlSession& session, const std::string& doing);

}  // namespace migrate::backends::postgresql
