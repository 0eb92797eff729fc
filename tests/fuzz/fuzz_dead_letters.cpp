#include <string>
#include <vector>

#include <migrate/dead_letter.hpp>

#include "fuzz/fuzz_input.hpp"

using namespace migrate;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    std::vector<DeadLetter> letters;
    const std::string text(fuzz::Input(data, size).rest());
    if (!fuzz::accepts([&] { letters = parse_dead_letters(text); })) {
        return 0;
    }
    for (const DeadLetter& letter : letters) {
        const std::string line = render_json(letter);
        fuzz::require(line.find('\n') == std::string::npos, "a letter is one line");
        const std::vector<DeadLetter> back = parse_dead_letters(line);
        fuzz::require(back.size() == 1 && render_json(back[0]) == line, "a letter is read as it was written");
    }
    return 0;
}
