#pragma once

#include <chrono>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "aio/asio.hpp"
#include "udp/client/outlet.hpp"
#include "udp/client/ways.hpp"

namespace tunnel::proxy {

/// Whom an association hears (RFC 1928 leaves it open).
enum class udp_peers {
  /// Whoever sends to its port at the far end: a full cone.
  anybody,
  /// Only addresses that it has sent to.
  addressed,
};

struct association_rules {
  /// An association ends when no datagram has gone either way for so long.
  std::chrono::seconds idle_limit = std::chrono::minutes(5);
  udp_peers peers = udp_peers::anybody;
};

/// What UDP ASSOCIATE is served with: the way of each SSH connection, found when it is first wanted, and the
/// rules for all.
///
/// Thread: any. It must outlive the connections' threads.
class udp_service {
 public:
  explicit udp_service(udp::settings ways, association_rules rules = {})
      : ways_(std::move(ways)), rules_(rules) {}

  /// That of the connection with this number, whose executor it is. On the connection's thread.
  std::shared_ptr<udp::outlet> outlet_of(unsigned connection, const asio::any_io_executor& executor);

  [[nodiscard]] const association_rules& rules() const { return rules_; }

 private:
  udp::settings ways_;
  association_rules rules_;
  std::mutex mutex_;
  // Each belongs to its connection's thread and goes with that.
  std::map<unsigned, std::weak_ptr<udp::outlet>> outlets_;
};

}  // namespace tunnel::proxy
