#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace migrate::cli {

/// Writes one JSON document member by member. Names of members are stable: scripts read them.
class JsonDocument {
  public:
    /// Begins with the command's name and the exit code it ends with.
    JsonDocument(const std::string& command, int exit_code);
    ~JsonDocument();
    JsonDocument(const JsonDocument&) = delete;
    JsonDocument& operator=(const JsonDocument&) = delete;

    void begin_object(std::string_view name = {});  ///< Nameless inside an array.
    void end_object();
    void begin_array(std::string_view name);
    void end_array();

    void text(std::string_view name, std::string_view value);
    void number(std::string_view name, std::uint64_t value);
    void integer(std::string_view name, std::int64_t value);
    void boolean(std::string_view name, bool value);
    void null(std::string_view name);
    void milliseconds(std::string_view name, std::chrono::milliseconds value);
    void texts(std::string_view name, const std::vector<std::string>& values);

    /// Ends the document and gives its text, a line feed last.
    std::string finish();

  private:
    void key(std::string_view name);

    struct Impl;
    std::unique_ptr<Impl> m_impl;
};

}  // namespace migrate::cli
