#include "audit/record_line.hpp"

#include <array>

#include <rapidjson/document.h>

#include "util/hash.hpp"
#include "util/json_string.hpp"
#include "util/printable.hpp"
#include "util/redact.hpp"
#include "util/utf8.hpp"

namespace migrate::audit {
namespace {

constexpr std::uint64_t k_version = 1;
constexpr std::size_t k_longest_name = 256;
constexpr std::size_t k_longest_place = 2048;
constexpr std::size_t k_longest_detail = 8192;
constexpr std::size_t k_hash_digits = 64;
constexpr std::string_view k_hash_member = ",\"hash\":\"";
constexpr std::string_view k_line_end = "\"}";

struct TextMember {
    const char* name;
    std::string AuditRecord::*text;
    std::size_t longest;
};
struct NumberMember {
    const char* name;
    std::uint64_t AuditRecord::*number;
};

// In the order of the line; numbers come before the text of the same index.
constexpr std::array k_numbers{NumberMember{"seq", &AuditRecord::sequence},
                               NumberMember{"uid", &AuditRecord::uid},
                               NumberMember{"pid", &AuditRecord::pid}};
constexpr std::array k_texts{TextMember{"trail", &AuditRecord::trail, k_longest_name},
                             TextMember{"time", &AuditRecord::time, k_longest_name},
                             TextMember{"user", &AuditRecord::user, k_longest_name},
                             TextMember{"host", &AuditRecord::host, k_longest_name},
                             TextMember{"application", &AuditRecord::application, k_longest_name},
                             TextMember{"migration", &AuditRecord::migration, k_longest_name},
                             TextMember{"operation", &AuditRecord::operation, k_longest_name},
                             TextMember{"event", &AuditRecord::event, k_longest_name},
                             TextMember{"phase", &AuditRecord::phase, k_longest_name},
                             TextMember{"from", &AuditRecord::from, k_longest_place},
                             TextMember{"from_role", &AuditRecord::from_role, k_longest_name},
                             TextMember{"to", &AuditRecord::to, k_longest_place},
                             TextMember{"to_role", &AuditRecord::to_role, k_longest_name},
                             TextMember{"detail", &AuditRecord::detail, k_longest_detail},
                             TextMember{"algorithm", &AuditRecord::algorithm, k_longest_name},
                             TextMember{"key", &AuditRecord::key, k_longest_name},
                             TextMember{"prev", &AuditRecord::previous, k_longest_name}};

void append_number(const char* name, std::uint64_t number, std::string& out) {
    out += out.size() == 1 ? "\"" : ",\"";
    out += name;
    out += "\":" + std::to_string(number);
}

std::string sealed_bytes(const AuditRecord& record) {
    std::string out = "{";
    append_number("v", k_version, out);
    for (const NumberMember& member : k_numbers) {
        append_number(member.name, record.*member.number, out);
    }
    for (const TextMember& member : k_texts) {
        out += std::string(",\"") + member.name + "\":";
        util::append_json_string(record.*member.text, out);
    }
    return out;
}

std::string whole_line(const std::string& sealed, const std::string& hash) {
    return sealed + std::string(k_hash_member) + hash + std::string(k_line_end);
}

std::string fit(const std::string& text, std::size_t longest) {
    std::string out = util::printable(util::redact(text));
    if (out.size() <= longest) {
        return out;
    }
    constexpr std::string_view k_cut = "…";
    out.resize(longest - k_cut.size());
    out.resize(util::find_invalid_utf8(out));
    return out + std::string(k_cut);
}

bool read_members(const rapidjson::Value& root, AuditRecord& record) {
    const auto version = root.FindMember("v");
    if (version == root.MemberEnd() || !version->value.IsUint64() ||
        version->value.GetUint64() != k_version) {
        return false;
    }
    for (const NumberMember& member : k_numbers) {
        const auto found = root.FindMember(member.name);
        if (found == root.MemberEnd() || !found->value.IsUint64()) {
            return false;
        }
        record.*member.number = found->value.GetUint64();
    }
    const auto text = [&root](const char* name, std::string& out) {
        const auto found = root.FindMember(name);
        if (found == root.MemberEnd() || !found->value.IsString()) {
            return false;
        }
        out.assign(found->value.GetString(), found->value.GetStringLength());
        return true;
    };
    for (const TextMember& member : k_texts) {
        if (!text(member.name, record.*member.text)) {
            return false;
        }
    }
    return text("hash", record.hash);
}

}  // namespace

void make_fit(AuditRecord& record) {
    for (const TextMember& member : k_texts) {
        record.*member.text = fit(record.*member.text, member.longest);
    }
}

std::string render_line(AuditRecord& record, const Sealer& sealer) {
    record.algorithm = sealer.algorithm();
    record.key = sealer.key_id();
    const std::string sealed = sealed_bytes(record);
    record.hash = sealer.seal(sealed);
    return whole_line(sealed, record.hash) + "\n";
}

std::string_view sealed_part(std::string_view line) {
    const std::size_t tail = k_hash_member.size() + k_hash_digits + k_line_end.size();
    return line.substr(0, line.size() < tail ? 0 : line.size() - tail);
}

std::optional<AuditRecord> parse_line(std::string_view line) {
    if (line.empty() || line.size() >= k_longest_line) {
        return std::nullopt;
    }
    rapidjson::Document root;
    root.Parse<rapidjson::kParseValidateEncodingFlag | rapidjson::kParseIterativeFlag>(line.data(),
                                                                                       line.size());
    AuditRecord record;
    if (root.HasParseError() || !root.IsObject() || !read_members(root, record) ||
        record.hash.size() != k_hash_digits || whole_line(sealed_bytes(record), record.hash) != line) {
        return std::nullopt;
    }
    return record;
}

std::string torn_detail(std::string_view torn) {
    return "the " + std::to_string(torn.size()) +
           " bytes before this line are of a record that was not finished; their SHA-256 is " +
           util::sha256_hex(torn);
}

}  // namespace migrate::audit
