#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include <migrate/chunk.hpp>
#include <migrate/finding.hpp>
#include <migrate/schema.hpp>

#include "backends/sqlite/profile_parts.hpp"
#include "backends/sqlite/table_profile.hpp"

namespace migrate::backends::sqlite {

/// What is known of the values of one state of a database: of each table its first rows, and of those that
/// are loaded with ScanSpec::profile, in the end all of them. Shared by the source that a plan was made from
/// and the one that the plan is run from. Thread-safe.
class ProfileBook {
  public:
    /// `what`: of which state of which database, and how that is to be read.
    explicit ProfileBook(std::string what) : m_what(std::move(what)) {}

    [[nodiscard]] const std::string& what() const noexcept { return m_what; }

    /// Nullopt where nothing was kept.
    [[nodiscard]] std::optional<TableProfile> first_rows(const std::string& table) const;
    void keep_first_rows(const std::string& table, TableProfile first);

    /// A load of the table begins, in so many chunks: what an earlier one has added is forgotten.
    void expect(const std::string& table, std::size_t chunks);
    /// For the reader of one chunk. Nullopt where there is nothing left to find out.
    [[nodiscard]] std::optional<std::vector<ColumnProfile>> fork(const std::string& table) const;
    /// A chunk that was read to its end. One that is read again says the same.
    void add(const std::string& table, std::size_t chunk, const std::vector<ColumnProfile>& part);

    struct Whole {
        TableProfile profile;
        std::vector<std::size_t> late;  ///< Columns to be read once more: ProfileParts::late().
    };
    /// Nullopt where a part is missing.
    [[nodiscard]] std::optional<Whole> whole(const std::string& table) const;

    /// What all values of a table have decided.
    struct Decision {
        Table table;
        std::vector<Finding> findings;
    };
    [[nodiscard]] std::optional<Decision> decision(const std::string& table) const;
    void keep_decision(const std::string& table, Decision decision);

    /// Rows that break the schema's own rules, as they were found; `orphans`: with those of foreign keys.
    [[nodiscard]] std::optional<std::vector<Finding>> violations(bool orphans) const;
    void keep_violations(bool orphans, const std::vector<Finding>& findings);

  private:
    struct Entry {
        TableProfile first;
        std::size_t chunks = 0;
        std::set<std::size_t> added;
        std::unique_ptr<ProfileParts> parts;
    };

    const std::string m_what;
    mutable std::mutex m_mutex;  ///< Guards all below.
    std::map<std::string, Entry> m_tables;
    std::map<std::string, Decision> m_decisions;
    std::map<bool, std::vector<Finding>> m_violations;
};

/// What the reader of one chunk adds to the book; nothing where that is not asked for.
class ChunkProfile {
  public:
    ChunkProfile(std::shared_ptr<ProfileBook> book, const ScanSpec& spec);

    /// A row's cells, in the order of the scan's columns.
    void add(const std::vector<Cell>& cells) {
        for (std::size_t i = 0; i < m_columns.size(); ++i) {
            m_profiles[m_columns[i]].add(cells[i]);
        }
    }
    /// The chunk was read to its end.
    void finish();

  private:
    std::shared_ptr<ProfileBook> m_book;
    std::string m_table;
    std::size_t m_chunk = 0;
    std::vector<std::size_t> m_columns;
    std::vector<ColumnProfile> m_profiles;
};

}  // namespace migrate::backends::sqlite
