#include "rehearsal/row_chooser.hpp"

#include <algorithm>
#include <limits>
#include <set>
#include <utility>

#include <migrate/error.hpp>

#include "model/value_text.hpp"

namespace migrate::rehearsal {
namespace {

constexpr std::size_t k_by_key = std::numeric_limits<std::size_t>::max();
/// Parents of parents, and so on; what leads further is dropped.
constexpr unsigned k_rounds = 16;
/// Where rows cannot be looked up each of them is a scan.
constexpr unsigned k_scanning_rounds = 3;
constexpr std::size_t k_keys_at_once = 200;

std::vector<Condition> conditions_of(const Schema& schema, const std::vector<Condition>& more) {
    std::vector<Condition> all = more;
    for (std::size_t t = 0; t < schema.tables.size(); ++t) {
        for (const ForeignKey& key : schema.tables[t].foreign_keys) {
            const Table* parent = schema.find_table(key.referenced_table);
            if (parent == nullptr) {
                continue;
            }
            const auto columns = places_of(schema.tables[t], key.columns);
            const auto parent_columns = places_referred_to(*parent, key);
            if (columns && parent_columns && columns->size() == parent_columns->size()) {
                const auto index = static_cast<std::size_t>(parent - schema.tables.data());
                all.push_back({{t, *columns}, KeyPlaces{index, *parent_columns}});
            } else {
                all.push_back({{t, {}}, std::nullopt});
            }
        }
    }
    return all;
}

void append_part(const std::string& value, std::string& key) {
    key += std::to_string(value.size()) + ":" + value;
}

/// The values that append_part() has put together.
std::vector<std::string> parts_of(const std::string& key) {
    std::vector<std::string> parts;
    for (std::size_t at = 0; at < key.size();) {
        const std::size_t colon = key.find(':', at);
        const std::size_t size = std::stoul(key.substr(at, colon - at));
        parts.push_back(key.substr(colon + 1, size));
        at = colon + 1 + size;
    }
    return parts;
}

}  // namespace

RowChooser::RowChooser(backend::Source& source, const Schema& schema, const SampleRequest& request,
                       const std::stop_token& stop)
    : m_source(source),
      m_schema(schema),
      m_request(request),
      m_stop(stop),
      m_conditions(conditions_of(schema, request.conditions)),
      m_tables(schema.tables.size()) {
    for (std::size_t t = 0; t < m_tables.size(); ++t) {
        const Table& table = schema.tables[t];
        const auto places = table.primary_key && request.finds_rows
                                ? places_of(table, table.primary_key->columns)
                                : std::nullopt;
        if (places) {
            m_tables[t].identity = KeyPlaces{t, *places};
            add_key(*m_tables[t].identity);
        }
    }
    for (const Condition& condition : m_conditions) {
        add_key(condition.from);
        if (condition.to) {
            add_key(*condition.to);
        }
    }
    for (const auto& [key, values] : request.wanted) {
        add_key(key);
    }
    for (const KeyPlaces& key : request.remember) {
        add_key(key);
    }
}

void RowChooser::add_key(const KeyPlaces& key) {
    std::vector<KeyPlaces>& keys = m_tables[key.table].keys;
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
        keys.push_back(key);
    }
}

void RowChooser::choose() {
    for (std::size_t t = 0; t < m_tables.size(); ++t) {
        read_first_rows(t);
    }
    for (unsigned round = 0; round < k_rounds && fetch_missing(round); ++round) {
    }
    while (drop_those_that_lead_nowhere()) {
    }
    for (const std::size_t table : parents_first()) {
        fill_up(table);
    }
}

/// As far as no circle is in the way.
std::vector<std::size_t> RowChooser::parents_first() const {
    std::vector<std::size_t> order;
    std::vector<bool> placed(m_tables.size(), false);
    const auto waits = [&](std::size_t table) {
        return std::any_of(m_conditions.begin(), m_conditions.end(), [&](const Condition& one) {
            return one.from.table == table && one.to && one.to->table != table && !placed[one.to->table];
        });
    };
    while (order.size() < m_tables.size()) {
        std::size_t next = m_tables.size();
        for (std::size_t t = 0; t < m_tables.size(); ++t) {
            if (!placed[t] && (next == m_tables.size() || (waits(next) && !waits(t)))) {
                next = t;
            }
        }
        placed[next] = true;
        order.push_back(next);
    }
    return order;
}

/// In the place of first rows that led nowhere: those that lead to what was taken.
void RowChooser::fill_up(std::size_t table) {
    TableRows& rows = m_tables[table];
    std::uint64_t looked_at = 0;
    std::set<std::pair<std::size_t, std::uint64_t>> taken;
    for (const Candidate& row : rows.taken) {
        taken.emplace(row.chunk, row.ordinal);
    }
    const auto is_enough = [&] {
        return rows.taken.size() >= m_request.rows || looked_at >= m_request.rows_read;
    };
    for (std::size_t chunk = 0; chunk < rows.chunks.size() && !is_enough(); ++chunk) {
        scan(table, chunk, {}, [&](Candidate candidate) {
            ++looked_at;
            const bool is_there =
                taken.contains({candidate.chunk, candidate.ordinal}) ||
                (rows.identity && key_of(table, candidate, *rows.identity) &&
                 m_values[*rows.identity].contains(*key_of(table, candidate, *rows.identity)));
            if (!is_there && meets_all(table, candidate)) {
                take(table, std::move(candidate));
            }
            return !is_enough();
        });
    }
}

void RowChooser::read_first_rows(std::size_t table) {
    TableRows& rows = m_tables[table];
    rows.chunks = m_source.chunks(m_schema.tables[table], {});
    std::uint64_t looked_at = 0;
    const auto is_enough = [&] {
        return rows.taken.size() >= m_request.rows || looked_at >= m_request.rows_read;
    };
    for (std::size_t chunk = 0; chunk < rows.chunks.size() && !is_enough(); ++chunk) {
        scan(table, chunk, {}, [&](Candidate candidate) {
            ++looked_at;
            rows.has_rows = true;
            if (meets_those_of_others(table, candidate)) {
                take(table, std::move(candidate));
            }
            return !is_enough();
        });
    }
}

bool RowChooser::fetch_missing(unsigned round) {
    std::map<KeyPlaces, KeyValues> missing;
    if (round == 0) {
        missing = m_request.wanted;
    }
    for (const Condition& condition : m_conditions) {
        if (!condition.to) {
            continue;
        }
        for (const std::string& value : m_values[condition.from]) {
            if (!condition.others.contains(value) && !m_values[*condition.to].contains(value)) {
                missing[*condition.to].insert(value);
            }
        }
    }
    bool any = false;
    for (const auto& [key, values] : missing) {
        any = fetch(key, values, round) || any;
    }
    return any;
}

bool RowChooser::fetch(const KeyPlaces& key, const KeyValues& missing, unsigned round) {
    if (m_tables[key.table].identity == key) {
        return look_up(key.table, missing);
    }
    return round < k_scanning_rounds && scan_for(key, missing);
}

bool RowChooser::look_up(std::size_t table, const KeyValues& missing) {
    bool any = false;
    const KeyPlaces& identity = *m_tables[table].identity;
    for (auto next = missing.begin(); next != missing.end();) {
        std::vector<std::vector<std::string>> keys;
        for (; next != missing.end() && keys.size() < k_keys_at_once; ++next) {
            if (!m_values[identity].contains(*next)) {
                keys.push_back(parts_of(*next));
            }
        }
        try {
            if (!keys.empty()) {
                scan(table, k_by_key, keys, [&](Candidate candidate) {
                    any = take(table, std::move(candidate)) || any;
                    return true;
                });
            }
        } catch (const Error& error) {
            if (error.code() == ErrorCode::cancelled || error.retryable()) {
                throw;
            }
            // What the other side says is no value of this one's key: there is no such row.
        }
    }
    return any;
}

bool RowChooser::scan_for(const KeyPlaces& key, const KeyValues& missing) {
    bool any = false;
    std::uint64_t looked_at = 0;
    TableRows& rows = m_tables[key.table];
    for (std::size_t chunk = 0; chunk < rows.chunks.size() && looked_at < m_request.rows_read; ++chunk) {
        scan(key.table, chunk, {}, [&](Candidate candidate) {
            ++looked_at;
            const auto& value = key_of(key.table, candidate, key);
            const bool is_there =
                std::any_of(rows.taken.begin(), rows.taken.end(), [&](const Candidate& row) {
                    return row.chunk == candidate.chunk && row.ordinal == candidate.ordinal;
                });
            if (value && missing.contains(*value) && !is_there) {
                any = take(key.table, std::move(candidate)) || any;
            }
            return looked_at < m_request.rows_read;
        });
    }
    return any;
}

void RowChooser::scan(std::size_t index, std::size_t chunk, const std::vector<std::vector<std::string>>& keys,
                      const Take& take) {
    const Table& table = m_schema.tables[index];
    ScanSpec spec;
    spec.table = &table;
    spec.columns = sampled_columns(table);
    spec.chunk = chunk == k_by_key ? Chunk() : m_tables[index].chunks[chunk];
    spec.keys = keys;
    // A row with a value that does not fit is a part of the sample, too.
    spec.null_misfits.assign(spec.columns.size(), true);
    spec.limits.max_rows =
        static_cast<std::size_t>(std::min<std::uint64_t>(m_request.rows, spec.limits.max_rows));
    m_position.assign(table.columns.size(), 0);
    for (std::size_t i = 0; i < spec.columns.size(); ++i) {
        m_position[spec.columns[i]] = i;
    }
    const auto reader = m_source.open_reader(spec);
    RowBatch batch;
    std::uint64_t read = 0;
    while (reader->next(batch)) {
        if (m_stop.stop_requested()) {
            throw Error(ErrorCode::cancelled, "stopped as asked");
        }
        batch.first_ordinal = read;
        read += batch.rows_read();
        const std::vector<std::uint64_t> ordinals = batch.ordinals();
        for (std::size_t row = 0; row < ordinals.size(); ++row) {
            Candidate candidate{chunk, ordinals[row], {}};
            for (const KeyPlaces& key : m_tables[index].keys) {
                candidate.keys.push_back(key_at(key, batch, row));
            }
            if (!take(std::move(candidate))) {
                return;
            }
        }
    }
}

/// A row that was looked up may be among the first ones, or be looked up twice.
bool RowChooser::take(std::size_t table, Candidate candidate) {
    TableRows& rows = m_tables[table];
    if (candidate.chunk == k_by_key) {
        const auto& identity = key_of(table, candidate, *rows.identity);
        if (!identity || m_values[*rows.identity].contains(*identity) ||
            !meets_those_of_others(table, candidate)) {
            return false;
        }
    }
    remember(table, candidate);
    rows.taken.push_back(std::move(candidate));
    return true;
}

const std::optional<std::string>& RowChooser::key_of(std::size_t table, const Candidate& row,
                                                     const KeyPlaces& key) const {
    const std::vector<KeyPlaces>& keys = m_tables[table].keys;
    return row.keys[static_cast<std::size_t>(std::find(keys.begin(), keys.end(), key) - keys.begin())];
}

void RowChooser::remember(std::size_t table, const Candidate& row) {
    for (std::size_t i = 0; i < row.keys.size(); ++i) {
        if (row.keys[i]) {
            m_values[m_tables[table].keys[i]].insert(*row.keys[i]);
        }
    }
}

/// What is known before all tables are read.
bool RowChooser::meets_those_of_others(std::size_t table, const Candidate& row) const {
    return std::all_of(m_conditions.begin(), m_conditions.end(), [&](const Condition& condition) {
        return condition.from.table != table || condition.to || is_met(condition, table, row);
    });
}

bool RowChooser::meets_all(std::size_t table, const Candidate& row) const {
    return std::all_of(m_conditions.begin(), m_conditions.end(), [&](const Condition& condition) {
        return condition.from.table != table || is_met(condition, table, row);
    });
}

bool RowChooser::is_met(const Condition& condition, std::size_t table, const Candidate& row) const {
    if (condition.from.columns.empty()) {
        return false;
    }
    const auto& value = key_of(table, row, condition.from);
    if (!value || condition.others.contains(*value)) {
        return true;
    }
    if (condition.to && condition.to->table == table && value == key_of(table, row, *condition.to)) {
        return true;
    }
    const auto taken = condition.to ? m_values.find(*condition.to) : m_values.end();
    return taken != m_values.end() && taken->second.contains(*value);
}

bool RowChooser::drop_those_that_lead_nowhere() {
    bool any = false;
    for (std::size_t t = 0; t < m_tables.size(); ++t) {
        any =
            std::erase_if(m_tables[t].taken, [&](const Candidate& row) { return !meets_all(t, row); }) > 0 ||
            any;
    }
    if (any) {
        m_values.clear();
        for (std::size_t t = 0; t < m_tables.size(); ++t) {
            for (const Candidate& row : m_tables[t].taken) {
                remember(t, row);
            }
        }
    }
    return any;
}

std::vector<SampledChunk> RowChooser::chunks(std::size_t table) const {
    const TableRows& rows = m_tables[table];
    std::vector<SampledChunk> chosen;
    for (const Chunk& chunk : rows.chunks) {
        chosen.push_back({chunk, {}});
    }
    SampledChunk looked_up;
    for (const Chunk& chunk : rows.chunks) {
        looked_up.chunk.index = std::max(looked_up.chunk.index, chunk.index + 1);
    }
    for (const Candidate& row : rows.taken) {
        if (row.chunk == k_by_key) {
            looked_up.keys.push_back(parts_of(*key_of(table, row, *rows.identity)));
        } else {
            chosen[row.chunk].ordinals.push_back(row.ordinal);
        }
    }
    chosen.push_back(std::move(looked_up));
    for (SampledChunk& part : chosen) {
        std::sort(part.ordinals.begin(), part.ordinals.end());
        part.chunk.row_estimate = part.rows();
    }
    const Chunk first = chosen.front().chunk;
    std::erase_if(chosen, [](const SampledChunk& part) { return part.rows() == 0; });
    if (chosen.empty()) {
        chosen.push_back({first, {}});
    }
    return chosen;
}

KeyValues RowChooser::values(const KeyPlaces& key) const {
    const auto found = m_values.find(key);
    return found == m_values.end() ? KeyValues() : found->second;
}

bool RowChooser::has_lost_all(std::size_t table) const {
    return m_tables[table].has_rows && m_tables[table].taken.empty();
}

/// As text, so that it is found whatever the other side's type.
std::optional<std::string> RowChooser::key_at(const KeyPlaces& key, const RowBatch& batch,
                                              std::size_t row) const {
    std::string text;
    for (const std::size_t column : key.columns) {
        const ColumnVector& values = batch.columns[m_position[column]];
        if (values.is_null(row)) {
            return std::nullopt;
        }
        std::string value;
        if (values.kind() == TypeKind::variant) {
            value = values.bytes(row);
        } else {
            model::append_text(values, row, m_schema.tables[key.table].columns[column].type, value);
        }
        append_part(value, text);
    }
    return text;
}

}  // namespace migrate::rehearsal
