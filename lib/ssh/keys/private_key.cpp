#include "ssh/keys/private_key.hpp"

#include <utility>

#include "base/text.hpp"
#include "ssh/keys/errors.hpp"
#include "ssh/keys/signature.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::keys {

namespace {

using kind = crypto::signing_key::kind;
using enum crypto::digest_algorithm;

std::string_view type_name(kind type) {
  switch (type) {
    case kind::ed25519:
      return "ssh-ed25519";
    case kind::ecdsa_p256:
      return "ecdsa-sha2-nistp256";
    case kind::ecdsa_p384:
      return "ecdsa-sha2-nistp384";
    case kind::ecdsa_p521:
      return "ecdsa-sha2-nistp521";
    case kind::rsa:
      break;
  }
  return "ssh-rsa";
}

// More than the longest RSA key takes, whose numbers are five times as long as its modulus at most.
constexpr std::size_t room_for_secrets = crypto::signing_key::max_rsa_bits / 8 * 6;

// "ecdsa-sha2-nistp256" -> "nistp256".
std::string_view curve_of(std::string_view type) {
  return type.substr(type.rfind('-') + 1);
}

octets describe(const crypto::signing_key& key, std::string_view type) {
  octets blob;
  wire::writer to(blob);
  to.text(type);
  if (key.type() == kind::rsa) {
    to.mpint(key.rsa_exponent()).mpint(key.rsa_modulus());
    return blob;
  }
  if (key.type() != kind::ed25519) to.text(curve_of(type));
  to.string(key.public_point());
  return blob;
}

crypto::digest_algorithm digest_of(kind type, std::string_view algorithm) {
  if (type == kind::ecdsa_p384) return sha384;
  if (type == kind::ecdsa_p256 || algorithm == "rsa-sha2-256") return sha256;
  return sha512;
}

}  // namespace

private_key::private_key(crypto::signing_key key)
    : key_(std::move(key)), type_(type_name(key_.type())), public_blob_(describe(key_, type_)) {}

crypto::secret_octets private_key::secret_blob() const {
  octets blob;
  // Growing would leave copies behind.
  blob.reserve(room_for_secrets);
  wire::writer to(blob);
  if (key_.type() == kind::rsa) {
    const auto secrets = key_.rsa_secrets();
    to.text(type_)
        .mpint(key_.rsa_modulus())
        .mpint(key_.rsa_exponent())
        .mpint(secrets.private_exponent.view())
        .mpint(secrets.inverse_of_q.view())
        .mpint(secrets.p.view())
        .mpint(secrets.q.view());
    return crypto::secret_octets(std::move(blob));
  }
  const auto scalar = key_.private_scalar();
  const auto point = key_.public_point();
  to.text(type_);
  if (key_.type() == kind::ed25519) {
    to.string(point).uint32(static_cast<std::uint32_t>(scalar.view().size() + point.size()));
    to.raw(scalar.view()).raw(point);
  } else {
    to.text(curve_of(type_)).string(point).mpint(scalar.view());
  }
  return crypto::secret_octets(std::move(blob));
}

result<octets> private_key::sign(std::string_view algorithm, octet_view data) const {
  // "ssh-rsa" would be SHA-1 (RFC 8332 section 3).
  if (key_type_of(algorithm) != type_ || algorithm == "ssh-rsa")
    return error{make_error_code(errc::unsupported),
                 "a key of type " + type_ + " makes no signatures by " + sanitise(algorithm)};
  const auto made = key_.sign(digest_of(key_.type(), algorithm), data);
  octets signature;
  wire::writer to(signature);
  to.text(algorithm);
  if (key_.type() == kind::ed25519 || key_.type() == kind::rsa) {
    to.string(made);
  } else {
    const auto parts = crypto::signing_key::split_ecdsa(made);
    octets numbers;
    wire::writer(numbers).mpint(parts.r).mpint(parts.s);
    to.string(numbers);
  }
  return signature;
}

}  // namespace tunnel::ssh::keys
