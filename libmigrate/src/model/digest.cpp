#include <charconv>
#include <cstdint>
#include <string>
#include <string_view>

#include <migrate/digest.hpp>
#include <migrate/error.hpp>

MIGRATE_NAMESPACE_BEGIN
namespace {

std::string_view name_of(DigestAlgorithm algorithm) {
    return algorithm == DigestAlgorithm::sha256 ? "sha256" : "xxh3";
}

void append_sum(unsigned __int128 sum, std::string& out) {
    constexpr char digits[] = "0123456789abcdef";
    out += ':';
    for (unsigned shift = 128; shift > 0; shift -= 4) {
        out += digits[static_cast<unsigned>(sum >> (shift - 4)) & 15U];
    }
}

[[noreturn]] void throw_malformed() {
    throw Error(ErrorCode::malformed, "a digest is not of the form ALGORITHM:ROWS:LOW:HIGH");
}

std::string_view take_field(std::string_view& text) {
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos) {
        throw_malformed();
    }
    const std::string_view field = text.substr(0, colon);
    text.remove_prefix(colon + 1);
    return field;
}

template <typename T>
T parse_number(std::string_view text, int base) {
    T value{};
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
    if (error != std::errc{} || end != text.data() + text.size()) {
        throw_malformed();
    }
    return value;
}

unsigned __int128 parse_sum(std::string_view text) {
    if (text.size() != 32) {
        throw_malformed();
    }
    const auto high = parse_number<std::uint64_t>(text.substr(0, 16), 16);
    const auto low = parse_number<std::uint64_t>(text.substr(16), 16);
    return static_cast<unsigned __int128>(high) << 64U | low;
}

}  // namespace

void Digest::agree_with(const Digest& other, const char* doing) {
    if (is_of_nothing()) {
        algorithm = other.algorithm;
    } else if (algorithm != other.algorithm && !other.is_of_nothing()) {
        throw Error(ErrorCode::internal, std::string("digests of different algorithms cannot be ") + doing);
    }
}

void Digest::merge(const Digest& other) {
    agree_with(other, "added");
    rows += other.rows;
    low += other.low;
    high += other.high;
}

void Digest::subtract(const Digest& other) {
    agree_with(other, "subtracted");
    rows -= other.rows;
    low -= other.low;
    high -= other.high;
}

std::string to_string(const Digest& digest) {
    std::string out(name_of(digest.algorithm));
    out += ':';
    out += std::to_string(digest.rows);
    append_sum(digest.low, out);
    append_sum(digest.high, out);
    return out;
}

Digest parse_digest(const std::string& text) {
    std::string_view rest = text;
    Digest digest;
    const std::string_view algorithm = take_field(rest);
    if (algorithm == "sha256") {
        digest.algorithm = DigestAlgorithm::sha256;
    } else if (algorithm != "xxh3") {
        throw_malformed();
    }
    digest.rows = parse_number<std::uint64_t>(take_field(rest), 10);
    digest.low = parse_sum(take_field(rest));
    digest.high = parse_sum(rest);
    return digest;
}

MIGRATE_NAMESPACE_END
