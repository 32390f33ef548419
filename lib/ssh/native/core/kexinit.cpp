#include "ssh/native/core/kexinit.hpp"

#include <algorithm>
#include <optional>

#include "base/text.hpp"
#include "ssh/native/core/errors.hpp"
#include "ssh/native/core/message.hpp"
#include "ssh/native/core/packet_cipher.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {

namespace {

using names = std::vector<std::string>;

bool contains(const names& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

std::string join(const names& list) {
  std::string text;
  for (const auto& name : list) text += (text.empty() ? "" : ",") + sanitise(name);
  return text.empty() ? "nothing" : text;
}

// Flags that are put into the list of key exchange algorithms are none.
bool is_flag(std::string_view name) {
  return name == strict_client || name == strict_server || name == ext_info_client || name == "ext-info-s";
}

result<std::string> choose(std::string_view what, const names& client, const names& server) {
  const auto chosen = std::ranges::find_if(
      client, [&](const std::string& name) { return !is_flag(name) && contains(server, name); });
  if (chosen != client.end()) return *chosen;
  names offered;
  std::ranges::copy_if(client, std::back_inserter(offered), [](const auto& name) { return !is_flag(name); });
  return error{make_error_code(errc::key_exchange_failed), "no common " + std::string(what) +
                                                               ". The server offers " + join(server) +
                                                               "; tunnel offers " + join(offered)};
}

result<std::string> choose_mac(std::string_view way, const std::string& cipher, const names& client,
                               const names& server) {
  const auto sizes = sizes_of_cipher(cipher);
  if (sizes && sizes->aead) return std::string();
  return choose("MAC " + std::string(way), client, server);
}

std::optional<names> read_names(wire::reader& from) {
  const auto list = from.name_list();
  if (!list) return std::nullopt;
  return names(list->begin(), list->end());
}

void write_names(wire::writer& to, const names& list) {
  const std::vector<std::string_view> views(list.begin(), list.end());
  to.name_list(views);
}

// The lists in the order of the message.
constexpr std::array name_lists{&kexinit::kex,
                                &kexinit::host_key,
                                &kexinit::cipher_client_to_server,
                                &kexinit::cipher_server_to_client,
                                &kexinit::mac_client_to_server,
                                &kexinit::mac_server_to_client,
                                &kexinit::compression_client_to_server,
                                &kexinit::compression_server_to_client};
constexpr int language_lists = 2;

}  // namespace

bool kexinit::lists(std::string_view name) const {
  return contains(kex, name);
}

kexinit offer(const algorithm_preferences& preferences, const std::array<octet, 16>& cookie, bool initial) {
  kexinit message;
  message.cookie = cookie;
  message.kex = preferences.kex;
  if (initial) {
    message.kex.emplace_back(ext_info_client);
    message.kex.emplace_back(strict_client);
  }
  message.host_key = preferences.host_key;
  message.cipher_client_to_server = message.cipher_server_to_client = preferences.cipher;
  message.mac_client_to_server = message.mac_server_to_client = preferences.mac;
  message.compression_client_to_server = message.compression_server_to_client = {"none"};
  return message;
}

octets encode(const kexinit& message) {
  octets payload;
  wire::writer to(payload);
  to.byte(message::kexinit).raw(message.cookie);
  for (const auto list : name_lists) write_names(to, message.*list);
  for (int i = 0; i < language_lists; ++i) to.name_list({});
  to.boolean(message.first_kex_packet_follows).uint32(0);
  return payload;
}

result<kexinit> parse_kexinit(octet_view payload) {
  const auto malformed = violation("the server's SSH_MSG_KEXINIT is malformed");
  wire::reader from(payload.subspan(1));
  kexinit message;
  const auto cookie = from.raw(message.cookie.size());
  if (!cookie) return malformed;
  std::ranges::copy(*cookie, message.cookie.begin());
  for (const auto list : name_lists) {
    auto read = read_names(from);
    if (!read) return malformed;
    message.*list = std::move(*read);
  }
  for (int i = 0; i < language_lists; ++i)
    if (!from.string()) return malformed;
  const auto follows = from.boolean();
  const auto reserved = from.uint32();
  if (!follows || reserved != 0U || !from.at_end()) return malformed;
  message.first_kex_packet_follows = *follows;
  return message;
}

result<agreement> negotiate(const kexinit& client, const kexinit& server) {
  agreement common;
  const auto settle = [](std::string& place, result<std::string> chosen) -> result<void> {
    if (!chosen) return chosen.error();
    place = std::move(*chosen);
    return boost::system::in_place_value;
  };
  std::string compression;
  result<void> done = settle(common.kex, choose("key exchange method", client.kex, server.kex));
  if (done) done = settle(common.host_key, choose("host key algorithm", client.host_key, server.host_key));
  if (done)
    done = settle(common.cipher_out, choose("cipher to the server", client.cipher_client_to_server,
                                            server.cipher_client_to_server));
  if (done)
    done = settle(common.cipher_in, choose("cipher from the server", client.cipher_server_to_client,
                                           server.cipher_server_to_client));
  if (done)
    done = settle(common.mac_out, choose_mac("to the server", common.cipher_out, client.mac_client_to_server,
                                             server.mac_client_to_server));
  if (done)
    done = settle(common.mac_in, choose_mac("from the server", common.cipher_in, client.mac_server_to_client,
                                            server.mac_server_to_client));
  if (done)
    done = settle(compression, choose("compression", client.compression_client_to_server,
                                      server.compression_client_to_server));
  if (done)
    done = settle(compression, choose("compression", client.compression_server_to_client,
                                      server.compression_server_to_client));
  if (!done) return done.error();
  // RFC 4253 section 7: the guess is right when both sides' first names are the same.
  const auto same_first = [](const names& one, const names& other) {
    return !one.empty() && !other.empty() && one.front() == other.front();
  };
  common.guess_was_wrong = server.first_kex_packet_follows && !(same_first(client.kex, server.kex) &&
                                                                same_first(client.host_key, server.host_key));
  return common;
}

}  // namespace tunnel::ssh::native
