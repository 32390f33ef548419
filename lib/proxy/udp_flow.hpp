#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "aio/asio.hpp"
#include "proxy/client.hpp"
#include "proxy/peer_filter.hpp"
#include "proxy/udp_service.hpp"
#include "socks/udp_header.hpp"
#include "udp/client/link.hpp"

namespace tunnel::proxy {

/// A client's UDP association (RFC 1928 section 7): a port of ours for the client alone, and one at the far
/// end of the SSH connection for the world.
///
/// - The client is known by the address of its TCP connection, and by the port that it announced or else the
///   first that it uses. What others send is dropped, and so are fragments (FRAG).
/// - It ends with the TCP connection, or when it was idle for too long, or when its way is gone; then it
///   closes the TCP connection.
/// - Nothing is allocated per datagram, and none holds another up: what cannot be passed on is dropped and
///   counted.
///
/// From start() on it keeps itself alive to its end. Thread: the client socket's.
class udp_flow final : public udp::association_handler, public std::enable_shared_from_this<udp_flow> {
 public:
  /// `announced`: where the client says that it sends from; zeros for what it does not know.
  udp_flow(client from, const socks::address& announced, const association_rules& rules,
           std::shared_ptr<udp::outlet> outlet);

  client& from() { return client_; }

  /// Finds a way and begins an association on it. Errors: as udp::outlet's and udp::link's.
  awaitable<result<void>> open(std::shared_ptr<udp::access> by);

  /// Makes the port for the client, at the address that its TCP connection came to, and says where that is.
  /// Errors: the system's, as a sentence.
  result<socks::address> bind();

  /// Begins to pass datagrams on. Call once, after the others, on an object made by make_shared.
  void start();

 private:
  using udp_socket = asio::ip::udp::socket;
  using endpoint = asio::ip::udp::endpoint;
  using clock = std::chrono::steady_clock;

  struct count {
    std::uint64_t datagrams = 0;
    std::uint64_t octets = 0;

    void add(std::size_t size) {
      ++datagrams;
      octets += size;
    }
  };

  void on_datagram(const socks::address& source, octet_view data) override;
  void on_lost(const error& why) override;

  void receive();
  void take(octet_view datagram);
  [[nodiscard]] bool is_client(const endpoint& sender);
  void wait_for_datagrams();
  void watch_client();
  void watch_idleness();
  void finish(const std::string& ending);
  void report(const std::string& ending) const;

  client client_;
  association_rules rules_;
  std::shared_ptr<udp::outlet> outlet_;
  std::shared_ptr<udp::access> by_;
  std::string way_;
  std::unique_ptr<udp::association> association_;
  udp_socket socket_;
  asio::steady_timer idle_;
  clock::time_point started_ = clock::now();
  clock::time_point used_ = started_;
  // 0: not known yet.
  std::uint16_t client_port_;
  endpoint client_endpoint_;
  endpoint sender_;
  socks::udp_datagram parsed_;
  std::array<char, 512> ignored_{};
  peer_filter known_;
  count up_;
  count down_;
  std::uint64_t of_others_ = 0;
  std::uint64_t fragments_ = 0;
  std::uint64_t malformed_ = 0;
  std::uint64_t of_strangers_ = 0;
  std::uint64_t not_taken_ = 0;
  bool over_ = false;
};

}  // namespace tunnel::proxy
