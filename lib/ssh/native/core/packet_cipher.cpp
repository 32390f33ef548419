#include "ssh/native/core/packet_cipher.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>

#include "crypto/cipher.hpp"
#include "crypto/mac.hpp"

namespace tunnel::ssh::native {

namespace {

// RFC 4253 section 6: without a cipher, and with a stream cipher.
constexpr std::size_t least_alignment = 8;

std::uint32_t read_length(octet_view field) {
  std::uint32_t value = 0;
  for (const octet each : field.first(length_field)) value = (value << 8U) | each;
  return value;
}

std::array<octet, 4> big_endian(std::uint32_t value) {
  return {static_cast<octet>(value >> 24U), static_cast<octet>(value >> 16U), static_cast<octet>(value >> 8U),
          static_cast<octet>(value)};
}

// --- none --------------------------------------------------------------------------------------------------

constexpr packet_layout plain_layout{least_alignment, true, 0, length_field};

class plain_opener final : public packet_opener {
 public:
  plain_opener() : packet_opener(plain_layout) {}
  std::uint32_t packet_length(std::uint32_t /*sequence_number*/, octet_span head) override {
    return read_length(head);
  }
  bool open(std::uint32_t /*sequence_number*/, octet_span /*packet*/, octet_view /*tag*/) override {
    return true;
  }
};

class plain_sealer final : public packet_sealer {
 public:
  plain_sealer() : packet_sealer(plain_layout) {}
  void seal(std::uint32_t /*sequence_number*/, octet_span /*packet*/, octet_span /*tag*/) override {}
};

// --- AES-GCM (RFC 5647 section 7.3, as OpenSSH's PROTOCOL section 1.6 narrows it)
// ---------------------------

constexpr packet_layout gcm_layout{crypto::aes_ctr::block_size, false, crypto::aes_gcm::tag_size,
                                   length_field};

class gcm_opener final : public packet_opener {
 public:
  gcm_opener(octet_view key, octet_view iv)
      : packet_opener(gcm_layout), cipher_(crypto::aes_gcm::purpose::open, key, iv) {}
  std::uint32_t packet_length(std::uint32_t /*sequence_number*/, octet_span head) override {
    return read_length(head);
  }
  bool open(std::uint32_t /*sequence_number*/, octet_span packet, octet_view tag) override {
    return cipher_.open(packet.first(length_field), packet.subspan(length_field), tag);
  }

 private:
  crypto::aes_gcm cipher_;
};

class gcm_sealer final : public packet_sealer {
 public:
  gcm_sealer(octet_view key, octet_view iv)
      : packet_sealer(gcm_layout), cipher_(crypto::aes_gcm::purpose::seal, key, iv) {}
  void seal(std::uint32_t /*sequence_number*/, octet_span packet, octet_span tag) override {
    cipher_.seal(packet.first(length_field), packet.subspan(length_field), tag);
  }

 private:
  crypto::aes_gcm cipher_;
};

// --- ChaCha20-Poly1305 (OpenSSH's PROTOCOL.chacha20poly1305)
// -------------------------------------------------

constexpr packet_layout chacha_layout{least_alignment, false, crypto::poly1305::tag_size, length_field};

/// What both directions do with a sequence number. The first half of the key is for payloads, the second for
/// lengths.
class chacha_poly {
 public:
  explicit chacha_poly(octet_view key)
      : payload_(key.first(crypto::chacha20::key_size)), length_(key.subspan(crypto::chacha20::key_size)) {}

  void apply_to_length(std::uint32_t sequence_number, octet_span field) {
    length_.seek(sequence_number, 0);
    length_.apply(field);
  }
  void apply_to_payload(std::uint32_t sequence_number, octet_span data) {
    payload_.seek(sequence_number, 1);
    payload_.apply(data);
  }
  /// Over the encrypted packet.
  std::array<octet, crypto::poly1305::tag_size> tag(std::uint32_t sequence_number, octet_view packet) {
    std::array<octet, crypto::poly1305::key_size> key{};
    payload_.seek(sequence_number, 0);
    payload_.apply(key);
    return mac_.compute(key, packet);
  }

 private:
  crypto::chacha20 payload_;
  crypto::chacha20 length_;
  crypto::poly1305 mac_;
};

class chacha_opener final : public packet_opener {
 public:
  explicit chacha_opener(octet_view key) : packet_opener(chacha_layout), cipher_(key) {}
  std::uint32_t packet_length(std::uint32_t sequence_number, octet_span head) override {
    // The tag is over the encrypted field, so it stays as it is.
    std::array<octet, length_field> field{};
    std::ranges::copy(head.first(length_field), field.begin());
    cipher_.apply_to_length(sequence_number, field);
    return read_length(field);
  }
  bool open(std::uint32_t sequence_number, octet_span packet, octet_view tag) override {
    if (!crypto::equal_in_constant_time(cipher_.tag(sequence_number, packet), tag)) return false;
    cipher_.apply_to_payload(sequence_number, packet.subspan(length_field));
    return true;
  }

 private:
  chacha_poly cipher_;
};

class chacha_sealer final : public packet_sealer {
 public:
  explicit chacha_sealer(octet_view key) : packet_sealer(chacha_layout), cipher_(key) {}
  void seal(std::uint32_t sequence_number, octet_span packet, octet_span tag) override {
    cipher_.apply_to_length(sequence_number, packet.first(length_field));
    cipher_.apply_to_payload(sequence_number, packet.subspan(length_field));
    std::ranges::copy(cipher_.tag(sequence_number, packet), tag.begin());
  }

 private:
  chacha_poly cipher_;
};

// --- AES-CTR (RFC 4344) with HMAC (RFC 6668)
// ----------------------------------------------------------------

struct mac_row {
  std::string_view name;
  crypto::digest_algorithm digest;
  std::size_t size;
  /// OpenSSH's PROTOCOL, section 1.5.
  bool encrypt_then_mac;
};

using enum crypto::digest_algorithm;
constexpr std::size_t max_tag = 64;
constexpr std::array macs{mac_row{"hmac-sha2-256-etm@openssh.com", sha256, 32, true},
                          mac_row{"hmac-sha2-512-etm@openssh.com", sha512, max_tag, true},
                          mac_row{"hmac-sha2-256", sha256, 32, false},
                          mac_row{"hmac-sha2-512", sha512, max_tag, false}};

const mac_row* find_mac(std::string_view name) {
  const auto* const found = std::ranges::find(macs, name, &mac_row::name);
  return found == macs.end() ? nullptr : found;
}

packet_layout ctr_layout(const mac_row& mac) {
  constexpr auto block = crypto::aes_ctr::block_size;
  return {block, !mac.encrypt_then_mac, mac.size, mac.encrypt_then_mac ? length_field : block};
}

class ctr_opener final : public packet_opener {
 public:
  ctr_opener(const mac_row& mac, octet_view key, octet_view iv, octet_view mac_key)
      : packet_opener(ctr_layout(mac)), row_(mac), cipher_(key, iv), mac_(mac.digest, mac_key) {}

  std::uint32_t packet_length(std::uint32_t /*sequence_number*/, octet_span head) override {
    if (!row_.encrypt_then_mac) cipher_.apply(head);
    return read_length(head);
  }

  bool open(std::uint32_t sequence_number, octet_span packet, octet_view tag) override {
    if (row_.encrypt_then_mac) {
      if (!verify(sequence_number, packet, tag)) return false;
      cipher_.apply(packet.subspan(length_field));
      return true;
    }
    // The first block was decrypted for its length.
    cipher_.apply(packet.subspan(layout().head_size));
    return verify(sequence_number, packet, tag);
  }

 private:
  bool verify(std::uint32_t sequence_number, octet_view packet, octet_view tag) {
    std::array<octet, max_tag> expected{};
    const auto computed = octet_span(expected).first(row_.size);
    mac_.compute({big_endian(sequence_number), packet}, computed);
    return crypto::equal_in_constant_time(computed, tag);
  }

  const mac_row& row_;
  crypto::aes_ctr cipher_;
  crypto::hmac mac_;
};

class ctr_sealer final : public packet_sealer {
 public:
  ctr_sealer(const mac_row& mac, octet_view key, octet_view iv, octet_view mac_key)
      : packet_sealer(ctr_layout(mac)), row_(mac), cipher_(key, iv), mac_(mac.digest, mac_key) {}

  void seal(std::uint32_t sequence_number, octet_span packet, octet_span tag) override {
    const auto number = big_endian(sequence_number);
    if (row_.encrypt_then_mac) {
      cipher_.apply(packet.subspan(length_field));
      mac_.compute({number, packet}, tag);
    } else {
      mac_.compute({number, packet}, tag);
      cipher_.apply(packet);
    }
  }

 private:
  const mac_row& row_;
  crypto::aes_ctr cipher_;
  crypto::hmac mac_;
};

// --- by name -----------------------------------------------------------------------------------------------

enum class family { gcm, chacha, ctr };

struct cipher_row {
  std::string_view name;
  family kind;
  cipher_sizes sizes;
};

constexpr std::array ciphers{
    cipher_row{"aes128-gcm@openssh.com", family::gcm, {16, crypto::aes_gcm::nonce_size, true}},
    cipher_row{"aes256-gcm@openssh.com", family::gcm, {32, crypto::aes_gcm::nonce_size, true}},
    cipher_row{"chacha20-poly1305@openssh.com", family::chacha, {2 * crypto::chacha20::key_size, 0, true}},
    cipher_row{"aes128-ctr", family::ctr, {16, crypto::aes_ctr::block_size, false}},
    cipher_row{"aes192-ctr", family::ctr, {24, crypto::aes_ctr::block_size, false}},
    cipher_row{"aes256-ctr", family::ctr, {32, crypto::aes_ctr::block_size, false}}};

const cipher_row* find_cipher(std::string_view name) {
  const auto* const found = std::ranges::find(ciphers, name, &cipher_row::name);
  return found == ciphers.end() ? nullptr : found;
}

template <class Product, class Gcm, class ChaCha, class Ctr>
std::unique_ptr<Product> make(std::string_view cipher, std::string_view mac, octet_view key, octet_view iv,
                              octet_view mac_key) {
  const auto* const row = find_cipher(cipher);
  if (row == nullptr) throw std::logic_error("no such cipher");
  if (row->kind == family::gcm) return std::make_unique<Gcm>(key, iv);
  if (row->kind == family::chacha) return std::make_unique<ChaCha>(key);
  const auto* const authentication = find_mac(mac);
  if (authentication == nullptr) throw std::logic_error("no such MAC");
  return std::make_unique<Ctr>(*authentication, key, iv, mac_key);
}

}  // namespace

std::optional<cipher_sizes> sizes_of_cipher(std::string_view cipher) {
  const auto* const row = find_cipher(cipher);
  if (row == nullptr) return std::nullopt;
  return row->sizes;
}

std::optional<std::size_t> key_size_of_mac(std::string_view mac) {
  const auto* const row = find_mac(mac);
  if (row == nullptr) return std::nullopt;
  return row->size;
}

std::unique_ptr<packet_opener> make_opener(std::string_view cipher, std::string_view mac, octet_view key,
                                           octet_view iv, octet_view mac_key) {
  return make<packet_opener, gcm_opener, chacha_opener, ctr_opener>(cipher, mac, key, iv, mac_key);
}

std::unique_ptr<packet_sealer> make_sealer(std::string_view cipher, std::string_view mac, octet_view key,
                                           octet_view iv, octet_view mac_key) {
  return make<packet_sealer, gcm_sealer, chacha_sealer, ctr_sealer>(cipher, mac, key, iv, mac_key);
}

std::unique_ptr<packet_opener> make_plain_opener() {
  return std::make_unique<plain_opener>();
}

std::unique_ptr<packet_sealer> make_plain_sealer() {
  return std::make_unique<plain_sealer>();
}

}  // namespace tunnel::ssh::native
