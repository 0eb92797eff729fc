#include "fuzz/fuzz_expression.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const migrate::fuzz::Input input(data, size);
    migrate::fuzz::check_expression(input.rest(), migrate::Dialect::postgresql);
    return 0;
}
