#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <migrate/chunk.hpp>

namespace migrate::backends::json {

/// A checkpoint as it stands in a staging directory: beside what the engine records, how far the table's file
/// and the dead letters went when the chunk was committed, so that what a cut-off chunk left behind can be
/// taken off.
struct CheckpointFile {
    Checkpoint checkpoint;
    std::string file;                     ///< Name of the table's file.
    std::uint64_t size = 0;               ///< Bytes of it that are committed.
    std::string hash;                     ///< XXH3-64 of those bytes, 16 hexadecimal digits.
    std::uint64_t dead_letters_size = 0;  ///< Bytes.
};

std::string render_checkpoint(const CheckpointFile& checkpoint);
/// Throws: Error{corrupt} for what is not as it was written.
CheckpointFile parse_checkpoint(std::string_view text, const std::string& name);

/// "t3-c0.json"
std::string checkpoint_name(std::size_t table, const Chunk& chunk);

}  // namespace migrate::backends::json
