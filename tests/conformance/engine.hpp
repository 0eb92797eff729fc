#pragma once

#include <memory>
#include <string>
#include <vector>

#include <migrate/endpoint.hpp>

#include "backend/backend.hpp"
#include "support/pg.hpp"
#include "support/temporary_directory.hpp"

/// The engines that the suite runs against: every one of the build, each with places of its own to write to.
namespace migrate::test {

/// A fresh, empty place on one engine, gone at the end.
class Place {
  public:
    /// Null (with a warning in the test's output) where the engine has no server to run against.
    static std::unique_ptr<Place> make(const std::string& engine);

    [[nodiscard]] const Endpoint& endpoint() const { return m_endpoint; }
    [[nodiscard]] const backend::Backend& backend() const;
    /// For plain driver calls: the database's conninfo, or the directory that holds the file.
    [[nodiscard]] std::string where() const {
        return m_database ? m_database->conninfo() : m_directory->path();
    }
    [[nodiscard]] std::unique_ptr<backend::Source> source() const {
        return backend().open_source(m_endpoint, {});
    }
    [[nodiscard]] std::unique_ptr<backend::Target> target() const {
        return backend().open_target(m_endpoint, {});
    }

  private:
    Endpoint m_endpoint;
    std::unique_ptr<TemporaryDirectory> m_directory;
    std::unique_ptr<PgDatabase> m_database;
};

/// The names of all engines of the build.
std::vector<std::string> engines();

}  // namespace migrate::test
