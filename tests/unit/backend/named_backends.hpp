#pragma once

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string>
#include <vector>

#include "backend/registry.hpp"

namespace migrate::test {

/// An engine that only says what it recognises, for the tests of endpoint texts: a file whose first line is
/// its mark, or a name that ends as it claims.
class NamedBackend final : public backend::Backend {
  public:
    NamedBackend(std::string name, std::string mark, std::string ending,
                 std::optional<std::vector<std::string_view>> options)
        : m_name(std::move(name)),
          m_mark(std::move(mark)),
          m_ending(std::move(ending)),
          m_options(std::move(options)) {}

    [[nodiscard]] std::string_view name() const override { return m_name; }
    [[nodiscard]] const backend::Capabilities& capabilities() const override { return m_capabilities; }
    [[nodiscard]] bool recognises(const std::string& path) const override {
        std::ifstream file(path);
        std::string line;
        return std::filesystem::is_regular_file(path) && std::getline(file, line) && line == m_mark;
    }
    [[nodiscard]] bool claims_name(const std::string& path) const override {
        return path.ends_with(m_ending) && !m_ending.empty();
    }
    [[nodiscard]] std::optional<std::vector<std::string_view>> option_names() const override {
        return m_options;
    }
    std::unique_ptr<backend::Source> open_source(const Endpoint& /*endpoint*/,
                                                 const backend::OpenContext& /*context*/) const override {
        throw std::logic_error("not opened in these tests");
    }
    std::unique_ptr<backend::Target> open_target(const Endpoint& /*endpoint*/,
                                                 const backend::OpenContext& /*context*/) const override {
        throw std::logic_error("not opened in these tests");
    }

  private:
    std::string m_name;
    std::string m_mark;
    std::string m_ending;
    std::optional<std::vector<std::string_view>> m_options;
    backend::Capabilities m_capabilities;
};

/// sqlite (mark "S", names in .db), postgresql, json (mark "J", names in "/"); lenient takes any option.
inline const std::vector<backend::RegisteredBackend>& named_backends() {
    static const NamedBackend sqlite("sqlite", "S", ".db", std::vector<std::string_view>{});
    static const NamedBackend postgresql("postgresql", "", "", std::vector<std::string_view>{"schema"});
    static const NamedBackend json("json", "J", "/", std::vector<std::string_view>{"layout", "root"});
    static const NamedBackend lenient("lenient", "", ".lenient", std::nullopt);
    static const std::vector<backend::RegisteredBackend> backends = {
        {&sqlite, {"sqlite"}},
        {&postgresql, {"postgresql", "postgres", "pg"}},
        {&json, {"json"}},
        {&lenient, {"lenient"}}};
    return backends;
}

}  // namespace migrate::test
