#include "udp/client/frame_queue.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <string_view>
#include <utility>

namespace tunnel::udp {
namespace {

std::string taken(frame_queue& queue) {
  octets frame;
  queue.take(frame);
  return std::string(as_text(frame));
}

void push(frame_queue& queue, frame_queue::tag whose, std::string_view head, std::string_view data) {
  queue.push(whose, as_octets(head), as_octets(data));
}

TEST(FrameQueue, GivesFramesInTheirOrder) {
  frame_queue queue(100);
  EXPECT_TRUE(queue.empty());
  push(queue, 1, "a", "first");
  push(queue, 2, "b", "");
  push(queue, 3, "", "third");
  EXPECT_EQ(taken(queue), "afirst");
  EXPECT_EQ(taken(queue), "b");
  EXPECT_EQ(taken(queue), "third");
  EXPECT_TRUE(queue.empty());
}

TEST(FrameQueue, SaysWhoseFrameWasDropped) {
  frame_queue queue(100);
  push(queue, 7, "a", "first");
  push(queue, 9, "b", "second");
  EXPECT_EQ(queue.drop(), 7U);
  EXPECT_EQ(taken(queue), "bsecond");
}

TEST(FrameQueue, HasRoomUpToItsCapacity) {
  frame_queue queue(40);
  EXPECT_TRUE(queue.can_hold(32));
  EXPECT_FALSE(queue.can_hold(33));
  push(queue, 1, "head", "data");
  EXPECT_TRUE(queue.has_room_for(16));
  EXPECT_FALSE(queue.has_room_for(17));
  EXPECT_TRUE(queue.can_hold(32));
}

TEST(FrameQueue, KeepsFramesWholeWhereverTheyLieInItsMemory) {
  // A capacity that no sum of sizes divides, so that every octet of a frame comes to lie at the end once.
  frame_queue queue(61);
  std::deque<std::pair<frame_queue::tag, std::string>> expected;
  for (frame_queue::tag i = 0; i < 500; ++i) {
    const std::string frame = "<" + std::string(i % 13, static_cast<char>('a' + i % 26)) + ">";
    while (!queue.has_room_for(frame.size())) {
      if (i % 3 == 0) {
        EXPECT_EQ(queue.drop(), expected.front().first);
      } else {
        EXPECT_EQ(taken(queue), expected.front().second);
      }
      expected.pop_front();
    }
    push(queue, i, frame.substr(0, 1), frame.substr(1));
    expected.emplace_back(i, frame);
  }
  for (const auto& [whose, frame] : expected) EXPECT_EQ(taken(queue), frame);
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace tunnel::udp
