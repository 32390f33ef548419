#pragma once

#include <cstddef>
#include <string>
#include <variant>

#include "base/octets.hpp"
#include "socks/request.hpp"

namespace tunnel::socks {

/// The most octets that a handshake takes in, early data included. The longest valid exchange is SOCKS4a's
/// with 777 octets; the rest is room for what a client sends ahead, which a larger buffer would only
/// take out of the kernel's.
inline constexpr std::size_t max_handshake = 2048;

/// Nothing to do until more octets are fed.
struct need_more {
  friend bool operator==(const need_more&, const need_more&) = default;
};

/// Send `data`, then call next() again.
struct outgoing {
  octets data;
  friend bool operator==(const outgoing&, const outgoing&) = default;
};

/// The first octet is a capital letter: somebody speaks HTTP to this port. Nothing has been consumed, so
/// take_early_data() has all octets so far.
struct http_request {
  friend bool operator==(const http_request&, const http_request&) = default;
};

/// The client broke the protocol, or offered nothing that we accept. Send `reply` (possibly empty) and
/// close; `reason` is a sentence for the log without any text of the client's. The client may have sent more
/// than was read, and closing over unread octets resets the connection, which can cost it the reply: shut
/// down sending and drain first.
struct violation {
  octets reply;
  std::string reason;
  friend bool operator==(const violation&, const violation&) = default;
};

using event = std::variant<need_more, outgoing, request, http_request, violation>;

/// The server's side of a SOCKS4, SOCKS4a or SOCKS5 (RFC 1928) handshake, up to the complete request.
/// Answering the request is the caller's part: see encode_reply().
///
/// Use: read at most room() octets from the client, feed() them, and handle next() until it says
/// need_more. How the octets were split makes no difference. request, http_request and violation end the
/// handshake: next() repeats them, and the caller stops feeding. What the client sent beyond the request
/// is early data for the target; take_early_data() hands it over, and whatever was not fed is still in
/// the socket behind it, so nothing is lost or reordered.
///
/// No I/O, no clock, no thread of its own. Memory: at most `max_handshake` octets of input.
class server_handshake {
 public:
  /// How many octets feed() takes now. Never 0 while next() says need_more.
  [[nodiscard]] std::size_t room() const { return max_handshake - received_.size(); }

  /// Takes the first room() octets of `data`, or all when there are fewer, and says how many it took.
  std::size_t feed(octet_view data);

  /// What to do now.
  [[nodiscard]] event next();

  /// The octets after the request, once: a second call gives only what was fed since. None before the end
  /// of the handshake, nor after a violation.
  [[nodiscard]] octets take_early_data();

 private:
  //  first_octet ─┬─ 0x04 ──> socks4_request ──────────────────────────────────┬──> ended
  //               ├─ 0x05 ──> socks5_greeting ──(selection)──> socks5_request ──┤
  //               └─ other ──────────────────────────────────────────────────────┘
  enum class state { first_octet, socks4_request, socks5_greeting, socks5_request, ended };

  void on_first_octet();
  event on_greeting();
  event on_request();
  event end(event last);
  [[nodiscard]] octet_view unread() const { return octet_view(received_).subspan(consumed_); }

  octets received_;
  std::size_t consumed_ = 0;
  state state_ = state::first_octet;
  // What next() repeats from the end on.
  event last_;
};

}  // namespace tunnel::socks
