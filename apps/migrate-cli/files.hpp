#pragma once

#include <cstddef>
#include <string>

namespace migrate::cli {

/// The whole of a regular file. Throws: Error{not_found, permission, usage, io}; `what` names it in messages
/// ("configuration file").
std::string read_file(const std::string& path, const std::string& what);

/// Writes a file that only its owner can read, at once: a reader sees the old text or the new one. An
/// existing file keeps its mode. Throws: Error{permission, resource, io}.
void write_file(const std::string& path, const std::string& text, const std::string& what);

/// A file that only its owner can read, written piece by piece under a temporary name beside its own; nothing
/// is left of it unless finish() is called.
class NewFile {
  public:
    /// `replace`: a file of that name may be there, and gives way. Throws: Error{usage} where the name is
    /// taken; Error{not_found, permission, io…}.
    NewFile(std::string path, std::string what, bool replace = false);
    ~NewFile();
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;
    void write(const std::string& text);
    /// Durable, and of its name, on return. Throws: as the constructor, also for a name taken meanwhile.
    void finish();

  private:
    [[noreturn]] void fail_taken() const;

    std::string m_path;
    std::string m_temporary;
    std::string m_what;
    bool m_replace;
    int m_descriptor = -1;
    bool m_finished = false;
};

bool file_exists(const std::string& path);
/// True where group or others can read the file.
bool readable_by_others(const std::string& path);
/// $XDG_STATE_HOME/migrate or what stands for it; likewise $XDG_CONFIG_HOME/migrate. Empty where neither the
/// variable nor a home directory is known.
std::string state_directory();
std::string configuration_directory();
/// A leading "~/" replaced by the home directory.
std::string expand_home(const std::string& path);

}  // namespace migrate::cli
