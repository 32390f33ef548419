// Any messages to any key exchange method give replies, one outcome at the most, or an error. An outcome
// holds exactly what the last message said, with nothing behind it, and a public value that the method's RFC
// allows; after it every message is refused.
//
// Input: an octet for the method, then messages, each a string.

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

#include "crypto/key_agreement.hpp"
#include "invariant.hpp"
#include "kex_methods.hpp"
#include "script.hpp"
#include "ssh/native/core/errors.hpp"
#include "ssh/native/core/key_exchange.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/reader.hpp"

namespace {

using namespace tunnel;
using namespace tunnel::fuzz;
using namespace tunnel::ssh::native;

constexpr std::size_t max_messages = 4;

exchange_context context() {
  return {.client_identification = "SSH-2.0-tunnel",
          .server_identification = "SSH-2.0-server",
          .client_kexinit = {message::kexinit, 1},
          .server_kexinit = {message::kexinit, 2}};
}

// Making a key of a large group takes milliseconds, and what is malformed changes nothing: a method is used
// until it has seen a message that it could read.
std::unique_ptr<key_exchange>& method_at(std::size_t place) {
  static std::array<std::unique_ptr<key_exchange>, kex_methods.size()> methods;
  auto& method = methods[place];
  if (method == nullptr) {
    method = make_key_exchange(kex_methods[place].name, context());
    require(!method->begin().empty());
  }
  return method;
}

// RFC 8731 section 3, RFC 5656 section 4: the exact length. RFC 4253 section 8: 1 < f < p - 1.
void require_allowed(const kex_method& method, octet_view value) {
  if (method.value_size != 0) return require(value.size() == method.value_size);
  require(!value.empty() && (value.size() > 1 || value.front() > 1));
  if (method.prime == nullptr) return;
  const auto prime = method.prime();
  require(value.size() <= prime.size());
  if (value.size() < prime.size()) return;
  // Its last octet is odd, so that p - 1 differs in that alone.
  require(std::ranges::lexicographical_compare(value, prime));
  require(!std::ranges::equal(value.first(value.size() - 1), prime.first(prime.size() - 1)) ||
          value.back() != prime.back() - 1);
}

void check_outcome(const kex_method& method, octet_view payload, const exchange_outcome& outcome) {
  wire::reader from(payload.subspan(1));
  const auto host_key = from.string();
  const auto value = method.value_size == 0 ? from.mpint() : from.string();
  const auto signature = from.string();
  require(host_key && value && signature && from.at_end());
  require(std::ranges::equal(outcome.host_key, *host_key));
  require(std::ranges::equal(outcome.signature, *signature));
  require(outcome.exchange_hash.size() >= 32 && !outcome.shared_secret.view().empty());
  require_allowed(method, *value);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  script from({data, size});
  const std::size_t place = from.byte() % kex_methods.size();
  const auto& method = kex_methods[place];
  if (method.name == "mlkem768x25519-sha256" && !crypto::mlkem768_available()) return 0;
  auto& exchange = method_at(place);
  bool over = false;
  bool used = false;
  for (std::size_t count = 0; count < max_messages && !from.at_end(); ++count) {
    const auto payload = from.string();
    // The transport hands on no empty packets.
    if (payload.empty()) break;
    octets reply;
    const auto outcome = exchange->on_message(payload, reply);
    if (!outcome) {
      require_explained(outcome.error());
      require(reply.empty());
      // Well-formed, but forbidden.
      used |= outcome.error().code == errc::key_exchange_failed;
      break;
    }
    require(!over);
    used = true;
    over = outcome->has_value();
    if (over) check_outcome(method, payload, **outcome);
    // Only a group exchange has a second round.
    require(over ? reply.empty() : !reply.empty() && method.has_groups);
  }
  if (used) exchange.reset();
  return 0;
}
