#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "aio/asio.hpp"
#include "dns/query_table.hpp"
#include "pool/pool.hpp"
#include "ssh/endpoint.hpp"

namespace tunnel::dns {

class stream;

/// How long a name server may take for one try, connecting included.
inline constexpr auto try_limit = std::chrono::seconds(5);

/// One channel to a name server, with any number of queries under way (RFC 7766 section 6.2.1.1): opened for
/// the first query, closed when it has had none for a while, and opened anew when the server closed it.
///
/// What the server leaves unanswered when it closes is asked again on a new channel, if the old one brought
/// any answer: servers close after so many queries or so much time, which may cross with a query.
///
/// Thread: that of `home`, which is the pool's. The channel itself lives on its connection's thread.
class server_channel : public std::enable_shared_from_this<server_channel> {
 public:
  /// Without queries it is closed after this long, so that a burst needs one channel (RFC 7766 section 6.2.3:
  /// a few seconds).
  static constexpr auto idle_limit = std::chrono::seconds(10);
  /// Answers to nobody's question that are put up with on one channel. Late ones are among them.
  static constexpr unsigned max_strays = 1000;

  server_channel(asio::any_io_executor home, pool::pool& connections, ssh::endpoint server, id_source ids);

  /// Sends a query; `done` is told, perhaps from within, unless it is forgotten. Errors: as
  /// query_table::add().
  result<std::uint16_t> ask(octets query, query_table::handler done);
  /// The asker does not wait any longer.
  void forget(std::uint16_t id);

  /// For how long the oldest query has waited, with nothing heard since it was sent.
  [[nodiscard]] std::chrono::steady_clock::duration silence() const;
  [[nodiscard]] std::size_t waiting() const { return queries_.size(); }

  /// Closes the channel and asks what is under way on a new one.
  void replace();
  /// Closes the channel; what is under way fails, and no more is asked.
  void close();

 private:
  using clock = std::chrono::steady_clock;

  //  closed ──ask──> opening ──> open ──idle, replaced, closed by the server──> closed
  //     ^               │
  //     └────failed─────┘
  enum class state { closed, opening, open };

  void open();
  void on_opened(std::weak_ptr<stream> opened, const asio::any_io_executor& executor, unsigned number);
  void on_failed(const error& why, unsigned number);
  void on_messages(std::vector<octets> messages, unsigned number);
  void on_over(unsigned number);
  void send(octets framed);
  void send_all();
  void wait_idle();
  void let_go();
  static awaitable<void> connect(std::shared_ptr<server_channel> self, unsigned number);
  static awaitable<void> run(pool::lease held, std::weak_ptr<server_channel> owner,
                             asio::any_io_executor home, ssh::endpoint server, unsigned number);

  asio::any_io_executor home_;
  pool::pool& connections_;
  ssh::endpoint server_;
  query_table queries_;
  state state_ = state::closed;
  // Tells the channels that there were apart: what an old one has to say comes late.
  unsigned number_ = 0;
  std::weak_ptr<stream> stream_;
  asio::any_io_executor executor_;
  asio::steady_timer idle_;
  clock::time_point heard_{};
  bool answered_ = false;
  bool ending_ = false;
  unsigned strays_ = 0;
};

}  // namespace tunnel::dns
