#pragma once

#include <memory>
#include <string>
#include <vector>

#include "backends/json/json_target.hpp"

namespace migrate::test {

/// An endpoint of a path; `options` as in a URI's query.
Endpoint json_endpoint(const std::string& path, std::map<std::string, std::string> options = {});

/// A table of these columns, all nullable.
Table make_table(const std::string& name, const std::vector<std::pair<std::string, LogicalType>>& columns);

/// A batch of the table's kinds, empty.
RowBatch make_batch(const Table& table);

/// Plans, stages and shows one migration of these tables, each with its one batch, in one chunk.
void migrate_into(backend::Target& target, const std::string& id, const std::vector<Table>& tables,
                  const std::vector<RowBatch>& batches, const std::string& provenance = R"({"note":"x"})");

/// Every row of a table, each value as text: "NULL" or the bytes (in hexadecimal where not printable), parted
/// by '|'.
std::vector<std::string> rows_of(backend::Source& source, const Table& table, BatchLimits limits = {},
                                 std::vector<RejectedRow>* rejects = nullptr);

/// The rows of a batch in the same spelling.
std::vector<std::string> rows_of(const RowBatch& batch);

/// Every table of a source, "table: column type, …".
std::string describe(const Schema& schema);

}  // namespace migrate::test
