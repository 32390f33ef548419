#pragma once

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "session.hpp"
#include "ssh/native/core/algorithms.hpp"
#include "ssh/native/core/packet_cipher.hpp"

namespace tunnel::ssh::native {

/// A cipher, and the MAC beside it unless it is an AEAD.
struct suite {
  std::string cipher;
  std::string mac;

  [[nodiscard]] bool aead() const { return sizes_of_cipher(cipher)->aead; }

  /// A server that offers nothing else.
  [[nodiscard]] support::peer::options server() const {
    support::peer::options how;
    how.offer.cipher_client_to_server = how.offer.cipher_server_to_client = {cipher};
    how.offer.mac_client_to_server = how.offer.mac_server_to_client = {mac};
    return how;
  }
};

inline std::vector<suite> every_suite() {
  std::vector<suite> suites;
  for (const auto cipher : cipher_algorithms()) {
    for (const auto mac : mac_algorithms()) {
      suites.push_back({std::string(cipher), std::string(mac)});
      if (suites.back().aead()) break;
    }
  }
  return suites;
}

/// "aes128_ctr_hmac_sha2_256"
inline std::string name_of(const testing::TestParamInfo<suite>& info) {
  std::string name = info.param.cipher + (info.param.aead() ? "" : "_" + info.param.mac);
  name = name.substr(0, name.find("@"));
  for (auto& each : name)
    if (each == '-') each = '_';
  return name;
}

}  // namespace tunnel::ssh::native
