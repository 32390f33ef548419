#pragma once

#include <array>
#include <memory>
#include <string_view>

#include "base/octets.hpp"
#include "ssh/native/core/packet_cipher.hpp"

namespace tunnel::fuzz {

/// A cipher and its MAC, with keys that are always the same.
struct packet_suite {
  std::string_view cipher;
  std::string_view mac;

  [[nodiscard]] bool is_plain() const { return cipher.empty(); }

  [[nodiscard]] std::unique_ptr<ssh::native::packet_opener> opener() const {
    if (is_plain()) return ssh::native::make_plain_opener();
    const keys with(*this);
    return ssh::native::make_opener(cipher, mac, with.key, with.iv, with.mac);
  }

  [[nodiscard]] std::unique_ptr<ssh::native::packet_sealer> sealer() const {
    if (is_plain()) return ssh::native::make_plain_sealer();
    const keys with(*this);
    return ssh::native::make_sealer(cipher, mac, with.key, with.iv, with.mac);
  }

 private:
  struct keys {
    explicit keys(const packet_suite& suite)
        : key(ssh::native::sizes_of_cipher(suite.cipher).value().key, octet{0x11}),
          iv(ssh::native::sizes_of_cipher(suite.cipher).value().iv, octet{0x22}),
          mac(ssh::native::key_size_of_mac(suite.mac).value_or(0), octet{0x33}) {}
    octets key;
    octets iv;
    octets mac;
  };
};

/// Inputs name them by their places: new ones go to the end.
inline constexpr std::array packet_suites{packet_suite{"", ""},
                                          packet_suite{"aes128-gcm@openssh.com", ""},
                                          packet_suite{"aes256-gcm@openssh.com", ""},
                                          packet_suite{"chacha20-poly1305@openssh.com", ""},
                                          packet_suite{"aes128-ctr", "hmac-sha2-256-etm@openssh.com"},
                                          packet_suite{"aes128-ctr", "hmac-sha2-512-etm@openssh.com"},
                                          packet_suite{"aes128-ctr", "hmac-sha2-256"},
                                          packet_suite{"aes128-ctr", "hmac-sha2-512"},
                                          packet_suite{"aes192-ctr", "hmac-sha2-256-etm@openssh.com"},
                                          packet_suite{"aes192-ctr", "hmac-sha2-512-etm@openssh.com"},
                                          packet_suite{"aes192-ctr", "hmac-sha2-256"},
                                          packet_suite{"aes192-ctr", "hmac-sha2-512"},
                                          packet_suite{"aes256-ctr", "hmac-sha2-256-etm@openssh.com"},
                                          packet_suite{"aes256-ctr", "hmac-sha2-512-etm@openssh.com"},
                                          packet_suite{"aes256-ctr", "hmac-sha2-256"},
                                          packet_suite{"aes256-ctr", "hmac-sha2-512"}};

}  // namespace tunnel::fuzz
