#include "backup/backup_key.hpp"

#include <cstring>

#include <sodium.h>

#include <migrate/error.hpp>

#include "io/file.hpp"
#include "util/hex.hpp"
#include "util/random_id.hpp"

namespace migrate::backup {
namespace {

static_assert(k_key_bytes == crypto_secretbox_KEYBYTES && k_key_bytes == crypto_kdf_KEYBYTES &&
              k_key_bytes == crypto_secretstream_xchacha20poly1305_KEYBYTES);

// Argon2id: 0.2 s and no more memory than a batch of wide rows. A manifest says what it was made with, within
// limits, so that a forged one cannot take all memory.
constexpr std::uint64_t k_passes = 4;
constexpr std::uint64_t k_memory_bytes = 64ULL << 20U;
constexpr std::uint64_t k_most_passes = 32;
constexpr std::uint64_t k_most_memory_bytes = 1ULL << 30U;

constexpr std::size_t k_most_secret_bytes = 4096;
constexpr char k_context[] = "libmigbk";  // crypto_kdf's, eight bytes; do not change

const unsigned char* unsigned_bytes(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

[[noreturn]] void refuse_secret(const std::string& message, const std::string& next_step) {
    ErrorFacts facts;
    facts.code = ErrorCode::usage;
    facts.next_step = next_step;
    throw Error(std::move(facts), message);
}

/// The content of a file that holds a secret; wiped when it is done with.
struct SecretText {
    explicit SecretText(const std::string& path) : text(k_most_secret_bytes + 1, '\0') {
        io::File file = io::File::open_read(path);
        if (file.readable_by_others()) {
            refuse_secret(path + " can be read by others", "chmod 600 " + path);
        }
        // Read into what is wiped in the end: a larger buffer would leave the smaller one behind.
        std::size_t size = 0;
        while (const std::size_t got = file.read(text.data() + size, text.size() - size)) {
            size += got;
        }
        if (size == text.size()) {
            refuse_secret(path + " is larger than a secret may be", "give a file of 4096 bytes at most");
        }
        text.resize(size);
    }
    ~SecretText() { sodium_memzero(text.data(), text.capacity()); }
    SecretText(const SecretText&) = delete;
    SecretText& operator=(const SecretText&) = delete;

    void drop_line_end() {
        for (const char c : {'\n', '\r'}) {
            if (!text.empty() && text.back() == c) {
                text.pop_back();
            }
        }
    }
    std::string text;
};

SecretKey read_key_file(const std::string& path) {
    SecretText secret(path);
    SecretKey key;
    if (secret.text.size() != k_key_bytes) {
        secret.drop_line_end();
        std::string raw;
        if (secret.text.size() != 2 * k_key_bytes || !util::read_hex(secret.text, raw)) {
            refuse_secret(path + " is no key: it has to hold 32 bytes, or their 64 hexadecimal digits",
                          "make one with: head -c 32 /dev/urandom > FILE; chmod 600 FILE");
        }
        std::memcpy(key.data(), raw.data(), k_key_bytes);
        sodium_memzero(raw.data(), raw.size());
        return key;
    }
    std::memcpy(key.data(), secret.text.data(), k_key_bytes);
    return key;
}

SecretKey derive_from_passphrase(const std::string& path, const KeyRecord& record) {
    SecretText secret(path);
    secret.drop_line_end();
    if (secret.text.empty()) {
        refuse_secret(path + " holds no passphrase: it is empty", "write the passphrase into it");
    }
    std::string salt;
    if (!util::read_hex(record.salt, salt) || salt.size() != crypto_pwhash_SALTBYTES || record.passes == 0 ||
        record.passes > k_most_passes || record.memory_bytes > k_most_memory_bytes) {
        throw Error(ErrorCode::differs, "the manifest's record of its key is not one that is written");
    }
    SecretKey key;
    if (crypto_pwhash(key.data(), k_key_bytes, secret.text.data(), secret.text.size(), unsigned_bytes(salt),
                      record.passes, static_cast<std::size_t>(record.memory_bytes),
                      crypto_pwhash_ALG_ARGON2ID13) != 0) {
        throw Error(ErrorCode::resource, "there is no memory to derive a key from the passphrase: " +
                                             std::to_string(record.memory_bytes) + " bytes are needed");
    }
    return key;
}

SecretKey user_key(const BackupKey& from, const KeyRecord& record) {
    return record.method == "key-file" ? read_key_file(from.key_file)
                                       : derive_from_passphrase(from.passphrase_file, record);
}

BackupKeys keys_of(const SecretKey& own) {
    BackupKeys keys;
    std::uint64_t number = 1;
    for (SecretKey* key : {&keys.stream, &keys.manifest, &keys.digest}) {
        crypto_kdf_derive_from_key(key->data(), k_key_bytes, number++, k_context, own.data());
    }
    return keys;
}

}  // namespace

SecretKey::~SecretKey() {
    sodium_memzero(m_bytes.data(), m_bytes.size());
}

BackupKeys make_keys(const BackupKey& from, KeyRecord& record) {
    if (!from.key_file.empty() && !from.passphrase_file.empty()) {
        refuse_secret("a key file and a passphrase were both given", "leave one of them out");
    }
    record.method = from.key_file.empty() ? "passphrase" : "key-file";
    if (from.key_file.empty()) {
        record.salt = util::to_hex(util::random_bytes(crypto_pwhash_SALTBYTES));
        record.passes = k_passes;
        record.memory_bytes = k_memory_bytes;
    }
    const SecretKey wrapping = user_key(from, record);
    std::string nonce = util::random_bytes(crypto_secretbox_NONCEBYTES);
    SecretKey own;
    randombytes_buf(own.data(), k_key_bytes);
    std::array<unsigned char, crypto_secretbox_MACBYTES + k_key_bytes> box{};
    crypto_secretbox_easy(box.data(), own.data(), k_key_bytes, unsigned_bytes(nonce), wrapping.data());
    record.wrapped = util::to_hex(nonce.append(reinterpret_cast<const char*>(box.data()), box.size()));
    return keys_of(own);
}

BackupKeys open_keys(const BackupKey& from, const KeyRecord& record) {
    if (sodium_init() < 0) {
        throw Error(ErrorCode::resource, "the library for encryption cannot be set up");
    }
    const bool by_file = record.method == "key-file";
    if ((by_file ? from.key_file : from.passphrase_file).empty()) {
        refuse_secret(by_file ? "the backup is encrypted with a key file, which was not given"
                              : "the backup is encrypted with a passphrase, which was not given",
                      by_file ? "name the file with --backup-key-file"
                              : "name the file that holds it with --backup-passphrase-file");
    }
    std::string wrapped;
    if (!util::read_hex(record.wrapped, wrapped) ||
        wrapped.size() != crypto_secretbox_NONCEBYTES + crypto_secretbox_MACBYTES + k_key_bytes) {
        throw Error(ErrorCode::differs, "the manifest's record of its key is not one that is written");
    }
    const SecretKey wrapping = user_key(from, record);
    const unsigned char* nonce = unsigned_bytes(wrapped);
    SecretKey own;
    if (crypto_secretbox_open_easy(own.data(), nonce + crypto_secretbox_NONCEBYTES,
                                   crypto_secretbox_MACBYTES + k_key_bytes, nonce, wrapping.data()) != 0) {
        ErrorFacts facts;
        facts.code = ErrorCode::permission;
        facts.next_step =
            by_file ? "give the key file that it was made with" : "give the passphrase that it was made with";
        throw Error(std::move(facts),
                    "the backup was encrypted with another " + std::string(by_file ? "key" : "passphrase"));
    }
    return keys_of(own);
}

std::string keyed_digest(std::string_view bytes, const SecretKey* key) {
    std::array<unsigned char, crypto_generichash_BYTES> hash{};
    crypto_generichash(hash.data(), hash.size(), unsigned_bytes(bytes), bytes.size(),
                       key == nullptr ? nullptr : key->data(), key == nullptr ? 0 : k_key_bytes);
    return util::to_hex({reinterpret_cast<const char*>(hash.data()), hash.size()});
}

}  // namespace migrate::backup
