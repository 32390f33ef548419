#include "proxy/peer_filter.hpp"

#include <algorithm>

namespace tunnel::proxy {

template <class Item>
bool peer_filter::latest<Item>::has(const Item& wanted) const {
  return std::find(items.begin(), items.begin() + static_cast<std::ptrdiff_t>(count), wanted) !=
         items.begin() + static_cast<std::ptrdiff_t>(count);
}

template <class Item>
void peer_filter::latest<Item>::add(const Item& item) {
  if (has(item)) return;
  items[next] = item;
  next = (next + 1) % max_peers;
  count = std::min(count + 1, max_peers);
}

bool peer_filter::numeric_host(const socks::address& of, socks::ipv6& host) {
  if (const auto* six = std::get_if<socks::ipv6>(&of.host)) {
    host = *six;
    return true;
  }
  const auto* four = std::get_if<socks::ipv4>(&of.host);
  if (four == nullptr) return false;
  host = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, (*four)[0], (*four)[1], (*four)[2], (*four)[3]};
  return true;
}

void peer_filter::remember(const socks::address& peer) {
  socks::ipv6 host{};
  if (numeric_host(peer, host)) return hosts_.add(host);
  ports_.add(peer.port);
}

bool peer_filter::admits(const socks::address& source) const {
  socks::ipv6 host{};
  return (numeric_host(source, host) && hosts_.has(host)) || ports_.has(source.port);
}

}  // namespace tunnel::proxy
