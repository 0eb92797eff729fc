#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include <migrate/backup.hpp>

namespace migrate::backup {

inline constexpr std::size_t k_key_bytes = 32;

/// Key material; wiped when it is done with.
class SecretKey {
  public:
    SecretKey() = default;
    SecretKey(const SecretKey&) = default;
    SecretKey& operator=(const SecretKey&) = default;
    ~SecretKey();
    [[nodiscard]] unsigned char* data() noexcept { return m_bytes.data(); }
    [[nodiscard]] const unsigned char* data() const noexcept { return m_bytes.data(); }

  private:
    std::array<unsigned char, k_key_bytes> m_bytes{};
};

/// How a backup's own random key is kept in its manifest: encrypted by what the user has. No secret.
struct KeyRecord {
    std::string method;  ///< "key-file" or "passphrase".
    std::string salt;    ///< Hexadecimal; of Argon2id, as the two below.
    std::uint64_t passes = 0;
    std::uint64_t memory_bytes = 0;
    std::string wrapped;  ///< Hexadecimal: nonce, then the key in a secretbox.
};

/// The keys of one backup, each for one use.
struct BackupKeys {
    SecretKey stream;    ///< Encrypts the files.
    SecretKey manifest;  ///< Seals the manifest.
    SecretKey digest;    ///< Hides the digests of what is in the files.
};

/// The keys of a new backup. Throws: Error{not_found, permission, usage} of the file that holds the secret.
BackupKeys make_keys(const BackupKey& from, KeyRecord& record);
/// Those of a backup that is there. Throws: the same; Error{permission} where it is another key.
BackupKeys open_keys(const BackupKey& from, const KeyRecord& record);

/// BLAKE2b with 256 bits, keyed where a key is given; as hexadecimal digits.
std::string keyed_digest(std::string_view bytes, const SecretKey* key);

}  // namespace migrate::backup
