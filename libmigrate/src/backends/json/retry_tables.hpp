#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "backend/target.hpp"
#include "backends/json/growing_table.hpp"
#include "backends/json/layout.hpp"
#include "backends/json/row_rules.hpp"

namespace migrate::backends::json {

/// The tables of a database in JSON that rows are retried into, and those that these refer to. Tables are
/// indexes into the plan's schema. Not thread-safe.
class RetryTables {
  public:
    /// A table that rows may go into, and what they must keep to.
    struct Entry {
        GrowingTable& table;
        RowRules& rules;
    };

    /// `path`: of the database, whose manifest and contents (of layout `file`) these are. `directory`: where
    /// temporary files are made. All but the strings is borrowed.
    RetryTables(std::string path, Layout layout, const Manifest& manifest, const FileContents& contents,
                const backend::TargetPlan& plan, std::string directory, EncodeOptions options);

    /// Rows will be tried for the table. Requires: no enter() yet.
    void add(std::size_t table);
    /// Reads what is there, the first time. Throws: Error{row} where it takes no rows.
    Entry enter(std::size_t table);
    /// Those that have changed, by file or member.
    [[nodiscard]] std::map<std::string, GrowingTable*> grown() const;
    /// Puts into the manifest what they have by now. What others had changed before must not look like the
    /// migration's: of such tables it stays as it was.
    void account(Manifest& manifest) const;

  private:
    /// A table that is shown.
    struct Shown {
        std::unique_ptr<GrowingTable> table;
        bool was_looked_at = false;
        bool is_own = false;  // its rows are what the manifest has the digest of
        std::string damage;
    };
    /// One of the plan's.
    struct Growth {
        Shown* shown = nullptr;
        std::optional<RowRules> rules;
        std::vector<Shown*> others;  // that its rows refer to
        std::string refused;
    };

    Shown* shown(const QualifiedName& name);
    [[nodiscard]] RowRange range_of(const ManifestTable& table) const;
    void look(Shown& one);

    std::string m_path;
    Layout m_layout;
    const Manifest& m_manifest;
    const FileContents& m_contents;
    const backend::TargetPlan& m_plan;
    std::string m_directory;
    EncodeOptions m_options;
    std::vector<Shown> m_shown;  // by the manifest's tables
    std::map<std::size_t, Growth> m_growth;
};

}  // namespace migrate::backends::json
