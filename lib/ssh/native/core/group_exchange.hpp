#pragma once

#include "ssh/native/core/key_exchange.hpp"

namespace tunnel::ssh::native {

/// diffie-hellman-group-exchange-sha256 (RFC 4419): the server chooses the group.
class group_exchange final : public key_exchange {
 public:
  static constexpr std::string_view name = "diffie-hellman-group-exchange-sha256";

  /// Policy: RFC 4419 section 3 as RFC 8270 and RFC 9142 narrow it, in bits.
  static constexpr std::uint32_t min_bits = 2048;
  static constexpr std::uint32_t preferred_bits = 4096;
  static constexpr std::uint32_t max_bits = 8192;

  explicit group_exchange(exchange_context context) : context_(std::move(context)) {}

  octets begin() override;
  result<std::optional<exchange_outcome>> on_message(octet_view payload, octets& reply) override;

 private:
  enum class awaited { group, reply, nothing };

  result<std::optional<exchange_outcome>> on_group(octet_view payload, octets& reply);
  result<std::optional<exchange_outcome>> on_reply(octet_view payload);

  exchange_context context_;
  awaited awaited_ = awaited::group;
  octets prime_;
  octets generator_;
  std::unique_ptr<crypto::key_agreement> agreement_;
};

}  // namespace tunnel::ssh::native
