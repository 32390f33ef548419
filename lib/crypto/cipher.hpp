#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "base/octets.hpp"

struct evp_cipher_ctx_st;

namespace tunnel::crypto {

struct cipher_context_deleter {
  void operator()(evp_cipher_ctx_st* context) const;
};
using cipher_context = std::unique_ptr<evp_cipher_ctx_st, cipher_context_deleter>;

/// AES in counter mode (NIST SP 800-38A; RFC 4344 section 4). The key stream goes on from call to call.
/// Throws std::invalid_argument for keys that are not 16, 24 or 32 octets long.
class aes_ctr {
 public:
  static constexpr std::size_t block_size = 16;

  aes_ctr(octet_view key, octet_view initial_counter);

  /// Encrypts or decrypts in place.
  void apply(octet_span data);

 private:
  cipher_context context_;
};

/// AES in CBC mode, without padding, for keys' files alone. `data` is a whole number of blocks.
void aes_cbc_decrypt(octet_view key, octet_view iv, octet_span data);

/// AES-GCM (NIST SP 800-38D) with the nonces of RFC 5647 section 7.1: 4 fixed octets, and a counter of 8
/// that every message increments.
class aes_gcm {
 public:
  static constexpr std::size_t nonce_size = 12;
  static constexpr std::size_t tag_size = 16;

  enum class purpose { seal, open };

  aes_gcm(purpose use, octet_view key, octet_view nonce);

  /// Encrypts in place and writes the tag.
  void seal(octet_view associated, octet_span data, octet_span tag);
  /// Decrypts in place. False: it is not authentic, and what stands in `data` now means nothing.
  [[nodiscard]] bool open(octet_view associated, octet_span data, octet_view tag);

 private:
  void next_nonce();

  cipher_context context_;
  std::array<octet, nonce_size> nonce_{};
};

/// ChaCha20 as D. J. Bernstein published it: a nonce and a block counter of 64 bits each.
class chacha20 {
 public:
  static constexpr std::size_t key_size = 32;

  explicit chacha20(octet_view key);

  /// Begins the key stream at a block, for a nonce.
  void seek(std::uint64_t nonce, std::uint64_t block);
  void apply(octet_span data);

 private:
  cipher_context context_;
};

}  // namespace tunnel::crypto
