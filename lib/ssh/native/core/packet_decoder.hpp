#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/error.hpp"
#include "ssh/native/core/inbound_buffer.hpp"
#include "ssh/native/core/packet_cipher.hpp"

namespace tunnel::ssh::native {

/// What one direction has carried under its present keys.
struct key_usage {
  std::uint64_t packets = 0;
  std::uint64_t octets = 0;
};

/// Takes packets apart (RFC 4253 section 6), decrypting them in place.
class packet_decoder {
 public:
  /// Policy: as OpenSSH's; RFC 4253 section 6.1 asks for 35,000 octets.
  static constexpr std::uint32_t max_packet_length = 256 * 1024;

  struct packet {
    /// At least the message number. In the inbound buffer, until its room() is called.
    octet_span payload;
    std::uint32_t sequence_number = 0;
  };

  /// Sequence numbers begin with 0 (RFC 4253 section 6.4); tests of their end begin elsewhere.
  explicit packet_decoder(std::uint32_t first_sequence_number = 0)
      : cipher_(make_plain_opener()), sequence_number_(first_sequence_number) {}

  /// The next packet; nothing: more octets are needed.
  /// Errors: mac_error; protocol_error for lengths outside RFC 4253 section 6's, before anything is stored.
  result<std::optional<packet>> next(inbound_buffer& from);

  /// From the packet after this one on, as SSH_MSG_NEWKEYS says.
  void take_keys(std::unique_ptr<packet_opener> cipher, bool reset_sequence_number);

  [[nodiscard]] const key_usage& usage() const { return usage_; }

 private:
  [[nodiscard]] bool is_plausible(std::uint32_t length) const;

  std::unique_ptr<packet_opener> cipher_;
  std::uint32_t sequence_number_;
  /// Of the packet at the front, once it is known.
  std::optional<std::uint32_t> length_;
  bool initial_keys_ = true;
  key_usage usage_;
};

}  // namespace tunnel::ssh::native
