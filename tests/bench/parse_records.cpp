#include <array>
#include <cstdio>
#include <memory>
#include <stdexcept>

#include <rapidjson/filereadstream.h>
#include <rapidjson/reader.h>

#include "bench/generator.hpp"

namespace migrate::bench {
namespace {

/// Takes every value and keeps nothing.
struct Ignore : rapidjson::BaseReaderHandler<rapidjson::UTF8<>, Ignore> {};

struct FileCloser {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};

}  // namespace

std::uint64_t parse_records(const std::string& path) {
    const std::unique_ptr<std::FILE, FileCloser> file(std::fopen(path.c_str(), "rb"));
    if (file == nullptr) {
        throw std::runtime_error("cannot open " + path);
    }
    std::array<char, 256UL * 1024> buffer{};
    rapidjson::FileReadStream stream(file.get(), buffer.data(), buffer.size());
    rapidjson::Reader reader;
    Ignore ignore;
    std::uint64_t records = 0;
    while (true) {
        rapidjson::SkipWhitespace(stream);
        if (stream.Peek() == '\0') {
            return records;
        }
        if (!reader.Parse<rapidjson::kParseStopWhenDoneFlag>(stream, ignore)) {
            throw std::runtime_error(path + " is not JSON at byte " +
                                     std::to_string(reader.GetErrorOffset()));
        }
        ++records;
    }
}

}  // namespace migrate::bench
