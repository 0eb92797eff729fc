#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <migrate/finding.hpp>

#include "backends/json/key_order.hpp"
#include "backends/json/table_shape.hpp"
#include "backends/json/value_hashes.hpp"

namespace migrate::backends::json {

/// The members that may be the primary key of a collection's records, and whether they are: one that every
/// record has, never null, of one plain type, each value once. By its name: the one asked for, `id`, `_id`.
/// Where keys are to be inferred also other names of keys (`customerId` of customers), and without any such
/// the only member that could be one. Memory: bounded, whatever the number of records.
class KeyCandidates {
  public:
    KeyCandidates(const std::string& wanted, const std::string& table, bool infer);

    /// The next record is of another file.
    void begin_part();
    /// Requires: an object.
    void add(const Document& document);
    /// As if the records that the other has seen came next, of the same file. Requires: both were made alike,
    /// and not to infer; the other's are in memory.
    void add(const KeyCandidates& other);
    /// False once so many values were seen that some of what is known of them is in a file.
    [[nodiscard]] bool are_in_memory() const;
    /// The key; empty if there is none. What was inferred, or could not be, goes to the findings.
    std::string choose(const CollectionProfile& profile, std::vector<Finding>& findings);
    /// The records of each file stand in the order of the key that was chosen.
    bool is_sorted() const { return m_is_sorted; }

  private:
    struct Candidate {
        std::string name;
        ValueHashes values;
        KeyOrder order;
        bool is_sorted = true;
        bool is_out = false;
        std::size_t rank = 0;  ///< The lower the better; k_unnamed where only the values speak for it.
    };

    struct NameHash {
        using is_transparent = void;  // NOLINT(readability-identifier-naming): the standard's name
        std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
    };

    void add_candidate(const std::string& name, std::size_t rank);
    Candidate* find(std::string_view name, bool may_be_new);
    static void take(Candidate& one, const Document& document, Document::Index value);
    std::size_t rank_of(std::string_view name) const;
    bool holds(Candidate& one, const CollectionProfile& profile) const;
    void report(const Candidate& chosen, const CollectionProfile& profile,
                std::vector<Finding>& findings) const;
    void report_several(const std::vector<Candidate*>& several, const CollectionProfile& profile,
                        std::vector<Finding>& findings) const;

    std::string m_table;
    std::vector<std::string> m_table_words;
    bool m_infer;
    std::vector<Candidate> m_candidates;
    std::unordered_map<std::string, std::size_t, NameHash, std::equal_to<>> m_by_name;
    std::uint64_t m_records = 0;
    bool m_is_sorted = true;
};

}  // namespace migrate::backends::json
