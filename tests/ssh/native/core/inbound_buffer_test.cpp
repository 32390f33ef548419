#include "ssh/native/core/inbound_buffer.hpp"

#include <gtest/gtest.h>

#include "inbound.hpp"
#include "ssh/native/core/packet_decoder.hpp"

namespace tunnel::ssh::native {
namespace {

TEST(InboundBuffer, GivesWhatCameInOrder) {
  inbound_buffer buffer;
  EXPECT_TRUE(buffer.unread().empty());
  put(buffer, "one");
  put(buffer, "two");
  EXPECT_EQ(as_text(buffer.unread()), "onetwo");
  buffer.consume(2);
  EXPECT_EQ(as_text(buffer.unread()), "etwo");
  put(buffer, "three");
  EXPECT_EQ(as_text(buffer.unread()), "etwothree");
}

TEST(InboundBuffer, LeavesWhatWasConsumedInPlaceUntilRoomIsWanted) {
  inbound_buffer buffer;
  put(buffer, "payload");
  const auto taken = buffer.unread().first(7);
  buffer.consume(7);
  EXPECT_EQ(as_text(taken), "payload");
}

TEST(InboundBuffer, HasAllItsRoomAgainBehindWhatIsUnread) {
  inbound_buffer buffer;
  EXPECT_EQ(buffer.room().size(), inbound_buffer::capacity);
  buffer.add(inbound_buffer::capacity);
  buffer.consume(inbound_buffer::capacity - 10);
  EXPECT_EQ(buffer.room().size(), inbound_buffer::capacity - 10);
  EXPECT_EQ(buffer.unread().size(), 10U);
}

TEST(InboundBuffer, TakesTheLargestPacketAndMore) {
  EXPECT_GT(inbound_buffer::capacity, packet_decoder::max_packet_length + 4 + 64);
}

}  // namespace
}  // namespace tunnel::ssh::native
