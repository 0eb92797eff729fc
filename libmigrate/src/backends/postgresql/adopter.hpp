#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "backend/schema_adopter.hpp"
#include "backends/postgresql/native_type.hpp"
#include "backends/postgresql/server_facts.hpp"

namespace migrate::backends::postgresql {

/// Says a source schema in PostgreSQL's terms. What the source's own engine or provenance recorded as
/// PostgreSQL's is taken as it was, the rest is mapped; what has no equal is left out and reported.
class Adopter {
  public:
    Adopter(const Schema& source, const backend::AdoptOptions& options, std::string default_schema,
            ServerFacts facts);
    backend::Adoption adopt();

  private:
    struct Names {
        std::set<std::string> relations;
    };
    /// Names that the source's own SQL may speak of, and that nothing here has.
    struct Gone {
        std::set<QualifiedName> excluded;  ///< As asked.
        std::set<QualifiedName> renamed;
        std::set<QualifiedName> left_out;
    };
    /// Why a statement cannot be run as it stands.
    struct Dependence {
        Severity severity;
        std::string reason;
    };

    // adopter.cpp
    Table adopt_table(const Table& table);
    Column adopt_column(const Table& table, const Column& column, const Column* origin);
    void adopt_native(const Table& table, const Column& column, const Column* origin, Column& out);
    void adopt_default(const Table& table, const Column& column, Column& out);
    /// Parents that are not migrated are left out; what comes from the others is left to them to bring.
    void adopt_inheritance(Table& out);
    void adopt_identity(const Table& table, const Column& column, const Column* origin, Column& out);
    void leave_calling_out(const Table& table, const Column& same, Column& out);
    [[nodiscard]] bool type_exists(const std::string& native) const;
    void apply_override(const Table& table, Column& out);

    // adopter_generated.cpp: also recorded SQL that speaks of a column which has another type by now
    void adopt_generated(const Table& table, Table& out);
    void leave_generated_out(const Table& table, std::size_t column, const std::string& why);
    void leave_outdated_generated(const Table& origin, const Table& table, Table& out);
    /// True where it is left out.
    bool leave_outdated_check(const Check& check, const Table& origin, const Table& out);
    bool leave_outdated_index(const Index& index, const Table& origin, const Table& out);

    // adopter_keys.cpp
    void adopt_keys(const Table& table, Table& out);
    Key adopt_key(const Table& table, const Key& key, const char* suffix, Table& out);
    /// Adds to the table what calls none of the database's own functions; the rest waits for them.
    void add_check(const Table& from, const Check& check, Table& out);
    void add_index(const Table& from, Index index, Table& out);
    bool adopt_nocase_key(const Table& table, const Key& key, Table& out);
    void adopt_checks(const Table& table, const Table* origin, Table& out);
    void adopt_indexes(const Table& table, const Table* origin, Table& out);
    bool adopt_index_part(const Table& table, const Index& index, const IndexPart& part, const Table& to,
                          IndexPart& out);
    /// B-tree keys that the longest values of the source may not fit into.
    void note_long_keys(const Table& table, const Table& out);

    // adopter_references.cpp
    void adopt_foreign_keys();
    void adopt_foreign_key(const Table& table, ForeignKey key, Table& out);

    // adopter_objects.cpp
    void adopt_objects();
    void adopt_object(const SchemaObject& object, bool told_before);
    void adopt_extension(const SchemaObject& object);
    void adopt_code(SchemaObject object, bool told_before);
    /// The engine in between has listed what it could not take along, so that code need not be listed again:
    /// not what it kept.
    [[nodiscard]] bool told_before(const SchemaObject& object) const;
    /// Lists what a record calls an object of its kind, and is another statement; true where it is one.
    bool leave_forged_out(const SchemaObject& object);
    [[nodiscard]] bool told_before_of_all() const;
    void leave_object_out(const SchemaObject& object);
    void leave_object_out(const SchemaObject& object, const std::string& engine);
    /// What a record keeps of other engines.
    void leave_kept_out();
    [[nodiscard]] bool is_skipped(const std::string& kind) const;
    [[nodiscard]] bool has_table(const QualifiedName& name) const;
    /// Whether a partition's topmost parent is migrated.
    [[nodiscard]] bool is_rooted(const SchemaObject& partition) const;

    // adopter_details.cpp
    void adopt_details();
    void adopt_detail(const SchemaObject& detail);
    /// The roles that a statement names are there, and may be given what it gives.
    bool has_roles(const SchemaObject& object);
    void report_missing_roles();
    void report_details_left_out();
    /// Schemas that are there keep what is said of them, which may be another thing.
    void keep_schema(const SchemaObject& detail);
    void report_schemas_kept();
    /// The role to make code under: "" the session's own, a superuser only with AdoptOptions::own_code;
    /// nullopt where there is none.
    [[nodiscard]] std::optional<std::string> code_role(const std::string& owner) const;
    [[nodiscard]] std::string owner_of(const QualifiedName& table) const;
    /// Makes a check or index that calls the database's own functions once they are there.
    void adopt_calling(SchemaObject object, const Table& table);
    /// The objects that PostgreSQL recorded of the source: its own, or those from before it came here.
    [[nodiscard]] const std::vector<SchemaObject>& recorded_objects() const;

    // adopter_dependents.cpp: what speaks of what is not here
    void find_renamed();
    void find_gone();
    /// body: names in the text of functions count as well, where nobody qualifies them.
    [[nodiscard]] std::optional<Dependence> dependence(std::string_view sql, bool body = false) const;
    /// Its table is not migrated, and not under another name either.
    [[nodiscard]] bool has_lost_its_table(const SchemaObject& object) const;
    bool leave_dependent_out(const SchemaObject& object);
    void leave_dependents_out(Table& table);
    void leave_dependents_out();

    // adopter_subjects.cpp: what details are about
    [[nodiscard]] bool is_about_something_here(const SchemaObject& detail) const;
    /// Beside the table: the column, index, constraint… that a detail speaks of.
    [[nodiscard]] bool has_what_it_needs(const SchemaObject& detail) const;
    [[nodiscard]] bool has_part(const QualifiedName& table, const std::string& kind,
                                const std::string& name) const;
    [[nodiscard]] bool has_object(std::string_view kind, const QualifiedName& name) const;
    [[nodiscard]] bool has_sequence(const QualifiedName& name) const;
    [[nodiscard]] std::vector<QualifiedName> line_of(const QualifiedName& table) const;

    // adopter_views.cpp
    /// SQLite's views that can be said in PostgreSQL's SQL, after the tables that they read.
    void adopt_views();

    /// A name that no other relation of the schema has.
    std::string relation_name(const std::string& schema, const std::string& wanted);
    static std::string constraint_name(const Table& out, const std::string& wanted);
    void note(Severity severity, std::string code, std::string object, std::string message,
              std::string next_step = {}, std::uint64_t count = 0);
    /// The same of how a table is defined here and of nothing else (Finding::definition_of).
    void note_definition(const Table& table, Severity severity, std::string code, std::string object,
                         std::string message, std::string next_step = {}, std::uint64_t count = 0);
    /// A source table's name here.
    [[nodiscard]] QualifiedName placed(const QualifiedName& name) const;
    [[nodiscard]] bool same_engine() const noexcept { return m_source.engine == "postgresql"; }

    const Schema& m_source;
    const backend::AdoptOptions& m_options;
    std::string m_default_schema;
    ServerFacts m_facts;
    backend::Adoption m_adoption;
    std::map<std::string, std::uint64_t> m_missing_roles;    ///< And how many statements name each.
    std::map<std::string, std::uint64_t> m_details_skipped;  ///< As asked, by kind.
    std::vector<std::string> m_details_left_out;
    std::map<std::string, std::vector<std::string>> m_schemas_kept;  ///< And what is not said of them.
    std::map<std::string, Names> m_names;
    Gone m_gone;
};

/// What the endpoint's database makes of a schema; asks its server what it has.
backend::Adoption adopt(const Schema& source, const backend::AdoptOptions& options, const Endpoint& endpoint,
                        session::PostgresqlSession& session);

}  // namespace migrate::backends::postgresql
