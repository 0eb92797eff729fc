#pragma once

#include <array>
#include <string>
#include <string_view>

namespace migrate::report {

/// The secret half of a pair of keys (Ed25519); wiped when it is done with. The file that it is in holds one
/// line, "migrate-report-key-1 " and 64 hexadecimal digits.
class ReportKey {
  public:
    /// Throws: Error{not_found, permission}; Error{refused} for a file that others can read;
    /// Error{malformed} for one that is no such key.
    explicit ReportKey(const std::string& path);
    ReportKey(const ReportKey&) = delete;
    ReportKey& operator=(const ReportKey&) = delete;
    ~ReportKey();

    /// 32 bytes.
    [[nodiscard]] std::string public_key() const;
    /// 64 bytes.
    [[nodiscard]] std::string sign(std::string_view bytes) const;

  private:
    std::array<unsigned char, 64> m_bytes{};
};

/// See migrate::create_report_key(); 32 bytes.
std::string create_key(const std::string& path);

/// The 32 bytes of a file that create_key() made beside the secret one: "migrate-report-public-key-1 " and
/// 64 hexadecimal digits. Throws: Error{not_found, permission}; Error{malformed}.
std::string read_public_key(const std::string& path);

bool is_signed_by(std::string_view public_key, std::string_view bytes, std::string_view signature);

}  // namespace migrate::report
