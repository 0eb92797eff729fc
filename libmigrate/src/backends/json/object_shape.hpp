#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "backends/json/record_stream.hpp"

namespace migrate::backends::json {

/// What stands for a member of an object that has no value: a column that is NULL, an array without rows, an
/// object with nothing but those inside. Letters of the record; do not change.
enum class Vacancy : char {
    absent = 'a',
    null = 'n',
    empty = 'e',
    hollow = 'o',  ///< An object that is there, with members, though none has a value.
};

/// A member of the objects of one place, and where its values are.
struct MemberShape {
    enum class Kind : char { column = 'c', object = 'o', array = 'a', map = 'm' };
    std::string key;
    Kind kind = Kind::column;
    std::size_t column = 0;            ///< column: of the table; k_gone where that has been dropped since.
    std::string table;                 ///< array, map: the child table of its elements or members, as the
                                       ///< documents' reader named it.
    Vacancy vacancy = Vacancy::null;   ///< What most have that have no value.
    std::vector<MemberShape> members;  ///< object: in the order that most objects follow.

    static constexpr std::size_t k_gone = static_cast<std::size_t>(-1);
};

/// Columns that no member of a document gives. Letters of the record; do not change.
enum class Synthetic : char {
    id = 'i',
    parent_id = 'p',
    index = 'x',
    value = 'v',
    document = 'd',
    file = 'f',
    key = 'k',
    member = 'm',  ///< The member of a map, or of its parent's object, that the row is.
};

/// A file, or the part of one, that the records of a table came from.
struct FilePart {
    std::string path;  ///< Below the directory that was read, or the file's name.
    RecordKind kind = RecordKind::whole;
    std::string root;                   ///< JSON pointer to the part of the file that was read.
    std::optional<std::string> member;  ///< The records are in this member of the root.
    std::optional<std::string> after;   ///< The member before that one; none if it was the first.
    bool has_byte_order_mark = false;
};

/// Everything that makes documents of a table's rows again and is the same for all of them: the table's
/// property `json_shape`. What single rows have in another way is in the table of row forms (row_form.hpp).
struct DocumentShape {
    std::string table;   ///< As the documents' reader named it.
    std::string parent;  ///< The table whose rows hold this one's in an array; empty for records.
    std::vector<std::pair<Synthetic, std::size_t>> synthetic;
    std::optional<std::size_t> natural_key;  ///< The column that is the key and a member.
    bool has_positions = false;              ///< Each row's form says where it stood.
    std::vector<MemberShape> members;
    /// The child table of all other members of the objects: key, value, and where among all members it stood.
    /// Empty if there is none.
    std::string rest;
    /// Records only. With a column of files: those alone that differ from one value a file, or hold no
    /// record.
    std::vector<FilePart> files;

    std::optional<std::size_t> column_of(Synthetic kind) const;
};

inline constexpr const char* k_shape_property = "json_shape";

/// "lines", "elements", "members", "rest", "whole".
std::string_view word_of(RecordKind kind);

std::string render_shape(const DocumentShape& shape);
/// Throws: Error{malformed}.
DocumentShape parse_shape(std::string_view text);

}  // namespace migrate::backends::json
