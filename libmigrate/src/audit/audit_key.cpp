#include "audit/audit_key.hpp"

#include <cstddef>
#include <utility>

#include <migrate/error.hpp>

#include "io/file.hpp"
#include "util/hash.hpp"

namespace migrate::audit {
namespace {

constexpr std::size_t k_least_key = 16;
constexpr std::size_t k_most_key = 4096;

[[noreturn]] void refuse(const std::string& message, const std::string& next_step) {
    ErrorFacts facts;
    facts.code = ErrorCode::refused;
    facts.next_step = next_step;
    throw Error(std::move(facts), message);
}

}  // namespace

std::string read_key(const std::string& path) {
    if (io::File::open_read(path).readable_by_others()) {
        refuse("the key of the audit trail, " + path + ", can be read by others",
               "chmod 600 it, and think about whether it is still a secret");
    }
    std::string key = io::read_whole(path, k_most_key);
    if (key.ends_with('\n')) {
        key.pop_back();
    }
    if (key.ends_with('\r')) {
        key.pop_back();
    }
    if (key.size() < k_least_key) {
        refuse("the key of the audit trail, " + path + ", is too short to be one",
               "give it 16 bytes or more, as from openssl rand -hex 32");
    }
    return key;
}

Sealer::Sealer(const AuditKeySource& source) {
    if (!source) {
        return;
    }
    m_key = source();
    if (m_key.empty()) {
        refuse("the key of the audit trail is empty", "give one, or none at all");
    }
    m_key_id = util::hmac_sha256_hex(m_key, "libmigrate audit key").substr(0, 8);
}

std::string Sealer::seal(std::string_view bytes) const {
    return has_key() ? util::hmac_sha256_hex(m_key, bytes) : util::sha256_hex(bytes);
}

}  // namespace migrate::audit

MIGRATE_NAMESPACE_BEGIN

AuditKeySource audit_key_from_file(std::string path) {
    return [path = std::move(path)] { return audit::read_key(path); };
}

MIGRATE_NAMESPACE_END
