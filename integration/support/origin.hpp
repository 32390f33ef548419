#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "support/tcp.hpp"

namespace tunnel::integration {

/// A target: listens on one port of 127.0.0.1 and ::1 and runs `serve` in a thread for each connection. The
/// connection closes (FIN) when `serve` returns. The destructor ends what still runs.
class origin {
 public:
  using handler = std::function<void(tcp_stream&)>;

  explicit origin(handler serve);
  ~origin();
  origin(const origin&) = delete;
  origin& operator=(const origin&) = delete;

  [[nodiscard]] std::uint16_t port() const { return listeners_.front().port(); }
  /// How many connections it has accepted so far.
  [[nodiscard]] unsigned accepted() const { return accepted_; }

 private:
  void accept_connections();
  void accept_one(const tcp_listener& listener);

  handler serve_;
  std::vector<tcp_listener> listeners_;
  descriptor stop_;
  std::atomic<unsigned> accepted_ = 0;
  std::mutex guard_;
  std::list<tcp_stream> streams_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

/// Sends back what it receives, then ends when the client has.
origin::handler echo();

/// Answers one HTTP GET with `body` as text/html.
origin::handler web_page(std::string body);

/// Sends pattern(seed) until the client goes.
origin::handler endless(std::uint64_t seed);

/// Receives and keeps the connection without a word until the client ends it.
origin::handler silent();

}  // namespace tunnel::integration
