#include "migrator/context.hpp"

#include <algorithm>
#include <thread>

#include <migrate/error.hpp>

#include "backend/endpoint_identity.hpp"
#include "backend/registry.hpp"
#include "util/clock.hpp"
#include "util/hex.hpp"
#include "util/random_id.hpp"

namespace migrate {
namespace {

constexpr unsigned k_most_workers = 8;

unsigned workers(unsigned wanted, bool parallel) {
    const unsigned count = wanted > 0 ? wanted : std::max(1U, std::thread::hardware_concurrency());
    return parallel ? std::min(count, k_most_workers) : 1;
}

const backend::Capabilities& abilities_of(const Endpoint& endpoint) {
    return backend::backend_named(endpoint.engine).capabilities();
}

/// What the host lends is its own to count.
bool opens_sessions(const Endpoint& endpoint) {
    return abilities_of(endpoint).counts_sessions && endpoint.borrowed == nullptr;
}

void refuse_few(unsigned allowed, unsigned least) {
    if (allowed == 0 || allowed >= least) {
        return;
    }
    ErrorFacts facts;
    facts.code = ErrorCode::usage;
    facts.next_step = "allow at least " + std::to_string(least) + " with --max-connections";
    throw Error(std::move(facts),
                std::to_string(allowed) + (allowed == 1 ? " connection is" : " connections are") +
                    " too few: this needs " + std::to_string(least) + " sessions on one server at once");
}

}  // namespace

backend::OpenContext MigratorContext::open_context(std::shared_ptr<util::SessionLimit> sessions) const {
    backend::OpenContext context;
    context.credentials = config.credentials.get();
    context.stop = config.stop;
    context.application_name = config.application_name;
    context.busy_timeout_ms = static_cast<unsigned>(std::max<std::int64_t>(0, config.busy_timeout.count()));
    context.rate = throttle.rate;
    context.sessions = std::move(sessions);
    context.threads = workers(0, true);
    context.memory = memory;
    EventSink* sink = &events;
    context.progress = [sink](std::string_view what, std::uint64_t done, std::uint64_t total) {
        sink->reached(std::string(what), done, total);
    };
    return context;
}

std::unique_ptr<backend::Source> MigratorContext::open_source(const Endpoint& endpoint) const {
    if (stand_in) {
        return stand_in();
    }
    return backend::backend_named(endpoint.engine)
        .open_source(endpoint, open_context(throttle.from_sessions));
}

std::unique_ptr<backend::Source> MigratorContext::open_other_source(const Endpoint& endpoint) const {
    return backend::backend_named(endpoint.engine).open_source(endpoint, open_context(throttle.to_sessions));
}

std::unique_ptr<backend::Target> MigratorContext::open_target(const Endpoint& endpoint) const {
    return backend::backend_named(endpoint.engine).open_target(endpoint, open_context(throttle.to_sessions));
}

std::unique_ptr<backend::Scratch> MigratorContext::make_scratch(const Endpoint& like) const {
    return backend::backend_named(like.engine).make_scratch(like, open_context(throttle.to_sessions));
}

void MigratorContext::require_sessions(const Endpoint& from, const Endpoint& to, SessionUse use) const {
    refuse_few(config.limits.max_connections,
               least_sessions({opens_sessions(from), opens_sessions(to), false}, use));
}

Workers MigratorContext::workers_for(const Endpoint& from, const backend::DatabaseIdentity& source,
                                     const Endpoint& to, const backend::DatabaseIdentity& target,
                                     SessionUse use, unsigned wanted) const {
    Workers all;
    all.readers = workers(wanted, abilities_of(from).parallel_readers);
    all.writers = workers(wanted, abilities_of(to).parallel_writers);
    all.read_back = workers(wanted, abilities_of(to).parallel_readers);
    all.builders = all.writers;
    const unsigned allowed = config.limits.max_connections;
    if (allowed == 0) {
        return all;
    }
    ServerSides sides{opens_sessions(from), opens_sessions(to), false};
    // What cannot be told apart might be one.
    const bool known = !source.server.empty() && !target.server.empty();
    sides.one_server = sides.from && sides.to && (!known || source.server == target.server);
    refuse_few(allowed, least_sessions(sides, use));
    const Workers fitted = fit_to_sessions(allowed, all, sides, use);
    throttle.from_sessions->set_most(sessions_of_source(fitted));
    throttle.to_sessions->set_most(sessions_of_target(fitted, use));
    return fitted;
}

std::string MigratorContext::now() const {
    return util::iso_utc(config.clock ? config.clock() : std::chrono::system_clock::now());
}

void MigratorContext::check_stop() const {
    util::StageClock clock(&throttle.stages);
    if (throttle.gate.pass(config.stop)) {
        clock.waited(Stage::held);
    }
    if (config.stop.stop_requested()) {
        throw Error(ErrorCode::cancelled, "stopped as asked");
    }
}

std::string new_migration_id() {
    std::string id;
    util::append_hex(util::random_bytes(6), id);
    return id;
}

namespace {

[[noreturn]] void refuse_place(const std::string& place) {
    ErrorFacts facts;
    facts.code = ErrorCode::refused;
    facts.next_step = "name another target";
    throw Error(facts, "source and target are the same place: " + place);
}

}  // namespace

void refuse_same_place(const Endpoint& from, const Endpoint& to) {
    if (!backend::same_place(from, to)) {
        return;
    }
    const bool is_one = from.display() == to.display();
    refuse_place(from.display() +
                 (is_one ? "" : " and " + to.display() + " (one is inside the other, or leads to it)"));
}

void refuse_same_place(const Endpoint& from, const backend::DatabaseIdentity& source, const Endpoint& to,
                       const backend::DatabaseIdentity& target) {
    if (backend::same_place(from, source, to, target)) {
        refuse_place(from.display() + " and " + to.display());
    }
}

}  // namespace migrate
