#include "support/memory_backend.hpp"

#include <algorithm>
#include <utility>

namespace migrate::test {
namespace {

std::vector<TypeKind> kinds_of(const Table& table) {
    std::vector<TypeKind> kinds;
    for (const Column& column : table.columns) {
        kinds.push_back(column.type.kind);
    }
    return kinds;
}

std::vector<std::size_t> all_columns(const RowBatch& batch) {
    std::vector<std::size_t> columns(batch.columns.size());
    for (std::size_t i = 0; i < columns.size(); ++i) {
        columns[i] = i;
    }
    return columns;
}

class InMemoryReader : public backend::Reader {
  public:
    InMemoryReader(const InMemoryTable& table, const ScanSpec& spec, const InMemorySource& source)
        : m_table(table),
          m_columns(spec.columns),
          m_chunk(spec.chunk),
          m_source(source),
          m_batch_rows(std::min(k_batch_rows, spec.limits.max_rows)) {
        m_at = m_chunk.kind == ChunkKind::whole ? 0 : static_cast<std::size_t>(m_chunk.first);
        const std::size_t rows = table.rows.row_count();
        m_end = m_chunk.kind == ChunkKind::whole ? rows
                                                 : std::min(rows, static_cast<std::size_t>(m_chunk.last) + 1);
    }

    bool next(RowBatch& batch) override {
        if (m_source.before_batch) {
            m_source.before_batch();
        }
        batch.clear();
        for (std::size_t n = 0; n < m_batch_rows && m_at < m_end; ++n, ++m_at, ++m_ordinal) {
            const std::string why = m_source.misfit ? m_source.misfit(m_table, m_at) : "";
            if (why.empty()) {
                append_row(m_table.rows, m_at, m_columns, batch);
            } else {
                RejectedRow& reject = batch.rejects.emplace_back();
                reject.ordinal = m_ordinal;
                reject.column = "word";
                reject.reason = why;
                reject.row = "{\"at\":" + std::to_string(m_at) + "}";
            }
        }
        return batch.rows_read() > 0;
    }

  private:
    static constexpr std::size_t k_batch_rows = 16;
    const InMemoryTable& m_table;
    std::vector<std::size_t> m_columns;
    Chunk m_chunk;
    const InMemorySource& m_source;
    std::size_t m_batch_rows;
    std::uint64_t m_ordinal = 0;
    std::size_t m_at = 0;
    std::size_t m_end = 0;
};

bool is_turn(int fault, int count) {
    return fault >= 0 && fault == count;
}

class InMemoryTransaction : public backend::TargetTransaction {
  public:
    InMemoryTransaction(InMemoryTarget& target, InMemoryTable& table, std::uint32_t chunk)
        : m_target(target), m_table(table), m_chunk(chunk) {
        m_rows.reset(kinds_of(table.table));
    }

    void write(const RowBatch& batch) override {
        {
            const std::scoped_lock lock(m_target.database().mutex);
            if (is_turn(m_target.faults.fail_write, m_target.writes++)) {
                throw Error(m_target.faults.code, "the write was made to fail");
            }
        }
        refuse_rows(batch);
        const auto columns = all_columns(batch);
        for (std::size_t row = 0; row < batch.row_count(); ++row) {
            append_row(batch, row, columns, m_rows);
        }
    }
    void write_dead_letter(const QualifiedName& table, const RejectedRow& row) override {
        m_letters.push_back(
            {table.display(), m_chunk, row.ordinal, row.key, row.column, row.reason, row.row});
    }
    void record(const Checkpoint& checkpoint) override { m_checkpoint = checkpoint; }
    void commit() override {
        const std::scoped_lock lock(m_target.database().mutex);
        const int turn = m_target.commits++;
        if (is_turn(m_target.faults.fail_commit_before, turn)) {
            throw Error(m_target.faults.code, "the commit was made to fail");
        }
        const auto columns = all_columns(m_rows);
        for (std::size_t row = 0; row < m_rows.row_count(); ++row) {
            append_row(m_rows, row, columns, m_table.rows);
        }
        m_target.database().checkpoints.push_back(m_checkpoint);
        auto& letters = m_target.database().dead_letters;
        letters.insert(letters.end(), m_letters.begin(), m_letters.end());
        if (is_turn(m_target.faults.fail_commit_after, turn)) {
            throw CommitUnknownError(ErrorCode::connection_lost, "the answer to the commit was lost");
        }
    }

  private:
    void refuse_rows(const RowBatch& batch) const {
        for (std::size_t row = 0; m_target.refuse && row < batch.row_count(); ++row) {
            if (const auto refusal = m_target.refuse(batch, row)) {
                ErrorFacts facts;
                facts.code = ErrorCode::row;
                facts.column = refusal->column;
                if (refusal->row_is_named) {
                    facts.row = row;
                }
                throw Error(facts, "memory does not like the row");
            }
        }
    }

    InMemoryTarget& m_target;
    InMemoryTable& m_table;
    std::uint32_t m_chunk;
    RowBatch m_rows;
    std::vector<DeadLetter> m_letters;
    Checkpoint m_checkpoint;
};

class InMemoryWriter : public backend::Writer {
  public:
    explicit InMemoryWriter(InMemoryTarget& target) : m_target(target) {}

    std::unique_ptr<backend::TargetTransaction> begin(const ChunkClaim& claim, WriteMode /*mode*/) override {
        return std::make_unique<InMemoryTransaction>(m_target, m_target.database().tables[claim.table],
                                                     claim.chunk.index);
    }
    std::optional<Checkpoint> find_checkpoint(const ChunkClaim& claim) override {
        const std::scoped_lock lock(m_target.database().mutex);
        const QualifiedName& name = m_target.schema().tables[claim.table].name;
        for (const Checkpoint& checkpoint : m_target.database().checkpoints) {
            if (checkpoint.table == name && checkpoint.chunk == claim.chunk) {
                return checkpoint;
            }
        }
        return std::nullopt;
    }

  private:
    InMemoryTarget& m_target;
};

}  // namespace

InMemoryTable* InMemoryDatabase::find(const QualifiedName& name) {
    const auto it = std::find_if(tables.begin(), tables.end(),
                                 [&](const InMemoryTable& t) { return t.table.name == name; });
    return it == tables.end() ? nullptr : &*it;
}

void append_row(const RowBatch& from, std::size_t row, const std::vector<std::size_t>& columns,
                RowBatch& to) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        const ColumnVector& column = from.columns[columns[i]];
        if (column.is_null(row)) {
            to.columns[i].append_null();
        } else if (column.layout() == ValueLayout::fixed) {
            to.columns[i].append_fixed(column.fixed(row));
        } else {
            to.columns[i].append_bytes(column.bytes(row));
        }
    }
}

backend::SourceInfo InMemorySource::describe() {
    backend::SourceInfo info;
    info.engine = "memory";
    info.display = "memory";
    info.snapshot_kind = "memory does not change";
    return info;
}

backend::SchemaReading InMemorySource::read_schema(const backend::SchemaRequest& request) {
    backend::SchemaReading reading;
    reading.schema.engine = "memory";
    for (const InMemoryTable& table : m_database->tables) {
        const auto& skip = request.skip_tables;
        if (std::find(skip.begin(), skip.end(), table.table.name) != skip.end()) {
            continue;
        }
        Table& copy = reading.schema.tables.emplace_back(table.table);
        copy.row_estimate = table.rows.row_count();
    }
    return reading;
}

std::vector<Chunk> InMemorySource::chunks(const Table& table, const backend::ChunkOptions& /*options*/) {
    const std::size_t rows = m_database->find(table.name)->rows.row_count();
    std::vector<Chunk> chunks;
    for (std::size_t at = 0; at == 0 || at < rows; at += m_chunk_rows) {
        Chunk chunk;
        chunk.kind = ChunkKind::rowid_range;
        chunk.index = static_cast<std::uint32_t>(chunks.size());
        chunk.first = static_cast<std::int64_t>(at);
        chunk.last = static_cast<std::int64_t>(at + m_chunk_rows - 1);
        chunks.push_back(chunk);
    }
    return chunks;
}

std::unique_ptr<backend::Reader> InMemorySource::open_reader(const ScanSpec& spec) {
    return std::make_unique<InMemoryReader>(*m_database->find(spec.table->name), spec, *this);
}

std::uint64_t InMemorySource::count_rows(const Table& table) {
    return m_database->find(table.name)->rows.row_count();
}

void InMemorySource::backup_to(const std::string& path) {
    throw Error(ErrorCode::unsupported, "memory cannot be copied to " + path);
}

backend::SourceInfo InMemoryTarget::describe() {
    return InMemorySource(m_database).describe();
}

std::vector<QualifiedName> InMemoryTarget::existing_tables() {
    std::vector<QualifiedName> names;
    for (const InMemoryTable& table : m_database->tables) {
        names.push_back(table.table.name);
    }
    return names;
}

backend::Adoption InMemoryTarget::adopt(const Schema& source, const backend::AdoptOptions& /*options*/) {
    return {source, {}};
}

std::vector<Finding> InMemoryTarget::preflight(const backend::TargetPlan& /*plan*/, std::uint64_t /*bytes*/) {
    std::vector<Finding> findings;
    for (const InMemoryTable& table : m_database->tables) {
        findings.push_back(
            {Severity::blocker, "table-exists", "table " + table.table.name.display(), "exists", {}, 0});
    }
    return findings;
}

std::vector<std::string> InMemoryTarget::sql(const backend::TargetPlan& plan) {
    return {"remember " + std::to_string(plan.schema.tables.size()) + " tables"};
}

void InMemoryTarget::begin(const backend::TargetPlan& plan) {
    m_schema = plan.schema;
    for (const Table& table : plan.schema.tables) {
        InMemoryTable& made = m_database->tables.emplace_back();
        made.table = table;
        made.rows.reset(kinds_of(table));
    }
}

std::unique_ptr<backend::Writer> InMemoryTarget::open_writer() {
    return std::make_unique<InMemoryWriter>(*this);
}

void InMemoryTarget::dead_letters(const std::string& /*migration*/,
                                  const std::function<void(const DeadLetter&)>& take) {
    for (const DeadLetter& letter : m_database->dead_letters) {
        take(letter);
    }
}

std::unique_ptr<backend::Source> InMemoryTarget::open_staging() {
    return std::make_unique<InMemorySource>(m_database);
}

}  // namespace migrate::test
