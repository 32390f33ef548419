#pragma once

#include <chrono>
#include <memory>
#include <vector>

#include "aio/asio.hpp"
#include "dns/query_table.hpp"
#include "dns/server_channel.hpp"
#include "pool/pool.hpp"
#include "ssh/endpoint.hpp"

namespace tunnel::dns {

/// One name server, reached by TCP through the SSH connections.
///
/// Many servers answer in the order of the queries, so that a name that takes long holds up what was asked
/// behind it. Hence there are up to max_channels to it: what is asked while one is silent goes by another,
/// and what is still without an answer after `second_copy` goes by another too, and the first answer counts.
///
/// Thread: that of `home`, which is the pool's.
class name_server : public std::enable_shared_from_this<name_server> {
 public:
  static constexpr std::size_t max_channels = 6;
  /// With nothing heard for this long a channel is silent: most answers take less than one round trip and 100
  /// ms, and one query too many costs little.
  static constexpr auto silent_after = std::chrono::milliseconds(250);
  static constexpr auto second_copy = std::chrono::milliseconds(500);

  name_server(asio::any_io_executor home, pool::pool& connections, ssh::endpoint server, id_source ids);

  /// One try. Errors: as exchanger::exchange()'s; errc::no_answer after try_limit.
  awaitable<result<octets>> exchange(octets query);

  void close();

  [[nodiscard]] const ssh::endpoint& server() const { return server_; }

 private:
  struct call;

  void send(const std::shared_ptr<call>& asking, const octets& query);
  server_channel* choose(const call& asking);
  void forget(call& asking);

  asio::any_io_executor home_;
  pool::pool& connections_;
  ssh::endpoint server_;
  id_source ids_;
  std::vector<std::shared_ptr<server_channel>> channels_;
};

}  // namespace tunnel::dns
