#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <migrate/audit.hpp>

namespace migrate::audit {

/// See audit_key_from_file().
std::string read_key(const std::string& path);

inline constexpr std::string_view k_plain = "sha256";
inline constexpr std::string_view k_keyed = "hmac-sha256";

/// What lines are hashed with: SHA-256, or HMAC-SHA-256 where there is a key.
class Sealer {
  public:
    Sealer() = default;
    /// Throws: Error{refused} for an empty key.
    explicit Sealer(const AuditKeySource& source);

    [[nodiscard]] bool has_key() const noexcept { return !m_key.empty(); }
    [[nodiscard]] std::string_view algorithm() const noexcept { return has_key() ? k_keyed : k_plain; }
    /// Eight hexadecimal digits; empty without a key.
    [[nodiscard]] const std::string& key_id() const noexcept { return m_key_id; }
    [[nodiscard]] std::string seal(std::string_view bytes) const;

  private:
    std::string m_key;
    std::string m_key_id;
};

}  // namespace migrate::audit
