#include "ssh/native/core/key_exchange.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>
#include <string>

#include "server_side.hpp"
#include "ssh/native/core/algorithms.hpp"
#include "ssh/native/core/errors.hpp"
#include "ssh/native/core/message.hpp"

namespace tunnel::ssh::native {
namespace {

using crypto::digest_algorithm;

constexpr octet two = 2;
constexpr octet_view generator(&two, 1);

std::unique_ptr<crypto::key_agreement> agree_group(octet_view prime) {
  return crypto::agree_dh(prime, generator, 256);
}

// One message each way (RFC 4253 section 8, RFC 5656 section 4, RFC 8731).
struct method_case {
  const char* name;
  digest_algorithm hash;
  bool mpints;
  std::unique_ptr<crypto::key_agreement> (*agree)();
};

constexpr method_case method_cases[] = {
    {"curve25519-sha256", digest_algorithm::sha256, false, crypto::agree_x25519},
    {"curve25519-sha256@libssh.org", digest_algorithm::sha256, false, crypto::agree_x25519},
    {"ecdh-sha2-nistp256", digest_algorithm::sha256, false,
     [] { return crypto::agree_ecdh(crypto::ec_curve::p256); }},
    {"ecdh-sha2-nistp384", digest_algorithm::sha384, false,
     [] { return crypto::agree_ecdh(crypto::ec_curve::p384); }},
    {"ecdh-sha2-nistp521", digest_algorithm::sha512, false,
     [] { return crypto::agree_ecdh(crypto::ec_curve::p521); }},
    {"diffie-hellman-group14-sha256", digest_algorithm::sha256, true,
     [] { return agree_group(crypto::modp_group14()); }},
    {"diffie-hellman-group16-sha512", digest_algorithm::sha512, true,
     [] { return agree_group(crypto::modp_group16()); }},
    {"diffie-hellman-group18-sha512", digest_algorithm::sha512, true,
     [] { return agree_group(crypto::modp_group18()); }},
};

class KeyExchange : public testing::TestWithParam<method_case> {
 protected:
  [[nodiscard]] octets encoded(octet_view value) const {
    return GetParam().mpints ? as_mpint(value) : as_string(value);
  }

  [[nodiscard]] octets reply_with(octet_view value) const {
    return reply_message(31, as_octets("host key"), encoded(value), as_octets("signature"));
  }

  exchange_context context_ = example_context();
  std::unique_ptr<key_exchange> client_ = make_key_exchange(GetParam().name, context_);
  std::unique_ptr<crypto::key_agreement> server_ = GetParam().agree();
  octets unsent_;
};

TEST_P(KeyExchange, GivesBothSidesTheSameSecretAndHash) {
  const auto begun = client_->begin();
  ASSERT_EQ(begun.front(), 30);
  const auto client_value = value_in(begun);
  EXPECT_EQ(joined({octets{30}, encoded(client_value)}), begun) << "not in the shortest form";
  const auto agreed = server_->agree(GetParam().mpints ? magnitude_in(begun) : client_value);
  ASSERT_TRUE(agreed);
  const auto secret = as_mpint(agreed->view());

  const auto outcome = client_->on_message(reply_with(server_->public_value()), unsent_);
  ASSERT_TRUE(outcome) << outcome.error().message;
  ASSERT_TRUE(*outcome);
  EXPECT_TRUE(unsent_.empty());
  EXPECT_EQ((*outcome)->hash, GetParam().hash);
  EXPECT_TRUE(std::ranges::equal((*outcome)->shared_secret.view(), secret));
  EXPECT_EQ((*outcome)->exchange_hash,
            expected_hash(GetParam().hash, context_, as_octets("host key"),
                          {encoded(client_value), encoded(server_->public_value())}, secret));
  EXPECT_EQ(as_text((*outcome)->host_key), "host key");
  EXPECT_EQ(as_text((*outcome)->signature), "signature");
}

TEST_P(KeyExchange, RefusesAReplyWhereverItIsCutOff) {
  const auto whole = reply_with(server_->public_value());
  // Once refused, an exchange is not gone on with; each cut has one of its own where the message was read.
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const auto refused = client_->on_message(octet_view(whole).first(size), unsent_);
    ASSERT_FALSE(refused) << size;
    EXPECT_EQ(refused.error().code, errc::protocol_error) << size;
  }
  EXPECT_TRUE(client_->on_message(whole, unsent_));
}

TEST_P(KeyExchange, RefusesAReplyWithOctetsBehindIt) {
  auto longer = reply_with(server_->public_value());
  longer.push_back(0);
  const auto refused = client_->on_message(longer, unsent_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::protocol_error);
}

TEST_P(KeyExchange, RefusesValuesThatItsRfcForbids) {
  octets long_value(server_->public_value().begin(), server_->public_value().end());
  // Several more: it may be short by chance.
  long_value.insert(long_value.begin(), 8, 1);
  for (const auto& value : {octets{}, octets{1}, octets(32), octets(9, 1), octets(32768, 0xff), long_value}) {
    const auto client = make_key_exchange(GetParam().name, context_);
    const auto refused = client->on_message(reply_with(value), unsent_);
    // Nine octets that count as a small number are allowed in a group.
    if (GetParam().mpints && value == octets(9, 1)) continue;
    ASSERT_FALSE(refused) << value.size();
    EXPECT_EQ(refused.error().code, errc::key_exchange_failed) << value.size();
  }
}

TEST_P(KeyExchange, RefusesOtherMessages) {
  auto message = reply_with(server_->public_value());
  for (unsigned number = 30; number < 50; ++number) {
    if (number == 31) continue;
    message.front() = static_cast<octet>(number);
    const auto refused = client_->on_message(message, unsent_);
    ASSERT_FALSE(refused) << number;
    EXPECT_EQ(refused.error().code, errc::protocol_error) << number;
  }
}

TEST_P(KeyExchange, TakesOneReply) {
  const auto reply = reply_with(server_->public_value());
  ASSERT_TRUE(client_->on_message(reply, unsent_));
  const auto refused = client_->on_message(reply, unsent_);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::protocol_error);
}

TEST_P(KeyExchange, HasAnotherValueEachTime) {
  EXPECT_NE(client_->begin(), make_key_exchange(GetParam().name, context_)->begin());
}

INSTANTIATE_TEST_SUITE_P(Methods, KeyExchange, testing::ValuesIn(method_cases), [](const auto& instance) {
  std::string name = instance.param.name;
  std::erase_if(name, [](char each) { return std::isalnum(static_cast<unsigned char>(each)) == 0; });
  return name;
});

// RFC 4251 section 5, RFC 4253 section 8.
TEST(DiffieHellmanExchange, RefusesNumbersThatAreNotInTheirShortestForm) {
  octets unsent;
  const auto client = make_key_exchange("diffie-hellman-group14-sha256", example_context());
  for (const auto& value : {octets{0x00, 0x0f}, octets{0x8f, 0x0f}, octets{0x00}}) {
    const auto refused =
        client->on_message(reply_message(31, as_octets("k"), as_string(value), as_octets("s")), unsent);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::protocol_error);
  }
}

// RFC 8731 section 3.1: K is hashed as a number, whose leading zeros are not written.
TEST(Curve25519Exchange, LosesTheLeadingZerosOfItsSecret) {
  const auto context = example_context();
  octets unsent;
  const auto client = make_key_exchange("curve25519-sha256", context);
  const auto begun = client->begin();
  // Every 256th secret begins with a zero.
  for (int i = 0; i < 100000; ++i) {
    const auto server = crypto::agree_x25519();
    const auto agreed = server->agree(value_in(begun));
    ASSERT_TRUE(agreed);
    if (agreed->view().front() != 0) continue;
    const auto secret = as_mpint(agreed->view());
    ASSERT_LT(secret.size(), 4U + 32U + 1U);
    const auto outcome = client->on_message(
        reply_message(31, as_octets("k"), as_string(server->public_value()), as_octets("s")), unsent);
    ASSERT_TRUE(outcome);
    EXPECT_TRUE(std::ranges::equal((*outcome)->shared_secret.view(), secret));
    EXPECT_EQ((*outcome)->exchange_hash,
              expected_hash(digest_algorithm::sha256, context, as_octets("k"),
                            {as_string(value_in(begun)), as_string(server->public_value())}, secret));
    return;
  }
  FAIL() << "no secret began with a zero";
}

TEST(KeyExchangeMethods, AreAllTestedHere) {
  for (const auto name : kex_algorithms()) {
    const bool here = std::ranges::any_of(method_cases, [&](const auto& each) { return each.name == name; });
    const bool elsewhere = name == "diffie-hellman-group-exchange-sha256" || name == "mlkem768x25519-sha256";
    EXPECT_TRUE(here || elsewhere) << name;
  }
}

TEST(KeyExchangeMethods, AreNoOthers) {
  EXPECT_THROW(make_key_exchange("diffie-hellman-group1-sha1", {}), std::logic_error);
  EXPECT_THROW(make_key_exchange("", {}), std::logic_error);
}

}  // namespace
}  // namespace tunnel::ssh::native
