#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/schema.hpp>

#include "backends/json/nesting.hpp"
#include "backends/json/sorted_spill.hpp"

namespace migrate::backends::json {

/// Writes staged tables as nested documents, a file for each table at the top and for the rows of others that
/// refer to no row. From the top table downwards each table's rows are sorted by what they refer to, joined
/// with where those stand, and sorted by that; then all are merged as they are written. Rows come in the
/// order of their primary keys, or of their text without one, so the same rows give the same files. Memory:
/// some megabytes in all, whatever the size of a table or a document; all else waits in temporary files.
class NestedWriter {
  public:
    /// `file_of`: where a table's rows are staged. `temporary`: a directory for temporary files.
    NestedWriter(const Schema& schema, std::function<std::string(std::size_t table)> file_of,
                 std::string temporary);

    /// For each table the name of its file in the directory; empty where all of its rows are nested. Durable
    /// but for the directory's own name.
    std::vector<std::string> write(const std::string& directory);

  private:
    struct StagedRow;
    class Output;

    void read_rows(std::size_t table, const std::function<void(StagedRow&& row)>& visit) const;
    void find_places(std::size_t table);
    void give_paths(std::size_t table, SortedSpill& ordered);
    void join(std::size_t table, SortedSpill& rows, SortedSpill& ordered);
    void write_file(std::size_t table, const std::string& path);
    void write_row(std::size_t table, Output& out);
    std::string order_of(const Table& table, const std::vector<std::string_view>& values,
                         std::string_view whole) const;

    const Schema& m_schema;
    std::vector<NestNode> m_nodes;
    std::function<std::string(std::size_t)> m_file_of;
    std::string m_temporary;
    std::size_t m_sort_bytes;
    std::vector<SortedSpill> m_rows;  // by table: the rows with their paths
    std::vector<SortedSpill> m_keys;  // by table: what its rows may refer to in its parent, with their paths
    std::vector<bool> m_has_file;
};

}  // namespace migrate::backends::json
