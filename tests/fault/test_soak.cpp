#include <array>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include <catch2/catch.hpp>

#include "fault/kill_trial.hpp"
#include "support/random.hpp"

/// Kills at random: see scripts/soak. A trial is made again by MIGRATE_TEST_SEED with the seed that was
/// printed, and MIGRATE_SOAK_TRIALS=1.
namespace migrate::test {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array k_engines{"sqlite", "postgresql", "json"};

std::uint64_t limit_of(const char* name, std::uint64_t otherwise) {
    const char* const text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

/// At a point of the code, the first or a later time that it is passed, or at any moment.
Kill random_kill(Random& random) {
    if (random.chance(35)) {
        return {"", std::chrono::milliseconds(random.between(1, random.chance(50) ? 60 : 400))};
    }
    const std::string point = random.pick(kill_points());
    const std::string name = point.substr(0, point.find(':'));
    return {name + ":" + std::to_string(random.chance(60) ? 1 : random.between(2, 14)), {}};
}

/// What was verified already is shown as it is; before that the target is what the source says by then.
bool is_in_load(const Kill& kill) {
    return kill.point.starts_with("chunk-") || kill.point.starts_with("loaded") ||
           kill.point.starts_with("build-step") || kill.point.starts_with("staging-begun");
}

class Soak {
  public:
    /// Returns how often a program was killed.
    std::uint64_t run(Random& random) {
        const std::string from = random.pick(k_engines);
        const std::string to = random.pick(k_engines);
        const unsigned scale = random.chance(15) ? 20 : 1;
        const bool with_other_data = random.chance(50);
        CAPTURE(random.seed(), from, to, scale, with_other_data);
        // Of its own, where it moves on while the migration is killed.
        const auto moving = scale == 1 && random.chance(25) ? KillSource::make(from) : nullptr;
        bool has_moved = false;
        CAPTURE(moving != nullptr);
        KillTrial trial(moving ? *moving : source(from, scale), to, with_other_data);
        std::uint64_t kills = 0;
        Kill kill = random_kill(random);
        bool was_killed = trial.begin(kill);
        while (was_killed) {
            ++kills;
            if (moving && !has_moved && is_in_load(kill)) {
                moving->change();
                has_moved = true;
            }
            kill = random.chance(70) ? random_kill(random) : Kill();
            was_killed = trial.go_on(kill);
        }
        if (random.chance(30)) {
            kills += static_cast<std::uint64_t>(trial.roll_back(random_rollback_kill(random)));
        }
        return kills;
    }

  private:
    static Kill random_rollback_kill(Random& random) {
        return random.chance(50) ? Kill{random.chance(50) ? "rollback-commit" : "rollback-committed", {}}
                                 : Kill{"", std::chrono::milliseconds(random.between(1, 120))};
    }

    const KillSource& source(const std::string& engine, unsigned scale) {
        auto& made = m_sources[{engine, scale}];
        if (!made) {
            made = KillSource::make(engine, scale);
        }
        return *made;
    }

    std::map<std::pair<std::string, unsigned>, std::unique_ptr<KillSource>> m_sources;
};

}  // namespace

TEST_CASE("soak: whatever is killed whenever, nothing is lost, doubled or altered", "[.][soak][postgresql]") {
    if (!pg_test_conninfo()) {
        return;
    }
    const std::uint64_t most_kills = limit_of("MIGRATE_SOAK_KILLS", 3600);
    const std::uint64_t most_trials = limit_of("MIGRATE_SOAK_TRIALS", UINT64_MAX);
    const auto end = Clock::now() + std::chrono::seconds(limit_of("MIGRATE_SOAK_SECONDS", 7200));
    const std::uint64_t seed = Random().seed();
    std::cout << "soak: seed " << seed << std::endl;
    Soak soak;
    std::uint64_t kills = 0;
    std::uint64_t trials = 0;
    while (kills < most_kills && trials < most_trials && Clock::now() < end) {
        // Each trial can be made again alone.
        Random random(seed + trials);
        kills += soak.run(random);
        if (++trials % 100 == 0) {
            std::cout << "soak: " << kills << " kills in " << trials << " migrations" << std::endl;
        }
    }
    std::cout << "soak: " << kills << " kills in " << trials << " migrations, nothing lost" << std::endl;
    CHECK(trials > 0);
}

}  // namespace migrate::test
