#include "adapter/source_stream.hpp"

#include <utility>

#include <fmt/format.h>

#include <migrate/error.hpp>
#include <migrate/plan_options.hpp>

#include "backend/table_holder.hpp"
#include "mapping/selection.hpp"
#include "plan/planner.hpp"

namespace migrate::adapter {

SourceStream::SourceStream(std::unique_ptr<backend::Source> source, const ExportOptions& options,
                           std::stop_token stop)
    : m_source(std::move(source)), m_limits(options.limits), m_stop(std::move(stop)) {
    PlanOptions selection;
    selection.tables = options.tables;
    selection.exclude = options.exclude;
    selection.bad_text = options.bad_text;
    backend::hold_tables(*m_source, mapping::selection_of(selection));
    m_source->pin_snapshot(1);
    plan::SourceReading reading = plan::read_source(*m_source, selection);
    m_schema = std::move(reading.schema);
    m_findings = std::move(reading.findings);
}

SourceStream::~SourceStream() {
    m_reader.reset();
    try {
        m_source->release_snapshot();
    } catch (const Error&) {
        // Nothing was written, and the session ends with the source.
    }
}

std::optional<StreamedTable> SourceStream::next_table() {
    m_reader.reset();
    m_turn.reset();
    if (m_next_table == m_schema.tables.size()) {
        return std::nullopt;
    }
    StreamedTable turn{m_next_table++, {}};
    const std::vector<Column>& columns = m_schema.tables[turn.table].columns;
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (!columns[i].hidden) {
            turn.columns.push_back(i);
        }
    }
    m_turn = std::move(turn);
    m_chunks = m_source->chunks(table(), {});
    m_next_chunk = 0;
    m_rows = 0;
    return m_turn;
}

bool SourceStream::next(RowBatch& batch) {
    if (!m_turn) {
        throw Error(ErrorCode::usage, "next() was called before next_table(), or after it had ended.");
    }
    for (;;) {
        if (m_stop.stop_requested()) {
            throw Error(ErrorCode::cancelled, "Stopped as asked.");
        }
        if (m_reader == nullptr) {
            if (m_next_chunk == m_chunks.size()) {
                check_count();
                batch.clear();
                return false;
            }
            open_chunk();
        }
        const bool more = m_reader->next(batch);
        const std::size_t rows = batch.row_count() + batch.rejects.size();
        batch.first_ordinal = m_rows;
        m_rows += rows;
        if (!more) {
            m_reader.reset();
        }
        if (rows > 0) {
            return true;
        }
    }
}

void SourceStream::open_chunk() {
    ScanSpec spec;
    spec.table = &table();
    spec.columns = m_turn->columns;
    spec.chunk = m_chunks[m_next_chunk++];
    spec.limits = m_limits;
    m_reader = m_source->open_reader(spec);
}

void SourceStream::check_count() {
    const std::uint64_t counted = m_source->count_rows(table());
    if (counted != m_rows) {
        ErrorFacts facts{.code = ErrorCode::differs};
        facts.table = table().name.display();
        facts.next_step = "Check the database's integrity; nothing that was read of it can be trusted.";
        throw Error(facts, fmt::format("Table {} has {} rows by its engine's count, but {} were read.",
                                       facts.table, counted, m_rows));
    }
}

}  // namespace migrate::adapter
