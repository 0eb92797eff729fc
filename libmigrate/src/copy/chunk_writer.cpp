#include "copy/chunk_writer.hpp"

#include <algorithm>
#include <utility>

#include "model/canonical.hpp"

namespace migrate::copy {
namespace {

/// So many rows of a chunk are taken out one at a time, which sends the rest of their batch once for each.
/// Past it a batch is halved until what fits is separated from what does not.
constexpr std::uint64_t k_one_by_one = 8;

/// True where taking rows out can help. A target that does not say which row it means refuses the batch.
bool is_about_rows(const Error& error) {
    return error.code() == ErrorCode::row || error.code() == ErrorCode::constraint;
}

void add_row(const RowBatch& batch, std::size_t row, Digest& digest) {
    std::string bytes;
    model::append_canonical_row(batch, row, bytes);
    model::digest_canonical_row(bytes, digest);
}

}  // namespace

void ChunkWriter::write(const RowBatch& batch) {
    m_ordinals.clear();
    m_letters.clear();
    take_rejects(batch);
    send(batch, {0, batch.row_count()});
    m_tally.rows += batch.row_count();
    m_tally.bytes += batch.byte_size();
    write_dead_letters();
}

void ChunkWriter::take_rejects(const RowBatch& batch) {
    for (const RejectedRow& reject : batch.rejects) {
        if (m_policy.handling == RejectHandling::stop) {
            throw_rejected(m_policy, reject);
        }
        note(reject);
    }
}

void ChunkWriter::send(const RowBatch& batch, Part part) {
    if (part.first == part.last) {
        return;
    }
    ErrorFacts refusal;
    std::string why;
    const bool whole = part.first == 0 && part.last == batch.row_count();
    if (!try_send(whole ? batch : batch.slice(part.first, part.last), refusal, why)) {
        settle(batch, part, refusal, why);
    }
}

bool ChunkWriter::try_send(const RowBatch& rows, ErrorFacts& refusal, std::string& why) {
    try {
        m_transaction.write(rows);
        return true;
    } catch (const Error& error) {
        if (!is_about_rows(error)) {
            throw;
        }
        refusal = error.facts();
        why = error.what();
        return false;
    }
}

void ChunkWriter::settle(const RowBatch& batch, Part part, const ErrorFacts& refusal,
                         const std::string& why) {
    const std::size_t rows = part.last - part.first;
    const bool named = refusal.row && *refusal.row < rows;
    if (m_policy.handling == RejectHandling::stop) {
        const std::size_t row = part.first + (named ? static_cast<std::size_t>(*refusal.row) : 0);
        if (!named && rows > 1) {
            throw Error(refusal, why);
        }
        refuse(batch, row, refusal, why);
    }
    const std::size_t middle = part.first + rows / 2;
    if (!named && rows > 1) {
        send(batch, {part.first, middle});
        send(batch, {middle, part.last});
        return;
    }
    const std::size_t bad = part.first + (named ? static_cast<std::size_t>(*refusal.row) : 0);
    send(batch, {part.first, bad});
    refuse(batch, bad, refusal, why);
    const std::size_t next = bad + 1;
    if (m_refused <= k_one_by_one) {
        send(batch, {next, part.last});
        return;
    }
    const std::size_t half = next + (part.last - next) / 2;
    send(batch, {next, half});
    send(batch, {half, part.last});
}

void ChunkWriter::refuse(const RowBatch& batch, std::size_t row, ErrorFacts refusal, std::string why) {
    if (m_ordinals.empty()) {
        m_ordinals = batch.ordinals();
    }
    RejectedRow reject;
    reject.ordinal = m_ordinals[row];
    reject.column = refusal.column;
    reject.reason = why;
    if (m_policy.handling == RejectHandling::stop) {
        throw_rejected(m_policy, reject);
    }
    reject.key = model::key_as_text(batch, row, m_policy.columns);
    reject.row = model::row_as_json(batch, row, m_policy.columns);
    ++m_refused;
    add_row(batch, row, m_removed);
    RowBatch alone = batch.slice(row, row + 1);
    std::string nulled;
    reject.kept = send_with_nulls(alone, refusal, why, nulled);
    if (reject.kept) {
        reject.column = nulled;
        add_row(alone, 0, m_replaced);
    } else {
        reject.column = refusal.column;
        reject.reason = why;
        --m_tally.rows;
    }
    note(std::move(reject));
}

/// True when the row was written after the values that the target named were made NULL.
bool ChunkWriter::send_with_nulls(RowBatch& row, ErrorFacts& refusal, std::string& why,
                                  std::string& columns) {
    while (true) {
        const auto named =
            std::find(m_policy.columns.names.begin(), m_policy.columns.names.end(), refusal.column);
        const auto column = static_cast<std::size_t>(named - m_policy.columns.names.begin());
        if (named == m_policy.columns.names.end() || !m_policy.may_be_null[column] ||
            row.columns[column].is_null(0)) {
            return false;
        }
        row.columns[column].set_null(0);
        columns += (columns.empty() ? "" : ", ") + *named;
        if (try_send(row, refusal, why)) {
            return true;
        }
    }
}

/// One row has one dead letter: what happened last decides, what the row was first is kept.
void ChunkWriter::note(RejectedRow reject) {
    const auto [at, is_new] = m_letters.try_emplace(reject.ordinal, reject);
    if (is_new) {
        return;
    }
    RejectedRow& known = at->second;
    if (known.kept && reject.kept) {
        known.column += ", " + reject.column;
    } else {
        known.column = reject.column;
        known.reason = reject.reason;
        known.kept = reject.kept;
    }
    known.key = known.key.empty() ? reject.key : known.key;
}

void ChunkWriter::write_dead_letters() {
    for (const auto& [ordinal, letter] : m_letters) {
        m_transaction.write_dead_letter(m_policy.target, letter);
        m_tally.reasons.add(letter);
        ++(letter.kept ? m_tally.nulled : m_tally.rejected);
    }
}

ChunkTally ChunkWriter::finish(const Digest& read) {
    m_tally.digest = read;
    m_tally.digest.subtract(m_removed);
    m_tally.digest.merge(m_replaced);
    return std::move(m_tally);
}

}  // namespace migrate::copy
