#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <migrate/endpoint.hpp>

#include "configuration.hpp"
#include "settings.hpp"

namespace migrate::cli {

/// The endpoints of one run: resolves what the user wrote, and hands out the passwords that belong to them.
/// A configured password goes to the endpoint it was configured for, also when that is spelled as a URI or
/// comes from a saved plan. Outlived by nothing that uses it: shared with the migrator.
class EndpointBook : public CredentialProvider {
  public:
    EndpointBook(const Settings& settings, const Configuration& configuration);

    /// A configured name, a URI or a path. The JSON options of the command line go to a JSON endpoint; what
    /// the URI says itself wins. Throws: Error{usage}.
    Endpoint resolve(const std::string& text, bool is_target);
    /// The same for an option that must have a value ("from").
    Endpoint require(const std::string& option, bool is_target);
    /// --from and --to, the latter a target where it is written. Throws: Error{usage} where one is missing,
    /// or a JSON option is given and none of them is JSON.
    std::pair<Endpoint, Endpoint> sides(bool is_target);

    /// Throws: Error{usage, not_found, permission} where a configured password cannot be had.
    std::optional<std::string> password(const Endpoint& endpoint) override;

  private:
    struct Known {
        Endpoint endpoint;
        std::string password;
        const ConfiguredEndpoint* configured = nullptr;
    };

    void apply_json_options(Endpoint& endpoint) const;
    [[nodiscard]] std::string configured_password(const ConfiguredEndpoint& endpoint) const;
    void know_configured();

    const Settings& m_settings;
    const Configuration& m_configuration;
    std::vector<Known> m_known;
    std::mutex m_mutex;  // password() is called from the library's threads
};

/// Throws: Error{usage} where a JSON option stands on the command line and neither endpoint is JSON.
void check_json_options(const Settings& settings, const std::vector<const Endpoint*>& endpoints);

/// A URI or conninfo for people: a password in it replaced by ****.
std::string without_password(const std::string& uri);

}  // namespace migrate::cli
