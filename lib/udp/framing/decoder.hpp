#pragma once

#include <string>
#include <string_view>

#include "base/error.hpp"
#include "udp/framing/errors.hpp"
#include "udp/framing/message.hpp"

namespace tunnel::udp::framing {

/// What may stand before the greeting.
enum class before_greeting {
  nothing,
  /// What a login shell prints before it runs a command: up to `max_noise` octets are passed over.
  noise
};

/// Policy: more than any shell's greeting, little enough to be read at once.
inline constexpr std::size_t max_noise = std::size_t{64} * 1024;

/// Takes a peer's octets apart into events. How they were split makes no difference.
///
/// Use: feed() what was read, handle next() until it says need_more, read again. Views in an event live until
/// the next call of next(). An error is final; next() repeats it. A frame that came whole is never copied;
/// one that was split is put together in storage that is kept, so nothing is allocated per datagram. Memory:
/// at most `max_frame` octets. No I/O, no clock, no thread of its own.
class decoder {
 public:
  explicit decoder(before_greeting allowed = before_greeting::nothing) : allowed_(allowed) {}

  /// More octets, which must live unchanged until next() says need_more; what was fed before has been used up
  /// by then.
  void feed(octet_view data) { input_ = data; }

  /// Errors: those of errc. The messages are sentences; text of the peer's in them is sanitised.
  [[nodiscard]] result<event> next();

  [[nodiscard]] bool has_greeted() const { return greeted_; }

  /// The first octets of what stood before the greeting, unchanged, for the message when none comes.
  [[nodiscard]] std::string_view noise() const { return noise_; }

 private:
  result<event> next_greeting();
  result<event> next_frame();
  /// Puts the frame at the front together; empty: more octets are needed.
  result<octet_view> whole_frame();
  bool gather(std::size_t wanted);
  void keep_noise(octet_view passed);
  error end(errc code, std::string message);

  before_greeting allowed_;
  octet_view input_;
  octets partial_;
  bool partial_used_ = false;
  bool greeted_ = false;
  std::size_t matched_ = 0;
  std::size_t passed_over_ = 0;
  std::string noise_;
  error failure_;
};

}  // namespace tunnel::udp::framing
