#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/octets.hpp"
#include "ssh/native/core/packet_cipher.hpp"

namespace tunnel::ssh::native {

/// A cipher with the MAC that goes with it, none for an AEAD cipher, under fixed keys.
struct cipher_suite {
  std::string cipher;
  std::string mac;

  [[nodiscard]] std::string name() const { return cipher + (mac.empty() ? "" : " " + mac); }
  [[nodiscard]] std::unique_ptr<packet_sealer> sealer() const;
  [[nodiscard]] std::unique_ptr<packet_opener> opener() const;
};

/// Each that the engine has.
std::vector<cipher_suite> all_suites();

}  // namespace tunnel::ssh::native
