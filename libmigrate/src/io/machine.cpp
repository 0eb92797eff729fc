#include "io/machine.hpp"

#include <array>
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

}  // namespace migrate::io
