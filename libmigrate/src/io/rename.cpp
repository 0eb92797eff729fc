#include "io/rename.hpp"

#include <cerrno>
#include <fcntl.h>
#include <stdio.h>  // NOLINT(modernize-deprecated-headers): renameat2 is declared here, and not in <cstdio>'s std

#include "io/directory.hpp"
#include "io/fault.hpp"
#include "io/system_error.hpp"

namespace migrate::io {

namespace {

int rename_with(const std::string& from, const std::string& to, unsigned flags) {
    const Fault fault = take_fault(FaultPoint::rename);
    if (fault.error != 0) {
        return fault.error;
    }
    return ::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), flags) == 0 ? 0 : errno;
}

bool is_not_offered(int error) {
    return error == EINVAL || error == ENOSYS;
}

}  // namespace

void rename_replacing(const std::string& from, const std::string& to) {
    if (const int error = rename_with(from, to, 0); error != 0) {
        throw_system_error("rename " + from + " to", to, error);
    }
}

void rename_new(const std::string& from, const std::string& to) {
    int error = rename_with(from, to, RENAME_NOREPLACE);
    if (is_not_offered(error)) {
        // A file system without RENAME_NOREPLACE (NFS, some FUSE): the lock on the target keeps other runs
        // away, and a plain look is the best there is against anybody else.
        error = name_taken(to) ? EEXIST : rename_with(from, to, 0);
    }
    if (error != 0) {
        throw_system_error("rename " + from + " to", to, error);
    }
}

bool exchange(const std::string& a, const std::string& b) {
    const int error = rename_with(a, b, RENAME_EXCHANGE);
    if (error != 0 && !is_not_offered(error)) {
        throw_system_error("exchange " + a + " with", b, error);
    }
    return error == 0;
}

}  // namespace migrate::io
