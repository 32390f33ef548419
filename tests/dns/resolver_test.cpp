#include "dns/resolver.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>

#include "dns/errors.hpp"
#include "message_builder.hpp"
#include "support/event_loop.hpp"

namespace tunnel::dns {
namespace {

using namespace testing_support;
using support::started;
using testing::ElementsAre;
using testing::IsEmpty;

/// Name servers in a test's hands: a query waits until it is answered.
class fake_exchanger final : public exchanger {
 public:
  explicit fake_exchanger(asio::any_io_executor executor) : executor_(std::move(executor)) {}

  asio::any_io_executor get_executor() override { return executor_; }

  awaitable<result<octets>> exchange(octets query) override {
    const auto waiting = std::make_shared<waiter>(executor_, std::move(query));
    waiting_.push_back(waiting);
    ++asked;
    co_await waiting->timer.async_wait(as_tuple);
    co_return std::move(*waiting->outcome);
  }

  [[nodiscard]] std::size_t waiting() const { return waiting_.size(); }
  [[nodiscard]] octets query() const { return waiting_.front()->query; }

  /// Answers the oldest query.
  void answer(result<octets> outcome) {
    const auto first = waiting_.front();
    waiting_.pop_front();
    first->outcome = std::move(outcome);
    first->timer.cancel();
  }

  unsigned asked = 0;

 private:
  struct waiter {
    waiter(const asio::any_io_executor& executor, octets what)
        : timer(executor, asio::steady_timer::time_point::max()), query(std::move(what)) {}
    asio::steady_timer timer;
    octets query;
    std::optional<result<octets>> outcome;
  };

  asio::any_io_executor executor_;
  std::deque<std::shared_ptr<waiter>> waiting_;
};

class Resolver : public testing::Test {
 protected:
  started<result<std::vector<ip_address>>> look_up(std::string name, record_type type = record_type::a) {
    return {context_, resolver_->addresses(std::move(name), type)};
  }

  bool asks() {
    return support::run_until(context_, [this] { return servers_->waiting() != 0; });
  }

  void answer_with(const std::string& name, octets address, std::uint32_t ttl = 60) {
    ASSERT_TRUE(asks());
    servers_->answer(answer_to(servers_->query(), name, std::move(address), ttl));
  }

  void answer_no_name(const std::string& name) {
    ASSERT_TRUE(asks());
    servers_->answer(build({.rcode = 3, .name = name, .authority = {soa("test", 60, 60)}}));
  }

  asio::io_context context_;
  resolv_conf rules_;
  std::shared_ptr<fake_exchanger> servers_ = std::make_shared<fake_exchanger>(context_.get_executor());
  std::shared_ptr<resolver> resolver_ =
      std::make_shared<resolver>(servers_, [this]() -> awaitable<result<resolv_conf>> { co_return rules_; });
};

TEST_F(Resolver, FindsAnAddressAndRemembersIt) {
  auto first = look_up("www.test");
  answer_with("www.test", {192, 0, 2, 1});
  EXPECT_THAT(*first.wait(), ElementsAre(ip_address(socks::ipv4{192, 0, 2, 1})));
  auto second = look_up("WWW.test.");
  EXPECT_TRUE(second.wait());
  EXPECT_EQ(servers_->asked, 1U);
}

TEST_F(Resolver, AsksOnceForAllWhoWantTheSame) {
  auto one = look_up("www.test");
  auto other = look_up("www.test");
  answer_with("www.test", {192, 0, 2, 1});
  EXPECT_TRUE(one.wait());
  EXPECT_TRUE(other.wait());
  EXPECT_EQ(servers_->asked, 1U);
}

TEST_F(Resolver, GoesOnForTheOthersWhenOneGivesUp) {
  auto one = look_up("www.test");
  auto other = look_up("www.test");
  ASSERT_TRUE(asks());
  one.cancel();
  EXPECT_FALSE(one.wait());
  answer_with("www.test", {192, 0, 2, 1});
  EXPECT_TRUE(other.wait());
}

TEST_F(Resolver, SaysThatThereIsNoSuchName) {
  auto looking = look_up("www.test");
  answer_no_name("www.test");
  EXPECT_EQ(looking.wait().error().code, errc::no_such_name);
  // RFC 2308: that is remembered too.
  EXPECT_EQ(look_up("www.test").wait().error().code, errc::no_such_name);
  EXPECT_EQ(servers_->asked, 1U);
}

TEST_F(Resolver, TellsANameWithoutAddressesFromNone) {
  auto looking = look_up("www.test", record_type::aaaa);
  ASSERT_TRUE(asks());
  servers_->answer(build({.name = "www.test", .type = 28, .authority = {soa("test", 60, 60)}}));
  const auto& found = looking.wait();
  ASSERT_TRUE(found);
  EXPECT_THAT(*found, IsEmpty());
}

TEST_F(Resolver, TriesTheSearchListInOrder) {
  rules_.search = {"a.test", "b.test"};
  auto looking = look_up("www");
  answer_no_name("www.a.test");
  answer_with("www.b.test", {192, 0, 2, 1});
  EXPECT_TRUE(looking.wait());
  EXPECT_EQ(servers_->asked, 2U);
}

TEST_F(Resolver, GoesOnInTheSearchListWhereADomainsServersFail) {
  rules_.search = {"a.test", "b.test"};
  auto looking = look_up("www");
  ASSERT_TRUE(asks());
  servers_->answer(build({.rcode = 2, .name = "www.a.test"}));
  answer_with("www.b.test", {192, 0, 2, 1});
  EXPECT_TRUE(looking.wait());

  auto nowhere = look_up("ftp");
  ASSERT_TRUE(asks());
  servers_->answer(build({.rcode = 2, .name = "ftp.a.test"}));
  answer_no_name("ftp.b.test");
  answer_no_name("ftp");
  EXPECT_EQ(nowhere.wait().error().code, errc::server_failure) << "it may exist after all";
}

TEST_F(Resolver, TakesIpv6AddressesWhereThereAreNoOthers) {
  started looking(context_, resolver_->addresses("www.test"));
  ASSERT_TRUE(asks());
  servers_->answer(build({.name = "www.test", .authority = {soa("test", 60, 60)}}));
  ASSERT_TRUE(asks());
  servers_->answer(build({.name = "www.test", .type = 28, .answers = {{"www.test", 28, 60, octets(16, 1)}}}));
  ASSERT_TRUE(looking.wait());
  socks::ipv6 found;
  found.fill(1);
  EXPECT_THAT(*looking.wait(), ElementsAre(ip_address(found)));
}

TEST_F(Resolver, PassesOnWhyThereIsNoAnswer) {
  auto looking = look_up("www.test");
  ASSERT_TRUE(asks());
  servers_->answer(error{errc::no_answer, "nobody"});
  EXPECT_EQ(looking.wait().error().code, errc::no_answer);
  auto again = look_up("www.test");
  answer_with("www.test", {192, 0, 2, 1});
  EXPECT_TRUE(again.wait());
}

TEST_F(Resolver, AsksNobodyForWhatItKnows) {
  EXPECT_THAT(*look_up("192.0.2.1").wait(), ElementsAre(ip_address(socks::ipv4{192, 0, 2, 1})));
  EXPECT_THAT(*look_up("192.0.2.1", record_type::aaaa).wait(), IsEmpty());
  EXPECT_THAT(*look_up("Localhost").wait(), ElementsAre(ip_address(socks::ipv4{127, 0, 0, 1})));
  EXPECT_THAT(*look_up("a.localhost.", record_type::aaaa).wait(), ElementsAre(*parse_ip_address("::1")));
  EXPECT_EQ(look_up("a..b").wait().error().code, errc::bad_query);
  EXPECT_EQ(servers_->asked, 0U);
}

TEST_F(Resolver, FindsTheNameOfAnAddress) {
  started naming(context_, resolver_->name_of(socks::ipv4{192, 0, 2, 1}));
  ASSERT_TRUE(asks());
  const std::string name = "1.2.0.192.in-addr.arpa";
  servers_->answer(build({.name = name, .type = 12, .answers = {{name, 12, 60, wire_name("host.test")}}}));
  ASSERT_TRUE(naming.wait());
  EXPECT_EQ(*naming.wait(), "host.test");
}

}  // namespace
}  // namespace tunnel::dns
