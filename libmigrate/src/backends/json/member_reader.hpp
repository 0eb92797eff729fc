#pragma once

#include <charconv>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <migrate/error.hpp>
#include <migrate/schema.hpp>

#include "backends/json/document.hpp"

namespace migrate::backends::json {

/// Looks members up in the objects of a document that this tool wrote. What is missing has a default; what is
/// of the wrong kind is Error{malformed}.
class MemberReader {
  public:
    using Index = Document::Index;

    /// `name` is what errors call the text. The document is borrowed.
    MemberReader(const Document& document, std::string name)
        : m_document(document), m_name(std::move(name)) {}

    [[noreturn]] void fail(const std::string& what) const {
        ErrorFacts facts;
        facts.code = ErrorCode::malformed;
        facts.backend = "json";
        throw Error(std::move(facts), m_name + ": " + what);
    }

    std::optional<Index> member(Index object, std::string_view name) const {
        if (m_document.kind(object) != NodeKind::object) {
            fail("an object is expected around the member \"" + std::string(name) + "\"");
        }
        for (Index key = m_document.first_child(object); key != m_document.end(object);
             key = m_document.end(key + 1)) {
            if (m_document.text(key) == name) {
                return key + 1;
            }
        }
        return std::nullopt;
    }
    Index required(Index object, std::string_view name) const {
        const auto node = member(object, name);
        if (!node) {
            fail("the member \"" + std::string(name) + "\" is missing");
        }
        return *node;
    }
    std::string text(Index object, std::string_view name) const {
        const auto node = member(object, name);
        if (!node) {
            return {};
        }
        if (m_document.kind(*node) != NodeKind::string) {
            fail("the member \"" + std::string(name) + "\" is not a string");
        }
        return std::string(m_document.text(*node));
    }
    std::optional<std::int64_t> number(Index object, std::string_view name) const {
        const auto node = member(object, name);
        if (!node) {
            return std::nullopt;
        }
        std::int64_t value = 0;
        const std::string_view digits =
            m_document.kind(*node) == NodeKind::number ? m_document.text(*node) : "";
        const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), value);
        if (digits.empty() || result.ec != std::errc() || result.ptr != digits.data() + digits.size()) {
            fail("the member \"" + std::string(name) + "\" is not an integer");
        }
        return value;
    }
    bool flag(Index object, std::string_view name, bool assumed = false) const {
        const auto node = member(object, name);
        return node ? m_document.kind(*node) == NodeKind::true_literal : assumed;
    }
    template <typename Visit>
    void each(Index object, std::string_view name, const Visit& visit) const {
        const auto list = member(object, name);
        if (!list) {
            return;
        }
        if (m_document.kind(*list) != NodeKind::array) {
            fail("the member \"" + std::string(name) + "\" is not an array");
        }
        for (Index item = m_document.first_child(*list); item != m_document.end(*list);
             item = m_document.end(item)) {
            visit(item);
        }
    }
    std::vector<std::string> texts(Index object, std::string_view name) const {
        std::vector<std::string> out;
        each(object, name, [&](Index item) { out.emplace_back(m_document.text(item)); });
        return out;
    }
    std::map<std::string, std::string> properties(Index object) const {
        std::map<std::string, std::string> out;
        if (const auto node = member(object, "properties")) {
            for (Index key = m_document.first_child(*node); key != m_document.end(*node);
                 key = m_document.end(key + 1)) {
                out.emplace(m_document.text(key), m_document.text(key + 1));
            }
        }
        return out;
    }
    QualifiedName qualified(Index object, std::string_view name) const {
        const Index node = required(object, name);
        return {text(node, "schema"), text(node, "name")};
    }

  protected:
    const Document& m_document;
    std::string m_name;
};

}  // namespace migrate::backends::json
