#include "mapping/column_mapper.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "mapping/row_compiler.hpp"
#include "mapping/selection.hpp"
#include "model/expression_printer.hpp"

namespace migrate::mapping {
namespace {

bool is_native_only(TypeKind kind) {
    return kind == TypeKind::enumeration || kind == TypeKind::opaque || kind == TypeKind::range ||
           kind == TypeKind::array;
}

/// The type as read is the type asked for.
bool says_the_same(const LogicalType& read, const LogicalType& wanted) {
    return read == wanted || (read.kind == wanted.kind && wanted == LogicalType(wanted.kind));
}

std::string cast_to(const std::string& expression, const LogicalType& type) {
    return "cast(" + expression + " as " + to_string(type) + ")";
}

class ColumnMapper {
  public:
    ColumnMapper(const Table& source, const TableMapping& entry, MappingProblems& problems)
        : m_source(source), m_entry(entry), m_problems(problems) {}

    MappedColumns run() {
        for (std::size_t i = 0; i < m_source.columns.size(); ++i) {
            map_source_column(i);
        }
        for (const ComputedColumn& column : m_entry.compute) {
            add_computed(column);
        }
        return std::move(m_out);
    }

  private:
    void map_source_column(std::size_t index) {
        const Column& column = m_source.columns[index];
        if (column.hidden || !is_column_kept(m_entry, column.name)) {
            m_out.gone.emplace(column.name, "is left out");
            m_out.changed = true;
            return;
        }
        MappedColumn mapped{column, {index, {}}, index, false};
        const auto it = std::find_if(m_entry.columns.begin(), m_entry.columns.end(),
                                     [&](const ColumnMapping& c) { return c.column.text == column.name; });
        if (it != m_entry.columns.end()) {
            apply(*it, column, mapped);
        }
        if (mapped.source.expression.empty()) {
            m_out.names.emplace(column.name, mapped.column.name);
        } else {
            m_out.gone.emplace(column.name, "has other values");
        }
        m_out.columns.push_back(std::move(mapped));
    }

    void apply(const ColumnMapping& rule, const Column& column, MappedColumn& mapped) {
        if (!rule.to.empty()) {
            mapped.column.name = rule.to.text;
            m_out.changed = m_out.changed || rule.to.text != column.name;
        }
        MappingText text = rule.expression;
        if (!rule.values.empty()) {
            text = {value_map(rule), rule.column.at, false};
        }
        const auto wanted = rule.type.empty() ? std::nullopt : parse_logical_type(rule.type.text);
        if (text.empty() && wanted && !says_the_same(column.type, *wanted)) {
            text = {model::quote_name(column.name), rule.type.at, false};
        }
        if (text.empty()) {
            return;
        }
        m_out.changed = true;
        compute(text, rule.type, wanted, mapped);
        mapped.column.default_sql.reset();
        mapped.column.generated.reset();
    }

    void add_computed(const ComputedColumn& rule) {
        MappedColumn mapped;
        mapped.column.name = rule.name.text;
        MappingText text = rule.expression;
        if (text.empty()) {
            text = {expression_of(rule.constant), rule.constant.at, false};
            mapped.column.nullable = rule.constant.kind == MappingValue::Kind::null;
        }
        const auto wanted = rule.type.empty() ? std::nullopt : parse_logical_type(rule.type.text);
        compute(text, rule.type, wanted, mapped);
        m_out.changed = true;
        m_out.columns.push_back(std::move(mapped));
    }

    /// Gives the column its expression and the type of that.
    void compute(const MappingText& text, const MappingText& type, const std::optional<LogicalType>& wanted,
                 MappedColumn& mapped) {
        mapped.source = {k_no_column, text.text};
        mapped.column.why = "computed: " + text.text;
        LogicalType result;
        try {
            result = RowCompiler(m_source).compile(text.text).type;
        } catch (const ExpressionError& error) {
            m_problems.add(text, error.offset(), error.what(), error.facts().next_step);
            return;
        }
        if (wanted && !says_the_same(result, *wanted)) {
            mapped.source.expression = cast_to(text.text, *wanted);
            try {
                result = RowCompiler(m_source).compile(mapped.source.expression).type;
            } catch (const ExpressionError& error) {
                m_problems.add(type.at, error.what(), error.facts().next_step);
                return;
            }
        }
        settle_type(result, mapped);
    }

    /// A column whose values have the type they had keeps its native spelling; so does one whose type only a
    /// native spelling can say.
    void settle_type(const LogicalType& type, MappedColumn& mapped) const {
        Column& column = mapped.column;
        const bool same = !column.native_type.empty() && column.type == type;
        column.type = type;
        if (same) {
            return;
        }
        mapped.made = true;
        column.native_type.clear();
        column.format.clear();
        column.collation.clear();
        column.identity.reset();
        column.properties.clear();
        if (is_native_only(type.kind)) {
            const auto it = std::find_if(m_source.columns.begin(), m_source.columns.end(),
                                         [&](const Column& c) { return c.type == type; });
            if (it != m_source.columns.end()) {
                column.native_type = it->native_type;
                mapped.made = false;
            }
        }
    }

    /// CASE with a branch per entry; NULL has a branch of its own, because it is equal to nothing.
    static std::string value_map(const ColumnMapping& rule) {
        const std::string column = model::quote_name(rule.column.text);
        std::string branches;
        std::string for_null;
        for (const MappedValue& value : rule.values) {
            if (value.from.kind == MappingValue::Kind::null) {
                for_null = expression_of(value.to);
            } else {
                branches += " when " + model::quote_text(value.from.text, Dialect::sqlite) + " then " +
                            expression_of(value.to);
            }
        }
        std::string otherwise;
        switch (rule.otherwise) {
            case UnmappedValue::keep:
                otherwise = column;
                break;
            case UnmappedValue::set:
                otherwise = expression_of(rule.otherwise_value);
                break;
            case UnmappedValue::reject:
                otherwise = "reject('its value is not in the value map')";
                break;
        }
        if (for_null.empty()) {
            for_null = rule.otherwise == UnmappedValue::set ? otherwise : "null";
        }
        const std::string mapped =
            branches.empty() ? otherwise : "case " + column + branches + " else " + otherwise + " end";
        return "case when " + column + " is null then " + for_null + " else " + mapped + " end";
    }

    const Table& m_source;
    const TableMapping& m_entry;
    MappingProblems& m_problems;
    MappedColumns m_out;
};

}  // namespace

std::string expression_of(const MappingValue& value) {
    switch (value.kind) {
        case MappingValue::Kind::boolean:
        case MappingValue::Kind::number:
            return value.text;
        case MappingValue::Kind::text:
            return model::quote_text(value.text, Dialect::sqlite);
        default:
            return "null";
    }
}

MappedColumns map_columns(const Table& source, const TableMapping* entry, MappingProblems& problems) {
    if (entry != nullptr) {
        return ColumnMapper(source, *entry, problems).run();
    }
    MappedColumns out;
    for (std::size_t i = 0; i < source.columns.size(); ++i) {
        out.columns.push_back({source.columns[i], {i, {}}, i, false});
        out.names.emplace(source.columns[i].name, source.columns[i].name);
    }
    return out;
}

}  // namespace migrate::mapping
