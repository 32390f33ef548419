#pragma once

#include <memory>
#include <string>
#include <utility>

#include "pool/pool.hpp"
#include "udp/client/access.hpp"

namespace tunnel::proxy {

/// A lease's connection, for ways for datagrams: they may try several opens one after the other, and others
/// may need more at any time later.
///
/// Thread: the lease's.
class lease_access final : public udp::access {
 public:
  /// `originator` is what the server's log shows.
  lease_access(pool::lease held, ssh::endpoint originator)
      : held_(std::move(held)), originator_(std::move(originator)) {}

  [[nodiscard]] unsigned connection_number() const { return held_.connection_number(); }

  /// No open is to come for now: others get their turn.
  void settle();

  asio::any_io_executor executor() override { return held_.executor(); }
  awaitable<result<std::unique_ptr<ssh::channel>>> open_direct_tcpip(ssh::endpoint target) override;
  awaitable<result<std::unique_ptr<ssh::channel>>> run(std::string command,
                                                       ssh::command_observer& told) override;

 private:
  pool::lease held_;
  ssh::endpoint originator_;
  bool settled_ = false;
};

}  // namespace tunnel::proxy
