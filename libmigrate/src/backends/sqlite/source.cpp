#include "backends/sqlite/source.hpp"

#include <algorithm>
#include <iterator>
#include <map>

#include <sqlite3.h>

#include <migrate/error.hpp>

#include "backend/schema_adopter.hpp"
#include "backends/sqlite/adopt.hpp"
#include "backends/sqlite/backup.hpp"
#include "backends/sqlite/catalog.hpp"
#include "backends/sqlite/chunking.hpp"
#include "backends/sqlite/column_profile.hpp"
#include "backends/sqlite/column_reading.hpp"
#include "backends/sqlite/column_support.hpp"
#include "backends/sqlite/fingerprint.hpp"
#include "backends/sqlite/integrity.hpp"
#include "backends/sqlite/profile_book.hpp"
#include "backends/sqlite/reader.hpp"
#include "backends/sqlite/recorded_type.hpp"
#include "backends/sqlite/snapshot.hpp"
#include "backends/sqlite/state.hpp"
#include "backends/sqlite/table_profile.hpp"
#include "backends/sqlite/value_keys.hpp"
#include "backends/sqlite/violations.hpp"
#include "session/sqlite_file.hpp"
#include "session/sqlite_hold.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {
namespace {

using backend::ColumnHint;
using session::quote_identifier;
using session::SqliteStatement;

bool names(const std::vector<QualifiedName>& list, const Table& table) {
    return std::any_of(list.begin(), list.end(),
                       [&](const QualifiedName& name) { return name.name == table.name.name; });
}

class SqliteSource final : public backend::Source, public backend::SchemaAdopter {
  public:
    SqliteSource(const Endpoint& endpoint, const backend::OpenContext& context,
                 std::shared_ptr<backend::StagedDigests> stored)
        : m_snapshot(endpoint, context), m_stored(std::move(stored)) {}

    backend::SourceInfo describe() override {
        backend::SourceInfo info;
        info.engine = "sqlite";
        info.engine_version = sqlite3_libversion();
        info.display = m_snapshot.path();
        info.snapshot_kind = m_snapshot.kind();
        for (const char* pragma : {"journal_mode", "encoding", "page_size", "page_count", "user_version"}) {
            info.facts[pragma] = session().query_text(std::string("PRAGMA main.") + pragma);
        }
        info.facts["read_only"] = session().is_read_only() ? "true" : "false";
        info.byte_size = static_cast<std::uint64_t>(session().query_integer("PRAGMA main.page_count") *
                                                    session().query_integer("PRAGMA main.page_size"));
        return info;
    }

    std::optional<std::string> provenance() override { return read_provenance(session()); }

    backend::Adoption adopt(const Schema& other, const backend::AdoptOptions& options) override {
        return sqlite::adopt(other, options);
    }

    unsigned pin_snapshot(unsigned readers) override {
        m_readers = m_snapshot.pin(std::max(readers, 1U));
        return m_readers;
    }
    void release_snapshot() override { m_snapshot.release(); }

    backend::SchemaReading read_schema(const backend::SchemaRequest& request) override {
        CatalogReading catalog = read_catalog(session(), request.virtual_tables);
        backend::SchemaReading reading{std::move(catalog.schema), std::move(catalog.findings)};
        std::erase_if(reading.schema.tables, [&](const Table& table) {
            return names(request.skip_tables, table) ||
                   (!request.only_tables.empty() && !names(request.only_tables, table));
        });
        find_book(request);
        for (Table& table : reading.schema.tables) {
            if (request.read_only_declared) {
                take_given_types(table, request);
            } else if (request.profile) {
                profile(table, request, reading);
            } else {
                decide_unread(table, request);
            }
        }
        if (request.profile && !request.read_only_declared) {
            std::vector<Finding> broken = violations(reading.schema, request);
            std::move(broken.begin(), broken.end(), std::back_inserter(reading.findings));
            std::vector<Finding> repeated = find_repeated_values(session(), reading.schema);
            std::move(repeated.begin(), repeated.end(), std::back_inserter(reading.findings));
        }
        return reading;
    }

    [[nodiscard]] std::optional<std::size_t> bound_column(const Table& table) const override {
        const std::string rowid = rowid_name(table);
        for (std::size_t i = 0; i < table.columns.size(); ++i) {
            if (table.columns[i].identity && table.columns[i].name == rowid) {
                return i;
            }
        }
        return std::nullopt;
    }

    std::vector<Chunk> chunks(const Table& table, const backend::ChunkOptions& options) override {
        std::vector<Chunk> chunks = split_table(session(), table, options);
        if (m_stored != nullptr) {
            m_stored->begin(table.name, chunks.size());
        }
        if (m_book != nullptr) {
            m_book->expect(table.name.name, chunks.size());
        }
        return chunks;
    }

    std::unique_ptr<backend::Reader> open_reader(const ScanSpec& spec) override {
        return make_reader(m_snapshot, spec, m_stored, m_book);
    }

    std::uint64_t count_rows(const Table& table) override {
        return static_cast<std::uint64_t>(session().query_integer(
            "SELECT count(*) FROM main." + quote_identifier(table.name.name), "count the rows of"));
    }

    backend::Fingerprint fingerprint() override { return fingerprint_of(session()); }

    std::vector<Finding> check(const Schema& schema) override { return check_integrity(session(), schema); }

    std::vector<backend::BrokenRule> broken_rules(const Schema& schema) override {
        return sqlite::broken_rules(session(), schema);
    }

    void backup_to(const std::string& path) override { back_up(session(), path, m_snapshot.context()); }
    void stream_backup(backend::BackupSink& sink) override {
        sqlite::stream_backup(session(), sink, m_snapshot.context());
    }

  private:
    [[nodiscard]] const session::SqliteSession& session() const { return m_snapshot.catalog(); }

    static std::vector<ColumnHint> hints_for(const Table& table, const Column& column,
                                             const backend::SchemaRequest& request) {
        std::vector<ColumnHint> hints;
        for (const ColumnHint& hint : request.hints) {
            if (hint.table.name == table.name.name && hint.column == column.name) {
                // The user's own comes first.
                hints.insert(hint.from_user ? hints.begin() : hints.end(), hint);
            }
        }
        return hints;
    }

    void count(Table& table, const backend::SchemaRequest& request) {
        if (request.count_rows) {
            table.row_estimate = count_rows(table);
            table.row_count_exact = true;
        }
    }

    void decide_unread(Table& table, const backend::SchemaRequest& request) {
        for (Column& column : table.columns) {
            const ColumnProfile nothing(column, table.properties.contains("strict"),
                                        hints_for(table, column, request));
            std::vector<Finding> none;
            decide_reading(table, column, nothing, nullptr, request.bad_text, none);
        }
        count(table, request);
    }

    void take_given_types(Table& table, const backend::SchemaRequest& request) {
        decide_unread(table, request);
        for (Column& column : table.columns) {
            for (const ColumnHint& hint : hints_for(table, column, request)) {
                column.type = hint.type;
                column.format = hint.format;
            }
        }
    }

    /// Of this state, and of just that request but for whether first rows do.
    [[nodiscard]] std::string name_of_book(const backend::SchemaRequest& request) const {
        std::string name = "sqlite profile\n" + m_snapshot.path() + "\n" + fingerprint_of(session());
        for (const ColumnHint& hint : request.hints) {
            name += "\n" + hint.table.display() + "." + hint.column + " " + to_string(hint.type) + " " +
                    hint.format + (hint.from_user ? " user" : "");
        }
        name += "\n" + request.bad_text + (request.virtual_tables ? " virtual" : "");
        for (const QualifiedName& table : request.only_tables) {
            name += "\nonly " + table.display();
        }
        for (const QualifiedName& table : request.skip_tables) {
            name += "\nskip " + table.display();
        }
        return name;
    }

    /// Which book, if any, this request reads and writes.
    void find_book(const backend::SchemaRequest& request) {
        m_has_book = false;
        if (!request.profile || request.read_only_declared || (m_book == nullptr && !request.first_rows)) {
            return;
        }
        const std::string name = name_of_book(request);
        if (request.first_rows) {
            open_book(name);
        }
        m_has_book = m_book->what() == name;
    }

    void open_book(const std::string& name) {
        const auto& memory = m_snapshot.context().memory;
        m_book = memory != nullptr ? memory->find<ProfileBook>(name) : nullptr;
        if (m_book == nullptr) {
            m_book = std::make_shared<ProfileBook>(name);
            // Of a database without a file nothing tells whether it is still as it was.
            if (memory != nullptr && !fingerprint_of(session()).empty()) {
                memory->keep(name, m_book);
            }
        }
    }

    std::vector<Finding> violations(const Schema& schema, const backend::SchemaRequest& request) const {
        if (auto known = m_has_book ? m_book->violations(request.count_orphans) : std::nullopt) {
            return std::move(*known);
        }
        std::vector<Finding> found = find_violations(session(), schema, request.count_orphans);
        if (m_has_book) {
            m_book->keep_violations(request.count_orphans, found);
        }
        return found;
    }

    /// Of a table whose first rows contradict what was hoped for all rows are looked at, more than once.
    TableProfile first_rows(const Table& table, std::vector<ColumnProfile> start,
                            const backend::SchemaRequest& request) {
        std::optional<TableProfile> first = m_book->first_rows(table.name.name);
        if (!first) {
            first = profile_first_rows(m_snapshot, table, start);
            if (!first->is_whole() && is_contradicted(table, first->columns, request)) {
                first = profile_table(m_snapshot, table, std::move(start), m_readers);
            }
            m_book->keep_first_rows(table.name.name, *first);
        }
        return std::move(*first);
    }

    static bool is_contradicted(const Table& table, const std::vector<ColumnProfile>& profiles,
                                const backend::SchemaRequest& request) {
        for (std::size_t i = 0; i < profiles.size(); ++i) {
            const auto hints = hints_for(table, table.columns[i], request);
            if (needs_support(profiles[i]) ||
                std::any_of(hints.begin(), hints.end(),
                            [&](const ColumnHint& hint) { return is_outgrown(hint, profiles[i]); })) {
                return true;
            }
        }
        return false;
    }

    TableProfile all_rows(const Table& table, std::vector<ColumnProfile> start) {
        if (auto whole = m_has_book ? m_book->whole(table.name.name) : std::nullopt) {
            profile_again(m_snapshot, table, whole->late, start, whole->profile);
            return std::move(whole->profile);
        }
        return profile_table(m_snapshot, table, std::move(start), m_readers);
    }

    void profile(Table& table, const backend::SchemaRequest& request, backend::SchemaReading& reading) {
        std::optional<ProfileBook::Decision> decision =
            m_has_book ? m_book->decision(table.name.name) : std::nullopt;
        if (!decision) {
            decision = request.first_rows
                           ? decide_by_first_rows(table, request, reading.provisional)
                           : decide_by(all_rows(table, start_of(table, request)), table, request);
        }
        table = std::move(decision->table);
        std::move(decision->findings.begin(), decision->findings.end(), std::back_inserter(reading.findings));
    }

    static std::vector<ColumnProfile> start_of(const Table& table, const backend::SchemaRequest& request) {
        const bool strict = table.properties.contains("strict");
        std::vector<ColumnProfile> start;
        for (const Column& column : table.columns) {
            start.emplace_back(column, strict, hints_for(table, column, request));
        }
        return start;
    }

    ProfileBook::Decision decide_by_first_rows(const Table& table, const backend::SchemaRequest& request,
                                               bool& provisional) {
        const TableProfile first = first_rows(table, start_of(table, request), request);
        ProfileBook::Decision decision = decide_by(first, table, request);
        const bool refused =
            std::any_of(decision.findings.begin(), decision.findings.end(),
                        [](const Finding& one) { return one.severity == Severity::blocker; });
        if (first.is_whole() || !refused) {
            provisional = provisional || !first.is_whole();
            return decision;
        }
        // What is in the way is told of all rows.
        return decide_by(profile_table(m_snapshot, table, start_of(table, request), m_readers), table,
                         request);
    }

    ProfileBook::Decision decide_by(const TableProfile& profile, const Table& table,
                                    const backend::SchemaRequest& request) {
        ProfileBook::Decision decision{table, {}};
        decide(request, profile, decision);
        if (m_has_book && profile.is_whole()) {
            m_book->keep_decision(table.name.name, decision);
        }
        return decision;
    }

    void decide(const backend::SchemaRequest& request, const TableProfile& profile,
                ProfileBook::Decision& decision) {
        Table& table = decision.table;
        table.row_estimate = profile.rows;
        table.row_count_exact = true;
        std::uint64_t bytes = 0;
        const std::vector<ColumnProfile>& profiles = profile.columns;
        std::map<std::size_t, RecordedType> recorded;
        for (std::size_t i = 0; i < profiles.size(); ++i) {
            for (const ColumnHint& hint : hints_for(table, table.columns[i], request)) {
                if (is_outgrown(hint, profiles[i])) {
                    recorded.emplace(i, hint);
                }
            }
        }
        const std::map<std::size_t, ColumnSupport> supports = count_support(table, profiles, recorded);
        for (std::size_t i = 0; i < profiles.size(); ++i) {
            bytes += profiles[i].bytes;
            const auto support = supports.find(i);
            decide_reading(table, table.columns[i], profiles[i],
                           support == supports.end() ? nullptr : &support->second, request.bad_text,
                           decision.findings);
            if (const auto outgrown = recorded.find(i); outgrown != recorded.end()) {
                decision.findings.push_back(outgrown->second.finding(table, table.columns[i]));
            }
        }
        const double part = profile.rows_read == 0
                                ? 1.0
                                : static_cast<double>(profile.rows) / static_cast<double>(profile.rows_read);
        table.byte_estimate = static_cast<std::uint64_t>(static_cast<double>(bytes) * part);
    }

    /// A second scan, of the columns alone that no hoped-for reading holds for, or not the recorded one.
    [[nodiscard]] std::map<std::size_t, ColumnSupport> count_support(
        const Table& table, const std::vector<ColumnProfile>& profiles,
        std::map<std::size_t, RecordedType>& recorded) const {
        std::map<std::size_t, ColumnSupport> supports;
        std::vector<std::size_t> scanned;
        std::string select;
        for (std::size_t i = 0; i < profiles.size(); ++i) {
            if (needs_support(profiles[i])) {
                supports.emplace(i, ColumnSupport(profiles[i]));
            }
            if (supports.contains(i) || recorded.contains(i)) {
                scanned.push_back(i);
                select += (select.empty() ? "SELECT " : ", ") + quote_identifier(table.columns[i].name);
            }
        }
        if (scanned.empty()) {
            return supports;
        }
        SqliteStatement statement(session(), select + " FROM main." + quote_identifier(table.name.name),
                                  "read table " + table.name.display() + " of");
        while (statement.step()) {
            const session::SqliteHold hold(sqlite3_db_handle(statement.handle()));
            for (std::size_t at = 0; at < scanned.size(); ++at) {
                const Cell cell = read_cell(statement.handle(), static_cast<int>(at));
                if (const auto support = supports.find(scanned[at]); support != supports.end()) {
                    support->second.add(cell);
                }
                if (const auto type = recorded.find(scanned[at]); type != recorded.end()) {
                    type->second.add(cell);
                }
            }
        }
        return supports;
    }

    Snapshot m_snapshot;
    unsigned m_readers = 1;
    std::shared_ptr<backend::StagedDigests> m_stored;
    std::shared_ptr<ProfileBook> m_book;  ///< Null unless first rows were asked for.
    bool m_has_book = false;              ///< It is that of the schema being read.
};

}  // namespace

std::unique_ptr<backend::Source> make_source(const Endpoint& endpoint, const backend::OpenContext& context,
                                             std::shared_ptr<backend::StagedDigests> stored) {
    return std::make_unique<SqliteSource>(endpoint, context, std::move(stored));
}

}  // namespace migrate::backends::sqlite
