#include "udp/client/link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

#include "fake_access.hpp"
#include "frames.hpp"
#include "support/event_loop.hpp"
#include "udp/client/dns_link.hpp"
#include "udp/client/framed_link.hpp"
#include "udp/client/hev_link.hpp"
#include "udp/client/outlet.hpp"
#include "udp/client/udpgw_link.hpp"

namespace tunnel::udp {
namespace {

using namespace std::string_view_literals;
using support::run_until;
using support::started;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr auto framed_close = "\0\0\5\2\0\0\0\1"sv;
constexpr auto hev_accepted = "\5\0\5\0\0\1\x7f\0\0\1\x1f\x90"sv;
constexpr auto hev_datagram =
    "\0\4\x0a\1\x08\x08\x08\x08\0\x35"
    "data"sv;

const socks::address resolver_address{socks::ipv4{8, 8, 8, 8}, 53};

void send(association& from, const socks::address& target, octet_view data) {
  from.send(target, data);
  from.flush();
}

class LinkTest : public testing::Test {
 protected:
  using opened_link = result<std::shared_ptr<link>>;

  support::channel_peer& peer(std::size_t number = 0) { return *by_->peers.at(number); }
  bool until(const std::function<bool()>& reached) { return run_until(context_, reached); }

  std::unique_ptr<ssh::channel> channel() {
    started opening(context_, by_->open_direct_tcpip({"gateway", 1}));
    return std::move(*opening.wait());
  }

  std::unique_ptr<association> join(link& through, association_handler& told) {
    started opening(context_, through.open(by_, told));
    return std::move(*opening.wait());
  }

  std::shared_ptr<link> framed() {
    started greeting_it(context_, framed_link::greet(channel(), nullptr));
    EXPECT_TRUE(until([&] { return peer().received() == greeting; }));
    EXPECT_TRUE(peer().deliver(greeting));
    return *greeting_it.wait();
  }

  asio::io_context context_;
  std::shared_ptr<fake_access> by_ = std::make_shared<fake_access>(context_.get_executor());
};

using FramedLink = LinkTest;

TEST_F(FramedLink, CarriesDatagramsBothWays) {
  const auto through = framed();
  recorder told;
  const auto one = join(*through, told);
  send(*one, resolver_address, as_octets("data"sv));
  EXPECT_EQ(peer().received(), std::string(greeting) + std::string(framed_datagram));
  EXPECT_TRUE(peer().deliver(framed_datagram));
  EXPECT_THAT(told.came, ElementsAre("8.8.8.8:53 data"));
}

TEST_F(FramedLink, GoesAheadOfOtherChannels) {
  const auto through = framed();
  EXPECT_TRUE(peer().expedited());
}

TEST_F(FramedLink, TellsTheRelayOfAnAssociationThatEnded) {
  const auto through = framed();
  recorder told;
  EXPECT_TRUE(through->idle_since());
  auto one = join(*through, told);
  EXPECT_FALSE(through->idle_since());
  one.reset();
  EXPECT_TRUE(through->idle_since());
  EXPECT_EQ(peer().received(), std::string(greeting) + std::string(framed_close));
  // What was on its way is nobody's, and the relay may not have heard that it is over.
  EXPECT_TRUE(peer().deliver(framed_datagram));
  EXPECT_TRUE(told.came.empty());
  EXPECT_EQ(peer().received(), std::string(greeting) + std::string(framed_close) + std::string(framed_close));
  // Not while others wait.
  peer().set_window(0);
  const auto two = join(*through, told);
  send(*two, resolver_address, as_octets("data"sv));
  EXPECT_TRUE(peer().deliver(framed_datagram));
  peer().set_window(support::channel_peer::unlimited);
  EXPECT_FALSE(peer().received().ends_with(framed_close));
}

TEST_F(FramedLink, EndsOneAssociationWhenTheRelayDoes) {
  const auto through = framed();
  recorder first;
  recorder second;
  const auto one = join(*through, first);
  const auto two = join(*through, second);
  EXPECT_TRUE(peer().deliver(framed_close));
  EXPECT_THAT(first.lost.value_or(""), HasSubstr("ended the association"));
  EXPECT_FALSE(second.lost);
  EXPECT_FALSE(through->lost());
}

TEST_F(FramedLink, EndsAllAssociationsWithItsChannel) {
  for (const bool orderly : {true, false}) {
    by_->peers.clear();
    const auto through = framed();
    recorder first;
    recorder second;
    const auto one = join(*through, first);
    const auto two = join(*through, second);
    if (orderly) {
      peer().end();
    } else {
      peer().lose({ssh::errc::connection_lost, "gone"});
    }
    EXPECT_THAT(first.lost.value_or(""), HasSubstr(orderly ? "closed its connection" : "gone"));
    EXPECT_TRUE(second.lost);
    EXPECT_TRUE(through->lost());
    EXPECT_TRUE(peer().destroyed());
    send(*one, resolver_address, as_octets("data"sv));
  }
}

TEST_F(FramedLink, EndsWhenTheRelaySendsWhatMakesNoSense) {
  const auto through = framed();
  recorder told;
  const auto one = join(*through, told);
  EXPECT_TRUE(peer().deliver("\xff\xff\xff\1\0\0\0\1"sv));
  EXPECT_TRUE(told.lost);
}

TEST_F(FramedLink, RefusesWhatIsNoRelay) {
  started greeting_it(context_, framed_link::greet(channel(), nullptr));
  EXPECT_TRUE(until([&] { return peer().attached(); }));
  peer().deliver("SSH-2.0-OpenSSH_9.2\r\n"sv);
  const auto& outcome = greeting_it.wait();
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("SSH-2.0-OpenSSH_9.2"));
}

TEST_F(FramedLink, SendsAheadWhatACommandIsToRead) {
  started greeting_it(
      context_, framed_link::greet(channel(), std::make_unique<command_watch>(), as_octets("script"sv)));
  EXPECT_TRUE(until([&] { return peer().received() == "script" + std::string(greeting); }));
  // A login shell may say something first.
  EXPECT_TRUE(peer().deliver("Welcome!\n" + std::string(greeting)));
  EXPECT_TRUE(greeting_it.wait());
}

TEST_F(FramedLink, SendsTheDatagramsOfOneTurnTogether) {
  const auto through = framed();
  recorder told;
  const auto one = join(*through, told);
  const auto before = peer().commits();
  for (int i = 0; i < 3; ++i) one->send(resolver_address, as_octets("data"sv));
  one->flush();
  EXPECT_EQ(peer().commits() - before, 1U);
  EXPECT_TRUE(peer().received().ends_with(std::string(framed_datagram) + std::string(framed_datagram)));
}

TEST_F(FramedLink, CountsWhatItDropsForWantOfRoom) {
  const auto through = framed();
  recorder told;
  const auto one = join(*through, told);
  peer().set_window(0);
  const octets large(60'000);
  for (int i = 0; i < 6; ++i) send(*one, resolver_address, large);
  EXPECT_EQ(one->dropped().no_room, 2U);
}

TEST(CommandWatch, SaysHowACommandEnded) {
  command_watch watch;
  EXPECT_EQ(watch.ending(), "ended");
  watch.on_standard_error(as_octets("sh: 1: tunnel-relay: "sv));
  watch.on_standard_error(as_octets("not found\r\n"sv));
  watch.on_exit({127, ""});
  EXPECT_EQ(watch.ending(), "ended with status 127: sh: 1: tunnel-relay: not found");
  command_watch killed;
  killed.on_exit({std::nullopt, "KILL"});
  EXPECT_EQ(killed.ending(), "ended by signal KILL");
}

class UdpgwLink : public LinkTest {
 protected:
  resolver look_up_ = [this](std::string name) -> awaitable<result<std::vector<socks::address>>> {
    looked_up_.push_back(name);
    if (name == "unknown.test") co_return error{ssh::errc::connect_failed, "no such name"};
    co_return std::vector<socks::address>{{socks::ipv4{8, 8, 8, 8}, 0}};
  };
  std::vector<std::string> looked_up_;
};

constexpr auto udpgw_datagram =
    "\x0d\0\2\0\0\x08\x08\x08\x08\0\x35"
    "data"sv;
constexpr auto udpgw_answer =
    "\x0d\0\0\0\0\x08\x08\x08\x08\0\x35"
    "data"sv;

TEST_F(UdpgwLink, CarriesDatagramsBothWays) {
  const auto through = udpgw_link::make(channel(), context_.get_executor(), {});
  recorder told;
  const auto one = join(*through, told);
  send(*one, resolver_address, as_octets("data"sv));
  EXPECT_EQ(peer().received(), udpgw_datagram);
  EXPECT_TRUE(peer().deliver(udpgw_answer));
  EXPECT_THAT(told.came, ElementsAre("8.8.8.8:53 data"));
  // Of an earlier owner of the conid.
  EXPECT_TRUE(
      peer().deliver("\x0d\0\0\0\0\x08\x08\x04\x04\0\x35"
                     "data"sv));
  EXPECT_EQ(told.came.size(), 1U);
}

TEST_F(UdpgwLink, LooksANameUpOnce) {
  const auto through = udpgw_link::make(channel(), context_.get_executor(), look_up_);
  recorder told;
  const auto one = join(*through, told);
  for (int i = 0; i < 3; ++i) send(*one, {"known.test", 53}, as_octets("data"sv));
  const std::size_t all = 3 * udpgw_datagram.size();
  EXPECT_TRUE(until([&] { return peer().received().size() == all; }));
  send(*one, {"known.test", 53}, as_octets("data"sv));
  EXPECT_THAT(looked_up_, ElementsAre("known.test"));
  EXPECT_EQ(peer().received().substr(0, udpgw_datagram.size()), udpgw_datagram);
  EXPECT_EQ(peer().received().size(), all + udpgw_datagram.size());
}

TEST_F(UdpgwLink, DropsWhatGoesToANameThatItCannotFind) {
  const auto through = udpgw_link::make(channel(), context_.get_executor(), look_up_);
  recorder told;
  const auto one = join(*through, told);
  send(*one, {"unknown.test", 53}, as_octets("data"sv));
  EXPECT_TRUE(until([&] { return !looked_up_.empty(); }));
  support::run_ready(context_);
  EXPECT_EQ(one->dropped().no_way, 1U);
  send(*one, {"unknown.test", 53}, as_octets("data"sv));
  EXPECT_EQ(one->dropped().no_way, 2U);
  EXPECT_THAT(looked_up_, ElementsAre("unknown.test"));
  EXPECT_EQ(peer().received(), "");
}

class HevLink : public LinkTest {
 protected:
  std::shared_ptr<hev_link> link_ = std::make_shared<hev_link>(ssh::endpoint{"gateway", 1080});
};

TEST_F(HevLink, HasAChannelForEachAssociation) {
  recorder told;
  started opening(context_, link_->open(by_, told));
  EXPECT_TRUE(until([&] { return !by_->peers.empty() && peer().received().size() == 13; }));
  EXPECT_TRUE(peer().deliver(hev_accepted));
  const auto& one = *opening.wait();
  send(*one, resolver_address, as_octets("data"sv));
  EXPECT_EQ(peer().received().substr(13), hev_datagram);
  EXPECT_TRUE(peer().deliver(hev_datagram));
  EXPECT_THAT(told.came, ElementsAre("8.8.8.8:53 data"));

  recorder other;
  started second(context_, link_->open(by_, other));
  EXPECT_TRUE(until([&] { return by_->peers.size() == 2 && peer(1).attached(); }));
  EXPECT_TRUE(peer(1).deliver(hev_accepted));
  EXPECT_TRUE(second.wait());
  EXPECT_TRUE(peer(0).expedited() && peer(1).expedited());
}

TEST_F(HevLink, DropsWhatTheServerCouldNotTake) {
  recorder told;
  started opening(context_, link_->open(by_, told));
  EXPECT_TRUE(until([&] { return !by_->peers.empty() && peer().attached(); }));
  EXPECT_TRUE(peer().deliver(hev_accepted));
  const auto& one = *opening.wait();
  send(*one, resolver_address, octets(1494));
  EXPECT_EQ(one->dropped().too_large, 1U);
  EXPECT_EQ(peer().received().size(), 13U);
}

TEST_F(HevLink, SaysWhyTheServerIsOfNoUse) {
  recorder told;
  started opening(context_, link_->open(by_, told));
  EXPECT_TRUE(until([&] { return !by_->peers.empty() && peer().attached(); }));
  peer().deliver("\5\0\5\7\0\1\0\0\0\0\0\0"sv);
  const auto& outcome = opening.wait();
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("reply 7"));
}

TEST_F(HevLink, EndsAnAssociationWhoseServerWentAway) {
  recorder told;
  started opening(context_, link_->open(by_, told));
  EXPECT_TRUE(until([&] { return !by_->peers.empty() && peer().attached(); }));
  EXPECT_TRUE(peer().deliver(hev_accepted));
  EXPECT_TRUE(opening.wait());
  peer().close();
  EXPECT_TRUE(told.lost);
}

using DnsLink = LinkTest;

TEST_F(DnsLink, TakesQueriesAndNothingElse) {
  std::vector<std::string> asked;
  const auto through = std::make_shared<dns_link>(
      context_.get_executor(), [&](socks::address server, octets query) -> awaitable<result<octets>> {
        asked.push_back(server.to_string());
        if (asked.size() > 1) co_return error{ssh::errc::connect_failed, "nobody answers"};
        co_return query;
      });
  recorder told;
  const auto one = join(*through, told);
  send(*one, resolver_address, as_octets("twelve octets"sv));
  EXPECT_TRUE(until([&] { return told.came.size() == 1; }));
  EXPECT_THAT(told.came, ElementsAre("8.8.8.8:53 twelve octets"));
  send(*one, {socks::ipv4{8, 8, 8, 8}, 54}, as_octets("twelve octets"sv));
  send(*one, resolver_address, as_octets("short"sv));
  EXPECT_EQ(one->dropped().no_way, 2U);
  EXPECT_THAT(asked, ElementsAre("8.8.8.8:53"));
  send(*one, {socks::ipv4{8, 8, 4, 4}, 53}, as_octets("twelve octets"sv));
  EXPECT_TRUE(until([&] { return one->dropped().unanswered == 1; }));
}

class Outlet : public LinkTest {
 protected:
  outlet::finder find_ = [this](std::shared_ptr<access>,
                                std::optional<way> first) -> awaitable<result<found_way>> {
    ++searches_;
    first_ = first;
    if (failure_) co_return *failure_;
    co_return found_way{found_, udpgw_link::make(channel_now(), context_.get_executor(), {})};
  };

  std::unique_ptr<ssh::channel> channel_now() {
    by_->peers.push_back(std::make_shared<support::channel_peer>(context_.get_executor()));
    return by_->peers.back()->open();
  }

  unsigned searches_ = 0;
  std::optional<way> first_;
  way found_ = way::script;
  std::optional<error> failure_;
  std::shared_ptr<outlet> outlet_ = outlet::make(context_.get_executor(), find_);
};

TEST_F(Outlet, FindsAWayOnceForAll) {
  started first(context_, outlet_->way_out(by_));
  started second(context_, outlet_->way_out(by_));
  EXPECT_EQ(first.wait()->through, second.wait()->through);
  started third(context_, outlet_->way_out(by_));
  EXPECT_EQ(third.wait()->through, first.wait()->through);
  EXPECT_EQ(searches_, 1U);
}

TEST_F(Outlet, FindsItAgainWhenItWasLostAndRemembersWhichItWas) {
  started first(context_, outlet_->way_out(by_));
  const auto before = first.wait()->through;
  EXPECT_FALSE(first_);
  peer().close();
  EXPECT_TRUE(before->lost());
  started second(context_, outlet_->way_out(by_));
  EXPECT_FALSE(second.wait()->through->lost());
  EXPECT_EQ(first_, way::script);
}

TEST_F(Outlet, LooksForABetterWayThanDnsAgain) {
  started first(context_, outlet_->way_out(by_));
  EXPECT_TRUE(first.wait());
  peer().close();
  found_ = way::dns;
  started second(context_, outlet_->way_out(by_));
  EXPECT_TRUE(second.wait());
  peer(1).close();
  started third(context_, outlet_->way_out(by_));
  EXPECT_TRUE(third.wait());
  EXPECT_EQ(first_, way::script);
}

TEST_F(Outlet, RemembersForAWhileThatThereIsNone) {
  failure_ = error{ssh::errc::connect_failed, "none"};
  started first(context_, outlet_->way_out(by_));
  EXPECT_FALSE(first.wait());
  started second(context_, outlet_->way_out(by_));
  EXPECT_EQ(second.wait().error().message, "none");
  EXPECT_EQ(searches_, 1U);
}

}  // namespace
}  // namespace tunnel::udp
