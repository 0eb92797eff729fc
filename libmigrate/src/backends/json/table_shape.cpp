#include "backends/json/table_shape.hpp"

#include "backends/json/field_role.hpp"
#include "backends/json/json_text.hpp"

namespace migrate::backends::json {

namespace {

constexpr const char* k_separator = "__";

std::string path_text(const std::vector<std::string>& path) {
    std::string out = "[";
    for (const std::string& part : path) {
        out += out.size() > 1 ? "," : "";
        append_quoted(part, out);
    }
    return out + "]";
}

std::string path_name(const std::vector<std::string>& path) {
    std::string out;
    for (std::size_t i = 0; i < path.size(); ++i) {
        out += (i == 0 ? "" : k_separator) + path[i];
    }
    return out;
}

class ShapeBuilder {
  public:
    ShapeBuilder(const Collection& collection, std::size_t index, const DocumentOptions& options,
                 UniqueNames& table_names, std::vector<TableShape>& shapes, std::vector<Finding>& findings)
        : m_collection(collection),
          m_index(index),
          m_roles(options),
          m_table_names(table_names),
          m_shapes(shapes),
          m_findings(findings) {}

    void build(const CollectionProfile& profile) {
        const bool are_rows = profile.all_objects && !profile.has_duplicate_keys &&
                              !profile.members.is_too_wide && !profile.members.fields.empty() &&
                              m_roles.fit(profile.members);
        TableShape shape = begin_shape(m_collection.table);
        shape.rows = profile.records;
        shape.natural_key = are_rows && !m_collection.is_keyed ? profile.key : "";
        UniqueNames columns;
        if (m_collection.is_keyed) {
            add_key_column(shape, columns);
        } else if (shape.natural_key.empty()) {
            add_synthetic(shape, columns, Synthetic::id, "_id", TypeKind::text);
            set_primary_key(shape, {"_id"});
        }
        if (m_collection.has_file_column) {
            add_synthetic(shape, columns, Synthetic::file, "_file", TypeKind::text);
        }
        if (!are_rows) {
            add_synthetic(shape, columns, Synthetic::document, "document", TypeKind::json);
            shape.table.row_estimate = shape.rows;
            report_document(profile, shape);
            m_shapes.push_back(std::move(shape));
            return;
        }
        finish_rows(std::move(shape), columns, profile.members);
    }

  private:
    /// An array that will be a child table once its parent's columns are all named.
    struct Child {
        const Field* field;
        std::vector<std::string> path;
        FieldRole role;
    };

    TableShape begin_shape(const std::string& name) {
        TableShape shape;
        shape.table.name.name = m_table_names.assign(name);
        shape.table.row_count_exact = true;
        shape.collection = m_index;
        return shape;
    }

    static std::size_t add_column(TableShape& shape, UniqueNames& names, const std::string& name,
                                  LogicalType type) {
        Column column;
        column.name = names.assign(name);
        column.type = std::move(type);
        column.native_type = to_string(column.type);
        shape.table.columns.push_back(std::move(column));
        return shape.table.columns.size() - 1;
    }

    static void add_synthetic(TableShape& shape, UniqueNames& names, Synthetic kind, const std::string& name,
                              LogicalType type) {
        const std::size_t column = add_column(shape, names, name, std::move(type));
        shape.table.columns[column].nullable = kind == Synthetic::value;
        shape.synthetic.emplace_back(kind, column);
    }

    static void add_key_column(TableShape& shape, UniqueNames& columns) {
        add_synthetic(shape, columns, Synthetic::key, "_key", TypeKind::text);
        set_primary_key(shape, {"_key"});
    }

    static void set_primary_key(TableShape& shape, std::vector<std::string> columns) {
        shape.table.primary_key = Key{};
        shape.table.primary_key->columns = std::move(columns);
    }

    // The columns of a table's objects, then the table, then its children's.
    void finish_rows(TableShape shape, UniqueNames& names, const FieldSet& fields) {
        std::vector<Child> children;
        std::vector<std::string> path;
        add_members(shape, names, fields, path, shape.members, children);
        shape.table.row_estimate = shape.rows;
        const std::size_t parent = m_shapes.size();
        m_shapes.push_back(std::move(shape));
        for (const Child& child : children) {
            build_child(parent, child);
        }
    }

    void add_members(TableShape& shape, UniqueNames& names, const FieldSet& fields,
                     std::vector<std::string>& path, MemberTree& tree, std::vector<Child>& children) {
        for (const auto& field : fields.fields) {
            path.push_back(field->key);
            const FieldRole role = m_roles.role(*field);
            if (role == FieldRole::child_objects || role == FieldRole::child_values) {
                children.push_back({field.get(), path, role});
            } else if (role == FieldRole::columns) {
                MemberTree::Entry& entry = tree.add(field->key);
                entry.below = std::make_unique<MemberTree>();
                add_members(shape, names, *field->members, path, *entry.below, children);
            } else {
                tree.add(field->key).column = add_field(shape, names, *field, path, role);
            }
            path.pop_back();
        }
    }

    std::size_t add_field(TableShape& shape, UniqueNames& names, const Field& field,
                          const std::vector<std::string>& path, FieldRole role) {
        const Reading reading =
            role == FieldRole::scalar ? field.scalar.reading() : Reading{TypeKind::json, {}};
        const std::size_t index = add_column(shape, names, path_name(path), reading.type);
        Column& column = shape.table.columns[index];
        column.format = reading.format;
        column.properties["json_path"] = path_text(path);
        column.why = why(field, role);
        if (path.size() == 1 && field.key == shape.natural_key && !shape.natural_key.empty()) {
            column.nullable = false;
            set_primary_key(shape, {column.name});
        }
        if (reading.type.kind == TypeKind::json) {
            report_json(shape, column, field, role);
        }
        return index;
    }

    std::string why(const Field& field, FieldRole role) const {
        if (role == FieldRole::scalar) {
            return field.scalar.why();
        }
        if (m_roles.is_folded(field) || (field.members && field.members->is_too_wide)) {
            return "it has too many members to be columns";
        }
        if (field.has_duplicate_keys) {
            return "some of its objects have two members of one name";
        }
        if (field.scalars != 0 || (field.objects != 0 && field.arrays != 0)) {
            return "values of several kinds";
        }
        return {};
    }

    void report_json(const TableShape& shape, const Column& column, const Field& field, FieldRole /*role*/) {
        if (!column.why.empty()) {
            m_findings.push_back(
                {Severity::note, "read-as-json", "table " + shape.table.name.name + ", column " + column.name,
                 "it is read as JSON, text kept: " + column.why,
                 "A plain type can be asked for; values that do not fit it are then rejected.",
                 field.scalars + field.objects + field.arrays});
        }
    }

    void report_document(const CollectionProfile& profile, const TableShape& shape) {
        std::string reason = "its records are not all objects";
        if (profile.has_duplicate_keys) {
            reason = "some of its objects have two members of one name";
        } else if (profile.members.is_too_wide || (profile.all_objects && !profile.members.fields.empty())) {
            reason = "its objects have too many members to be columns";
        } else if (profile.all_objects) {
            reason = "its objects are empty";
        }
        m_findings.push_back({Severity::note, "read-as-json", "table " + shape.table.name.name,
                              "each record is read as one JSON column, text kept: " + reason, "",
                              profile.records});
    }

    void build_child(std::size_t parent, const Child& child) {
        const Table& above = m_shapes[parent].table;
        TableShape shape = begin_shape(above.name.name + k_separator + path_name(child.path));
        shape.parent = parent;
        shape.array_path = child.path;
        const ElementProfile& elements = *child.field->elements;
        shape.rows = elements.objects + elements.scalars + elements.nulls;
        shape.table.properties["json_path"] = path_text(child.path);
        UniqueNames names;
        const bool is_parent = child.role == FieldRole::child_objects && has_children(elements.members);
        if (is_parent) {
            add_synthetic(shape, names, Synthetic::id, "_id", TypeKind::text);
        }
        const Column& key = *above.find_column(above.primary_key->columns.front());
        const bool parent_has_natural_key = !m_shapes[parent].natural_key.empty();
        add_synthetic(shape, names, Synthetic::parent_id, "_parent_id",
                      parent_has_natural_key ? key.type : LogicalType(TypeKind::text));
        add_synthetic(shape, names, Synthetic::index, "_index", TypeKind::int64);
        set_primary_key(shape, is_parent ? std::vector<std::string>{"_id"}
                                         : std::vector<std::string>{"_parent_id", "_index"});
        ForeignKey reference;
        reference.columns = {"_parent_id"};
        reference.referenced_table = above.name;
        reference.referenced_columns = {key.name};
        shape.table.foreign_keys.push_back(std::move(reference));
        if (child.role == FieldRole::child_objects) {
            finish_rows(std::move(shape), names, elements.members);
            return;
        }
        const Reading reading = elements.scalar.reading();
        add_synthetic(shape, names, Synthetic::value, "value", reading.type);
        shape.table.columns.back().format = reading.format;
        shape.table.columns.back().why = elements.scalar.why();
        shape.table.row_estimate = shape.rows;
        m_shapes.push_back(std::move(shape));
    }

    bool has_children(const FieldSet& fields) const {
        for (const auto& field : fields.fields) {
            const FieldRole role = m_roles.role(*field);
            if (role == FieldRole::child_objects || role == FieldRole::child_values ||
                (role == FieldRole::columns && has_children(*field->members))) {
                return true;
            }
        }
        return false;
    }

    const Collection& m_collection;
    std::size_t m_index;
    FieldRoles m_roles;
    UniqueNames& m_table_names;
    std::vector<TableShape>& m_shapes;
    std::vector<Finding>& m_findings;
};

}  // namespace

void build_shapes(const Collection& collection, std::size_t index, const CollectionProfile& profile,
                  const DocumentOptions& options, UniqueNames& table_names, std::vector<TableShape>& shapes,
                  std::vector<Finding>& findings) {
    ShapeBuilder(collection, index, options, table_names, shapes, findings).build(profile);
}

}  // namespace migrate::backends::json
