// How what a cutover makes is taken away again, written down while it is made.

#include <migrate/error.hpp>

#include "backends/sqlite/rollback.hpp"
#include "backends/sqlite/undo_log.hpp"
#include "session/sqlite_statement.hpp"

namespace migrate::backends::sqlite {

using session::quote_identifier;
using session::SqliteSession;

void log_verified(const SqliteSession& session, const backend::TargetPlan& plan,
                  const backend::StagedDigests& digests) {
    undo::create_tables(session);
    std::int64_t ordinal = undo::k_first_created;
    for (const Table& table : plan.schema.tables) {
        undo::LoggedTable log;
        log.ordinal = ordinal++;
        log.name = table.name.name;
        log.placement = table.placement;
        if (const auto digest = digests.of(table.name)) {
            log.after = *digest;
            undo::add_table(session, plan.migration, log);
        }
    }
}

void require_as_verified(const SqliteSession& staging, const backend::TargetPlan& plan) {
    for (const Table& table : plan.schema.tables) {
        const auto verified = undo::verified_digest(staging, "main", plan.migration, table.name.name);
        if (verified && !(*verified == undo::digest_of(staging, table.name.name))) {
            ErrorFacts facts;
            facts.code = ErrorCode::differs;
            facts.backend = "sqlite";
            facts.table = table.name.display();
            facts.next_step = "Check the disk of this machine; abandon " + plan.migration +
                              " drops what is staged, then migrate again.";
            throw Error(std::move(facts), "table " + table.name.display() +
                                              " is no longer staged as it was verified; nothing was shown");
        }
    }
}

void log_created(const SqliteSession& session, const backend::TargetPlan& plan, bool new_file) {
    const auto add = [&](const std::string& statement) {
        undo::add_step(session, plan.migration, statement);
    };
    const auto& objects = plan.schema.objects;
    // What could not be built has made nothing: what bears its name, if anything does, is another's.
    session::SqliteStatement built(session, std::string("SELECT 1 FROM ") + (new_file ? "main" : "staging") +
                                                ".sqlite_schema WHERE type=?1 AND name=?2");
    for (auto object = objects.rbegin(); object != objects.rend(); ++object) {
        const bool is_code = object->kind == "view" || object->kind == "trigger";
        if (is_code && built.bind(1, object->kind).bind(2, object->name.name).step()) {
            add((object->kind == "view" ? "DROP VIEW IF EXISTS main." : "DROP TRIGGER IF EXISTS main.") +
                quote_identifier(object->name.name));
        }
        built.reset();
    }
    std::int64_t ordinal = undo::k_first_created;
    for (const Table& table : plan.schema.tables) {
        if (table.placement != Placement::create) {
            continue;
        }
        add("DROP TABLE main." + quote_identifier(table.name.name));
        undo::LoggedTable log;
        log.ordinal = ordinal++;
        log.name = table.name.name;
        const auto verified =
            undo::verified_digest(session, new_file ? "main" : "staging", plan.migration, log.name);
        log.after = verified ? *verified : undo::digest_of(session, log.name);
        log.columns = undo::columns_of(session, log.name);
        undo::add_table(session, plan.migration, log);
    }
    if (new_file) {
        add(undo::k_new_file);
    }
}

}  // namespace migrate::backends::sqlite
