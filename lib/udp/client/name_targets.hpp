#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "udp/client/resolver.hpp"

namespace tunnel::udp {

/// Datagrams to names, for a link whose far end knows addresses alone: each name is looked up once in a
/// while, and the first few datagrams wait for that.
///
/// Thread: the connection's.
class name_targets : public std::enable_shared_from_this<name_targets> {
 public:
  /// Sends a datagram of association `from` to what the name came to.
  using send_handler = std::function<void(std::uint32_t from, const socks::address& target, octet_view data)>;
  /// Told of each datagram that is dropped.
  using drop_handler = std::function<void(std::uint32_t from)>;

  /// How many names are remembered, and datagrams wait, at most.
  static constexpr std::size_t max_names = 256;
  static constexpr std::size_t max_waiting = 64;
  /// For how long a name is remembered: DNS itself has most change no faster than that.
  static constexpr auto memory = std::chrono::seconds(60);
  /// For how long one that was not found is.
  static constexpr auto failure_memory = std::chrono::seconds(5);

  name_targets(asio::any_io_executor executor, resolver look_up, send_handler send, drop_handler drop);

  /// Sends a datagram to a name, now or later, or drops it.
  void send(std::uint32_t from, const std::string& name, std::uint16_t port, octet_view data);

  /// Nothing is sent any more.
  void stop();

 private:
  struct found {
    // Empty while it is being looked up, and when there is none.
    std::optional<socks::address> address;
    bool looking = true;
    std::chrono::steady_clock::time_point until;
  };
  struct waiting {
    std::uint32_t from;
    std::string name;
    std::uint16_t port;
    octets data;
  };

  awaitable<void> look_up(std::string name);
  void settle(const std::string& name, const result<std::vector<socks::address>>& outcome);
  void make_room();

  asio::any_io_executor executor_;
  resolver look_up_;
  send_handler send_;
  drop_handler drop_;
  std::map<std::string, found> names_;
  std::deque<waiting> waiting_;
};

}  // namespace tunnel::udp
