#include "dns/message_splitter.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tunnel::dns {
namespace {

using testing::ElementsAre;

const octets stream{0, 3, 1, 2, 3, 0, 0, 0, 1, 9};
const std::vector<octets> whole{{1, 2, 3}, {}, {9}};

TEST(DnsMessageSplitter, FindsTheMessagesOfAStream) {
  message_splitter splitter;
  std::vector<octets> messages;
  splitter.feed(stream, messages);
  EXPECT_EQ(messages, whole);
}

TEST(DnsMessageSplitter, MakesNoDifferenceOfHowTheOctetsCome) {
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) {
    message_splitter splitter;
    std::vector<octets> messages;
    splitter.feed(octet_view(stream).first(cut), messages);
    splitter.feed(octet_view(stream).subspan(cut), messages);
    EXPECT_EQ(messages, whole) << cut;
  }
  message_splitter splitter;
  std::vector<octets> messages;
  for (const octet each : stream) splitter.feed({&each, 1}, messages);
  EXPECT_EQ(messages, whole);
}

TEST(DnsMessageSplitter, TakesWhatIsPutInFront) {
  octets framed;
  append_framed(framed, octets{1, 2, 3});
  append_framed(framed, octets{});
  append_framed(framed, octets{9});
  EXPECT_EQ(framed, stream);
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
