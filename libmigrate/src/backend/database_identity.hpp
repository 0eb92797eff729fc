#pragma once

#include <string>

namespace migrate::backend {

/// Which database an open Source or Target is, by whatever name it was reached.
struct DatabaseIdentity {
    std::string self;      ///< Equal for one and the same; empty where unknown.
    std::string cluster;   ///< What it shares with its replicas; empty where unknown.
    std::string server;    ///< Equal for all databases of one running server; empty where unknown.
    bool replica = false;  ///< It follows another.
    std::string role;      ///< Whom the server takes the session for; empty where there is no server.
};

/// What a Source or Target is besides where its server tells.
class Identified {
  public:
    virtual ~Identified() = default;
    virtual DatabaseIdentity identity() = 0;
};

/// Of either; unknown where it does not tell.
template <class Side>
DatabaseIdentity identity_of(Side& side) {
    auto* const identified = dynamic_cast<Identified*>(&side);
    return identified == nullptr ? DatabaseIdentity() : identified->identity();
}

}  // namespace migrate::backend
