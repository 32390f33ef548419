#pragma once

#include <cstddef>
#include <list>
#include <memory>

#include "aio/asio.hpp"
#include "base/error.hpp"
#include "base/octets.hpp"
#include "dns/query_table.hpp"
#include "dns/upstream.hpp"
#include "pool/pool.hpp"
#include "ssh/endpoint.hpp"

namespace tunnel::dns {

/// Name servers by address, for those who say themselves which to ask: each is reached as upstream reaches
/// its own, and forgotten when others have been asked since.
///
/// Thread: that of `home`, which is the pool's, but for exchange(). It must go before the pool.
class server_directory : public std::enable_shared_from_this<server_directory> {
 public:
  /// Those that are remembered, beside those that are being asked: more than the resolvers of one machine
  /// name.
  static constexpr std::size_t max_servers = 32;

  server_directory(asio::any_io_executor home, pool::pool& connections, id_source ids);

  /// exchanger::exchange() with this server, for a coroutine on any executor, where it completes. The
  /// coroutine may be cancelled, or destroyed and its executor after it, while it waits.
  awaitable<result<octets>> exchange(ssh::endpoint server, octets query);

  /// Ends what is under way; nothing more is asked.
  void close();

 private:
  struct entry {
    ssh::endpoint server;
    std::shared_ptr<upstream> way;
  };

  awaitable<result<octets>> ask(ssh::endpoint server, octets query);
  void make_room();
  std::shared_ptr<upstream> find(const ssh::endpoint& server);

  asio::any_io_executor home_;
  pool::pool& connections_;
  id_source ids_;
  // The one that was asked last in front.
  std::list<entry> entries_;
  bool closed_ = false;
};

}  // namespace tunnel::dns
