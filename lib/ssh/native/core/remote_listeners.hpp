#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tunnel::ssh::native {

/// Where the server listens for us (RFC 4254 section 7.1).
struct remote_listener {
  std::string address;
  std::uint32_t port = 0;
  /// Port 0 was asked for, and `port` is what the server chose.
  bool chosen_by_server = false;
};

/// Which connections the server may announce.
class remote_listeners {
 public:
  void add(remote_listener listener) { listeners_.push_back(std::move(listener)); }
  void remove(std::string_view address, std::uint32_t port);

  /// The one that a forwarded-tcpip channel belongs to; null: none. Servers name addresses in their own
  /// words, so the port decides. AsyncSSH and Twisted announce port 0 for a port that they chose: then there
  /// must be only one such listener.
  [[nodiscard]] const remote_listener* match(std::uint32_t port) const;

 private:
  std::vector<remote_listener> listeners_;
};

}  // namespace tunnel::ssh::native
