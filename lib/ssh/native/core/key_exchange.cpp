#include "ssh/native/core/key_exchange.hpp"

#include <stdexcept>
#include <utility>

#include "ssh/native/core/exchange_hash.hpp"
#include "ssh/native/core/group_exchange.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {

namespace {

// How a method writes its public values and K (RFC 4253 section 8; RFC 5656 section 4; RFC 8731 section 3;
// draft-ietf-sshm-mlkem-hybrid-kex section 2.4).
enum class encoding { mpint, string };

struct method {
  std::string_view name;
  crypto::digest_algorithm hash;
  encoding public_values;
  encoding secret;
  std::unique_ptr<crypto::key_agreement> (*agree)();
};

// Private exponents: twice the strength of the group, as RFC 4419 section 6.2 advises, rounded up.
constexpr std::size_t dh_private_bits = 512;

std::unique_ptr<crypto::key_agreement> agree_group(octet_view prime) {
  static constexpr octet generator = 2;
  return crypto::agree_dh(prime, octet_view(&generator, 1), dh_private_bits);
}

template <crypto::ec_curve Curve>
std::unique_ptr<crypto::key_agreement> agree_curve() {
  return crypto::agree_ecdh(Curve);
}

using enum crypto::digest_algorithm;

constexpr method methods[] = {
    {"mlkem768x25519-sha256", sha256, encoding::string, encoding::string, crypto::agree_mlkem768x25519},
    {"curve25519-sha256", sha256, encoding::string, encoding::mpint, crypto::agree_x25519},
    {"curve25519-sha256@libssh.org", sha256, encoding::string, encoding::mpint, crypto::agree_x25519},
    {"ecdh-sha2-nistp256", sha256, encoding::string, encoding::mpint, agree_curve<crypto::ec_curve::p256>},
    {"ecdh-sha2-nistp384", sha384, encoding::string, encoding::mpint, agree_curve<crypto::ec_curve::p384>},
    {"ecdh-sha2-nistp521", sha512, encoding::string, encoding::mpint, agree_curve<crypto::ec_curve::p521>},
    {"diffie-hellman-group14-sha256", sha256, encoding::mpint, encoding::mpint,
     [] { return agree_group(crypto::modp_group14()); }},
    {"diffie-hellman-group16-sha512", sha512, encoding::mpint, encoding::mpint,
     [] { return agree_group(crypto::modp_group16()); }},
    {"diffie-hellman-group18-sha512", sha512, encoding::mpint, encoding::mpint,
     [] { return agree_group(crypto::modp_group18()); }},
};

void write(wire::writer& to, encoding form, octet_view value) {
  if (form == encoding::mpint) {
    to.mpint(value);
  } else {
    to.string(value);
  }
}

// Room first, so that no part of K is left behind where the octets were before they grew.
crypto::secret_octets encode_secret(encoding form, octet_view value) {
  octets encoded;
  encoded.reserve(sizeof(std::uint32_t) + 1 + value.size());
  wire::writer to(encoded);
  write(to, form, value);
  return crypto::secret_octets(std::move(encoded));
}

/// One message each way: fixed groups, curves and hybrids.
class simple_exchange final : public key_exchange {
 public:
  simple_exchange(const method& chosen, exchange_context context)
      : method_(chosen), context_(std::move(context)), agreement_(chosen.agree()) {}

  octets begin() override {
    octets payload;
    wire::writer to(payload);
    to.byte(message::kex_ecdh_init);
    write(to, method_.public_values, agreement_->public_value());
    return payload;
  }

  result<std::optional<exchange_outcome>> on_message(octet_view payload, octets& /*reply*/) override {
    wire::reader from(payload);
    if (from.byte() != message::kex_ecdh_reply || over_) return unexpected_kex_message(payload);
    const auto host_key = from.string();
    const auto value = method_.public_values == encoding::mpint ? from.mpint() : from.string();
    const auto signature = from.string();
    if (!host_key || !value || !signature || !from.at_end()) return malformed_kex_reply();
    over_ = true;
    const auto agreed = agreement_->agree(*value);
    if (!agreed) return forbidden_kex_value();

    crypto::secret_octets shared = encode_secret(method_.secret, agreed->view());

    octets hashed = begin_exchange_hash(context_, *host_key);
    wire::writer to(hashed);
    write(to, method_.public_values, agreement_->public_value());
    write(to, method_.public_values, *value);
    return finish_exchange(method_.hash, std::move(hashed), std::move(shared), *host_key, *signature);
  }

 private:
  const method& method_;
  exchange_context context_;
  std::unique_ptr<crypto::key_agreement> agreement_;
  bool over_ = false;
};

}  // namespace

std::unique_ptr<key_exchange> make_key_exchange(std::string_view name, exchange_context context) {
  if (name == group_exchange::name) return std::make_unique<group_exchange>(std::move(context));
  for (const auto& each : methods)
    if (each.name == name) return std::make_unique<simple_exchange>(each, std::move(context));
  throw std::logic_error("no such key exchange method");
}

}  // namespace tunnel::ssh::native
