#include "fault/state_poll.hpp"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <map>
#include <memory>
#include <sstream>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

#include <sqlite3.h>

#include "support/pg.hpp"

namespace migrate::test {
namespace {

constexpr const char* k_names = "('author', 'book', 'event')";
constexpr const char* k_absent = "none of the tables";
constexpr int k_patience_ms = 20000;

struct Sums {
    const char* table;
    const char* sql;  ///< One text, in either engine.
};

constexpr Sums k_sums[] = {
    {"author",
     "SELECT count(*) || '/' || coalesce(sum(id), 0) || '/' || coalesce(sum(length(name)), 0) FROM author"},
    {"book",
     "SELECT count(*) || '/' || coalesce(sum(id), 0) || '/' || coalesce(sum(author), 0) || '/' || "
     "coalesce(sum(length(title)), 0) FROM book"},
    {"event", "SELECT count(*) || '/' || coalesce(sum(length(coalesce(what, ''))), 0) FROM event"},
};

/// One state from the tables that are there, each with its own; half of them is a state too, and told.
template <class Value>
std::string state_of(const std::string& count, Value value) {
    if (count == "0") {
        return k_absent;
    }
    std::string state = count + " tables";
    for (const Sums& one : k_sums) {
        state += std::string("; ") + one.table + " " + value(one.sql);
    }
    return state;
}

/// Opens for writing as applications do, so that a journal which a killed writer has left is played back.
std::string look_at_sqlite(const std::string& path) {
    sqlite3* raw = nullptr;
    const int opened = sqlite3_open_v2(path.c_str(), &raw, SQLITE_OPEN_READWRITE, nullptr);
    const std::unique_ptr<sqlite3, int (*)(sqlite3*)> database(raw, &sqlite3_close);
    if (opened == SQLITE_CANTOPEN && !std::filesystem::exists(path)) {
        return k_absent;
    }
    sqlite3_busy_timeout(raw, k_patience_ms);
    const auto value = [&](const std::string& sql) {
        sqlite3_stmt* statement = nullptr;
        std::string text;
        int step = sqlite3_prepare_v2(raw, sql.c_str(), -1, &statement, nullptr);
        step = step == SQLITE_OK ? sqlite3_step(statement) : step;
        if (step == SQLITE_ROW && sqlite3_column_text(statement, 0) != nullptr) {
            text = reinterpret_cast<const char*>(sqlite3_column_text(statement, 0));
        }
        sqlite3_finalize(statement);
        if (step != SQLITE_ROW && step != SQLITE_DONE) {
            throw std::runtime_error(sql + ": " + sqlite3_errmsg(raw));
        }
        return text;
    };
    value("BEGIN");
    return state_of(value(std::string("SELECT count(*) FROM sqlite_schema WHERE name IN ") + k_names), value);
}

/// Names are looked up in the newest catalog, whatever the snapshot: where a table goes between the look at
/// the catalog and the one at its rows, the look is taken again.
std::optional<std::string> look_at_postgresql(const std::string& conninfo) try {
    PgConnection connection(conninfo);
    connection.exec("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
    return state_of(connection.value(std::string("SELECT count(*) FROM pg_class WHERE relnamespace = "
                                                 "'public'::regnamespace AND relname IN ") +
                                     k_names),
                    [&](const std::string& sql) { return connection.value(sql); });
} catch (const std::runtime_error& error) {
    if (std::string(error.what()).find("does not exist") == std::string::npos) {
        throw;
    }
    return std::nullopt;
}

/// "author" for author.ndjson, public.author.ndjson and author~2.ndjson.
std::string table_in(const std::string& file) {
    std::string name = file.starts_with("public.") ? file.substr(7) : file;
    if (!name.ends_with(".ndjson")) {
        return "";
    }
    return name.substr(0, name.find_first_of(".~"));
}

bool is_same_directory(int opened, const std::string& path) {
    struct stat a {};
    struct stat b {};
    return ::fstat(opened, &a) == 0 && ::stat(path.c_str(), &b) == 0 && a.st_ino == b.st_ino &&
           a.st_dev == b.st_dev;
}

/// A directory is opened once and its files are reached through it: that is what one exchange of directories
/// promises. A look during which the name came to lead elsewhere is taken again.
std::optional<std::string> look_at_json(const std::string& path) {
    const int directory = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (directory < 0 && errno == ENOENT) {
        return k_absent;
    }
    const std::string through = "/proc/self/fd/" + std::to_string(directory);
    std::map<std::string, std::string> tables;
    std::error_code failed;
    for (const auto& entry : std::filesystem::directory_iterator(through, failed)) {
        const std::string name = entry.path().filename().string();
        for (const Sums& one : k_sums) {
            if (table_in(name) == one.table) {
                std::ifstream file(entry.path(), std::ios::binary);
                std::ostringstream text;
                text << file.rdbuf();
                tables[one.table] = std::to_string(text.str().size()) + "/" +
                                    std::to_string(std::hash<std::string>()(text.str()));
            }
        }
    }
    const bool is_one_look = is_same_directory(directory, path);
    ::close(directory);
    if (failed || !is_one_look) {
        return std::nullopt;
    }
    if (tables.empty()) {
        return k_absent;
    }
    std::string state = std::to_string(tables.size()) + " tables";
    for (const auto& [table, content] : tables) {
        state += "; " + table + " " + content;
    }
    return state;
}

}  // namespace

std::optional<std::string> look_at(const std::string& endpoint) {
    const std::string place = endpoint.substr(endpoint.find(':') + 1);
    if (endpoint.starts_with("sqlite:")) {
        return look_at_sqlite(place);
    }
    return endpoint.starts_with("pg:") ? look_at_postgresql(place)
                                       : look_at_json(place.substr(0, place.find_last_not_of('/') + 1));
}

StatePoll::StatePoll(std::string endpoint)
    : m_endpoint(std::move(endpoint)), m_thread([this](const std::stop_token& stop) { run(stop); }) {}

void StatePoll::run(const std::stop_token& stop) {
    try {
        while (!stop.stop_requested()) {
            const auto state = look_at(m_endpoint);
            if (state && (m_states.empty() || m_states.back() != *state)) {
                m_states.push_back(*state);
            }
            m_looks += state ? 1 : 0;
            std::this_thread::sleep_for(std::chrono::milliseconds(1));
        }
    } catch (const std::exception& error) {
        m_error = error.what();
        m_failed = true;
    }
}

void StatePoll::see_once_more() {
    const std::uint64_t before = m_looks;
    // The first that ends may have begun earlier.
    while (m_looks < before + 2 && !m_failed) {
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

std::vector<std::string> StatePoll::finish() {
    m_thread.request_stop();
    m_thread.join();
    if (m_failed) {
        throw std::runtime_error("a look failed: " + m_error);
    }
    return m_states;
}

}  // namespace migrate::test
