#include "mapping/selection.hpp"

#include <algorithm>
#include <iterator>
#include <map>
#include <set>

#include "model/left_behind.hpp"
#include "util/ascii.hpp"

namespace migrate::mapping {
namespace {

bool glob_match(std::string_view pattern, std::string_view text) {
    std::size_t p = 0;
    std::size_t t = 0;
    std::size_t star = std::string_view::npos;
    std::size_t star_text = 0;
    while (t < text.size()) {
        if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == text[t]) && pattern[p] != '*') {
            ++p;
            ++t;
        } else if (p < pattern.size() && pattern[p] == '*') {
            star = p++;
            star_text = t;
        } else if (star != std::string_view::npos) {
            p = star + 1;
            t = ++star_text;
        } else {
            return false;
        }
    }
    return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::vector<std::string> texts(const std::vector<MappingText>& list) {
    std::vector<std::string> out;
    out.reserve(list.size());
    for (const MappingText& entry : list) {
        out.push_back(entry.text);
    }
    return out;
}

std::string joined(const std::vector<std::string>& names, const char* separator) {
    std::string out;
    for (const std::string& name : names) {
        out += (out.empty() ? "" : separator) + name;
    }
    return out;
}

/// What there is several of, and what they are.
struct Counted {
    const char* one;
    const char* several;
};

void exclude_kind(const Table& table, const Counted& kind, std::size_t count,
                  std::vector<Finding>& findings) {
    if (count > 0) {
        findings.push_back({Severity::excluded,
                            std::string(kind.one) + "-excluded",
                            "table " + table.name.display(),
                            std::to_string(count) + " " + (count == 1 ? kind.one : kind.several) +
                                (count == 1 ? " is" : " are") + " left out as asked",
                            {},
                            count});
    }
}

std::string dashed(std::string kind) {
    std::replace(kind.begin(), kind.end(), ' ', '-');
    return kind;
}

/// Objects of kinds that are left out on purpose are no part of what travels, nor of the record of it: they
/// would come back from there. Comments, owners and the like are only counted.
void exclude_objects(const std::set<std::string>& skip, Schema& schema, std::vector<Finding>& findings) {
    std::map<std::string, std::uint64_t> details;
    std::erase_if(schema.objects, [&](const SchemaObject& object) {
        if (!skip.contains(object.kind)) {
            return false;
        }
        if (object.properties.contains("about_kind")) {
            ++details[object.kind];
            return true;
        }
        findings.push_back(
            {Severity::excluded,
             dashed(object.kind) + "-left-out",
             object.kind + " " + object.name.display() + (object.table.empty() ? "" : " on " + object.table),
             "left out as asked",
             {},
             0});
        return true;
    });
    for (const auto& [kind, count] : details) {
        findings.push_back({Severity::excluded,
                            dashed(kind) + "-left-out",
                            std::to_string(count) + " " + kind + (count == 1 ? "" : "s"),
                            "left out as asked",
                            {},
                            count});
    }
}

}  // namespace

std::string object_kind(std::string_view spelled) {
    std::string kind = util::lower_ascii(spelled);
    std::replace(kind.begin(), kind.end(), '-', ' ');
    std::replace(kind.begin(), kind.end(), '_', ' ');
    if (kind == "policies" || kind == "privileges") {
        return kind == "policies" ? "policy" : "privilege";
    }
    if (kind == "indices") {
        return "index";
    }
    if (kind.ends_with("indexes")) {
        return kind.substr(0, kind.size() - 2);
    }
    // Kinds that are plural themselves.
    if (kind == "statistics" || kind == "large objects" || kind == "default privileges") {
        return kind;
    }
    if (kind.size() > 1 && kind.back() == 's') {
        kind.pop_back();
    }
    return kind;
}

bool matches_any(const QualifiedName& name, const std::vector<std::string>& globs) {
    return std::any_of(globs.begin(), globs.end(), [&](const std::string& glob) {
        return glob_match(glob, name.name) ||
               (!name.schema.empty() && glob_match(glob, name.schema + "." + name.name));
    });
}

bool is_column_kept(const TableMapping& entry, const std::string& column) {
    const QualifiedName name{{}, column};
    return (entry.include.empty() || matches_any(name, texts(entry.include))) &&
           !matches_any(name, texts(entry.exclude));
}

bool is_selected(const QualifiedName& name, const PlanOptions& options) {
    const MappingSpec& mapping = options.mapping;
    const auto has_entry = [&] {
        return std::any_of(mapping.tables.begin(), mapping.tables.end(), [&](const TableMapping& entry) {
            return entry.from.text == name.name || entry.from.text == name.schema + "." + name.name;
        });
    };
    return (options.tables.empty() || matches_any(name, options.tables)) &&
           !matches_any(name, options.exclude) &&
           (mapping.include.empty() || matches_any(name, texts(mapping.include)) || has_entry()) &&
           !matches_any(name, texts(mapping.exclude));
}

std::function<bool(const QualifiedName&)> selection_of(const PlanOptions& options) {
    return [options](const QualifiedName& name) { return is_selected(name, options); };
}

namespace {

/// Triggers, policies, exclusion constraints… go with their table; a trigger may also be a view's.
void drop_what_belongs_to_excluded_tables(const PlanOptions& options, Schema& schema) {
    std::set<QualifiedName> objects;
    for (const SchemaObject& object : schema.objects) {
        if (!object.properties.contains("about_kind")) {
            objects.insert(object.name);
        }
    }
    std::erase_if(schema.objects, [&](const SchemaObject& object) {
        const QualifiedName table{object.name.schema, object.table};
        return !object.table.empty() && object.kind != "partition" && !objects.contains(table) &&
               !is_selected(table, options);
    });
}

/// Tables, and objects that have a name of their own.
std::vector<QualifiedName> names_in(const Schema& schema) {
    std::vector<QualifiedName> names;
    for (const Table& table : schema.tables) {
        names.push_back(table.name);
    }
    for (const SchemaObject& object : schema.objects) {
        if (object.table.empty() && !object.name.schema.empty() &&
            !object.properties.contains("about_kind")) {
            names.push_back(object.name);
        }
    }
    return names;
}

/// What is left may speak of what is left out.
void tell_excluded_names(const std::vector<QualifiedName>& before, Schema& schema) {
    std::vector<QualifiedName> now = names_in(schema);
    std::sort(now.begin(), now.end());
    std::vector<QualifiedName> gone;
    std::copy_if(before.begin(), before.end(), std::back_inserter(gone), [&](const QualifiedName& name) {
        return !std::binary_search(now.begin(), now.end(), name);
    });
    if (!gone.empty()) {
        model::set_names(schema, model::k_excluded_names, gone);
    }
}

std::set<std::string> kinds_of(const std::vector<std::string>& skip) {
    std::set<std::string> kinds;
    for (const std::string& kind : skip) {
        kinds.insert(object_kind(kind));
    }
    return kinds;
}

/// What of a table itself is left out on purpose.
void skip_parts(const std::set<std::string>& skip, Table& table, std::vector<Finding>& findings) {
    if (skip.contains("foreign key")) {
        exclude_kind(table, {"foreign key", "foreign keys"}, table.foreign_keys.size(), findings);
        table.foreign_keys.clear();
    }
    if (skip.contains("index")) {
        exclude_kind(table, {"index", "indexes"}, table.indexes.size(), findings);
        table.indexes.clear();
    }
    if (skip.contains("check")) {
        exclude_kind(table, {"check", "checks"}, table.checks.size(), findings);
        table.checks.clear();
    }
    if (skip.contains("comment")) {
        table.comment.clear();
        for (Column& column : table.columns) {
            column.comment.clear();
        }
    }
    if (!skip.empty()) {
        table.native_sql.clear();
    }
}

}  // namespace

void apply_selection(const PlanOptions& options, Schema& schema, std::vector<Finding>& findings,
                     const std::vector<QualifiedName>& not_read) {
    std::vector<QualifiedName> before = names_in(schema);
    before.insert(before.end(), not_read.begin(), not_read.end());
    std::erase_if(schema.tables, [&](const Table& table) {
        if (is_selected(table.name, options)) {
            return false;
        }
        findings.push_back({Severity::excluded,
                            "table-excluded",
                            "table " + table.name.display(),
                            "is left out as asked",
                            {},
                            table.row_estimate});
        return true;
    });
    drop_what_belongs_to_excluded_tables(options, schema);
    const std::set<std::string> skip = kinds_of(options.skip);
    exclude_objects(skip, schema, findings);
    tell_excluded_names(before, schema);
    for (Table& table : schema.tables) {
        const std::size_t dangling = std::erase_if(table.foreign_keys, [&](const ForeignKey& key) {
            return !is_selected(key.referenced_table, options);
        });
        exclude_kind(table, {"foreign key to an excluded table", "foreign keys to excluded tables"}, dangling,
                     findings);
        skip_parts(skip, table, findings);
        if (dangling > 0) {
            table.native_sql.clear();
        }
    }
}

std::shared_ptr<const Schema> skip_in_record(const std::vector<std::string>& skip,
                                             const std::shared_ptr<const Schema>& record) {
    if (skip.empty()) {
        return record;
    }
    auto kept = std::make_shared<Schema>(*record);
    std::vector<Finding> told_of_the_present;
    for (Table& table : kept->tables) {
        skip_parts(kinds_of(skip), table, told_of_the_present);
    }
    return kept;
}

std::shared_ptr<const Schema> without_skipped(const std::vector<std::string>& skip,
                                              const std::shared_ptr<const Schema>& record) {
    if (skip.empty()) {
        return record;
    }
    auto kept = std::make_shared<Schema>(*record);
    std::vector<QualifiedName> before = names_in(*kept);
    const std::vector<QualifiedName> gone = model::names_of(*kept, model::k_excluded_names);
    before.insert(before.end(), gone.begin(), gone.end());
    std::vector<Finding> told_of_the_present;
    exclude_objects(kinds_of(skip), *kept, told_of_the_present);
    tell_excluded_names(before, *kept);
    return kept;
}

bool has_leading_index(const Table& table, const std::vector<std::string>& columns) {
    const auto leads = [&](const std::vector<std::string>& key) {
        return key.size() >= columns.size() &&
               std::is_permutation(columns.begin(), columns.end(), key.begin(),
                                   key.begin() + static_cast<std::ptrdiff_t>(columns.size()));
    };
    if (table.primary_key && leads(table.primary_key->columns)) {
        return true;
    }
    if (std::any_of(table.unique_keys.begin(), table.unique_keys.end(),
                    [&](const Key& key) { return leads(key.columns); })) {
        return true;
    }
    return std::any_of(table.indexes.begin(), table.indexes.end(), [&](const Index& index) {
        std::vector<std::string> parts;
        for (const IndexPart& part : index.parts) {
            parts.push_back(part.column);
        }
        return index.predicate.empty() && leads(parts);
    });
}

void index_foreign_keys(Schema& schema, std::vector<Finding>& findings) {
    for (Table& table : schema.tables) {
        for (const ForeignKey& key : table.foreign_keys) {
            if (has_leading_index(table, key.columns)) {
                continue;
            }
            Index index;
            index.name = table.name.name + "_" + joined(key.columns, "_") + "_fk_idx";
            for (const std::string& column : key.columns) {
                IndexPart part;
                part.column = column;
                index.parts.push_back(std::move(part));
            }
            findings.push_back({Severity::note,
                                "foreign-key-indexed",
                                "table " + table.name.display(),
                                "gets an index for its foreign key on " + joined(key.columns, ", "),
                                {},
                                0});
            table.indexes.push_back(std::move(index));
        }
    }
}

void report_foreign_keys_without_index(const Schema& schema, std::vector<Finding>& findings) {
    for (const Table& table : schema.tables) {
        for (const ForeignKey& key : table.foreign_keys) {
            if (!has_leading_index(table, key.columns)) {
                findings.push_back(
                    {Severity::risk, "foreign-key-without-index", "table " + table.name.display(),
                     "the foreign key on " + joined(key.columns, ", ") + " has no index: deletes in " +
                         key.referenced_table.display() + " scan it",
                     "--index-foreign-keys makes one", 0});
            }
        }
    }
}

}  // namespace migrate::mapping
