#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "backends/postgresql/catalog.hpp"

namespace migrate::backends::postgresql {

/// Puts a Schema together from the catalog's queries. One use.
class CatalogBuilder {
  public:
    CatalogBuilder(session::PostgresqlSession& session, const std::vector<std::string>& schemas,
                   const backend::SchemaRequest& request, std::optional<std::string> pattern);
    backend::SchemaReading build();

  private:
    void read_relations();
    void read_columns();
    /// Before a row is counted: a table that the role sees only in part is not to be taken for the whole.
    void refuse_unreadable(const std::vector<std::string>& oids);
    void read_constraints();
    void read_indexes();
    void read_sequences();
    void read_objects();
    /// What describes other objects: comments, settings, owners and privileges.
    void read_details();
    void read_large_objects();
    void mark_callers();
    void name_partition_indexes();
    /// What only looks like this library's own is not passed over without a word.
    void note_names_like_own();

    void add_table(const session::PostgresqlRows& rows, int row);
    void add_partition(const session::PostgresqlRows& rows, int row);
    void add_column(const session::PostgresqlRows& rows, int row, Table& table);
    void add_constraint(const session::PostgresqlRows& rows, int row, Table& table);
    void add_index_part(const session::PostgresqlRows& rows, int row, Table& table);
    void add_sequence(const session::PostgresqlRows& rows, int row,
                      const std::map<std::uint32_t, std::pair<std::int64_t, bool>>& values);
    std::map<std::uint32_t, std::pair<std::int64_t, bool>> sequence_values(
        const session::PostgresqlRows& rows);
    void add_object(const session::PostgresqlRows& rows, int row);
    void add_details(std::string_view sql, bool roles);
    void mark_caller(const session::PostgresqlRows& rows, int row);
    void own_sequence(const session::PostgresqlRows& rows, int row, const QualifiedName& name);
    [[nodiscard]] bool wanted(const QualifiedName& name) const;
    [[nodiscard]] Table* table_of(std::int64_t oid);
    void note_passed_over(const session::PostgresqlRows& rows);
    void note(Severity severity, std::string code, std::string object, std::string message,
              std::string next_step = {});

    session::PostgresqlSession& m_session;
    std::optional<std::string> m_schemas;
    std::optional<std::string> m_pattern;
    const backend::SchemaRequest& m_request;
    backend::SchemaReading m_reading;
    std::map<std::uint32_t, std::size_t> m_tables;  ///< By oid.
    std::set<std::uint32_t> m_passed_over;          ///< Oids of tables that the request leaves out.
    std::uint32_t m_last_index = 0;                 ///< Its parts arrive one after another.
    bool m_skip_index = false;
};

}  // namespace migrate::backends::postgresql
