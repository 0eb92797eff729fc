#pragma once

#include <string>
#include <string_view>

namespace migrate::report {

class ReportKey;

/// A JSON object whose last member, on a line of its own, is the signature of all bytes before that line:
///     "signature": {"algorithm": "ed25519", "public_key": "…", "value": "…"}}
/// or, where nobody signed it,
///     "signature": null}
/// `object` is a JSON object of at least one member. `key` may be null.
std::string add_signature(std::string object, const ReportKey* key);

/// What the last line of such a text says.
struct SignatureLine {
    std::string_view signed_bytes;
    bool is_signed = false;
    std::string public_key;  ///< Empty where it is not signed.
    std::string signature;
};

/// False where the text does not end as add_signature() has it end, to the last byte.
bool read_signature(std::string_view text, SignatureLine& line);

/// What is signed: the bytes, and before them what they are meant for.
std::string meant_as_report(std::string_view bytes);

}  // namespace migrate::report
