#include "ssh/native/core/channel_table.hpp"

#include <gtest/gtest.h>

#include <set>
#include <stdexcept>

namespace tunnel::ssh::native {
namespace {

using state = channel_record::state;

channel_id open_one(channel_table& table) {
  const auto id = table.take();
  table.at(id).now = state::opening;
  return id;
}

TEST(ChannelTable, CountsFromZero) {
  channel_table table;
  for (channel_id expected = 0; expected < 5; ++expected) EXPECT_EQ(open_one(table), expected);
  EXPECT_EQ(table.size(), 5U);
}

TEST(ChannelTable, FindsWhatWasTaken) {
  channel_table table;
  const auto id = open_one(table);
  ASSERT_NE(table.find(id), nullptr);
  EXPECT_EQ(table.find(id), &table.at(id));
}

TEST(ChannelTable, FindsNothingElse) {
  channel_table table;
  open_one(table);
  for (const channel_id id : {1U, 2U, 0x7fffffffU, 0x80000000U, 0xffffffffU})
    EXPECT_EQ(table.find(id), nullptr) << id;
  EXPECT_EQ(channel_table().find(0), nullptr);
}

TEST(ChannelTable, UsesANumberAgainWithNothingLeftOfItsFormerChannel) {
  channel_table table;
  const auto id = open_one(table);
  auto& used = table.at(id);
  used.eof_sent = used.close_sent = used.eof_received = used.close_received = used.wants_room = true;
  used.remote_window = send_window(7);
  ASSERT_TRUE(used.local_window.receive(1000, {}, {}));
  table.free(id);
  EXPECT_EQ(table.find(id), nullptr);
  EXPECT_EQ(table.size(), 0U);

  EXPECT_EQ(open_one(table), id);
  const auto& fresh = table.at(id);
  EXPECT_FALSE(fresh.eof_sent || fresh.close_sent || fresh.eof_received || fresh.close_received ||
               fresh.wants_room);
  EXPECT_EQ(fresh.remote_window.room(), 0U);
  EXPECT_EQ(fresh.local_window.backlog(), 0U);
}

TEST(ChannelTable, GivesEachNumberToOneChannelAtATime) {
  channel_table table;
  std::set<channel_id> taken;
  for (int round = 0; round < 1000; ++round) {
    const auto id = open_one(table);
    EXPECT_TRUE(taken.insert(id).second);
    if (round % 3 != 0) continue;
    const auto gone = *taken.begin();
    table.free(gone);
    taken.erase(gone);
  }
  EXPECT_EQ(table.size(), taken.size());
  for (const auto id : taken) EXPECT_NE(table.find(id), nullptr);
}

TEST(ChannelTable, HasNoChannelAtANumberThatWasNeverTaken) {
  channel_table table;
  EXPECT_THROW(table.at(0), std::out_of_range);
}

}  // namespace
}  // namespace tunnel::ssh::native
