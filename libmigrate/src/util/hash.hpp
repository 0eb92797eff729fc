#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace migrate::util {

/// XXH3, 64 bits; the same on every machine and in every release. Not for secrets.
[[nodiscard]] std::uint64_t hash64(std::string_view bytes) noexcept;

/// XXH3, 128 bits, as 32 hexadecimal digits.
[[nodiscard]] std::string hash128_hex(std::string_view bytes);

/// SHA-256, as 64 hexadecimal digits.
[[nodiscard]] std::string sha256_hex(std::string_view bytes);

/// HMAC-SHA-256 (RFC 2104) with a key of any length, as 64 hexadecimal digits.
[[nodiscard]] std::string hmac_sha256_hex(std::string_view key, std::string_view bytes);

/// SHA-256 of bytes that arrive in parts.
class Sha256 {
  public:
    Sha256();
    ~Sha256();
    Sha256(Sha256&&) noexcept;
    Sha256& operator=(Sha256&&) noexcept;
    Sha256(const Sha256&) = delete;
    Sha256& operator=(const Sha256&) = delete;

    void update(std::string_view bytes);
    /// 64 hexadecimal digits. Nothing may be added afterwards.
    [[nodiscard]] std::string finish_hex();

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

/// BLAKE2b with 256 bits, of bytes that arrive in parts; three times as fast as SHA-256. `b2sum -l 256`
/// prints the same.
class Blake2b256 {
  public:
    Blake2b256();
    ~Blake2b256();
    Blake2b256(Blake2b256&&) noexcept;
    Blake2b256& operator=(Blake2b256&&) noexcept;
    Blake2b256(const Blake2b256&) = delete;
    Blake2b256& operator=(const Blake2b256&) = delete;

    void update(std::string_view bytes);
    /// 64 hexadecimal digits. Nothing may be added afterwards.
    [[nodiscard]] std::string finish_hex();

  private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace migrate::util
