#include "report/signed_text.hpp"

#include "report/report_key.hpp"
#include "util/hex.hpp"

namespace migrate::report {
namespace {

constexpr std::string_view k_unsigned_line = "\"signature\": null}\n";
constexpr std::string_view k_key_mark = "\"signature\": {\"algorithm\": \"ed25519\", \"public_key\": \"";
constexpr std::string_view k_value_mark = "\", \"value\": \"";
constexpr std::string_view k_end_mark = "\"}}\n";
constexpr std::size_t k_key_digits = 64;
constexpr std::size_t k_value_digits = 128;

std::string line_of(std::string_view public_key, std::string_view signature) {
    std::string line(k_key_mark);
    util::append_hex(public_key, line);
    line += k_value_mark;
    util::append_hex(signature, line);
    line += k_end_mark;
    return line;
}

}  // namespace

std::string meant_as_report(std::string_view bytes) {
    return "libmigrate run report 1\n" + std::string(bytes);
}

std::string add_signature(std::string object, const ReportKey* key) {
    object.resize(object.find_last_of('}'));
    object.resize(object.find_last_not_of(" \n") + 1);
    object += ",\n";
    if (key == nullptr) {
        return object + std::string(k_unsigned_line);
    }
    return object + line_of(key->public_key(), key->sign(meant_as_report(object)));
}

bool read_signature(std::string_view text, SignatureLine& line) {
    const std::size_t before = text.size() < 2 ? std::string_view::npos : text.rfind('\n', text.size() - 2);
    if (before == std::string_view::npos) {
        return false;
    }
    line.signed_bytes = text.substr(0, before + 1);
    const std::string_view last = text.substr(before + 1);
    if (last == k_unsigned_line) {
        return true;
    }
    const std::size_t size =
        k_key_mark.size() + k_key_digits + k_value_mark.size() + k_value_digits + k_end_mark.size();
    if (last.size() != size ||
        !util::read_hex(last.substr(k_key_mark.size(), k_key_digits), line.public_key) ||
        !util::read_hex(last.substr(k_key_mark.size() + k_key_digits + k_value_mark.size(), k_value_digits),
                        line.signature)) {
        return false;
    }
    line.is_signed = true;
    // In this spelling and no other: no byte can be another one.
    return last == line_of(line.public_key, line.signature);
}

}  // namespace migrate::report
