#include "io/machine.hpp"

#include <array>
#include <pwd.h>
#include <unistd.h>

namespace migrate::io {

std::string machine_name() {
    std::array<char, 256> name{};
    // One byte is kept: a name that is cut off need not end with a NUL.
    if (::gethostname(name.data(), name.size() - 1) != 0) {
        return {};
    }
    return name.data();
}

ProcessUser process_user() {
    ProcessUser user;
    user.uid = ::geteuid();
    user.pid = static_cast<std::uint64_t>(::getpid());
    std::array<char, 16384> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) == 0 && found != nullptr) {
        user.name = found->pw_name;
    }
    return user;
}

}  // namespace migrate::io
