#include "backend/column_changes.hpp"

#include <algorithm>

namespace migrate::backend {
namespace {

using Columns = std::vector<StoredColumn>;

const StoredColumn* find(const Columns& columns, const std::string& name) {
    const auto found = std::find_if(columns.begin(), columns.end(),
                                    [&](const StoredColumn& column) { return column.name == name; });
    return found == columns.end() ? nullptr : &*found;
}

/// The one that is in the place of a column that is gone, if it was not there before.
const StoredColumn* renamed_to(const StoredColumn& gone, const Columns& before, const Columns& now) {
    const auto found = std::find_if(now.begin(), now.end(), [&](const StoredColumn& column) {
        return column.position == gone.position && column.type == gone.type &&
               find(before, column.name) == nullptr;
    });
    return found == now.end() ? nullptr : &*found;
}

std::string type_of(const StoredColumn& column) {
    return column.type.empty() ? "of no type" : column.type;
}

std::string change_of(const StoredColumn& was, const StoredColumn& is) {
    if (was.type != is.type) {
        return "is " + type_of(is) + " now, not " + type_of(was);
    }
    if (was.generated != is.generated) {
        return is.generated.empty()    ? "is not generated any more"
               : was.generated.empty() ? "is generated now"
                                       : "is generated in another way";
    }
    return was.position == is.position ? "" : "was dropped and added again, or moved";
}

}  // namespace

std::string column_changes(const Columns& before, const Columns& now) {
    std::string text;
    const auto say = [&](const StoredColumn& column, const std::string& what) {
        if (!what.empty()) {
            text += (text.empty() ? "column " : ", column ") + column.name + " " + what;
        }
    };
    std::vector<const StoredColumn*> renamed;
    bool as_many = true;
    for (const StoredColumn& was : before) {
        if (find(now, was.name) != nullptr) {
            continue;
        }
        if (const StoredColumn* other = renamed_to(was, before, now)) {
            renamed.push_back(other);
            say(was, "is called " + other->name + " now");
        } else {
            as_many = false;
            say(was, "was dropped");
        }
    }
    for (const StoredColumn& is : now) {
        StoredColumn was = is;
        if (const StoredColumn* same = find(before, is.name)) {
            was = *same;
        } else if (std::find(renamed.begin(), renamed.end(), &is) == renamed.end()) {
            as_many = false;
            say(is, "was added");
        }
        // Where one has gone, engines may move the others up.
        was.position = as_many ? was.position : is.position;
        say(is, change_of(was, is));
    }
    return text;
}

}  // namespace migrate::backend
