#include "backends/json/written_files.hpp"

#include <algorithm>
#include <array>

#include "backends/json/file_source.hpp"
#include "backends/json/member_reader.hpp"
#include "io/directory.hpp"
#include "util/hash.hpp"
#include "util/json_string.hpp"

namespace migrate::backends::json {

namespace {

class FileReader : private MemberReader {
  public:
    using MemberReader::MemberReader;

    WrittenFile read() const {
        const Index root = Document::k_root;
        return {text(root, "path"), static_cast<std::uint64_t>(number(root, "size").value_or(0)),
                text(root, "hash")};
    }
};

void add_files(const std::string& path, const std::string& relative, std::vector<WrittenFile>& files) {
    const bool is_link = io::is_symbolic_link(path);
    if (!is_link && io::kind_of(path) == io::PathKind::directory) {
        if (!relative.empty()) {
            files.push_back({relative + '/', 0, ""});
        }
        for (const std::string& name : io::list_directory(path)) {
            add_files(io::join(path, name), relative.empty() ? name : io::join(relative, name), files);
        }
    } else if (!is_link && io::kind_of(path) == io::PathKind::file) {
        files.push_back({relative, io::stamp_of(path).size, hash_of(path)});
    } else {
        files.push_back({relative, 0, ""});
    }
}

}  // namespace

std::string hash_of(const std::string& path, std::uint64_t first, std::uint64_t last) {
    FileSource source(path, first, last);
    std::array<char, std::size_t{1} << 16U> block{};
    util::Sha256 hash;
    while (const std::size_t got = source.read(block.data(), block.size())) {
        hash.update({block.data(), got});
    }
    return hash.finish_hex();
}

std::vector<WrittenFile> files_at(const std::string& path) {
    std::vector<WrittenFile> files;
    add_files(path, "", files);
    std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
    return files;
}

std::string render_written_files(const std::vector<WrittenFile>& files) {
    std::string out;
    for (const WrittenFile& file : files) {
        out += "{\"path\":";
        util::append_json_string(file.path, out);
        out += ",\"size\":" + std::to_string(file.size) + ",\"hash\":\"" + file.hash + "\"}\n";
    }
    return out;
}

std::vector<WrittenFile> parse_written_files(const std::string& text, const std::string& name) {
    TokenizerOptions options;
    options.sequence = true;
    ViewSource source(text);
    Tokenizer tokenizer(source, name, options);
    Document document;
    std::vector<WrittenFile> files;
    for (Token token = tokenizer.next(); token != Token::end; token = tokenizer.next()) {
        document.read(tokenizer, token);
        files.push_back(FileReader(document, name).read());
    }
    return files;
}

std::vector<std::string> differences(const std::vector<WrittenFile>& written,
                                     const std::vector<WrittenFile>& now) {
    const auto named = [](const WrittenFile& file) { return file.path.empty() ? "it" : file.path; };
    std::vector<std::string> out;
    auto before = written.begin();
    auto after = now.begin();
    while (before != written.end() || after != now.end()) {
        if (after == now.end() || (before != written.end() && before->path < after->path)) {
            out.push_back(named(*before++) + " is gone");
        } else if (before == written.end() || after->path < before->path) {
            out.push_back(named(*after++) + " is new");
        } else {
            if (*before != *after) {
                out.push_back(named(*before) + " was changed");
            }
            ++before;
            ++after;
        }
    }
    return out;
}

}  // namespace migrate::backends::json
