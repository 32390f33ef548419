#include "ssh/keys/agent_protocol.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ssh/keys/errors.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::keys {
namespace {

// Numbers of draft-miller-ssh-agent, written down once more.
constexpr octet failure_number = 5;
constexpr octet identities_number = 12;
constexpr octet sign_response_number = 14;

octets identities(const std::vector<std::pair<std::string, std::string>>& keys) {
  octets message;
  wire::writer to(message);
  to.byte(identities_number).uint32(static_cast<std::uint32_t>(keys.size()));
  for (const auto& [blob, comment] : keys) to.text(blob).text(comment);
  return message;
}

TEST(AgentProtocol, AsksForIdentities) {
  EXPECT_EQ(encode_request_identities(), (octets{0, 0, 0, 1, 11}));
}

TEST(AgentProtocol, AsksForASignature) {
  const octets expected{0, 0, 0, 16, 13, 0, 0, 0, 2, 'k', 'b', 0, 0, 0, 1, 'd', 0, 0, 0, 4};
  EXPECT_EQ(encode_sign_request(as_octets("kb"), as_octets("d"), 4), expected);
}

TEST(AgentProtocol, SaysForWhichServer) {
  octets expected;
  wire::writer(expected)
      .uint32(1 + 4 + 24 + 3 * 5 + 1)
      .byte(27)
      .text("session-bind@openssh.com")
      .text("k")
      .text("i")
      .text("s")
      .byte(0);
  EXPECT_EQ(encode_session_bind(as_octets("k"), as_octets("i"), as_octets("s")), expected);
}

TEST(AgentProtocol, GivesAKeyAway) {
  const octets plain{0, 0, 0, 8, 17, 'k', 'b', 0, 0, 0, 1, 'c'};
  EXPECT_EQ(encode_add_identity(as_octets("kb"), "c", {}), plain);
  const octets bound{0, 0, 0, 14, 25, 'k', 'b', 0, 0, 0, 1, 'c', 1, 0, 0, 1, 0, 2};
  EXPECT_EQ(
      encode_add_identity(as_octets("kb"), "c", {.lifetime = std::chrono::seconds(256), .confirm = true}),
      bound);
}

TEST(AgentProtocol, ReadsWhetherAKeyWasTaken) {
  EXPECT_TRUE(parse_success(octets{6}));
  EXPECT_EQ(parse_success(octets{failure_number}).error().code, errc::unsupported);
  EXPECT_EQ(parse_success(octets{28}).error().code, errc::unsupported) << "of an extension";
  for (const auto& wrong : {octets{}, octets{6, 0}, octets{14}})
    EXPECT_EQ(parse_success(wrong).error().code, errc::malformed);
}

TEST(AgentProtocol, HasFlagsForRsaAlone) {
  EXPECT_EQ(agent_flags("rsa-sha2-256"), 2U);
  EXPECT_EQ(agent_flags("rsa-sha2-512"), 4U);
  EXPECT_EQ(agent_flags("ssh-ed25519"), 0U);
  EXPECT_EQ(agent_flags("ecdsa-sha2-nistp256"), 0U);
}

TEST(AgentProtocol, LimitsTheLengthOfMessages) {
  const auto length = [](std::uint32_t value) {
    octets field;
    wire::writer(field).uint32(value);
    return agent_message_length(field);
  };
  EXPECT_EQ(*length(1), 1U);
  EXPECT_EQ(*length(max_agent_message), max_agent_message);
  for (const std::uint32_t value : {0U, 256U * 1024 + 1, 0x7fffffffU, 0xffffffffU}) {
    const auto refused = length(value);
    ASSERT_FALSE(refused) << value;
    EXPECT_EQ(refused.error().code, errc::malformed);
  }
  EXPECT_FALSE(agent_message_length(octets{0, 0, 1}));
}

TEST(AgentProtocol, ReadsIdentities) {
  EXPECT_TRUE(parse_identities_answer(identities({}))->empty());
  const auto found = parse_identities_answer(identities({{"blob", "a comment"}, {"other", "\x1b[0m"}}));
  ASSERT_TRUE(found);
  ASSERT_EQ(found->size(), 2U);
  EXPECT_EQ(as_text((*found)[0].public_blob), "blob");
  EXPECT_EQ((*found)[0].comment, "a comment");
  EXPECT_EQ(as_text((*found)[1].public_blob), "other");
  EXPECT_EQ((*found)[1].comment, "\x1b[0m");
}

TEST(AgentProtocol, RefusesIdentitiesCutOffOrGoingOn) {
  const auto whole = identities({{"blob", "comment"}, {"other", ""}});
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const auto cut = parse_identities_answer(octet_view(whole).first(size));
    ASSERT_FALSE(cut) << size;
    EXPECT_EQ(cut.error().code, errc::malformed);
    EXPECT_EQ(cut.error().message, "the agent gave an answer that cannot be understood");
  }
  auto longer = whole;
  longer.push_back(0);
  EXPECT_FALSE(parse_identities_answer(longer));
}

TEST(AgentProtocol, RefusesCountsBeyondWhatIsThere) {
  for (const std::uint32_t count : {1U, 2048U, 0xffffffffU}) {
    octets message;
    wire::writer(message).byte(identities_number).uint32(count);
    EXPECT_FALSE(parse_identities_answer(message)) << count;
  }
  EXPECT_EQ(parse_identities_answer(identities({max_agent_identities, {"", ""}}))->size(),
            max_agent_identities);
  EXPECT_FALSE(parse_identities_answer(identities({max_agent_identities + 1, {"", ""}})));
}

TEST(AgentProtocol, TakesNoOtherMessageForAnAnswer) {
  octets signature;
  wire::writer(signature).byte(sign_response_number).text("signature");
  ASSERT_TRUE(parse_sign_response(signature));
  auto keys = identities({{"blob", "comment"}});
  for (int number = 0; number < 256; ++number) {
    keys[0] = static_cast<octet>(number);
    signature[0] = static_cast<octet>(number);
    EXPECT_EQ(parse_identities_answer(keys).has_value(), number == identities_number) << number;
    EXPECT_EQ(parse_sign_response(signature).has_value(), number == sign_response_number) << number;
  }
}

TEST(AgentProtocol, TellsRefusalsFromNonsense) {
  for (const octet number : {failure_number, octet{30}, octet{102}}) {
    EXPECT_EQ(parse_identities_answer(octet_view(&number, 1)).error().code, errc::unsupported);
    EXPECT_EQ(parse_sign_response(octet_view(&number, 1)).error().code, errc::unsupported);
  }
  EXPECT_EQ(parse_sign_response({}).error().code, errc::malformed);
}

TEST(AgentProtocol, ReadsASignature) {
  octets message;
  wire::writer(message).byte(sign_response_number).text("signature");
  EXPECT_EQ(as_text(*parse_sign_response(message)), "signature");
  for (std::size_t size = 0; size < message.size(); ++size)
    EXPECT_FALSE(parse_sign_response(octet_view(message).first(size))) << size;
  message.push_back(0);
  EXPECT_FALSE(parse_sign_response(message));
}

}  // namespace
}  // namespace tunnel::ssh::keys
