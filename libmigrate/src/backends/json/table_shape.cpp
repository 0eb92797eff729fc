#include "backends/json/table_shape.hpp"

#include <utility>

#include "backend/stored_form.hpp"
#include "backends/json/field_role.hpp"
#include "backends/json/json_text.hpp"

namespace migrate::backends::json {

namespace {

constexpr const char* k_separator = "__";
// The table of a record's own members, which no member gives a name.
constexpr const char* k_members_table = "members";
// Bytes; longer ones do not fit into an index everywhere.
constexpr std::size_t k_longest_unique_key = 1000;

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
          m_nested_as_json(options.nested_as_json),
          m_roles(options),
          m_table_names(table_names),
          m_shapes(shapes),
          m_findings(findings) {}

    void build(const CollectionProfile& profile) {
        const bool are_rows = profile.all_objects && !profile.has_duplicate_keys &&
                              (m_nested_as_json ? !profile.members.entries : !profile.members.is_empty()) &&
                              m_roles.fit(profile.members);
        TableShape shape = begin_shape(m_table_names.assign(m_collection.table));
        shape.rows = profile.records;
        shape.natural_key = are_rows && !m_collection.is_keyed ? profile.key : "";
        const bool has_own_key = m_collection.is_keyed || !shape.natural_key.empty();
        shape.has_positions = has_own_key && !profile.is_sorted;
        shape.is_irregular = shape.has_positions;
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
    /// An array, or the entries of an object, that will be a child table once its parent's columns are named.
    struct Child {
        const ElementProfile* elements;
        std::vector<std::string> path;
        FieldRole role;
        const FieldSet* members;  ///< The object's members, null for an array.
    };

    TableShape begin_shape(std::string name) {
        TableShape shape;
        shape.table.name.name = std::move(name);
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
        shape.object = add_members(shape, names, fields, path, shape.members, children);
        if (fields.entries) {
            children.push_back({fields.entries.get(), {}, m_roles.entries_role(*fields.entries), &fields});
        }
        shape.table.row_estimate = shape.rows;
        const std::size_t parent = m_shapes.size();
        m_shapes.push_back(std::move(shape));
        std::vector<std::string> tables;
        for (const Child& child : children) {
            tables.push_back(
                m_table_names.assign(m_shapes[parent].table.name.name + k_separator +
                                     (child.path.empty() ? k_members_table : path_name(child.path))));
            build_child(parent, child, tables.back());
        }
        name_tables(m_shapes[parent].object, tables);
        m_shapes[parent].rest = fields.entries ? tables.back() : "";
    }

    // While they are not known, an array's or map's column is the number of its child.
    static void name_tables(std::vector<MemberShape>& members, const std::vector<std::string>& tables) {
        for (MemberShape& member : members) {
            if (member.kind == MemberShape::Kind::array || member.kind == MemberShape::Kind::map) {
                member.table = tables[member.column];
            }
            name_tables(member.members, tables);
        }
    }

    std::vector<MemberShape> add_members(TableShape& shape, UniqueNames& names, const FieldSet& fields,
                                         std::vector<std::string>& path, MemberTree& tree,
                                         std::vector<Child>& children) {
        std::vector<MemberShape> members(fields.fields.size());
        shape.is_irregular = shape.is_irregular || fields.is_out_of_order;
        for (std::size_t i = 0; i < fields.fields.size(); ++i) {
            const Field& field = *fields.fields[i];
            MemberShape& member = members[fields.places[i]];
            member.key = field.key;
            path.push_back(field.key);
            const FieldRole role = m_roles.role(field);
            if (role == FieldRole::child_objects || role == FieldRole::child_values) {
                member.kind = MemberShape::Kind::array;
                member.column = children.size();
                children.push_back({field.elements.get(), path, role, nullptr});
            } else if (role == FieldRole::child_members) {
                const ElementProfile& entries = *field.members->entries;
                member.kind = MemberShape::Kind::map;
                member.column = children.size();
                children.push_back({&entries, path, m_roles.entries_role(entries), field.members.get()});
            } else if (role == FieldRole::columns) {
                MemberTree::Entry& entry = tree.add(field.key);
                entry.below = std::make_unique<MemberTree>();
                member.kind = MemberShape::Kind::object;
                member.members = add_members(shape, names, *field.members, path, *entry.below, children);
            } else {
                member.column = add_field(shape, names, field, path, role);
                tree.add(field.key).column = member.column;
            }
            choose_vacancy(fields, field, member, shape);
            path.pop_back();
        }
        return members;
    }

    // What most objects have in the place of a member without a value; with more than one such, some differ.
    static void choose_vacancy(const FieldSet& fields, const Field& field, MemberShape& member,
                               TableShape& shape) {
        const bool is_column = member.kind == MemberShape::Kind::column;
        const std::uint64_t present = field.objects + field.arrays + field.nulls + field.scalars;
        const std::pair<std::uint64_t, Vacancy> counts[] = {
            {fields.objects - present, Vacancy::absent},
            {field.nulls, Vacancy::null},
            {is_column ? 0 : field.empties, Vacancy::empty},
        };
        const bool has_rows =
            member.kind == MemberShape::Kind::array || member.kind == MemberShape::Kind::map;
        member.vacancy = has_rows ? Vacancy::empty : Vacancy::null;
        std::uint64_t most = 0;
        int kinds = member.kind == MemberShape::Kind::object && field.hollow != 0 ? 2 : 0;
        for (const auto& [count, vacancy] : counts) {
            kinds += count != 0 ? 1 : 0;
            if (count > most) {
                most = count;
                member.vacancy = vacancy;
            }
        }
        shape.is_irregular = shape.is_irregular || kinds > 1;
    }

    std::size_t add_field(TableShape& shape, UniqueNames& names, const Field& field,
                          const std::vector<std::string>& path, FieldRole role) {
        const Reading reading =
            role == FieldRole::scalar ? field.scalar.reading() : Reading{TypeKind::json, {}};
        const std::size_t index = add_column(shape, names, path_name(path), reading.type);
        Column& column = shape.table.columns[index];
        take_format(column, reading);
        column.properties["json_path"] = path_text(path);
        if (reading.type.kind == TypeKind::float64 && field.scalar.negative_zeros() > 0) {
            column.properties["negative_zeros"] = std::to_string(field.scalar.negative_zeros());
        }
        // Engines with a limit on index keys want to know.
        constexpr std::uint64_t k_long = 1000;
        if (field.scalar.longest_bytes() > k_long) {
            column.properties["longest_bytes"] = std::to_string(field.scalar.longest_bytes());
        }
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

    static void take_format(Column& column, const Reading& reading) {
        column.format = reading.format;
        const TypeKind kind = reading.type.kind;
        if (kind == TypeKind::date || kind == TypeKind::timestamp || kind == TypeKind::timestamp_tz ||
            kind == TypeKind::uuid) {
            column.properties[backend::k_stored_as] = to_string(LogicalType(TypeKind::text));
        }
    }

    std::string why(const Field& field, FieldRole role) const {
        if (role == FieldRole::scalar) {
            return field.scalar.why();
        }
        if (m_roles.is_folded(field)) {
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
        } else if (profile.all_objects && !profile.members.is_empty()) {
            reason = "its objects have too many members to be columns";
        } else if (profile.all_objects) {
            reason = "its objects are empty";
        }
        m_findings.push_back({Severity::note, "read-as-json", "table " + shape.table.name.name,
                              "each record is read as one JSON column, text kept: " + reason, "",
                              profile.records});
    }

    void build_child(std::size_t parent, const Child& child, const std::string& name) {
        TableShape shape = begin_shape(name);
        shape.parent = parent;
        shape.array_path = child.path;
        const ElementProfile& elements = *child.elements;
        shape.rows = elements.count();
        shape.table.properties["json_path"] = path_text(child.path);
        UniqueNames names;
        add_place(shape, names, child);
        if (child.members != nullptr) {
            add_member_key(shape, names, *child.members);
        }
        if (child.role == FieldRole::child_objects) {
            finish_rows(std::move(shape), names, elements.members);
            return;
        }
        const bool are_scalars = elements.objects + elements.arrays == 0;
        const Reading reading = are_scalars ? elements.scalar.reading() : Reading{TypeKind::json, {}};
        add_synthetic(shape, names, Synthetic::value, "value", reading.type);
        take_format(shape.table.columns.back(), reading);
        shape.table.columns.back().why = are_scalars ? elements.scalar.why() : "values of several kinds";
        shape.table.row_estimate = shape.rows;
        m_shapes.push_back(std::move(shape));
    }

    // The columns that say whose child a row is, and which; the keys.
    void add_place(TableShape& shape, UniqueNames& names, const Child& child) {
        shape.rows_are = child.members != nullptr ? RowSource::members : RowSource::elements;
        const bool is_parent =
            child.role == FieldRole::child_objects && has_children(child.elements->members);
        if (is_parent) {
            add_synthetic(shape, names, Synthetic::id, "_id", TypeKind::text);
        }
        const TableShape& parent = m_shapes[*shape.parent];
        const Column& key = *parent.table.find_column(parent.table.primary_key->columns.front());
        add_synthetic(shape, names, Synthetic::parent_id, "_parent_id",
                      parent.natural_key.empty() ? LogicalType(TypeKind::text) : key.type);
        add_synthetic(shape, names, Synthetic::index, "_index", TypeKind::int64);
        set_primary_key(shape, is_parent ? std::vector<std::string>{"_id"}
                                         : std::vector<std::string>{"_parent_id", "_index"});
        ForeignKey reference;
        reference.columns = {"_parent_id"};
        reference.referenced_table = parent.table.name;
        reference.referenced_columns = {key.name};
        shape.table.foreign_keys.push_back(std::move(reference));
    }

    // The key of each member that is a row; how many of the object's are is told by a property of the table.
    void add_member_key(TableShape& shape, UniqueNames& names, const FieldSet& members) {
        const TypeKind kind = members.entry_key_has_nul ? TypeKind::json : TypeKind::text;
        add_synthetic(shape, names, Synthetic::member, "key", kind);
        shape.table.properties["json_members"] = members.fields.empty() ? "all" : "rest";
        for (const auto& field : members.fields) {
            shape.other_members.insert(field->key);
        }
        if (kind == TypeKind::text && members.longest_entry_key <= k_longest_unique_key) {
            shape.table.unique_keys.emplace_back().columns = {"_parent_id", "key"};
        }
        m_findings.push_back(
            {Severity::note, "keys-as-rows", "table " + shape.table.name.name,
             "there are more distinct keys than a table may have columns: those that not most "
             "objects have are rows, with their key and value",
             "--max-columns allows more columns.", shape.rows});
    }

    bool has_children(const FieldSet& fields) const {
        if (fields.entries) {
            return true;
        }
        for (const auto& field : fields.fields) {
            const FieldRole role = m_roles.role(*field);
            if (role == FieldRole::child_objects || role == FieldRole::child_values ||
                role == FieldRole::child_members ||
                (role == FieldRole::columns && has_children(*field->members))) {
                return true;
            }
        }
        return false;
    }

    const Collection& m_collection;
    std::size_t m_index;
    bool m_nested_as_json;
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
