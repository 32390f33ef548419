#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <unordered_map>

#include "ssh/channel.hpp"
#include "udp/client/command_watch.hpp"
#include "udp/client/frame_sender.hpp"
#include "udp/client/link.hpp"

namespace tunnel::udp {

/// What links have in common that carry all their associations in one channel, as frames with numbers.
///
/// Shared by its associations and whoever wants to open more; without any it closes its channel.
class stream_link : public link,
                    protected ssh::channel_handler,
                    public std::enable_shared_from_this<stream_link> {
 public:
  awaitable<result<std::unique_ptr<association>>> open(std::shared_ptr<access> by,
                                                       association_handler& told) override;
  [[nodiscard]] bool lost() const override { return loss_.has_value(); }
  [[nodiscard]] std::optional<std::chrono::steady_clock::time_point> idle_since() const override;

 protected:
  using number = std::uint32_t;

  /// `watch`: of the command that the channel belongs to, if it does.
  stream_link(std::unique_ptr<ssh::channel> channel, std::unique_ptr<command_watch> watch);

  /// Begins to receive. Call once, on an object made by make_shared.
  void begin();

  /// Octets from the far end. False: no more of them, for it called lose().
  virtual bool take(octet_view data) = 0;
  /// Has the sender gather a datagram of an association's, or counts it.
  virtual void send(number from, const socks::address& target, octet_view data, drop_counts& dropped) = 0;
  /// An association is over at this side.
  virtual void on_association_ended(number which) = 0;
  /// The channel and all associations are gone.
  virtual void on_link_lost() {}

  frame_sender& sender() { return sender_; }
  [[nodiscard]] const std::optional<error>& loss() const { return loss_; }
  /// Whether the far end is a command of ours.
  [[nodiscard]] bool commanded() const { return watch_ != nullptr; }

  /// A datagram for an association. False: that is over.
  bool deliver(number to, const socks::address& source, octet_view data);
  /// Counts a datagram of an association's that was dropped, if that is not over.
  void count(number whose, std::uint64_t drop_counts::*reason);
  /// The far end has ended one association.
  void end_association(number which, const error& why);
  /// The far end is of no use any more.
  void lose(const error& why);

 private:
  class member;

  bool on_data(std::span<const octet_view> pieces) final;
  void on_eof() final;
  void on_writable() final { sender_.flush(); }
  void on_closed(const error* lost) final;
  void forget(number which);

  // It is told by the channel, which goes before it.
  std::unique_ptr<command_watch> watch_;
  std::unique_ptr<ssh::channel> channel_;
  frame_sender sender_;
  std::unordered_map<number, member*> members_;
  number next_ = 1;
  std::chrono::steady_clock::time_point idle_since_ = std::chrono::steady_clock::now();
  std::optional<error> loss_;
};

}  // namespace tunnel::udp
