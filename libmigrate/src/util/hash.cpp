#include "util/hash.hpp"

#include <sodium.h>
#include <xxhash.h>

#include "util/byte_order.hpp"
#include "util/hex.hpp"

namespace migrate::util {
namespace {

const unsigned char* unsigned_bytes(std::string_view bytes) noexcept {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

std::string hex_of(const unsigned char (&hash)[crypto_hash_sha256_BYTES]) {
    return to_hex({reinterpret_cast<const char*>(hash), sizeof(hash)});
}

}  // namespace

std::uint64_t hash64(std::string_view bytes) noexcept {
    return XXH3_64bits(bytes.data(), bytes.size());
}

std::string hash128_hex(std::string_view bytes) {
    const XXH128_hash_t hash = XXH3_128bits(bytes.data(), bytes.size());
    std::string raw;
    append_big(raw, static_cast<std::uint64_t>(hash.high64));
    append_big(raw, static_cast<std::uint64_t>(hash.low64));
    return to_hex(raw);
}

std::string sha256_hex(std::string_view bytes) {
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, unsigned_bytes(bytes), bytes.size());
    return hex_of(hash);
}

std::string hmac_sha256_hex(std::string_view key, std::string_view bytes) {
    static_assert(crypto_auth_hmacsha256_BYTES == crypto_hash_sha256_BYTES);
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, unsigned_bytes(key), key.size());
    crypto_auth_hmacsha256_update(&state, unsigned_bytes(bytes), bytes.size());
    unsigned char mac[crypto_auth_hmacsha256_BYTES];
    crypto_auth_hmacsha256_final(&state, mac);
    sodium_memzero(&state, sizeof(state));
    return hex_of(mac);
}

struct Sha256::State {
    crypto_hash_sha256_state hash{};
};

Sha256::Sha256() : m_state(std::make_unique<State>()) {
    crypto_hash_sha256_init(&m_state->hash);
}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::string_view bytes) {
    crypto_hash_sha256_update(&m_state->hash, unsigned_bytes(bytes), bytes.size());
}

std::string Sha256::finish_hex() {
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256_final(&m_state->hash, hash);
    return hex_of(hash);
}

struct Blake2b256::State {
    crypto_generichash_state hash{};
};

Blake2b256::Blake2b256() : m_state(std::make_unique<State>()) {
    crypto_generichash_init(&m_state->hash, nullptr, 0, crypto_generichash_BYTES);
}
Blake2b256::~Blake2b256() = default;
Blake2b256::Blake2b256(Blake2b256&&) noexcept = default;
Blake2b256& Blake2b256::operator=(Blake2b256&&) noexcept = default;

void Blake2b256::update(std::string_view bytes) {
    crypto_generichash_update(&m_state->hash, unsigned_bytes(bytes), bytes.size());
}

std::string Blake2b256::finish_hex() {
    unsigned char hash[crypto_generichash_BYTES];
    crypto_generichash_final(&m_state->hash, hash, sizeof(hash));
    return to_hex({reinterpret_cast<const char*>(hash), sizeof(hash)});
}

}  // namespace migrate::util
