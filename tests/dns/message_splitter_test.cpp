#include "dns/message_splitter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tunnel::dns {
namespace {

using testing::ElementsAre;

const octets two_messages{0, 3, 1, 2, 3, 0, 0, 0, 1, 9};
const std::vector<octets> whole{{1, 2, 3}, {}, {9}};

TEST(DnsMessageSplitter, FindsTheMessagesOfAStream) {
  message_splitter splitter;
  std::vector<octets> messages;
  splitter.feed(two_messages, messages);
  EXPECT_EQ(messages, whole);
}

TEST(DnsMessageSplitter, MakesNoDifferenceOfHowTheOctetsCome) {
  for (std::size_t cut = 0; cut <= two_messages.size(); ++cut) {
    message_splitter splitter;
    std::vector<octets> messages;
    splitter.feed(octet_view(two_messages).first(cut), messages);
    splitter.feed(octet_view(two_messages).subspan(cut), messages);
    EXPECT_EQ(messages, whole) << cut;
  }
  message_splitter splitter;
  std::vector<octets> messages;
  for (const octet each : two_messages) splitter.feed({&each, 1}, messages);
  EXPECT_EQ(messages, whole);
}

TEST(DnsMessageSplitter, TakesWhatIsPutInFront) {
  octets framed;
  append_framed(framed, octets{1, 2, 3});
  append_framed(framed, octets{});
  append_framed(framed, octets{9});
  EXPECT_EQ(framed, two_messages);
  const octets largest(max_message, 7);
  octets long_one;
  append_framed(long_one, largest);
  message_splitter splitter;
  std::vector<octets> messages;
  splitter.feed(long_one, messages);
  EXPECT_THAT(messages, ElementsAre(largest));
  EXPECT_THROW(append_framed(framed, octets(max_message + 1)), std::length_error);
}

}  // namespace
}  // namespace tunnel::dns
