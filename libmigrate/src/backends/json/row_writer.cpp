#include "backends/json/row_writer.hpp"

#include <migrate/error.hpp>

#include "backends/json/dead_letter_file.hpp"
#include "io/directory.hpp"
#include "util/kill_point.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_flush_bytes = std::size_t{1} << 18U;
// The disk works while rows are still being written, so that a chunk's sync is short.
constexpr std::uint64_t k_writeback_bytes = std::uint64_t{1} << 23U;

[[noreturn]] void throw_unsupported(const std::string& what) {
    ErrorFacts facts;
    facts.code = ErrorCode::unsupported;
    facts.backend = "json";
    throw Error(std::move(facts), what);
}

class RowTransaction : public backend::TargetTransaction {
  public:
    RowTransaction(Staging& staging, const Table& table, const ChunkClaim& claim, EncodeOptions options)
        : m_fence(staging.hold(claim.epoch)),
          m_staging(staging),
          m_table(staging.table(claim.table)),
          m_keys(staging.written_keys()),
          m_index(claim.table),
          m_chunk(claim.chunk.index),
          m_encoder(table, options),
          m_file(io::File::reopen_at(m_table.path(), m_table.size())) {
        if (m_keys != nullptr) {
            m_keys->begin(m_index, table, m_table.rows());
        }
    }

    ~RowTransaction() override {
        if (!m_committed) {
            m_table.roll_back();
            if (m_keys != nullptr) {
                m_keys->forget(m_index);
            }
        }
    }

    void write(const RowBatch& batch) override {
        if (!batch.operations.empty()) {
            throw_unsupported("a JSON target takes new rows only, no updates and deletions");
        }
        const std::size_t rows = batch.row_count();
        backend::WriteTimer timer(m_times);
        for (std::size_t row = 0; row < rows; ++row) {
            m_encoder.append_row(batch, row, m_buffer);
            if (m_buffer.size() >= k_flush_bytes) {
                timer.encoded();
                flush();
                timer.sent();
            }
        }
        timer.encoded();
        m_rows += rows;
        if (m_keys != nullptr) {
            m_keys->add(batch);
        }
    }

    void write_dead_letter(const QualifiedName& table, const RejectedRow& row) override {
        append_dead_letter(
            {table.display(), m_chunk, row.ordinal, row.key, row.column, row.reason, row.row, row.kept},
            m_dead_letters);
    }

    void record(const Checkpoint& checkpoint) override { m_checkpoint = checkpoint; }

    void commit() override {
        flush();
        m_file.sync();
        m_file.close();
        util::pass_kill_point("chunk-synced");
        const std::uint64_t dead_letters = commit_dead_letters();
        Checkpoint counted = m_checkpoint.value_or(Checkpoint{});
        counted.rows = m_rows;
        if (m_checkpoint) {
            CheckpointFile file;
            file.checkpoint = *m_checkpoint;
            file.file = m_table.file();
            file.size = m_table.size() + m_written;
            file.hash = m_table.hash();
            file.dead_letters_size = dead_letters;
            io::write_durable(m_staging.state_path(checkpoint_name(m_index, m_checkpoint->chunk)),
                              render_checkpoint(file));
        }
        m_table.commit(counted);
        m_staging.set_dead_letters_size(dead_letters);
        m_committed = true;
        m_fence.reset();
    }

    [[nodiscard]] backend::WriteTimes times() const override { return m_times; }

  private:
    void flush() {
        m_file.write(m_buffer);
        m_table.add(m_buffer);
        m_written += m_buffer.size();
        m_unstarted += m_buffer.size();
        m_buffer.clear();
        if (m_unstarted >= k_writeback_bytes) {
            m_file.start_writeback(m_table.size() + m_written - m_unstarted, m_unstarted);
            m_unstarted = 0;
        }
    }

    std::uint64_t commit_dead_letters() {
        if (m_dead_letters.empty()) {
            return m_staging.dead_letters_size();
        }
        io::File file = io::File::reopen_at(m_staging.dead_letters_path(), m_staging.dead_letters_size());
        file.write(m_dead_letters);
        file.sync();
        file.close();
        return m_staging.dead_letters_size() + m_dead_letters.size();
    }

    std::unique_ptr<StagingFence> m_fence;  ///< Before the file is cut to what is committed.
    Staging& m_staging;
    StagedTable& m_table;
    WrittenKeys* m_keys;
    std::size_t m_index;
    std::int64_t m_chunk;
    RowEncoder m_encoder;
    io::File m_file;
    std::string m_buffer;
    std::string m_dead_letters;
    std::uint64_t m_written = 0;
    std::uint64_t m_unstarted = 0;  // of m_written: what the disk was not told to begin with
    std::uint64_t m_rows = 0;
    backend::WriteTimes m_times;
    std::optional<Checkpoint> m_checkpoint;
    bool m_committed = false;
};

}  // namespace

RowWriter::RowWriter(Staging& staging, const backend::TargetPlan& plan, EncodeOptions options)
    : m_staging(staging), m_plan(plan), m_options(options) {}

std::unique_ptr<backend::TargetTransaction> RowWriter::begin(const ChunkClaim& claim, WriteMode mode) {
    if (mode != WriteMode::append) {
        throw_unsupported("a JSON target takes new rows only, no updates and deletions");
    }
    return std::make_unique<RowTransaction>(m_staging, m_plan.schema.tables.at(claim.table), claim,
                                            m_options);
}

std::optional<Checkpoint> RowWriter::find_checkpoint(const ChunkClaim& claim) {
    const auto found = m_staging.find_checkpoint(claim.table, claim.chunk);
    return found ? std::optional<Checkpoint>(found->checkpoint) : std::nullopt;
}

RowEncoder::RowEncoder(const Table& table, EncodeOptions options) : m_encoder(options) {
    for (const Column& column : table.columns) {
        if (column.hidden || column.generated) {
            continue;
        }
        std::string prefix = m_prefixes.empty() ? "{" : ",";
        append_quoted(column.name, prefix);
        m_prefixes.push_back(prefix + ':');
        m_types.push_back(column.type);
    }
}

void RowEncoder::append_row(const RowBatch& batch, std::size_t row, std::string& out) {
    for (std::size_t i = 0; i < m_prefixes.size(); ++i) {
        out += m_prefixes[i];
        m_encoder.append(batch.columns[i], row, m_types[i], out);
    }
    out += m_prefixes.empty() ? "{}\n" : "}\n";
}

}  // namespace migrate::backends::json
