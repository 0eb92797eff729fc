#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <migrate/error.hpp>
#include <migrate/row_batch.hpp>

#include "backend/database_identity.hpp"
#include "rehearsal/sample.hpp"

namespace migrate::rehearsal {
namespace {

/// The rows of a chunk that are in the sample, counted anew from 0.
class SampledReader final : public backend::Reader {
  public:
    SampledReader(std::unique_ptr<backend::Reader> reader, const SampledChunk& part, const ScanSpec& spec,
                  std::vector<std::size_t> places)
        : m_reader(std::move(reader)),
          m_ordinals(part.ordinals),
          m_is_looked_up(!part.keys.empty()),
          m_rows(part.rows()),
          m_places(std::move(places)) {
        for (const std::size_t column : spec.columns) {
            m_kinds.push_back(spec.table->columns[column].type.kind);
            m_names.push_back(spec.table->columns[column].name);
        }
    }

    bool next(RowBatch& batch) override {
        batch.reset(m_kinds);
        batch.rejects.clear();
        batch.bare_rows = 0;
        batch.first_ordinal = m_given;
        bool more = true;
        while (more && m_given < m_rows) {
            more = m_reader->next(m_batch);
            m_batch.first_ordinal = m_read;
            m_read += m_batch.rows_read();
            take_rows(batch);
            take_rejects(batch);
            if (batch.rows_read() > 0) {
                m_given += batch.rows_read();
                return batch.row_count() > 0 || m_given < m_rows;
            }
        }
        return false;
    }

  private:
    [[nodiscard]] std::optional<std::uint64_t> place_of(std::uint64_t ordinal) const {
        if (m_is_looked_up) {
            return ordinal;
        }
        const auto found = std::lower_bound(m_ordinals.begin(), m_ordinals.end(), ordinal);
        if (found == m_ordinals.end() || *found != ordinal) {
            return std::nullopt;
        }
        return static_cast<std::uint64_t>(found - m_ordinals.begin());
    }

    void take_rows(RowBatch& batch) const {
        const std::vector<std::uint64_t> ordinals = m_batch.ordinals();
        for (std::size_t row = 0; row < ordinals.size(); ++row) {
            if (!place_of(ordinals[row])) {
                continue;
            }
            for (std::size_t c = 0; c < m_places.size(); ++c) {
                batch.columns[c].append_from(m_batch.columns[m_places[c]], row);
            }
            batch.bare_rows += batch.columns.empty() ? 1 : 0;
        }
    }

    void take_rejects(RowBatch& batch) const {
        for (const RejectedRow& reject : m_batch.rejects) {
            // A row that is kept although a column does not fit that nobody has asked for fits as it is.
            const bool concerns = !reject.kept || reject.column.empty() ||
                                  std::find(m_names.begin(), m_names.end(), reject.column) != m_names.end();
            if (const auto place = place_of(reject.ordinal); place && concerns) {
                batch.rejects.push_back(reject);
                batch.rejects.back().ordinal = *place;
            }
        }
    }

    std::unique_ptr<backend::Reader> m_reader;
    std::vector<std::uint64_t> m_ordinals;
    bool m_is_looked_up;
    std::size_t m_rows;
    std::vector<std::size_t> m_places;  ///< Of the columns that are asked for, in what is read.
    std::vector<TypeKind> m_kinds;
    std::vector<std::string> m_names;
    RowBatch m_batch;
    std::uint64_t m_read = 0;   ///< Of the chunk, rejects counted.
    std::uint64_t m_given = 0;  ///< Of the sample, likewise.
};

[[noreturn]] void throw_not_whole() {
    throw Error(ErrorCode::internal, "a sample is no database that could be checked or backed up");
}

class SampledSource final : public backend::Source, public backend::Identified {
  public:
    SampledSource(std::shared_ptr<const Sample> sample, unsigned readers)
        : m_sample(std::move(sample)), m_readers(readers) {}

    backend::SourceInfo describe() override { return m_sample->source().describe(); }
    backend::DatabaseIdentity identity() override { return backend::identity_of(m_sample->source()); }
    std::optional<std::string> provenance() override { return m_sample->source().provenance(); }
    unsigned pin_snapshot(unsigned readers) override { return std::min(readers, m_readers); }
    void release_snapshot() override {}
    backend::SchemaReading read_schema(const backend::SchemaRequest& /*request*/) override {
        return {m_sample->schema(), {}, false};
    }

    std::vector<Chunk> chunks(const Table& table, const backend::ChunkOptions& /*options*/) override {
        std::vector<Chunk> chunks;
        for (const SampledChunk& part : m_sample->chunks(table.name)) {
            chunks.push_back(part.chunk);
        }
        return chunks;
    }

    std::unique_ptr<backend::Reader> open_reader(const ScanSpec& spec) override {
        const SampledChunk& part = part_of(spec);
        ScanSpec whole = spec;
        whole.columns = sampled_columns(*spec.table);
        whole.null_misfits.assign(whole.columns.size(), true);
        whole.profile = false;
        if (!part.keys.empty()) {
            whole.chunk = Chunk();
            whole.keys = part.keys;
        }
        std::vector<std::size_t> places;
        for (std::size_t i = 0; i < spec.columns.size(); ++i) {
            const auto found = std::find(whole.columns.begin(), whole.columns.end(), spec.columns[i]);
            places.push_back(static_cast<std::size_t>(found - whole.columns.begin()));
            if (found == whole.columns.end()) {
                whole.columns.push_back(spec.columns[i]);
                whole.null_misfits.push_back(true);
            }
            whole.null_misfits[places.back()] = i < spec.null_misfits.size() && spec.null_misfits[i];
        }
        return std::make_unique<SampledReader>(m_sample->source().open_reader(whole), part, spec,
                                               std::move(places));
    }

    std::uint64_t count_rows(const Table& table) override {
        std::uint64_t rows = 0;
        for (const SampledChunk& part : m_sample->chunks(table.name)) {
            rows += part.rows();
        }
        return rows;
    }

    /// One state, for as long as the sample is kept.
    backend::Fingerprint fingerprint() override { return "sample"; }
    std::vector<Finding> check(const Schema& /*schema*/) override { throw_not_whole(); }
    void backup_to(const std::string& /*path*/) override { throw_not_whole(); }

  private:
    [[nodiscard]] const SampledChunk& part_of(const ScanSpec& spec) const {
        const auto& parts = m_sample->chunks(spec.table->name);
        const auto found = std::find_if(parts.begin(), parts.end(), [&](const SampledChunk& part) {
            return part.chunk.index == spec.chunk.index;
        });
        if (found == parts.end()) {
            throw Error(ErrorCode::internal, "a chunk is asked for that is not in the sample");
        }
        return *found;
    }

    std::shared_ptr<const Sample> m_sample;
    unsigned m_readers;
};

}  // namespace

std::unique_ptr<backend::Source> open_sample(std::shared_ptr<const Sample> sample, unsigned readers) {
    return std::make_unique<SampledSource>(std::move(sample), readers);
}

}  // namespace migrate::rehearsal
