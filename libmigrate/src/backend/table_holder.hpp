#pragma once

#include <functional>
#include <utility>

#include <migrate/schema.hpp>

#include "backend/source.hpp"

namespace migrate::backend {

/// Which tables a run takes along.
using TableChoice = std::function<bool(const QualifiedName&)>;

/// What a Source is besides where a snapshot alone does not keep its tables from being emptied or rewritten
/// under it.
class TableHolder {
  public:
    virtual ~TableHolder() = default;
    /// Says before pin_snapshot which tables will be read whole: pin_snapshot holds them until the snapshot
    /// is released.
    virtual void hold_tables(TableChoice wanted) = 0;
};

/// For a source of any kind; before pin_snapshot.
inline void hold_tables(Source& source, TableChoice wanted) {
    if (auto* const holder = dynamic_cast<TableHolder*>(&source)) {
        holder->hold_tables(std::move(wanted));
    }
}

}  // namespace migrate::backend
