#include "verify/schema_compare.hpp"

#include <algorithm>
#include <string>

namespace migrate::verify {
namespace {

bool is_told(const std::vector<Finding>& known, const std::string& name) {
    return std::any_of(known.begin(), known.end(), [&](const Finding& finding) {
        return (finding.severity == Severity::left_out || finding.severity == Severity::excluded) &&
               (finding.object.find(name) != std::string::npos ||
                finding.message.find(name) != std::string::npos);
    });
}

std::string joined(const std::vector<std::string>& names) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : ", ") + name;
    }
    return out;
}

class MissingObjects {
  public:
    MissingObjects(const Table& expected, const Table& found, const std::vector<Finding>& known,
                   std::vector<Finding>& out)
        : m_expected(expected), m_found(found), m_known(known), m_out(out) {}

    void run() {
        columns();
        keys();
        foreign_keys();
        indexes();
        if (m_found.checks.size() < m_expected.checks.size()) {
            for (const Check& check : m_expected.checks) {
                const bool there = std::any_of(m_found.checks.begin(), m_found.checks.end(),
                                               [&](const Check& c) { return c.name == check.name; });
                if (!there && !is_told(m_known, check.name)) {
                    tell("check " + check.name, "is not at the target");
                }
            }
        }
    }

  private:
    void tell(const std::string& object, const std::string& what) {
        m_out.push_back({Severity::left_out,
                         "schema-differs",
                         "table " + m_expected.name.display() + ", " + object,
                         what,
                         {},
                         0});
    }

    void columns() {
        for (const Column& column : m_expected.columns) {
            const Column* there = m_found.find_column(column.name);
            if (there == nullptr) {
                tell("column " + column.name, "is not at the target");
            } else if (there->nullable && !column.nullable) {
                tell("column " + column.name, "is not NOT NULL at the target");
            } else if (there->native_type != column.native_type) {
                tell("column " + column.name,
                     "is " + there->native_type + " at the target, not " + column.native_type);
            }
        }
    }

    void keys() {
        if (m_expected.primary_key &&
            (!m_found.primary_key || m_found.primary_key->columns != m_expected.primary_key->columns) &&
            !is_told(m_known, "primary key")) {
            tell("primary key", "on " + joined(m_expected.primary_key->columns) + " is not at the target");
        }
        for (const Key& key : m_expected.unique_keys) {
            const bool there = std::any_of(m_found.unique_keys.begin(), m_found.unique_keys.end(),
                                           [&](const Key& k) { return k.columns == key.columns; });
            if (!there && !is_told(m_known, joined(key.columns))) {
                tell("unique key", "on " + joined(key.columns) + " is not at the target");
            }
        }
    }

    void foreign_keys() {
        for (const ForeignKey& key : m_expected.foreign_keys) {
            const bool there = std::any_of(
                m_found.foreign_keys.begin(), m_found.foreign_keys.end(), [&](const ForeignKey& k) {
                    return k.columns == key.columns && k.referenced_table.name == key.referenced_table.name;
                });
            if (!there && !is_told(m_known, joined(key.columns))) {
                tell("foreign key", "on " + joined(key.columns) + " is not at the target");
            }
        }
    }

    void indexes() {
        for (const Index& index : m_expected.indexes) {
            const bool there = std::any_of(m_found.indexes.begin(), m_found.indexes.end(),
                                           [&](const Index& i) { return i.name == index.name; });
            if (!there && !is_told(m_known, index.name)) {
                tell("index " + index.name, "is not at the target");
            }
        }
    }

    const Table& m_expected;
    const Table& m_found;
    const std::vector<Finding>& m_known;
    std::vector<Finding>& m_out;
};

}  // namespace

std::vector<Finding> missing_in(const Schema& expected, const Schema& found,
                                const std::vector<Finding>& known) {
    std::vector<Finding> out;
    for (const Table& table : expected.tables) {
        const auto it = std::find_if(found.tables.begin(), found.tables.end(),
                                     [&](const Table& t) { return t.name == table.name; });
        if (it == found.tables.end()) {
            out.push_back({Severity::left_out,
                           "table-missing",
                           "table " + table.name.display(),
                           "is not at the target",
                           {},
                           0});
        } else {
            MissingObjects(table, *it, known, out).run();
        }
    }
    return out;
}

}  // namespace migrate::verify
