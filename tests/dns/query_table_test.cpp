#include "dns/query_table.hpp"

#include <gtest/gtest.h>

#include <optional>

#include "dns/errors.hpp"
#include "message_builder.hpp"

namespace tunnel::dns {
namespace {

using namespace testing_support;
using namespace std::chrono_literals;

class QueryTable : public testing::Test {
 protected:
  std::uint16_t add(const octets& query) {
    return *table_.add(
        query, [this](result<octets> answered) { told_ = std::move(answered); }, now_);
  }

  octets answer(std::uint16_t id, const std::string& name) {
    return build({.id = id, .name = name, .answers = {a_record(name, 1, {192, 0, 2, 1})}});
  }

  query_table::time_point now_{};
  std::uint16_t next_id_ = 100;
  query_table table_{[this] { return next_id_++; }};
  std::optional<result<octets>> told_;
};

TEST_F(QueryTable, GivesAnAnswerBackWithTheQuerysOwnIdentification) {
  const auto id = add(plain_query(7, "a.test"));
  EXPECT_EQ(id, 100);
  EXPECT_EQ(identification(table_.query(id)), 100);
  EXPECT_TRUE(table_.answer(answer(100, "A.test")));
  ASSERT_TRUE(told_ && *told_);
  EXPECT_EQ(**told_, answer(7, "A.test"));
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(QueryTable, TakesNoAnswerThatDoesNotMatch) {
  add(plain_query(7, "a.test"));
  EXPECT_FALSE(table_.answer(answer(101, "a.test")));
  EXPECT_FALSE(table_.answer(answer(100, "b.test")));
  EXPECT_FALSE(table_.answer(build({.id = 100, .name = "a.test", .type = 28})));
  EXPECT_FALSE(table_.answer(plain_query(100, "a.test")));
  EXPECT_FALSE(table_.answer({}));
  EXPECT_FALSE(table_.answer(octets(12, 0xff)));
  EXPECT_FALSE(told_);
  EXPECT_TRUE(table_.answer(answer(100, "a.test")));
}

TEST_F(QueryTable, TakesAFormatErrorWithoutAQuestion) {
  add(plain_query(7, "a.test"));
  EXPECT_TRUE(table_.answer({0, 100, 0x80, 0x01, 0, 0, 0, 0, 0, 0, 0, 0}));
  ASSERT_TRUE(told_ && *told_);
}

TEST_F(QueryTable, MatchesAnswersInAnyOrder) {
  std::vector<int> order;
  for (int i = 0; i < 3; ++i) {
    const auto name = "n" + std::to_string(i) + ".test";
    EXPECT_TRUE(table_.add(
        plain_query(1, name), [&order, i](auto) { order.push_back(i); }, now_));
  }
  for (const int i : {2, 0, 1}) {
    EXPECT_TRUE(
        table_.answer(answer(static_cast<std::uint16_t>(100 + i), "n" + std::to_string(i) + ".test")));
  }
  EXPECT_EQ(order, (std::vector<int>{2, 0, 1}));
}

TEST_F(QueryTable, UsesNoIdentificationTwice) {
  add(plain_query(7, "a.test"));
  next_id_ = 100;
  EXPECT_EQ(add(plain_query(8, "b.test")), 101);
}

TEST_F(QueryTable, ForgetsWhoDoesNotWaitAnyLonger) {
  const auto id = add(plain_query(7, "a.test"));
  table_.remove(id);
  EXPECT_FALSE(table_.answer(answer(id, "a.test")));
  table_.fail_all({errc::no_answer, "nobody"});
  EXPECT_FALSE(told_);
}

TEST_F(QueryTable, TellsEverybodyThatNobodyAnswers) {
  add(plain_query(7, "a.test"));
  table_.fail_all({errc::no_answer, "nobody"});
  ASSERT_TRUE(told_);
  EXPECT_EQ(told_->error().code, errc::no_answer);
  EXPECT_EQ(table_.size(), 0U);
}

TEST_F(QueryTable, TakesQueriesAlone) {
  const auto ignore = [](const result<octets>&) {};
  for (const auto& wrong : {octets{}, octets(12, 0), build({.name = "a.test"}), octets(70000, 0)}) {
    const auto added = table_.add(wrong, ignore, now_);
    ASSERT_FALSE(added);
    EXPECT_EQ(added.error().code, errc::bad_query);
  }
}

TEST_F(QueryTable, BoundsWhatIsUnderWay) {
  const auto ignore = [](const result<octets>&) {};
  for (std::size_t i = 0; i < query_table::max_queries; ++i) {
    ASSERT_TRUE(table_.add(plain_query(1, "a.test"), ignore, now_));
  }
  EXPECT_EQ(table_.add(plain_query(1, "a.test"), ignore, now_).error().code, errc::busy);

  query_table large([this] { return next_id_++; });
  auto long_query = plain_query(1, "a.test");
  long_query.resize(max_message);
  while (large.add(long_query, ignore, now_)) {
  }
  EXPECT_EQ(large.size(), query_table::max_octets / max_message);
}

TEST_F(QueryTable, KnowsSinceWhenTheOldestWaits) {
  EXPECT_FALSE(table_.oldest());
  const auto start = now_;
  add(plain_query(1, "a.test"));
  now_ += 1s;
  add(plain_query(1, "b.test"));
  EXPECT_EQ(table_.oldest(), start);
  EXPECT_EQ(table_.in_order(), (std::vector<std::uint16_t>{100, 101}));
  table_.restart(start + 5s);
  EXPECT_EQ(table_.oldest(), start + 5s);
}

}  // namespace
}  // namespace tunnel::dns
