#pragma once

#include <map>
#include <string>
#include <vector>

#include <migrate/schema.hpp>

#include "session/postgresql_session.hpp"

namespace migrate::backends::postgresql {

/// A table's own triggers that would fire in a plain session.
struct FiringTrigger {
    std::string name;    ///< Quoted.
    std::string enable;  ///< "ENABLE", or "ENABLE ALWAYS".
};
std::vector<FiringTrigger> firing_triggers(session::PostgresqlSession& session, const QualifiedName& table);

/// Switches the triggers of tables off, and those on again that it has switched off. Inside a transaction:
/// where it ends early, nothing was switched.
class TriggerSwitch {
  public:
    explicit TriggerSwitch(session::PostgresqlSession& session) : m_session(session) {}

    void off(const QualifiedName& table);
    void on(const QualifiedName& table);
    void on_all();

  private:
    session::PostgresqlSession& m_session;
    std::map<QualifiedName, std::vector<FiringTrigger>> m_off;
};

}  // namespace migrate::backends::postgresql
