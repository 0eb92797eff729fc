#include "backends/sqlite/column_codec.hpp"

#include <map>

#include <migrate/error.hpp>

namespace migrate::backends::sqlite {
namespace {

std::vector<CodecEntry> codecs_of(TypeKind kind) {
    switch (kind) {
        case TypeKind::boolean:
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
        case TypeKind::float32:
        case TypeKind::float64:
        case TypeKind::decimal:
            return number_codecs(kind);
        case TypeKind::date:
        case TypeKind::time:
        case TypeKind::timestamp:
        case TypeKind::timestamp_tz:
            return time_codecs(kind);
        default:
            return text_codecs(kind);
    }
}

[[noreturn]] void throw_unknown(const LogicalType& type, const std::string& format) {
    ErrorFacts facts;
    facts.code = ErrorCode::usage;
    facts.backend = "sqlite";
    for (const CodecEntry& entry : codecs_of(type.kind)) {
        const std::string name = entry.format == "*" ? "a picture (YYYY-MM-DD HH:MM:SS)"
                                 : entry.format == "text:"
                                     ? "two words, the one for false first (text:no/yes)"
                                     : std::string(entry.format);
        facts.next_step += name.empty() ? "" : (facts.next_step.empty() ? "" : ", ") + name;
    }
    facts.next_step = facts.next_step.empty()
                          ? "Leave the format away: this type has but one."
                          : "Leave the format away, or take one of: " + facts.next_step + ".";
    throw Error(std::move(facts), "SQLite has no format \"" + format + "\" for " + to_string(type));
}

}  // namespace

ColumnCodec::ColumnCodec(const LogicalType& type, const std::string& format)
    : m_type(type), m_format(format), m_decode(nullptr), m_encode(nullptr), m_survives(nullptr) {
    for (const CodecEntry& entry : codecs_of(type.kind)) {
        bool fits = entry.format == format;
        if (entry.format == "*" && !fits) {
            const auto pattern = TimePattern::of_picture(format);
            const bool has_date = type.kind != TypeKind::time;
            const bool has_time = type.kind != TypeKind::date;
            fits = pattern && pattern->date == has_date && pattern->time == has_time;
            m_pattern = fits ? *pattern : m_pattern;
        } else if (entry.format == "text:" && format.starts_with("text:")) {
            const std::size_t slash = format.find('/');
            fits = slash != std::string::npos && slash > 5 && slash + 1 < format.size();
            m_false = fits ? format.substr(5, slash - 5) : "";
            m_true = fits ? format.substr(slash + 1) : "";
        }
        if (fits) {
            m_decode = entry.decode;
            m_encode = entry.encode;
            m_survives = entry.survives;
            return;
        }
    }
    throw_unknown(type, format);
}

std::string spelling_of(const ColumnCodec& codec) {
    return to_string(codec.type()) + (codec.format().empty() ? "" : ":" + codec.format());
}

bool ColumnCodec::comes_back(const Cell& cell) const {
    thread_local std::string scratch;
    // One for each kind, so that their memory is asked for once.
    thread_local std::map<TypeKind, ColumnVector> values;
    ColumnVector& value = values.try_emplace(m_type.kind, m_type.kind).first->second;
    value.clear();
    scratch.clear();
    Cell again;
    return decode(cell, value) && encode(value, 0, again, scratch) && again == cell;
}

}  // namespace migrate::backends::sqlite
