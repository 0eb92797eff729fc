#include "bench/micro/loops.hpp"

namespace migrate::bench {

void add_pair(const std::string& name, const std::string& what, std::function<void(benchmark::State&)> ours,
              std::function<void(benchmark::State&)> naive) {
    benchmark::RegisterBenchmark((name + "/ours").c_str(), std::move(ours));
    benchmark::RegisterBenchmark((name + "/naive").c_str(),
                                 [what, loop = std::move(naive)](benchmark::State& s) {
                                     loop(s);
                                     s.SetLabel(what);
                                 });
}

}  // namespace migrate::bench

int main(int argc, char** argv) {
    migrate::bench::add_copy_loops();
    migrate::bench::add_sqlite_loops();
    migrate::bench::add_digest_loops();
    migrate::bench::add_json_loops();
    migrate::bench::add_batch_loops();
    benchmark::Initialize(&argc, argv);
    if (benchmark::ReportUnrecognizedArguments(argc, argv)) {
        return 2;
    }
    return benchmark::RunSpecifiedBenchmarks() == 0 ? 1 : 0;
}
