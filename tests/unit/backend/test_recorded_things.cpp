#include <catch2/catch.hpp>

#include "backend/recorded_things.hpp"

namespace migrate::backend {
namespace {

const Things::key_type k_table{k_catalog, "table t"};
const Things::key_type k_view{k_catalog, "view v"};
const Things::key_type k_number{k_sequences, "t"};

bool all_proven(const ThingsProof& proof) {
    for (const RollbackProof& one : proof.proofs) {
        if (!one.proven) {
            return false;
        }
    }
    return true;
}

}  // namespace

TEST_CASE("recorded things: what is as before is proven, kind by kind", "[backend][rollback]") {
    const Things before{{k_table, "old"}, {k_number, "5"}};
    const Things after{{k_table, "new"}, {k_number, "9"}};
    const ThingsProof proof = compare_things({before, after}, after, before);
    CHECK(all_proven(proof));
    CHECK(proof.different.empty());
    CHECK(proof.findings.empty());
    REQUIRE(proof.proofs.size() == 3);
    CHECK(proof.proofs[0].what == "catalog");
    CHECK(proof.proofs[0].objects == 1);
    CHECK(proof.proofs[0].digest_before == expected_proofs(before)[0].digest_before);
    CHECK(proof.proofs[0].digest_before != expected_proofs(after)[0].digest_before);
}

TEST_CASE("recorded things: what is not as before though nobody else changed it is named",
          "[backend][rollback]") {
    const Things before{{k_table, "old"}, {k_number, "5"}};
    const Things after{{k_table, "new"}, {k_number, "9"}};
    const ThingsProof kept = compare_things({before, after}, after, {{k_table, "new"}, {k_number, "5"}});
    CHECK(kept.different == std::vector<std::string>{"table t"});
    CHECK_FALSE(kept.proofs[0].proven);
    CHECK(kept.proofs[1].proven);
    const ThingsProof gone = compare_things({before, after}, after, {{k_table, "old"}});
    CHECK(gone.different == std::vector<std::string>{"t"});
    // Nobody had it before, and the rollback has left it.
    const ThingsProof left = compare_things({before, {{k_table, "new"}, {k_number, "9"}, {k_view, "made"}}},
                                            {{k_table, "new"}, {k_number, "9"}, {k_view, "made"}},
                                            {{k_table, "old"}, {k_number, "5"}, {k_view, "made"}});
    CHECK(left.different == std::vector<std::string>{"view v"});
    const ThingsProof made =
        compare_things({before, after}, after, {{k_table, "old"}, {k_number, "5"}, {k_view, "made"}});
    CHECK(made.different == std::vector<std::string>{"view v"});
    CHECK_FALSE(made.proofs[0].proven);
}

TEST_CASE("recorded things: what others have changed since is no part of the proof", "[backend][rollback]") {
    const Things before{{k_table, "old"}, {k_view, "as it was"}};
    const Things after{{k_table, "new"}, {k_view, "as it was"}};
    // A view that the migration had not touched, and a table that it had.
    const ThingsProof view = compare_things({before, after}, {{k_table, "new"}, {k_view, "theirs"}},
                                            {{k_table, "old"}, {k_view, "theirs"}});
    CHECK(all_proven(view));
    CHECK(view.findings.empty());
    const ThingsProof table = compare_things({before, after}, {{k_table, "theirs"}, {k_view, "as it was"}},
                                             {{k_table, "theirs"}, {k_view, "as it was"}});
    CHECK(all_proven(table));
    REQUIRE(table.findings.size() == 1);
    CHECK(table.findings.front().code == "catalog-changed-since");
    // What others had changed and the rollback has put back all the same is as before.
    CHECK(all_proven(compare_things({before, after}, {{k_table, "theirs"}, {k_view, "as it was"}}, before)));
}

}  // namespace migrate::backend
