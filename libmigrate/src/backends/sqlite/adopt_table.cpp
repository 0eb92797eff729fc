#include "backends/sqlite/adopt_table.hpp"

#include <algorithm>

#include "backends/sqlite/declared_type.hpp"
#include "backends/sqlite/translate.hpp"
#include "util/ascii.hpp"

namespace migrate::backends::sqlite {
namespace {

bool is_integer(TypeKind kind) {
    return kind == TypeKind::int16 || kind == TypeKind::int32 || kind == TypeKind::int64;
}

/// Whether values read as `from` may be written as a column of SQLite's once was.
bool is_same_family(TypeKind from, TypeKind to) {
    const auto is_json = [](TypeKind kind) { return kind == TypeKind::json || kind == TypeKind::jsonb; };
    return from == to || (is_integer(from) && is_integer(to)) || (is_json(from) && is_json(to));
}

class TableAdoption {
  public:
    TableAdoption(const Schema& schema, const Table& source, std::vector<Finding>& findings)
        : m_schema(schema), m_source(source), m_origin(source.origin_on("sqlite")), m_findings(findings) {}

    Table run() {
        m_table.name.name = m_source.name.name;
        m_table.role = m_source.role;
        m_table.row_estimate = m_source.row_estimate;
        m_table.row_count_exact = m_source.row_count_exact;
        m_table.byte_estimate = m_source.byte_estimate;
        m_table.origins = m_source.origins;
        if (m_origin != nullptr) {
            m_table.properties = m_origin->table->properties;
        }
        for (std::size_t i = 0; i < m_source.columns.size(); ++i) {
            m_table.columns.push_back(adopt_column(i));
        }
        adopt_primary_key();
        adopt_expressions();
        if (m_origin != nullptr && restores_all()) {
            restore_constraints();
        } else {
            m_table.properties.clear();
            adopt_constraints();
            adopt_indexes();
        }
        return std::move(m_table);
    }

  private:
    Finding& find(Severity severity, std::string code, const std::string& object, std::string message) {
        return m_findings.emplace_back(Finding{severity, std::move(code),
                                               "table " + m_source.name.display() + ", " + object,
                                               std::move(message), "", 0});
    }

    /// The same of how the table is defined and of nothing else (Finding::definition_of).
    void find_definition(Severity severity, std::string code, const std::string& object,
                         std::string message) {
        find(severity, std::move(code), object, std::move(message)).definition_of = m_table.name;
    }

    [[nodiscard]] const Column* former(std::size_t column) const {
        if (m_origin == nullptr || column >= m_origin->columns.size() || m_origin->columns[column] < 0) {
            return nullptr;
        }
        return &m_origin->table->columns[static_cast<std::size_t>(m_origin->columns[column])];
    }

    Column adopt_column(std::size_t index) {
        const Column& source = m_source.columns[index];
        Column column;
        column.name = source.name;
        column.nullable = source.nullable;
        column.why = source.why;
        const Column* native = former(index);
        if (native != nullptr && is_same_family(source.type.kind, native->type.kind)) {
            column.native_type = native->native_type;
            column.type = native->type;
            column.format = native->format;
            column.collation = native->collation;
            column.default_sql = native->default_sql;
            column.generated = native->generated;
            column.properties = native->properties;
            column.identity = native->identity;
            if (column.identity && source.identity) {
                column.identity->next = source.identity->next;
            }
            return column;
        }
        column.type = source.type;
        column.native_type = declared_type_for(source.type);
        if (const std::string how = spelled_as(source.type.kind); !how.empty()) {
            column.why += (column.why.empty() ? "" : "; ") + how;
        }
        if (const auto zeros = source.properties.find("negative_zeros"); zeros != source.properties.end()) {
            find(Severity::note, "negative-zero-as-text", "column " + column.name,
                 zeros->second +
                     " of its values are -0, which SQLite stores as 0: they are kept as the text -zero, and "
                     "come back from there");
        }
        m_translated.push_back(index);
        return column;
    }

    /// True where every column of the former table is here again, in its place and its form.
    [[nodiscard]] bool restores_all() const {
        if (m_origin->reshaped || !m_translated.empty() ||
            m_origin->table->columns.size() != m_source.columns.size()) {
            return false;
        }
        for (std::size_t i = 0; i < m_source.columns.size(); ++i) {
            const Column* native = former(i);
            if (native != &m_origin->table->columns[i] || native->name != m_source.columns[i].name) {
                return false;
            }
        }
        return true;
    }

    void restore_constraints() {
        const Table& native = *m_origin->table;
        m_table.native_sql = native.native_sql;
        m_table.primary_key = native.primary_key;
        m_table.unique_keys = native.unique_keys;
        m_table.checks = native.checks;
        m_table.foreign_keys = native.foreign_keys;
        m_table.indexes = native.indexes;
        for (std::size_t i = 0; i < m_table.columns.size(); ++i) {
            m_table.columns[i].nullable = native.columns[i].nullable;
        }
        add_new_keys();
    }

    /// What the table has been given since it left SQLite.
    void add_new_keys() {
        for (const ForeignKey& key : m_source.foreign_keys) {
            const bool known = std::any_of(
                m_table.foreign_keys.begin(), m_table.foreign_keys.end(), [&](const ForeignKey& other) {
                    return other.columns == key.columns &&
                           util::equals_ignore_case(other.referenced_table.name, key.referenced_table.name);
                });
            if (!known) {
                adopt_foreign_key(key);
            }
        }
        for (const Index& index : m_source.indexes) {
            const bool known =
                std::any_of(m_table.indexes.begin(), m_table.indexes.end(),
                            [&](const Index& other) { return same_parts(other, index); }) ||
                std::any_of(m_table.unique_keys.begin(), m_table.unique_keys.end(),
                            [&](const Key& key) { return index.unique && covers(index, key.columns); }) ||
                (index.unique && m_table.primary_key && covers(index, m_table.primary_key->columns));
            if (!known) {
                adopt_index(index);
            }
        }
        if (m_source.checks.size() > m_table.checks.size()) {
            find_definition(Severity::left_out, "check-left-out", "check constraints",
                            "some were added since the table left SQLite and cannot be told from the others");
        }
    }

    static bool covers(const Index& index, const std::vector<std::string>& columns) {
        if (index.parts.size() != columns.size()) {
            return false;
        }
        for (std::size_t i = 0; i < columns.size(); ++i) {
            // A NOCASE column is an expression on the other side.
            if (!index.parts[i].column.empty() && index.parts[i].column != columns[i]) {
                return false;
            }
        }
        return true;
    }

    /// By name, whatever prefix or suffix made it unique elsewhere, or by the same columns.
    static bool same_parts(const Index& a, const Index& b) {
        if (util::equals_ignore_case(a.name, b.name)) {
            return true;
        }
        return a.unique == b.unique && a.parts.size() == b.parts.size() &&
               std::equal(a.parts.begin(), a.parts.end(), b.parts.begin(),
                          [](const IndexPart& x, const IndexPart& y) {
                              return x.column == y.column || x.column.empty() || y.column.empty();
                          });
    }

    void adopt_primary_key() {
        if (!m_source.primary_key) {
            for (Column& column : m_table.columns) {
                leave_identity_out(column, m_source.find_column(column.name));
            }
            return;
        }
        Key key = *m_source.primary_key;
        key.native_sql.clear();
        key.deferrable = false;
        m_table.primary_key = key;
        for (std::size_t i = 0; i < m_table.columns.size(); ++i) {
            Column& column = m_table.columns[i];
            const Column& source = m_source.columns[i];
            const bool alone = key.columns.size() == 1 && key.columns[0] == column.name;
            if (column.identity && alone) {
                continue;
            }
            column.identity.reset();
            if (!alone || !is_integer(source.type.kind) || former(i) != nullptr) {
                leave_identity_out(column, &source);
                continue;
            }
            // The rowid itself: no second index, and numbers are handed out.
            column.native_type = "INTEGER";
            column.identity = IdentityValue{};
            column.identity->kind =
                source.identity ? IdentityValue::Kind::autoincrement : IdentityValue::Kind::rowid;
            column.identity->next = source.identity ? source.identity->next : std::nullopt;
        }
    }

    void leave_identity_out(Column& column, const Column* source) {
        column.identity.reset();
        if (source != nullptr && source->identity && source->identity->kind != IdentityValue::Kind::rowid) {
            find_definition(Severity::left_out, "identity-left-out", "column " + column.name,
                            "SQLite hands out numbers only for a primary key of this one column");
        }
    }

    void adopt_expressions() {
        for (const std::size_t i : m_translated) {
            const Column& source = m_source.columns[i];
            Column& column = m_table.columns[i];
            if (source.generated) {
                adopt_generated(source, column);
            } else if (source.default_sql && !column.identity &&
                       !(source.identity && source.identity->kind == IdentityValue::Kind::serial)) {
                const Translation said = translate_default(m_schema, m_source, source, column);
                column.default_sql = said.sql;
                if (!said.sql) {
                    find_definition(Severity::left_out, "default-left-out", "column " + column.name,
                                    "its default has no equal in SQLite: " + said.why_not);
                }
            }
        }
    }

    void adopt_generated(const Column& source, Column& column) {
        const Translation said = translate_generated(m_schema, m_source, m_table, source, column);
        if (said.sql) {
            column.generated = GeneratedValue{*said.sql, source.generated->stored};
        } else {
            find_definition(Severity::left_out, "generated-left-out", "column " + column.name,
                            "its expression has no equal in SQLite: " + said.why_not +
                                "; the values are copied into a plain column");
        }
    }

    void adopt_constraints() {
        for (Key key : m_source.unique_keys) {
            if (key.native_sql.starts_with("UNIQUE NULLS NOT DISTINCT")) {
                find_definition(
                    Severity::left_out, "nulls-not-distinct-left-out", "unique key " + key.name,
                    "is made, but lets rows repeat that have a NULL in it: NULLs are always distinct in "
                    "SQLite's keys");
            }
            key.native_sql.clear();
            if (key.deferrable) {
                find_definition(Severity::note, "key-not-deferrable", "unique key " + key.name,
                                "is checked at once in SQLite");
            }
            key.deferrable = false;
            key.initially_deferred = false;
            m_table.unique_keys.push_back(std::move(key));
        }
        for (const Check& check : m_source.checks) {
            if (!check.validated) {
                find_definition(Severity::left_out, "check-left-out", "check " + check.name,
                                "it is NOT VALID, so rows may violate it, which SQLite would refuse");
                continue;
            }
            const Translation said = translate_check(m_schema, m_source, m_table, check.expression);
            if (said.sql) {
                m_table.checks.push_back({check.name, *said.sql, true, false});
            } else {
                find_definition(Severity::left_out, "check-left-out", "check " + check.name,
                                "has no equal in SQLite: " + said.why_not);
            }
        }
        for (const ForeignKey& key : m_source.foreign_keys) {
            adopt_foreign_key(key);
        }
    }

    void adopt_foreign_key(ForeignKey key) {
        if (!key.set_columns.empty()) {
            find_definition(Severity::left_out, "foreign-key-left-out", "foreign key " + key.name,
                            "sets only some of its columns, which SQLite cannot say");
            return;
        }
        if (key.match == "FULL" && key.columns.size() > 1) {
            find_definition(Severity::note, "match-full-ignored", "foreign key " + key.name,
                            "SQLite treats MATCH FULL as MATCH SIMPLE");
        }
        key.referenced_table.schema.clear();
        key.validated = true;
        m_table.foreign_keys.push_back(std::move(key));
    }

    void adopt_indexes() {
        for (const Index& index : m_source.indexes) {
            adopt_index(index);
        }
    }

    void leave_index_out(const Index& index, const std::string& why) {
        find_definition(Severity::left_out, "index-left-out", "index " + index.name, why);
    }

    void adopt_index(const Index& source) {
        if (!source.method.empty() && source.method != "btree" && source.method != "hash") {
            leave_index_out(source, "SQLite has no index of the kind " + source.method);
            return;
        }
        if (source.unique && source.nulls_not_distinct) {
            leave_index_out(source, "NULLs are always distinct in SQLite's unique indexes");
            return;
        }
        Index index = source;
        index.native_sql.clear();
        index.method.clear();
        for (IndexPart& part : index.parts) {
            part.operator_class.clear();
            part.nulls_first.reset();
            part.collation.clear();
            if (!part.column.empty()) {
                continue;
            }
            const Translation said = translate_index_key(m_schema, m_source, m_table, part.expression);
            if (!said.sql) {
                leave_index_out(source, "its expression has no equal in SQLite: " + said.why_not);
                return;
            }
            part.expression = *said.sql;
        }
        if (!index.predicate.empty()) {
            const Translation said = translate_check(m_schema, m_source, m_table, index.predicate);
            if (!said.sql) {
                leave_index_out(source, "its predicate has no equal in SQLite: " + said.why_not);
                return;
            }
            index.predicate = *said.sql;
        }
        if (!index.included.empty()) {
            find_definition(Severity::note, "included-columns-dropped", "index " + index.name,
                            "SQLite's indexes have no included columns");
            index.included.clear();
        }
        m_table.indexes.push_back(std::move(index));
    }

    const Schema& m_schema;
    const Table& m_source;
    const TableOrigin* m_origin;
    std::vector<Finding>& m_findings;
    Table m_table;
    std::vector<std::size_t> m_translated;
};

/// A wish for a column of the target: its logical type and format decide the declaration anew.
void apply_overrides(Table& table, const backend::AdoptOptions& options) {
    for (const backend::ColumnHint& wish : options.overrides) {
        if (wish.table.name != table.name.name) {
            continue;
        }
        for (Column& column : table.columns) {
            if (column.name == wish.column) {
                column.type = wish.type;
                column.format = wish.format;
                column.native_type = declared_type_for(wish.type);
                table.native_sql.clear();
            }
        }
    }
}

}  // namespace

Table adopt_table(const Schema& schema, const Table& source, const backend::AdoptOptions& options,
                  std::vector<Finding>& findings) {
    Table table = schema.engine == "sqlite" ? source : TableAdoption(schema, source, findings).run();
    apply_overrides(table, options);
    return table;
}

}  // namespace migrate::backends::sqlite
