#include <migrate/backup.hpp>

MIGRATE_NAMESPACE_BEGIN

std::string_view to_string(BackupState state) noexcept {
    switch (state) {
        case BackupState::whole:
            return "whole";
        case BackupState::damaged:
            return "damaged";
        case BackupState::unfinished:
            return "unfinished";
    }
    return "damaged";
}

int CreatedBackup::exit_code() const noexcept {
    return backup.left_out.empty() ? 0 : 5;
}

int RestoreResult::exit_code() const noexcept {
    return left_out.empty() ? 0 : 5;
}

int BackupVerification::exit_code() const noexcept {
    return problems.empty() ? 0 : 4;
}

MIGRATE_NAMESPACE_END
