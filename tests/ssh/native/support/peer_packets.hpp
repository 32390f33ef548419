#pragma once

#include <cstdint>
#include <memory>

#include "base/octets.hpp"
#include "ssh/native/core/packet_cipher.hpp"

namespace tunnel::ssh::native::support {

/// Builds the server's packets (RFC 4253 section 6), right ones and wrong ones. Not the core's encoder: what
/// that gets wrong should show.
class peer_packets {
 public:
  peer_packets() : sealer_(make_plain_sealer()) {}

  /// A packet of this payload, encrypted and with its tag.
  octets sealed(octet_view payload) { return seal(framed(payload)); }

  /// The same before encryption: packet_length, padding_length, payload, padding.
  [[nodiscard]] octets framed(octet_view payload) const;

  /// Encrypts what may be no packet at all, beginning with packet_length, and appends the tag. It counts as
  /// a packet.
  octets seal(octets packet);

  [[nodiscard]] const packet_layout& layout() const { return sealer_->layout(); }

  /// Of the next packet.
  [[nodiscard]] std::uint32_t sequence_number() const { return sequence_number_; }
  void set_sequence_number(std::uint32_t value) { sequence_number_ = value; }

  void take_keys(std::unique_ptr<packet_sealer> sealer, bool reset_sequence_number);

 private:
  std::unique_ptr<packet_sealer> sealer_;
  std::uint32_t sequence_number_ = 0;
};

/// Writes `value` to the first four octets.
void put_length(octet_span packet, std::uint32_t value);

}  // namespace tunnel::ssh::native::support
