#include "ssh/libssh2/handshake.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

#include "base/text.hpp"
#include "ssh/errors.hpp"
#include "wire/reader.hpp"

namespace tunnel::ssh::libssh2 {

namespace {

struct method_list {
  int kind;
  std::string_view names;
};

// Everything of libssh2's that RFC 9142 and RFC 8732 leave standing: no SHA-1 in key exchange or MAC, no
// MD5, no RC4, no 3DES, no CBC.
constexpr std::array methods{
    method_list{LIBSSH2_METHOD_KEX,
                "curve25519-sha256,curve25519-sha256@libssh.org,ecdh-sha2-nistp256,ecdh-sha2-nistp384,"
                "ecdh-sha2-nistp521,diffie-hellman-group-exchange-sha256,diffie-hellman-group16-sha512,"
                "diffie-hellman-group18-sha512,diffie-hellman-group14-sha256"},
    method_list{LIBSSH2_METHOD_CRYPT_CS, "aes128-ctr,aes192-ctr,aes256-ctr"},
    method_list{LIBSSH2_METHOD_CRYPT_SC, "aes128-ctr,aes192-ctr,aes256-ctr"},
    method_list{LIBSSH2_METHOD_MAC_CS, "hmac-sha2-256,hmac-sha2-512"},
    method_list{LIBSSH2_METHOD_MAC_SC, "hmac-sha2-256,hmac-sha2-512"},
    method_list{LIBSSH2_METHOD_COMP_CS, "none"},
    method_list{LIBSSH2_METHOD_COMP_SC, "none"},
};

// libssh2 1.10 knows rsa-sha2-512 and rsa-sha2-256 not yet.
constexpr std::array<std::string_view, 7> host_key_methods{"ssh-ed25519",
                                                           "ecdsa-sha2-nistp256",
                                                           "ecdsa-sha2-nistp384",
                                                           "ecdsa-sha2-nistp521",
                                                           "rsa-sha2-512",
                                                           "rsa-sha2-256",
                                                           "ssh-rsa"};

bool is_for(std::string_view method, const std::string& type) {
  return method == type || (type == "ssh-rsa" && method.starts_with("rsa-sha2-"));
}

std::vector<std::string_view> split(std::string_view names) {
  std::vector<std::string_view> parts;
  while (!names.empty()) {
    const auto comma = std::min(names.find(','), names.size());
    parts.push_back(names.substr(0, comma));
    names.remove_prefix(std::min(comma + 1, names.size()));
  }
  return parts;
}

// The names that libssh2 knows. It would strike out the others itself, but 1.10 does so by a memcpy within
// one string.
std::string known_of(LIBSSH2_SESSION* session, int kind, std::span<const std::string_view> names) {
  const char** known = nullptr;
  const int count = libssh2_session_supported_algs(session, kind, &known);
  std::string list;
  for (const auto name : names) {
    if (std::find(known, known + std::max(count, 0), name) == known + std::max(count, 0)) continue;
    if (!list.empty()) list += ',';
    list += name;
  }
  if (count > 0) libssh2_free(session, known);
  return list;
}

void prefer(LIBSSH2_SESSION* session, int kind, const std::vector<std::string_view>& names) {
  libssh2_session_method_pref(session, kind, known_of(session, kind, names).c_str());
}

std::vector<std::string_view> host_key_preference(const std::vector<std::string>& known_types) {
  std::vector<std::string_view> order(host_key_methods.begin(), host_key_methods.end());
  std::stable_partition(order.begin(), order.end(), [&](std::string_view method) {
    return std::any_of(known_types.begin(), known_types.end(),
                       [&](const std::string& type) { return is_for(method, type); });
  });
  return order;
}

std::string method_of(const transport& link, int kind) {
  const char* name = libssh2_session_methods(link.session(), kind);
  return name == nullptr ? "" : sanitise(name);
}

// libssh2 tells failures of negotiation from others by status alone.
error handshake_error(const transport& link, int status) {
  const auto peer = link.stream().peer();
  if (status == LIBSSH2_ERROR_KEX_FAILURE || status == LIBSSH2_ERROR_KEY_EXCHANGE_FAILURE) {
    return {errc::handshake_failed,
            "key exchange with " + peer + " failed: " + link.describe(status) +
                ". The libssh2 engine offers key exchange " + std::string(methods[0].names) + "; ciphers " +
                std::string(methods[1].names) + "; MACs " + std::string(methods[3].names) + "; host keys " +
                known_of(link.session(), LIBSSH2_METHOD_HOSTKEY, host_key_methods) +
                "; the server must allow one of each"};
  }
  return {errc::connection_lost,
          "connection to " + peer + " ended during the key exchange: " + link.describe(status) +
              "; is there an SSH server on that port, and does it let this address in?"};
}

}  // namespace

awaitable<result<host_key>> shake_hands(transport& link, std::vector<std::string> known_types) {
  LIBSSH2_SESSION* session = link.session();
  for (const auto& list : methods) prefer(session, list.kind, split(list.names));
  prefer(session, LIBSSH2_METHOD_HOSTKEY, host_key_preference(known_types));

  const int placeholder = link.placeholder();
  const int status = co_await link.complete(
      [session, placeholder] { return libssh2_session_handshake(session, placeholder); });
  if (status != 0) co_return handshake_error(link, status);

  std::size_t size = 0;
  int kind = 0;
  const char* blob = libssh2_session_hostkey(session, &size, &kind);
  const auto key = as_octets({blob, blob == nullptr ? 0 : size});
  wire::reader reader(key);
  const auto type = reader.text();
  if (!type) co_return error{errc::handshake_failed, "the server's host key cannot be read"};
  co_return host_key{std::string(*type), octets(key.begin(), key.end()), link.stream().remote_address()};
}

connection_info describe_session(const transport& link) {
  const char* server = libssh2_session_banner_get(link.session());
  return {.server = server == nullptr ? "" : sanitise(server),
          .kex = method_of(link, LIBSSH2_METHOD_KEX),
          .host_key = method_of(link, LIBSSH2_METHOD_HOSTKEY),
          .cipher = method_of(link, LIBSSH2_METHOD_CRYPT_CS),
          .mac = method_of(link, LIBSSH2_METHOD_MAC_CS),
          .address = link.stream().remote_address()};
}

}  // namespace tunnel::ssh::libssh2
