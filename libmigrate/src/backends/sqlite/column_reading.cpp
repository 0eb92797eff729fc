#include "backends/sqlite/column_reading.hpp"

#include <algorithm>

namespace migrate::backends::sqlite {
namespace {

/// How times before 9999 are usually written in SQLite; holds every value that the type can.
constexpr const char* k_usual_time = "YYYY-MM-DD HH:MM:SS[.SSSSSS]";

class Decision {
  public:
    Decision(const Table& table, Column& column, const ColumnProfile& profile, std::vector<Finding>& findings)
        : m_table(table), m_column(column), m_profile(profile), m_findings(findings) {}

    void decide(const std::string& bad_text) {
        report_contradictions();
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

    void report_contradictions() {
        if (const Reading* asked = m_profile.contradicted()) {
            find(Severity::blocker, "type-contradicted",
                 std::to_string(asked->misfits) + " of " + std::to_string(m_profile.values()) +
                     " values cannot be read as " + to_string(asked->codec.type()),
                 "Leave --type away for this column, or mend the values.", asked->misfits);
        }
    }

    bool take_reading() {
        for (const Reading& reading : m_profile.readings()) {
            if (reading.misfits > 0) {
                continue;
            }
            const ColumnCodec& codec = reading.codec;
            if (reading.origin >= Reading::Origin::declared && !is_plausible(codec)) {
                continue;
            }
            set(codec.type(), codec.format(), why_of(reading));
            report_excess(codec);
            return true;
        }
        return false;
    }

    static bool is_epoch(const ColumnCodec& codec) { return codec.format().starts_with("epoch_"); }

    /// Seconds, milliseconds and microseconds of the years 1973 to 5138 do not overlap, nor do Julian days of
    /// the years 0 to 9999; a column whose values are not all in one of them says nothing for sure.
    [[nodiscard]] bool is_plausible(const ColumnCodec& codec) const {
        const std::string& format = codec.format();
        if (format == "julian") {
            return m_profile.least_real >= 1721059.5 && m_profile.greatest_real <= 5373484.5;
        }
        if (format == "epoch_real") {
            return m_profile.least_real >= 1e8 && m_profile.greatest_real < 1e11;
        }
        if (!is_epoch(codec)) {
            return true;
        }
        const double least = format == "epoch_s" ? 1e8 : format == "epoch_ms" ? 1e11 : 1e14;
        return m_profile.greatest_magnitude > 0 && static_cast<double>(m_profile.least_magnitude) >= least &&
               static_cast<double>(m_profile.greatest_magnitude) < least * 1000;
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
        m_column.why = "some values exceed " + m_column.native_type;
        find(Severity::note, "decimal-exceeds-declaration",
             "values have more digits than " + m_column.native_type +
                 " allows; read as a decimal without limit",
             "", 0);
    }

    void take_storage_class() {
        const DeclaredType& declared = m_profile.declared();
        const std::uint64_t all = m_profile.values();
        if (m_profile.integers == all) {
            set(TypeKind::int64, "", "all values are integers");
        } else if (m_profile.reals == all) {
            set(TypeKind::float64, m_profile.has_negative_zero ? "signed" : "", "all values are reals");
        } else if (m_profile.blobs == all) {
            set(TypeKind::bytes, "", declared.affinity == Affinity::blob ? "" : "all values are blobs");
        } else if (m_profile.texts == all) {
            set(TypeKind::text, "", declared.affinity == Affinity::text ? "" : "all values are text");
            take_limit();
        } else {
            set(TypeKind::variant, "", "values of several storage classes: " + classes());
            find(Severity::note, "mixed-storage-classes",
                 "holds " + classes() + "; each value keeps its class", "", all);
            return;
        }
        if (speaks_of_time(declared)) {
            find(Severity::note, "no-one-time-format",
                 "declared " + m_column.native_type +
                     ", but its values have no one format that can be told and "
                     "undone; read as " +
                     to_string(m_column.type),
                 "Ask for a reading with --type " + m_table.name.name + "." + m_column.name + "=timestamp.",
                 all);
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
        m_column.why = "the longest value has " + std::to_string(m_profile.longest) + " characters";
        find(Severity::note, "text-exceeds-declaration",
             "values are longer than " + m_column.native_type + " says; read as text without limit", "", 0);
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
            find(Severity::note, "text-holds-nul", "texts hold the character U+0000", "",
                 m_profile.texts_with_nul);
        }
    }

    void take_broken_text(const std::string& bad_text) {
        const bool plain = m_column.type.kind == TypeKind::text;
        if (m_column.type.kind == TypeKind::bytes && m_column.format == "text") {
            // An earlier migration or the user decided so.
            find(Severity::note, "text-not-utf8",
                 "texts hold bytes that are not UTF-8; the column is read as bytes", "",
                 m_profile.broken_texts);
            return;
        }
        if (plain && bad_text == "replace") {
            m_column.format = "replace";
            m_column.type.limit = -1;
        } else if (plain && bad_text == "bytes") {
            set(TypeKind::bytes, "text", "some texts are not UTF-8");
        }
        const bool settled = plain && bad_text != "stop";
        find(settled ? Severity::note : Severity::blocker, "text-not-utf8",
             "texts hold bytes that are not UTF-8" + std::string(!settled ? ""
                                                                 : bad_text == "replace"
                                                                     ? "; they are replaced by U+FFFD"
                                                                     : "; the column is read as bytes"),
             settled ? "" : "Choose with --bad-text replace or --bad-text bytes.", m_profile.broken_texts);
    }

    const Table& m_table;
    Column& m_column;
    const ColumnProfile& m_profile;
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

void decide_reading(const Table& table, Column& column, const ColumnProfile& profile,
                    const std::string& bad_text, std::vector<Finding>& findings) {
    Decision(table, column, profile, findings).decide(bad_text);
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
