#include "backends/json/key_candidates.hpp"

#include <algorithm>
#include <utility>

#include "backends/json/name_words.hpp"

namespace migrate::backends::json {

namespace {

// What was asked for, `id` and `_id` come first, then names of keys, then all else.
constexpr std::size_t k_first_inferred = 3;
constexpr std::size_t k_own_identifier = 3;    // customer_id of customers
constexpr std::size_t k_plain_identifier = 4;  // uuid
constexpr std::size_t k_unnamed = 5;
// Of many members each one's hashes wait in memory: 64 KiB while most of them turn out not to be unique,
// 2 MiB for those that still may be.
constexpr std::size_t k_first_run = std::size_t{1} << 12U;
constexpr std::size_t k_run = std::size_t{1} << 17U;
constexpr std::size_t k_most_candidates = 400;
constexpr std::size_t k_few = 4;
// A longer text that happens to be unique is no key of anything.
constexpr std::uint64_t k_longest_unnamed = 255;

bool is_scalar(NodeKind kind) {
    return kind == NodeKind::string || kind == NodeKind::number;
}

std::string quoted_list(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "\"" : ", \"") + name + '"';
    }
    return out;
}

}  // namespace

KeyCandidates::KeyCandidates(const std::string& wanted, const std::string& table, bool infer)
    : m_table(table), m_table_words(table_words(table)), m_infer(infer) {
    std::size_t rank = 0;
    for (const std::string& name : {wanted, std::string("id"), std::string("_id")}) {
        if (!name.empty() && !m_by_name.contains(name)) {
            add_candidate(name, rank);
        }
        ++rank;
    }
}

void KeyCandidates::add_candidate(const std::string& name, std::size_t rank) {
    m_by_name.emplace(name, m_candidates.size());
    const bool is_named = rank < k_first_inferred;
    ValueHashes values(ValueHashes::Use::uniqueness, is_named ? ValueHashes::k_large_run : k_run,
                       is_named ? ValueHashes::k_large_run : k_first_run);
    m_candidates.push_back({name, std::move(values), {}, true, false, rank});
}

void KeyCandidates::begin_part() {
    for (Candidate& one : m_candidates) {
        one.order.begin();
    }
}

std::size_t KeyCandidates::rank_of(std::string_view name) const {
    std::vector<std::string> words = words_of(name);
    const std::string identifier = take_identifier_word(words);
    if (!identifier.empty() && same_thing(words, m_table_words)) {
        return k_own_identifier;
    }
    return words.empty() && is_plain_identifier(identifier) ? k_plain_identifier : k_unnamed;
}

// A member that the first record lacks cannot be in all of them.
KeyCandidates::Candidate* KeyCandidates::find(std::string_view name, bool may_be_new) {
    // Mostly there are two, and every member of every record is looked for.
    if (m_candidates.size() <= k_few) {
        for (Candidate& one : m_candidates) {
            if (one.name == name) {
                return &one;
            }
        }
    } else if (const auto found = m_by_name.find(name); found != m_by_name.end()) {
        return &m_candidates[found->second];
    }
    if (!may_be_new || m_candidates.size() == k_most_candidates) {
        return nullptr;
    }
    add_candidate(std::string(name), rank_of(name));
    return &m_candidates.back();
}

void KeyCandidates::add(const Document& document) {
    const Document::Index root = Document::k_root;
    const bool may_be_new = m_infer && m_records == 0;
    ++m_records;
    for (Document::Index key = document.first_child(root); key != document.end(root);
         key = document.end(key + 1)) {
        if (Candidate* one = find(document.text(key), may_be_new)) {
            take(*one, document, key + 1);
        }
    }
    for (Candidate& one : m_candidates) {
        if (!one.is_out && one.rank >= k_first_inferred &&
            (one.values.count() != m_records || one.values.has_known_equal())) {
            one.is_out = true;
            one.values = ValueHashes();
        }
    }
}

void KeyCandidates::add(const KeyCandidates& other) {
    m_records += other.m_records;
    for (std::size_t i = 0; i < m_candidates.size(); ++i) {
        Candidate& one = m_candidates[i];
        const Candidate& next = other.m_candidates[i];
        one.values.add(next.values);
        one.is_sorted = one.is_sorted && next.is_sorted && one.order.follows(next.order);
    }
}

bool KeyCandidates::are_in_memory() const {
    return std::all_of(m_candidates.begin(), m_candidates.end(),
                       [](const Candidate& one) { return one.values.is_in_memory(); });
}

void KeyCandidates::take(Candidate& one, const Document& document, Document::Index value) {
    const NodeKind kind = document.kind(value);
    if (one.is_out || !is_scalar(kind)) {
        return;
    }
    const std::string_view text = kind == NodeKind::string ? document.text(value) : document.raw(value);
    one.values.add(text);
    one.is_sorted = one.is_sorted && one.order.follows(text);
}

bool KeyCandidates::holds(Candidate& one, const CollectionProfile& profile) const {
    const auto found = profile.members.by_key.find(one.name);
    if (one.is_out || found == profile.members.by_key.end()) {
        return false;
    }
    const Field& field = *profile.members.fields[found->second];
    const TypeKind kind = field.scalar.reading().type.kind;
    const bool is_plain = kind == TypeKind::int64 || kind == TypeKind::text || kind == TypeKind::uuid;
    const bool fits = field.scalars == profile.records && field.objects + field.arrays + field.nulls == 0 &&
                      is_plain && one.values.count() == profile.records;
    const bool may_be =
        one.rank != k_unnamed || (profile.records > 1 && field.scalar.longest_bytes() <= k_longest_unnamed);
    return fits && may_be && one.values.all_differ();
}

std::string KeyCandidates::choose(const CollectionProfile& profile, std::vector<Finding>& findings) {
    std::vector<Candidate*> best;
    for (std::size_t rank = 0; rank <= k_unnamed && best.empty(); ++rank) {
        for (Candidate& one : m_candidates) {
            if (one.rank == rank && holds(one, profile)) {
                best.push_back(&one);
            }
        }
    }
    if (best.size() > 1) {
        report_several(best, profile, findings);
    }
    if (best.size() != 1) {
        return {};
    }
    m_is_sorted = best.front()->is_sorted;
    report(*best.front(), profile, findings);
    return best.front()->name;
}

void KeyCandidates::report(const Candidate& chosen, const CollectionProfile& profile,
                           std::vector<Finding>& findings) const {
    if (!m_infer) {
        return;
    }
    const bool is_named = chosen.rank < k_unnamed;
    findings.push_back({Severity::note, "key-inferred", "table " + m_table,
                        "\"" + chosen.name + "\" is its primary key: " +
                            (is_named ? "its name says so, and " : "no other member could be, and ") +
                            "all " + std::to_string(profile.records) + " records have it, each another value",
                        is_named ? "" : "Another can be asked for with --key.", profile.records});
}

void KeyCandidates::report_several(const std::vector<Candidate*>& several, const CollectionProfile& profile,
                                   std::vector<Finding>& findings) const {
    std::vector<std::string> names;
    names.reserve(several.size());
    for (const Candidate* one : several) {
        names.push_back(one->name);
    }
    findings.push_back({Severity::note, "key-ambiguous", "table " + m_table,
                        "each of " + quoted_list(names) + " could be its primary key (all " +
                            std::to_string(profile.records) +
                            " records have it, each another value); none was chosen",
                        "Choose one with --key.", profile.records});
}

}  // namespace migrate::backends::json
