#include "backup/stored_file.hpp"

#include <utility>
#include <vector>

#include <sodium.h>
#include <zstd.h>

#include <migrate/error.hpp>

#include "io/file.hpp"
#include "util/hash.hpp"
#include "util/random_id.hpp"

namespace migrate::backup {
namespace {

// Beside level 1 the next ones take half and twice as long again, for 9 and 14 percent of the bytes of a
// database of names, dates and notes.
constexpr int k_level = 1;
/// What a window may take when it is read: level 1 asks for 512 KiB.
constexpr int k_most_window_log = 23;

/// Compressed bytes to one message of the encrypted stream; do not change.
constexpr std::size_t k_message_bytes = 1U << 16U;
constexpr std::size_t k_block_bytes = 1U << 18U;

constexpr std::size_t k_header_bytes = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t k_added_bytes = crypto_secretstream_xchacha20poly1305_ABYTES;

const unsigned char* unsigned_bytes(std::string_view bytes) {
    return reinterpret_cast<const unsigned char*>(bytes.data());
}

[[noreturn]] void throw_different(const std::string& path, const std::string& why) {
    throw Error(ErrorCode::differs, path + " is not as it was written: " + why);
}

[[noreturn]] void throw_no_memory() {
    throw Error(ErrorCode::resource, "there is no memory to compress a backup");
}

}  // namespace

struct StoredFileWriter::Impl {
    struct FreeStream {
        void operator()(ZSTD_CCtx* stream) const { ZSTD_freeCCtx(stream); }
    };

    Impl(const std::string& path, std::string bound_to, const SecretKey* secret)
        : file(io::File::create_new(path)), about(std::move(bound_to)), key(secret), zstd(ZSTD_createCCtx()) {
        if (zstd == nullptr) {
            throw_no_memory();
        }
        ZSTD_CCtx_setParameter(zstd.get(), ZSTD_c_compressionLevel, k_level);
        ZSTD_CCtx_setParameter(zstd.get(), ZSTD_c_checksumFlag, 1);
        // Where the library can: compression goes on while digests are made. Without, this changes nothing.
        ZSTD_CCtx_setParameter(zstd.get(), ZSTD_c_nbWorkers, 1);
        if (key != nullptr) {
            std::string header(k_header_bytes, '\0');
            crypto_secretstream_xchacha20poly1305_init_push(
                &cipher, reinterpret_cast<unsigned char*>(header.data()), key->data());
            store(header);
        }
    }

    void store(std::string_view bytes) {
        file.write(bytes);
        stored.update(bytes);
        // The disk is kept busy while the next bytes are compressed, so that the sync has little to wait for.
        file.start_writeback(stored_bytes, bytes.size());
        stored_bytes += bytes.size();
    }

    void encrypt(std::string_view message, bool last) {
        std::string out(message.size() + k_added_bytes, '\0');
        crypto_secretstream_xchacha20poly1305_push(&cipher, reinterpret_cast<unsigned char*>(out.data()),
                                                   nullptr, unsigned_bytes(message), message.size(),
                                                   unsigned_bytes(about), about.size(),
                                                   last ? crypto_secretstream_xchacha20poly1305_TAG_FINAL
                                                        : crypto_secretstream_xchacha20poly1305_TAG_MESSAGE);
        store(out);
    }

    /// Compressed bytes on their way: whole messages only, and whatever is left at the end.
    void pass_on(bool last) {
        const std::size_t unit = key == nullptr ? k_block_bytes : k_message_bytes;
        std::size_t at = 0;
        // A stream ends with a message that says so, and that may be full.
        while (waiting.size() - at > unit || (waiting.size() - at == unit && !last)) {
            const std::string_view message = std::string_view(waiting).substr(at, unit);
            key == nullptr ? store(message) : encrypt(message, false);
            at += unit;
        }
        waiting.erase(0, at);
        if (last) {
            key == nullptr ? store(waiting) : encrypt(waiting, true);
            waiting.clear();
        }
    }

    void compress(std::string_view bytes, ZSTD_EndDirective directive) {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        std::size_t left = 1;
        while (directive == ZSTD_e_end ? left != 0 : in.pos < in.size) {
            ZSTD_outBuffer out{block.data(), block.size(), 0};
            left = ZSTD_compressStream2(zstd.get(), &out, &in, directive);
            if (ZSTD_isError(left) != 0) {
                throw Error(ErrorCode::resource,
                            std::string("a backup cannot be compressed: ") + ZSTD_getErrorName(left));
            }
            waiting.append(block.data(), out.pos);
            pass_on(false);
        }
    }

    io::File file;
    std::string about;
    const SecretKey* key;
    std::unique_ptr<ZSTD_CCtx, FreeStream> zstd;
    crypto_secretstream_xchacha20poly1305_state cipher{};
    std::vector<char> block = std::vector<char>(ZSTD_CStreamOutSize());
    std::string waiting;
    util::Blake2b256 plain;
    util::Blake2b256 stored;
    std::uint64_t plain_bytes = 0;
    std::uint64_t stored_bytes = 0;
};

StoredFileWriter::StoredFileWriter(const std::string& path, const std::string& about, const SecretKey* key)
    : m_impl(std::make_unique<Impl>(path, about, key)) {}
StoredFileWriter::~StoredFileWriter() = default;

void StoredFileWriter::write(std::string_view bytes) {
    m_impl->plain.update(bytes);
    m_impl->plain_bytes += bytes.size();
    m_impl->compress(bytes, ZSTD_e_continue);
}

void StoredFileWriter::finish(FileRecord& record) {
    m_impl->compress({}, ZSTD_e_end);
    m_impl->pass_on(true);
    m_impl->file.sync();
    m_impl->file.close();
    record.plain_bytes = m_impl->plain_bytes;
    record.stored_bytes = m_impl->stored_bytes;
    record.plain_digest = m_impl->plain.finish_hex();
    record.stored_digest = m_impl->stored.finish_hex();
}

namespace {

/// The plain bytes of compressed ones that come in pieces: one frame, and nothing behind it.
class Expansion {
  public:
    Expansion(const std::string& path, const std::function<void(std::string_view)>& take)
        : m_path(path), m_take(take) {
        if (m_zstd == nullptr) {
            throw_no_memory();
        }
        ZSTD_DCtx_setParameter(m_zstd.get(), ZSTD_d_windowLogMax, k_most_window_log);
    }

    void add(std::string_view bytes) {
        ZSTD_inBuffer in{bytes.data(), bytes.size(), 0};
        bool is_full = true;  // what is left in the decoder is asked for until it gives no more
        while (in.pos < in.size || is_full) {
            if (m_ended && in.pos < in.size) {
                throw_different(m_path, "something stands behind its end");
            }
            ZSTD_outBuffer out{m_block.data(), m_block.size(), 0};
            const std::size_t left = m_ended ? 0 : ZSTD_decompressStream(m_zstd.get(), &out, &in);
            if (ZSTD_isError(left) != 0) {
                throw_different(m_path, ZSTD_getErrorName(left));
            }
            m_ended = left == 0;
            is_full = out.pos == out.size;
            hand_over({m_block.data(), out.pos});
        }
    }

    void finish(FileRecord& found) {
        if (!m_ended) {
            throw_different(m_path, "its end is missing");
        }
        found.plain_bytes = m_bytes;
        found.plain_digest = m_digest.finish_hex();
    }

  private:
    struct FreeStream {
        void operator()(ZSTD_DCtx* stream) const { ZSTD_freeDCtx(stream); }
    };

    void hand_over(std::string_view bytes) {
        m_digest.update(bytes);
        m_bytes += bytes.size();
        if (m_take && !bytes.empty()) {
            m_take(bytes);
        }
    }

    const std::string& m_path;
    const std::function<void(std::string_view)>& m_take;
    std::unique_ptr<ZSTD_DCtx, FreeStream> m_zstd{ZSTD_createDCtx()};
    std::vector<char> m_block = std::vector<char>(ZSTD_DStreamOutSize());
    util::Blake2b256 m_digest;
    std::uint64_t m_bytes = 0;
    bool m_ended = false;
};

/// The messages of an encrypted stream, of which the last says that it is.
class Decryption {
  public:
    Decryption(const std::string& path, const std::string& about, const SecretKey& key)
        : m_path(path), m_about(about), m_key(key) {}

    void add(std::string_view bytes, Expansion& into) {
        m_waiting.append(bytes);
        if (!m_begun && m_waiting.size() >= k_header_bytes) {
            if (crypto_secretstream_xchacha20poly1305_init_pull(&m_cipher, unsigned_bytes(m_waiting),
                                                                m_key.data()) != 0) {
                throw_different(m_path, "its header is none");
            }
            m_waiting.erase(0, k_header_bytes);
            m_begun = true;
        }
        constexpr std::size_t k_unit = k_message_bytes + k_added_bytes;
        std::size_t at = 0;
        for (; m_begun && m_waiting.size() - at > k_unit; at += k_unit) {
            open(std::string_view(m_waiting).substr(at, k_unit), false, into);
        }
        m_waiting.erase(0, at);
    }

    void finish(Expansion& into) {
        if (!m_begun || m_waiting.size() < k_added_bytes) {
            throw_different(m_path, "its end is missing");
        }
        open(m_waiting, true, into);
    }

  private:
    void open(std::string_view message, bool last, Expansion& into) {
        unsigned char tag = 0;
        m_plain.resize(message.size());
        if (crypto_secretstream_xchacha20poly1305_pull(
                &m_cipher, reinterpret_cast<unsigned char*>(m_plain.data()), nullptr, &tag,
                unsigned_bytes(message), message.size(), unsigned_bytes(m_about), m_about.size()) != 0) {
            throw_different(m_path, "it cannot be decrypted");
        }
        if ((tag == crypto_secretstream_xchacha20poly1305_TAG_FINAL) != last) {
            throw_different(m_path, "its end is missing");
        }
        into.add(std::string_view(m_plain).substr(0, message.size() - k_added_bytes));
    }

    const std::string& m_path;
    const std::string& m_about;
    const SecretKey& m_key;
    crypto_secretstream_xchacha20poly1305_state m_cipher{};
    std::string m_waiting;
    std::string m_plain;
    bool m_begun = false;
};

}  // namespace

FileRecord read_stored_file(const std::string& path, const std::string& about, bool encrypted,
                            const SecretKey* key, const std::function<void(std::string_view)>& take,
                            const std::stop_token& stop) {
    io::File file = io::File::open_read(path);
    file.forget_cached();
    FileRecord found;
    util::Blake2b256 stored;
    Expansion plain(path, take);
    std::unique_ptr<Decryption> decryption;
    if (encrypted && key != nullptr) {
        decryption = std::make_unique<Decryption>(path, about, *key);
    }
    const bool is_opened = !encrypted || key != nullptr;
    std::vector<char> block(k_block_bytes);
    while (const std::size_t got = file.read(block.data(), block.size())) {
        if (stop.stop_requested()) {
            throw Error(ErrorCode::cancelled, "reading the backup " + path + " was cancelled");
        }
        const std::string_view bytes(block.data(), got);
        stored.update(bytes);
        found.stored_bytes += got;
        if (decryption != nullptr) {
            decryption->add(bytes, plain);
        } else if (is_opened) {
            plain.add(bytes);
        }
    }
    if (decryption != nullptr) {
        decryption->finish(plain);
    }
    if (is_opened) {
        plain.finish(found);
    }
    found.stored_digest = stored.finish_hex();
    return found;
}

}  // namespace migrate::backup
