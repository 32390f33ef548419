// Any octets are an SSH_MSG_KEXINIT or an error. What was read is the same when it is written and read again,
// and what is negotiated from it is what RFC 4253 section 7.1 says: the client's first name that the server
// has too, of algorithms that exist here, and never a flag's name.

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "invariant.hpp"
#include "ssh/native/core/kexinit.hpp"
#include "ssh/native/core/message.hpp"
#include "ssh/native/core/packet_cipher.hpp"

namespace {

using namespace tunnel;
using namespace tunnel::fuzz;
using namespace tunnel::ssh::native;

using names = std::vector<std::string>;

bool has(const names& list, const std::string& name) {
  return std::ranges::find(list, name) != list.end();
}

bool is_known_kex(const std::string& name) {
  static const auto known = kex_algorithms();
  return std::ranges::find(known, name) != known.end();
}

void require_first_common(const std::string& chosen, const names& client, const names& server) {
  require(has(server, chosen));
  for (const auto& name : client) {
    if (name == chosen) return;
    const bool is_flag = name == ext_info_client || name == strict_client;
    require(is_flag || !has(server, name));
  }
  // Not among the client's at all.
  require(false);
}

void require_mac(const std::string& chosen, const std::string& cipher, const names& client,
                 const names& server) {
  const auto sizes = sizes_of_cipher(cipher);
  require(sizes.has_value());
  if (sizes->aead) return require(chosen.empty());
  require(key_size_of_mac(chosen).has_value());
  require_first_common(chosen, client, server);
}

void check_negotiation(const kexinit& server, bool initial) {
  static const auto preferences = default_preferences();
  const auto client = offer(preferences, std::array<octet, 16>{}, initial);
  const auto common = negotiate(client, server);
  if (!common) return require_explained(common.error());
  require(is_known_kex(common->kex));
  require_first_common(common->kex, client.kex, server.kex);
  require_first_common(common->host_key, client.host_key, server.host_key);
  require_first_common(common->cipher_out, client.cipher_client_to_server, server.cipher_client_to_server);
  require_first_common(common->cipher_in, client.cipher_server_to_client, server.cipher_server_to_client);
  require_mac(common->mac_out, common->cipher_out, client.mac_client_to_server, server.mac_client_to_server);
  require_mac(common->mac_in, common->cipher_in, client.mac_server_to_client, server.mac_server_to_client);
  require(has(server.compression_client_to_server, "none"));
  require(has(server.compression_server_to_client, "none"));
  require(server.first_kex_packet_follows || !common->guess_was_wrong);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const octet_view payload(data, size);
  const auto read = parse_kexinit(payload);
  if (!read) {
    require_explained(read.error());
    return 0;
  }
  const auto written = encode(*read);
  const auto again = parse_kexinit(written);
  require(again && encode(*again) == written);
  octets longer(payload.begin(), payload.end());
  longer.push_back(0);
  require(!parse_kexinit(longer));
  check_negotiation(*read, true);
  check_negotiation(*read, false);
  return 0;
}
