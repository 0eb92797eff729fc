#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/endpoint.hpp>
#include <migrate/stage_time.hpp>

#include "backend/capabilities.hpp"
#include "backend/scratch.hpp"
#include "backend/source.hpp"
#include "backend/source_memory.hpp"
#include "backend/target.hpp"
#include "util/rate_limit.hpp"
#include "util/session_limit.hpp"

namespace migrate::backend {

/// What a backend is given to open one side. Copied and kept by what it opens.
struct OpenContext {
    CredentialProvider* credentials = nullptr;  ///< May be null.
    std::stop_token stop;                       ///< Long steps look at it and throw Error{cancelled}.
    /// Long steps report here (may be empty): a phrase, done and total in any unit (total 0 = unknown).
    std::function<void(std::string_view what, std::uint64_t done, std::uint64_t total)> progress;
    std::string application_name = "migrate";
    unsigned busy_timeout_ms = 5000;               ///< How long to wait for another's lock.
    unsigned threads = 1;                          ///< That a long step may keep busy, the caller's included.
    std::shared_ptr<SourceMemory> memory;          ///< Of the openings of a source; may be null.
    std::shared_ptr<util::RateLimit> rate;         ///< Of scans that are not a Reader's; null = none.
    std::shared_ptr<util::SessionLimit> sessions;  ///< Of what opens sessions; null = none.
};

/// What takes the time where a stage is the slowest of a run, and what a user could change; for people.
struct StageAdvice {
    std::string_view work;  ///< "PostgreSQL's COPY": … took most of the time.
    std::string_view next_step;
};

/// An engine. Stateless; one object per backend folder, listed by the build.
class Backend {
  public:
    virtual ~Backend() = default;
    [[nodiscard]] virtual std::string_view name() const = 0;
    [[nodiscard]] virtual const Capabilities& capabilities() const = 0;
    /// True when the file or directory at this path is this engine's by its content. Never opens it except
    /// through the engine where that matters (SQLite: reads nothing but through its VFS).
    [[nodiscard]] virtual bool recognises(const std::string& path) const = 0;
    /// True when a path that does not exist yet would be this engine's by its name.
    [[nodiscard]] virtual bool claims_name(const std::string& path) const = 0;
    /// What an endpoint of this engine may say after its "?" (beside libpq's own settings for a server), so
    /// that a misspelled option is refused as soon as it is read. Nullopt: opening it tells.
    [[nodiscard]] virtual std::optional<std::vector<std::string_view>> option_names() const {
        return std::nullopt;
    }
    /// Of the stages that are an engine's own: all but Stage::map and Stage::held.
    [[nodiscard]] virtual StageAdvice advice_on(Stage /*stage*/) const { return {}; }
    /// Throws: Error{not_found, unreachable, permission, corrupt, refused…} with the way on.
    virtual std::unique_ptr<Source> open_source(const Endpoint& endpoint,
                                                const OpenContext& context) const = 0;
    virtual std::unique_ptr<Target> open_target(const Endpoint& endpoint,
                                                const OpenContext& context) const = 0;
    /// For an engine whose databases are no files: a place where a migration into `like` can be tried out,
    /// with the settings, schemas and extensions that `like` has. Throws: Error{permission} where that may
    /// not be made; Error{unsupported} for a session that the host has lent, and unless overridden.
    virtual std::unique_ptr<Scratch> make_scratch(const Endpoint& like, const OpenContext& context) const;
};

}  // namespace migrate::backend
