#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/octets.hpp"

namespace tunnel::ssh::native {

/// Octets of a packet's packet_length, and the least of its padding (RFC 4253 section 6).
inline constexpr std::size_t length_field = 4;
inline constexpr std::size_t min_padding = 4;

/// How a cipher and its MAC lay out a packet (RFC 4253 section 6).
struct packet_layout {
  /// What the packet's length must be a multiple of, in octets.
  std::size_t alignment;
  /// Whether the packet_length field counts towards it. It does not where it is authenticated apart: AEAD
  /// and encrypt-then-MAC.
  bool length_aligned;
  std::size_t tag_size;
  /// Octets that must be there before packet_length can be known.
  std::size_t head_size;
};

/// Undoes one direction's protection. For each packet, in order: packet_length() once, then open() once.
/// Throws std::runtime_error when libcrypto fails: nothing then counts as verified.
class packet_opener {
 public:
  explicit packet_opener(packet_layout layout) : layout_(layout) {}
  packet_opener(const packet_opener&) = delete;
  packet_opener& operator=(const packet_opener&) = delete;
  virtual ~packet_opener() = default;

  [[nodiscard]] const packet_layout& layout() const { return layout_; }

  /// packet_length of the packet that begins with these head_size octets, which may be decrypted in place.
  /// Not authenticated yet.
  virtual std::uint32_t packet_length(std::uint32_t sequence_number, octet_span head) = 0;

  /// Verifies and decrypts in place. `packet` is all but the tag. False: it is not authentic. What is
  /// encrypted then MACed, or by an AEAD, is not decrypted before it was verified.
  [[nodiscard]] virtual bool open(std::uint32_t sequence_number, octet_span packet, octet_view tag) = 0;

 private:
  packet_layout layout_;
};

/// Protects one direction's packets. Throws as packet_opener.
class packet_sealer {
 public:
  explicit packet_sealer(packet_layout layout) : layout_(layout) {}
  packet_sealer(const packet_sealer&) = delete;
  packet_sealer& operator=(const packet_sealer&) = delete;
  virtual ~packet_sealer() = default;

  [[nodiscard]] const packet_layout& layout() const { return layout_; }

  /// Encrypts a whole packet in place, in order, and writes its tag.
  virtual void seal(std::uint32_t sequence_number, octet_span packet, octet_span tag) = 0;

 private:
  packet_layout layout_;
};

struct cipher_sizes {
  std::size_t key;
  std::size_t iv;
  /// It authenticates by itself, so that no MAC goes with it.
  bool aead;
};

/// By the names of cipher_algorithms() and mac_algorithms(). Nothing: not known here.
std::optional<cipher_sizes> sizes_of_cipher(std::string_view cipher);
std::optional<std::size_t> key_size_of_mac(std::string_view mac);

/// With names that the functions above know; `mac` and its key are ignored for an AEAD cipher.
std::unique_ptr<packet_opener> make_opener(std::string_view cipher, std::string_view mac, octet_view key,
                                           octet_view iv, octet_view mac_key);
std::unique_ptr<packet_sealer> make_sealer(std::string_view cipher, std::string_view mac, octet_view key,
                                           octet_view iv, octet_view mac_key);

/// For what comes before the first keys: no cipher, no MAC.
std::unique_ptr<packet_opener> make_plain_opener();
std::unique_ptr<packet_sealer> make_plain_sealer();

}  // namespace tunnel::ssh::native
