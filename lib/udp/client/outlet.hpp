#pragma once

#include <functional>
#include <list>
#include <memory>
#include <optional>

#include "udp/client/ways.hpp"

namespace tunnel::udp {

/// An SSH connection's outlet for datagrams: the link that its associations share, opened when it is first
/// wanted and again when it was lost, by the way that was found the first time.
///
/// It keeps itself alive to the end of its executor, which is the connection's: what was found is remembered.
/// A link without associations is closed after a while.
/// Thread: the executor's.
class outlet : public std::enable_shared_from_this<outlet> {
 public:
  /// find_way() with the settings.
  using finder =
      std::function<awaitable<result<found_way>>(std::shared_ptr<access> by, std::optional<way> first)>;

  /// How long a link without associations stays: the next one that is soon needs not wait for a relay to
  /// start.
  static constexpr auto linger = std::chrono::seconds(60);
  /// After all ways failed none is tried for so long.
  static constexpr auto failure_memory = std::chrono::seconds(10);

  static std::shared_ptr<outlet> make(const asio::any_io_executor& executor, finder find);

  /// The link, as soon as there is one. Errors: as find_way().
  awaitable<result<found_way>> way_out(std::shared_ptr<access> by);

  /// A place for one datagram from a client, for whoever reads one on this thread, until the next does.
  octet_span room_for_datagram() { return room_; }

  outlet(const asio::any_io_executor& executor, finder find);

 private:
  using clock = std::chrono::steady_clock;

  awaitable<void> search(std::shared_ptr<access> by);
  void settle(const result<found_way>& outcome);
  void sweep();

  finder find_;
  std::optional<found_way> current_;
  std::optional<way> remembered_;
  std::optional<error> failure_;
  clock::time_point failed_at_{};
  bool searching_ = false;
  std::list<asio::steady_timer*> waiting_;
  // A datagram's length is less than 2^16.
  octets room_ = octets(65536);
  // Its wait is what keeps the outlet alive, and goes with the executor.
  asio::steady_timer sweep_;
};

}  // namespace tunnel::udp
