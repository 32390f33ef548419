#pragma once

#include <memory>

#include "udp/client/link.hpp"

namespace tunnel::udp {

/// A way to hev-socks5-server's UDP in TCP: a channel of its own for each association.
///
/// The server closes a stream that was idle for a while; the association goes on, with another as soon as
/// there is a datagram. Datagrams that are too long for the server are dropped.
class hev_link final : public link, public std::enable_shared_from_this<hev_link> {
 public:
  explicit hev_link(ssh::endpoint server) : server_(std::move(server)) {}

  awaitable<result<std::unique_ptr<association>>> open(std::shared_ptr<access> by,
                                                       association_handler& told) override;
  /// Never: each association finds out by itself.
  [[nodiscard]] bool lost() const override { return false; }
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> idle_since() const override;

 private:
  class member;
  class stream;

  ssh::endpoint server_;
  std::size_t members_ = 0;
  std::chrono::steady_clock::time_point idle_since_ = std::chrono::steady_clock::now();
};

}  // namespace tunnel::udp
