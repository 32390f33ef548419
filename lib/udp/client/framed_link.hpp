#pragma once

#include <chrono>
#include <memory>

#include "udp/client/stream_link.hpp"
#include "udp/framing/decoder.hpp"

namespace tunnel::udp {

/// A link to a relay of our own kind (docs/udp-relay.md).
class framed_link final : public stream_link {
 public:
  /// How long a relay may take to greet: a Python that starts on a small machine takes some of it.
  static constexpr auto greeting_limit = std::chrono::seconds(20);

  /// Greets the relay at the channel's far end and waits for its greeting. `watch`: of the command that is
  /// the relay; without it, it is one that listens. `first` goes ahead of everything: what a command is to
  /// read before it is a relay. Errors: errc::not_a_relay, errc::relay_ended, framing::errc, each with a
  /// sentence; the connection's.
  static awaitable<result<std::shared_ptr<link>>> greet(std::unique_ptr<ssh::channel> channel,
                                                        std::unique_ptr<command_watch> watch,
                                                        octet_view first = {});

  framed_link(std::unique_ptr<ssh::channel> channel, std::unique_ptr<command_watch> watch,
              const asio::any_io_executor& executor);

 private:
  bool take(octet_view data) override;
  void send(number from, const socks::address& target, octet_view data, drop_counts& dropped) override;
  void on_association_ended(number which) override;
  void on_link_lost() override { settled_.cancel(); }

  awaitable<result<void>> wait_for_greeting();
  bool handle(const framing::event& what);

  framing::decoder decoder_;
  socks::address source_;
  // Ends with the greeting or the loss of the link.
  asio::steady_timer settled_;
};

}  // namespace tunnel::udp
