#include "rehearsal/sample.hpp"

#include <algorithm>
#include <utility>

#include "rehearsal/row_chooser.hpp"

namespace migrate::rehearsal {

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
    RowChooser chooser(*m_source, m_schema, request, stop);
    chooser.choose();
    for (std::size_t t = 0; t < m_schema.tables.size(); ++t) {
        std::vector<SampledChunk>& chunks = m_chunks[m_schema.tables[t].name];
        chunks = chooser.chunks(t);
        for (const SampledChunk& part : chunks) {
            m_rows += part.rows();
        }
        if (chooser.has_lost_all(t)) {
            m_without_rows.push_back(m_schema.tables[t].name);
        }
    }
    for (const KeyPlaces& key : request.remember) {
        m_values[key] = chooser.values(key);
    }
    for (Table& table : m_schema.tables) {
        const auto all = static_cast<double>(std::max<std::uint64_t>(table.row_estimate, 1));
        table.row_estimate = 0;
        for (const SampledChunk& part : m_chunks.at(table.name)) {
            table.row_estimate += part.rows();
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
