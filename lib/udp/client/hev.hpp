#pragma once

#include <array>
#include <cstddef>
#include <optional>
#include <span>
#include <string>

#include "base/octets.hpp"
#include "socks/address.hpp"
#include "socks/udp_header.hpp"

// hev-socks5-server's UDP in TCP, from the client's side: a SOCKS5 connection whose request has a command of
// its own. Behind the reply go, each way,
//
//   | size of data 2, big-endian | size of what stands in front of it 1 | ATYP 1 | address | port 2 | data |
//
// as its code has it (hev-socks5-core's hev-socks5-udp.c); its README counts otherwise.
namespace tunnel::udp::hev {

/// The most octets that address and data may have together. Of a stream that brings it more the server takes
/// nothing any more, for good.
inline constexpr std::size_t max_size = 1500;

/// The longest that stands in front of data.
inline constexpr std::size_t max_header = 3 + socks::max_address;

/// What the client says first: no authentication, and then, without waiting, the request for UDP in TCP.
inline constexpr std::array<octet, 13> opening{0x05, 0x01, 0x00, 0x05, 0x05, 0x00, 0x01, 0, 0, 0, 0, 0, 0};

/// The server's answers to it: method selection and reply.
class handshake {
 public:
  enum class state { incomplete, done, failed };

  /// Takes what belongs to the answers, and removes it from `data`.
  state feed(octet_view& data);

  /// Why it failed, a sentence.
  [[nodiscard]] const std::string& reason() const { return reason_; }

 private:
  state judge();
  state fail(std::string reason);

  octets received_;
  std::string reason_;
};

struct datagram {
  /// Where it came from.
  socks::address peer;
  octet_view data;
};

/// How long the frame is that begins like this; 0: it takes 3 octets to tell.
std::size_t frame_size(octet_view beginning);

/// A whole frame. False: it makes no sense.
bool parse(octet_view frame, datagram& out);

/// Writes what stands in front of `data_size` octets to `peer` and says how long it is; 0: together they
/// exceed max_size.
std::size_t write_header(std::span<octet, max_header> out, const socks::address& peer, std::size_t data_size);

}  // namespace tunnel::udp::hev
