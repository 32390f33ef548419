#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>

#include "base/octets.hpp"
#include "socks/address.hpp"

// The protocol of badvpn's udpgw (its protocol/udpgw_proto.h within protocol/packetproto.h), from the
// client's side. There is no handshake; each way go
//
//   | length 2, little-endian | flags 1 | conid 2, little-endian | IPv4 4 or IPv6 16 | port 2, big-endian |
//   data |
//
// where length counts what is behind it. A keepalive ends behind its conid.
namespace tunnel::udp::udpgw {

/// The bits of `flags`.
inline constexpr octet keepalive = 0x01;
inline constexpr octet rebind = 0x02;
inline constexpr octet is_ipv6 = 0x08;

/// The longest that stands in front of data.
inline constexpr std::size_t max_header = 2 + 1 + 2 + 16 + 2;

/// A conid stands for one pair of a local and a remote address. The server keeps this many per client and
/// forgets the least recently used for another.
inline constexpr std::size_t max_conids = 256;

struct datagram {
  std::uint16_t conid = 0;
  /// Always numeric. From the server it is where the client's datagrams went, whoever answered.
  socks::address peer;
  octet_view data;
};

/// How long the frame is that begins like this; 0: it takes 2 octets to tell.
std::size_t frame_size(octet_view beginning);

/// A whole frame of the server's. Nothing: it has no datagram, for it is a keepalive, or makes no sense.
std::optional<datagram> parse(octet_view frame);

/// Writes what stands in front of `data_size` octets to `peer`, which must be numeric, and says how long it
/// is. `flags`: `rebind` or 0.
std::size_t write_header(std::span<octet, max_header> out, octet flags, std::uint16_t conid,
                         const socks::address& peer, std::size_t data_size);

/// A whole keepalive. The server parts with a client that says nothing for 20 s.
inline constexpr std::array<octet, 5> keepalive_frame{0x03, 0x00, keepalive, 0x00, 0x00};

/// Who has which conid: each pair of an association and a peer has one, up to max_conids; then the least
/// recently used pair gives its up. Allocates nothing.
class conid_table {
 public:
  struct assignment {
    std::uint16_t conid;
    /// It has just become this pair's, which the server must be told by `rebind`.
    bool fresh;
  };

  /// The conid for a datagram that is about to be sent.
  assignment assign(std::uint32_t association, const socks::address& peer);

  /// Whose datagram this is. Nothing: nobody's any more. The server may send some for the pair that had the
  /// conid before, and they say the peer of that one.
  std::optional<std::uint32_t> owner_of(std::uint16_t conid, const socks::address& peer) const;

  /// The association has ended.
  void release(std::uint32_t association);

 private:
  struct entry {
    std::optional<std::uint32_t> association;
    socks::address peer;
    // Of the last use; 0: free.
    std::uint64_t used = 0;
  };

  std::array<entry, max_conids> entries_{};
  std::uint64_t uses_ = 0;
};

}  // namespace tunnel::udp::udpgw
