#include "backends/postgresql/trigger_switch.hpp"

#include <fmt/format.h>

#include "backends/postgresql/identifier.hpp"

namespace migrate::backends::postgresql {

std::vector<FiringTrigger> firing_triggers(session::PostgresqlSession& session, const QualifiedName& table) {
    const auto rows = session.query(
        "SELECT pg_catalog.quote_ident(tgname), CASE tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' ELSE "
        "'ENABLE' END FROM pg_catalog.pg_trigger WHERE tgrelid = $1::pg_catalog.regclass AND NOT "
        "tgisinternal AND tgenabled IN ('O', 'A') ORDER BY tgname",
        {quote_name(table)}, "reading the triggers of " + table.display());
    std::vector<FiringTrigger> triggers;
    triggers.reserve(static_cast<std::size_t>(rows.size()));
    for (int row = 0; row < rows.size(); ++row) {
        triggers.push_back({rows.text(row, 0), rows.text(row, 1)});
    }
    return triggers;
}

void TriggerSwitch::off(const QualifiedName& table) {
    for (FiringTrigger& trigger : firing_triggers(m_session, table)) {
        m_session.execute(fmt::format("ALTER TABLE {} DISABLE TRIGGER {}", quote_name(table), trigger.name),
                          "switching off a trigger of " + table.display());
        m_off[table].push_back(std::move(trigger));
    }
}

void TriggerSwitch::on(const QualifiedName& table) {
    for (const FiringTrigger& trigger : m_off[table]) {
        m_session.execute(
            fmt::format("ALTER TABLE {} {} TRIGGER {}", quote_name(table), trigger.enable, trigger.name),
            "switching on a trigger of " + table.display());
    }
    m_off.erase(table);
}

void TriggerSwitch::on_all() {
    while (!m_off.empty()) {
        on(QualifiedName(m_off.begin()->first));
    }
}

}  // namespace migrate::backends::postgresql
