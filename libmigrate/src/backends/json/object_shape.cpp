#include "backends/json/object_shape.hpp"

#include "backends/json/json_text.hpp"
#include "backends/json/member_reader.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::int64_t k_version = 1;

std::string literal(std::string_view text) {
    std::string out;
    append_quoted(text, out);
    return out;
}

// Objects are nested at most as deep as normalisation goes.
void append_members(const std::vector<MemberShape>& members, std::string& out) {
    out += '[';
    for (const MemberShape& member : members) {
        out += (&member == members.data() ? "{" : ",{") + std::string("\"key\":") + literal(member.key);
        out += std::string(",\"empty\":\"") + static_cast<char>(member.vacancy) + '"';
        if (member.kind == MemberShape::Kind::object) {
            out += ",\"members\":";
            append_members(member.members, out);
        } else if (member.kind == MemberShape::Kind::array) {
            out += ",\"table\":" + literal(member.table);
        } else if (member.kind == MemberShape::Kind::map) {
            out += ",\"map\":" + literal(member.table);
        } else if (member.column != MemberShape::k_gone) {
            out += ",\"column\":" + std::to_string(member.column);
        }
        out += '}';
    }
    out += ']';
}

void append_files(const std::vector<FilePart>& files, std::string& out) {
    for (const FilePart& file : files) {
        out += (&file == files.data() ? "{\"path\":" : ",{\"path\":") + literal(file.path);
        out += ",\"kind\":" + literal(word_of(file.kind));
        out += file.root.empty() ? "" : ",\"root\":" + literal(file.root);
        out += file.member ? ",\"member\":" + literal(*file.member) : "";
        out += file.after ? ",\"after\":" + literal(*file.after) : "";
        out += file.has_byte_order_mark ? ",\"bom\":true}" : "}";
    }
}

class ShapeParser : public MemberReader {
  public:
    using MemberReader::MemberReader;

    DocumentShape shape() const {
        const Index root = Document::k_root;
        if (number(root, "version").value_or(0) != k_version) {
            fail("a later version of this library wrote it");
        }
        DocumentShape out;
        out.table = text(root, "table");
        out.parent = text(root, "parent");
        out.has_positions = flag(root, "positions");
        if (const auto key = number(root, "key")) {
            out.natural_key = static_cast<std::size_t>(*key);
        }
        each(root, "synthetic", [&](Index item) {
            out.synthetic.emplace_back(static_cast<Synthetic>(letter(item, "kind")), column(item));
        });
        out.members = members(root);
        out.rest = text(root, "rest");
        each(root, "files", [&](Index item) { out.files.push_back(file(item)); });
        return out;
    }

  private:
    char letter(Index item, std::string_view name) const {
        const std::string word = text(item, name);
        if (word.size() != 1) {
            fail("the member \"" + std::string(name) + "\" is not a letter");
        }
        return word.front();
    }
    std::size_t column(Index item) const {
        const auto found = number(item, "column");
        return found ? static_cast<std::size_t>(*found) : MemberShape::k_gone;
    }

    std::vector<MemberShape> members(Index object) const {
        std::vector<MemberShape> out;
        each(object, "members", [&](Index item) {
            MemberShape one;
            one.key = text(item, "key");
            one.vacancy = static_cast<Vacancy>(letter(item, "empty"));
            if (member(item, "members")) {
                one.kind = MemberShape::Kind::object;
                one.members = members(item);
            } else if (member(item, "table")) {
                one.kind = MemberShape::Kind::array;
                one.table = text(item, "table");
            } else if (member(item, "map")) {
                one.kind = MemberShape::Kind::map;
                one.table = text(item, "map");
            } else {
                one.column = column(item);
            }
            out.push_back(std::move(one));
        });
        return out;
    }

    FilePart file(Index item) const {
        FilePart out;
        out.path = text(item, "path");
        const std::string kind = text(item, "kind");
        for (const RecordKind one : {RecordKind::lines, RecordKind::elements, RecordKind::members,
                                     RecordKind::whole, RecordKind::rest}) {
            out.kind = word_of(one) == kind ? one : out.kind;
        }
        out.root = text(item, "root");
        out.member = member(item, "member") ? std::optional(text(item, "member")) : std::nullopt;
        out.after = member(item, "after") ? std::optional(text(item, "after")) : std::nullopt;
        out.has_byte_order_mark = flag(item, "bom");
        return out;
    }
};

}  // namespace

std::string_view word_of(RecordKind kind) {
    switch (kind) {
        case RecordKind::lines:
            return "lines";
        case RecordKind::elements:
            return "elements";
        case RecordKind::members:
            return "members";
        case RecordKind::rest:
            return "rest";
        default:
            return "whole";
    }
}

std::optional<std::size_t> DocumentShape::column_of(Synthetic kind) const {
    for (const auto& [one, column] : synthetic) {
        if (one == kind && column != MemberShape::k_gone) {
            return column;
        }
    }
    return std::nullopt;
}

std::string render_shape(const DocumentShape& shape) {
    std::string out = "{\"version\":" + std::to_string(k_version) + ",\"table\":" + literal(shape.table);
    out += shape.parent.empty() ? "" : ",\"parent\":" + literal(shape.parent);
    out += shape.has_positions ? ",\"positions\":true" : "";
    out += shape.natural_key ? ",\"key\":" + std::to_string(*shape.natural_key) : "";
    out += ",\"synthetic\":[";
    for (const auto& [kind, column] : shape.synthetic) {
        out += out.back() == '[' ? "{" : ",{";
        out += std::string("\"kind\":\"") + static_cast<char>(kind) + '"';
        out += column == MemberShape::k_gone ? "}" : ",\"column\":" + std::to_string(column) + '}';
    }
    out += "],\"members\":";
    append_members(shape.members, out);
    out += shape.rest.empty() ? "" : ",\"rest\":" + literal(shape.rest);
    out += ",\"files\":[";
    append_files(shape.files, out);
    return out + "]}";
}

DocumentShape parse_shape(std::string_view text) {
    ViewSource source(text);
    const std::string name = "the record of a table's documents";
    Tokenizer tokenizer(source, name, {.block_bytes = 4096});
    Document document;
    document.read(tokenizer, tokenizer.next());
    return ShapeParser(document, name).shape();
}

}  // namespace migrate::backends::json
