#include "adapter/table_writer.hpp"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "model/canonical.hpp"
#include "util/printable.hpp"

namespace migrate::adapter {
namespace {

constexpr std::uint64_t k_chunk_bytes = 64ULL * 1024 * 1024;

[[noreturn]] void fail_shape(const Table& table, const std::string& what) {
    ErrorFacts facts{.code = ErrorCode::usage};
    facts.table = table.name.display();
    facts.next_step = "Mend the stream: batch_for() makes a batch of the right shape.";
    throw Error(facts,
                fmt::format("The stream's rows of table {} do not fit its schema: {}.", facts.table, what));
}

[[noreturn]] void refuse(const Table& table, const RejectedRow& row) {
    ErrorFacts facts{.code = ErrorCode::row};
    facts.table = table.name.display();
    facts.column = row.column;
    facts.row = row.ordinal;
    facts.next_step = "Mend the row, or give its column another type.";
    throw Error(facts,
                fmt::format("Table {}, row {}{}: {}.", facts.table, row.ordinal,
                            row.column.empty() ? "" : ", column " + util::printable(row.column), row.reason));
}

}  // namespace

TableWriter::TableWriter(const MigrationPlan& plan, const TablePlan& table, const StreamedTable& turn,
                         backend::Writer& writer, std::string owner)
    : m_plan(plan), m_table(table), m_writer(writer), m_owner(std::move(owner)) {
    m_chunk_digest.algorithm = digest_algorithm_of(plan.options.level);
    std::vector<LogicalType> from;
    std::vector<LogicalType> to;
    std::vector<std::string> names;
    for (const std::size_t column : turn.columns) {
        if (column >= source().columns.size()) {
            fail_shape(source(), fmt::format("there is no column {}", column));
        }
        m_delivered.push_back(source().columns[column].type.kind);
    }
    for (const ColumnPlan& column : table.columns) {
        const auto found = std::ranges::find(turn.columns, column.source);
        if (found == turn.columns.end()) {
            fail_shape(source(), fmt::format("column {} is not delivered",
                                             util::printable(source().columns[column.source].name)));
        }
        m_positions.push_back(static_cast<std::size_t>(found - turn.columns.begin()));
        from.push_back(source().columns[column.source].type);
        to.push_back(plan.target.tables[table.target].columns[column.target].type);
        names.push_back(source().columns[column.source].name);
    }
    m_transform = mapping::Transform(std::move(from), std::move(to), std::move(names));
}

void TableWriter::check_shape(const RowBatch& batch) const {
    if (batch.columns.size() != m_delivered.size()) {
        fail_shape(source(), fmt::format("a batch has {} columns instead of {}", batch.columns.size(),
                                         m_delivered.size()));
    }
    if (!batch.operations.empty()) {
        fail_shape(source(), "a batch of changes came where only new rows can be taken");
    }
    for (std::size_t i = 0; i < batch.columns.size(); ++i) {
        if (batch.columns[i].size() != batch.row_count()) {
            fail_shape(source(), fmt::format("column {} of a batch has {} values for {} rows", i,
                                             batch.columns[i].size(), batch.row_count()));
        }
        if (batch.columns[i].kind() != m_delivered[i]) {
            fail_shape(source(), fmt::format("column {} of a batch holds {} instead of {}", i,
                                             to_string(batch.columns[i].kind()), to_string(m_delivered[i])));
        }
    }
}

void TableWriter::write(RowBatch& batch) {
    check_shape(batch);
    RowBatch out;
    out.bare_rows = batch.row_count();
    out.first_ordinal = m_rows;
    out.rejects = std::move(batch.rejects);
    for (const std::size_t position : m_positions) {
        // Each position occurs once: the plan copies a column into one column.
        out.columns.push_back(std::move(batch.columns[position]));
    }
    m_transform.apply(out);
    if (!out.rejects.empty()) {
        refuse(source(), out.rejects.front());
    }
    if (m_transaction == nullptr) {
        begin_chunk();
    }
    try {
        m_transaction->write(out);
    } catch (const Error& error) {
        if (error.code() != ErrorCode::row) {
            throw;
        }
        ErrorFacts facts = error.facts();
        facts.table = source().name.display();
        if (facts.row) {
            facts.row = *facts.row + m_rows;
        }
        throw Error(facts, error.what());
    }
    model::digest_rows(out, m_chunk_digest);
    m_chunk_rows += out.row_count();
    m_chunk_bytes += out.byte_size();
    m_rows += out.row_count();
    m_bytes += out.byte_size();
    if (m_transform.is_identity()) {
        for (std::size_t i = 0; i < m_positions.size(); ++i) {
            batch.columns[m_positions[i]] = std::move(out.columns[i]);
        }
    } else {
        batch.reset(m_delivered);
    }
    if (m_chunk_rows >= m_plan.options.chunk_rows || m_chunk_bytes >= k_chunk_bytes) {
        commit_chunk();
    }
}

void TableWriter::begin_chunk() {
    m_chunk.first = static_cast<std::int64_t>(m_rows);
    m_transaction = m_writer.begin({m_plan.id, m_owner, 1, m_table.target, m_chunk}, WriteMode::append);
}

void TableWriter::commit_chunk() {
    m_chunk.last = static_cast<std::int64_t>(m_rows) - 1;
    m_transaction->record(
        {m_plan.id, m_plan.target.tables[m_table.target].name, m_chunk, m_chunk_rows, 0, m_chunk_digest});
    m_transaction->commit();
    m_transaction.reset();
    m_digest.merge(m_chunk_digest);
    m_chunk_digest = Digest{m_chunk_digest.algorithm};
    m_chunk_rows = 0;
    m_chunk_bytes = 0;
    ++m_chunk.index;
}

void TableWriter::finish() {
    if (m_transaction == nullptr && m_chunk.index == 0) {
        // An empty table has its checkpoint too.
        begin_chunk();
    }
    if (m_transaction != nullptr) {
        commit_chunk();
    }
}

}  // namespace migrate::adapter
