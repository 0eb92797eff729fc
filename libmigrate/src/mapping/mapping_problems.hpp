#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <migrate/mapping_spec.hpp>

namespace migrate::mapping {

/// "m.yaml:12:5", or what is known of it.
std::string place_of(const MappingSpec& spec, const SourcePosition& at);

/// Collects what is wrong with a mapping, so that all of it is told at once.
class MappingProblems {
  public:
    explicit MappingProblems(const MappingSpec& spec) : m_spec(spec) {}

    void add(const SourcePosition& at, const std::string& message, const std::string& next_step = {});
    /// Inside a text: at the byte, where the text stands plainly in its file.
    void add(const MappingText& text, std::size_t offset, const std::string& message,
             const std::string& next_step = {});

    [[nodiscard]] bool any() const noexcept { return !m_lines.empty(); }
    /// Throws: Error{usage} with every problem on a line of its own, in the file's order, if there is any.
    void raise() const;

  private:
    struct Line {
        SourcePosition at;
        std::string text;
    };
    const MappingSpec& m_spec;
    std::vector<Line> m_lines;
};

}  // namespace migrate::mapping
