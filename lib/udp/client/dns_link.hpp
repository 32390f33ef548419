#pragma once

#include <functional>
#include <memory>

#include "udp/client/link.hpp"
#include "udp/client/ways.hpp"

namespace tunnel::udp {

/// No relay at all: datagrams to port 53 are taken for DNS queries and go over TCP (RFC 7766), and their
/// answers come back as datagrams from there. Others are dropped.
class dns_link final : public link, public std::enable_shared_from_this<dns_link> {
 public:
  static constexpr std::uint16_t dns_port = 53;
  /// Queries of one association without an answer yet: more than any stub resolver has.
  static constexpr std::size_t max_queries = 256;

  dns_link(asio::any_io_executor executor, dns_exchange exchange)
      : executor_(std::move(executor)), exchange_(std::move(exchange)) {}

  awaitable<result<std::unique_ptr<association>>> open(std::shared_ptr<access> by,
                                                       association_handler& told) override;
  [[nodiscard]] bool lost() const override { return false; }
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> idle_since() const override;

 private:
  class member;
  struct state;

  static awaitable<void> ask(std::shared_ptr<dns_link> through, std::shared_ptr<state> own,
                             socks::address server, octets query);
  void complain(const socks::address& target);

  asio::any_io_executor executor_;
  dns_exchange exchange_;
  std::size_t members_ = 0;
  std::chrono::steady_clock::time_point idle_since_ = std::chrono::steady_clock::now();
  bool complained_ = false;
};

}  // namespace tunnel::udp
