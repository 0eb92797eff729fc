#include <fstream>
#include <stdexcept>

#include "bench/generator.hpp"

namespace migrate::bench {
namespace {

constexpr std::string_view k_priorities[] = {"1-URGENT", "2-HIGH", "3-MEDIUM", "4-LOW", "5-NONE"};
constexpr std::size_t k_flush_bytes = 1UL << 20U;

void append_cents(std::int64_t cents, std::string& out) {
    const std::string digits = std::to_string(cents);
    const std::string padded = digits.size() < 3 ? std::string(3 - digits.size(), '0') + digits : digits;
    out.append(padded, 0, padded.size() - 2).append(".").append(padded, padded.size() - 2, 2);
}

void append_text(std::string_view name, std::string_view value, std::string& out) {
    out.append(",\"").append(name).append("\":\"").append(value).append("\"");
}

}  // namespace

void write_order_records(const std::string& path, std::int64_t records) {
    std::ofstream file(path, std::ios::binary);
    Random random(20'260'102);
    std::string out;
    for (std::int64_t i = 1; i <= records; ++i) {
        out += "{\"id\":" + std::to_string(i) + ",\"customer\":" + std::to_string(random.between(1, 75'000));
        append_text("status", i % 2 == 0 ? "F" : "O", out);
        out += ",\"total\":";
        append_cents(random.between(80'000, 50'000'000), out);
        append_text("ordered", date(random.between(0, 2283)), out);
        append_text("priority", pick(random, k_priorities), out);
        append_text("clerk", "Clerk#" + std::to_string(random.between(1, 1000)), out);
        out += ",\"ship_priority\":0,\"gift\":";
        out += random.next() % 8 == 0 ? "true" : "false";
        append_text("comment", words(random, 79), out);
        append_text("address", words(random, 60), out);
        out += "}\n";
        if (out.size() >= k_flush_bytes) {
            file << out;
            out.clear();
        }
    }
    file << out;
    file.close();
    if (!file) {
        throw std::runtime_error("could not write " + path);
    }
}

}  // namespace migrate::bench
