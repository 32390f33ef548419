#include "proxy/half_open.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <vector>

namespace tunnel::proxy {
namespace {

class HalfOpen : public testing::Test {
 protected:
  std::unique_ptr<half_open::entry> add(half_open& to, int number) {
    return std::make_unique<half_open::entry>(to, [this, number] { evicted_.push_back(number); });
  }

  std::vector<int> evicted_;
};

TEST_F(HalfOpen, EvictsTheOldestWhenFull) {
  half_open waiting(2);
  const auto one = add(waiting, 1);
  const auto two = add(waiting, 2);
  EXPECT_TRUE(evicted_.empty());
  const auto three = add(waiting, 3);
  const auto four = add(waiting, 4);
  EXPECT_EQ(evicted_, (std::vector{1, 2}));
  EXPECT_EQ(waiting.size(), 2U);
}

TEST_F(HalfOpen, DoesNotCountWhoHasLeft) {
  half_open waiting(2);
  auto one = add(waiting, 1);
  const auto two = add(waiting, 2);
  one.reset();
  const auto three = add(waiting, 3);
  EXPECT_TRUE(evicted_.empty());
  EXPECT_EQ(waiting.size(), 2U);
}

TEST_F(HalfOpen, EvictsAsManyAsAskedForInOrderOfAge) {
  half_open waiting(10);
  std::vector<std::unique_ptr<half_open::entry>> entries;
  for (int number = 1; number <= 4; ++number) entries.push_back(add(waiting, number));
  entries.erase(entries.begin() + 1);
  EXPECT_EQ(waiting.evict_oldest(2), 2U);
  EXPECT_EQ(evicted_, (std::vector{1, 3}));
  EXPECT_EQ(waiting.evict_oldest(2), 1U) << "there are no more";
  EXPECT_EQ(waiting.evict_oldest(2), 0U);
}

TEST_F(HalfOpen, EvictsEachOneOnce) {
  half_open waiting(10);
  auto one = add(waiting, 1);
  EXPECT_EQ(waiting.evict_oldest(1), 1U);
  one.reset();
  EXPECT_EQ(waiting.evict_oldest(1), 0U);
  EXPECT_EQ(evicted_, std::vector{1});
}

TEST_F(HalfOpen, NoLongerCountsAnEntryThatIsToldToGo) {
  half_open waiting(10);
  std::unique_ptr<half_open::entry> entry;
  entry = std::make_unique<half_open::entry>(waiting,
                                             [&] { evicted_.push_back(static_cast<int>(waiting.size())); });
  EXPECT_EQ(waiting.evict_oldest(1), 1U);
  EXPECT_EQ(evicted_, std::vector{0});
}

}  // namespace
}  // namespace tunnel::proxy
