#include <optional>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "command.hpp"
#include "files.hpp"
#include "json_document.hpp"
#include "printable.hpp"
#include "run.hpp"
#include "text_render.hpp"
#include "usage_error.hpp"

namespace migrate::cli {

namespace {

constexpr const char* k_usage = "write dead-letters list ID, or dead-letters export ID --to FILE";

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

std::string line_of(const DeadLetter& letter) {
    rapidjson::StringBuffer buffer;
    rapidjson::Writer<rapidjson::StringBuffer> out(buffer);
    const auto text = [&out](const char* name, const std::string& value) {
        out.Key(name);
        out.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
    };
    out.StartObject();
    text("table", letter.table);
    out.Key("chunk");
    out.Int64(letter.chunk);
    out.Key("ordinal");
    out.Uint64(letter.ordinal);
    text("key", letter.key);
    text("column", letter.column);
    text("reason", letter.reason);
    text("row", letter.row);
    out.EndObject();
    return std::string(buffer.GetString(), buffer.GetSize()) + "\n";
}

int save(Run& run) {
    const Request request(run);
    if (!run.settings().on_command_line("to")) {
        usage_error("dead-letters export needs a file to write to", "name it with --to FILE");
    }
    const std::string path = run.settings().text("to");
    CrossDatabaseMigrator migrator = run.indexed_migrator();
    NewFile file(path, "dead letters");
    const std::uint64_t letters = migrator.dead_letters(
        request.id, [&](const DeadLetter& letter) { file.write(line_of(letter)); }, request.target);
    file.finish();
    if (run.json()) {
        JsonDocument out(run.command(), 0);
        out.text("id", request.id);
        out.number("count", letters);
        out.text("file", path);
        run.print(out.finish());
    } else {
        run.print(fmt::format("{} dead letters written to {}; it holds values of rows\n", letters,
                              printable(path)));
    }
    return 0;
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
    usage_error(what.empty() ? std::string("dead-letters needs to know what to do")
                             : fmt::format("dead-letters does not know \"{}\"", printable(what)),
                k_usage);
}

}  // namespace migrate::cli
