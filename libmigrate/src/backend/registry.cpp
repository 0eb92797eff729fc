#include "backend/registry.hpp"

#include <string>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "util/printable.hpp"

namespace migrate::backend {

const Backend& backend_named(std::string_view engine) {
    std::string names;
    for (const RegisteredBackend& one : builtin_backends()) {
        if (one.backend->name() == engine) {
            return *one.backend;
        }
        names += (names.empty() ? "" : ", ") + std::string(one.backend->name());
    }
    ErrorFacts facts{.code = ErrorCode::usage};
    facts.next_step = fmt::format("Name one of: {}.", names);
    throw Error(facts, fmt::format("There is no engine \"{}\" in this build.", util::printable(engine)));
}

}  // namespace migrate::backend
