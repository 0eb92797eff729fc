#include "backends/json/document.hpp"
#include "backends/json/file_source.hpp"
#include "backends/json/manifest.hpp"
#include "backends/json/member_reader.hpp"
#include "util/json_seal.hpp"

namespace migrate::backends::json {

namespace {

// Walks the one document of a manifest. What is missing has its assumed value; what is of the wrong kind is
// refused.
class ManifestReader : private MemberReader {
  public:
    using MemberReader::MemberReader;

    Manifest read() {
        Manifest manifest;
        const Index root = Document::k_root;
        if (text(root, "format") != k_manifest_format) {
            fail("it is no manifest of this tool: its member \"format\" is missing or another");
        }
        if (number(root, "version").value_or(0) > k_nested_version) {
            fail("it was written by a later version of this tool; read it with that one");
        }
        manifest.is_nested = text(root, "layout") == k_nested_layout;
        manifest.tool_version = text(root, "tool_version");
        each(root, "tables", [&](Index node) { manifest.tables.push_back(read_table(node)); });
        each(root, "migrations", [&](Index node) { manifest.migrations.push_back(read_migration(node)); });
        manifest.keeps_code = truth(root, "keeps_code");
        if (const auto node = member(root, "provenance")) {
            manifest.provenance = m_document.raw(*node);
        }
        if (manifest.keeps_code && manifest.provenance.empty()) {
            fail_without_record();
        }
        return manifest;
    }

  private:
    bool truth(Index object, std::string_view name) const {
        const auto node = member(object, name);
        if (node && m_document.kind(*node) != NodeKind::true_literal &&
            m_document.kind(*node) != NodeKind::false_literal) {
            fail("the member \"" + std::string(name) + "\" is neither true nor false");
        }
        return flag(object, name);
    }

    [[noreturn]] void fail_without_record() const {
        ErrorFacts facts{.code = ErrorCode::malformed, .backend = "json"};
        facts.next_step =
            "Bring it back from a copy; without them it is read once its member keeps_code is gone.";
        throw Error(std::move(facts), m_name +
                                          ": it says that it keeps views, functions and the like, but the "
                                          "record that has them, \"provenance\", is missing");
    }

    LogicalType read_type(Index node) const {
        LogicalType type;
        const std::string kind = text(node, "kind");
        const auto parsed = parse_type_kind(kind);
        if (!parsed) {
            fail("it names a type that is not known: " + kind);
        }
        type.kind = *parsed;
        type.precision = static_cast<int>(number(node, "precision").value_or(-1));
        type.scale = static_cast<int>(number(node, "scale").value_or(-1));
        type.trimmed = flag(node, "trimmed");
        type.limit = number(node, "limit").value_or(-1);
        type.fixed_length = flag(node, "fixed_length");
        type.labels = texts(node, "labels");
        if (const auto element = member(node, "element")) {
            type.element = std::make_shared<const LogicalType>(read_type(*element));
        }
        type.native_name = text(node, "native_name");
        return type;
    }

    IdentityValue read_identity(Index node) const {
        IdentityValue identity;
        using Kind = IdentityValue::Kind;
        const std::string kind = text(node, "kind");
        for (const Kind one :
             {Kind::rowid, Kind::autoincrement, Kind::by_default, Kind::always, Kind::serial}) {
            if (kind == to_string(one)) {
                identity.kind = one;
            }
        }
        identity.sequence = text(node, "sequence");
        identity.next = number(node, "next");
        identity.increment = number(node, "increment").value_or(1);
        identity.minimum = number(node, "minimum");
        identity.maximum = number(node, "maximum");
        identity.start = number(node, "start").value_or(1);
        identity.cache = number(node, "cache").value_or(1);
        identity.cycle = flag(node, "cycle");
        return identity;
    }

    Column read_column(Index node) const {
        Column column;
        column.name = text(node, "name");
        column.type = read_type(required(node, "type"));
        column.native_type = text(node, "native_type");
        column.format = text(node, "format");
        column.nullable = flag(node, "nullable", true);
        if (const auto identity = member(node, "identity")) {
            column.identity = read_identity(*identity);
        }
        column.collation = text(node, "collation");
        column.comment = text(node, "comment");
        column.properties = properties(node);
        return column;
    }

    Key read_key(Index node) const {
        Key key;
        key.name = text(node, "name");
        key.columns = texts(node, "columns");
        key.collations = texts(node, "collations");
        key.deferrable = flag(node, "deferrable");
        key.initially_deferred = flag(node, "initially_deferred");
        return key;
    }

    migrate::Index read_index(Index node) const {
        migrate::Index index;
        index.name = text(node, "name");
        index.unique = flag(node, "unique");
        index.nulls_not_distinct = flag(node, "nulls_not_distinct");
        each(node, "parts", [&](Index item) {
            IndexPart part;
            part.column = text(item, "column");
            part.collation = text(item, "collation");
            part.descending = flag(item, "descending");
            if (member(item, "nulls_first")) {
                part.nulls_first = flag(item, "nulls_first");
            }
            index.parts.push_back(std::move(part));
        });
        index.included = texts(node, "included");
        return index;
    }

    ReferenceAction read_action(Index node, std::string_view name) const {
        using Action = ReferenceAction;
        const std::string action = text(node, name);
        for (const Action one : {Action::restrict, Action::cascade, Action::set_null, Action::set_default}) {
            if (action == to_string(one)) {
                return one;
            }
        }
        return Action::no_action;
    }

    ForeignKey read_foreign_key(Index node) const {
        ForeignKey key;
        key.name = text(node, "name");
        key.columns = texts(node, "columns");
        key.referenced_table = qualified(node, "referenced_table");
        key.referenced_columns = texts(node, "referenced_columns");
        key.on_update = read_action(node, "on_update");
        key.on_delete = read_action(node, "on_delete");
        key.match = text(node, "match");
        key.deferrable = flag(node, "deferrable");
        key.initially_deferred = flag(node, "initially_deferred");
        key.validated = flag(node, "validated", true);
        key.set_columns = texts(node, "set_columns");
        return key;
    }

    ManifestTable read_table(Index node) const {
        ManifestTable one;
        Table& table = one.table;
        table.name = qualified(node, "name");
        one.file = text(node, "file");
        one.rows = static_cast<std::uint64_t>(number(node, "rows").value_or(0));
        one.digest = text(node, "digest");
        table.role = flag(node, "shape") ? TableRole::shape : TableRole::data;
        each(node, "columns", [&](Index item) { table.columns.push_back(read_column(item)); });
        if (const auto key = member(node, "primary_key")) {
            table.primary_key = read_key(*key);
        }
        each(node, "unique_keys", [&](Index item) { table.unique_keys.push_back(read_key(item)); });
        each(node, "foreign_keys", [&](Index item) { table.foreign_keys.push_back(read_foreign_key(item)); });
        each(node, "indexes", [&](Index item) { table.indexes.push_back(read_index(item)); });
        table.comment = text(node, "comment");
        table.properties = properties(node);
        return one;
    }

    backend::RecordedMigration read_migration(Index node) const {
        backend::RecordedMigration one;
        one.id = text(node, "id");
        one.state = text(node, "state");
        one.created_at = text(node, "created_at");
        one.epoch = static_cast<std::uint64_t>(number(node, "epoch").value_or(0));
        one.retries = static_cast<std::uint64_t>(number(node, "retries").value_or(0));
        one.audit_head = text(node, "audit_head");
        one.audit_head.erase(one.audit_head.find_last_not_of(' ') + 1);
        one.plan_json = text(node, "plan");
        return one;
    }
};

}  // namespace

Manifest parse_manifest(std::string_view text, const std::string& name) {
    ViewSource source(text);
    Tokenizer tokenizer(source, name);
    Document document;
    document.read(tokenizer, tokenizer.next());
    Manifest manifest = ManifestReader(document, name).read();
    if (!util::seal_holds(document.raw(Document::k_root))) {
        ErrorFacts facts{.code = ErrorCode::malformed, .backend = "json"};
        facts.next_step =
            "Bring it back from a copy; after an edit on purpose, take its last member, checksum, away.";
        throw Error(std::move(facts), name + ": it is not what was written: something in it was changed");
    }
    tokenizer.next();
    return manifest;
}

}  // namespace migrate::backends::json
