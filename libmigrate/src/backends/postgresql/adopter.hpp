#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "backend/target.hpp"
#include "backends/postgresql/native_type.hpp"

namespace migrate::backends::postgresql {

/// Says a source schema in PostgreSQL's terms. What the source's own engine or provenance recorded as
/// PostgreSQL's is taken as it was, the rest is mapped; what has no equal is left out and reported.
class Adopter {
  public:
    /// `types`: the names of the types that the server has beside its own ("public.citext").
    Adopter(const Schema& source, const backend::AdoptOptions& options, std::string default_schema,
            std::set<std::string> types);
    backend::Adoption adopt();

  private:
    struct Names {
        std::set<std::string> relations;
    };

    // adopter.cpp
    Table adopt_table(const Table& table);
    Column adopt_column(const Table& table, const Column& column, const Column* origin);
    void adopt_native(const Table& table, const Column& column, const Column* origin, Column& out);
    void adopt_default(const Table& table, const Column& column, Column& out);
    void adopt_generated(const Table& table, Table& out);
    void adopt_identity(const Table& table, const Column& column, const Column* origin, Column& out);
    [[nodiscard]] bool type_exists(const std::string& native) const;
    void apply_override(const Table& table, Column& out);

    // adopter_keys.cpp
    void adopt_keys(const Table& table, Table& out);
    Key adopt_key(const Table& table, const Key& key, const char* suffix, Table& out);
    bool adopt_nocase_key(const Table& table, const Key& key, Table& out);
    void adopt_checks(const Table& table, const Table* origin, Table& out);
    void adopt_indexes(const Table& table, const Table* origin, Table& out);
    bool adopt_index_part(const Table& table, const Index& index, const IndexPart& part, const Table& to,
                          IndexPart& out);
    void adopt_foreign_keys();
    void adopt_foreign_key(const Table& table, ForeignKey key, Table& out);

    // adopter_objects.cpp
    void adopt_objects();
    void leave_object_out(const SchemaObject& object);

    /// A name that no other relation of the schema has.
    std::string relation_name(const std::string& schema, const std::string& wanted);
    static std::string constraint_name(const Table& out, const std::string& wanted);
    void note(Severity severity, std::string code, std::string object, std::string message,
              std::string next_step = {}, std::uint64_t count = 0);
    [[nodiscard]] bool same_engine() const noexcept { return m_source.engine == "postgresql"; }

    const Schema& m_source;
    const backend::AdoptOptions& m_options;
    std::string m_default_schema;
    std::set<std::string> m_types;
    backend::Adoption m_adoption;
    std::map<std::string, Names> m_names;
};

}  // namespace migrate::backends::postgresql
