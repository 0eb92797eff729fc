#include "migrator/bottleneck.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string>
#include <utility>

#include "util/human.hpp"

namespace migrate {
namespace {

using std::chrono::milliseconds;

/// A shorter run says more of its beginning and end than of its work.
constexpr milliseconds k_long_enough{1000};

StageTime time_of(const MigrationResult& result, Stage stage) {
    const auto found = std::find_if(result.stages.begin(), result.stages.end(),
                                    [&](const StageTime& time) { return time.stage == stage; });
    return found == result.stages.end() ? StageTime{stage, 0, {}, {}} : *found;
}

/// The stages that one thread goes through with each batch, one of which it waits in.
struct Side {
    std::span<const Stage> stages;
    Stage waits_in;
};
constexpr std::array k_reader_stages{Stage::read, Stage::map};
constexpr std::array k_writer_stages{Stage::encode, Stage::send, Stage::target};
constexpr Side k_readers{k_reader_stages, Stage::read};
constexpr Side k_writers{k_writer_stages, Stage::encode};

/// The part of its threads' time in which a side works.
double busy_share(const MigrationResult& result, const Side& side) {
    milliseconds busy{0};
    for (const Stage stage : side.stages) {
        busy += time_of(result, stage).busy;
    }
    const auto all = static_cast<double>((busy + time_of(result, side.waits_in).waiting).count());
    return all > 0 ? static_cast<double>(busy.count()) / all : 0;
}

Stage slowest_of_load(const MigrationResult& result) {
    // Whoever waits is not what the load waits for.
    const Side& side = busy_share(result, k_readers) > busy_share(result, k_writers) ? k_readers : k_writers;
    return *std::max_element(side.stages.begin(), side.stages.end(), [&](Stage a, Stage b) {
        return time_of(result, a).busy < time_of(result, b).busy;
    });
}

/// Phases that are no stages of the data's way, with what could be done.
struct OtherPhase {
    Phase phase;
    const char* work;
    const char* next_step;
};
constexpr std::array k_other_phases{
    OtherPhase{Phase::plan, "reading the source for its plan again",
               "a plan that was made of the same state of the source is taken as it is"},
    OtherPhase{Phase::backup, "backing source and target up",
               "--source-backup never and --target-backup never leave that out"},
    OtherPhase{Phase::cutover, "the cutover",
               "rows that go into tables which exist are merged in that step; others that use these tables "
               "make it wait"},
};

using PhaseTime = std::pair<Phase, milliseconds>;

Bottleneck told(const MigrationResult& result, const PhaseTime& longest, std::string_view where,
                std::string_view work, std::string_view next_step) {
    return {std::string(where),
            std::string(work) + " took most of the time (" + std::string(to_string(longest.first)) + ": " +
                util::human_duration(longest.second) + " of " + util::human_duration(result.duration) + ")",
            std::string(next_step)};
}

Bottleneck told(const MigrationResult& result, const PhaseTime& longest, Stage stage,
                const backend::Backend& engine) {
    if (stage == Stage::map) {
        return told(result, longest, to_string(stage), "converting and digesting the rows",
                    "more --workers take more processors; simpler expressions in a mapping take less");
    }
    const backend::StageAdvice advice = engine.advice_on(stage);
    return told(result, longest, to_string(stage), advice.work.empty() ? to_string(stage) : advice.work,
                advice.next_step);
}

/// True where the threads that could have read, built or compared were held back for longer than they did.
bool is_held_back(const MigrationResult& result) {
    milliseconds others = time_of(result, Stage::read).waiting;
    for (const Stage stage : {Stage::read, Stage::map, Stage::index, Stage::verify}) {
        others += time_of(result, stage).busy;
    }
    return time_of(result, Stage::held).waiting > others;
}

}  // namespace

std::optional<Bottleneck> find_bottleneck(const MigrationResult& result, const backend::Backend& from,
                                          const backend::Backend& to) {
    if (result.duration < k_long_enough || result.phases.empty()) {
        return std::nullopt;
    }
    if (is_held_back(result)) {
        return Bottleneck{std::string(to_string(Stage::held)),
                          "what was asked for, --max-rate or a pause, held the run back most of the time",
                          "a higher rate, or none, makes it faster"};
    }
    const auto longest = std::max_element(result.phases.begin(), result.phases.end(),
                                          [](const auto& a, const auto& b) { return a.second < b.second; });
    switch (longest->first) {
        case Phase::load: {
            const Stage slowest = slowest_of_load(result);
            return told(result, *longest, slowest, slowest == Stage::read ? from : to);
        }
        case Phase::build:
            return told(result, *longest, Stage::index, to);
        case Phase::verify:
            return told(result, *longest, Stage::verify, to);
        default:
            break;
    }
    for (const OtherPhase& other : k_other_phases) {
        if (other.phase == longest->first) {
            return told(result, *longest, to_string(other.phase), other.work, other.next_step);
        }
    }
    return std::nullopt;
}

}  // namespace migrate
