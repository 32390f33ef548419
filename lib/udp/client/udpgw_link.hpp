#pragma once

#include <chrono>
#include <memory>

#include "udp/client/frame_splitter.hpp"
#include "udp/client/name_targets.hpp"
#include "udp/client/stream_link.hpp"
#include "udp/client/udpgw.hpp"

namespace tunnel::udp {

/// A link to badvpn's udpgw or what speaks like it.
///
/// It has a place for each pair of an association and a peer, and there are few of them. What comes back says
/// where the association had sent to, so nobody else is heard. Names are resolved at this side.
class udpgw_link final : public stream_link {
 public:
  /// The server gives a client up after 20 s without a word.
  static constexpr auto keepalive_interval = std::chrono::seconds(10);

  static std::shared_ptr<link> make(std::unique_ptr<ssh::channel> channel,
                                    const asio::any_io_executor& executor, resolver look_up);

  udpgw_link(std::unique_ptr<ssh::channel> channel, const asio::any_io_executor& executor, resolver look_up);
  ~udpgw_link() override;

 private:
  bool take(octet_view data) override;
  void send(number from, const socks::address& target, octet_view data, drop_counts& dropped) override;
  void on_association_ended(number which) override { conids_.release(which); }
  void on_link_lost() override;

  void send_numeric(number from, const socks::address& target, octet_view data);
  void keep_alive();

  frame_splitter<udpgw::frame_size> splitter_;
  udpgw::conid_table conids_;
  std::shared_ptr<name_targets> names_;
  asio::steady_timer keepalive_;
};

}  // namespace tunnel::udp
