#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/octets.hpp"
#include "protocol.hpp"
#include "sockets.hpp"

namespace tunnel::bench {

/// What a SOCKS5 client asks for (RFC 1928 §4).
enum class socks_command : octet { connect = 1, udp_associate = 3 };

/// In place of a SOCKS proxy's port: there is none, and flows go straight to their targets.
inline constexpr std::uint16_t no_proxy = 0;

/// One SOCKS5 client: goes through the handshake one step at a time, as most clients do, names a port
/// of 127.0.0.1, and then does the work that its kind is for. Owned and driven by a `load`.
///
///     connecting -> selecting -> requesting -> open -> over
///               `-------- without a proxy -----^
///
/// Anything that goes wrong is thrown as run_failure, unless the kind of flow says otherwise.
class flow {
 public:
  flow(std::uint16_t socks_port, std::uint16_t target_port, socks_command command = socks_command::connect);
  virtual ~flow() = default;
  flow(const flow&) = delete;
  flow& operator=(const flow&) = delete;

  [[nodiscard]] int number() const { return socket_.get(); }
  [[nodiscard]] std::uint32_t wanted() const;
  void on_ready(std::uint32_t events);

  /// Whether it has done what a run may wait for. An echo flow goes on being of use after that.
  [[nodiscard]] bool is_complete() const { return complete_; }
  [[nodiscard]] clock::time_point started() const { return started_; }
  [[nodiscard]] clock::time_point completed() const { return completed_; }
  /// Closes the connection, finished or not.
  void close();

 protected:
  enum class stage { connecting, selecting, requesting, open, over };

  virtual void on_open() = 0;
  /// The socket has octets, or the end of the stream.
  virtual void on_readable() = 0;
  /// The socket takes octets; called only while `writing_`.
  virtual void on_writable() {}
  /// Something went wrong before or after the flow was open.
  virtual void on_failure(const std::string& what);

  [[nodiscard]] stage stage_now() const { return stage_; }
  /// BND.PORT of the proxy's reply, once the flow is open; BND.ADDR is one of this machine's.
  [[nodiscard]] std::uint16_t bound_port() const;
  void complete(clock::time_point now);

  /// Sends a few octets that must fit: the flow has nothing else to send.
  void send_small(octet_view data);
  /// Sends what fits of `data`; how much that was.
  std::size_t send_some(octet_view data);
  struct received {
    octet_view data;
    bool is_end = false;
  };
  /// What has come, at most `into.size()` octets: none when there is nothing yet.
  received receive(octet_span into);
  void end_own_half();

  bool reading_ = true;
  bool writing_ = false;

 private:
  void on_connected();
  void on_method_selected();
  void on_reply();
  bool fill_reply(std::size_t size);

  descriptor socket_;
  std::uint16_t target_port_;
  socks_command command_;
  bool proxied_;
  stage stage_ = stage::connecting;
  // A reply with an IPv6 address, the longest that a literal target calls for.
  std::array<octet, 22> reply_{};
  std::size_t reply_size_ = 0;
  bool complete_ = false;
  clock::time_point started_;
  clock::time_point completed_;
};

}  // namespace tunnel::bench
