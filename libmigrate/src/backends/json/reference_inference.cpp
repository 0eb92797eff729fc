#include "backends/json/reference_inference.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>

#include <migrate/error.hpp>

#include "backends/json/name_words.hpp"
#include "backends/json/value_hashes.hpp"
#include "model/value_text.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::size_t k_run = std::size_t{1} << 14U;

/// A column of a table, by their indexes.
using Place = std::pair<std::size_t, std::size_t>;

/// What a column's values are, all of the table.
struct Values {
    ValueHashes hashes{ValueHashes::Use::membership, k_run, k_run};
    std::uint64_t rows = 0;
    std::uint64_t nulls = 0;
    bool is_unique = false;  ///< Decided once all are known.
};

/// A column whose name names another table, and the columns there that it may refer to.
struct Candidate {
    Place from;
    std::vector<Place> targets;  ///< Of tables that its name fits equally well.
};

/// How well a name fits, the better the lower.
enum class Fit : std::uint8_t { table, key, role, self, none };

class Inference {
  public:
    Inference(backend::Source& source, const backend::OpenContext& context, std::vector<TableShape>& shapes,
              std::vector<Finding>& findings)
        : m_source(source), m_context(context), m_shapes(shapes), m_findings(findings) {
        for (const TableShape& shape : shapes) {
            m_words.push_back(table_words(shape.table.name.name));
        }
    }

    void run() {
        for (std::size_t i = 0; i < m_shapes.size(); ++i) {
            std::vector<std::string> path;
            look_at_members(i, m_shapes[i].members, path);
            for (const auto& [kind, column] : m_shapes[i].synthetic) {
                if (kind == Synthetic::value) {
                    look_at({i, column}, array_words(i));
                }
            }
        }
        read_values();
        for (const Candidate& candidate : m_candidates) {
            decide(candidate);
        }
    }

  private:
    const Table& table(std::size_t shape) const { return m_shapes[shape].table; }
    const Column& column(const Place& place) const {
        return m_shapes[place.first].table.columns[place.second];
    }
    std::string name_of(const Place& place) const {
        return table(place.first).name.display() + "." + QualifiedName{{}, column(place).name}.display();
    }
    static bool can_be_key(const Column& column) {
        const TypeKind kind = column.type.kind;
        return (kind == TypeKind::int64 || kind == TypeKind::text || kind == TypeKind::uuid) &&
               !column.properties.contains("longest_bytes");
    }
    bool is_primary_key(const Place& place) const {
        const auto& key = table(place.first).primary_key;
        return key && key->columns.size() == 1 && key->columns.front() == column(place).name;
    }

    std::vector<std::string> array_words(std::size_t shape) const {
        const std::vector<std::string>& path = m_shapes[shape].array_path;
        return path.empty() ? std::vector<std::string>() : words_of(path.back());
    }

    void look_at_members(std::size_t shape, const MemberTree& tree, std::vector<std::string>& path) {
        for (const MemberTree::Entry& entry : tree.entries) {
            path.push_back(entry.key);
            if (entry.below) {
                look_at_members(shape, *entry.below, path);
            } else if (entry.column) {
                look_at({shape, *entry.column}, words_of_path(shape, path));
            }
            path.pop_back();
        }
    }

    // {"customer": {"id": 1}} says customer_id, and so do the elements of an array {"customers": [{"id":
    // 1}]}.
    std::vector<std::string> words_of_path(std::size_t shape, const std::vector<std::string>& path) const {
        std::vector<std::string> words = words_of(path.back());
        if (words.size() == 1 && is_plain_identifier(words.front())) {
            std::vector<std::string> before =
                path.size() > 1 ? words_of(path[path.size() - 2]) : array_words(shape);
            before.insert(before.end(), words.begin(), words.end());
            return before;
        }
        return words;
    }

    void look_at(const Place& from, std::vector<std::string> words) {
        if (!can_be_key(column(from))) {
            return;
        }
        const std::vector<std::string> all = words;
        const std::string identifier = take_identifier_word(words);
        if (words.empty()) {
            return;
        }
        Fit best = Fit::none;
        Candidate candidate{from, {}};
        for (std::size_t i = 0; i < m_shapes.size(); ++i) {
            if (m_shapes[i].parent) {
                continue;
            }
            const Fit fit = fit_of(from, words, all, i);
            const auto target = fit == Fit::none || fit > best ? std::nullopt : target_in(i, identifier);
            if (!target || *target == from) {
                continue;
            }
            if (fit < best) {
                candidate.targets.clear();
                best = fit;
            }
            candidate.targets.push_back(*target);
        }
        if (!candidate.targets.empty()) {
            m_candidates.push_back(std::move(candidate));
        }
    }

    Fit fit_of(const Place& from, const std::vector<std::string>& words, const std::vector<std::string>& all,
               std::size_t target) const {
        if (same_thing(words, m_words[target])) {
            // An order's "order_number" is its own.
            return from.first == target ? Fit::none : Fit::table;
        }
        const std::string& key = m_shapes[target].natural_key;
        const std::vector<std::string> key_words = words_of(key);
        if (from.first != target && key_words.size() > 1 && key_words == all && !is_primary_key(from)) {
            return Fit::key;
        }
        const std::span<const std::string> span(words);
        for (std::size_t i = 1; i < words.size(); ++i) {
            if (same_thing(span.subspan(i), m_words[target])) {
                return Fit::role;
            }
        }
        return from.first == target && words.size() == 1 && words.front() == "parent" ? Fit::self : Fit::none;
    }

    // The member of that name, if it is not just any identifier; else the primary key.
    std::optional<Place> target_in(std::size_t target, const std::string& identifier) const {
        for (const MemberTree::Entry& entry : m_shapes[target].members.entries) {
            const bool is_it = entry.column && !identifier.empty() && identifier != "id" &&
                               words_of(entry.key) == std::vector<std::string>{identifier} &&
                               can_be_key(table(target).columns[*entry.column]);
            if (is_it) {
                return Place{target, *entry.column};
            }
        }
        const bool has_key =
            !m_shapes[target].natural_key.empty() || (table(target).primary_key && is_keyed(target));
        const Column* key =
            has_key ? table(target).find_column(table(target).primary_key->columns.front()) : nullptr;
        return key == nullptr ? std::nullopt
                              : std::optional(Place{
                                    target, static_cast<std::size_t>(key - table(target).columns.data())});
    }

    bool is_keyed(std::size_t shape) const {
        return std::any_of(m_shapes[shape].synthetic.begin(), m_shapes[shape].synthetic.end(),
                           [](const auto& one) { return one.first == Synthetic::key; });
    }

    void read_values() {
        for (const Candidate& candidate : m_candidates) {
            m_values[candidate.from];
            for (const Place& target : candidate.targets) {
                m_values[target];
            }
        }
        for (std::size_t i = 0; i < m_shapes.size(); ++i) {
            ScanSpec spec;
            spec.table = &table(i);
            std::vector<Values*> into;
            for (auto it = m_values.lower_bound({i, 0}); it != m_values.end() && it->first.first == i; ++it) {
                spec.columns.push_back(it->first.second);
                into.push_back(&it->second);
            }
            if (!into.empty()) {
                read_table(spec, into);
            }
        }
    }

    void read_table(const ScanSpec& spec, const std::vector<Values*>& into) {
        const auto reader = m_source.open_reader(spec);
        RowBatch batch;
        std::string text;
        if (m_context.progress) {
            m_context.progress("looking for references of " + spec.table->name.display(), 0, 0);
        }
        while (reader->next(batch)) {
            if (m_context.stop.stop_requested()) {
                throw Error(ErrorCode::cancelled, "looking for references was cancelled");
            }
            for (std::size_t i = 0; i < into.size(); ++i) {
                const LogicalType& type = spec.table->columns[spec.columns[i]].type;
                for (std::size_t row = 0; row < batch.row_count(); ++row) {
                    ++into[i]->rows;
                    if (batch.columns[i].is_null(row)) {
                        ++into[i]->nulls;
                        continue;
                    }
                    text.clear();
                    model::append_text(batch.columns[i], row, type, text);
                    into[i]->hashes.add(text);
                }
            }
        }
        for (Values* values : into) {
            values->is_unique = values->rows != 0 && values->nulls == 0 && values->hashes.all_differ();
        }
    }

    void decide(const Candidate& candidate) {
        const Values& values = m_values.at(candidate.from);
        const std::uint64_t count = values.rows - values.nulls;
        if (count == 0) {
            return;
        }
        std::vector<Place> holding;
        std::string why;
        for (const Place& target : candidate.targets) {
            const std::string against = why_not(candidate.from, target);
            if (against.empty()) {
                holding.push_back(target);
            }
            why += against.empty() ? "" : (why.empty() ? "" : "; ") + against;
        }
        if (holding.size() == 1) {
            declare(candidate.from, holding.front(), count);
        } else if (holding.size() > 1) {
            report_several(candidate.from, holding, count);
        } else {
            note("reference-not-inferred", candidate.from, "its name would make it a reference, but " + why,
                 "", count);
        }
    }

    std::string why_not(const Place& from, const Place& target) {
        Values& theirs = m_values.at(target);
        if (column(from).type.kind != column(target).type.kind) {
            return "it is " + to_string(column(from).type) + " and " + name_of(target) + " is " +
                   to_string(column(target).type);
        }
        if (!is_primary_key(target) && !theirs.is_unique) {
            return name_of(target) + " is not unique in all rows";
        }
        const std::uint64_t missing = theirs.hashes.count_missing(m_values.at(from).hashes);
        return missing == 0
                   ? std::string()
                   : std::to_string(missing) + " of its different values are not in " + name_of(target);
    }

    void declare(const Place& from, const Place& target, std::uint64_t count) {
        Table& there = m_shapes[target.first].table;
        if (!is_primary_key(target) && m_unique.insert(target).second) {
            there.unique_keys.emplace_back().columns = {column(target).name};
            note("unique-inferred", target, "it is a unique key: all rows have it, each another value", "",
                 m_values.at(target).rows);
        }
        ForeignKey reference;
        reference.columns = {column(from).name};
        reference.referenced_table = there.name;
        reference.referenced_columns = {column(target).name};
        m_shapes[from.first].table.foreign_keys.push_back(std::move(reference));
        note("reference-inferred", from,
             "it refers to " + name_of(target) + ": its name says so, and all of its " +
                 std::to_string(count) + " values are there",
             "", count);
    }

    void report_several(const Place& from, const std::vector<Place>& targets, std::uint64_t count) {
        std::string names;
        for (const Place& target : targets) {
            names += (names.empty() ? "" : ", ") + name_of(target);
        }
        note("reference-ambiguous", from,
             "it could refer to each of " + names + ", where all of its " + std::to_string(count) +
                 " values are; none was chosen",
             "", count);
    }

    void note(const char* code, const Place& place, const std::string& message, const std::string& next_step,
              std::uint64_t count) {
        m_findings.push_back({Severity::note, code,
                              "table " + table(place.first).name.display() + ", column " +
                                  QualifiedName{{}, column(place).name}.display(),
                              message, next_step, count});
    }

    backend::Source& m_source;
    const backend::OpenContext& m_context;
    std::vector<TableShape>& m_shapes;
    std::vector<Finding>& m_findings;
    std::vector<std::vector<std::string>> m_words;  // of the tables' names
    std::vector<Candidate> m_candidates;
    std::map<Place, Values> m_values;
    std::set<Place> m_unique;
};

}  // namespace

void infer_references(backend::Source& source, const backend::OpenContext& context,
                      std::vector<TableShape>& shapes, std::vector<Finding>& findings) {
    Inference(source, context, shapes, findings).run();
}

}  // namespace migrate::backends::json
