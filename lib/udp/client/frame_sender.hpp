#pragma once

#include <cstddef>
#include <functional>

#include "base/octets.hpp"
#include "ssh/channel.hpp"
#include "udp/client/frame_queue.hpp"

namespace tunnel::udp {

/// Sends whole frames on a channel: at once where there is room, else from a queue that drops its oldest
/// frames for new ones, since a datagram that is late is worth less than one that is not.
///
/// Thread: the channel's.
class frame_sender {
 public:
  /// What may wait here beyond what the connection takes: four datagrams of the largest kind, or a fifth of a
  /// second of an uplink of 10 Mbit/s.
  static constexpr std::size_t capacity = 288 * 1024;

  /// Told whose frame was dropped, from within send().
  using drop_handler = std::function<void(frame_queue::tag)>;

  explicit frame_sender(drop_handler dropped) : dropped_(std::move(dropped)) {}

  /// Where frames go from now on; those that were sent before follow. It must outlive this object or be taken
  /// back with null, whereupon frames wait again, and one that was begun is forgotten.
  void use(ssh::channel* channel);

  /// Sends a frame that consists of the two.
  void send(frame_queue::tag whose, octet_view head, octet_view data);

  /// The same, but it may stay here until flush(): for one of several in a row.
  void gather(frame_queue::tag whose, octet_view head, octet_view data);

  /// Sends what waits here, as far as there is room.
  void flush();

  /// Nothing waits here.
  [[nodiscard]] bool is_idle() const { return current_.empty() && waiting_.empty(); }

 private:
  class filler;

  bool send_now(octet_view head, octet_view data);
  void keep(frame_queue::tag whose, octet_view head, octet_view data);
  void fill(filler& room);

  drop_handler dropped_;
  ssh::channel* channel_ = nullptr;
  frame_queue waiting_{capacity};
  // The frame that is being sent, once its beginning has gone or is to go next.
  octets current_;
  std::size_t current_sent_ = 0;
};

}  // namespace tunnel::udp
