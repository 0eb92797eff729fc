#include "util/random_id.hpp"

#include <sodium.h>

#include <migrate/error.hpp>

namespace migrate::util {

std::string random_bytes(std::size_t count) {
    // Safe to call from any thread, any number of times.
    if (sodium_init() < 0) {
        throw Error(ErrorCode::resource, "the system's random number source cannot be opened");
    }
    std::string bytes(count, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    return bytes;
}

std::string random_id() {
    constexpr char letters[] = "abcdefghjkmnpqrstvwxyz0123456789";
    constexpr std::size_t letters_only = 16;
    std::string id = random_bytes(16);
    for (char& c : id) {
        c = letters[static_cast<unsigned char>(c) % 32U];
    }
    const auto first = static_cast<unsigned char>(random_bytes(1)[0]);
    id[0] = letters[first % letters_only];
    return id;
}

}  // namespace migrate::util
