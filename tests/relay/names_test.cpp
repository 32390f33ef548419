#include "relay/names.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>

#include "support/event_loop.hpp"

namespace tunnel::relay {
namespace {

using support::run_until;
using testing::ElementsAre;

const asio::ip::address found = asio::ip::make_address("192.0.2.1");

class NamesOfAClient : public testing::Test {
 protected:
  names::outcome send(std::string_view name, std::uint32_t association, std::size_t size = 1) {
    return book_.wait_for(name, association, 53, octets(size));
  }

  asio::io_context context_;
  std::atomic<int> asked_ = 0;
  resolver resolver_{context_.get_executor(), {}, [this](const std::string& name) {
                       ++asked_;
                       if (name == "none") return resolved(std::string("not found"));
                       return resolved(std::vector{found});
                     }};
  std::vector<std::string> sent_;
  names book_{resolver_,
              [this](std::string_view name, const resolved& answer, const names::waiting_datagram& each) {
                const bool known = std::holds_alternative<std::vector<asio::ip::address>>(answer);
                sent_.push_back(std::string(name) + (known ? " " : "? ") + std::to_string(each.association));
              }};
};

TEST_F(NamesOfAClient, AsksOnceForAllThatWait) {
  EXPECT_EQ(book_.find("a"), nullptr);
  for (std::uint32_t number = 1; number <= 3; ++number) EXPECT_EQ(send("a", number), names::outcome::waits);
  ASSERT_TRUE(run_until(context_, [&] { return sent_.size() == 3; }));
  EXPECT_THAT(sent_, ElementsAre("a 1", "a 2", "a 3"));
  EXPECT_EQ(asked_, 1);
  ASSERT_NE(book_.find("a"), nullptr);
  EXPECT_THAT(std::get<0>(*book_.find("a")), ElementsAre(found));
}

TEST_F(NamesOfAClient, RemembersThatThereIsNone) {
  send("none", 1);
  ASSERT_TRUE(run_until(context_, [&] { return !sent_.empty(); }));
  EXPECT_THAT(sent_, ElementsAre("none? 1"));
  ASSERT_NE(book_.find("none"), nullptr);
  EXPECT_EQ(std::get<std::string>(*book_.find("none")), "not found");
}

TEST_F(NamesOfAClient, DropsWhatWouldWaitBeyondTheLimit) {
  EXPECT_EQ(send("a", 1, names::max_waiting_octets), names::outcome::waits);
  EXPECT_EQ(send("b", 1, 1), names::outcome::dropped);
  ASSERT_TRUE(run_until(context_, [&] { return sent_.size() == 1; }));
  EXPECT_EQ(send("b", 1, names::max_waiting_octets), names::outcome::waits);
  ASSERT_TRUE(run_until(context_, [&] { return sent_.size() == 2; }));
}

TEST_F(NamesOfAClient, LeavesLookUpsToOtherAssociations) {
  for (std::size_t i = 0; i < names::max_lookups_each; ++i)
    EXPECT_EQ(send("name" + std::to_string(i), 1), names::outcome::waits);
  EXPECT_EQ(send("one more", 1), names::outcome::too_many);
  EXPECT_EQ(send("one more", 2), names::outcome::waits);
  ASSERT_TRUE(run_until(context_, [&] { return sent_.size() == names::max_lookups_each + 1; }));
  EXPECT_EQ(send("another", 1), names::outcome::waits);
}

TEST_F(NamesOfAClient, ForgetsNamesBeyondTheLimit) {
  for (std::size_t i = 0; i <= names::max_names; ++i) {
    send("name" + std::to_string(i), 1);
    ASSERT_TRUE(run_until(context_, [&] { return sent_.size() == i + 1; }));
  }
  EXPECT_EQ(book_.find("name0"), nullptr);
  EXPECT_NE(book_.find("name" + std::to_string(names::max_names)), nullptr);
}

TEST_F(NamesOfAClient, CallsNobodyOnceClosed) {
  send("a", 1);
  book_.close();
  bool other_answered = false;
  ASSERT_TRUE(resolver_.look_up(this, "b", [&](const resolved&) { other_answered = true; }));
  ASSERT_TRUE(run_until(context_, [&] { return other_answered; }));
  support::run_ready(context_);
  EXPECT_TRUE(sent_.empty());
}

}  // namespace
}  // namespace tunnel::relay
