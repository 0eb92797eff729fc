#include <algorithm>
#include <cstdlib>
#include <optional>
#include <utility>

#include <migrate/error.hpp>
#include <migrate/migrator.hpp>

#include "backup/backup_catalog.hpp"
#include "backup/backup_reader.hpp"
#include "backup/restore.hpp"
#include "io/directory.hpp"
#include "migrator/audit_words.hpp"
#include "migrator/backup_run.hpp"
#include "migrator/migrator_impl.hpp"
#include "util/printable.hpp"
#include "util/random_id.hpp"

MIGRATE_NAMESPACE_BEGIN

namespace {

std::optional<backup::BackupKeys> keys_for(const backup::BackupReader& reader, const BackupKey& key) {
    if (!reader.manifest().key) {
        return std::nullopt;
    }
    return reader.open(key);
}

bool holds_json(const backup::Manifest& manifest) {
    return std::any_of(manifest.files.begin(), manifest.files.end(), [](const backup::FileRecord& record) {
        return record.name.starts_with(std::string(k_json_folder) + "/");
    });
}

/// A log beside a file that is put there would be played back into it.
void refuse_side_files(const std::string& path) {
    for (const char* suffix : {"-wal", "-journal"}) {
        if (io::name_taken(path + suffix)) {
            ErrorFacts facts;
            facts.code = ErrorCode::refused;
            facts.next_step = "end the programs that use the database, or move this file away";
            throw Error(std::move(facts), path + suffix + " is there: " + path +
                                              " is in use, or was not closed; nothing was restored");
        }
    }
}

[[noreturn]] void throw_other_kind(const backup::Manifest& manifest, const Endpoint& to) {
    ErrorFacts facts;
    facts.code = ErrorCode::usage;
    facts.next_step = manifest.form == "sqlite"
                          ? "restore it to a file, as in --to sqlite:restored.db, and migrate that"
                          : "restore it to JSON, as in --to json:restored/, and migrate that";
    throw Error(std::move(facts), "the backup is of the kind " + manifest.engine +
                                      ", and cannot be restored to " + to.display());
}

/// A directory for what is unpacked on its way to a server.
class Unpacked {
  public:
    Unpacked() {
        const char* set = std::getenv("TMPDIR");
        m_path =
            io::join(set != nullptr && *set == '/' ? set : "/tmp", "migrate-restore-" + util::random_id());
        io::make_directory(m_path);
    }
    ~Unpacked() {
        try {
            io::remove_tree(m_path);
        } catch (...) {
            m_path.clear();
        }
    }
    Unpacked(const Unpacked&) = delete;
    Unpacked& operator=(const Unpacked&) = delete;
    [[nodiscard]] std::string path(const std::string& name) const { return io::join(m_path, name); }

  private:
    std::string m_path;
};

/// Loads the tables into a database, which has them as a migration of its own.
void load_export(const MigratorContext& context, const backup::BackupReader& reader,
                 const backup::BackupKeys* keys, const Endpoint& to, bool overwrite, RestoreResult& result) {
    const Unpacked unpacked;
    Endpoint from;
    from.engine = "json";
    from.location = unpacked.path(k_json_folder);
    backup::restore_files(reader, keys, {k_json_folder, true, from.location, false, {}}, context.config.stop);
    CarriedOver carried = carry_over(context, from, to, overwrite);
    result.left_out = std::move(carried.left_out);
    result.migration = overwrite ? carried.migration : "";
}

void restore_to(const MigratorContext& context, const backup::BackupReader& reader,
                const backup::BackupKeys* keys, const Endpoint& to, bool overwrite, RestoreResult& result) {
    const backup::Manifest& manifest = reader.manifest();
    const std::string path = io::trim_slashes(to.location);
    if (to.engine == "sqlite" && manifest.form == "sqlite") {
        result.replaced = backup::restore_files(
            reader, keys, {"", false, path, overwrite, [&] { refuse_side_files(path); }},
            context.config.stop);
    } else if (to.engine == "json" && holds_json(manifest)) {
        result.replaced = backup::restore_files(
            reader, keys, {k_json_folder, manifest.form != "json-file", path, overwrite, {}},
            context.config.stop);
    } else if (manifest.form == "export") {
        load_export(context, reader, keys, to, overwrite, result);
    } else {
        throw_other_kind(manifest, to);
    }
}

std::string existing_backup(const std::string& directory, const std::string& name) {
    std::string path = backup::find(directory, name);
    if (io::kind_of(path) != io::PathKind::directory) {
        ErrorFacts facts;
        facts.code = ErrorCode::not_found;
        facts.next_step = "backup list shows those that are there";
        throw Error(std::move(facts), "there is no backup " + path);
    }
    return path;
}

BackupVerification damaged(const std::string& path, const Error& error) {
    BackupVerification found;
    found.backup.path = path;
    found.backup.id = io::name_of(path);
    found.backup.state = BackupState::damaged;
    found.backup.problem =
        error.code() == ErrorCode::not_found ? "manifest.json: it is missing" : error.what();
    found.problems.push_back(util::printable(found.backup.problem));
    return found;
}

BackupVerification verify_whole(const std::string& path, const BackupKey& key, const std::stop_token& stop) {
    const backup::BackupReader reader(path);
    BackupVerification found;
    found.backup = backup::info_of(path, reader.manifest());
    std::optional<backup::BackupKeys> keys;
    if (found.backup.encrypted && key.given()) {
        keys = reader.open(key);
    }
    found.content_checked = !found.backup.encrypted || keys;
    found.problems = reader.problems(keys ? &*keys : nullptr, stop);
    if (!found.problems.empty()) {
        found.backup.state = BackupState::damaged;
        found.backup.problem = found.problems.front();
    }
    return found;
}

}  // namespace

CreatedBackup CrossDatabaseMigrator::create_backup(const Endpoint& from, const BackupOptions& options) {
    return m_impl->call([&](const MigratorContext& context) {
        context.events.start(Phase::open);
        const auto source = context.open_source(from);
        source->pin_snapshot(1);
        context.events.start(Phase::backup);
        const BackupRequest request{from, options, "manual", "", {}};
        CreatedBackup made = make_backup(context, *source, request);
        context.events.finish();
        return made;
    });
}

std::vector<BackupInfo> CrossDatabaseMigrator::list_backups(const std::string& directory) {
    return backup::list(directory);
}

BackupVerification CrossDatabaseMigrator::verify_backup(const std::string& backup,
                                                        const std::string& directory, const BackupKey& key) {
    return m_impl->call([&](const MigratorContext& context) {
        const std::string path = existing_backup(directory, backup);
        try {
            return verify_whole(path, key, context.config.stop);
        } catch (const Error& error) {
            const bool has_no_manifest = error.code() == ErrorCode::not_found &&
                                         !io::name_taken(io::join(path, backup::k_manifest_name));
            if (error.code() != ErrorCode::differs && !has_no_manifest) {
                throw;
            }
            return damaged(path, error);
        }
    });
}

RestoreResult CrossDatabaseMigrator::restore_backup(const std::string& backup, const Endpoint& to,
                                                    const RestoreOptions& options) {
    return m_impl->audited_call("restore", "", [&](const MigratorContext& context) {
        const std::string path = existing_backup(options.directory, backup);
        context.audit.set_sides(path, to.display());
        context.audit.started(options.overwrite ? "what stands there gives way" : "");
        const backup::BackupReader reader(path);
        const std::optional<backup::BackupKeys> keys = keys_for(reader, options.key);
        RestoreResult result;
        // It looks itself for what stands there.
        context.audit.target_is_written(true);
        restore_to(context, reader, keys ? &*keys : nullptr, to, options.overwrite, result);
        result.backup = backup::info_of(reader.path(), reader.manifest());
        // What the backup never had is not there now.
        result.left_out.insert(result.left_out.begin(), result.backup.left_out.begin(),
                               result.backup.left_out.end());
        result.endpoint = to.display();
        conclude(context, "restored");
        return result;
    });
}

MIGRATE_NAMESPACE_END
