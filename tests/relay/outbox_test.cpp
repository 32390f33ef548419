#include "relay/outbox.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <stdexcept>

#include "udp/framing/encoder.hpp"
#include "udp/framing/message.hpp"

namespace tunnel::relay {
namespace {

// A notice whose text is `size` times `fill`.
octets frame(std::size_t size, char fill) {
  octets made(udp::framing::head_size + size);
  udp::framing::encode_head(made, udp::framing::message_type::notice, 1, size);
  std::fill(made.begin() + udp::framing::head_size, made.end(), static_cast<octet>(fill));
  return made;
}

// All that there is, taken in pieces.
octets drained(outbox& from, std::size_t piece = SIZE_MAX) {
  octets all;
  while (!from.empty()) {
    const auto next = from.front().first(std::min(piece, from.front().size()));
    all.insert(all.end(), next.begin(), next.end());
    from.sent(next.size());
  }
  return all;
}

octets joined(std::initializer_list<octets> parts) {
  octets all;
  for (const auto& each : parts) all.insert(all.end(), each.begin(), each.end());
  return all;
}

constexpr std::size_t capacity = udp::framing::max_frame;

TEST(Outbox, GivesFramesInTheirOrder) {
  for (const std::size_t piece : {std::size_t{1}, std::size_t{5}, std::size_t{11}, capacity}) {
    outbox box(capacity);
    EXPECT_TRUE(box.empty());
    box.add(frame(3, 'a'));
    box.add(frame(0, 'b'));
    box.add(frame(50, 'c'));
    EXPECT_EQ(drained(box, piece), joined({frame(3, 'a'), frame(0, 'b'), frame(50, 'c')}));
    EXPECT_TRUE(box.empty());
    EXPECT_TRUE(box.front().empty());
  }
}

TEST(Outbox, BeginsWithAGreeting) {
  outbox box(capacity);
  box.begin_with(octets{1, 2, 3});
  box.add(frame(1, 'a'));
  EXPECT_EQ(drained(box, 2), joined({octets{1, 2, 3}, frame(1, 'a')}));
}

TEST(Outbox, DropsTheOldestFramesForANewOne) {
  outbox box(capacity);
  box.add(frame(30'000, 'a'));
  box.add(frame(30'000, 'b'));
  box.add(frame(30'000, 'c'));
  EXPECT_EQ(box.dropped(), 1U);
  EXPECT_EQ(drained(box), joined({frame(30'000, 'b'), frame(30'000, 'c')}));
}

TEST(Outbox, TakesTheLargestFrameWhenFull) {
  outbox box(capacity);
  box.add(frame(1, 'a'));
  const auto largest = frame(udp::framing::max_length - udp::framing::min_length, 'b');
  box.add(largest);
  EXPECT_EQ(drained(box, 1000), largest);
}

TEST(Outbox, KeepsAFrameThatWasWrittenInPart) {
  outbox box(capacity);
  box.add(frame(30'000, 'a'));
  box.sent(100);
  for (const char each : {'b', 'c', 'd'}) box.add(frame(30'000, each));
  EXPECT_EQ(box.dropped(), 1U);
  auto rest = frame(30'000, 'a');
  rest.erase(rest.begin(), rest.begin() + 100);
  EXPECT_EQ(drained(box, 777), joined({rest, frame(30'000, 'c'), frame(30'000, 'd')}));
}

// The ring's end falls everywhere within a frame, its length included.
TEST(Outbox, GoesRoundAtAnyPlace) {
  outbox box(capacity);
  for (std::size_t i = 0; i < 2000; ++i) {
    box.add(frame(31, 'x'));
    box.add(frame(i % 90, 'y'));
    ASSERT_EQ(drained(box, 1 + i % 64), joined({frame(31, 'x'), frame(i % 90, 'y')})) << i;
  }
  EXPECT_EQ(box.dropped(), 0U);
}

TEST(Outbox, HasRoomForTheLargestFrame) {
  EXPECT_THROW(outbox(capacity - 1), std::length_error);
}

}  // namespace
}  // namespace tunnel::relay
