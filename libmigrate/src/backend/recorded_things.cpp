#include "backend/recorded_things.hpp"

#include <array>

#include "util/hash.hpp"

namespace migrate::backend {
namespace {

constexpr std::array k_kinds{k_catalog, k_sequences, k_privileges};
constexpr std::size_t k_digest_digits = 32;

using Key = Things::key_type;

const std::string* find(const Things& things, const Key& key) {
    const auto found = things.find(key);
    return found == things.end() ? nullptr : &found->second;
}

bool same(const std::string* a, const std::string* b) {
    return (a == nullptr) == (b == nullptr) && (a == nullptr || *a == *b);
}

std::string digest_of(const Things& things, const char* kind) {
    std::string text;
    for (const auto& [key, value] : things) {
        if (key.first == kind) {
            text += key.second + '\0' + value + '\0';
        }
    }
    return util::sha256_hex(text).substr(0, k_digest_digits);
}

std::uint64_t count_of(const Things& things, const char* kind) {
    std::uint64_t count = 0;
    for (const auto& [key, value] : things) {
        count += key.first == kind ? 1 : 0;
    }
    return count;
}

Finding changed_since(const Key& key) {
    return {Severity::risk,
            key.first + "-changed-since",
            key.second,
            "was changed by others since the migration, and stays as they left it",
            {},
            0};
}

}  // namespace

std::vector<RollbackProof> expected_proofs(const Things& before) {
    std::vector<RollbackProof> proofs;
    for (const char* kind : k_kinds) {
        proofs.push_back({kind, count_of(before, kind), digest_of(before, kind), {}, false});
    }
    return proofs;
}

ThingsProof compare_things(const RecordedThings& recorded, const Things& now, const Things& restored) {
    ThingsProof result;
    Things all = recorded.before;
    all.insert(recorded.after.begin(), recorded.after.end());
    Things before;
    Things after;
    for (const auto& [key, text] : all) {
        const std::string* const was = find(recorded.before, key);
        const std::string* const left = find(recorded.after, key);
        const std::string* const is = find(restored, key);
        if (!same(find(now, key), left) && !same(was, is)) {
            // What the migration had not touched is nobody's concern here.
            if (!same(was, left)) {
                result.findings.push_back(changed_since(key));
            }
            continue;
        }
        if (was != nullptr) {
            before[key] = *was;
        }
        if (is != nullptr) {
            after[key] = *is;
        }
        if (!same(was, is)) {
            result.different.push_back(key.second);
        }
    }
    for (const auto& [key, text] : restored) {
        // Nobody had it, and the rollback has made it.
        if (!all.contains(key) && !now.contains(key)) {
            after[key] = text;
            result.different.push_back(key.second);
        }
    }
    for (const char* kind : k_kinds) {
        RollbackProof proof{kind, count_of(before, kind), digest_of(before, kind), digest_of(after, kind),
                            false};
        proof.proven = proof.digest_before == proof.digest_restored;
        result.proofs.push_back(std::move(proof));
    }
    return result;
}

}  // namespace migrate::backend
