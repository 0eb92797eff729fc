#include "report/new_file.hpp"

#include "io/directory.hpp"
#include "io/file.hpp"

namespace migrate::report {

void write_new_file(const std::string& path, std::string_view text) {
    io::File file = io::File::create_new(path);
    try {
        file.write(text);
        file.sync();
        file.close();
        io::sync_directory(io::parent_of(path));
    } catch (...) {
        io::remove_file(path);
        throw;
    }
}

}  // namespace migrate::report
