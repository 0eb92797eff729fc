#include "plan/letter_rows.hpp"

#include <algorithm>
#include <bit>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include <migrate/error.hpp>

#include "model/value_text.hpp"
#include "plan/table_program.hpp"
#include "util/byte_order.hpp"

namespace migrate::plan {
namespace {

using Kind = JsonTree::Kind;

/// {"base64":"…"} or {"text_base64":"…"}: the bytes; false for anything else.
bool read_wrapped(const JsonTree& tree, const char* member, std::string& bytes) {
    return tree.kind == Kind::object && tree.children.size() == 1 && tree.children[0].name == member &&
           tree.children[0].value.kind == Kind::text &&
           model::read_base64(tree.children[0].value.text, bytes);
}

bool append_real(std::string_view text, ColumnVector& out) {
    double real = 0;
    if (!model::read_float64(text, real)) {
        return false;
    }
    std::string bytes = "r";
    util::append_big(bytes, std::bit_cast<std::uint64_t>(real));
    out.append_bytes(bytes);
    return true;
}

bool append_number(std::string_view text, ColumnVector& out) {
    std::int64_t whole = 0;
    if (!model::read_int64(text, whole)) {
        return append_real(text, out);
    }
    std::string bytes = "i";
    util::append_big(bytes, whole);
    out.append_bytes(bytes);
    return true;
}

/// A value of a column whose rows each have their own type.
bool append_variant(const JsonTree& tree, ColumnVector& out) {
    std::string bytes;
    if (tree.kind == Kind::number) {
        return append_number(tree.text, out);
    }
    if (tree.kind == Kind::text) {
        out.append_bytes("t" + tree.text);
        return true;
    }
    if (tree.kind == Kind::object && tree.children.size() == 1 && tree.children[0].name == "float64") {
        return append_real(tree.children[0].value.text, out);
    }
    for (const auto& [member, tag] : {std::pair("base64", "b"), std::pair("text_base64", "t")}) {
        if (read_wrapped(tree, member, bytes)) {
            out.append_bytes(tag + bytes);
            return true;
        }
    }
    return false;
}

/// Text that is no UTF-8 is what a reader has refused, unless it was in the table already.
bool append_value(const JsonTree& tree, const LogicalType& type, bool any_text, ColumnVector& out) {
    if (tree.kind == Kind::null) {
        out.append_null();
        return true;
    }
    if (type.kind == TypeKind::variant) {
        return append_variant(tree, out);
    }
    std::string bytes;
    if (type.kind == TypeKind::bytes) {
        const bool fits = read_wrapped(tree, "base64", bytes);
        if (fits) {
            out.append_bytes(bytes);
        }
        return fits;
    }
    if (tree.kind == Kind::object || tree.kind == Kind::array) {
        const bool is_json = type.kind == TypeKind::json || type.kind == TypeKind::jsonb;
        if (read_wrapped(tree, "base64", bytes)) {
            // So a row says bytes, which no JSON value is.
            return false;
        }
        if (!read_wrapped(tree, "text_base64", bytes)) {
            append_json(tree, bytes);
            return is_json && model::append_from_text(out, type, bytes);
        }
        return (any_text || model::is_valid_utf8(bytes)) && model::append_from_text(out, type, bytes);
    }
    return model::append_from_text(out, type, tree.text);
}

std::string expected(const LogicalType& type) {
    return type.kind == TypeKind::bytes ? R"(the value is not written as bytes are: {"base64":"…"})"
                                        : "the value is no " + to_string(type);
}

}  // namespace

LetterRows::LetterRows(const MigrationPlan& plan, std::size_t table)
    : m_plan(plan), m_table(plan.target.tables.at(table)) {
    Form converted;
    for (const Column& column : m_table.columns) {
        if (!column.generated && !column.hidden) {
            m_copied.push_back(column.name);
            converted.names.push_back(column.name);
            converted.types.push_back(column.type);
        }
    }
    m_forms.push_back(std::move(converted));
    for (const TablePlan& way : plan.tables) {
        if (way.target == table) {
            add_forms(way);
        }
    }
}

void LetterRows::add_forms(const TablePlan& way) {
    const Table& source = m_plan.source.tables.at(way.source);
    const mapping::RowProgram program = program_of(source, m_table, way);
    m_computes = m_computes || std::any_of(way.columns.begin(), way.columns.end(),
                                           [](const ColumnPlan& one) { return !one.expression.empty(); });
    const mapping::Transform transform = transform_of(m_plan, way, program);
    Form read{Form::Stage::read, {}, program.read_types(), program, transform};
    for (const std::size_t column : program.columns()) {
        read.names.push_back(source.columns[column].name);
    }
    Form computed{Form::Stage::computed, {}, program.types(), {}, transform};
    for (const mapping::RowOutput& output : program.outputs()) {
        computed.names.push_back(output.name);
    }
    m_forms.push_back(std::move(read));
    m_forms.push_back(std::move(computed));
}

LetterRow LetterRows::read(const DeadLetter& letter) const {
    LetterRow failed;
    JsonTree row;
    try {
        row = parse_json(letter.row);
    } catch (const Error&) {
        failed.reason = "the row is kept as text that is no JSON";
        return failed;
    }
    if (row.kind != Kind::object) {
        failed.reason = "the row could not be read as one: write it as an object of the table's columns";
        return failed;
    }
    const std::vector<const Form*> forms = forms_of(row, letter);
    if (forms.empty()) {
        failed.reason = "the row has not the columns of its table, each once";
        return failed;
    }
    if (forms.size() > 1 && m_computes) {
        failed.reason =
            "it cannot be told whether the row holds the values before the mapping or those after it";
        return failed;
    }
    std::optional<LetterRow> first;
    for (const Form* form : forms) {
        LetterRow taken = take(*form, row, letter.chunk < 0);
        if (taken.reason.empty()) {
            find_columns(letter, taken);
            return taken;
        }
        first = first ? std::move(first) : std::move(taken);
    }
    return std::move(*first);
}

/// Those whose columns the row has, all of them and no other.
std::vector<const LetterRows::Form*> LetterRows::forms_of(const JsonTree& row,
                                                          const DeadLetter& letter) const {
    std::vector<std::string> names;
    for (const auto& [name, value] : row.children) {
        names.push_back(name);
    }
    std::sort(names.begin(), names.end());
    std::vector<const Form*> found;
    for (const Form& form : m_forms) {
        std::vector<std::string> wanted = form.names;
        std::sort(wanted.begin(), wanted.end());
        // What keys and checks took out after the load was read from the table itself.
        const bool possible = letter.chunk >= 0 || form.stage == Form::Stage::converted;
        if (possible && wanted == names) {
            found.push_back(&form);
        }
    }
    return found;
}

LetterRow LetterRows::take(const Form& form, const JsonTree& row, bool any_text) {
    LetterRow out;
    std::vector<TypeKind> kinds;
    for (const LogicalType& type : form.types) {
        kinds.push_back(type.kind);
    }
    out.batch.reset(kinds);
    for (std::size_t i = 0; i < form.names.size(); ++i) {
        if (!append_value(*row.find(form.names[i]), form.types[i], any_text, out.batch.columns[i])) {
            out.batch = RowBatch();
            out.column = form.names[i];
            out.reason = expected(form.types[i]);
            return out;
        }
    }
    go_on(form, out);
    return out;
}

/// The rest of the way. A program that does nothing and a transform that changes nothing are no way at all.
void LetterRows::go_on(const Form& form, LetterRow& row) {
    if (!form.program.is_identity() && mapping::RowProgram::Run(form.program).apply(row.batch) > 0) {
        row.reason = "the mapping leaves this row out";
        row.batch = RowBatch();
        return;
    }
    if (row.batch.rejects.empty() && !form.transform.is_identity()) {
        form.transform.apply(row.batch);
    }
    if (!row.batch.rejects.empty()) {
        row.column = row.batch.rejects.front().column;
        row.reason = row.batch.rejects.front().reason;
        row.batch = RowBatch();
    }
}

/// A kept row's letter names its columns one after the other, by the source's names or the table's.
void LetterRows::find_columns(const DeadLetter& letter, LetterRow& row) const {
    std::string rest = letter.column;
    while (letter.kept && !rest.empty()) {
        std::size_t best = 0;
        std::size_t column = m_copied.size();
        for (const Form& form : m_forms) {
            if (form.stage == Form::Stage::read) {
                continue;
            }
            // The other forms have one column for each that is copied, in the same order.
            for (std::size_t i = 0; i < form.names.size() && i < m_copied.size(); ++i) {
                const std::string& name = form.names[i];
                const bool is_named = rest == name || rest.starts_with(name + ", ");
                if (is_named && name.size() > best) {
                    best = name.size();
                    column = i;
                }
            }
        }
        if (column == m_copied.size()) {
            row.columns.clear();
            return;
        }
        row.columns.push_back(column);
        rest = rest.size() == best ? std::string() : rest.substr(best + 2);
    }
}

bool changes_others(const std::string& row, const std::string& mended, const std::string& columns) {
    JsonTree before;
    JsonTree after;
    try {
        before = parse_json(row);
        after = parse_json(mended);
    } catch (const Error&) {
        return false;
    }
    const std::string listed = ", " + columns + ", ";
    return std::any_of(after.children.begin(), after.children.end(), [&](const JsonMember& member) {
        const JsonTree* old = before.find(member.name);
        if (old == nullptr || listed.find(", " + member.name + ", ") != std::string::npos) {
            return false;
        }
        std::string was;
        std::string is;
        append_json(*old, was);
        append_json(member.value, is);
        return was != is;
    });
}

}  // namespace migrate::plan
