#include "backends/json/adoption.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "backend/kept_code.hpp"

namespace migrate::backends::json {

namespace {

// What does something when rows are read or written. The rest (types, sequences, comments) says something
// about the columns, which carry it themselves.
constexpr std::array<std::string_view, 11> k_code_kinds{
    "view", "materialized view", "trigger",       "function",     "procedure", "policy", "aggregate",
    "rule", "operator",          "event trigger", "virtual table"};

bool is_code(const SchemaObject& object) {
    return std::find(k_code_kinds.begin(), k_code_kinds.end(), object.kind) != k_code_kinds.end();
}

void adopt_column(Column& column, const QualifiedName& table, const backend::AdoptOptions& options) {
    for (const backend::ColumnHint& wish : options.overrides) {
        if (wish.table == table && wish.column == column.name) {
            column.type = wish.type;
        }
    }
    column.native_type = to_string(column.type);
    column.format.clear();
    column.default_sql.reset();
    column.generated.reset();
    column.why.clear();
}

// True when something was taken off that only its own engine can evaluate.
bool adopt_table(Table& table, const backend::AdoptOptions& options) {
    bool has_expressions = !table.checks.empty();
    for (Column& column : table.columns) {
        has_expressions = has_expressions || column.default_sql || column.generated;
        adopt_column(column, table.name, options);
    }
    table.checks.clear();
    has_expressions =
        std::erase_if(table.indexes,
                      [](const Index& index) {
                          return !index.predicate.empty() ||
                                 std::any_of(index.parts.begin(), index.parts.end(),
                                             [](const IndexPart& part) { return part.column.empty(); });
                      }) != 0 ||
        has_expressions;
    for (Index& index : table.indexes) {
        index.native_sql.clear();
        index.method.clear();
        for (IndexPart& part : index.parts) {
            part.operator_class.clear();
        }
    }
    table.native_sql.clear();
    return has_expressions;
}

/// No migration makes such a column anew: it is there before the functions are.
void leave_generated_by_code_out(const Schema& source, std::vector<Finding>& findings) {
    for (const Table& table : source.tables) {
        for (const Column& column : table.columns) {
            if (column.generated && column.properties.contains(backend::k_calls_code)) {
                findings.push_back({Severity::left_out, "generated-left-out",
                                    "table " + table.name.display() + ", column " + column.name,
                                    "its expression calls functions of the database's own; its values are "
                                    "kept, and come back without it",
                                    "", 0});
            }
        }
    }
}

std::string words_of(const std::map<std::string, std::uint64_t>& kinds) {
    std::string list;
    for (const auto& [kind, count] : kinds) {
        list += (list.empty() ? "" : ", ") + kind + (count > 1 ? " (" + std::to_string(count) + ")" : "");
    }
    return list;
}

/// Definitions stay in the manifest's record of where the data came from, if that is asked for; what has none
/// that could be kept, or is code that nobody asked for, is listed.
class ObjectAdoption {
  public:
    ObjectAdoption(const backend::AdoptOptions& options, bool has_manifest, backend::Adoption& adoption)
        : m_options(options),
          m_keeps(options.with_code && has_manifest),
          m_has_manifest(has_manifest),
          m_out(adoption) {}

    void adopt(const SchemaObject& object, const std::string& engine) {
        const bool fit = backend::can_be_kept(object);
        if (is_skipped(object.kind)) {
            leave_out(Severity::excluded, object, "left out as asked", "");
        } else if (!fit) {
            leave_out(Severity::left_out, object,
                      object.reason.empty() ? "nothing of its definition is known that could be kept"
                                            : object.reason,
                      "");
        } else if (m_keeps) {
            m_out.schema.properties[backend::k_keeps_code] = "yes";
            if (is_code(object)) {
                ++m_kept[object.kind];
                m_engine = engine;
            }
        } else if (is_code(object)) {
            leave_out(Severity::left_out, object, "JSON holds rows and their description, no code",
                      m_has_manifest ? "--with-code keeps its definition as text, for the way back." : "");
        }
    }

    void tell_kept() {
        if (m_kept.empty()) {
            return;
        }
        std::uint64_t count = 0;
        for (const auto& [kind, of_kind] : m_kept) {
            count += of_kind;
        }
        m_out.findings.push_back(
            {Severity::note, "code-kept", words_of(m_kept),
             "kept as text for the way back to " + m_engine + "; nothing in JSON runs or enforces it", "",
             count});
    }

  private:
    [[nodiscard]] bool is_skipped(const std::string& kind) const {
        const auto& kinds = m_options.skip_kinds;
        return std::find(kinds.begin(), kinds.end(), kind) != kinds.end();
    }

    void leave_out(Severity severity, const SchemaObject& object, const std::string& why,
                   const std::string& next_step) {
        m_out.findings.push_back(
            {severity, "object-left-out", object.kind + " " + object.name.display(), why, next_step, 1});
    }

    const backend::AdoptOptions& m_options;
    bool m_keeps;
    bool m_has_manifest;
    backend::Adoption& m_out;
    std::map<std::string, std::uint64_t> m_kept;  ///< By kind.
    std::string m_engine;
};

}  // namespace

backend::Adoption adopt(const Schema& source, const backend::AdoptOptions& options, bool has_manifest) {
    backend::Adoption adoption;
    adoption.schema = source;
    adoption.schema.engine = "json";
    adoption.schema.engine_version.clear();
    adoption.schema.objects.clear();
    adoption.schema.properties.erase(backend::k_keeps_code);
    for (Table& table : adoption.schema.tables) {
        if (adopt_table(table, options) && source.engine != "json") {
            adoption.findings.push_back({Severity::note, "expressions-recorded",
                                         "table " + table.name.display(),
                                         "its defaults, checks, generated columns and indexes on expressions "
                                         "stay in the manifest's record of "
                                         "where it came from; JSON evaluates nothing",
                                         "", 0});
        }
    }
    if (options.with_code && has_manifest) {
        leave_generated_by_code_out(source, adoption.findings);
    }
    ObjectAdoption objects(options, has_manifest, adoption);
    for (const SchemaObject& object : source.objects) {
        objects.adopt(object, source.engine);
    }
    for (const backend::KeptObject& kept : backend::kept_of_others(source, source.engine)) {
        objects.adopt(*kept.object, kept.engine);
    }
    objects.tell_kept();
    return adoption;
}

}  // namespace migrate::backends::json
