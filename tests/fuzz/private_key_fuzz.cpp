// Any content is a private key, whose signatures its public half verifies, or an error with a sentence.

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "crypto/base64.hpp"
#include "ssh/keys/key_file.hpp"
#include "ssh/keys/signature.hpp"
#include "wire/writer.hpp"

namespace {

using namespace tunnel;
using namespace tunnel::ssh::keys;

// Rounds of bcrypt that an input may ask for: each takes milliseconds.
constexpr std::uint32_t rounds = 1;

void decode(std::string_view content) {
  // PKCS#8 may ask for seconds of PBKDF2.
  const bool costly = content.find("ENCRYPTED PRIVATE KEY") != content.npos;
  const auto key = decode_private_key(content, secret(std::string(costly ? "" : "passphrase")), rounds);
  if (!key) {
    if (!key.error().code.failed() || key.error().message.empty()) std::abort();
    return;
  }
  const std::string algorithm = key->type() == "ssh-rsa" ? "rsa-sha2-512" : key->type();
  const auto signature = key->sign(algorithm, {});
  if (!signature) std::abort();
  // RSA keys may be of sizes that servers' are not taken of, and of factors that are no primes.
  if (key->type() != "ssh-rsa" && !verify_signature(algorithm, key->public_blob(), {}, *signature))
    std::abort();
}

std::string armoured(octet_view data) {
  return "-----BEGIN OPENSSH PRIVATE KEY-----\n" + crypto::base64_encode(data) +
         "\n-----END OPENSSH PRIVATE KEY-----\n";
}

constexpr std::string_view magic{"openssh-key-v1\0", 15};

// The octets as a container's content, and as those of a container's private section with the public key
// that the first of them say. The armour would keep the fuzzer from both.
void decode_inside(octet_view data) {
  octets container;
  wire::writer(container).raw(as_octets(magic)).raw(data);
  decode(armoured(container));

  if (data.empty()) return;
  const std::size_t length = std::min<std::size_t>(data[0], data.size() - 1);
  octets section;
  wire::writer(section).uint32(1).uint32(1).raw(data.subspan(1));
  for (octet next = 1; section.size() % 8 != 0; ++next) section.push_back(next);
  container.clear();
  wire::writer(container)
      .raw(as_octets(magic))
      .text("none")
      .text("none")
      .string({})
      .uint32(1)
      .string(data.subspan(1, length))
      .string(section);
  decode(armoured(container));
}

// The octets behind the first as PEM, of the kind that the first says.
void decode_pem(octet_view data) {
  constexpr std::array<std::string_view, 4> labels{"PRIVATE KEY", "ENCRYPTED PRIVATE KEY", "RSA PRIVATE KEY",
                                                   "EC PRIVATE KEY"};
  if (data.empty()) return;
  const std::string label(labels[data[0] % labels.size()]);
  decode("-----BEGIN " + label + "-----\n" + crypto::base64_encode(data.subspan(1)) + "\n-----END " + label +
         "-----\n");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  decode(as_text({data, size}));
  decode_inside({data, size});
  decode_pem({data, size});
  return 0;
}
