#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "command.hpp"
#include "files.hpp"
#include "json_document.hpp"
#include "json_render.hpp"
#include "printable.hpp"
#include "run.hpp"
#include "text_render.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

constexpr const char* k_usage =
    "write dead-letters list ID, dead-letters export ID --output FILE, or dead-letters retry ID";

/// Which migration, and where its target is if the index does not know.
struct Request {
    explicit Request(Run& run) {
        if (run.arguments().size() != 2) {
            usage_error("dead-letters needs to know what to do, and the ID of a migration", k_usage);
        }
        id = run.arguments()[1];
        if (run.settings().on_command_line("endpoint")) {
            target = run.endpoints().require("endpoint", true);
        }
    }

    std::string id;
    std::optional<Endpoint> target;
};

void write(JsonDocument& out, const DeadLetter& letter, bool values) {
    out.begin_object();
    out.text("table", letter.table);
    out.integer("chunk", letter.chunk);
    out.number("ordinal", letter.ordinal);
    out.text("column", letter.column);
    out.text("reason", letter.reason);
    out.boolean("kept", letter.kept);
    if (values) {
        out.text("key", letter.key);
        out.text("row", letter.row);
    }
    out.end_object();
}

std::string text_of(const std::vector<DeadLetter>& letters, std::uint64_t all, bool values) {
    if (all == 0) {
        return "no dead letters\n";
    }
    std::vector<std::vector<std::string>> rows{{"TABLE", "CHUNK", "ROW", "COLUMN", "REASON"}};
    if (values) {
        rows.front().insert(rows.front().end(), {"KEY", "VALUES"});
    }
    for (const DeadLetter& letter : letters) {
        // Rows that a key refused after the load stand in no chunk.
        rows.push_back({letter.table, letter.chunk < 0 ? "-" : std::to_string(letter.chunk),
                        std::to_string(letter.ordinal), letter.column.empty() ? "-" : letter.column,
                        letter.reason});
        if (values) {
            rows.back().insert(rows.back().end(), {letter.key, letter.row});
        }
    }
    std::string out = table_text(rows);
    if (all > letters.size()) {
        out += fmt::format("and {} more: --max-rows shows more, `export` all\n", all - letters.size());
    }
    return out;
}

int list(Run& run) {
    const Request request(run);
    const bool values = run.settings().flag("show-values");
    const std::uint64_t most = run.settings().count("max-rows");
    std::vector<DeadLetter> letters;
    CrossDatabaseMigrator migrator = run.indexed_migrator();
    const std::uint64_t all = migrator.dead_letters(
        request.id,
        [&](const DeadLetter& letter) {
            if (letters.size() < most) {
                letters.push_back(letter);
            }
        },
        request.target);
    if (!run.json()) {
        run.print(text_of(letters, all, values));
        return 0;
    }
    JsonDocument out(run.command(), 0);
    out.text("id", request.id);
    out.number("count", all);
    out.begin_array("dead_letters");
    for (const DeadLetter& letter : letters) {
        write(out, letter, values);
    }
    out.end_array();
    run.print(out.finish());
    return 0;
}

/// Where an export goes; --to is its older name.
std::string output_of(const Settings& settings) {
    for (const char* option : {"output", "to"}) {
        if (settings.on_command_line(option)) {
            return settings.text(option);
        }
    }
    usage_error("dead-letters export needs a file to write to",
                "name it with --output FILE, or write --output - for standard output");
}

/// Hands over the letters' text piece by piece; returns how many letters there are.
std::uint64_t write_letters(Run& run, const Request& request,
                            const std::function<void(const std::string&)>& take) {
    const bool array = run.settings().text("format") == "json";
    CrossDatabaseMigrator migrator = run.indexed_migrator();
    bool first = true;
    const std::uint64_t letters = migrator.dead_letters(
        request.id,
        [&](const DeadLetter& letter) {
            const std::string text = render_json(letter);
            take(array ? (first ? "[\n" : ",\n") + text : text + "\n");
            first = false;
        },
        request.target);
    if (array) {
        take(first ? "[]\n" : "\n]\n");
    }
    return letters;
}

std::string counted(std::uint64_t letters) {
    return fmt::format("{} dead letter{}", letters, letters == 1 ? "" : "s");
}

int save(Run& run) {
    const Request request(run);
    const std::string path = output_of(run.settings());
    if (path == "-") {
        if (run.json()) {
            usage_error("--json and an export to standard output were both asked for",
                        "leave one of them out, or use --format json for one JSON array of the letters");
        }
        const auto letters = write_letters(run, request, [&](const std::string& text) { run.print(text); });
        run.note(counted(letters) + " written; they hold values of rows");
        return 0;
    }
    NewFile file(path, "dead letters", run.settings().flag("overwrite"));
    const auto letters = write_letters(run, request, [&](const std::string& text) { file.write(text); });
    file.finish();
    if (run.json()) {
        JsonDocument out(run.command(), 0);
        out.text("id", request.id);
        out.number("count", letters);
        out.text("file", path);
        run.print(out.finish());
    } else {
        run.print(counted(letters) + " written to " + printable(path) + "; it holds values of rows\n");
    }
    return 0;
}

int retry(Run& run) {
    const Request request(run);
    DeadLetterRetryOptions options;
    options.execute = asked_to_execute(run.settings());
    options.tables = run.settings().list("only");
    if (run.settings().on_command_line("from-file")) {
        options.mended = parse_dead_letters(read_file(run.settings().text("from-file"), "dead letters"));
    }
    CrossDatabaseMigrator migrator = run.indexed_migrator();
    if (options.execute) {
        run.interrupt().changes_begin();
    }
    const DeadLetterRetry result = migrator.retry_dead_letters(request.id, options, request.target);
    run.print(run.json() ? json_of(result) : printable_lines(render_text(result)));
    if (!result.executed) {
        run.note("dry run: nothing was written; --execute retries the rows");
    }
    return result.exit_code();
}

}  // namespace

int run_dead_letters(Run& run) {
    const std::string what = run.arguments().empty() ? "" : run.arguments().front();
    if (what == "list") {
        return list(run);
    }
    if (what == "export") {
        return save(run);
    }
    if (what == "retry") {
        return retry(run);
    }
    usage_error(what.empty() ? std::string("dead-letters needs to know what to do")
                             : fmt::format("dead-letters does not know \"{}\"", printable(what)),
                k_usage);
}

}  // namespace migrate::cli
