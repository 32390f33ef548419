#include "ssh/native/core/group_exchange.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "server_side.hpp"
#include "ssh/native/core/errors.hpp"
#include "support/hexadecimal.hpp"

namespace tunnel::ssh::native {
namespace {

using crypto::digest_algorithm;

octets group_message(octet_view prime, octet_view generator) {
  return joined({octets{31}, as_mpint(prime), as_mpint(generator)});
}

// A number of so many bits, the lowest of which is set or not.
octets number_of_bits(std::size_t bits, bool odd = true) {
  octets number((bits + 7) / 8, 0xff);
  number.front() = static_cast<octet>(0xffU >> (8 * number.size() - bits));
  if (!odd) number.back() = 0xfe;
  return number;
}

class GroupExchange : public testing::Test {
 protected:
  void refuse_group(octet_view prime, octet_view generator, errc code = errc::key_exchange_failed) {
    group_exchange client(context_);
    const auto refused = client.on_message(group_message(prime, generator), reply_);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, code);
    EXPECT_TRUE(reply_.empty());
  }

  exchange_context context_ = example_context();
  group_exchange client_{context_};
  octets reply_;
  octets generator_{2};
};

// RFC 4419 section 3, as RFC 8270 narrows it.
TEST_F(GroupExchange, AsksFor2048To8192Bits) {
  EXPECT_EQ(tunnel::support::hexadecimal(client_.begin()),
            "22"
            "00000800"
            "00001000"
            "00002000");
}

TEST_F(GroupExchange, GivesBothSidesTheSameSecretAndHash) {
  for (const auto prime : {crypto::modp_group14(), crypto::modp_group16(), crypto::modp_group18()}) {
    group_exchange client(context_);
    client.begin();
    octets reply;
    const auto begun = client.on_message(group_message(prime, generator_), reply);
    ASSERT_TRUE(begun) << begun.error().message;
    EXPECT_FALSE(*begun);
    ASSERT_FALSE(reply.empty());
    EXPECT_EQ(reply.front(), 32);
    const auto e = octets(value_in(reply).begin(), value_in(reply).end());
    const auto server = crypto::agree_dh(prime, generator_, 256);
    const auto agreed = server->agree(e);
    ASSERT_TRUE(agreed);
    const auto secret = as_mpint(agreed->view());

    octets unsent;
    const auto outcome = client.on_message(
        reply_message(33, as_octets("host key"), as_mpint(server->public_value()), as_octets("signature")),
        unsent);
    ASSERT_TRUE(outcome) << outcome.error().message;
    ASSERT_TRUE(*outcome);
    EXPECT_TRUE(unsent.empty());
    EXPECT_TRUE(std::ranges::equal((*outcome)->shared_secret.view(), secret));
    // The three sizes that were asked for are hashed too.
    EXPECT_EQ((*outcome)->exchange_hash,
              expected_hash(digest_algorithm::sha256, context_, as_octets("host key"),
                            {as_uint32(2048), as_uint32(4096), as_uint32(8192), as_mpint(prime),
                             as_mpint(generator_), as_mpint(e), as_mpint(server->public_value())},
                            secret));
    EXPECT_EQ(as_text((*outcome)->signature), "signature");
  }
}

TEST_F(GroupExchange, RefusesPrimesOutsideWhatItAskedFor) {
  for (const std::size_t bits : {1U, 512U, 1024U, 2047U, 8193U, 16384U}) {
    SCOPED_TRACE(bits);
    refuse_group(number_of_bits(bits), generator_);
  }
  refuse_group({}, generator_);
}

TEST_F(GroupExchange, TakesPrimesOfTheSizesThatItAskedFor) {
  for (const std::size_t bits : {2048U, 8192U}) {
    group_exchange client(context_);
    octets reply;
    EXPECT_TRUE(client.on_message(group_message(number_of_bits(bits), generator_), reply)) << bits;
    EXPECT_FALSE(reply.empty());
  }
}

TEST_F(GroupExchange, RefusesEvenModuli) {
  refuse_group(number_of_bits(2048, false), generator_);
}

// 1 < g < p - 1.
TEST_F(GroupExchange, RefusesGeneratorsAtTheEndsOfTheGroup) {
  const auto prime = octets(crypto::modp_group14().begin(), crypto::modp_group14().end());
  auto last = prime;
  last.back() = static_cast<octet>(last.back() - 1);
  refuse_group(prime, {});
  refuse_group(prime, octets{1});
  refuse_group(prime, last);
  refuse_group(prime, prime);
  refuse_group(prime, number_of_bits(2049));
}

// 3^1293 with the generator 3: every power that could be sent is 0. This side would look for another one for
// ever.
TEST_F(GroupExchange, RefusesGroupsWithoutUsefulPowers) {
  octets power{1};
  for (int i = 0; i < 1293; ++i) {
    unsigned carry = 0;
    for (auto digit = power.rbegin(); digit != power.rend(); ++digit) {
      carry += *digit * 3U;
      *digit = static_cast<octet>(carry);
      carry >>= 8U;
    }
    if (carry != 0) power.insert(power.begin(), static_cast<octet>(carry));
  }
  refuse_group(power, octets{3});
}

TEST_F(GroupExchange, RefusesAGroupWhereverItIsCutOff) {
  const auto whole = group_message(crypto::modp_group14(), generator_);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const auto refused = client_.on_message(octet_view(whole).first(size), reply_);
    ASSERT_FALSE(refused) << size;
    EXPECT_EQ(refused.error().code, errc::protocol_error) << size;
  }
  auto longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(client_.on_message(longer, reply_));
  EXPECT_TRUE(reply_.empty());
}

TEST_F(GroupExchange, RefusesAReplyWhereverItIsCutOff) {
  ASSERT_TRUE(client_.on_message(group_message(crypto::modp_group14(), generator_), reply_));
  const auto server = crypto::agree_dh(crypto::modp_group14(), generator_, 256);
  const auto whole =
      reply_message(33, as_octets("host key"), as_mpint(server->public_value()), as_octets("sig"));
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const auto refused = client_.on_message(octet_view(whole).first(size), reply_);
    ASSERT_FALSE(refused) << size;
    EXPECT_EQ(refused.error().code, errc::protocol_error) << size;
  }
  auto longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(client_.on_message(longer, reply_));
  EXPECT_TRUE(client_.on_message(whole, reply_));
}

TEST_F(GroupExchange, RefusesValuesThatItsRfcForbids) {
  const auto prime = octets(crypto::modp_group14().begin(), crypto::modp_group14().end());
  auto last = prime;
  last.back() = static_cast<octet>(last.back() - 1);
  for (const auto& value : {octets{}, octets{1}, octets{2}, last, prime, octets(257, 0xff)}) {
    group_exchange client(context_);
    octets reply;
    ASSERT_TRUE(client.on_message(group_message(prime, generator_), reply));
    const auto refused =
        client.on_message(reply_message(33, as_octets("k"), as_mpint(value), as_octets("s")), reply);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, errc::key_exchange_failed);
  }
}

TEST_F(GroupExchange, TakesItsMessagesInTheirOrderAlone) {
  const auto group = group_message(crypto::modp_group14(), generator_);
  const auto server = crypto::agree_dh(crypto::modp_group14(), generator_, 256);
  const auto reply = reply_message(33, as_octets("k"), as_mpint(server->public_value()), as_octets("s"));
  octets unsent;
  EXPECT_EQ(client_.on_message(reply, unsent).error().code, errc::protocol_error) << "before the group";
  ASSERT_TRUE(client_.on_message(group, unsent));
  EXPECT_EQ(client_.on_message(group, unsent).error().code, errc::protocol_error) << "the group twice";
  for (const octet number : {octet{30}, octet{32}, octet{34}, octet{49}})
    EXPECT_EQ(client_.on_message(octets{number}, unsent).error().code, errc::protocol_error);
  ASSERT_TRUE(client_.on_message(reply, unsent));
  EXPECT_EQ(client_.on_message(reply, unsent).error().code, errc::protocol_error) << "the reply twice";
  EXPECT_EQ(client_.on_message(group, unsent).error().code, errc::protocol_error) << "after the end";
}

}  // namespace
}  // namespace tunnel::ssh::native
