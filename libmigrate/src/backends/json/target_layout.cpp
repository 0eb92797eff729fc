// Which layout a JSON target is written in.

#include <algorithm>

#include "backends/json/document_tree.hpp"
#include "backends/json/input_files.hpp"
#include "backends/json/json_target.hpp"
#include "io/directory.hpp"

namespace migrate::backends::json {

namespace {

constexpr const char* k_directory = "documents";
constexpr const char* k_file = "document";
constexpr const char* k_nested = "nested";

}  // namespace

bool JsonTarget::is_file_name() const {
    return !m_names_directory && is_json_name(m_path) && io::kind_of(m_path) != io::PathKind::directory;
}

// What came from documents goes back to them unless another layout is asked for, or the place is not one for
// them: a database that this tool wrote, or one file for what was many.
void JsonTarget::choose_layout(const Schema& source, backend::Adoption& adoption) const {
    std::vector<Finding> findings;
    const bool were_documents = take_over_shapes(source, adoption.schema, findings);
    const bool is_asked = m_asked_layout == "documents";
    const bool is_free = m_asked_layout.empty() && source.engine != "json" && !detect_layout(m_path);
    for (Table& table : adoption.schema.tables) {
        table.properties.erase(k_nested_by_property);
        table.properties.erase(k_member_property);
    }
    if (!is_asked && !(is_free && were_documents)) {
        return;
    }
    if (!were_documents && !is_file_name()) {
        choose_nesting(adoption.schema, m_nest_wishes, m_most_levels, adoption.findings);
        adoption.schema.properties[k_layout_property] = k_nested;
        return;
    }
    const bool fits = !is_file_name() || document_tree(adoption.schema).only_file();
    if (!fits && is_asked) {
        adoption.findings.push_back({Severity::blocker, "documents-need-directory", m_path,
                                     "the documents are several files, and this is the name of one",
                                     "Name a directory, with a slash at the end.", 0});
    }
    if (!fits && !is_asked) {
        adoption.findings.push_back(
            {Severity::note, "documents-need-directory", m_path,
             "the data came from several JSON files, which one file cannot be; it is "
             "written as tables",
             "Name a directory, with a slash at the end, to have the documents again.", 0});
        return;
    }
    adoption.schema.properties[k_layout_property] = is_file_name() ? k_file : k_directory;
    if (were_documents && !is_asked) {
        findings.push_back({Severity::note, "documents-again", m_path,
                            "the data came from JSON documents and is written as those documents",
                            "Use --layout tables or --layout file for a file of rows for each table.", 0});
    }
    adoption.findings.insert(adoption.findings.end(), findings.begin(), findings.end());
}

bool JsonTarget::has_manifest(const Schema& adopted) {
    const auto layout = adopted.properties.find(k_layout_property);
    return layout == adopted.properties.end() || layout->second == k_nested;
}

void JsonTarget::follow(const backend::TargetPlan& plan) {
    const auto layout = plan.schema.properties.find(k_layout_property);
    if (layout != plan.schema.properties.end()) {
        m_layout = layout->second == k_file     ? Layout::document
                   : layout->second == k_nested ? Layout::nested
                                                : Layout::documents;
    }
}

}  // namespace migrate::backends::json
