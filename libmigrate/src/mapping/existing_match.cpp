#include "mapping/existing_match.hpp"

#include <algorithm>
#include <string_view>

#include "mapping/selection.hpp"
#include "util/ascii.hpp"

namespace migrate::mapping {
namespace {

std::string lower(const std::string& name) {
    return util::lower_ascii(name);
}

/// "orderItems", "order-items" and "Order_Items" are one.
std::string folded(const std::string& name) {
    std::string out;
    for (const char c : name) {
        if (c != '_' && c != '-' && c != ' ') {
            out += util::to_lower(c);
        }
    }
    return out;
}

template <class Fold>
std::optional<std::size_t> only_one(const std::vector<QualifiedName>& names, const QualifiedName& wanted,
                                    Fold fold) {
    std::optional<std::size_t> found;
    for (std::size_t i = 0; i < names.size(); ++i) {
        if (names[i].schema == wanted.schema && fold(names[i].name) == fold(wanted.name)) {
            if (found) {
                return std::nullopt;
            }
            found = i;
        }
    }
    return found;
}

class TableLoad {
  public:
    TableLoad(const Table& source, const Table& existing, const std::vector<std::string>& ignore,
              Table& adopted, std::vector<Finding>& findings)
        : m_source(source), m_existing(existing), m_ignore(ignore), m_adopted(adopted), m_findings(findings) {
        for (const Column& column : existing.columns) {
            m_names.push_back({"", column.name});
        }
        m_taken.assign(existing.columns.size(), 0);
    }

    void run() {
        for (std::size_t i = 0; i < m_adopted.columns.size(); ++i) {
            match(i);
        }
        require_the_rest();
        m_adopted.name = m_existing.name;
        m_adopted.placement = Placement::load;
        m_adopted.primary_key = m_existing.primary_key;
        m_adopted.unique_keys = m_existing.unique_keys;
        m_adopted.foreign_keys = m_existing.foreign_keys;
        m_adopted.checks.clear();
        m_adopted.indexes.clear();
        m_adopted.comment.clear();
        m_adopted.native_sql = m_existing.native_sql;
        m_adopted.properties = m_existing.properties;
    }

  private:
    [[nodiscard]] const std::string& source_name(std::size_t index) const {
        return index < m_source.columns.size() ? m_source.columns[index].name : m_adopted.columns[index].name;
    }

    [[nodiscard]] bool ignored(std::size_t index) const {
        return matches_any({m_source.name.name, source_name(index)}, m_ignore) ||
               matches_any({m_source.name.display(), source_name(index)}, m_ignore);
    }

    void add(Severity severity, const char* code, const std::string& column, std::string message,
             std::string next_step) {
        m_findings.push_back({severity, code, "table " + m_source.name.display() + ", column " + column,
                              std::move(message), std::move(next_step), 0});
    }

    void hide(Column& column) {
        column.hidden = true;
        column.identity.reset();
        column.default_sql.reset();
    }

    void match(std::size_t index) {
        Column& column = m_adopted.columns[index];
        if (column.hidden) {
            return;
        }
        if (ignored(index)) {
            add(Severity::excluded, "column-ignored", source_name(index),
                "is left out as asked: " + m_existing.name.display() + " keeps its own", {});
            hide(column);
            return;
        }
        const auto found = match_name(m_names, {"", column.name});
        if (!found || m_taken[*found] != 0) {
            const std::string next = "Leave it out with --ignore-column " + m_source.name.name + "." +
                                     source_name(index) + ", add it to the target's table, or map it.";
            add(Severity::blocker, found ? "column-ambiguous" : "column-without-target", source_name(index),
                found ? "two columns would go into " + m_existing.columns[*found].name
                      : "the existing table " + m_existing.name.display() + " has no column for it",
                next);
            hide(column);
            return;
        }
        m_taken[*found] = 1;
        if (computed_otherwise(column, m_existing.columns[*found])) {
            add(Severity::blocker, "column-computed-by-target", source_name(index),
                "the existing table " + m_existing.name.display() +
                    " computes this column itself: the source's values would be lost",
                "Leave them out with --ignore-column " + m_source.name.name + "." + source_name(index) +
                    ", or make it a plain column at the target.");
        }
        take(column, m_existing.columns[*found], index);
    }

    /// The source's values are not what the target makes of the other columns by the very same expression.
    static bool computed_otherwise(const Column& column, const Column& existing) {
        return existing.generated &&
               (!column.generated || column.generated->expression != existing.generated->expression);
    }

    /// The target's column, with the reading of the values that are put into it.
    void take(Column& column, const Column& existing, std::size_t index) {
        const LogicalType from = index < m_source.columns.size() ? m_source.columns[index].type : column.type;
        column = existing;
        column.why = said(from, existing, source_name(index));
        const bool zones =
            (from.kind == TypeKind::timestamp && existing.type.kind == TypeKind::timestamp_tz) ||
            (from.kind == TypeKind::timestamp_tz && existing.type.kind == TypeKind::timestamp);
        if (zones) {
            add(Severity::risk, "time-zone-assumed", source_name(index),
                from.kind == TypeKind::timestamp ? "its times have no zone and are taken as UTC"
                                                 : "its instants are written as UTC without their zone",
                {});
        }
        const bool has_zeros = from.kind == TypeKind::decimal || from.kind == TypeKind::text;
        if (existing.type.trimmed && has_zeros && !existing.generated) {
            add(Severity::note, "zeros-not-kept", source_name(index),
                existing.native_type + " keeps numbers without the zeros at their end: 5.00 becomes 5", {});
        }
    }

    static std::string said(const LogicalType& from, const Column& existing, const std::string& source) {
        std::string out;
        if (source != existing.name) {
            out = "goes into " + existing.name;
        }
        if (existing.generated) {
            return out + (out.empty() ? "" : "; ") + "the target computes it";
        }
        if (!(from == existing.type)) {
            out += (out.empty() ? "" : "; ") + ("cast from " + to_string(from)) + " to " +
                   to_string(existing.type);
        }
        return out;
    }

    /// What the target's table has and the source has not.
    void require_the_rest() {
        for (std::size_t i = 0; i < m_existing.columns.size(); ++i) {
            const Column& column = m_existing.columns[i];
            if (m_taken[i] != 0 || column.generated || column.hidden) {
                continue;
            }
            const bool filled = column.nullable || column.default_sql || column.identity;
            m_findings.push_back(
                {filled ? Severity::note : Severity::blocker,
                 filled ? "column-takes-default" : "column-without-source",
                 "table " + m_existing.name.display() + ", column " + column.name,
                 filled ? "has no source and takes its default"
                        : "must have a value, has no default, and the source has no column for it",
                 filled ? "" : "Give it a default at the target, or map a source column or a constant to it.",
                 0});
        }
    }

    const Table& m_source;
    const Table& m_existing;
    const std::vector<std::string>& m_ignore;
    Table& m_adopted;
    std::vector<Finding>& m_findings;
    std::vector<QualifiedName> m_names;
    std::vector<char> m_taken;
};

}  // namespace

std::optional<std::size_t> match_name(const std::vector<QualifiedName>& names, const QualifiedName& wanted,
                                      NameMatch match) {
    const auto exact = std::find(names.begin(), names.end(), wanted);
    if (exact != names.end()) {
        return static_cast<std::size_t>(exact - names.begin());
    }
    if (const auto found = only_one(names, wanted, lower)) {
        return found;
    }
    return match == NameMatch::letters ? std::nullopt : only_one(names, wanted, folded);
}

void load_into(const Table& source, const Table& existing, const std::vector<std::string>& ignore,
               Table& adopted, std::vector<Finding>& findings) {
    TableLoad(source, existing, ignore, adopted, findings).run();
}

}  // namespace migrate::mapping
