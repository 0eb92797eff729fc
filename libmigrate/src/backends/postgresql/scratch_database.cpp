#include "backends/postgresql/scratch_database.hpp"

#include <optional>
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
/// Says whose it is, and that it may be dropped once nobody is connected to it.
constexpr const char* k_mark = "A rehearsal of a rollback: dropped when it is over.";

/// What a new database would not have from its template. The server's own words for a locale's provider have
/// changed from version to version.
constexpr const char* k_locale = R"(
SELECT pg_catalog.pg_encoding_to_char(encoding), datcollate, datctype,
       pg_catalog.to_jsonb(d) ->> 'datlocprovider',
       coalesce(pg_catalog.to_jsonb(d) ->> 'datlocale', pg_catalog.to_jsonb(d) ->> 'daticulocale')
FROM pg_catalog.pg_database d WHERE datname = pg_catalog.current_database())";

/// Those of programs that were killed: with our mark, or, killed before they could set it, more than an hour
/// old by their names, and empty names of others never fit. Nobody is connected to them.
constexpr const char* k_abandoned = R"(
SELECT d.datname FROM pg_catalog.pg_database d
WHERE d.datname ~ '^migrate_rehearsal_[0-9]{10}_[a-z0-9]{16}$' AND NOT d.datistemplate
  AND pg_catalog.pg_get_userbyid(d.datdba) = CURRENT_USER
  AND NOT EXISTS (SELECT FROM pg_catalog.pg_stat_activity a WHERE a.datid = d.oid)
  AND (pg_catalog.shobj_description(d.oid, 'pg_database') = $1
       OR (pg_catalog.shobj_description(d.oid, 'pg_database') IS NULL
           AND pg_catalog.substr(d.datname, 19, 10)::pg_catalog.int8 + 3600 <
               pg_catalog.date_part('epoch', pg_catalog.now()))))";

std::string locale_provider(const session::PostgresqlRows& row) {
    if (row.is_null(0, 3)) {
        return {};
    }
    const std::string provider = row.text(0, 3);
    if (provider == "c" || row.is_null(0, 4)) {
        return " LOCALE_PROVIDER libc";
    }
    return provider == "i" ? " LOCALE_PROVIDER icu ICU_LOCALE " + quote_literal(row.text(0, 4))
                           : " LOCALE_PROVIDER builtin BUILTIN_LOCALE " + quote_literal(row.text(0, 4));
}

std::string create_statement(session::PostgresqlSession& session, const std::string& name) {
    const auto row = session.query(k_locale, "reading the settings of the database");
    return fmt::format("CREATE DATABASE {} TEMPLATE template0 ENCODING {} LC_COLLATE {} LC_CTYPE {}{}",
                       quote_identifier(name), quote_literal(row.text(0, 0)), quote_literal(row.text(0, 1)),
                       quote_literal(row.text(0, 2)), locale_provider(row));
}

void require_right_to_create(session::PostgresqlSession& session) {
    const auto row = session.query(
        "SELECT rolcreatedb OR rolsuper, rolname FROM pg_catalog.pg_roles WHERE rolname = CURRENT_USER",
        "looking at the role's rights");
    if (row.boolean(0, 0)) {
        return;
    }
    ErrorFacts facts{.code = ErrorCode::permission, .backend = "postgresql"};
    facts.next_step = fmt::format("ALTER ROLE {} CREATEDB lets it; or run without the rehearsal.",
                                  quote_identifier(row.text(0, 1)));
    throw Error(std::move(facts), "PostgreSQL: role " + quote_identifier(row.text(0, 1)) +
                                      " may not create the database that the rollback is rehearsed in.");
}

/// Told by the server, and no trouble with the connection to it.
bool is_of_statement(const Error& error) {
    return !error.facts().sqlstate.empty() && error.code() != ErrorCode::cancelled && !error.retryable();
}

/// What cannot be dropped is somebody's who is looking at it.
void drop_abandoned(session::PostgresqlSession& session) {
    const auto rows =
        session.query(k_abandoned, {std::string(k_mark)}, "looking for rehearsals that were killed");
    for (int row = 0; row < rows.size(); ++row) {
        try {
            session.execute("DROP DATABASE IF EXISTS " + quote_identifier(rows.text(row, 0)),
                            "dropping what a killed rehearsal has left");
        } catch (const Error& error) {
            if (!session.alive() || error.code() == ErrorCode::cancelled) {
                throw;
            }
        }
    }
}

std::string new_name(session::PostgresqlSession& session) {
    const auto now = session.query(
        "SELECT pg_catalog.lpad(pg_catalog.floor(pg_catalog.date_part('epoch', "
        "pg_catalog.now()))::pg_catalog.int8::pg_catalog.text, 10, '0')",
        "asking for the time");
    return k_prefix + now.text(0, 0) + "_" + util::random_id();
}

void wait_without_limit(session::PostgresqlSession& session) {
    if (session.server_version() >= 140000) {
        session.execute("SET idle_session_timeout = 0", "keeping the session");
    }
}

class ScratchDatabase final : public backend::Scratch {
  public:
    ScratchDatabase(const Endpoint& like, const backend::OpenContext& context)
        : m_server(like, context, session::PostgresqlUse::write), m_like(m_server.open()), m_endpoint(like) {
        require_right_to_create(*m_like);
        wait_without_limit(*m_like);
        drop_abandoned(*m_like);
        m_name = new_name(*m_like);
        backend::Settings settings = backend::parse_conninfo(like.location);
        settings["dbname"] = m_name;
        m_endpoint.location = backend::render_conninfo(settings);
        m_like->execute(create_statement(*m_like, m_name), "creating a database for the rehearsal");
        m_made = true;
        try {
            connect(context);
            furnish();
        } catch (...) {
            drop_quietly();
            throw;
        }
    }
    ~ScratchDatabase() override { drop_quietly(); }
    ScratchDatabase(const ScratchDatabase&) = delete;
    ScratchDatabase& operator=(const ScratchDatabase&) = delete;

    [[nodiscard]] const Endpoint& endpoint() const override { return m_endpoint; }
    [[nodiscard]] std::string description() const override {
        return "database " + m_name + " on the target's server";
    }
    [[nodiscard]] std::vector<Finding> missing() const override { return m_missing; }

    /// Also one from a password file, which may name the database.
    [[nodiscard]] std::optional<std::string> password() const override {
        const char* given = PQpass(m_like->native());
        return given == nullptr || *given == '\0' ? std::nullopt : std::optional(std::string(given));
    }

    void drop() override {
        if (!m_made) {
            return;
        }
        m_inside.reset();
        m_like->ignore_stop();
        if (!m_like->alive()) {
            m_like = m_server.open();
        }
        // The server may still be ending the sessions that were closed just now.
        const std::string force = m_like->server_version() >= 130000 ? " WITH (FORCE)" : "";
        m_like->execute("DROP DATABASE IF EXISTS " + quote_identifier(m_name) + force,
                        "dropping the database of the rehearsal");
        m_made = false;
    }

  private:
    class OwnPassword final : public CredentialProvider {
      public:
        explicit OwnPassword(std::optional<std::string> password) : m_password(std::move(password)) {}
        std::optional<std::string> password(const Endpoint& /*endpoint*/) override { return m_password; }

      private:
        std::optional<std::string> m_password;
    };

    /// Only then it has its mark: nobody takes it for abandoned before, nor while this is connected.
    void connect(backend::OpenContext context) {
        OwnPassword own(password());
        context.credentials = &own;
        m_inside = SessionFactory(m_endpoint, context, session::PostgresqlUse::write).open();
        wait_without_limit(*m_inside);
        m_like->execute(
            fmt::format("REVOKE CONNECT ON DATABASE {0} FROM PUBLIC; COMMENT ON DATABASE {0} IS {1}",
                        quote_identifier(m_name), quote_literal(k_mark)),
            "marking the database of the rehearsal");
    }

    void furnish() {
        copy_settings();
        const auto schemas = m_like->query(
            "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ "
            "'^(pg_|information_schema$|_migrate)'",
            "listing schemas");
        for (int row = 0; row < schemas.size(); ++row) {
            make_schema(schemas.text(row, 0));
        }
        copy_extensions();
    }

    /// Whoever owns code there may make it here, too.
    void make_schema(const std::string& name) {
        m_inside->execute(fmt::format("CREATE SCHEMA IF NOT EXISTS {0}; GRANT ALL ON SCHEMA {0} TO PUBLIC",
                                      quote_identifier(name)),
                          "creating a schema");
    }

    void leave_out(const std::string& object, const Error& error) {
        if (!is_of_statement(error)) {
            throw error;
        }
        m_missing.push_back({Severity::left_out, "rehearsed-without", object,
                             std::string("The rehearsal goes without it: ") + error.what(), "", 0});
    }

    /// For sessions that come later.
    void copy_settings() {
        const auto rows = m_like->query(
            "SELECT pg_catalog.split_part(one, '=', 1), pg_catalog.substr(one, pg_catalog.strpos(one, '=') + "
            "1) "
            "FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid = s.setdatabase, "
            "pg_catalog.unnest(s.setconfig) AS one WHERE s.setrole = 0 AND d.datname = "
            "pg_catalog.current_database()",
            "reading the settings of the database");
        for (int row = 0; row < rows.size(); ++row) {
            const std::string name = rows.text(row, 0);
            const std::string quoted = quote_identifier(name);
            try {
                // Lists of names are kept as they are written.
                m_inside->query("SELECT pg_catalog.set_config($1, $2, false)", {name, rows.text(row, 1)},
                                "trying a setting");
                m_inside->execute(fmt::format("ALTER DATABASE {} SET {} FROM CURRENT; RESET {}",
                                              quote_identifier(m_name), quoted, quoted),
                                  "copying a setting");
            } catch (const Error& error) {
                leave_out("setting " + name, error);
            }
        }
    }

    void copy_extensions() {
        const auto rows = m_like->query(
            "SELECT e.extname, n.nspname, e.extversion FROM pg_catalog.pg_extension e JOIN "
            "pg_catalog.pg_namespace n ON n.oid = e.extnamespace WHERE e.extname <> 'plpgsql' ORDER BY e.oid",
            "listing extensions");
        for (int row = 0; row < rows.size(); ++row) {
            const std::string create =
                fmt::format("CREATE EXTENSION IF NOT EXISTS {} SCHEMA {}",
                            quote_identifier(rows.text(row, 0)), quote_identifier(rows.text(row, 1)));
            try {
                make_extension(create, rows.text(row, 2));
            } catch (const Error& error) {
                leave_out("extension " + rows.text(row, 0), error);
            }
        }
    }

    /// The script of an older version may be gone.
    void make_extension(const std::string& create, const std::string& version) {
        try {
            m_inside->execute(create + " VERSION " + quote_literal(version), "creating an extension");
        } catch (const Error& error) {
            if (!is_of_statement(error)) {
                throw;
            }
            m_inside->execute(create, "creating an extension");
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
    std::shared_ptr<session::PostgresqlSession> m_inside;
    Endpoint m_endpoint;
    std::string m_name;
    bool m_made = false;
    std::vector<Finding> m_missing;
};

}  // namespace

std::unique_ptr<backend::Scratch> make_scratch_database(const Endpoint& like,
                                                        const backend::OpenContext& context) {
    if (like.borrowed != nullptr) {
        ErrorFacts facts{.code = ErrorCode::unsupported, .backend = "postgresql"};
        facts.next_step = "Name the target by its own address, or run without the rehearsal.";
        throw Error(
            std::move(facts),
            "PostgreSQL: through a session that the host has lent no rollback can be rehearsed, which "
            "takes a database of its own.");
    }
    return std::make_unique<ScratchDatabase>(like, context);
}

}  // namespace migrate::backends::postgresql
