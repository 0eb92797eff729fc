#include "report/report_key.hpp"

#include <utility>

#include <sodium.h>

#include <migrate/error.hpp>

#include "io/directory.hpp"
#include "io/file.hpp"
#include "report/new_file.hpp"
#include "util/hex.hpp"

namespace migrate::report {
namespace {

constexpr std::string_view k_secret_mark = "migrate-report-key-1 ";
constexpr std::string_view k_public_mark = "migrate-report-public-key-1 ";
constexpr std::size_t k_most_bytes = 4096;

static_assert(crypto_sign_ed25519_SEEDBYTES == 32 && crypto_sign_ed25519_PUBLICKEYBYTES == 32 &&
              crypto_sign_ed25519_SECRETKEYBYTES == 64 && crypto_sign_ed25519_BYTES == 64);

const unsigned char* unsigned_bytes(std::string_view bytes) noexcept {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

[[noreturn]] void refuse(ErrorCode code, const std::string& message, const std::string& next_step) {
    ErrorFacts facts;
    facts.code = code;
    facts.next_step = next_step;
    throw Error(std::move(facts), message);
}

/// Text that is a secret; wiped when it is done with.
struct SecretText {
    std::string text;
    SecretText() = default;
    SecretText(const SecretText&) = delete;
    SecretText& operator=(const SecretText&) = delete;
    ~SecretText() { sodium_memzero(text.data(), text.capacity()); }
};

/// The 32 bytes behind the mark, on the one line of a key's file. False where it is none.
bool read_line(std::string_view line, std::string_view mark, std::string& bytes) {
    if (line.ends_with('\n')) {
        line.remove_suffix(1);
    }
    return line.starts_with(mark) && line.size() == mark.size() + 64 &&
           util::read_hex(line.substr(mark.size()), bytes);
}

}  // namespace

ReportKey::ReportKey(const std::string& path) {
    io::File file = io::File::open_read(path);
    if (file.readable_by_others()) {
        refuse(ErrorCode::refused, "the key for reports, " + path + ", can be read by others",
               "chmod 600 it, and think about whether it is still a secret");
    }
    // Read into what is wiped in the end: a buffer that grows would leave the smaller one behind.
    SecretText line;
    line.text.resize(k_most_bytes);
    std::size_t size = 0;
    while (const std::size_t got = file.read(line.text.data() + size, line.text.size() - size)) {
        size += got;
    }
    line.text.resize(size);
    SecretText seed;
    seed.text.reserve(crypto_sign_ed25519_SEEDBYTES);
    if (!read_line(line.text, k_secret_mark, seed.text)) {
        refuse(ErrorCode::malformed, path + " is no key for reports",
               "make one with: migrate-cli report keygen FILE");
    }
    std::array<unsigned char, crypto_sign_ed25519_PUBLICKEYBYTES> public_half{};
    crypto_sign_ed25519_seed_keypair(public_half.data(), m_bytes.data(), unsigned_bytes(seed.text));
}

ReportKey::~ReportKey() {
    sodium_memzero(m_bytes.data(), m_bytes.size());
}

std::string ReportKey::public_key() const {
    std::array<unsigned char, crypto_sign_ed25519_PUBLICKEYBYTES> key{};
    crypto_sign_ed25519_sk_to_pk(key.data(), m_bytes.data());
    return {reinterpret_cast<const char*>(key.data()), key.size()};
}

std::string ReportKey::sign(std::string_view bytes) const {
    std::array<unsigned char, crypto_sign_ed25519_BYTES> signature{};
    crypto_sign_ed25519_detached(signature.data(), nullptr, unsigned_bytes(bytes), bytes.size(),
                                 m_bytes.data());
    return {reinterpret_cast<const char*>(signature.data()), signature.size()};
}

std::string create_key(const std::string& path) {
    const std::string public_path = path + ".pub";
    for (const std::string& taken : {path, public_path}) {
        if (io::name_taken(taken)) {
            refuse(ErrorCode::exists, taken + " is there already", "name a file that does not exist");
        }
    }
    SecretText seed;
    seed.text.resize(crypto_sign_ed25519_SEEDBYTES);
    randombytes_buf(seed.text.data(), seed.text.size());
    SecretText line;
    line.text.reserve(k_secret_mark.size() + 65);
    line.text += k_secret_mark;
    util::append_hex(seed.text, line.text);
    line.text += '\n';
    write_new_file(path, line.text);
    const std::string public_key = ReportKey(path).public_key();
    try {
        write_new_file(public_path, std::string(k_public_mark) + util::to_hex(public_key) + "\n");
    } catch (...) {
        io::remove_file(path);
        throw;
    }
    return public_key;
}

std::string read_public_key(const std::string& path) {
    std::string key;
    if (!read_line(io::read_whole(path, k_most_bytes), k_public_mark, key)) {
        refuse(ErrorCode::malformed, path + " is no public key for reports",
               "give the file that ends with .pub, which report keygen made beside the secret one");
    }
    return key;
}

bool is_signed_by(std::string_view public_key, std::string_view bytes, std::string_view signature) {
    return public_key.size() == crypto_sign_ed25519_PUBLICKEYBYTES &&
           signature.size() == crypto_sign_ed25519_BYTES &&
           crypto_sign_ed25519_verify_detached(unsigned_bytes(signature), unsigned_bytes(bytes), bytes.size(),
                                               unsigned_bytes(public_key)) == 0;
}

}  // namespace migrate::report
