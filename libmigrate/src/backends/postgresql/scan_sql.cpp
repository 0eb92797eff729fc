#include "backends/postgresql/scan_sql.hpp"

#include <algorithm>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/text_decoder.hpp"

namespace migrate::backends::postgresql {
namespace {

const PhysicalColumn& find_physical(const std::vector<PhysicalColumn>& physical, const std::string& name,
                                    const ScanTarget& target) {
    const auto found = std::find_if(physical.begin(), physical.end(),
                                    [&](const PhysicalColumn& column) { return column.name == name; });
    if (found == physical.end()) {
        ErrorFacts facts{.code = ErrorCode::not_found,
                         .backend = "postgresql",
                         .table = target.relation.display(),
                         .column = name};
        throw Error(facts,
                    fmt::format("PostgreSQL: table {} has no column {}.", target.relation.display(), name));
    }
    return *found;
}

/// 'text' as a value of the column's own type.
std::string typed_literal(const PhysicalColumn& column, const std::string& text) {
    // format_type calls bpchar "character", which as a cast would mean character(1).
    const std::string type = column.type.is(TypeOid::bpchar) ? "pg_catalog.bpchar" : column.type.spelling;
    return fmt::format("CAST({} AS {})", quote_literal(text), type);
}

void add_block_range(const Chunk& chunk, std::vector<std::string>& conditions) {
    if (chunk.kind != ChunkKind::ctid_blocks) {
        return;
    }
    if (chunk.first > 0) {
        conditions.push_back(fmt::format("ctid >= '({},0)'::pg_catalog.tid", chunk.first));
    }
    if (chunk.last < k_last_block) {
        conditions.push_back(fmt::format("ctid < '({},0)'::pg_catalog.tid", chunk.last + 1));
    }
}

void add_keys(const ScanSpec& spec, const ScanTarget& target, const std::vector<PhysicalColumn>& physical,
              std::vector<std::string>& conditions) {
    if (spec.keys.empty()) {
        return;
    }
    if (!spec.table->primary_key) {
        throw Error(ErrorCode::usage,
                    fmt::format("PostgreSQL: table {} has no primary key to look rows up by.",
                                spec.table->name.display()));
    }
    const auto& columns = spec.table->primary_key->columns;
    std::string tuples;
    for (const auto& key : spec.keys) {
        std::string tuple;
        for (std::size_t i = 0; i < columns.size(); ++i) {
            tuple +=
                (i == 0 ? "" : ", ") + typed_literal(find_physical(physical, columns[i], target), key.at(i));
        }
        tuples += fmt::format("{}({})", tuples.empty() ? "" : ", ", tuple);
    }
    conditions.push_back(fmt::format("{} IN ({})", quote_list(columns), tuples));
}

void add_watermark(const ScanSpec& spec, const ScanTarget& target,
                   const std::vector<PhysicalColumn>& physical, std::vector<std::string>& conditions) {
    if (!spec.watermark) {
        return;
    }
    const PhysicalColumn& column = find_physical(physical, spec.watermark->column, target);
    const std::string name = quote_identifier(column.name);
    if (!spec.watermark->after.empty()) {
        conditions.push_back(fmt::format("{} > {}", name, typed_literal(column, spec.watermark->after)));
    }
    if (!spec.watermark->upto.empty()) {
        conditions.push_back(fmt::format("{} <= {}", name, typed_literal(column, spec.watermark->upto)));
    }
}

}  // namespace

std::string from_clause(const ScanTarget& target) {
    return (target.with_children ? "FROM " : "FROM ONLY ") + quote_name(target.relation);
}

std::string scan_select(const ScanSpec& spec, const ScanTarget& target,
                        const std::vector<PhysicalColumn>& physical, std::vector<ColumnDecoding>& decodings) {
    std::string list;
    for (const std::size_t index : spec.columns) {
        const Column& column = spec.table->columns.at(index);
        const PhysicalType& type = find_physical(physical, column.name, target).type;
        decodings.push_back(decoding_of(column.name, type, column.type));
        if (spec.route == ReadRoute::text) {
            decodings.back().expression = text_expression(column.name, type);
        }
        list += (list.empty() ? "" : ", ") + decodings.back().expression;
    }
    std::vector<std::string> conditions;
    add_block_range(spec.chunk, conditions);
    add_keys(spec, target, physical, conditions);
    add_watermark(spec, target, physical, conditions);
    std::string sql = fmt::format("SELECT {} {}", list, from_clause(target));
    for (std::size_t i = 0; i < conditions.size(); ++i) {
        sql += (i == 0 ? " WHERE " : " AND ") + conditions[i];
    }
    if (spec.order == ScanOrder::primary_key && spec.table->primary_key) {
        const std::string keys = quote_list(spec.table->primary_key->columns);
        sql += " ORDER BY " + keys.substr(1, keys.size() - 2);
    }
    return sql;
}

}  // namespace migrate::backends::postgresql
