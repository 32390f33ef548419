#include "ssh/native/core/exchange_hash.hpp"

#include <string>
#include <utility>

#include "ssh/native/core/errors.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {

octets begin_exchange_hash(const exchange_context& context, octet_view host_key) {
  octets hashed;
  wire::writer(hashed)
      .text(context.client_identification)
      .text(context.server_identification)
      .string(context.client_kexinit)
      .string(context.server_kexinit)
      .string(host_key);
  return hashed;
}

exchange_outcome finish_exchange(crypto::digest_algorithm hash, octets hashed,
                                 crypto::secret_octets shared_secret, octet_view host_key,
                                 octet_view signature) {
  // K's room first, so that no copy of it is left behind where the octets were before they grew.
  hashed.reserve(hashed.size() + shared_secret.view().size());
  wire::writer(hashed).raw(shared_secret.view());
  const crypto::secret_octets input(std::move(hashed));
  return {.hash = hash,
          .exchange_hash = crypto::digest(hash, input.view()),
          .shared_secret = std::move(shared_secret),
          .host_key = octets(host_key.begin(), host_key.end()),
          .signature = octets(signature.begin(), signature.end())};
}

error unexpected_kex_message(octet_view payload) {
  return violation("the server sent message " + std::to_string(payload.front()) +
                   ", which has no place in this key exchange");
}

error malformed_kex_reply() {
  return violation("the server's part of the key exchange is malformed");
}

error forbidden_kex_value() {
  return {make_error_code(errc::key_exchange_failed),
          "the server's public value in the key exchange is one that is forbidden: the exchange would not be "
          "secret"};
}

}  // namespace tunnel::ssh::native
