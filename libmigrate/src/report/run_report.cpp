#include <optional>
#include <utility>

#include <migrate/error.hpp>
#include <migrate/run_report.hpp>

#include "io/file.hpp"
#include "report/new_file.hpp"
#include "report/report_key.hpp"
#include "report/report_text.hpp"
#include "report/signed_text.hpp"
#include "util/hex.hpp"

MIGRATE_NAMESPACE_BEGIN
namespace {

constexpr std::size_t k_most_bytes = std::size_t{1} << 30U;

}  // namespace

std::string create_report_key(const std::string& path) {
    return util::to_hex(report::create_key(path));
}

void require_report_key(const std::string& path) {
    const report::ReportKey key(path);
}

std::string render_report(const MigrationResult& result, const std::string& key_path) {
    std::optional<report::ReportKey> key;
    if (!key_path.empty()) {
        key.emplace(key_path);
    }
    return report::add_signature(report::describe(result), key ? &*key : nullptr);
}

void write_report(const std::string& path, const std::string& report) {
    report::write_new_file(path, report);
}

ReportCheck verify_report(const std::string& path, const std::string& public_key_path) {
    const std::string asked_for = report::read_public_key(public_key_path);
    const std::string text = io::read_whole(path, k_most_bytes);
    ReportCheck check;
    report::SignatureLine line;
    if (!report::read_signature(text, line)) {
        check.damage = "its last line is no signature: it is no report, or not all of one";
    } else if (!line.is_signed) {
        check.damage = "nobody has signed it";
    } else {
        check.signed_by = util::to_hex(line.public_key);
        if (line.public_key != asked_for) {
            check.damage = "it names another key than this one as the one that signed it";
        } else if (!report::is_signed_by(line.public_key, report::meant_as_report(line.signed_bytes),
                                         line.signature)) {
            check.damage = "it is not what was signed";
        }
    }
    return check;
}

std::string render_text(const ReportCheck& check) {
    if (!check.damage.empty()) {
        return "the report cannot be trusted: " + check.damage + "\n";
    }
    return "the report is whole, and signed with " + check.signed_by + "\n";
}

MIGRATE_NAMESPACE_END
