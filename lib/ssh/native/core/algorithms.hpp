#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace tunnel::ssh::native {

/// The algorithms that this engine has, each list in the order in which it prefers them. RFC 9142's
/// SHOULD NOTs are not among them: no SHA-1, no CBC.
std::vector<std::string_view> kex_algorithms();
std::vector<std::string_view> host_key_algorithms();
/// AES-GCM leads where the processor has AES instructions, ChaCha20-Poly1305 where it has not.
std::vector<std::string_view> cipher_algorithms();
std::vector<std::string_view> mac_algorithms();
/// Signature algorithms for users' keys, certificates and security keys included.
std::vector<std::string_view> user_key_algorithms();
/// By which a certificate may have been signed.
std::vector<std::string_view> authority_algorithms();

/// What a connection offers, in order of preference.
struct algorithm_preferences {
  std::vector<std::string> kex;
  std::vector<std::string> host_key;
  std::vector<std::string> cipher;
  std::vector<std::string> mac;
};

/// Everything above.
algorithm_preferences default_preferences();
std::vector<std::string> default_user_key_algorithms();

/// Those of `algorithms` whose keys have one of the given formats, first; the others after them, in order.
/// The server's known key is then the one that it proves to have.
std::vector<std::string> prefer_key_types(const std::vector<std::string>& algorithms,
                                          std::span<const std::string> key_types);

}  // namespace tunnel::ssh::native
