#include "backends/sqlite/adopt.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "backend/kept_code.hpp"
#include "backends/sqlite/adopt_table.hpp"
#include "backends/sqlite/catalog.hpp"
#include "backends/sqlite/ddl.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {
namespace {

bool is_skipped(const backend::AdoptOptions& options, const std::string& kind) {
    const auto plural = [](std::string text) {
        std::replace(text.begin(), text.end(), '-', ' ');
        return text.ends_with('s') ? text.substr(0, text.size() - 1) : text;
    };
    return std::any_of(options.skip_kinds.begin(), options.skip_kinds.end(),
                       [&](const std::string& skipped) { return plural(skipped) == plural(kind); });
}

std::string dashed(std::string kind) {
    std::replace(kind.begin(), kind.end(), ' ', '-');
    return kind;
}

/// As --skip names the kind.
std::string skip_word(const std::string& kind) {
    std::string word = dashed(kind);
    if (word.ends_with('s')) {
        return word;
    }
    return word.ends_with('y')   ? word.substr(0, word.size() - 1) + "ies"
           : word.ends_with('x') ? word + "es"
                                 : word + "s";
}

/// Types of the source's own making: their columns become text here.
bool is_type(const std::string& kind) {
    return kind == "enum" || kind == "domain" || kind == "composite type" || kind == "range type";
}

class SchemaAdoption {
  public:
    SchemaAdoption(const Schema& source, const backend::AdoptOptions& options)
        : m_source(source), m_options(options) {}

    backend::Adoption run() {
        Schema& schema = m_out.schema;
        schema.engine = "sqlite";
        schema.properties = same_engine() ? m_source.properties : former_properties();
        for (const Table& table : m_source.tables) {
            schema.tables.push_back(adopt_table(m_source, table, m_options, m_out.findings));
        }
        for (Table& table : schema.tables) {
            settle_references(table);
            settle_indexes(table);
            table.native_sql = is_definition_current(table) ? table.native_sql : create_table_sql(table);
            refuse_reserved_name(table);
            refuse_without_columns(table);
        }
        const Schema* former = same_engine() ? nullptr : m_source.origin_on("sqlite");
        for (const SchemaObject& object : m_source.objects) {
            adopt_of_source(object, former);
        }
        for (const backend::KeptObject& kept : backend::kept_of_others(m_source, "sqlite")) {
            adopt_of_source(*kept.object, former);
        }
        if (m_details > 0) {
            m_out.findings.push_back(
                {Severity::note, "details-recorded", "comments, settings, owners, privileges",
                 "SQLite has none; the record of where the data came from keeps them for the way "
                 "back",
                 "", m_details});
        }
        if (former != nullptr) {
            for (const SchemaObject& object : former->objects) {
                adopt_object(object, true);
            }
        }
        backend::forget_kept(schema);
        return std::move(m_out);
    }

  private:
    void adopt_of_source(const SchemaObject& object, const Schema* former) {
        if (object.properties.contains("about_kind")) {
            ++m_details;
        } else if (former == nullptr || object.kind != "view" || !has_view(*former, object.name.name)) {
            // What a view of SQLite's became is said of that view.
            adopt_object(object, same_engine());
        }
    }

    static bool has_view(const Schema& schema, const std::string& name) {
        return std::any_of(schema.objects.begin(), schema.objects.end(), [&](const SchemaObject& object) {
            return object.kind == "view" && util::equals_ignore_case(object.name.name, name);
        });
    }

    [[nodiscard]] bool same_engine() const { return m_source.engine == "sqlite"; }

    [[nodiscard]] std::map<std::string, std::string> former_properties() const {
        const Schema* former = m_source.origin_on("sqlite");
        return former != nullptr ? former->properties : std::map<std::string, std::string>{};
    }

    void find(Severity severity, std::string code, std::string object, std::string message,
              std::string next_step = {}) {
        m_out.findings.push_back(
            {severity, std::move(code), std::move(object), std::move(message), std::move(next_step), 0});
    }

    /// The same of how a table is defined and of nothing else (Finding::definition_of).
    void find_definition(const Table& table, Severity severity, std::string code, std::string object,
                         std::string message) {
        find(severity, std::move(code), std::move(object), std::move(message));
        m_out.findings.back().definition_of = table.name;
    }

    [[nodiscard]] const Table* table_named(const std::string& name) const {
        const auto& tables = m_out.schema.tables;
        const auto found = std::find_if(tables.begin(), tables.end(), [&](const Table& table) {
            return util::equals_ignore_case(table.name.name, name);
        });
        return found == tables.end() ? nullptr : &*found;
    }

    /// SQLite accepts a key to a table that is not there, but then refuses every write to this one; a schema
    /// that came so from SQLite is left as it was.
    void settle_references(Table& table) {
        if (same_engine()) {
            return;
        }
        const Schema* former = m_source.origin_on("sqlite");
        const auto dangled_there = [&](const ForeignKey& key) {
            return former != nullptr && table.origin_on("sqlite") != nullptr &&
                   std::none_of(former->tables.begin(), former->tables.end(), [&](const Table& one) {
                       return util::equals_ignore_case(one.name.name, key.referenced_table.name);
                   });
        };
        std::erase_if(table.foreign_keys, [&](const ForeignKey& key) {
            if (table_named(key.referenced_table.name) != nullptr || dangled_there(key)) {
                return false;
            }
            find_definition(table, Severity::left_out, "foreign-key-left-out",
                            "table " + table.name.display() + ", foreign key " + key.name,
                            "points to " + key.referenced_table.display() + ", which is not migrated");
            return true;
        });
    }

    /// Index names are one namespace with tables in SQLite.
    void settle_indexes(Table& table) {
        for (Index& index : table.indexes) {
            const std::string wanted = index.name.empty() ? table.name.name + "_index" : index.name;
            std::string name = wanted;
            for (int n = 2;
                 table_named(name) != nullptr || !m_index_names.insert(util::lower_ascii(name)).second; ++n) {
                name = wanted + "_" + std::to_string(n);
            }
            if (name != index.name) {
                find_definition(
                    table, Severity::note, "renamed", "index " + index.name + " on " + table.name.display(),
                    "is named " + name + ", because SQLite has one index of a name in the whole database");
                index.name = name;
                index.native_sql.clear();
            }
            if (index.native_sql.empty()) {
                index.native_sql = create_index_sql(table, index);
            }
        }
    }

    void refuse_reserved_name(const Table& table) {
        if (util::lower_ascii(table.name.name).starts_with("sqlite_") || is_state_table(table.name.name)) {
            find(Severity::blocker, "name-reserved", "table " + table.name.display(),
                 "SQLite does not allow a table of this name", "Exclude the table, or give it another name.");
        }
    }

    void refuse_without_columns(const Table& table) {
        const bool stores = std::any_of(table.columns.begin(), table.columns.end(),
                                        [](const Column& column) { return !column.generated; });
        if (!stores) {
            find(Severity::blocker, "no-columns", "table " + table.name.display(),
                 table.columns.empty() ? "SQLite has no tables without columns"
                                       : "SQLite has no tables of generated columns only",
                 "Exclude the table with --exclude, or give it a column.");
        }
    }

    void adopt_object(const SchemaObject& object, bool is_ours) {
        const std::string what = object.kind + " " + object.name.display();
        if (is_skipped(m_options, object.kind)) {
            find(Severity::excluded, dashed(object.kind) + "-left-out", what, "left out as asked");
            return;
        }
        if (is_ours && (object.kind == "view" || object.kind == "trigger")) {
            if (m_options.with_code) {
                m_out.schema.objects.push_back(object);
                return;
            }
            find(Severity::left_out, dashed(object.kind) + "-left-out", what,
                 "would run code of the source at the target",
                 "Recreate it with --with-code, or leave it out with --skip " + skip_word(object.kind) + ".");
            return;
        }
        const auto shadows = object.properties.find("shadow_tables");
        std::string message =
            is_ours ? "virtual tables are not carried over"
            : is_type(object.kind)
                ? "SQLite has no types of its own making: what the type allows is not checked there"
                : "SQLite has no equal for it";
        if (!is_ours && !object.native_sql.empty()) {
            message += "; the record of where the data came from keeps its definition for the way back";
        }
        if (shadows != object.properties.end() && !shadows->second.empty()) {
            message += ", nor are its shadow tables " + shadows->second;
        }
        find(Severity::left_out, dashed(object.kind) + "-left-out", what,
             object.reason.empty() ? message : object.reason,
             "Leave it out on purpose with --skip " + skip_word(object.kind) + ".");
    }

    const Schema& m_source;
    const backend::AdoptOptions& m_options;
    backend::Adoption m_out;
    std::set<std::string> m_index_names;
    std::uint64_t m_details = 0;  ///< Comments, settings, owners, privileges.
};

}  // namespace

backend::Adoption adopt(const Schema& source, const backend::AdoptOptions& options) {
    return SchemaAdoption(source, options).run();
}

}  // namespace migrate::backends::sqlite
