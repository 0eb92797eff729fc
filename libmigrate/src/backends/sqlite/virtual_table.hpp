#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/schema.hpp>

#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// One row of sqlite_schema.
struct CatalogEntry {
    std::string type;
    std::string name;
    std::string table;
    std::string sql;
    bool is_virtual = false;
};

/// Names the module in the properties of a table that is a virtual table's rows.
inline constexpr const char* k_virtual_property = "virtual";

/// The shadow tables of the virtual table at this place of the catalog. SQLite tells them itself only where
/// the module is loaded: of modules that are not, by what known ones call theirs, else those that follow it
/// in the catalog and begin with its name, else (after a VACUUM, which moves it to the end) all that begin
/// so.
std::vector<std::string> shadow_tables(const std::vector<CatalogEntry>& entries, std::size_t at);

struct VirtualTableReading {
    std::string module;
    std::optional<Table> table;  ///< Its rows as a plain table, with the rowid where that is no column.
    std::string why_not;         ///< Why there is none: a sentence.
};

/// Asks the module, if it is there; reads one row to see that it works.
VirtualTableReading read_virtual_table(const session::SqliteSession& session, const std::string& name,
                                       std::string_view sql);

}  // namespace migrate::backends::sqlite
