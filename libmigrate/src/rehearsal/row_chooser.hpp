#pragma once

#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include <migrate/row_batch.hpp>

#include "rehearsal/sample.hpp"

namespace migrate::rehearsal {

/// Chooses the rows of a sample.
class RowChooser {
  public:
    /// All of them outlive it.
    RowChooser(backend::Source& source, const Schema& schema, const SampleRequest& request,
               const std::stop_token& stop);

    /// Throws: Error of the source; Error{cancelled}.
    void choose();

    /// At least one.
    [[nodiscard]] std::vector<SampledChunk> chunks(std::size_t table) const;
    [[nodiscard]] KeyValues values(const KeyPlaces& key) const;
    [[nodiscard]] bool has_lost_all(std::size_t table) const;

  private:
    /// A row that may be taken.
    struct Candidate {
        std::size_t chunk = 0;  ///< Index into TableRows::chunks; k_by_key of one that was looked up.
        std::uint64_t ordinal = 0;
        std::vector<std::optional<std::string>> keys;  ///< As TableRows::keys; nullopt: has a NULL.
    };
    struct TableRows {
        std::vector<KeyPlaces> keys;        ///< That conditions and questions are about.
        std::optional<KeyPlaces> identity;  ///< The primary key, by which rows can be looked up.
        std::vector<Chunk> chunks;
        std::vector<Candidate> taken;
        bool has_rows = false;
    };
    /// Told which row it is, and decides whether it is taken; false ends the scan.
    using Take = std::function<bool(Candidate)>;

    void add_key(const KeyPlaces& key);
    void read_first_rows(std::size_t table);
    [[nodiscard]] std::vector<std::size_t> parents_first() const;
    void fill_up(std::size_t table);
    /// True where it took any.
    bool fetch_missing(unsigned round);
    bool fetch(const KeyPlaces& key, const KeyValues& missing, unsigned round);
    bool look_up(std::size_t table, const KeyValues& missing);
    bool scan_for(const KeyPlaces& key, const KeyValues& missing);
    void scan(std::size_t table, std::size_t chunk, const std::vector<std::vector<std::string>>& keys,
              const Take& take);
    bool take(std::size_t table, Candidate candidate);
    [[nodiscard]] bool meets_those_of_others(std::size_t table, const Candidate& row) const;
    [[nodiscard]] bool meets_all(std::size_t table, const Candidate& row) const;
    [[nodiscard]] bool is_met(const Condition& condition, std::size_t table, const Candidate& row) const;
    bool drop_those_that_lead_nowhere();
    void remember(std::size_t table, const Candidate& row);
    [[nodiscard]] const std::optional<std::string>& key_of(std::size_t table, const Candidate& row,
                                                           const KeyPlaces& key) const;
    [[nodiscard]] std::optional<std::string> key_at(const KeyPlaces& key, const RowBatch& batch,
                                                    std::size_t row) const;

    backend::Source& m_source;
    const Schema& m_schema;
    const SampleRequest& m_request;
    std::stop_token m_stop;
    std::vector<Condition> m_conditions;
    std::vector<TableRows> m_tables;
    std::map<KeyPlaces, KeyValues> m_values;
    Places m_position;  ///< Of the columns of the table that is read, in its batches.
};

}  // namespace migrate::rehearsal
