#include <string_view>

#include <migrate/finding.hpp>

MIGRATE_NAMESPACE_BEGIN

std::string_view to_string(Severity severity) noexcept {
    switch (severity) {
        case Severity::note:
            return "note";
        case Severity::risk:
            return "risk";
        case Severity::excluded:
            return "excluded";
        case Severity::left_out:
            return "left_out";
        case Severity::blocker:
            return "blocker";
    }
    return "note";
}

MIGRATE_NAMESPACE_END
