#include "io/system_error.hpp"

#include <cerrno>
#include <system_error>

#include <migrate/error.hpp>

namespace migrate::io {

namespace {

ErrorCode code_of(int error) {
    switch (error) {
        case ENOENT:
        case ENOTDIR:
            return ErrorCode::not_found;
        case EACCES:
        case EPERM:
        case EROFS:
            return ErrorCode::permission;
        case EEXIST:
        case ENOTEMPTY:
            return ErrorCode::exists;
        case ENOSPC:
        case EDQUOT:
        case EMFILE:
        case ENFILE:
        case ENAMETOOLONG:
            return ErrorCode::resource;
        case EISDIR:
        case ELOOP:
            return ErrorCode::refused;
        default:
            return ErrorCode::io;
    }
}

std::string next_step_of(int error) {
    switch (error) {
        case ENOENT:
            return "Check the path.";
        case EACCES:
        case EPERM:
            return "Give this user access, or run as one who has it.";
        case EROFS:
            return "The file system is mounted read-only; choose another place.";
        case ENOSPC:
        case EDQUOT:
            return "Free some space and run again.";
        case ELOOP:
            return "The last part of the path is a symbolic link; name the file it points to.";
        case EISDIR:
            return "Name a file, not a directory.";
        default:
            return {};
    }
}

}  // namespace

void throw_system_error(const std::string& what, const std::string& path, int error) {
    ErrorFacts facts;
    facts.code = code_of(error);
    facts.native_code = error;
    facts.next_step = next_step_of(error);
    throw Error(std::move(facts),
                "cannot " + what + " " + path + ": " + std::generic_category().message(error));
}

}  // namespace migrate::io
