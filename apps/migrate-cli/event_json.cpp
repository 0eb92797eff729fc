#include "event_json.hpp"

#include <rapidjson/stringbuffer.h>
#include <rapidjson/writer.h>

#include "printable.hpp"

namespace migrate::cli {

namespace {

using Writer = rapidjson::Writer<rapidjson::StringBuffer>;

std::string_view kind_text(EventKind kind) {
    switch (kind) {
        case EventKind::phase_started:
            return "phase_started";
        case EventKind::phase_finished:
            return "phase_finished";
        case EventKind::finding:
            return "finding";
        case EventKind::retry:
            return "retry";
        case EventKind::paused:
            return "paused";
        case EventKind::going_on:
            return "going_on";
        case EventKind::progress:
            break;
    }
    return "progress";
}

void text(Writer& writer, const char* name, std::string_view value) {
    writer.Key(name);
    writer.String(value.data(), static_cast<rapidjson::SizeType>(value.size()));
}

void number(Writer& writer, const char* name, std::uint64_t value) {
    writer.Key(name);
    writer.Uint64(value);
}

}  // namespace

std::string json_line(const MigrationEvent& event, std::chrono::milliseconds elapsed) {
    rapidjson::StringBuffer buffer;
    Writer writer(buffer);
    writer.StartObject();
    text(writer, "event", kind_text(event.kind));
    text(writer, "phase", to_string(event.phase));
    writer.Key("elapsed_ms");
    writer.Int64(elapsed.count());
    writer.Key("remaining_ms");
    if (event.remaining) {
        writer.Int64(event.remaining->count());
    } else {
        writer.Null();
    }
    text(writer, "migration", event.migration);
    text(writer, "table", event.table);
    text(writer, "message", event.message);
    number(writer, "done", event.done);
    number(writer, "total", event.total);
    number(writer, "bytes", event.bytes);
    number(writer, "all_done", event.all_done);
    number(writer, "all_total", event.all_total);
    writer.EndObject();
    // Names are written as they are: what a terminal must not see, and what is not UTF-8, is escaped here.
    return printable_json(std::string_view(buffer.GetString(), buffer.GetSize())) + "\n";
}

}  // namespace migrate::cli
