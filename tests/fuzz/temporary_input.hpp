#pragma once

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <unistd.h>

namespace migrate::fuzz {

/// One file, the same name for every input of this process, in memory where the system has a place for that.
class TemporaryInput {
  public:
    explicit TemporaryInput(const std::string& suffix) {
        const std::filesystem::path shared = "/dev/shm";
        const bool in_memory = std::filesystem::is_directory(shared);
        const std::filesystem::path folder = in_memory ? shared : std::filesystem::temp_directory_path();
        m_path = (folder / ("migrate-fuzz-" + std::to_string(getpid()) + suffix)).string();
    }
    TemporaryInput(const TemporaryInput&) = delete;
    TemporaryInput& operator=(const TemporaryInput&) = delete;
    ~TemporaryInput() { std::remove(m_path.c_str()); }

    const std::string& write(std::string_view content) {
        std::ofstream(m_path, std::ios::binary | std::ios::trunc)
            .write(content.data(), static_cast<std::streamsize>(content.size()));
        return m_path;
    }

  private:
    std::string m_path;
};

}  // namespace migrate::fuzz
