#pragma once

#include <array>
#include <cstddef>
#include <string_view>

#include "base/octets.hpp"
#include "crypto/key_agreement.hpp"

namespace tunnel::fuzz {

struct kex_method {
  std::string_view name;
  /// Of the server's public value, in octets. Zero: it is a number.
  std::size_t value_size = 0;
  octet_view (*prime)() = nullptr;
  bool has_groups = false;
};

/// Inputs name them by their places: new ones go to the end.
inline constexpr std::array kex_methods{
    kex_method{"curve25519-sha256", 32}, kex_method{"curve25519-sha256@libssh.org", 32},
    kex_method{"ecdh-sha2-nistp256", 65}, kex_method{"ecdh-sha2-nistp384", 97},
    kex_method{"ecdh-sha2-nistp521", 133},
    kex_method{"diffie-hellman-group14-sha256", 0, crypto::modp_group14},
    kex_method{"diffie-hellman-group16-sha512", 0, crypto::modp_group16},
    kex_method{"diffie-hellman-group18-sha512", 0, crypto::modp_group18},
    kex_method{"diffie-hellman-group-exchange-sha256", 0, nullptr, true},
    // Where libcrypto has it.
    kex_method{"mlkem768x25519-sha256", 1088 + 32}};

}  // namespace tunnel::fuzz
