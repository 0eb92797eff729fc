#include "backends/json/checkpoint_file.hpp"

#include <array>
#include <utility>

#include "backends/json/file_source.hpp"
#include "backends/json/json_text.hpp"
#include "backends/json/member_reader.hpp"
#include "util/json_seal.hpp"

namespace migrate::backends::json {

namespace {

constexpr std::array<std::pair<ChunkKind, std::string_view>, 4> k_chunk_kinds{{
    {ChunkKind::whole, "whole"},
    {ChunkKind::rowid_range, "rowid_range"},
    {ChunkKind::ctid_blocks, "ctid_blocks"},
    {ChunkKind::byte_range, "byte_range"},
}};

std::string_view name_of(ChunkKind kind) {
    for (const auto& [one, name] : k_chunk_kinds) {
        if (one == kind) {
            return name;
        }
    }
    return {};
}

class ObjectWriter {
  public:
    ObjectWriter& text(std::string_view name, std::string_view value) {
        key(name);
        append_quoted(value, m_out);
        return *this;
    }
    template <typename Integer>
    ObjectWriter& number(std::string_view name, Integer value) {
        key(name);
        m_out += std::to_string(value);
        return *this;
    }
    std::string finish() { return util::sealed_json(std::move(m_out) + "\n}\n"); }

  private:
    void key(std::string_view name) {
        m_out += m_out.empty() ? "{\n " : ",\n ";
        append_quoted(name, m_out);
        m_out += ": ";
    }
    std::string m_out;
};

class CheckpointReader : private MemberReader {
  public:
    using MemberReader::MemberReader;

    CheckpointFile read() const {
        const Index root = Document::k_root;
        CheckpointFile out;
        out.checkpoint.migration = text(root, "migration");
        out.checkpoint.table = {text(root, "schema"), text(root, "table")};
        out.checkpoint.chunk = read_chunk(root);
        out.checkpoint.rows = count(root, "rows");
        out.checkpoint.rejects = count(root, "rejects");
        out.checkpoint.digest = parse_digest(text(root, "digest"));
        out.checkpoint.nulled = count(root, "nulled");
        out.checkpoint.filtered = count(root, "filtered");
        out.file = text(root, "file");
        out.size = count(root, "size");
        out.hash = text(root, "hash");
        out.dead_letters_size = count(root, "dead_letters_size");
        return out;
    }

  private:
    std::uint64_t count(Index node, std::string_view name) const {
        return static_cast<std::uint64_t>(number(node, name).value_or(0));
    }
    Chunk read_chunk(Index node) const {
        Chunk chunk;
        const std::string kind = text(node, "chunk_kind");
        for (const auto& [one, name] : k_chunk_kinds) {
            if (name == kind) {
                chunk.kind = one;
            }
        }
        chunk.index = static_cast<std::uint32_t>(count(node, "chunk_index"));
        chunk.first = number(node, "chunk_first").value_or(0);
        chunk.last = number(node, "chunk_last").value_or(0);
        chunk.partition = text(node, "chunk_partition");
        chunk.row_estimate = count(node, "chunk_row_estimate");
        return chunk;
    }
};

}  // namespace

std::string render_checkpoint(const CheckpointFile& file) {
    const Checkpoint& one = file.checkpoint;
    return ObjectWriter()
        .text("migration", one.migration)
        .text("schema", one.table.schema)
        .text("table", one.table.name)
        .text("chunk_kind", name_of(one.chunk.kind))
        .number("chunk_index", one.chunk.index)
        .number("chunk_first", one.chunk.first)
        .number("chunk_last", one.chunk.last)
        .text("chunk_partition", one.chunk.partition)
        .number("chunk_row_estimate", one.chunk.row_estimate)
        .number("rows", static_cast<std::int64_t>(one.rows))  // below 0 where rows were taken out
        .number("rejects", one.rejects)
        .text("digest", to_string(one.digest))
        .number("nulled", one.nulled)
        .number("filtered", one.filtered)
        .text("file", file.file)
        .number("size", file.size)
        .text("hash", file.hash)
        .number("dead_letters_size", file.dead_letters_size)
        .finish();
}

CheckpointFile parse_checkpoint(std::string_view text, const std::string& name) try {
    ViewSource source(text);
    Tokenizer tokenizer(source, name);
    Document document;
    document.read(tokenizer, tokenizer.next());
    CheckpointFile file = CheckpointReader(document, name).read();
    if (!util::seal_holds(text)) {
        throw Error(ErrorCode::corrupt, name + ": it is not what was written: something in it was changed");
    }
    return file;
} catch (const Error& error) {
    // Nobody but this tool writes it: what does not parse is damaged.
    ErrorFacts facts = error.facts();
    facts.code = ErrorCode::corrupt;
    throw Error(std::move(facts), error.what());
}

std::string checkpoint_name(std::size_t table, const Chunk& chunk) {
    return "t" + std::to_string(table) + "-c" + std::to_string(chunk.index) + ".json";
}

}  // namespace migrate::backends::json
