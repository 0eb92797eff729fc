#include "property/shrink.hpp"

#include <utility>

namespace migrate::property {
namespace {

constexpr int k_most_trials = 200;

template <typename Case>
class Shrinker {
  public:
    Shrinker(Case failing, const std::function<bool(const Case&)>& fails)
        : m_case(std::move(failing)), m_fails(fails) {}

    /// Takes elements of the list that `list_of` finds in a case away, the last first.
    template <typename ListOf>
    void reduce(const ListOf& list_of) {
        for (std::size_t i = list_of(m_case).size(); i-- > 0;) {
            Case smaller = m_case;
            auto& list = list_of(smaller);
            list.erase(list.begin() + static_cast<std::ptrdiff_t>(i));
            attempt(std::move(smaller));
        }
    }

    void attempt(Case smaller) {
        if (m_trials < k_most_trials) {
            ++m_trials;
            if (m_fails(smaller)) {
                m_case = std::move(smaller);
            }
        }
    }

    Case m_case;  // NOLINT(misc-non-private-member-variables-in-classes): what it works on

  private:
    const std::function<bool(const Case&)>& m_fails;
    int m_trials = 0;
};

void reduce_columns(Shrinker<DatabaseCase>& shrinker, std::size_t table) {
    for (std::size_t i = shrinker.m_case.tables[table].columns.size(); i-- > 0;) {
        DatabaseCase smaller = shrinker.m_case;
        CaseTable& one = smaller.tables[table];
        one.columns.erase(one.columns.begin() + static_cast<std::ptrdiff_t>(i));
        for (auto& row : one.rows) {
            row.erase(row.begin() + static_cast<std::ptrdiff_t>(i));
        }
        shrinker.attempt(std::move(smaller));
    }
}

}  // namespace

DatabaseCase shrink(DatabaseCase failing, const std::function<bool(const DatabaseCase&)>& fails) {
    Shrinker<DatabaseCase> shrinker(std::move(failing), fails);
    shrinker.reduce([](DatabaseCase & c) -> auto& { return c.tables; });
    for (std::size_t t = 0; t < shrinker.m_case.tables.size(); ++t) {
        shrinker.reduce([t](DatabaseCase & c) -> auto& { return c.tables[t].later; });
        shrinker.reduce([t](DatabaseCase & c) -> auto& { return c.tables[t].attach; });
        shrinker.reduce([t](DatabaseCase & c) -> auto& { return c.tables[t].rows; });
        shrinker.reduce([t](DatabaseCase & c) -> auto& { return c.tables[t].constraints; });
        reduce_columns(shrinker, t);
    }
    shrinker.reduce([](DatabaseCase & c) -> auto& { return c.before; });
    return std::move(shrinker.m_case);
}

DocumentCase shrink(DocumentCase failing, const std::function<bool(const DocumentCase&)>& fails) {
    Shrinker<DocumentCase> shrinker(std::move(failing), fails);
    shrinker.reduce([](DocumentCase & c) -> auto& { return c.files; });
    for (std::size_t f = 0; f < shrinker.m_case.files.size(); ++f) {
        shrinker.reduce([f](DocumentCase & c) -> auto& { return c.files[f].records; });
    }
    return std::move(shrinker.m_case);
}

}  // namespace migrate::property
