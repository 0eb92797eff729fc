#pragma once

#include <functional>
#include <memory>
#include <string>

#include <migrate/migrator.hpp>

#include "audit/call_log.hpp"
#include "backend/backend.hpp"
#include "backend/database_identity.hpp"
#include "migrator/events.hpp"
#include "migrator/session_fit.hpp"
#include "migrator/throttle.hpp"

namespace migrate {

/// What the calls of one migrator share.
struct MigratorContext {
    const MigratorConfig& config;
    EventSink& events;
    Throttle& throttle;
    std::shared_ptr<backend::SourceMemory> memory;  ///< Of all calls of the migrator.
    audit::CallLog& audit;
    /// Opens what is read in the place of every source; empty = endpoints open their own.
    std::function<std::unique_ptr<backend::Source>()> stand_in{};
    bool own_code = false;  ///< As AdoptOptions has it.

    [[nodiscard]] std::unique_ptr<backend::Source> open_source(const Endpoint& endpoint) const;
    /// The second of two that are compared.
    [[nodiscard]] std::unique_ptr<backend::Source> open_other_source(const Endpoint& endpoint) const;
    [[nodiscard]] std::unique_ptr<backend::Target> open_target(const Endpoint& endpoint) const;
    /// As Backend::make_scratch().
    [[nodiscard]] std::unique_ptr<backend::Scratch> make_scratch(const Endpoint& like) const;
    /// Before the sides of a run, or of a comparison, are opened. Throws: Error{usage} where so few sessions
    /// are allowed that it cannot be done.
    void require_sessions(const Endpoint& from, const Endpoint& to, SessionUse use) const;
    /// How many of each are used at once, so that the allowed sessions are enough; `wanted` as
    /// PlanOptions::workers. Of a comparison `read_back` are the second side's readers. Throws: Error{usage},
    /// as before, where both sides turn out to be on one server.
    [[nodiscard]] Workers workers_for(const Endpoint& from, const backend::DatabaseIdentity& source,
                                      const Endpoint& to, const backend::DatabaseIdentity& target,
                                      SessionUse use, unsigned wanted) const;
    [[nodiscard]] std::string now() const;
    /// Waits while the run is paused. Throws: Error{cancelled} once the stop token was triggered.
    void check_stop() const;

  private:
    [[nodiscard]] backend::OpenContext open_context(std::shared_ptr<util::SessionLimit> sessions) const;
};

/// Twelve lower-case hexadecimal digits from the system's random source.
std::string new_migration_id();

/// Throws: Error{refused} when writing to one would change the other.
void refuse_same_place(const Endpoint& from, const Endpoint& to);
/// The same once both are open, whatever names they were reached by.
void refuse_same_place(const Endpoint& from, const backend::DatabaseIdentity& source, const Endpoint& to,
                       const backend::DatabaseIdentity& target);

}  // namespace migrate
