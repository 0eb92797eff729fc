#include "conformance/application_tables.hpp"

#include <algorithm>
#include <cstdlib>
#include <map>
#include <set>

namespace migrate::test {
namespace {

std::string recased(const std::string& name, std::size_t turn) {
    std::string out = name;
    for (std::size_t i = 0; i < out.size(); ++i) {
        const bool upper = turn % 3 == 0 || (turn % 3 == 1 && i == 0);
        const char c = out[i];
        if (c >= 'a' && c <= 'z' && upper) {
            out[i] = static_cast<char>(c - 32);
        } else if (c >= 'A' && c <= 'Z' && !upper) {
            out[i] = static_cast<char>(c + 32);
        }
    }
    return out;
}

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + sqlite_quote(name);
    }
    return out;
}

/// Of each nature the types that an application might use, taken in turn.
class Designer {
  public:
    Designer(const RealDatabase& real, bool postgresql) : m_real(real) { m_out.postgresql = postgresql; }

    Application run() {
        for (std::size_t t = 0; t < m_real.tables.size(); ++t) {
            design_table(t);
        }
        for (const AppTable& table : m_out.tables) {
            define(table);
        }
        if (m_out.postgresql) {
            for (const AppTable& table : m_out.tables) {
                for (const std::string& key : foreign_keys(table)) {
                    m_out.definition += "ALTER TABLE " + sqlite_quote(table.name) + " ADD" + key + ";\n";
                }
            }
        }
        define_log();
        return std::move(m_out);
    }

  private:
    struct Choice {
        std::string type;
        Held held;
        std::size_t scale = 0;
    };

    void design_table(std::size_t index) {
        const RealTable& real = m_real.tables[index];
        AppTable& table = m_out.tables.emplace_back();
        table.source = index;
        table.name = recased(real.name, index);
        // The other way round, so that places say nothing.
        for (std::size_t c = real.columns.size(); c-- > 0;) {
            const RealColumn& column = real.columns[c];
            const Choice choice = is_key(column) ? key_type(real, column) : pick(column);
            AppColumn made{recased(column.name, m_turn++), choice.type, choice.held, choice.scale, false, c};
            made.not_null =
                column.in_primary_key || (!column.has_null && !real.rows.empty() && m_turn % 2 == 0);
            table.columns.push_back(std::move(made));
        }
        const bool alone = real.primary_key.size() == 1;
        if (alone && real.column(real.primary_key[0]).nature == Nature::integer &&
            real.column(real.primary_key[0]).references.empty() && numbers_rows(index)) {
            table.numbered = app_name(table, real.primary_key[0]);
        }
    }

    static bool is_key(const RealColumn& column) {
        return column.in_primary_key || !column.references.empty();
    }

    /// Every other table's numbers are numeric(12,0) in PostgreSQL, which cannot number rows by itself.
    [[nodiscard]] bool numbers_rows(std::size_t table) const { return !m_out.postgresql || table % 2 == 0; }

    /// A key's columns and those that refer to it have one type, settled by where the reference ends.
    Choice key_type(const RealTable& table, const RealColumn& column) {
        const auto key =
            std::find_if(table.foreign_keys.begin(), table.foreign_keys.end(), [&](const auto& k) {
                return k.columns == std::vector<std::string>{column.name} && k.table != table.name;
            });
        if (key != table.foreign_keys.end()) {
            const RealTable& other = m_real.table(key->table);
            return key_type(other, other.column(other.primary_key.at(0)));
        }
        const auto place = static_cast<std::size_t>(&table - m_real.tables.data());
        if (column.nature != Nature::integer) {
            return m_out.postgresql ? Choice{"varchar(60)", Held::words} : Choice{"VARCHAR(60)", Held::words};
        }
        if (!m_out.postgresql) {
            return {"INTEGER", Held::whole};
        }
        return numbers_rows(place) ? Choice{"bigint", Held::whole} : Choice{"numeric(12,0)", Held::padded};
    }

    Choice pick(const RealColumn& column) {
        const std::vector<Choice> choices = m_out.postgresql ? in_postgresql(column) : in_sqlite(column);
        return choices[m_turns[column.nature]++ % choices.size()];
    }

    static std::vector<Choice> in_postgresql(const RealColumn& column) {
        const std::string length = std::to_string(std::max<std::size_t>(column.longest, 1));
        switch (column.nature) {
            case Nature::boolean:
                return {{"boolean", Held::truth}, {"text", Held::words}, {"smallint", Held::whole}};
            case Nature::integer:
                if (column.zero_or_one) {
                    return {{"boolean", Held::truth}, {"smallint", Held::whole}, {"text", Held::words}};
                }
                if (!column.fits_int32) {
                    return {{"numeric(20,0)", Held::padded}, {"text", Held::words}};
                }
                return {{"bigint", Held::whole},      {"numeric(14,2)", Held::padded, 2},
                        {"text", Held::words},        {"double precision", Held::real},
                        {"varchar(20)", Held::words}, {"numeric", Held::number}};
            case Nature::decimal:
                return {{"numeric(16,6)", Held::padded, 6},
                        {"numeric", Held::number},
                        {"double precision", Held::real}};
            case Nature::real:
                return {{"double precision", Held::real}, {"numeric", Held::number}, {"text", Held::words}};
            case Nature::bytes:
                return {{"bytea", Held::bytes}};
            case Nature::date:
                return {{"date", Held::day},
                        {"timestamp", Held::moment},
                        {"text", Held::words},
                        {"timestamptz", Held::instant}};
            case Nature::timestamp:
                return {{"timestamp", Held::moment}, {"timestamptz", Held::instant}};
            default:
                return {{"varchar(" + length + ")", Held::words},
                        {"text", Held::words},
                        {"varchar(" + std::to_string(column.longest + 7) + ")", Held::words}};
        }
    }

    static std::vector<Choice> in_sqlite(const RealColumn& column) {
        const std::string length = std::to_string(std::max<std::size_t>(column.longest, 1));
        switch (column.nature) {
            case Nature::boolean:
                return {{"INTEGER", Held::whole}, {"BOOLEAN", Held::truth}, {"TEXT", Held::words}};
            case Nature::integer:
                if (column.zero_or_one) {
                    return {{"BOOLEAN", Held::truth}, {"TEXT", Held::words}};
                }
                return {{"BIGINT", Held::whole},
                        {"TEXT", Held::words},
                        {"REAL", Held::real},
                        {"NUMERIC", Held::number},
                        {"VARCHAR(20)", Held::words}};
            case Nature::decimal:
                return {{"DECIMAL(16,6)", Held::number}, {"REAL", Held::real}, {"NUMERIC", Held::number}};
            case Nature::real:
                return {{"REAL", Held::real}, {"DOUBLE PRECISION", Held::real}, {"TEXT", Held::words}};
            case Nature::bytes:
                return {{"BLOB", Held::bytes}};
            case Nature::date:
                return {{"DATE", Held::day}, {"TEXT", Held::words}, {"DATETIME", Held::moment}};
            case Nature::timestamp:
                return {{"DATETIME", Held::moment}, {"TIMESTAMP", Held::moment}};
            default:
                return {
                    {"TEXT", Held::words}, {"VARCHAR(" + length + ")", Held::words}, {"CLOB", Held::words}};
        }
    }

    [[nodiscard]] std::string app_name(const AppTable& table, const std::string& column) const {
        for (const AppColumn& one : table.columns) {
            if (m_real.tables[table.source].columns[one.source].name == column) {
                return one.name;
            }
        }
        return column;
    }

    [[nodiscard]] std::vector<std::string> app_names(const AppTable& table,
                                                     const std::vector<std::string>& columns) const {
        std::vector<std::string> out;
        for (const std::string& column : columns) {
            out.push_back(app_name(table, column));
        }
        return out;
    }

    [[nodiscard]] const AppTable& app_table(const std::string& source) const {
        return m_out.tables[static_cast<std::size_t>(&m_real.table(source) - m_real.tables.data())];
    }

    /// True where foreign keys lead from one table to the other.
    [[nodiscard]] bool leads(const std::string& from, const std::string& to) const {
        std::set<std::string> seen;
        std::vector<std::string> open{from};
        while (!open.empty()) {
            const std::string table = open.back();
            open.pop_back();
            if (table == to) {
                return true;
            }
            if (seen.insert(table).second) {
                for (const RealForeignKey& key : m_real.table(table).foreign_keys) {
                    open.push_back(key.table);
                }
            }
        }
        return false;
    }

    /// Keys in a ring can be met by no order of loading: they can be deferred, the others cannot.
    [[nodiscard]] std::vector<std::string> foreign_keys(const AppTable& table) const {
        const RealTable& real = m_real.tables[table.source];
        std::vector<std::string> out;
        for (const RealForeignKey& key : real.foreign_keys) {
            const RealTable& other = m_real.table(key.table);
            const AppTable& parent = app_table(key.table);
            std::string text = " FOREIGN KEY (" + joined(app_names(table, key.columns)) + ") REFERENCES " +
                               sqlite_quote(parent.name) + " (" +
                               joined(app_names(parent, other.primary_key)) + ")";
            if (leads(key.table, real.name)) {
                text += out.size() % 2 == 0 ? " DEFERRABLE INITIALLY IMMEDIATE"
                                            : " DEFERRABLE INITIALLY DEFERRED";
            }
            out.push_back(std::move(text));
        }
        return out;
    }

    void define(const AppTable& table) {
        const RealTable& real = m_real.tables[table.source];
        std::string sql = "CREATE TABLE " + sqlite_quote(table.name) +
                          " (x_loaded_by varchar(20) NOT NULL DEFAULT 'import'";
        for (const AppColumn& column : table.columns) {
            const bool numbered = column.name == table.numbered;
            sql += ", " + sqlite_quote(column.name) + " " + column.type;
            if (numbered) {
                sql += m_out.postgresql ? " GENERATED BY DEFAULT AS IDENTITY" : " PRIMARY KEY AUTOINCREMENT";
            }
            sql += column.not_null && !(numbered && !m_out.postgresql) ? " NOT NULL" : "";
        }
        sql += ", x_checked integer";
        if (!real.primary_key.empty() && (m_out.postgresql || table.numbered.empty())) {
            sql += ", PRIMARY KEY (" + joined(app_names(table, real.primary_key)) + ")";
        }
        if (!m_out.postgresql) {
            for (const std::string& key : foreign_keys(table)) {
                sql += "," + key;
            }
        }
        m_out.definition += sql + ");\n";
    }

    /// The application's own trigger, on the table with the most rows that nothing refers to.
    void define_log() {
        const RealTable* most = nullptr;
        for (const RealTable& table : m_real.tables) {
            if (!m_real.is_referenced(table.name) &&
                (most == nullptr || table.rows.size() > most->rows.size())) {
                most = &table;
            }
        }
        m_out.logged = app_table(most->name).name;
        m_out.definition += "CREATE TABLE app_log (seen integer);\n";
        m_out.definition +=
            m_out.postgresql ? "CREATE FUNCTION app_note() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
                               "INSERT INTO app_log "
                               "VALUES (1); RETURN NULL; END$$;\nCREATE TRIGGER app_note AFTER INSERT ON " +
                                   sqlite_quote(m_out.logged) + " FOR EACH ROW EXECUTE FUNCTION app_note();\n"
                             : "CREATE TRIGGER app_note AFTER INSERT ON " + sqlite_quote(m_out.logged) +
                                   " BEGIN INSERT INTO app_log VALUES (1); END;\n";
    }

    const RealDatabase& m_real;
    Application m_out;
    std::size_t m_turn = 0;
    std::map<Nature, std::size_t> m_turns;
};

std::string by_value(const std::string& text) {
    return shortest(std::strtod(text.c_str(), nullptr));
}

std::string padded(const std::string& text, std::size_t scale) {
    const std::size_t point = text.find('.');
    const std::size_t digits = point == std::string::npos ? 0 : text.size() - point - 1;
    std::string out = text;
    if (scale > 0 && point == std::string::npos) {
        out += '.';
    }
    return digits > scale ? text : out + std::string(scale - digits, '0');
}

/// "2024-02-29T12:34:56.500+00" as "2024-02-29 12:34:56.5".
std::string moment(std::string text) {
    if (text.ends_with("+00")) {
        text.resize(text.size() - 3);
    }
    if (text.size() == 10) {
        text += " 00:00:00";
    }
    if (text.size() > 10 && text[10] == 'T') {
        text[10] = ' ';
    }
    if (text.find('.') != std::string::npos) {
        text.resize(text.find_last_not_of('0') + 1);
        text.resize(text.ends_with('.') ? text.size() - 1 : text.size());
    }
    return text;
}

std::string hex(const std::string& bytes) {
    constexpr const char* k_digits = "0123456789abcdef";
    std::string out;
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        out += k_digits[byte >> 4U];
        out += k_digits[byte & 15U];
    }
    return out;
}

/// SQLite's storage class for what is held so; that of numbers is the engine's choice.
std::string storage_class(Held held) {
    switch (held) {
        case Held::whole:
        case Held::truth:
            return "integer ";
        case Held::real:
            return "real ";
        case Held::bytes:
            return "blob ";
        case Held::number:
        case Held::padded:
            return {};
        default:
            return "text ";
    }
}

}  // namespace

Application design_application(const RealDatabase& real, const std::string& engine) {
    return Designer(real, engine == "postgresql").run();
}

std::string expected_value(const Application& application, const AppColumn& column, Nature nature,
                           const RealValue& value) {
    if (!value) {
        return "\\N";
    }
    std::string text = *value;
    if (nature == Nature::boolean) {
        const bool truth = text == "t" || text == "1";
        const bool digit =
            column.held == Held::whole || (column.held == Held::truth && !application.postgresql);
        // A column of text takes the number that a file holds as the number that it is.
        const bool stored = column.held == Held::words && (text == "0" || text == "1");
        text = digit || stored ? (truth ? "1" : "0") : (truth ? "true" : "false");
    }
    switch (column.held) {
        case Held::truth:
            text = !application.postgresql ? text : text == "1" || text == "true" ? "t" : "f";
            break;
        case Held::number:
        case Held::real:
            text = by_value(text);
            break;
        case Held::padded:
            text = padded(text, column.scale);
            break;
        case Held::moment:
        case Held::instant:
            text = moment(text);
            break;
        case Held::bytes:
            text = hex(text);
            break;
        default:
            break;
    }
    return application.postgresql ? text : storage_class(column.held) + text;
}

std::string shown_value(const AppColumn& column, const RealValue& value, const std::string& type) {
    if (!value) {
        return "\\N";
    }
    std::string text = *value;
    if (column.held == Held::number || column.held == Held::real) {
        text = by_value(text);
    } else if (column.held == Held::moment || column.held == Held::instant) {
        text = moment(text);
    } else if (column.held == Held::bytes) {
        text = type.empty() ? text.substr(2) : hex(text);
    }
    return type.empty() || storage_class(column.held).empty() ? text : type + " " + text;
}

}  // namespace migrate::test
