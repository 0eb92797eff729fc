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

unsigned workers(unsigned wanted) {
    const unsigned count = wanted > 0 ? wanted : std::max(1U, std::thread::hardware_concurrency());
    return std::min(count, k_most_workers);
}

}  // namespace

backend::OpenContext MigratorContext::open_context() const {
    backend::OpenContext context;
    context.credentials = config.credentials.get();
    context.stop = config.stop;
    context.application_name = config.application_name;
    context.busy_timeout_ms = static_cast<unsigned>(std::max<std::int64_t>(0, config.busy_timeout.count()));
    context.threads = workers(0);
    context.memory = memory;
    EventSink* sink = &events;
    context.progress = [sink](std::string_view what, std::uint64_t done, std::uint64_t total) {
        sink->reached(std::string(what), done, total);
    };
    return context;
}

std::unique_ptr<backend::Source> MigratorContext::open_source(const Endpoint& endpoint) const {
    return backend::backend_named(endpoint.engine).open_source(endpoint, open_context());
}

std::unique_ptr<backend::Target> MigratorContext::open_target(const Endpoint& endpoint) const {
    return backend::backend_named(endpoint.engine).open_target(endpoint, open_context());
}

unsigned MigratorContext::readers_for(const Endpoint& endpoint, unsigned wanted) const {
    return backend::backend_named(endpoint.engine).capabilities().parallel_readers ? workers(wanted) : 1;
}

unsigned MigratorContext::writers_for(const Endpoint& endpoint, unsigned wanted) const {
    return backend::backend_named(endpoint.engine).capabilities().parallel_writers ? workers(wanted) : 1;
}

std::string MigratorContext::now() const {
    return util::iso_utc(config.clock ? config.clock() : std::chrono::system_clock::now());
}

void MigratorContext::check_stop() const {
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
