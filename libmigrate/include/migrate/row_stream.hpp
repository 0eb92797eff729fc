#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include <migrate/export.hpp>
#include <migrate/finding.hpp>
#include <migrate/row_batch.hpp>
#include <migrate/schema.hpp>
#include <migrate/version.hpp>

MIGRATE_NAMESPACE_BEGIN

/// One table's turn in a RowStream.
struct StreamedTable {
    std::size_t table = 0;             ///< Index into the schema's tables.
    std::vector<std::size_t> columns;  ///< What each column of the batches is: indexes into its columns.
};

/// A whole database on its way: its schema, then every table's rows once, in one consistent state. What
/// MigrationAdapter::export_data gives and import_data takes; a host derives from it to feed rows of its own.
/// Used by one thread.
///
///     while (const auto turn = stream.next_table()) {
///         while (stream.next(batch)) { … }
///     }
class MIGRATE_EXPORT RowStream {
  public:
    virtual ~RowStream();

    /// Valid until: the stream ends. A table needs a name and columns with name and type; keys, indexes and
    /// the rest as far as they are known. Expressions are in the dialect that Schema::engine names.
    virtual const Schema& schema() = 0;

    /// Turns to another table, also before the last one's rows were all read; nullopt after the last. Every
    /// table of the schema has one turn, in any order.
    virtual std::optional<StreamedTable> next_table() = 0;

    /// The next rows of the table whose turn it is, false when there are no more. Requires: a batch that
    /// batch_for() made for this turn, or that an earlier call filled. Its former content is dropped; each
    /// column holds values of its column's TypeKind (see LogicalType for their form). Throws: Error.
    virtual bool next(RowBatch& batch) = 0;

    /// What is worth knowing of the schema: objects that are not in it, readings that were ambiguous.
    [[nodiscard]] virtual std::vector<Finding> findings() const;
};

/// The columns a stream has to deliver: all but those the engine makes itself and hidden ones.
[[nodiscard]] MIGRATE_EXPORT std::vector<std::size_t> delivered_columns(const Table& table);

/// An empty batch with the columns of this turn.
[[nodiscard]] MIGRATE_EXPORT RowBatch batch_for(const Schema& schema, const StreamedTable& turn);

MIGRATE_NAMESPACE_END
