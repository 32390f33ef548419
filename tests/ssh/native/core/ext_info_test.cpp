#include "ssh/native/core/ext_info.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string_view>

#include "ssh/native/core/errors.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

struct extension {
  std::string_view name;
  std::string_view value;
};

octets message_with(std::uint32_t count, std::initializer_list<extension> extensions) {
  octets payload;
  wire::writer to(payload);
  to.byte(message::ext_info).uint32(count);
  for (const auto& each : extensions) to.text(each.name).text(each.value);
  return payload;
}

octets message_of(std::initializer_list<extension> extensions) {
  return message_with(static_cast<std::uint32_t>(extensions.size()), extensions);
}

void expect_malformed(octet_view payload) {
  ext_info into;
  const auto read = read_ext_info(payload, into);
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, errc::protocol_error);
}

TEST(ExtInfo, TellsWhatTheServerCan) {
  ext_info into;
  ASSERT_TRUE(read_ext_info(message_of({{"server-sig-algs", "ssh-ed25519,rsa-sha2-512"},
                                        {"publickey-hostbound@openssh.com", "0"},
                                        {"ping@openssh.com", "0"}}),
                            into));
  EXPECT_THAT(into.server_sig_algs.value(), ElementsAre("ssh-ed25519", "rsa-sha2-512"));
  EXPECT_TRUE(into.hostbound);
  EXPECT_TRUE(into.ping);
}

TEST(ExtInfo, SaysNothingOfWhatIsNotInIt) {
  ext_info into;
  ASSERT_TRUE(read_ext_info(message_of({}), into));
  EXPECT_FALSE(into.server_sig_algs);
  EXPECT_FALSE(into.hostbound);
  EXPECT_FALSE(into.ping);
}

// RFC 8308 section 2.5: unknown ones are passed over, and their values may be any octets.
TEST(ExtInfo, PassesOverExtensionsThatNobodyKnows) {
  ext_info into;
  ASSERT_TRUE(read_ext_info(message_of({{"no-flow-control", "p"},
                                        {"unknown@example.com", std::string_view("\0\xff,,", 4)},
                                        {"server-sig-algs", "ssh-ed25519"}}),
                            into));
  EXPECT_THAT(into.server_sig_algs.value(), ElementsAre("ssh-ed25519"));
}

TEST(ExtInfo, TakesOtherVersionsOfAnExtensionForNone) {
  ext_info into;
  ASSERT_TRUE(
      read_ext_info(message_of({{"publickey-hostbound@openssh.com", "1"}, {"ping@openssh.com", ""}}), into));
  EXPECT_FALSE(into.hostbound);
  EXPECT_FALSE(into.ping);
}

TEST(ExtInfo, MayAllowNoSignatureAlgorithmAtAll) {
  ext_info into;
  ASSERT_TRUE(read_ext_info(message_of({{"server-sig-algs", ""}}), into));
  EXPECT_THAT(into.server_sig_algs.value(), IsEmpty());
}

// RFC 8308 section 2.4: the second message counts.
TEST(ExtInfo, ReplacesWhatAnEarlierMessageSaid) {
  ext_info into;
  ASSERT_TRUE(read_ext_info(message_of({{"server-sig-algs", "a"}, {"ping@openssh.com", "0"}}), into));
  ASSERT_TRUE(read_ext_info(message_of({{"server-sig-algs", "b"}}), into));
  EXPECT_THAT(into.server_sig_algs.value(), ElementsAre("b"));
}

TEST(ExtInfo, IsMalformedWhereverItIsCutOff) {
  const auto whole = message_of({{"server-sig-algs", "ssh-ed25519"}, {"ping@openssh.com", "0"}});
  for (std::size_t size = 1; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    expect_malformed(octet_view(whole).first(size));
  }
}

TEST(ExtInfo, IsMalformedWithAnotherCountThanItHas) {
  expect_malformed(message_with(0, {{"ping@openssh.com", "0"}}));
  expect_malformed(message_with(2, {{"ping@openssh.com", "0"}}));
  expect_malformed(message_with(0xffffffff, {{"ping@openssh.com", "0"}}));
}

TEST(ExtInfo, IsMalformedWithAListThatIsNone) {
  expect_malformed(message_of({{"server-sig-algs", "a,,b"}}));
  expect_malformed(message_of({{"server-sig-algs", "a b"}}));
}

}  // namespace
}  // namespace tunnel::ssh::native
