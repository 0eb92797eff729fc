#include <string>
#include <utility>

#include <migrate/error.hpp>

MIGRATE_NAMESPACE_BEGIN

Error::Error(ErrorCode code, const std::string& message) : std::runtime_error(message) {
    m_facts.code = code;
}

Error::Error(ErrorFacts facts, const std::string& message)
    : std::runtime_error(message), m_facts(std::move(facts)) {}

bool Error::retryable() const noexcept {
    return m_facts.code == ErrorCode::connection_lost || m_facts.code == ErrorCode::transient;
}

std::string to_string(ErrorCode code) {
    switch (code) {
        case ErrorCode::internal:
            return "internal";
        case ErrorCode::usage:
            return "usage";
        case ErrorCode::refused:
            return "refused";
        case ErrorCode::exists:
            return "exists";
        case ErrorCode::not_found:
            return "not_found";
        case ErrorCode::malformed:
            return "malformed";
        case ErrorCode::corrupt:
            return "corrupt";
        case ErrorCode::unreachable:
            return "unreachable";
        case ErrorCode::permission:
            return "permission";
        case ErrorCode::locked:
            return "locked";
        case ErrorCode::row:
            return "row";
        case ErrorCode::constraint:
            return "constraint";
        case ErrorCode::resource:
            return "resource";
        case ErrorCode::io:
            return "io";
        case ErrorCode::connection_lost:
            return "connection_lost";
        case ErrorCode::transient:
            return "transient";
        case ErrorCode::cancelled:
            return "cancelled";
        case ErrorCode::differs:
            return "differs";
        case ErrorCode::unsupported:
            return "unsupported";
    }
    return "internal";
}

int exit_code_of(ErrorCode code) noexcept {
    switch (code) {
        case ErrorCode::internal:
            return 1;
        case ErrorCode::usage:
            return 2;
        case ErrorCode::refused:
        case ErrorCode::exists:
        case ErrorCode::malformed:
        case ErrorCode::corrupt:
        case ErrorCode::unsupported:
            return 3;
        case ErrorCode::differs:
            return 4;
        case ErrorCode::row:
        case ErrorCode::constraint:
        case ErrorCode::resource:
        case ErrorCode::io:
        case ErrorCode::connection_lost:
        case ErrorCode::transient:
        case ErrorCode::cancelled:
            return 6;
        case ErrorCode::not_found:
        case ErrorCode::unreachable:
        case ErrorCode::permission:
            return 7;
        case ErrorCode::locked:
            return 8;
    }
    return 1;
}

MIGRATE_NAMESPACE_END
