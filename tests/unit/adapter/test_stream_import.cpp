#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include <migrate/error.hpp>
#include <migrate/row_stream.hpp>

#include "adapter/source_stream.hpp"
#include "adapter/stream_import.hpp"
#include "support/memory_backend.hpp"

namespace migrate {
namespace {

using test::InMemoryDatabase;
using test::InMemorySource;
using test::InMemoryTarget;

Column column_of(const std::string& name, TypeKind kind) {
    Column column;
    column.name = name;
    column.type = kind;
    return column;
}

/// A host's own rows: tables `letter` (id, word) and `empty` (id).
class HostStream : public RowStream {
  public:
    explicit HostStream(std::int64_t rows = 5) : m_total(rows) {
        m_schema.engine = "sqlite";
        Table& letter = m_schema.tables.emplace_back();
        letter.name.name = "letter";
        letter.columns = {column_of("id", TypeKind::int64), column_of("word", TypeKind::text)};
        Table& empty = m_schema.tables.emplace_back();
        empty.name.name = "empty";
        empty.columns = {column_of("id", TypeKind::int64)};
    }

    const Schema& schema() override { return m_schema; }
    std::optional<StreamedTable> next_table() override {
        if (m_turn == turns.size()) {
            return std::nullopt;
        }
        const std::size_t table = turns[m_turn++];
        m_row = table == 0 ? 0 : m_total;
        return StreamedTable{table, columns ? *columns : delivered_columns(m_schema.tables.at(table))};
    }
    bool next(RowBatch& batch) override {
        batch.clear();
        if (before_batch) {
            before_batch();
        }
        for (std::size_t i = 0; i < 2 && m_row < m_total; ++i, ++m_row) {
            append(batch);
        }
        return batch.row_count() > 0;
    }

    std::vector<std::size_t> turns = {1, 0};  ///< The other way round than the schema.
    std::optional<std::vector<std::size_t>> columns;
    std::function<void(RowBatch&, std::int64_t row)> append_row;  ///< Empty = two good values.
    std::function<void()> before_batch;
    Schema m_schema;

  private:
    void append(RowBatch& batch) {
        if (append_row) {
            append_row(batch, m_row);
            return;
        }
        batch.columns[0].append_fixed(m_row);
        batch.columns[1].append_bytes("word " + std::to_string(m_row));
    }

    std::int64_t m_total;
    std::size_t m_turn = 0;
    std::int64_t m_row = 0;
};

struct Import {
    std::shared_ptr<InMemoryDatabase> database = std::make_shared<InMemoryDatabase>();
    InMemoryTarget target{database};
    backend::Capabilities can;
    AdapterConfig config;
    PlanOptions options;

    MigrationResult run(RowStream& rows) {
        Endpoint endpoint;
        endpoint.engine = "memory";
        return adapter::import_stream(rows, {target, can, endpoint}, options, config);
    }
    ErrorCode code_of(RowStream& rows) {
        try {
            run(rows);
        } catch (const Error& error) {
            CAPTURE(error.what());
            CHECK(database->tables.empty());
            return error.code();
        }
        FAIL("the import went through");
        return ErrorCode::internal;
    }
};

}  // namespace

TEST_CASE("import: a host's own rows arrive, verified, with a checkpoint for each chunk", "[adapter]") {
    Import import;
    import.options.chunk_rows = 2;
    HostStream stream;
    const MigrationResult result = import.run(stream);

    CHECK(result.state == MigrationState::done);
    CHECK(result.id.size() == 12);
    CHECK(result.exit_code() == 0);
    REQUIRE(result.verification.tables.size() == 2);
    CHECK(result.verification.equal());
    REQUIRE(result.tables.size() == 2);
    CHECK(result.tables[0].source == "empty");
    CHECK(result.tables[1].committed == 5);
    const RowBatch& rows = import.database->find({"", "letter"})->rows;
    REQUIRE(rows.row_count() == 5);
    CHECK(rows.columns[0].fixed(4) == 4);
    CHECK(rows.columns[1].bytes(4) == "word 4");
    // Three chunks of `letter`, one of `empty`.
    CHECK(import.database->checkpoints.size() == 4);
}

TEST_CASE("import: an export of another database arrives whole", "[adapter]") {
    Import first;
    HostStream stream(1000);
    first.run(stream);

    Import second;
    second.config.observer = [](const MigrationEvent& event) { CHECK(event.migration.size() <= 12); };
    adapter::SourceStream exported(std::make_unique<InMemorySource>(first.database), {}, {});
    CHECK(second.run(exported).exit_code() == 0);
    CHECK(second.database->find({"", "letter"})->rows.row_count() == 1000);
    CHECK(second.database->find({"", "letter"})->rows.columns[1].bytes(999) == "word 999");
}

TEST_CASE("import: columns may come in any order, and tables may be left out", "[adapter]") {
    Import import;
    import.options.exclude = {"empt*"};
    HostStream stream;
    stream.columns = std::vector<std::size_t>{1, 0};
    stream.turns = {0};
    stream.append_row = [](RowBatch& batch, std::int64_t row) {
        batch.columns[0].append_bytes("w");
        batch.columns[1].append_fixed(row);
    };
    CHECK(import.run(stream).exit_code() == 0);
    const RowBatch& rows = import.database->find({"", "letter"})->rows;
    CHECK(rows.columns[0].fixed(1) == 1);
    CHECK(rows.columns[1].bytes(1) == "w");
    CHECK(import.database->find({"", "empty"}) == nullptr);
}

TEST_CASE("import: a stream that breaks its contract is refused and leaves nothing", "[adapter]") {
    Import import;
    HostStream stream;
    SECTION("a table without its turn") {
        stream.turns = {0};
    }
    SECTION("a table with two turns") {
        stream.turns = {0, 1, 0};
    }
    SECTION("a turn of a table that is not there") {
        stream.columns = std::vector<std::size_t>{};
        stream.m_schema.tables.pop_back();
    }
    SECTION("a column that is not delivered") {
        stream.columns = std::vector<std::size_t>{0};
    }
    SECTION("columns of different lengths") {
        stream.append_row = [](RowBatch& batch, std::int64_t row) { batch.columns[0].append_fixed(row); };
    }
    SECTION("values of another kind") {
        stream.append_row = [](RowBatch& batch, std::int64_t row) {
            batch.reset({TypeKind::int32, TypeKind::text});
            batch.columns[0].append_fixed(row);
            batch.columns[1].append_null();
        };
    }
    SECTION("a batch of changes") {
        stream.append_row = [](RowBatch& batch, std::int64_t row) {
            batch.columns[0].append_fixed(row);
            batch.columns[1].append_null();
            batch.operations.assign(batch.row_count(), RowOperation::remove);
        };
    }
    CHECK(import.code_of(stream) == ErrorCode::usage);
}

TEST_CASE("import: a rejected row, a failing stream or target ends it with nothing shown", "[adapter]") {
    Import import;
    HostStream stream;
    ErrorCode expected = ErrorCode::row;
    SECTION("rejected") {
        stream.append_row = [](RowBatch& batch, std::int64_t row) {
            batch.rejects.push_back({static_cast<std::uint64_t>(row), "", "word", "is no text", ""});
            batch.columns[0].append_fixed(row);
            batch.columns[1].append_null();
        };
    }
    SECTION("the stream fails") {
        expected = ErrorCode::connection_lost;
        stream.before_batch = [] { throw Error(ErrorCode::connection_lost, "gone"); };
    }
    SECTION("a write fails") {
        expected = ErrorCode::resource;
        import.target.faults.fail_write = 1;
        import.target.faults.code = ErrorCode::resource;
    }
    SECTION("a commit fails") {
        expected = ErrorCode::resource;
        import.target.faults.fail_commit_before = 0;
        import.target.faults.code = ErrorCode::resource;
    }
    SECTION("stopped") {
        expected = ErrorCode::cancelled;
        auto stop = std::make_shared<std::stop_source>();
        import.config.stop = stop->get_token();
        stream.before_batch = [stop] { stop->request_stop(); };
    }
    CHECK(import.code_of(stream) == expected);
}

TEST_CASE("import: tables that exist are refused and stay", "[adapter]") {
    Import import;
    HostStream first;
    import.run(first);
    HostStream second;
    try {
        import.run(second);
        FAIL("imported over what was there");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::refused);
        CHECK_THAT(error.what(), Catch::Contains("letter"));
    }
    CHECK(import.database->find({"", "letter"})->rows.row_count() == 5);
}

TEST_CASE("import: what is read back otherwise than it was sent is a difference", "[adapter]") {
    /// Loses a row between the last commit and the read-back.
    class LosingTarget : public InMemoryTarget {
      public:
        using InMemoryTarget::InMemoryTarget;
        std::unique_ptr<backend::Source> open_staging() override {
            database().find({"", "letter"})->rows.columns[0].pop_back();
            database().find({"", "letter"})->rows.columns[1].pop_back();
            return InMemoryTarget::open_staging();
        }
    };
    Import import;
    LosingTarget target(import.database);
    HostStream stream;
    Endpoint endpoint;
    try {
        adapter::import_stream(stream, {target, import.can, endpoint}, {}, {});
        FAIL("a lost row went unseen");
    } catch (const Error& error) {
        CHECK(error.code() == ErrorCode::differs);
    }
    CHECK(import.database->tables.empty());
}

TEST_CASE("import: an undecided cutover is left alone", "[adapter]") {
    class UndecidedTarget : public InMemoryTarget {
      public:
        using InMemoryTarget::InMemoryTarget;
        std::vector<Finding> cutover(const backend::Account& /*account*/) override {
            throw CommitUnknownError(ErrorCode::connection_lost, "the answer was lost");
        }
    };
    Import import;
    UndecidedTarget target(import.database);
    HostStream stream;
    CHECK_THROWS_AS(adapter::import_stream(stream, {target, import.can, Endpoint()}, {}, {}),
                    CommitUnknownError);
    CHECK(import.database->tables.size() == 2);
}

TEST_CASE("export: rows that the reader does not deliver are missed", "[adapter]") {
    class ShortSource : public InMemorySource {
      public:
        using InMemorySource::InMemorySource;
        std::uint64_t count_rows(const Table& table) override {
            return InMemorySource::count_rows(table) + 1;
        }
    };
    Import import;
    HostStream stream;
    import.run(stream);
    adapter::SourceStream exported(std::make_unique<ShortSource>(import.database), {}, {});
    const auto turn = exported.next_table();
    REQUIRE(turn);
    RowBatch batch = batch_for(exported.schema(), *turn);
    CHECK_THROWS_AS(
        [&] {
            while (exported.next(batch)) {
            }
        }(),
        Error);
}

TEST_CASE("export: a table that is not there is told at once", "[adapter]") {
    ExportOptions options;
    options.tables = {"no_such*"};
    CHECK_THROWS_AS(adapter::SourceStream(
                        std::make_unique<InMemorySource>(std::make_shared<InMemoryDatabase>()), options, {}),
                    Error);
}

}  // namespace migrate
