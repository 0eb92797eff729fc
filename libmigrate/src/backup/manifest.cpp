#include "backup/manifest.hpp"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include <rapidjson/document.h>

#include <migrate/error.hpp>

#include "plan/json_archive.hpp"
#include "util/ascii.hpp"
#include "util/percent.hpp"

namespace migrate::backup {
namespace {

// The text begins with its version and ends with its seals, each of a fixed length, so that every byte is
// covered by one of them or has only one value it may have.
constexpr std::string_view k_begin = "{\"libmigrate_backup\":";
constexpr std::string_view k_version = "1";
constexpr std::string_view k_mac = ",\"mac\":\"";
constexpr std::string_view k_seal = ",\"seal\":\"";
constexpr std::string_view k_end = "\"}\n";
constexpr std::size_t k_digest_digits = 64;
constexpr std::size_t k_seal_bytes = k_seal.size() + k_digest_digits + k_end.size();
constexpr std::size_t k_mac_bytes = k_mac.size() + k_digest_digits + 1;

constexpr std::string_view k_kept = "/ !#$&'()+,;=@[]{}";

[[noreturn]] void throw_different(const std::string& why) {
    throw Error(ErrorCode::differs, "the backup's manifest is not as it was written: " + why);
}

std::string seal_of(std::string_view body) {
    return std::string(k_seal) + keyed_digest(body, nullptr) + std::string(k_end);
}

std::string mac_of(std::string_view body, const BackupKeys& keys) {
    return std::string(k_mac) + keyed_digest(body, &keys.manifest) + "\"";
}

void require_confined(const std::string& path) {
    std::size_t at = 0;
    while (at <= path.size()) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string part = path.substr(at, end - at);
        if (part.empty() || part == "." || part == ".." || part.find('\0') != std::string::npos) {
            throw_different("it names a file outside of the backup");
        }
        at = end + 1;
    }
}

void require_distinct(const Manifest& manifest) {
    std::set<std::string> names;
    std::set<std::string> files{k_manifest_name};
    for (const FileRecord& record : manifest.files) {
        require_confined(record.file);
        if (!names.insert(decode_name(record.name)).second || !files.insert(record.file).second) {
            throw_different("it names a file twice");
        }
    }
}

}  // namespace

template <class Archive>
void fields(Archive& a, FileRecord& v) {
    a.field("name", v.name);
    a.field("file", v.file);
    a.field("plain_bytes", v.plain_bytes);
    a.field("stored_bytes", v.stored_bytes);
    a.field("plain_digest", v.plain_digest);
    a.field("stored_digest", v.stored_digest);
}

template <class Archive>
void fields(Archive& a, LeftOut& v) {
    a.field("code", v.code);
    a.field("object", v.object);
    a.field("message", v.message);
}

template <class Archive>
void fields(Archive& a, KeyRecord& v) {
    a.field("method", v.method);
    a.field("salt", v.salt);
    a.field("passes", v.passes);
    a.field("memory_bytes", v.memory_bytes);
    a.field("wrapped", v.wrapped);
}

template <class Archive>
void fields(Archive& a, Manifest& v) {
    std::uint64_t version = 1;
    a.field("libmigrate_backup", version);
    a.field("tool_version", v.tool_version);
    a.field("created_at", v.created_at);
    a.field("number", v.number);
    a.field("kind", v.kind);
    a.field("migration", v.migration);
    a.field("engine", v.engine);
    a.field("endpoint", v.endpoint);
    a.field("form", v.form);
    a.field("files", v.files);
    a.field("left_out", v.left_out);
    a.field("key", v.key);
}

std::string manifest_text(const Manifest& manifest, const BackupKeys* keys) {
    std::string text = plan::JsonWriter().document(manifest);
    text.pop_back();  // the object goes on
    if (keys != nullptr) {
        text += mac_of(text, *keys);
    }
    return text + seal_of(text);
}

Manifest parse_manifest(std::string_view text) {
    if (!text.starts_with(k_begin)) {
        throw_different("it is not one of a backup");
    }
    const std::string_view rest = text.substr(k_begin.size());
    if (!rest.starts_with(std::string(k_version) + ",")) {
        if (!rest.empty() && util::is_digit(rest.front()) && !rest.starts_with(k_version)) {
            ErrorFacts facts;
            facts.code = ErrorCode::unsupported;
            facts.next_step = "read it with the version of this program that wrote it, or a later one";
            throw Error(std::move(facts), "the backup is of a format that this version does not read");
        }
        throw_different("it is not one of a backup");
    }
    if (text.size() < k_seal_bytes ||
        text.substr(text.size() - k_seal_bytes) != seal_of(text.substr(0, text.size() - k_seal_bytes))) {
        throw_different("its digest does not fit it");
    }
    Manifest manifest;
    try {
        rapidjson::Document document;
        plan::parse_object(std::string(text), "manifest of a backup", document);
        plan::JsonReader reader(document);
        fields(reader, manifest);
    } catch (const Error& error) {
        throw_different(error.what());
    }
    require_distinct(manifest);
    return manifest;
}

void require_seal(std::string_view text, const BackupKeys& keys) {
    const std::size_t after = k_mac_bytes + k_seal_bytes;
    if (text.size() < after ||
        text.substr(text.size() - after, k_mac_bytes) != mac_of(text.substr(0, text.size() - after), keys)) {
        throw_different("it was not sealed with the backup's key");
    }
}

std::string encode_name(const std::string& name) {
    return util::percent_encode(name, k_kept);
}

std::string decode_name(const std::string& name) {
    std::optional<std::string> decoded = util::percent_decode(name);
    if (!decoded) {
        throw_different("it names a file in another way than it is written");
    }
    require_confined(*decoded);
    return *std::move(decoded);
}

}  // namespace migrate::backup
