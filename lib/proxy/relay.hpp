#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "aio/asio.hpp"
#include "base/octets.hpp"
#include "proxy/client.hpp"
#include "ssh/channel.hpp"

namespace tunnel::proxy {

/// What a relay did.
struct relay_summary {
  std::uint64_t octets_up = 0;
  std::uint64_t octets_down = 0;
  std::string ending;
};

/// Moves octets between a client and its channel until both directions have ended or one side is gone.
///
/// - Each direction ends by itself: the client's FIN becomes SSH_MSG_CHANNEL_EOF and the other way round,
///   after what came before it.
/// - A client's reset closes the channel at once. A lost SSH connection resets the client, so that it cannot
///   take what it has for the whole.
/// - No octet is read that cannot be passed on: a client that does not read holds at most one delivery here
///   (ssh::channel::max_delivery) and then the channel's window; a server that does not read holds nothing.
///
/// It keeps itself alive to its end; an idle one costs no coroutine.
/// Thread: the channel's, which must be the client socket's executor. Nothing is allocated per octet: the
/// one buffer of its own exists while the client is slow.
class relay final : public ssh::channel_handler, public std::enable_shared_from_this<relay> {
 public:
  /// Told once, after the end, from the event loop. Not told when the executor goes before.
  using finish_handler = std::function<void(const relay_summary&)>;

  /// `early` is what the client sent ahead for the target.
  relay(client from, std::unique_ptr<ssh::channel> to, octets early);

  /// Begins. Call once, on an object made by make_shared.
  void start(finish_handler finished);

 private:
  bool on_data(std::span<const octet_view> pieces) override;
  void on_eof() override;
  void on_writable() override;
  void on_closed(const error* lost) override;

  void send_early();
  void move_up();
  void wait_for_client();
  void watch_for_reset();
  void wait_for_client_room();
  bool write_down(std::span<asio::const_buffer> buffers);
  void hold(std::span<const asio::const_buffer> buffers);
  void write_held();
  void end_down();
  void finish_if_over();
  void finish(std::string ending);
  void reset_client();

  client client_;
  std::unique_ptr<ssh::channel> channel_;
  // Its wait is what keeps the relay alive, and goes with the executor.
  asio::steady_timer ended_;
  relay_summary summary_;
  // For the channel, from before the relay began.
  octets early_;
  std::size_t early_sent_ = 0;
  // For the client, which would not take it yet.
  octets held_;
  std::size_t held_sent_ = 0;
  bool up_over_ = false;
  bool down_ending_ = false;
  bool down_over_ = false;
  bool channel_closed_ = false;
  bool over_ = false;
};

}  // namespace tunnel::proxy
