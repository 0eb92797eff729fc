#include "rehearsal/sample.hpp"

#include <algorithm>
#include <utility>

#include <migrate/error.hpp>
#include <migrate/row_batch.hpp>

#include "model/value_text.hpp"

namespace migrate::rehearsal {
namespace {

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
            }
        }
    }
    return all;
}

/// Parents before those that refer to them, as far as no circle is in the way.
std::vector<std::size_t> parents_first(std::size_t tables, const std::vector<Condition>& conditions) {
    std::vector<std::size_t> order;
    std::vector<bool> placed(tables, false);
    const auto waits = [&](std::size_t table) {
        return std::any_of(conditions.begin(), conditions.end(), [&](const Condition& one) {
            return one.from.table == table && one.to && one.to->table != table && !placed[one.to->table];
        });
    };
    while (order.size() < tables) {
        std::size_t next = tables;
        for (std::size_t t = 0; t < tables; ++t) {
            if (!placed[t] && (next == tables || !waits(t))) {
                next = t;
                if (!waits(t)) {
                    break;
                }
            }
        }
        placed[next] = true;
        order.push_back(next);
    }
    return order;
}

/// A row that may be taken, with the keys of it that conditions and questions are about.
struct Candidate {
    std::size_t chunk = 0;
    std::uint64_t ordinal = 0;
    std::vector<std::optional<std::string>> keys;  ///< In the order of the table's keys; nullopt: has a NULL.
};

/// Chooses the rows of one source.
class Chooser {
  public:
    Chooser(backend::Source& source, const Schema& schema, const SampleRequest& request,
            const std::stop_token& stop)
        : m_source(source),
          m_schema(schema),
          m_request(request),
          m_stop(stop),
          m_conditions(conditions_of(schema, request.conditions)),
          m_tables(schema.tables.size()) {
        for (const Condition& condition : m_conditions) {
            add_key(condition.from);
            if (condition.to) {
                add_key(*condition.to);
            }
        }
        for (const KeyPlaces& key : request.remember) {
            add_key(key);
        }
    }

    void choose() {
        for (const std::size_t table : parents_first(m_schema.tables.size(), m_conditions)) {
            read(table);
            m_tables[table].is_read = true;
        }
        // In a circle of foreign keys some were believed to lead somewhere.
        while (drop_those_that_lead_nowhere()) {
        }
    }

    [[nodiscard]] std::vector<SampledChunk> chunks(std::size_t table) const {
        const TableRows& rows = m_tables[table];
        std::vector<SampledChunk> chosen;
        for (std::size_t i = 0; i < rows.chunks.size(); ++i) {
            SampledChunk part{rows.chunks[i], {}};
            for (const Candidate& row : rows.taken) {
                if (row.chunk == i) {
                    part.ordinals.push_back(row.ordinal);
                }
            }
            part.chunk.row_estimate = part.ordinals.size();
            if (!part.ordinals.empty()) {
                chosen.push_back(std::move(part));
            }
        }
        if (chosen.empty()) {
            chosen.push_back({rows.chunks.front(), {}});
        }
        return chosen;
    }

    [[nodiscard]] KeyValues values(const KeyPlaces& key) const {
        const auto found = m_values.find(key);
        return found == m_values.end() ? KeyValues() : found->second;
    }

  private:
    struct TableRows {
        std::vector<KeyPlaces> keys;
        std::vector<Chunk> chunks;
        std::vector<Candidate> taken;
        bool is_read = false;
    };

    void add_key(const KeyPlaces& key) {
        std::vector<KeyPlaces>& keys = m_tables[key.table].keys;
        if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
            keys.push_back(key);
        }
    }

    [[nodiscard]] bool is_enough(const TableRows& rows) const {
        return rows.taken.size() >= m_request.rows || m_rows_read >= m_request.rows_read;
    }

    void read(std::size_t table) {
        TableRows& rows = m_tables[table];
        m_rows_read = 0;
        for (const Chunk& chunk : m_source.chunks(m_schema.tables[table], {})) {
            rows.chunks.push_back(chunk);
            if (!is_enough(rows)) {
                read(m_schema.tables[table], rows);
            }
        }
    }

    /// The last of its chunks.
    void read(const Table& table, TableRows& rows) {
        ScanSpec spec;
        spec.table = &table;
        spec.columns = sampled_columns(table);
        spec.chunk = rows.chunks.back();
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
        std::uint64_t ordinal = 0;
        while (!is_enough(rows) && reader->next(batch)) {
            if (m_stop.stop_requested()) {
                throw Error(ErrorCode::cancelled, "stopped as asked");
            }
            batch.first_ordinal = ordinal;
            ordinal += batch.rows_read();
            take(batch, rows);
        }
    }

    void take(const RowBatch& batch, TableRows& rows) {
        const std::vector<std::uint64_t> ordinals = batch.ordinals();
        for (std::size_t row = 0; row < ordinals.size() && !is_enough(rows); ++row) {
            ++m_rows_read;
            Candidate candidate{rows.chunks.size() - 1, ordinals[row], {}};
            for (const KeyPlaces& key : rows.keys) {
                candidate.keys.push_back(key_at(key, batch, row));
            }
            if (meets_all(rows, candidate)) {
                remember(rows, candidate);
                rows.taken.push_back(std::move(candidate));
            }
        }
    }

    static const std::optional<std::string>& key_of(const TableRows& rows, const Candidate& row,
                                                    const KeyPlaces& key) {
        const auto place = std::find(rows.keys.begin(), rows.keys.end(), key) - rows.keys.begin();
        return row.keys[static_cast<std::size_t>(place)];
    }

    void remember(const TableRows& rows, const Candidate& row) {
        for (std::size_t i = 0; i < rows.keys.size(); ++i) {
            if (row.keys[i]) {
                m_values[rows.keys[i]].insert(*row.keys[i]);
            }
        }
    }

    [[nodiscard]] bool meets_all(const TableRows& rows, const Candidate& row) const {
        return std::all_of(m_conditions.begin(), m_conditions.end(), [&](const Condition& condition) {
            return &m_tables[condition.from.table] != &rows || meets(condition, rows, row);
        });
    }

    [[nodiscard]] bool meets(const Condition& condition, const TableRows& rows, const Candidate& row) const {
        const auto& value = key_of(rows, row, condition.from);
        if (!value || condition.others.contains(*value)) {
            return true;
        }
        if (!condition.to) {
            return false;
        }
        const bool is_own = condition.to->table == condition.from.table;
        if (is_own && value == key_of(rows, row, *condition.to)) {
            return true;
        }
        if (!is_own && !m_tables[condition.to->table].is_read) {
            return true;
        }
        const auto taken = m_values.find(*condition.to);
        return taken != m_values.end() && taken->second.contains(*value);
    }

    bool drop_those_that_lead_nowhere() {
        bool any = false;
        for (TableRows& rows : m_tables) {
            any =
                std::erase_if(rows.taken, [&](const Candidate& row) { return !meets_all(rows, row); }) > 0 ||
                any;
        }
        if (any) {
            m_values.clear();
            for (const TableRows& rows : m_tables) {
                for (const Candidate& row : rows.taken) {
                    remember(rows, row);
                }
            }
        }
        return any;
    }

    /// Nullopt where one of the columns is NULL. As text, so that it is found whatever the other side's type.
    [[nodiscard]] std::optional<std::string> key_at(const KeyPlaces& key, const RowBatch& batch,
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
            text += std::to_string(value.size()) + ":" + value;
        }
        return text;
    }

    backend::Source& m_source;
    const Schema& m_schema;
    const SampleRequest& m_request;
    std::stop_token m_stop;
    std::vector<Condition> m_conditions;
    std::vector<TableRows> m_tables;
    std::map<KeyPlaces, KeyValues> m_values;
    Places m_position;  ///< Of the columns of the table that is read, in its batches.
    std::uint64_t m_rows_read = 0;
};

}  // namespace

std::optional<Places> places_of(const Table& table, const std::vector<std::string>& columns) {
    Places places;
    for (const std::string& name : columns) {
        const auto found = std::find_if(table.columns.begin(), table.columns.end(),
                                        [&](const Column& column) { return column.name == name; });
        if (found == table.columns.end() || found->hidden || found->generated) {
            return std::nullopt;
        }
        places.push_back(static_cast<std::size_t>(found - table.columns.begin()));
    }
    return places.empty() ? std::nullopt : std::optional(std::move(places));
}

std::optional<Places> places_referred_to(const Table& parent, const ForeignKey& key) {
    if (!key.referenced_columns.empty()) {
        return places_of(parent, key.referenced_columns);
    }
    return parent.primary_key ? places_of(parent, parent.primary_key->columns) : std::nullopt;
}

std::vector<std::size_t> sampled_columns(const Table& table) {
    std::vector<std::size_t> columns;
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!table.columns[i].hidden && !table.columns[i].generated) {
            columns.push_back(i);
        }
    }
    return columns;
}

Sample::Sample(std::shared_ptr<backend::Source> source, Schema schema, const SampleRequest& request,
               const std::stop_token& stop)
    : m_source(std::move(source)), m_schema(std::move(schema)) {
    Chooser chooser(*m_source, m_schema, request, stop);
    chooser.choose();
    for (std::size_t t = 0; t < m_schema.tables.size(); ++t) {
        std::vector<SampledChunk>& chunks = m_chunks[m_schema.tables[t].name];
        chunks = chooser.chunks(t);
        for (const SampledChunk& part : chunks) {
            m_rows += part.ordinals.size();
        }
    }
    for (const KeyPlaces& key : request.remember) {
        m_values[key] = chooser.values(key);
    }
    for (Table& table : m_schema.tables) {
        const auto all = static_cast<double>(std::max<std::uint64_t>(table.row_estimate, 1));
        table.row_estimate = 0;
        for (const SampledChunk& part : m_chunks.at(table.name)) {
            table.row_estimate += part.ordinals.size();
        }
        table.row_count_exact = true;
        table.byte_estimate = static_cast<std::uint64_t>(static_cast<double>(table.byte_estimate) / all *
                                                         static_cast<double>(table.row_estimate));
    }
}

const std::vector<SampledChunk>& Sample::chunks(const QualifiedName& table) const {
    return m_chunks.at(table);
}

}  // namespace migrate::rehearsal
