#include "ssh/native/core/host_key_proof.hpp"

#include <algorithm>
#include <string>
#include <string_view>

#include "ssh/keys/errors.hpp"
#include "ssh/keys/signature.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {

namespace {

constexpr std::string_view request_name = "hostkeys-prove-00@openssh.com";

error refusal(keys::errc code, std::string why) {
  return {make_error_code(code), std::move(why)};
}

// The algorithm that the signature names, if it is one of the key's.
std::string_view algorithm_of(octet_view key, octet_view signature) {
  const auto type = wire::reader(key).text();
  const auto named = wire::reader(signature).text();
  if (!type || !named || keys::key_type_of(*named) != *type) return {};
  const auto known = keys::signature_algorithms();
  return std::ranges::find(known, *named) == known.end() ? std::string_view() : *named;
}

}  // namespace

octets host_keys_to_prove(std::span<const octets> keys) {
  octets payload;
  wire::writer to(payload);
  for (const auto& key : keys) to.string(key);
  return payload;
}

result<void> check_host_key_proof(std::span<const octets> keys, octet_view session_identifier,
                                  octet_view answer) {
  wire::reader from(answer);
  for (const auto& key : keys) {
    const auto signature = from.string();
    if (!signature) return refusal(keys::errc::malformed, "its answer breaks off");
    const auto algorithm = algorithm_of(key, *signature);
    if (algorithm.empty())
      return refusal(keys::errc::unsupported, "a signature is of another kind than its key");
    octets data;
    wire::writer(data).text(request_name).string(session_identifier).string(key);
    if (const auto fine = keys::verify_signature(algorithm, key, data, *signature); !fine) return fine;
  }
  if (!from.at_end()) return refusal(keys::errc::malformed, "its answer has too many signatures");
  return boost::system::in_place_value;
}

}  // namespace tunnel::ssh::native
