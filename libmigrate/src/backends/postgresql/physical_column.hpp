#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

#include <migrate/schema.hpp>

#include "backends/postgresql/native_type.hpp"
#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

struct PhysicalColumn {
    std::string name;
    PhysicalType type;
};

/// The columns of relations by oid, in one query.
std::map<std::uint32_t, std::vector<PhysicalColumn>> physical_columns(
    session::PostgresqlSession& session, const std::vector<std::uint32_t>& relations);

/// The columns of tables by name, asked once each. Safe from several threads.
class PhysicalColumns {
  public:
    /// Throws: Error{not_found}.
    std::vector<PhysicalColumn> of(session::PostgresqlSession& session, const QualifiedName& table);

  private:
    std::mutex m_mutex;
    std::map<QualifiedName, std::vector<PhysicalColumn>> m_known;
};

}  // namespace migrate::backends::postgresql
