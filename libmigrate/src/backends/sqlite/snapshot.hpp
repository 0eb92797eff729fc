#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <migrate/endpoint.hpp>

#include "backend/backend.hpp"
#include "session/borrowed.hpp"
#include "session/sqlite_session.hpp"

namespace migrate::backends::sqlite {

/// The connections through which one state of a database is read: one for the catalog and, where they can be
/// had, some for readers. Acquiring and returning readers is thread-safe.
class Snapshot {
  public:
    /// Throws: Error{not_found, permission, refused, corrupt, locked}; a hot journal is refused.
    Snapshot(const Endpoint& endpoint, const backend::OpenContext& context);
    Snapshot(const Snapshot&) = delete;
    Snapshot& operator=(const Snapshot&) = delete;
    ~Snapshot();

    /// Makes every connection see one state. Returns how many readers there can be.
    unsigned pin(unsigned readers);
    void release() noexcept;

    /// The connection for catalogs and counts.
    [[nodiscard]] const session::SqliteSession& catalog() const noexcept { return m_catalog; }
    [[nodiscard]] const std::string& kind() const noexcept { return m_kind; }
    [[nodiscard]] const backend::OpenContext& context() const noexcept { return m_context; }
    [[nodiscard]] const std::string& path() const noexcept { return m_catalog.path(); }

    /// A connection for one reader, given back when the lease ends. Throws: Error{internal} when none is
    /// left.
    class Lease {
      public:
        explicit Lease(Snapshot& snapshot);
        Lease(const Lease&) = delete;
        Lease& operator=(const Lease&) = delete;
        ~Lease();
        [[nodiscard]] const session::SqliteSession& session() const noexcept { return *m_session; }

      private:
        Snapshot& m_snapshot;
        const session::SqliteSession* m_session;
    };

  private:
    [[nodiscard]] session::SqliteSession open_reader() const;
    bool pin_several(unsigned readers);
    static void begin_reading(const session::SqliteSession& session);

    backend::OpenContext m_context;
    std::unique_ptr<session::SessionLease> m_lease;  ///< Of a host's session, which is then m_catalog.
    session::SqliteSession m_catalog;
    std::vector<std::unique_ptr<session::SqliteSession>> m_readers;
    std::mutex m_mutex;
    std::vector<const session::SqliteSession*> m_free;
    std::string m_kind;
    bool m_pinned = false;
    bool m_began = false;  ///< The transaction on the catalog's connection is ours to end.
};

}  // namespace migrate::backends::sqlite
