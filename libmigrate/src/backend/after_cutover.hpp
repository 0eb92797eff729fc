#pragma once

#include <string>

#include <migrate/error.hpp>
#include <migrate/finding.hpp>

/// What may fail when others see a cutover's tables already: nothing of it may be called a cutover that has
/// not happened.
namespace migrate::backend {

/// Makes the new name durable. Throws: CommitUnknownError for an Error: a power failure may take the name
/// back.
template <class Step>
void settle_name(Step step) {
    try {
        step();
    } catch (const Error& error) {
        throw CommitUnknownError(
            error.facts(),
            std::string("the target has its new name, which may not outlive a power failure: ") +
                error.what());
    }
}

/// Of what only clears up: it is done, whatever becomes of that.
inline Finding not_cleared_up(const std::string& object, const Error& error) {
    return {Severity::risk,
            "not-cleared-up",
            object,
            std::string("its tables are shown, but clearing up after that failed: ") + error.what(),
            "Free space or mend the disk: the next command that changes the target clears up.",
            0};
}

}  // namespace migrate::backend
