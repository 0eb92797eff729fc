#pragma once

#include <memory>
#include <string>

#include <migrate/migrator.hpp>

#include "backend/backend.hpp"
#include "backend/database_identity.hpp"
#include "migrator/events.hpp"

namespace migrate {

/// What the calls of one migrator share.
struct MigratorContext {
    const MigratorConfig& config;
    EventSink& events;
    std::shared_ptr<backend::SourceMemory> memory;  ///< Of all calls of the migrator.

    [[nodiscard]] backend::OpenContext open_context() const;
    [[nodiscard]] std::unique_ptr<backend::Source> open_source(const Endpoint& endpoint) const;
    [[nodiscard]] std::unique_ptr<backend::Target> open_target(const Endpoint& endpoint) const;
    /// Sessions to use on a side of this engine.
    [[nodiscard]] unsigned readers_for(const Endpoint& endpoint, unsigned wanted) const;
    [[nodiscard]] unsigned writers_for(const Endpoint& endpoint, unsigned wanted) const;
    [[nodiscard]] std::string now() const;
    /// Throws: Error{cancelled} once the stop token was triggered.
    void check_stop() const;
};

/// Twelve lower-case hexadecimal digits from the system's random source.
std::string new_migration_id();

/// Throws: Error{refused} when writing to one would change the other.
void refuse_same_place(const Endpoint& from, const Endpoint& to);
/// The same once both are open, whatever names they were reached by.
void refuse_same_place(const Endpoint& from, const backend::DatabaseIdentity& source, const Endpoint& to,
                       const backend::DatabaseIdentity& target);

}  // namespace migrate
