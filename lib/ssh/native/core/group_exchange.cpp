#include "ssh/native/core/group_exchange.hpp"

#include <bit>

#include "ssh/native/core/errors.hpp"
#include "ssh/native/core/exchange_hash.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {

namespace {

constexpr std::size_t private_bits = 512;

std::size_t bits_of(octet_view magnitude) {
  return magnitude.empty()
             ? 0
             : 8 * (magnitude.size() - 1) + static_cast<std::size_t>(std::bit_width(magnitude.front()));
}

error unusable_group() {
  return {make_error_code(errc::key_exchange_failed),
          "the server chose a Diffie-Hellman group that is not safe or not of the size asked for"};
}

}  // namespace

octets group_exchange::begin() {
  octets payload;
  wire::writer(payload)
      .byte(message::kex_dh_gex_request)
      .uint32(min_bits)
      .uint32(preferred_bits)
      .uint32(max_bits);
  return payload;
}

result<std::optional<exchange_outcome>> group_exchange::on_message(octet_view payload, octets& reply) {
  if (awaited_ == awaited::group && payload.front() == message::kex_dh_gex_group)
    return on_group(payload, reply);
  if (awaited_ == awaited::reply && payload.front() == message::kex_dh_gex_reply) return on_reply(payload);
  return unexpected_kex_message(payload);
}

result<std::optional<exchange_outcome>> group_exchange::on_group(octet_view payload, octets& reply) {
  wire::reader from(payload.subspan(1));
  const auto prime = from.mpint();
  const auto generator = from.mpint();
  if (!prime || !generator || !from.at_end()) return malformed_kex_reply();
  const auto size = bits_of(*prime);
  if (size < min_bits || size > max_bits || prime->back() % 2 == 0) return unusable_group();
  // 1 < g < p - 1: shorter by an octet at the least is what every real group has.
  if (bits_of(*generator) < 2 || bits_of(*generator) >= size) return unusable_group();
  prime_.assign(prime->begin(), prime->end());
  generator_.assign(generator->begin(), generator->end());
  agreement_ = crypto::agree_dh(prime_, generator_, private_bits);
  if (agreement_ == nullptr) return unusable_group();
  awaited_ = awaited::reply;
  wire::writer(reply).byte(message::kex_dh_gex_init).mpint(agreement_->public_value());
  return std::optional<exchange_outcome>();
}

result<std::optional<exchange_outcome>> group_exchange::on_reply(octet_view payload) {
  wire::reader from(payload.subspan(1));
  const auto host_key = from.string();
  const auto value = from.mpint();
  const auto signature = from.string();
  if (!host_key || !value || !signature || !from.at_end()) return malformed_kex_reply();
  awaited_ = awaited::nothing;
  const auto agreed = agreement_->agree(*value);
  if (!agreed) return forbidden_kex_value();

  octets secret;
  secret.reserve(sizeof(std::uint32_t) + 1 + agreed->view().size());
  wire::writer(secret).mpint(agreed->view());
  crypto::secret_octets shared(std::move(secret));
  octets hashed = begin_exchange_hash(context_, *host_key);
  wire::writer(hashed)
      .uint32(min_bits)
      .uint32(preferred_bits)
      .uint32(max_bits)
      .mpint(prime_)
      .mpint(generator_)
      .mpint(agreement_->public_value())
      .mpint(*value);
  return finish_exchange(crypto::digest_algorithm::sha256, std::move(hashed), std::move(shared), *host_key,
                         *signature);
}

}  // namespace tunnel::ssh::native
