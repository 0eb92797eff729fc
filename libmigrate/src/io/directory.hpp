#pragma once

#include <string>
#include <vector>

#include "io/file.hpp"

namespace migrate::io {

enum class PathKind : unsigned char { absent, file, directory, other };

/// What a path leads to; symbolic links are followed.
PathKind kind_of(const std::string& path);
/// True when something has this name, a dangling symbolic link included.
bool name_taken(const std::string& path);
bool is_symbolic_link(const std::string& path);
/// A directory (no link to one) of this user's, of mode 0700: nobody else can have put anything into it.
bool is_private_directory(const std::string& path);

/// "a/b" of "a/b/c" and of "a/b/c/"; "." where there is none.
std::string parent_of(const std::string& path);
/// "c" of "a/b/c" and of "a/b/c/"; for "." and ".." and "/" the name of the directory they lead to.
std::string name_of(const std::string& path);
std::string join(const std::string& directory, const std::string& name);
/// Without slashes at the end.
std::string trim_slashes(const std::string& path);

/// A regular file below a directory.
struct FoundFile {
    std::string path;                   ///< To open it.
    std::vector<std::string> relative;  ///< The parts of its path below the directory.
};

/// Something below a directory that is passed over.
struct PassedOver {
    enum class Why : unsigned char {
        hidden,            ///< Its name begins with a dot.
        linked_directory,  ///< A symbolic link to a directory.
        dangling_link,     ///< A symbolic link to nothing.
        no_file,           ///< A pipe, a socket or a device.
    };
    Why why = Why::hidden;
    std::string path;                   ///< To open it.
    std::vector<std::string> relative;  ///< As FoundFile.
};

/// Every regular file below a directory, in the byte order of their paths so that the same tree always gives
/// the same list. Names that begin with a dot are passed over; symbolic links to directories are not
/// followed. `passed_over`, if not null, is given what is not in the list; nothing below a directory that is
/// in it.
std::vector<FoundFile> walk_directory(const std::string& path,
                                      std::vector<PassedOver>* passed_over = nullptr);

/// The names in a directory, sorted, without "." and "..".
std::vector<std::string> list_directory(const std::string& path);

/// Mode 0700. Throws: Error{exists}.
void make_directory(const std::string& path);
/// The directory and every one on the way that is missing, mode 0700.
void make_directories(const std::string& path);
/// Makes the names in a directory durable.
void sync_directory(const std::string& path);
/// No error if it is not there.
void remove_file(const std::string& path);
/// A whole tree; symbolic links are removed, not followed. Returns the bytes its files had.
std::uint64_t remove_tree(const std::string& path);
/// A new name for the file, or a copy of it where links cannot be made; durable on return but for the
/// directory.
void link_or_copy(const std::string& from, const std::string& to);
/// Copies a file to a new one, durable on return but for the directory.
void copy_file(const std::string& from, const std::string& to);

/// Copies a file to `relative` below a directory, making the directories on the way.
void copy_into(const std::string& from, const std::string& directory, const std::string& relative);

/// Lets those read and write `to` who may do so with `from`; its group only where it can be the same one.
void take_access(const std::string& from, const std::string& to);

FileStamp stamp_of(const std::string& path);
/// May this user write into the directory?
bool is_writable_directory(const std::string& path);
/// Bytes that this user may still write on the file system of the path.
std::uint64_t free_space(const std::string& path);

}  // namespace migrate::io
