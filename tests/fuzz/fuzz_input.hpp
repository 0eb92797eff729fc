#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <iostream>
#include <string_view>

#include <migrate/error.hpp>

namespace migrate::fuzz {

/// The bytes that a fuzzer made up: some choices from the front, then a text.
class Input {
  public:
    Input(const std::uint8_t* data, std::size_t size) : m_rest(reinterpret_cast<const char*>(data), size) {}

    /// 0 where there is nothing left.
    std::uint8_t byte() {
        if (m_rest.empty()) {
            return 0;
        }
        const auto value = static_cast<std::uint8_t>(m_rest.front());
        m_rest.remove_prefix(1);
        return value;
    }
    std::string_view take(std::size_t size) {
        const std::string_view taken = m_rest.substr(0, size);
        m_rest.remove_prefix(taken.size());
        return taken;
    }
    std::string_view rest() const { return m_rest; }

  private:
    std::string_view m_rest;
};

/// Ends the process, so that the fuzzer keeps the input, where a property does not hold.
inline void require(bool holds, std::string_view property) {
    if (!holds) {
        std::cerr << "does not hold: " << property << '\n';
        std::abort();
    }
}

/// Runs what may refuse its input. True if it did not. A refusal is an Error with a message that is no
/// admission of a bug; every other exception leaves, which the fuzzer reports.
template <class Function>
bool accepts(const Function& function) {
    try {
        function();
        return true;
    } catch (const Error& error) {
        require(error.code() != ErrorCode::internal, "what is refused is no bug of the library");
        require(error.what()[0] != '\0', "what is refused is refused with a message");
        return false;
    }
}

}  // namespace migrate::fuzz
