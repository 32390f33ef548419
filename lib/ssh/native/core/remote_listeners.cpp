#include "ssh/native/core/remote_listeners.hpp"

#include <algorithm>

namespace tunnel::ssh::native {

void remote_listeners::remove(std::string_view address, std::uint32_t port) {
  const auto found = std::ranges::find_if(
      listeners_, [&](const remote_listener& each) { return each.address == address && each.port == port; });
  if (found != listeners_.end()) listeners_.erase(found);
}

const remote_listener* remote_listeners::match(std::uint32_t port) const {
  const auto fits = [port](const remote_listener& each) {
    return port == 0 ? each.chosen_by_server : each.port == port;
  };
  const auto found = std::ranges::find_if(listeners_, fits);
  if (found == listeners_.end()) return nullptr;
  if (port == 0 && std::ranges::count_if(listeners_, fits) != 1) return nullptr;
  return &*found;
}

}  // namespace tunnel::ssh::native
