#pragma once

#include <array>
#include <initializer_list>
#include <memory>

#include "base/octets.hpp"
#include "crypto/digest.hpp"

struct evp_mac_ctx_st;

namespace tunnel::crypto {

struct mac_context_deleter {
  void operator()(evp_mac_ctx_st* context) const;
};
using mac_context = std::unique_ptr<evp_mac_ctx_st, mac_context_deleter>;

/// HMAC (RFC 2104) with SHA-2, under one key for many messages.
class hmac {
 public:
  hmac(digest_algorithm algorithm, octet_view key);

  /// Over the parts, one after the other. `out` has the digest's size.
  void compute(std::initializer_list<octet_view> parts, octet_span out);

 private:
  mac_context context_;
};

/// Poly1305 (RFC 8439 section 2.5), with a key for each message.
class poly1305 {
 public:
  static constexpr std::size_t key_size = 32;
  static constexpr std::size_t tag_size = 16;

  poly1305();

  std::array<octet, tag_size> compute(octet_view key, octet_view data);

 private:
  mac_context context_;
};

/// Compares without telling by its timing where the difference is.
bool equal_in_constant_time(octet_view one, octet_view other);

}  // namespace tunnel::crypto
