#pragma once

#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <migrate/error.hpp>

#include "backup/backup_catalog.hpp"
#include "backup/backup_reader.hpp"
#include "backup/backup_writer.hpp"
#include "support/random.hpp"
#include "support/temporary_directory.hpp"

namespace migrate::test {

using Files = std::map<std::string, std::string>;

inline backup::Manifest sample_manifest(const std::string& migration = "0123456789ab") {
    backup::Manifest manifest;
    manifest.tool_version = "0";
    manifest.created_at = "2026-01-02T03:04:05.000000Z";
    manifest.kind = "source";
    manifest.migration = migration;
    manifest.engine = "sqlite";
    manifest.endpoint = "sqlite:app.db";
    manifest.form = "sqlite";
    return manifest;
}

inline void add_files(backup::BackupWriter& writer, const Files& files) {
    for (const auto& [name, content] : files) {
        writer.begin_file(name);
        for (std::size_t at = 0; at < content.size(); at += 50'000) {
            writer.write(std::string_view(content).substr(at, 50'000));
        }
        writer.end_file();
    }
}

/// Returns the backup's path.
inline std::string write_backup(const std::string& directory, const Files& files, const BackupKey& key = {},
                                const std::string& name = "20260102T030405Z-0123456789ab-source",
                                const std::string& migration = "0123456789ab", std::uint64_t number = 0) {
    backup::Manifest manifest = sample_manifest(migration);
    manifest.number = number;
    backup::BackupWriter writer(directory, name, manifest, key, {});
    add_files(writer, files);
    return writer.finish();
}

inline Files read_backup(const std::string& path, const BackupKey& key = {}) {
    const backup::BackupReader reader(path);
    std::optional<backup::BackupKeys> keys;
    if (reader.manifest().key) {
        keys = reader.open(key);
    }
    Files files;
    for (const backup::FileRecord& record : reader.manifest().files) {
        std::string& content = files[backup::decode_name(record.name)];
        reader.read(record, keys ? &*keys : nullptr, [&](std::string_view bytes) { content += bytes; }, {});
    }
    return files;
}

/// What a full verification finds; a manifest that cannot be read is a problem too.
inline std::vector<std::string> problems_of(const std::string& path, const BackupKey& key = {}) {
    try {
        const backup::BackupReader reader(path);
        std::optional<backup::BackupKeys> keys;
        if (reader.manifest().key && key.given()) {
            keys = reader.open(key);
        }
        return reader.problems(keys ? &*keys : nullptr, {});
    } catch (const Error& error) {
        return {error.what()};
    }
}

template <class Body>
ErrorCode code_thrown_by(Body body) {
    try {
        body();
    } catch (const Error& error) {
        return error.code();
    }
    throw std::runtime_error("nothing was thrown");
}

inline std::string random_content(std::uint64_t seed, std::size_t size) {
    return Random(seed).bytes(static_cast<std::int64_t>(size));
}

inline void overwrite(const std::string& path, const std::string& content) {
    std::ofstream(path, std::ios::binary | std::ios::trunc) << content;
}

}  // namespace migrate::test
