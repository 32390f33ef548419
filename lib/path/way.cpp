#include "path/way.hpp"

#include <utility>

#include "path/command.hpp"
#include "path/proxy.hpp"
#include "path/tls.hpp"

namespace tunnel::path {

std::unique_ptr<dialler> make_way(plan from, ssh::prompter& questions) {
  std::unique_ptr<dialler> way;
  if (from.command.empty())
    way = std::make_unique<direct>(from.first);
  else
    way = std::make_unique<command>(std::move(from.command));
  bool first = true;
  for (auto& each : from.proxies) {
    const auto limit = from.first.timeout;
    if (each.protocol == proxy_protocol::https)
      way = std::make_unique<tls>(std::move(way), from.proxy_tls, limit);
    way = std::make_unique<proxy>(std::move(way), std::move(each), std::exchange(first, false), limit,
                                  questions, from.secrets);
  }
  if (from.tls) way = std::make_unique<tls>(std::move(way), std::move(from.tls), from.first.timeout);
  unsigned number = 0;
  for (auto& hop : from.hops) {
    const std::chrono::steady_clock::duration timeout =
        hop.settings.connect_timeout.value_or(default_timeout);
    way = std::make_unique<jump>(std::move(way), std::move(hop), ++number, timeout, questions, from.secrets);
  }
  return way;
}

}  // namespace tunnel::path
