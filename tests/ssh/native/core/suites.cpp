#include "suites.hpp"

#include <utility>

#include "ssh/native/core/algorithms.hpp"

namespace tunnel::ssh::native {

namespace {

octets counted(octet first, std::size_t size) {
  octets data(size);
  for (std::size_t i = 0; i < size; ++i) data[i] = static_cast<octet>(first + i);
  return data;
}

struct fixed_keys {
  octets key;
  octets iv;
  octets mac;
};

fixed_keys keys_of(const cipher_suite& suite) {
  const auto sizes = sizes_of_cipher(suite.cipher).value();
  return {counted(0, sizes.key), counted(0x80, sizes.iv),
          counted(0xc0, key_size_of_mac(suite.mac).value_or(0))};
}

}  // namespace

std::unique_ptr<packet_sealer> cipher_suite::sealer() const {
  const auto keys = keys_of(*this);
  return make_sealer(cipher, mac, keys.key, keys.iv, keys.mac);
}

std::unique_ptr<packet_opener> cipher_suite::opener() const {
  const auto keys = keys_of(*this);
  return make_opener(cipher, mac, keys.key, keys.iv, keys.mac);
}

std::vector<cipher_suite> all_suites() {
  std::vector<cipher_suite> suites;
  for (const auto cipher : cipher_algorithms()) {
    if (sizes_of_cipher(cipher).value().aead) {
      suites.push_back({std::string(cipher), ""});
      continue;
    }
    for (const auto mac : mac_algorithms()) suites.push_back({std::string(cipher), std::string(mac)});
  }
  return suites;
}

}  // namespace tunnel::ssh::native
