#include "backends/json/document_tree.hpp"

#include <algorithm>
#include <map>
#include <set>

#include "backends/json/file_name.hpp"

namespace migrate::backends::json {

namespace {

void rename_columns(std::vector<MemberShape>& members, const std::map<std::size_t, std::size_t>& now,
                    std::set<std::size_t>& said) {
    for (MemberShape& member : members) {
        if (member.kind == MemberShape::Kind::column) {
            const auto found = now.find(member.column);
            member.column = found == now.end() ? MemberShape::k_gone : found->second;
            said.insert(member.column);
        }
        rename_columns(member.members, now, said);
    }
}

// A column that an application has added becomes a member, absent where it is NULL.
void add_member(const Table& table, std::size_t column, DocumentShape& shape) {
    std::string key = table.columns[column].name;
    while (std::any_of(shape.members.begin(), shape.members.end(),
                       [&](const MemberShape& one) { return one.key == key; })) {
        key += "_2";
    }
    shape.members.push_back({key, MemberShape::Kind::column, column, {}, Vacancy::absent, {}});
}

class ShapeAdopter {
  public:
    ShapeAdopter(const Table& table, std::vector<Finding>& findings) : m_table(table), m_findings(findings) {}

    std::string adopt(const TableOrigin& origin) {
        DocumentShape shape = parse_shape(origin.table->properties.at(k_shape_property));
        std::map<std::size_t, std::size_t> now;
        for (std::size_t i = 0; i < origin.columns.size(); ++i) {
            if (origin.columns[i] >= 0) {
                now.emplace(static_cast<std::size_t>(origin.columns[i]), i);
            }
        }
        std::set<std::size_t> said;
        rename_columns(shape.members, now, said);
        for (auto& [kind, column] : shape.synthetic) {
            const auto found = now.find(column);
            column = found == now.end() ? MemberShape::k_gone : found->second;
            said.insert(column);
        }
        if (shape.natural_key) {
            const auto found = now.find(*shape.natural_key);
            shape.natural_key = found == now.end() ? std::nullopt : std::optional(found->second);
        }
        add_new(shape, said);
        return render_shape(shape);
    }

  private:
    void add_new(DocumentShape& shape, const std::set<std::size_t>& said) {
        const bool is_whole = shape.column_of(Synthetic::value) || shape.column_of(Synthetic::document);
        for (std::size_t i = 0; i < m_table.columns.size(); ++i) {
            if (said.contains(i) || m_table.columns[i].hidden) {
                continue;
            }
            if (is_whole) {
                m_findings.push_back(
                    {Severity::left_out, "column-left-out",
                     "table " + m_table.name.display() + ", column " + m_table.columns[i].name,
                     "in documents a row of this table is one value, which has no place "
                     "for another column",
                     "Use the layout tables.", 0});
            } else {
                add_member(m_table, i, shape);
            }
        }
    }

    const Table& m_table;
    std::vector<Finding>& m_findings;
};

DocumentShape plain_shape(const Table& table, FileNames& names) {
    DocumentShape shape;
    shape.table = table.name.display();
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!table.columns[i].hidden) {
            shape.members.push_back(
                {table.columns[i].name, MemberShape::Kind::column, i, {}, Vacancy::null, {}});
        }
    }
    std::string file = names.assign(table.name);
    file.replace(file.size() - std::string(".ndjson").size(), std::string::npos, ".json");
    shape.files.push_back({file, RecordKind::elements, {}, {}, {}, false});
    return shape;
}

// What held the rows, or said their files, is gone or left out.
bool lost_its_place(const DocumentShape& shape) {
    const bool named_files = std::any_of(shape.synthetic.begin(), shape.synthetic.end(),
                                         [](const auto& one) { return one.first == Synthetic::file; });
    return !shape.parent.empty() || (named_files && !shape.column_of(Synthetic::file));
}

void collect_columns(const std::vector<MemberShape>& members, std::set<std::size_t>& said) {
    for (const MemberShape& member : members) {
        said.insert(member.kind == MemberShape::Kind::column ? member.column : MemberShape::k_gone);
        collect_columns(member.members, said);
    }
}

void find_hidden(const Table& table, DocumentNode& node) {
    std::set<std::size_t> said;
    collect_columns(node.shape.members, said);
    if (const auto value = node.whole_value()) {
        said.insert(*value);
    }
    for (std::size_t i = 0; i < table.columns.size(); ++i) {
        if (!said.contains(i) && !table.columns[i].hidden) {
            node.hidden.push_back(i);
        }
    }
}

}  // namespace

std::optional<std::size_t> DocumentNode::whole_value() const {
    const auto value = shape.column_of(Synthetic::value);
    return value ? value : shape.column_of(Synthetic::document);
}

std::optional<std::size_t> DocumentTree::find(const std::string& shape_table) const {
    for (std::size_t i = 0; i < nodes.size(); ++i) {
        if (nodes[i].shape.table == shape_table) {
            return i;
        }
    }
    return std::nullopt;
}

std::optional<FilePart> DocumentTree::only_file() const {
    std::optional<FilePart> only;
    for (const DocumentNode& node : nodes) {
        if (node.has_files_column()) {
            return std::nullopt;
        }
        for (const FilePart& part : node.shape.files) {
            if (only && only->path != part.path) {
                return std::nullopt;
            }
            only = part;
        }
    }
    return only && only->path.find('/') == std::string::npos ? only : std::nullopt;
}

DocumentTree document_tree(const Schema& schema) {
    DocumentTree tree;
    FileNames names;
    for (const Table& table : schema.tables) {
        const auto found = table.properties.find(k_shape_property);
        if (found != table.properties.end()) {
            for (const FilePart& part : parse_shape(found->second).files) {
                names.reserve(part.path);
            }
        }
    }
    for (std::size_t i = 0; i < schema.tables.size(); ++i) {
        const Table& table = schema.tables[i];
        if (table.role == TableRole::shape) {
            tree.forms = i;
            continue;
        }
        const auto found = table.properties.find(k_shape_property);
        DocumentNode node;
        node.table = i;
        node.shape = found != table.properties.end() ? parse_shape(found->second) : plain_shape(table, names);
        find_hidden(table, node);
        tree.nodes.push_back(std::move(node));
    }
    for (std::size_t i = 0; i < tree.nodes.size(); ++i) {
        DocumentNode& node = tree.nodes[i];
        if (!node.shape.parent.empty()) {
            node.parent = tree.find(node.shape.parent);
        }
        if (!node.parent && lost_its_place(node.shape)) {
            node.shape = plain_shape(schema.tables[node.table], names);
            node.hidden.clear();
        }
        if (node.parent) {
            tree.nodes[*node.parent].children.push_back(i);
        }
    }
    return tree;
}

bool take_over_shapes(const Schema& source, Schema& adopted, std::vector<Finding>& findings) {
    bool found = false;
    for (std::size_t i = 0; i < adopted.tables.size(); ++i) {
        Table& table = adopted.tables[i];
        const TableOrigin* origin = source.tables[i].origin_on("json");
        for (std::size_t c = 0; c < table.columns.size(); ++c) {
            const bool was = origin != nullptr && c < origin->columns.size() && origin->columns[c] >= 0;
            const std::string format =
                was ? origin->table->columns[static_cast<std::size_t>(origin->columns[c])].format
                : source.engine == "json" ? source.tables[i].columns[c].format
                                          : std::string();
            if (!format.empty()) {
                table.columns[c].properties[k_format_property] = format;
            }
        }
        if (origin != nullptr && origin->table->role == TableRole::shape) {
            table.role = TableRole::shape;
        } else if (origin != nullptr && origin->table->properties.contains(k_shape_property)) {
            table.properties[k_shape_property] = ShapeAdopter(table, findings).adopt(*origin);
        }
        found = found || table.properties.contains(k_shape_property);
    }
    return found;
}

}  // namespace migrate::backends::json
