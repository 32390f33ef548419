#include "server_side.hpp"

#include <stdexcept>

#include "crypto/digest.hpp"
#include "wire/reader.hpp"

namespace tunnel::ssh::native {

namespace {

void append(octets& to, octet_view data) {
  to.insert(to.end(), data.begin(), data.end());
}

}  // namespace

octets as_uint32(std::uint32_t value) {
  return {static_cast<octet>(value >> 24U), static_cast<octet>(value >> 16U), static_cast<octet>(value >> 8U),
          static_cast<octet>(value)};
}

octets as_string(octet_view data) {
  auto encoded = as_uint32(static_cast<std::uint32_t>(data.size()));
  append(encoded, data);
  return encoded;
}

octets text(std::string_view value) {
  return as_string(as_octets(value));
}

octets as_mpint(octet_view magnitude) {
  octets digits(magnitude.begin(), magnitude.end());
  while (!digits.empty() && digits.front() == 0) digits.erase(digits.begin());
  if (!digits.empty() && digits.front() >= 0x80) digits.insert(digits.begin(), 0);
  return as_string(digits);
}

octets joined(std::initializer_list<octet_view> parts) {
  octets whole;
  for (const auto& part : parts) append(whole, part);
  return whole;
}

exchange_context example_context() {
  return {.client_identification = "SSH-2.0-client",
          .server_identification = "SSH-2.0-server with comments",
          .client_kexinit = octets(300, 0x14),
          .server_kexinit = octets(500, 0x41)};
}

octets expected_hash(crypto::digest_algorithm algorithm, const exchange_context& context, octet_view host_key,
                     std::initializer_list<octet_view> of_method, octet_view secret) {
  auto hashed =
      joined({as_string(as_octets(context.client_identification)),
              as_string(as_octets(context.server_identification)), as_string(context.client_kexinit),
              as_string(context.server_kexinit), as_string(host_key)});
  append(hashed, joined(of_method));
  append(hashed, secret);
  return crypto::digest(algorithm, hashed);
}

octets reply_message(octet number, octet_view host_key, octet_view encoded_value, octet_view signature) {
  return joined({octets{number}, as_string(host_key), encoded_value, as_string(signature)});
}

octet_view value_in(octet_view message) {
  if (message.size() < 5) throw std::invalid_argument("no value in it");
  const auto value = message.subspan(5);
  const std::size_t said = static_cast<std::size_t>(message[1]) << 24U |
                           static_cast<std::size_t>(message[2]) << 16U |
                           static_cast<std::size_t>(message[3]) << 8U | message[4];
  if (value.size() != said) throw std::invalid_argument("another length than it says");
  return value;
}

octet_view magnitude_in(octet_view message) {
  wire::reader from(message.subspan(1));
  return from.mpint().value();
}

}  // namespace tunnel::ssh::native
