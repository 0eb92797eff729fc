#include <string>

#include "backends/postgresql/copy_decoder.hpp"
#include "fuzz/fuzz_input.hpp"
#include "model/canonical.hpp"
#include "model/value_text.hpp"

using namespace migrate;
using namespace migrate::backends::postgresql;

namespace {

struct Held {
    TypeOid oid;
    TypeKind kind;
};

constexpr Held k_held[] = {
    {TypeOid::boolean, TypeKind::boolean},     {TypeOid::int2, TypeKind::int16},
    {TypeOid::int4, TypeKind::int32},          {TypeOid::oid, TypeKind::int64},
    {TypeOid::int8, TypeKind::int64},          {TypeOid::float4, TypeKind::float32},
    {TypeOid::float8, TypeKind::float64},      {TypeOid::numeric, TypeKind::decimal},
    {TypeOid::text, TypeKind::text},           {TypeOid::bytea, TypeKind::bytes},
    {TypeOid::date, TypeKind::date},           {TypeOid::time, TypeKind::time},
    {TypeOid::timestamp, TypeKind::timestamp}, {TypeOid::timestamptz, TypeKind::timestamp_tz},
    {TypeOid::timetz, TypeKind::time_tz},      {TypeOid::interval, TypeKind::interval},
    {TypeOid::uuid, TypeKind::uuid},           {TypeOid::json, TypeKind::json},
    {TypeOid::json, TypeKind::variant},        {TypeOid::json, TypeKind::text},
    {TypeOid::jsonb, TypeKind::jsonb},         {TypeOid::money, TypeKind::decimal},
    {TypeOid::int8, TypeKind::decimal},        {TypeOid::text, TypeKind::timestamp_tz},
    {TypeOid::text, TypeKind::interval},       {TypeOid::text, TypeKind::uuid},
};

ColumnDecoding decoding(std::uint8_t choice) {
    const Held& held = k_held[choice % std::size(k_held)];
    PhysicalType physical;
    physical.oid = static_cast<std::uint32_t>(held.oid);
    physical.output = "pg_catalog.out";
    return decoding_of("c", physical, held.kind);
}

// Whatever the decoder has let through can be written as text, if its kind has one, and be hashed.
void use(const CopyDecoder& decoder, const RowBatch& batch) {
    std::string out;
    for (std::size_t row = 0; row < batch.row_count(); ++row) {
        model::append_canonical_row(batch, row, out);
        for (std::size_t c = 0; c < batch.columns.size(); ++c) {
            if (!batch.columns[c].is_null(row) && batch.columns[c].kind() != TypeKind::variant) {
                model::append_text(batch.columns[c], row, decoder.columns()[c].type, out);
            }
        }
    }
}

}  // namespace

// A count of columns, their types, a header's presence, then messages, each with a byte of length before it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace std::string_literals;
    fuzz::Input input(data, size);
    std::vector<ColumnDecoding> columns(input.byte() % 4U + 1U);
    std::vector<TypeKind> kinds;
    for (ColumnDecoding& column : columns) {
        column = decoding(input.byte());
        kinds.push_back(column.type.kind);
    }
    CopyDecoder decoder(std::move(columns));
    RowBatch batch;
    batch.reset(kinds);
    fuzz::accepts([&] {
        if (input.byte() % 2 == 0) {
            decoder.decode("PGCOPY\n\377\r\n\0\0\0\0\0\0\0\0\0"s, batch);
        }
        while (!input.rest().empty()) {
            const std::size_t length = input.byte();
            if (!decoder.decode(input.take(length), batch)) {
                break;
            }
        }
        use(decoder, batch);
    });
    return 0;
}
