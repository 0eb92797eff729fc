#include "backends/postgresql/scratch_database.hpp"

#include <set>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include <migrate/error.hpp>

#include "backend/conninfo.hpp"
#include "backends/postgresql/identifier.hpp"
#include "backends/postgresql/reader_sessions.hpp"
#include "util/random_id.hpp"

namespace migrate::backends::postgresql {
namespace {

constexpr const char* k_prefix = "migrate_rehearsal_";

/// What a new database would not have from its template. The server's own words for a locale's provider have
/// changed from version to version.
constexpr const char* k_settings = R"(
SELECT pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype,
       pg_catalog.to_jsonb(d) ->> 'datlocprovider',
       coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale')
FROM pg_catalog.pg_database d WHERE datname = pg_catalog.current_database())";

std::string create_statement(session::PostgresqlSession& session, const std::string& name) {
    const auto row = session.query(k_settings, "reading the settings of the database");
    std::string sql = fmt::format(
        "CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}", quote_identifier(name),
        quote_literal(row.text(0, 0)), quote_literal(row.text(0, 1)), quote_literal(row.text(0, 2)));
    if (!row.is_null(0, 4)) {
        const bool icu = row.text(0, 3) == "i";
        sql += fmt::format(" LOCALE_PROVIDER {} {} {}", icu ? "icu" : "builtin",
                           icu ? "ICU_LOCALE" : "BUILTIN_LOCALE", quote_literal(row.text(0, 4)));
    }
    return sql;
}

void require_right_to_create(session::PostgresqlSession& session) {
    const auto row = session.query(
        "SELECT rolcreatedb OR rolsuper, rolname FROM pg_catalog.pg_roles WHERE rolname = CURRENT_USER",
        "looking at the role's rights");
    if (row.text(0, 0) == "t") {
        return;
    }
    ErrorFacts facts{.code = ErrorCode::permission, .backend = "postgresql"};
    facts.next_step = fmt::format("ALTER ROLE {} CREATEDB lets it; or run without the rehearsal.",
                                  quote_identifier(row.text(0, 1)));
    throw Error(std::move(facts), "PostgreSQL: role " + quote_identifier(row.text(0, 1)) +
                                      " may not create the database that the rollback is rehearsed in.");
}

std::string sqlstate_of(const Error& error) {
    return error.facts().sqlstate;
}

/// Of programs that were killed: nobody is connected to them. One that somebody uses cannot be dropped.
void drop_abandoned(session::PostgresqlSession& session) {
    const auto rows = session.query(
        "SELECT d.datname FROM pg_catalog.pg_database d WHERE d.datname ~ $1 AND "
        "pg_catalog.pg_has_role(d.datdba, 'USAGE') AND NOT EXISTS "
        "(SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid)",
        {"^" + std::string(k_prefix) + "[0-9a-z]+$"}, "looking for rehearsals that were killed");
    for (int row = 0; row < rows.size(); ++row) {
        try {
            session.execute("DROP DATABASE IF EXISTS " + quote_identifier(rows.text(row, 0)),
                            "dropping what a killed rehearsal has left");
        } catch (const Error& error) {
            if (sqlstate_of(error) != "55006" && sqlstate_of(error) != "42501") {
                throw;
            }
        }
    }
}

struct Extension {
    std::string name;
    std::string schema;
    std::string version;
};

class ScratchDatabase final : public backend::Scratch {
  public:
    ScratchDatabase(const Endpoint& like, const backend::OpenContext& context, const Schema& wanted)
        : m_server(like, context, session::PostgresqlUse::write),
          m_like(m_server.open()),
          m_endpoint(like),
          m_name(k_prefix + util::random_id()) {
        require_right_to_create(*m_like);
        backend::Settings settings = backend::parse_conninfo(like.location);
        settings["dbname"] = m_name;
        m_endpoint.location = backend::render_conninfo(settings);
        // Between the creation and the first connection it looks like one that was abandoned.
        const std::string lock = std::to_string(advisory_key("migrate rehearsal"));
        m_like->execute("SELECT pg_catalog.pg_advisory_lock(" + lock + ")", "waiting for other rehearsals");
        drop_abandoned(*m_like);
        m_like->execute(create_statement(*m_like, m_name), "creating a database for the rehearsal");
        m_made = true;
        try {
            furnish(context, wanted);
        } catch (...) {
            drop_quietly();
            throw;
        }
        m_like->execute("SELECT pg_catalog.pg_advisory_unlock(" + lock + ")", "letting other rehearsals on");
    }
    ~ScratchDatabase() override { drop_quietly(); }
    ScratchDatabase(const ScratchDatabase&) = delete;
    ScratchDatabase& operator=(const ScratchDatabase&) = delete;

    [[nodiscard]] const Endpoint& endpoint() const override { return m_endpoint; }
    [[nodiscard]] std::string description() const override {
        return "database " + m_name + " on the target's server";
    }
    [[nodiscard]] std::vector<Finding> missing() const override { return m_missing; }

    void drop() override {
        if (!m_made) {
            return;
        }
        m_inside.reset();
        m_like->ignore_stop();
        // The server may still be ending the sessions that were closed just now.
        const std::string force = m_like->server_version() >= 130000 ? " WITH (FORCE)" : "";
        m_like->execute("DROP DATABASE IF EXISTS " + quote_identifier(m_name) + force,
                        "dropping the database of the rehearsal");
        m_made = false;
    }

  private:
    void furnish(const backend::OpenContext& context, const Schema& wanted) {
        m_like->execute(fmt::format("REVOKE ALL ON DATABASE {} FROM PUBLIC", quote_identifier(m_name)),
                        "closing the database of the rehearsal");
        m_inside = SessionFactory(m_endpoint, context, session::PostgresqlUse::write).open();
        std::set<std::string> names;
        for (const Table& table : wanted.tables) {
            names.insert(table.name.schema);
        }
        const auto there = m_like->query(
            "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = ANY ($1::pg_catalog.text[])",
            {session::array_literal({names.begin(), names.end()})}, "looking for schemas");
        for (int row = 0; row < there.size(); ++row) {
            make_schema(there.text(row, 0));
        }
        copy_extensions();
    }

    void make_schema(const std::string& name) {
        m_inside->execute("CREATE SCHEMA IF NOT EXISTS " + quote_identifier(name), "creating a schema");
    }

    void copy_extensions() {
        const auto rows = m_like->query(
            "SELECT e.extname, n.nspname, e.extversion FROM pg_catalog.pg_extension e JOIN "
            "pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql' ORDER BY e.oid",
            "listing extensions");
        for (int row = 0; row < rows.size(); ++row) {
            const Extension extension{rows.text(row, 0), rows.text(row, 1), rows.text(row, 2)};
            try {
                make_schema(extension.schema);
                m_inside->execute(
                    fmt::format("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {} VERSION {}",
                                quote_identifier(extension.name), quote_identifier(extension.schema),
                                quote_literal(extension.version)),
                    "creating an extension");
            } catch (const Error& error) {
                if (error.facts().sqlstate.empty()) {
                    throw;
                }
                m_missing.push_back({Severity::left_out, "rehearsed-without", "extension " + extension.name,
                                     std::string("The rehearsal goes without it: ") + error.what(), "", 0});
            }
        }
    }

    void drop_quietly() noexcept {
        try {
            drop();
        } catch (...) {
            m_made = false;  // The next one finds it.
        }
    }

    SessionFactory m_server;
    std::shared_ptr<session::PostgresqlSession> m_like;
    std::shared_ptr<session::PostgresqlSession>
        m_inside;  ///< While it is there nobody takes it for abandoned.
    Endpoint m_endpoint;
    std::string m_name;
    bool m_made = false;
    std::vector<Finding> m_missing;
};

}  // namespace

std::unique_ptr<backend::Scratch> make_scratch_database(const Endpoint& like,
                                                        const backend::OpenContext& context,
                                                        const Schema& wanted) {
    if (like.borrowed != nullptr) {
        ErrorFacts facts{.code = ErrorCode::unsupported, .backend = "postgresql"};
        facts.next_step = "Name the target by its own address, or run without the rehearsal.";
        throw Error(
            std::move(facts),
            "PostgreSQL: through a session that the host has lent no rollback can be rehearsed, which "
            "takes a database of its own.");
    }
    return std::make_unique<ScratchDatabase>(like, context, wanted);
}

}  // namespace migrate::backends::postgresql
