#include "peer_exchange.hpp"

#include <array>
#include <stdexcept>
#include <utility>

#include "crypto/key_agreement.hpp"
#include "ssh/native/core/exchange_hash.hpp"
#include "ssh/native/core/group_exchange.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native::support {

namespace {

constexpr octet generator = 2;
constexpr std::size_t private_bits = 512;

[[noreturn]] void wrong_client(const char* what) {
  throw std::runtime_error(what);
}

std::unique_ptr<crypto::key_agreement> agree_group(octet_view prime) {
  return crypto::agree_dh(prime, octet_view(&generator, 1), private_bits);
}

template <crypto::ec_curve Curve>
std::unique_ptr<crypto::key_agreement> agree_curve() {
  return crypto::agree_ecdh(Curve);
}

struct method {
  std::string_view name;
  crypto::digest_algorithm hash;
  /// Public values are mpints rather than strings.
  bool numbers;
  std::unique_ptr<crypto::key_agreement> (*agree)();
};

using enum crypto::digest_algorithm;
const std::array methods{
    method{"curve25519-sha256", sha256, false, crypto::agree_x25519},
    method{"curve25519-sha256@libssh.org", sha256, false, crypto::agree_x25519},
    method{"ecdh-sha2-nistp256", sha256, false, agree_curve<crypto::ec_curve::p256>},
    method{"ecdh-sha2-nistp384", sha384, false, agree_curve<crypto::ec_curve::p384>},
    method{"ecdh-sha2-nistp521", sha512, false, agree_curve<crypto::ec_curve::p521>},
    method{"diffie-hellman-group14-sha256", sha256, true, [] { return agree_group(crypto::modp_group14()); }},
    method{"diffie-hellman-group16-sha512", sha512, true, [] { return agree_group(crypto::modp_group16()); }},
    method{"diffie-hellman-group18-sha512", sha512, true, [] { return agree_group(crypto::modp_group18()); }},
};

octets encoded(bool number, octet_view value) {
  octets written;
  wire::writer to(written);
  if (number) {
    to.mpint(value);
  } else {
    to.string(value);
  }
  return written;
}

octets write_reply(octet number, const kex_reply& reply) {
  octets payload;
  wire::writer(payload)
      .byte(number)
      .string(reply.host_key)
      .raw(reply.public_value)
      .string(reply.signature)
      .raw(reply.more);
  return payload;
}

exchange_outcome finish(const method& by, const host_proof& proof, octets hashed, octet_view secret) {
  auto outcome = finish_exchange(by.hash, std::move(hashed), crypto::secret_octets(encoded(true, secret)),
                                 proof.blob, {});
  outcome.signature = proof.sign(outcome.exchange_hash);
  return outcome;
}

octets altered_reply(octet number, const host_proof& proof, const exchange_outcome& outcome,
                     octets public_value) {
  kex_reply reply{outcome.host_key, std::move(public_value), outcome.signature};
  if (proof.alter) proof.alter(reply);
  return write_reply(number, reply);
}

class simple_peer_exchange final : public peer_exchange {
 public:
  simple_peer_exchange(const method& by, exchange_context context, host_proof proof)
      : method_(by), context_(std::move(context)), proof_(std::move(proof)) {}

  octets answer(octet_view payload) override {
    wire::reader from(payload);
    if (from.byte() != message::kex_ecdh_init || outcome) wrong_client("another message of the exchange");
    const auto theirs = method_.numbers ? from.mpint() : from.string();
    if (!theirs || !from.at_end()) wrong_client("a malformed SSH_MSG_KEX_ECDH_INIT");
    const auto agreement = method_.agree();
    const auto secret = agreement->agree(*theirs);
    if (!secret) wrong_client("a forbidden public value");
    auto ours = encoded(method_.numbers, agreement->public_value());
    octets hashed = begin_exchange_hash(context_, proof_.blob);
    wire::writer(hashed).raw(payload.subspan(1)).raw(ours);
    outcome = finish(method_, proof_, std::move(hashed), secret->view());
    return altered_reply(message::kex_ecdh_reply, proof_, *outcome, std::move(ours));
  }

 private:
  const method& method_;
  exchange_context context_;
  host_proof proof_;
};

/// RFC 4419, always with group 14.
class group_peer_exchange final : public peer_exchange {
 public:
  group_peer_exchange(exchange_context context, host_proof proof)
      : context_(std::move(context)),
        proof_(std::move(proof)),
        agreement_(agree_group(crypto::modp_group14())) {}

  octets answer(octet_view payload) override {
    if (payload.front() == message::kex_dh_gex_request && asked_.empty()) {
      asked_.assign(payload.begin() + 1, payload.end());
      octets group;
      wire::writer(group)
          .byte(message::kex_dh_gex_group)
          .mpint(crypto::modp_group14())
          .mpint(octet_view(&generator, 1));
      return group;
    }
    if (payload.front() != message::kex_dh_gex_init || asked_.empty() || outcome)
      wrong_client("another message of the group exchange");
    return on_init(payload);
  }

 private:
  octets on_init(octet_view payload) {
    wire::reader from(payload.subspan(1));
    const auto theirs = from.mpint();
    if (!theirs || !from.at_end()) wrong_client("a malformed SSH_MSG_KEX_DH_GEX_INIT");
    const auto secret = agreement_->agree(*theirs);
    if (!secret) wrong_client("a forbidden public value");
    auto ours = encoded(true, agreement_->public_value());
    octets hashed = begin_exchange_hash(context_, proof_.blob);
    wire::writer(hashed)
        .raw(asked_)
        .mpint(crypto::modp_group14())
        .mpint(octet_view(&generator, 1))
        .raw(payload.subspan(1))
        .raw(ours);
    static constexpr method by{group_exchange::name, sha256, true, nullptr};
    outcome = finish(by, proof_, std::move(hashed), secret->view());
    return altered_reply(message::kex_dh_gex_reply, proof_, *outcome, std::move(ours));
  }

  exchange_context context_;
  host_proof proof_;
  std::unique_ptr<crypto::key_agreement> agreement_;
  octets asked_;
};

}  // namespace

std::unique_ptr<peer_exchange> make_peer_exchange(std::string_view name, exchange_context context,
                                                  host_proof proof) {
  if (name == group_exchange::name)
    return std::make_unique<group_peer_exchange>(std::move(context), std::move(proof));
  for (const auto& each : methods)
    if (each.name == name)
      return std::make_unique<simple_peer_exchange>(each, std::move(context), std::move(proof));
  throw std::logic_error("the peer has no such key exchange method");
}

std::vector<std::string_view> peer_kex_algorithms() {
  std::vector<std::string_view> names;
  for (const auto& each : methods) names.push_back(each.name);
  names.push_back(group_exchange::name);
  return names;
}

}  // namespace tunnel::ssh::native::support
