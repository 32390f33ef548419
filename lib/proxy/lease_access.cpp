#include "proxy/lease_access.hpp"

#include "proxy/flow.hpp"

namespace tunnel::proxy {

void lease_access::settle() {
  settled_ = true;
  held_.yield_open_rights();
}

awaitable<result<std::unique_ptr<ssh::channel>>> lease_access::open_direct_tcpip(ssh::endpoint target) {
  // Until it is settled another may follow.
  if (!settled_) held_.keep_open_right();
  return held_.open_direct_tcpip(std::move(target), originator_, open_limit);
}

awaitable<result<std::unique_ptr<ssh::channel>>> lease_access::run(std::string command,
                                                                   ssh::command_observer& told) {
  if (!settled_) held_.keep_open_right();
  return held_.run(std::move(command), told, open_limit);
}

}  // namespace tunnel::proxy
