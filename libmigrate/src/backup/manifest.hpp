#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "backup/backup_key.hpp"

namespace migrate::backup {

/// One file of a backup.
struct FileRecord {
    std::string name;  ///< Where it belongs in the database; percent-encoded where it is not plain ASCII.
    std::string file;  ///< Where it stands in the backup's directory.
    std::uint64_t plain_bytes = 0;
    std::uint64_t stored_bytes = 0;
    std::string plain_digest;   ///< BLAKE2b-256 of the content; keyed where the backup is encrypted.
    std::string stored_digest;  ///< BLAKE2b-256 of what stands in the directory.
};

/// Something of the database that could not be taken along.
struct LeftOut {
    std::string code;
    std::string object;
    std::string message;
};

/// What a backup says of itself: all but its bytes.
struct Manifest {
    std::string tool_version;
    std::string created_at;    ///< ISO 8601, UTC.
    std::uint64_t number = 0;  ///< One more than those that are there have; 0 of an earlier version.
    std::string kind;          ///< As BackupInfo.
    std::string migration;     ///< Empty for one that was made by hand.
    std::string engine;
    std::string endpoint;  ///< Without secrets.
    std::string form;      ///< As BackupInfo.
    std::vector<FileRecord> files;
    std::vector<LeftOut> left_out;
    std::optional<KeyRecord> key;  ///< Of an encrypted backup.
};

inline constexpr const char* k_manifest_name = "manifest.json";

/// The manifest's text. Its last member is a digest of all before it; before that, where keys are given, one
/// that nobody can make without them.
std::string manifest_text(const Manifest& manifest, const BackupKeys* keys);

/// Throws: Error{differs} for a text that is not, byte for byte, as manifest_text wrote it, or names a file
/// outside of the backup; Error{unsupported} for one of a later version.
Manifest parse_manifest(std::string_view text);

/// Throws: Error{differs} where the manifest was not sealed with these keys. Requires: parse_manifest takes
/// the text.
void require_seal(std::string_view text, const BackupKeys& keys);

/// A file's name as a record has it, and back.
std::string encode_name(const std::string& name);
/// Throws: Error{differs} for what would leave a directory: absolute, with an empty part, "." or "..".
std::string decode_name(const std::string& name);

}  // namespace migrate::backup
