#include <algorithm>
#include <array>

#include "property/database_case.hpp"
#include "property/random_text.hpp"

namespace migrate::property {
namespace {

/// A document's member, of one shape for most records.
struct Member {
    std::string key;  ///< A JSON string in quotes.
    int shape = 0;
};

class DocumentGenerator {
  public:
    explicit DocumentGenerator(std::uint64_t seed) : m_random(seed) { m_case.seed = seed; }

    DocumentCase run() {
        const auto count = m_random.between(1, 3);
        for (std::int64_t i = 0; i < count; ++i) {
            DocumentFile file;
            RandomText text(m_random);
            file.name = text.word() + std::to_string(i) + (m_random.chance(50) ? ".json" : ".ndjson");
            const auto members = some_members(m_random.between(1, 7), 2);
            const auto records = m_random.between(1, 8);
            for (std::int64_t r = 0; r < records; ++r) {
                // A record of a collection may be something else altogether.
                file.records.push_back(m_random.chance(2) ? text.json(2) : object(members, 2));
            }
            m_case.files.push_back(std::move(file));
        }
        return std::move(m_case);
    }

  private:
    std::vector<Member> some_members(std::int64_t count, int depth) {
        constexpr std::array odd = {"\"\"",           "\"a.b\"",     "\"A\"",     "\"a\"",      "\"_id\"",
                                    "\"id\"",         "\"q\\\"q\"",  "\"n\\nl\"", "\"a__b\"",   "\"ä\"",
                                    "\"🦜\"",       "\"rowid\"",   "\"ctid\"",  "\"_index\"", "\"value\"",
                                    "\"_parent_id\"", "\"\\u0000\"", "\"$json\"", "\"key\""};
        RandomText text(m_random);
        std::vector<Member> members;
        for (std::int64_t i = 0; i < count; ++i) {
            std::string key =
                m_random.chance(25) ? std::string(m_random.pick(odd))
                : m_random.chance(10)
                    ? "\"" + std::string(static_cast<std::size_t>(m_random.between(60, 90)), 'k') + "\""
                    : "\"" + text.word() + "\"";
            const bool taken =
                std::any_of(members.begin(), members.end(), [&](const Member& m) { return m.key == key; });
            if (!taken) {
                members.push_back(
                    {std::move(key), static_cast<int>(m_random.between(0, depth > 0 ? 12 : 8))});
            }
        }
        return members;
    }

    std::string object(const std::vector<Member>& members, int depth) {
        std::string list;
        std::vector<Member> order = members;
        if (m_random.chance(15) && order.size() > 1) {
            std::swap(order.front(), order.back());
        }
        for (const Member& member : order) {
            if (m_random.chance(10)) {
                continue;  // Missing, which is not null.
            }
            list += (list.empty() ? "" : ", ") + member.key + ": " +
                    (m_random.chance(8)   ? "null"
                     : m_random.chance(4) ? RandomText(m_random).json(1)
                                          : value(member, depth));
        }
        return "{" + list + "}";
    }

    std::string value(const Member& member, int depth) {
        RandomText text(m_random);
        switch (member.shape) {
            case 0:
                return std::to_string(m_random.between(-100, 100));
            case 1:
                return text.json_number();
            case 2:
            case 3:
                return text.json_string();
            case 4:
                return m_random.chance(50) ? "true" : "false";
            case 5:
                return "\"" + text.uuid(false) + "\"";
            case 6:
                return "\"" + text.date() + "T" + text.clock(0) + "Z\"";
            case 7:
                return "\"" + text.date() + "\"";
            case 8:
                return std::to_string(m_random.between(0, 99)) + "." + m_random.digits(2);
            case 9:
                return scalars(text);
            case 10:
                return text.json(2);
            default:
                return nested(member, depth);
        }
    }

    std::string scalars(RandomText& text) {
        std::string list;
        const bool numbers = m_random.chance(50);
        for (auto i = m_random.between(0, 3); i > 0; --i) {
            list += (list.empty() ? "" : ", ") + (numbers ? text.json_number() : text.json_string());
        }
        return "[" + list + "]";
    }

    /// Objects under one key are of one shape, told by the key.
    std::string nested(const Member& member, int depth) {
        std::vector<Member> inner;
        for (std::size_t i = 0; i < 3; ++i) {
            inner.push_back(
                {"\"m" + std::to_string(i) + "\"", static_cast<int>((member.key.size() + i * 3) % 9)});
        }
        if (member.shape == 11) {
            return object(inner, depth - 1);
        }
        std::string list;
        for (auto i = m_random.between(0, 3); i > 0; --i) {
            list += (list.empty() ? "" : ", ") + object(inner, depth - 1);
        }
        return "[" + list + "]";
    }

    test::Random m_random;
    DocumentCase m_case;
};

}  // namespace

DocumentCase random_document_case(std::uint64_t seed) {
    return DocumentGenerator(seed).run();
}

}  // namespace migrate::property
