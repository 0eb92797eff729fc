#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <migrate/audit.hpp>
#include <migrate/error.hpp>
#include <migrate/event.hpp>

#include "audit/trail_file.hpp"

namespace migrate::audit {

struct CallLogOptions {
    std::string path;  ///< Empty: nothing is recorded.
    AuditKeySource key;
    std::string application;
    std::chrono::milliseconds patience{5000};                      ///< How long to wait for another's write.
    std::function<std::chrono::system_clock::time_point()> clock;  ///< Empty = the system's.
};

/// What one call of the facade writes into the trail. Lines are on the disk at phases, not one by one.
///
/// Until target_is_written() a trail that cannot be written is an error, so that nothing is changed that is
/// not recorded; from then on it is kept for failure(), since the target has the last word. Every call does
/// nothing where no trail is kept, or before begin(). Not thread-safe.
class CallLog {
  public:
    explicit CallLog(CallLogOptions options);

    /// Names what is done: "migrate". From here on there is something to record.
    void begin(const std::string& operation, const std::string& migration);
    [[nodiscard]] bool active() const noexcept { return m_file.has_value() && m_begun; }

    void set_migration(const std::string& migration) { m_who.migration = migration; }
    void set_sides(const std::string& from, const std::string& to);
    void set_roles(const std::string& from, const std::string& to);

    /// Durable at once.
    void started(const std::string& detail);
    /// Of the phases before the first write one line each is kept back until then.
    void phase_begun(Phase phase);
    void phase_ended(Phase phase);
    /// Another attempt: what was kept back of the last one is not told twice.
    void forget_attempt();
    void decide(const std::string& what);
    /// What was recorded so far is on the disk when it returns.
    void settle() { flush(true); }
    /// The same; and the next thing that is done changes the target. `or_refuses`: it looks itself first for
    /// what is in the way.
    void target_is_written(bool or_refuses = false);
    /// The call ends; nothing may follow. `what` is "finished", "failed" or "refused".
    void end(const std::string& what, const std::string& detail);
    /// It ends with an error: refused as long as nothing was written. Where that cannot be recorded, the
    /// error that says so as well.
    [[nodiscard]] std::optional<Error> end(const Error& error);

    /// After the last line that was written, as AuditHead::text(); empty if there is none.
    [[nodiscard]] std::string head() const;
    /// What kept lines from being written since target_is_written().
    [[nodiscard]] const std::optional<Error>& failure() const noexcept { return m_failure; }

  private:
    void add(const std::string& event, const std::string& detail);
    void flush(bool durable);
    void write(bool durable);

    CallLogOptions m_options;
    AuditRecord m_who;  ///< What all lines have in common.
    std::optional<TrailFile> m_file;
    std::vector<AuditRecord> m_waiting;
    std::optional<Error> m_failure;
    bool m_begun = false;
    bool m_started = false;
    bool m_written = false;  ///< The target.
    bool m_may_refuse = true;
    bool m_refused = false;  ///< The call ends because the trail cannot be written.
};

}  // namespace migrate::audit
