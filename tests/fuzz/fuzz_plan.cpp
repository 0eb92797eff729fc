#include <string>

#include <migrate/migration_plan.hpp>

#include "fuzz/fuzz_input.hpp"

using namespace migrate;

namespace {

void check_plan(const std::string& text) {
    MigrationPlan plan;
    if (fuzz::accepts([&] { plan = parse_plan(text); })) {
        const std::string rendered = render_json(plan);
        fuzz::require(render_json(parse_plan(rendered)) == rendered,
                      "a plan that was saved is read as it was");
        render_sql(plan);
        (void)plan.exit_code();
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    check_plan(std::string(fuzz::Input(data, size).rest()));
    return 0;
}
