#include "backends/sqlite/column_reading.hpp"

#include <algorithm>
#include <cmath>

#include "backends/sqlite/column_support.hpp"
#include "backends/sqlite/recorded_type.hpp"

namespace migrate::backends::sqlite {
namespace {

/// How times before 9999 are usually written in SQLite; holds every value that the type can.
constexpr const char* k_usual_time = "YYYY-MM-DD HH:MM:SS[.SSSSSS]";

bool is_epoch(const ColumnCodec& codec) {
    return codec.format().starts_with("epoch_");
}

/// Whether all values of the column are of a size that the reading's numbers usually have.
bool is_plausible(const ColumnProfile& profile, const ColumnCodec& codec) {
    const std::string& format = codec.format();
    if (format == "julian") {
        return is_plausible_julian(profile.least_real) && is_plausible_julian(profile.greatest_real);
    }
    if (format == "epoch_real") {
        return is_plausible_epoch(format, profile.least_real) &&
               is_plausible_epoch(format, profile.greatest_real);
    }
    if (!is_epoch(codec)) {
        return true;
    }
    return profile.greatest_magnitude > 0 &&
           is_plausible_epoch(format, static_cast<double>(profile.least_magnitude)) &&
           is_plausible_epoch(format, static_cast<double>(profile.greatest_magnitude));
}

class Decision {
  public:
    Decision(const Table& table, Column& column, const ColumnProfile& profile, const ColumnSupport* support,
             std::vector<Finding>& findings)
        : m_table(table), m_column(column), m_profile(profile), m_support(support), m_findings(findings) {}

    void decide(const std::string& bad_text) {
        if (report_contradictions(bad_text == "reject")) {
            return;
        }
        if (m_profile.values() == 0) {
            if (const Reading* asked = m_profile.agreed();
                asked != nullptr && asked->origin <= Reading::Origin::provenance) {
                set(asked->codec.type(), asked->codec.format(), "");
            } else {
                decide_by_declaration(m_column, m_profile.declared());
            }
            return;
        }
        if (!take_reading()) {
            take_storage_class();
            report_possible();
        } else if (reading_to_take(m_profile)->origin >= Reading::Origin::declared) {
            report_possible();
        }
        look_at_text(bad_text);
    }

  private:
    void set(LogicalType type, std::string format, std::string why) {
        m_column.type = std::move(type);
        m_column.format = std::move(format);
        m_column.why = std::move(why);
    }

    void find(Severity severity, std::string code, std::string message, std::string next_step,
              std::uint64_t count) {
        m_findings.push_back({severity, std::move(code),
                              "table " + m_table.name.display() + ", column " + m_column.name,
                              std::move(message), std::move(next_step), count});
    }

    /// True where the reading that was asked for is taken all the same, since rows may be rejected.
    bool report_contradictions(bool may_reject) {
        const Reading* asked = m_profile.contradicted();
        if (asked == nullptr) {
            return false;
        }
        const std::string what = std::to_string(asked->misfits) + " of " +
                                 std::to_string(m_profile.values()) + " values cannot be read as " +
                                 to_string(asked->codec.type());
        if (!may_reject) {
            find(
                Severity::blocker, "type-contradicted", what,
                "Leave --type away for this column, mend the values, or say with --on-reject what becomes of "
                "such rows.",
                asked->misfits);
            return false;
        }
        set(asked->codec.type(), asked->codec.format(), "asked for");
        find(Severity::risk, "type-contradicted", what + "; these rows are rejected", "", asked->misfits);
        return true;
    }

    bool take_reading() {
        const Reading* reading = reading_to_take(m_profile);
        if (reading == nullptr) {
            return false;
        }
        const ColumnCodec& codec = reading->codec;
        set(codec.type(), codec.format(), why_of(*reading));
        note_spelling(m_table, m_column, m_profile, *reading, m_findings);
        report_excess(codec);
        return true;
    }

    [[nodiscard]] std::string why_of(const Reading& reading) const {
        const std::string& format = reading.codec.format();
        const std::string all = "all " + std::to_string(m_profile.values()) + " values ";
        if (reading.origin == Reading::Origin::user) {
            return "asked for";
        }
        if (format == "julian") {
            return all + "are Julian days";
        }
        if (is_epoch(reading.codec)) {
            return all + "are times since 1970 (" + format.substr(6) + ")";
        }
        if (reading.origin == Reading::Origin::seen) {
            return all + "are written " + format;
        }
        if (reading.codec.type().kind == TypeKind::boolean) {
            return all + (format.empty() ? "are 0 or 1" : "are " + format.substr(5));
        }
        return {};
    }

    /// A decimal whose declared digits its values exceed.
    void report_excess(const ColumnCodec& codec) {
        const DeclaredType& declared = m_profile.declared();
        if (codec.type().kind != TypeKind::decimal || codec.type().precision >= 0 ||
            !declared.first_argument || codec.format() != "number") {
            return;
        }
        const LogicalType exact = hoped_for(declared).front().type();
        if (exact.precision < 0) {
            m_column.why = m_column.native_type + " says no number of digits that could be kept";
            return;
        }
        const std::uint64_t all = m_profile.values();
        const std::uint64_t within =
            m_support == nullptr ? 0 : m_support->values_of(spelling_of(hoped_for(declared).front()));
        m_column.why = std::to_string(all - within) + " of " + std::to_string(all) + " values exceed " +
                       m_column.native_type;
        find(Severity::note, "decimal-exceeds-declaration",
             m_column.why + "; read as a decimal without limit", "", all - within);
    }

    void take_storage_class() {
        const DeclaredType& declared = m_profile.declared();
        const std::uint64_t all = m_profile.values();
        if (m_profile.integers == all) {
            set(TypeKind::int64, "", "all " + std::to_string(all) + " values are integers");
        } else if (m_profile.reals == all) {
            set(TypeKind::float64, m_profile.has_negative_zero ? "signed" : "",
                "all " + std::to_string(all) + " values are reals");
        } else if (m_profile.blobs == all) {
            set(TypeKind::bytes, "",
                declared.affinity == Affinity::blob ? ""
                                                    : "all " + std::to_string(all) + " values are blobs");
        } else if (m_profile.texts == all) {
            set(TypeKind::text, "",
                declared.affinity == Affinity::text ? "" : "all " + std::to_string(all) + " values are text");
            take_limit();
        } else {
            set(TypeKind::variant, "", "values of several storage classes: " + classes());
        }
        report_support();
    }

    /// What stands against the reading that the declaration gave hope for.
    void report_support() {
        const bool mixed = m_column.type.kind == TypeKind::variant;
        const std::uint64_t all = m_profile.values();
        const std::string summary = m_support == nullptr ? "" : m_support->summary();
        const std::string holds = mixed ? "holds " + classes() + "; each value keeps its class" : "";
        if (summary.empty()) {
            if (mixed) {
                find(Severity::note, "mixed-storage-classes", holds, "", all);
            }
            return;
        }
        m_column.why += "; of these, " + summary;
        const ColumnSupport::Best best = m_support->best();
        std::string next = best.values == 0 ? "" : "Ask for it with --type " + asked(best.type) + ".";
        if (best.values > 0 && best.values < all) {
            next = "Mend what contradicts it (" + std::to_string(all - best.values) + " of " +
                   std::to_string(all) + " values), then ask for it with --type " + asked(best.type) + ".";
        }
        const bool time = speaks_of_time(m_profile.declared());
        find(Severity::note,
             mixed  ? "mixed-storage-classes"
             : time ? "no-one-time-format"
                    : "no-one-reading",
             "declared " + m_column.native_type + ", but of its " + std::to_string(all) + " values " +
                 summary + "; " + (mixed ? holds : "read as " + to_string(m_column.type)),
             next, all - best.values);
    }

    [[nodiscard]] std::string asked(const std::string& type) const {
        return m_table.name.name + "." + m_column.name + "=" + type;
    }

    /// What all values could be read as as well, though the declaration does not say so.
    void report_possible() {
        for (const Reading& reading : m_profile.readings()) {
            if (reading.origin != Reading::Origin::possible || reading.misfits > 0 ||
                !is_plausible(m_profile, reading.codec) || m_column.identity ||
                reading.codec.type() == m_column.type) {
                continue;
            }
            const std::string type = spelling_of(reading.codec);
            find(Severity::note, "reading-possible",
                 "all " + std::to_string(m_profile.values()) + " values could be read as " + type,
                 "Ask for it with --type " + asked(type) + ".", m_profile.values());
            return;
        }
    }

    void take_limit() {
        const auto& limit = m_profile.declared().first_argument;
        if (m_profile.declared().affinity != Affinity::text || !limit || *limit < 1) {
            return;
        }
        if (static_cast<std::uint64_t>(*limit) >= m_profile.longest) {
            // More than PostgreSQL's varchar can say is no limit.
            m_column.type.limit = *limit <= 10'485'760 ? *limit : -1;
            return;
        }
        m_column.why = std::to_string(m_profile.overlong) + " of " + std::to_string(m_profile.values()) +
                       " values are longer, the longest has " + std::to_string(m_profile.longest) +
                       " characters";
        find(Severity::note, "text-exceeds-declaration",
             std::to_string(m_profile.overlong) + " of " + std::to_string(m_profile.values()) +
                 " values are longer than " + m_column.native_type + " says; read as text without limit",
             "", m_profile.overlong);
    }

    [[nodiscard]] std::string classes() const {
        std::string out;
        const std::pair<std::uint64_t, const char*> counts[] = {{m_profile.integers, "integer"},
                                                                {m_profile.reals, "real"},
                                                                {m_profile.texts, "text"},
                                                                {m_profile.blobs, "blob"}};
        for (const auto& [count, name] : counts) {
            if (count > 0) {
                out += (out.empty() ? "" : ", ") + std::to_string(count) + " " + name;
            }
        }
        return out;
    }

    void look_at_text(const std::string& bad_text) {
        // Engines with a limit on index keys want to know.
        constexpr std::uint64_t k_long = 1000;
        if (m_profile.longest_bytes > k_long) {
            m_column.properties["longest_bytes"] = std::to_string(m_profile.longest_bytes);
        }
        if (m_profile.broken_texts > 0) {
            take_broken_text(bad_text);
        }
        if (m_profile.texts_with_nul > 0) {
            m_column.properties["texts_with_nul"] = std::to_string(m_profile.texts_with_nul);
            find(Severity::note, "text-holds-nul",
                 std::to_string(m_profile.texts_with_nul) + " of " + std::to_string(m_profile.texts) +
                     " texts hold the character U+0000",
                 "", m_profile.texts_with_nul);
        }
    }

    void take_broken_text(const std::string& bad_text) {
        const bool plain = m_column.type.kind == TypeKind::text;
        if (m_column.type.kind == TypeKind::bytes && m_column.format == "text") {
            // An earlier migration or the user decided so.
            find(Severity::note, "text-not-utf8",
                 std::to_string(m_profile.broken_texts) + " of " + std::to_string(m_profile.texts) +
                     " texts hold bytes that are not UTF-8; the column is read as bytes",
                 "", m_profile.broken_texts);
            return;
        }
        const bool variant = m_column.type.kind == TypeKind::variant;
        const bool settled = (plain || variant) && bad_text != "stop";
        std::string becomes;
        if (settled && bad_text == "reject") {
            m_column.format = "valid";
            becomes = "; these rows are rejected";
        } else if (settled && bad_text == "replace") {
            m_column.format = "replace";
            m_column.type.limit = -1;
            becomes = "; they are replaced by U+FFFD";
        } else if (settled && plain) {
            set(TypeKind::bytes, "text", "some texts are not UTF-8");
            becomes = "; the column is read as bytes";
        } else if (settled) {
            m_column.format = "bytes";
            becomes = "; these texts are read as blobs";
        }
        const Severity severity = !settled               ? Severity::blocker
                                  : bad_text == "reject" ? Severity::risk
                                                         : Severity::note;
        find(severity, "text-not-utf8",
             std::to_string(m_profile.broken_texts) + " of " + std::to_string(m_profile.texts) +
                 " texts hold bytes that are not UTF-8" + becomes,
             settled ? "" : "Choose with --bad-text replace or bytes, or with --on-reject.",
             m_profile.broken_texts);
    }

    const Table& m_table;
    Column& m_column;
    const ColumnProfile& m_profile;
    const ColumnSupport* m_support;
    std::vector<Finding>& m_findings;
};

LogicalType declared_time(const DeclaredType& declared) {
    const std::string& name = declared.name;
    if (name.find("ZONE") != std::string::npos || name.find("TIMESTAMPTZ") != std::string::npos) {
        return name.find("WITHOUT") != std::string::npos ? TypeKind::timestamp : TypeKind::timestamp_tz;
    }
    return name == "DATE" ? TypeKind::date : name == "TIME" ? TypeKind::time : TypeKind::timestamp;
}

}  // namespace

bool is_plausible_epoch(std::string_view format, double number) {
    const double least = format == "epoch_s" || format == "epoch_real" ? 1e8
                         : format == "epoch_ms"                        ? 1e11
                                                                       : 1e14;
    const double size = format == "epoch_real" ? number : std::fabs(number);
    return size >= least && size < least * 1000;
}

bool is_plausible_julian(double number) {
    return number >= 1721059.5 && number <= 5373484.5;
}

const Reading* reading_to_take(const ColumnProfile& profile) {
    for (const Reading& reading : profile.readings()) {
        const bool asked = reading.origin <= Reading::Origin::provenance;
        if (reading.misfits == 0 && reading.origin != Reading::Origin::possible &&
            (asked || is_plausible(profile, reading.codec))) {
            return &reading;
        }
    }
    return nullptr;
}

bool needs_support(const ColumnProfile& profile) {
    if (profile.values() == 0) {
        return false;
    }
    const Reading* reading = reading_to_take(profile);
    const auto hoped = hoped_for(profile.declared());
    if (reading == nullptr) {
        // Any name that SQLite does not know has numeric affinity: that is no hope for numbers.
        const bool by_chance = !hoped.empty() && hoped.front().type().kind == TypeKind::int64 &&
                               profile.declared().affinity == Affinity::numeric;
        return !hoped.empty() && !by_chance;
    }
    return reading->origin == Reading::Origin::declared && !hoped.empty() &&
           hoped.front().type().kind == TypeKind::decimal && hoped.front().type().precision >= 0 &&
           reading->codec.type().precision < 0;
}

void decide_reading(const Table& table, Column& column, const ColumnProfile& profile,
                    const ColumnSupport* support, const std::string& bad_text,
                    std::vector<Finding>& findings) {
    Decision(table, column, profile, support, findings).decide(bad_text);
}

void decide_by_declaration(Column& column, const DeclaredType& declared) {
    column.format.clear();
    if (speaks_of_time(declared)) {
        column.type = declared_time(declared);
        if (column.type.kind == TypeKind::timestamp) {
            column.format = k_usual_time;
        }
        return;
    }
    const auto hoped = hoped_for(declared);
    if (!hoped.empty()) {
        column.type = hoped.front().type();
        column.format = hoped.front().format();
    } else if (declared.affinity == Affinity::text) {
        column.type = TypeKind::text;
        const auto limit = declared.first_argument.value_or(-1);
        column.type.limit = limit >= 1 && limit <= 10'485'760 ? limit : -1;
    } else {
        column.type = TypeKind::bytes;
    }
}

}  // namespace migrate::backends::sqlite
