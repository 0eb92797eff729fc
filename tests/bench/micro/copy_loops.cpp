#include <string>
#include <vector>

#include "backends/postgresql/copy_decoder.hpp"
#include "backends/postgresql/copy_encoder.hpp"
#include "bench/micro/loops.hpp"
#include "bench/micro/sample.hpp"
#include "model/value_text.hpp"
#include "util/byte_order.hpp"

/// Rows to the bytes of COPY, and back.
namespace migrate::bench {
namespace {

using backends::postgresql::ColumnDecoding;
using backends::postgresql::CopyDecoder;
using backends::postgresql::CopyEncoder;
using benchmark::State;

constexpr std::string_view k_header("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0", 19);

void encode(State& state, const SampleKind& kind) {
    const RowBatch batch = sample_of(kind);
    CopyEncoder encoder({backends::postgresql::encoding_of("c", kind.physical, kind.type)});
    std::string out;
    for (auto _ : state) {
        out.clear();
        for (std::size_t row = 0; row < k_rows; ++row) {
            encoder.append_row(batch, row, out);
        }
        benchmark::DoNotOptimize(out.data());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * k_rows));
}

std::string escaped(const std::string& text) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || c == '\n' || c == '\r' || c == '\t') {
            out += '\\';
        }
        out += c;
    }
    return out;
}

std::string text_row(const RowBatch& batch, std::size_t row, const SampleKind& kind) {
    return batch.columns[0].is_null(row) ? "\\N\n"
                                         : escaped(naive_text(batch.columns[0], row, kind.type)) + "\n";
}

void encode_text(State& state, const SampleKind& kind) {
    const RowBatch batch = sample_of(kind);
    std::string out;
    for (auto _ : state) {
        out.clear();
        for (std::size_t row = 0; row < k_rows; ++row) {
            out += text_row(batch, row, kind);
        }
        benchmark::DoNotOptimize(out.data());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * k_rows));
}

/// The messages of the server: a row each. What is not binary comes as text in a binary frame.
std::vector<std::string> messages_of(const RowBatch& batch, const SampleKind& kind) {
    CopyEncoder encoder({backends::postgresql::encoding_of("c", kind.physical, kind.type)});
    std::vector<std::string> messages;
    for (std::size_t row = 0; row < k_rows; ++row) {
        std::string& message = messages.emplace_back();
        if (encoder.binary()) {
            encoder.append_row(batch, row, message);
            continue;
        }
        util::append_big(message, std::uint16_t{1});
        if (batch.columns[0].is_null(row)) {
            util::append_big(message, std::uint32_t{0xFFFFFFFF});
            continue;
        }
        const std::string text = naive_text(batch.columns[0], row, kind.type);
        util::append_big(message, static_cast<std::uint32_t>(text.size()));
        message += text;
    }
    return messages;
}

void decode(State& state, const SampleKind& kind) {
    const std::vector<std::string> messages = messages_of(sample_of(kind), kind);
    CopyDecoder decoder({backends::postgresql::decoding_of("c", kind.physical, kind.type)});
    RowBatch batch;
    batch.reset({kind.type.kind});
    decoder.decode(k_header, batch);
    for (auto _ : state) {
        batch.clear();
        for (const std::string& message : messages) {
            decoder.decode(message, batch);
        }
        benchmark::DoNotOptimize(batch.columns.data());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * k_rows));
}

std::string unescaped(const std::string& line) {
    std::string out;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (line[i] == '\\' && i + 1 < line.size()) {
            ++i;
        }
        out += line[i];
    }
    return out;
}

void append_naively(const std::string& text, const LogicalType& type, ColumnVector& out) {
    switch (type.kind) {
        case TypeKind::int16:
        case TypeKind::int32:
        case TypeKind::int64:
            return out.append_fixed(std::stoll(text));
        case TypeKind::float32:
            return out.append_float32(std::stof(text));
        case TypeKind::float64:
            return out.append_float64(std::stod(text));
        case TypeKind::variant:
        case TypeKind::bytes:
            return out.append_bytes(text);
        default:
            benchmark::DoNotOptimize(model::append_from_text(out, type, text));
    }
}

void decode_text(State& state, const SampleKind& kind) {
    const RowBatch sample = sample_of(kind);
    std::vector<std::string> lines;
    for (std::size_t row = 0; row < k_rows; ++row) {
        lines.push_back(text_row(sample, row, kind));
        lines.back().pop_back();
    }
    RowBatch batch;
    batch.reset({kind.type.kind});
    for (auto _ : state) {
        batch.clear();
        for (const std::string& line : lines) {
            if (line == "\\N") {
                batch.columns[0].append_null();
            } else {
                append_naively(unescaped(line), kind.type, batch.columns[0]);
            }
        }
        benchmark::DoNotOptimize(batch.columns.data());
    }
    state.SetItemsProcessed(static_cast<std::int64_t>(state.iterations() * k_rows));
}

}  // namespace

void add_copy_loops() {
    for (const SampleKind& kind : sample_kinds()) {
        add_pair(
            "COPY encode/" + std::string(kind.name), "text COPY, a string a value",
            [&kind](State& state) { encode(state, kind); },
            [&kind](State& state) { encode_text(state, kind); });
    }
    for (const SampleKind& kind : sample_kinds()) {
        add_pair(
            "COPY decode/" + std::string(kind.name), "text COPY, a string a value",
            [&kind](State& state) { decode(state, kind); },
            [&kind](State& state) { decode_text(state, kind); });
    }
}

}  // namespace migrate::bench
