#include "support/engines.hpp"

#include <stdexcept>

namespace tunnel::integration {

std::vector<std::string> engines() {
  return {"native", "libssh2"};
}

reply expected_reply(const std::string& engine, failure why) {
  const bool knows_description = engine != "libssh2";
  switch (why) {
    case failure::refused:
      return reply::connection_refused;
    case failure::unresolvable:
      return knows_description ? reply::host_unreachable : reply::connection_refused;
    case failure::prohibited:
      return reply::not_allowed;
    case failure::timed_out:
      return reply::ttl_expired;
  }
  throw std::logic_error("unknown failure");
}

}  // namespace tunnel::integration
