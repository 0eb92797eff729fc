#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include <migrate/chunk.hpp>
#include <migrate/schema.hpp>

#include "backend/source.hpp"

namespace migrate::rehearsal {

/// Of a table: indexes of columns.
using Places = std::vector<std::size_t>;
/// Keys that were taken, each as one text. Row values: never shown.
using KeyValues = std::set<std::string>;

/// Some columns of a table.
struct KeyPlaces {
    std::size_t table = 0;  ///< Index into the schema's tables.
    Places columns;
    friend auto operator<=>(const KeyPlaces&, const KeyPlaces&) = default;
};

/// A row is taken only where these columns of it are NULL, or lead to a row that is taken, or to one of other
/// keys. Without columns none is: what they would have to be cannot be told.
struct Condition {
    KeyPlaces from;
    std::optional<KeyPlaces> to;
    KeyValues others{};
};

struct SampleRequest {
    std::uint64_t rows = 1000;  ///< The first ones of each table, at most; what they refer to comes beside.
    std::uint64_t rows_read = 50'000;         ///< Looked at of each table, at most.
    bool finds_rows = true;                   ///< As Capabilities::finds_rows of the source.
    std::vector<Condition> conditions{};      ///< Beside those of the schema's own foreign keys.
    std::map<KeyPlaces, KeyValues> wanted{};  ///< Rows that are to be among them.
    std::vector<KeyPlaces> remember{};        ///< Keys that values() will be asked for.
};

/// Some rows of a table.
struct SampledChunk {
    Chunk chunk;
    std::vector<std::uint64_t>
        ordinals;  ///< Those of the chunk, as RowBatch::ordinals() counts them; sorted.
    std::vector<std::vector<std::string>> keys{};  ///< Or those of these primary keys, wherever they are.
    [[nodiscard]] std::size_t rows() const noexcept { return keys.empty() ? ordinals.size() : keys.size(); }
};

/// Some rows of each table of a source in its snapshot, chosen so that no foreign key among them leads
/// nowhere: the first rows of each, then the rows that they refer to, and so on; rows that still lead nowhere
/// are dropped. Only places and keys are kept; rows are read again by whoever wants them.
class Sample {
  public:
    /// The source's snapshot is pinned; `schema` says which tables and how their values are read. Throws:
    /// Error of the source; Error{cancelled}.
    Sample(std::shared_ptr<backend::Source> source, Schema schema, const SampleRequest& request,
           const std::stop_token& stop);

    /// With the rows of the sample as row counts.
    [[nodiscard]] const Schema& schema() const noexcept { return m_schema; }
    [[nodiscard]] backend::Source& source() const noexcept { return *m_source; }
    /// At least one; of a table without rows one that has none.
    [[nodiscard]] const std::vector<SampledChunk>& chunks(const QualifiedName& table) const;
    [[nodiscard]] std::uint64_t rows() const noexcept { return m_rows; }
    /// Tables that have rows, of which none could be taken.
    [[nodiscard]] const std::vector<QualifiedName>& without_rows() const noexcept { return m_without_rows; }
    /// Requires: the request had them remembered.
    [[nodiscard]] const KeyValues& values(const KeyPlaces& key) const { return m_values.at(key); }

  private:
    std::shared_ptr<backend::Source> m_source;
    Schema m_schema;
    std::map<QualifiedName, std::vector<SampledChunk>> m_chunks;
    std::map<KeyPlaces, KeyValues> m_values;
    std::vector<QualifiedName> m_without_rows;
    std::uint64_t m_rows = 0;
};

/// Nullopt where one is not there, or not read.
std::optional<Places> places_of(const Table& table, const std::vector<std::string>& columns);
/// The columns that a foreign key leads to, of the table that it does.
std::optional<Places> places_referred_to(const Table& parent, const ForeignKey& key);

/// The columns in whose order a sample's rows are looked at, now and when they are read again: an engine may
/// give them in another order where fewer are asked for.
std::vector<std::size_t> sampled_columns(const Table& table);

/// The sample in the place of its source, for as many readers at once as the source was pinned for.
std::unique_ptr<backend::Source> open_sample(std::shared_ptr<const Sample> sample, unsigned readers);

}  // namespace migrate::rehearsal
