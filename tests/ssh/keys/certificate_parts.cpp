#include "certificate_parts.hpp"

#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::keys {

private_key ed25519_key(octet tag) {
  return private_key(crypto::signing_key::ed25519(octets(32, tag)).value());
}

octets fields_of(octet_view public_blob) {
  wire::reader from(public_blob);
  from.string().value();
  return {from.rest().begin(), from.rest().end()};
}

octets packed(const std::vector<std::string>& strings) {
  octets whole;
  for (const auto& each : strings) wire::writer(whole).text(each);
  return whole;
}

octets certificate_parts::to_be_signed() const {
  octets whole;
  wire::writer(whole)
      .text(type)
      .string(nonce)
      .raw(key)
      .uint64(serial)
      .uint32(use)
      .text(key_id)
      .string(principals)
      .uint64(valid_after)
      .uint64(valid_before)
      .string(critical_options)
      .string(extensions)
      .string(reserved)
      .string(authority);
  return whole;
}

octets certificate_parts::blob() const {
  return blob(ed25519_key(9), "ssh-ed25519");
}

octets certificate_parts::blob(const private_key& signer, const std::string& algorithm) const {
  auto whole = to_be_signed();
  const auto signature = signer.sign(algorithm, whole).value();
  wire::writer(whole).string(signature);
  return whole;
}

}  // namespace tunnel::ssh::keys
