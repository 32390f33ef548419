#include "ssh/native/core/connection_protocol.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "server_side.hpp"
#include "session.hpp"
#include "ssh/native/core/errors.hpp"
#include "ssh/native/core/message.hpp"

namespace tunnel::ssh::native {
namespace {

using protocol = connection_protocol;
using namespace std::chrono_literals;
using testing::IsEmpty;

constexpr std::uint32_t window = receive_window::initial;

class ConnectionProtocol : public testing::Test {
 protected:
  explicit ConnectionProtocol(support::peer::options server = {}, support::client::options client = {})
      : both_(std::move(server), std::move(client)) {
    both_.authenticate();
    both_.server.forget_messages();
  }

  protocol& asks() { return both_.user.connection(); }

  // What the client has sent since the last look.
  std::vector<octets> sent() {
    both_.pump();
    std::vector<octets> payloads;
    for (const auto& each : both_.server.messages()) payloads.push_back(each.payload);
    both_.server.forget_messages();
    return payloads;
  }

  channel_id open(support::window offered = {}) {
    const auto id = both_.open_channel(offered);
    both_.server.forget_messages();
    return id;
  }

  template <class Event>
  const Event* last() const {
    const auto& events = both_.user.events();
    return events.empty() ? nullptr : std::get_if<Event>(&events.back());
  }

  void expect_violation() {
    ASSERT_TRUE(both_.user.failure());
    EXPECT_EQ(both_.user.failure()->code, errc::protocol_error) << both_.user.failure()->message;
  }

  support::session both_;
};

// Whose handler takes nothing until a test does.
class StalledChannel : public ConnectionProtocol {
 protected:
  StalledChannel()
      : ConnectionProtocol({}, [] {
          support::client::options how;
          how.consume = false;
          return how;
        }()) {}
};

// Whose server knows ping@openssh.com.
class PingingConnection : public ConnectionProtocol {
 protected:
  PingingConnection() : ConnectionProtocol({.ext_info = support::ext_info({{"ping@openssh.com", "0"}})}) {}
};

// --- opening -----------------------------------------------------------------------------------------------

// RFC 4254 section 7.2.
TEST_F(ConnectionProtocol, OpensATcpChannelWithItsNamesAsTheyAre) {
  const auto id = asks().open_direct_tcpip({"Target.Example.", 65535}, {"::1", 0});
  EXPECT_THAT(sent(),
              testing::ElementsAre(joined({octets{90}, text("direct-tcpip"), as_uint32(id), as_uint32(window),
                                           as_uint32(32768), text("Target.Example."), as_uint32(65535),
                                           text("::1"), as_uint32(0)})));
  both_.say(support::channel_open_confirmation(id, 77));
  ASSERT_NE(last<protocol::opened>(), nullptr);
  EXPECT_EQ(last<protocol::opened>()->channel, id);
}

// OpenSSH's PROTOCOL, section 2.4.
TEST_F(ConnectionProtocol, OpensAUnixSocketsChannel) {
  const auto id = asks().open_direct_streamlocal("/run/socket");
  EXPECT_THAT(sent(), testing::ElementsAre(joined({octets{90}, text("direct-streamlocal@openssh.com"),
                                                   as_uint32(id), as_uint32(window), as_uint32(32768),
                                                   text("/run/socket"), text(""), as_uint32(0)})));
}

// RFC 4254 section 6.1.
TEST_F(ConnectionProtocol, OpensASession) {
  const auto id = asks().open_session();
  EXPECT_THAT(sent(), testing::ElementsAre(joined({octets{90}, text("session"), as_uint32(id),
                                                   as_uint32(window), as_uint32(32768)})));
}

TEST_F(ConnectionProtocol, TellsWhyAnOpenWasRefused) {
  const auto id = asks().open_direct_tcpip({"a", 1}, {"b", 2});
  both_.say(support::channel_open_failure(id, 2, "Connection refused"));
  ASSERT_NE(last<protocol::open_failed>(), nullptr);
  EXPECT_EQ(last<protocol::open_failed>()->channel, id);
  EXPECT_EQ(last<protocol::open_failed>()->reason, 2U);
  EXPECT_EQ(last<protocol::open_failed>()->description, "Connection refused");
  EXPECT_EQ(asks().channels(), 0U);
}

TEST_F(ConnectionProtocol, HasAnyNumberOfOpensInFlight) {
  std::vector<channel_id> ids;
  for (int i = 0; i < 1000; ++i) ids.push_back(asks().open_direct_tcpip({"a", 1}, {"b", 2}));
  both_.pump();
  // Answered the other way round.
  for (auto id = ids.rbegin(); id != ids.rend(); ++id)
    both_.server.send(support::channel_open_confirmation(*id, *id));
  both_.pump();
  EXPECT_EQ(both_.user.count<protocol::opened>(), 1000U);
  EXPECT_FALSE(both_.user.failure());
}

TEST_F(ConnectionProtocol, ClosesAnAbandonedChannelThatOpensLate) {
  const auto id = asks().open_direct_tcpip({"a", 1}, {"b", 2});
  asks().abandon(id);
  sent();
  both_.say(support::channel_open_confirmation(id, 77));
  EXPECT_THAT(both_.user.events(), IsEmpty());
  EXPECT_THAT(sent(), testing::ElementsAre(joined({octets{97}, as_uint32(77)})));
  EXPECT_EQ(asks().channels(), 1U);
  // What was under way meanwhile is passed over.
  both_.say(support::channel_data(id, octets(10)));
  both_.say(support::channel_close(id));
  EXPECT_EQ(asks().channels(), 0U);
  EXPECT_THAT(both_.user.events(), IsEmpty());
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ConnectionProtocol, ForgetsAnAbandonedChannelThatIsRefused) {
  const auto id = asks().open_direct_tcpip({"a", 1}, {"b", 2});
  asks().abandon(id);
  both_.say(support::channel_open_failure(id, 2, "no"));
  EXPECT_THAT(both_.user.events(), IsEmpty());
  EXPECT_EQ(asks().channels(), 0U);
}

TEST_F(ConnectionProtocol, RefusesASecondAnswerToAnOpen) {
  const auto id = open();
  both_.say(support::channel_open_confirmation(id, 78));
  expect_violation();
}

// --- data to the server ------------------------------------------------------------------------------------

TEST_F(ConnectionProtocol, SendsDataInPlace) {
  const auto id = open();
  std::array<octet_span, 3> places;
  ASSERT_EQ(asks().prepare(id, places), 3U);
  for (octet i = 0; i < 3; ++i) {
    EXPECT_EQ(places[i].size(), 32768U);
    std::ranges::fill(places[i], i);
  }
  asks().commit(id, 2 * 32768 + 5, both_.user.now());
  const auto recipient = as_uint32(support::granted_sender(id));
  EXPECT_THAT(sent(), testing::ElementsAre(joined({octets{94}, recipient, as_string(octets(32768, 0))}),
                                           joined({octets{94}, recipient, as_string(octets(32768, 1))}),
                                           joined({octets{94}, recipient, as_string(octets(5, 2))})));
}

// RFC 4254 section 5.2.
TEST_F(ConnectionProtocol, SendsNoMoreThanWindowAndPacketAllow) {
  const auto id = open({.initial_size = 250, .max_packet = 100});
  std::array<octet_span, 8> places;
  ASSERT_EQ(asks().prepare(id, places), 3U);
  EXPECT_EQ(places[0].size(), 100U);
  EXPECT_EQ(places[1].size(), 100U);
  EXPECT_EQ(places[2].size(), 50U);
  asks().commit(id, 250, both_.user.now());
  EXPECT_EQ(sent().size(), 3U);
  EXPECT_EQ(asks().prepare(id, places), 0U);
}

TEST_F(ConnectionProtocol, SendsAtMost32KiBAtOnceWhateverTheServerTakes) {
  const auto id = open({.initial_size = 0xffffffff, .max_packet = 0xffffffff});
  std::array<octet_span, 2> places;
  ASSERT_EQ(asks().prepare(id, places), 2U);
  EXPECT_EQ(places[0].size(), 32768U);
  asks().commit(id, 65536, both_.user.now());
  for (const auto& payload : sent()) EXPECT_EQ(payload.size(), 9U + 32768U);
}

TEST_F(ConnectionProtocol, TellsWhenThereIsRoomAgain) {
  const auto id = open({.initial_size = 0, .max_packet = 100});
  both_.say(support::channel_window_adjust(id, 0));
  EXPECT_EQ(both_.user.count<protocol::writable>(), 0U) << "nobody asked";
  octet_span place;
  EXPECT_EQ(asks().prepare(id, {&place, 1}), 0U);
  both_.say(support::channel_window_adjust(id, 0));
  EXPECT_EQ(both_.user.count<protocol::writable>(), 0U) << "there is none";
  both_.say(support::channel_window_adjust(id, 10));
  EXPECT_EQ(both_.user.count<protocol::writable>(), 1U);
  ASSERT_EQ(asks().prepare(id, {&place, 1}), 1U);
  EXPECT_EQ(place.size(), 10U);
  both_.say(support::channel_window_adjust(id, 10));
  EXPECT_EQ(both_.user.count<protocol::writable>(), 1U);
}

// AsyncSSH and Erlang grant half a window when as much has come. What is held back may be all that they wait
// for, though they granted something only now.
TEST_F(PingingConnection, LeavesNobodyToAServerThatWaitsForMore) {
  asks().ping(both_.user.now());
  both_.pump();
  both_.user.pass(1ms);
  both_.say(support::pong());
  const auto id = open({.initial_size = window, .max_packet = 32768});
  constexpr std::uint32_t portion = window / 5 * 3;
  std::size_t total = 0;
  std::size_t since_grant = 0;
  while (total < 16 * window) {
    octet_span place;
    if (asks().prepare(id, {&place, 1}) == 1) {
      asks().commit(id, place.size(), both_.user.now());
      both_.pump();
      total += place.size();
      since_grant += place.size();
    } else if (since_grant >= portion) {
      both_.user.pass(15ms);
      both_.say(support::channel_window_adjust(id, portion));
      since_grant -= portion;
    } else {
      ASSERT_TRUE(asks().next_deadline()) << "neither side would ever go on, after " << total;
      both_.user.pass(*asks().next_deadline() - both_.user.now());
      asks().on_deadline(both_.user.now());
    }
  }
}

// Fills a channel whose server takes all at once, until so much is on its way that it is held back.
class HeldBackChannel : public PingingConnection {
 protected:
  HeldBackChannel() {
    asks().ping(both_.user.now());
    both_.pump();
    both_.user.pass(1ms);
    both_.say(support::pong());
    id_ = open({.initial_size = window, .max_packet = 32768});
    for (int i = 0; i < 100; ++i) {
      send();
      both_.user.pass(1ms);
      both_.say(support::channel_window_adjust(id_, 32768));
    }
    while (send()) continue;
  }

  bool send() {
    octet_span place;
    if (asks().prepare(id_, {&place, 1}) == 0) return false;
    asks().commit(id_, place.size(), both_.user.now());
    both_.pump();
    ++sent_;
    return true;
  }

  channel_id id_ = 0;
  std::size_t sent_ = 0;
};

TEST_F(HeldBackChannel, LeavesTheWindowToWhatThePathCarries) {
  EXPECT_LT((sent_ - 100) * 32768, window / 2);
  EXPECT_TRUE(asks().next_deadline());
  both_.say(support::channel_window_adjust(id_, 32768));
  EXPECT_EQ(both_.user.count<protocol::writable>(), 1U);
  EXPECT_TRUE(send());
}

// A server that grants in large portions would wait for more and never grant again.
TEST_F(HeldBackChannel, IsReleasedWhenTheServerGrantsNothing) {
  ASSERT_TRUE(asks().next_deadline());
  EXPECT_THAT(asks().on_deadline(both_.user.now()), IsEmpty()) << "before its time";
  both_.user.pass(1s);
  EXPECT_THAT(asks().on_deadline(both_.user.now()), testing::ElementsAre(id_));
  EXPECT_FALSE(asks().next_deadline());
  while (send()) continue;
  EXPECT_EQ((sent_ - 100) * 32768, window);
}

TEST_F(HeldBackChannel, IsLookedAtAgainWhileTheServerGrants) {
  both_.user.pass(200ms);
  both_.say(support::channel_window_adjust(id_, 32768));
  while (send()) continue;
  both_.user.pass(100ms);
  EXPECT_THAT(asks().on_deadline(both_.user.now()), IsEmpty());
  ASSERT_TRUE(asks().next_deadline());
  EXPECT_GT(*asks().next_deadline(), both_.user.now());
}

TEST_F(HeldBackChannel, IsForgottenWithItsEnd) {
  asks().close(id_);
  both_.say(support::channel_close(id_));
  both_.user.pass(1s);
  EXPECT_THAT(asks().on_deadline(both_.user.now()), IsEmpty());
  EXPECT_FALSE(asks().next_deadline());
}

TEST_F(ConnectionProtocol, AddsUpTheServersWindow) {
  const auto id = open({.initial_size = 0xfffffff0, .max_packet = 100});
  both_.say(support::channel_window_adjust(id, 15));
  EXPECT_FALSE(both_.user.failure());
  both_.say(support::channel_window_adjust(id, 1));
  expect_violation();
}

TEST_F(ConnectionProtocol, SaysTheEndOnceAndSendsNothingAfterIt) {
  const auto id = open();
  asks().send_eof(id);
  asks().send_eof(id);
  octet_span place;
  EXPECT_EQ(asks().prepare(id, {&place, 1}), 0U);
  EXPECT_THAT(sent(), testing::ElementsAre(joined({octets{96}, as_uint32(support::granted_sender(id))})));
  // RFC 4254 section 5.3: the other way stays open.
  both_.say(support::channel_data(id, octets(10)));
  EXPECT_EQ(both_.user.delivered(id).size(), 10U);
}

// --- data from the server ----------------------------------------------------------------------------------

TEST_F(ConnectionProtocol, DeliversDataThenItsEndThenTheChannels) {
  const auto id = open();
  both_.server.send(support::channel_data(id, as_octets("one")));
  both_.server.send(support::channel_data(id, as_octets("two")));
  both_.server.send(support::channel_eof(id));
  both_.server.send(support::channel_close(id));
  both_.pump();
  EXPECT_EQ(as_text(both_.user.delivered(id)), "onetwo");
  const auto& events = both_.user.events();
  ASSERT_GE(events.size(), 3U);
  EXPECT_TRUE(std::holds_alternative<protocol::eof>(events[events.size() - 2]));
  EXPECT_TRUE(std::holds_alternative<protocol::closed>(events[events.size() - 1]));
}

TEST_F(ConnectionProtocol, TellsStandardErrorApart) {
  const auto id = open();
  both_.say(support::channel_extended_data(id, 1, as_octets("oops")));
  ASSERT_NE(last<protocol::data>(), nullptr);
  EXPECT_TRUE(last<protocol::data>()->standard_error);
  both_.say(support::channel_data(id, as_octets("fine")));
  EXPECT_FALSE(last<protocol::data>()->standard_error);
}

TEST_F(ConnectionProtocol, MakesNothingOfEmptyData) {
  const auto id = open();
  const auto before = both_.user.events().size();
  both_.say(support::channel_data(id, {}));
  EXPECT_EQ(both_.user.events().size(), before);
  EXPECT_FALSE(both_.user.failure());
}

TEST_F(ConnectionProtocol, RefusesMoreThanTheMaximumPacketSize) {
  const auto id = open();
  both_.say(support::channel_data(id, octets(protocol::max_packet)));
  EXPECT_FALSE(both_.user.failure());
  both_.say(support::channel_data(id, octets(protocol::max_packet + 1)));
  expect_violation();
}

TEST_F(StalledChannel, GrantsNothingAndRefusesDataBeyondTheWindow) {
  const auto id = open();
  for (std::uint32_t left = window; left != 0; left -= 32768)
    both_.say(support::channel_data(id, octets(32768)));
  EXPECT_FALSE(both_.user.failure());
  EXPECT_THAT(sent(), IsEmpty()) << "no window was granted";
  both_.say(support::channel_data(id, octets(1)));
  expect_violation();
}

TEST_F(StalledChannel, CountsStandardErrorTowardsTheWindowToo) {
  const auto id = open();
  for (std::uint32_t left = window; left != 0; left -= 32768)
    both_.say(support::channel_extended_data(id, left % 65536 == 0 ? 1 : 2, octets(32768)));
  EXPECT_FALSE(both_.user.failure());
  both_.say(support::channel_extended_data(id, 1, octets(1)));
  expect_violation();
}

TEST_F(StalledChannel, OpensTheWindowAgainAsItsReaderTakesData) {
  const auto id = open();
  for (std::uint32_t left = window; left != 0; left -= 32768)
    both_.say(support::channel_data(id, octets(32768)));
  asks().consumed(id, window / 8 - 1);
  EXPECT_THAT(sent(), IsEmpty());
  asks().consumed(id, 1);
  EXPECT_THAT(sent(), testing::ElementsAre(joined(
                          {octets{93}, as_uint32(support::granted_sender(id)), as_uint32(window / 8)})));
}

TEST_F(StalledChannel, GrantsNothingOnceTheServerHasSentItsLast) {
  const auto id = open();
  for (int i = 0; i < 32; ++i) both_.say(support::channel_data(id, octets(32768)));
  both_.say(support::channel_eof(id));
  asks().consumed(id, 32 * 32768);
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(ConnectionProtocol, GrantsWhatItDelivers) {
  const auto id = open();
  // Far more than one window.
  for (int i = 0; i < 200; ++i) both_.say(support::channel_data(id, octets(32768, static_cast<octet>(i))));
  EXPECT_FALSE(both_.user.failure());
  EXPECT_EQ(both_.user.delivered(id).size(), std::size_t{200} * 32768);
}

// --- closing -----------------------------------------------------------------------------------------------

// RFC 4254 section 5.3: both sides close, and then the number is free.
TEST_F(ConnectionProtocol, ClosesFirst) {
  const auto id = open();
  asks().close(id);
  asks().close(id);
  EXPECT_THAT(sent(), testing::ElementsAre(joined({octets{97}, as_uint32(support::granted_sender(id))})));
  EXPECT_EQ(asks().channels(), 1U);
  both_.say(support::channel_close(id));
  EXPECT_EQ(asks().channels(), 0U);
  EXPECT_EQ(both_.user.count<protocol::closed>(), 0U);
}

TEST_F(ConnectionProtocol, ClosesWhatTheServerClosed) {
  const auto id = open();
  both_.say(support::channel_close(id));
  EXPECT_EQ(both_.user.count<protocol::closed>(), 1U);
  EXPECT_THAT(sent(), testing::ElementsAre(joined({octets{97}, as_uint32(support::granted_sender(id))})));
  EXPECT_EQ(asks().channels(), 0U);
}

TEST_F(ConnectionProtocol, UsesANumberAgainOnceBothHaveClosed) {
  const auto id = open();
  asks().close(id);
  both_.pump();
  EXPECT_NE(asks().open_session(), id) << "the server has not closed it yet";
  both_.say(support::channel_close(id));
  EXPECT_EQ(asks().open_session(), id);
}

TEST_F(ConnectionProtocol, PassesOverWhatCrossesItsClose) {
  const auto id = open();
  asks().close(id);
  both_.pump();
  const auto before = both_.user.events().size();
  both_.server.send(support::channel_data(id, octets(100)));
  both_.server.send(support::channel_extended_data(id, 1, octets(100)));
  both_.server.send(support::channel_window_adjust(id, 100));
  both_.server.send(support::channel_request(id, "exit-status", false, as_uint32(0)));
  both_.server.send(support::channel_eof(id));
  both_.server.send(support::channel_close(id));
  both_.server.forget_messages();
  both_.pump();
  EXPECT_EQ(both_.user.events().size(), before);
  EXPECT_FALSE(both_.user.failure());
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_EQ(asks().channels(), 0U);
}

TEST_F(ConnectionProtocol, BearsWindowAdjustsThatComeTooLate) {
  const auto id = open();
  both_.say(support::channel_close(id));
  for (unsigned i = 0; i < protocol::max_unsolicited; ++i) both_.say(support::channel_window_adjust(id, 1));
  EXPECT_FALSE(both_.user.failure());
  both_.say(support::channel_window_adjust(id, 1));
  expect_violation();
}

// --- requests on a channel ---------------------------------------------------------------------------------

// RFC 4254 section 6.5.
TEST_F(ConnectionProtocol, RunsACommand) {
  const auto id = open();
  asks().request_exec(id, "cat /etc/hosts");
  EXPECT_THAT(sent(), testing::ElementsAre(joined({octets{98}, as_uint32(support::granted_sender(id)),
                                                   text("exec"), octets{1}, text("cat /etc/hosts")})));
  both_.say(support::channel_success(id));
  ASSERT_NE(last<protocol::exec_answered>(), nullptr);
  EXPECT_TRUE(last<protocol::exec_answered>()->accepted);
}

TEST_F(ConnectionProtocol, TellsThatACommandIsNotRun) {
  const auto id = open();
  asks().request_exec(id, "false");
  both_.say(support::channel_failure(id));
  ASSERT_NE(last<protocol::exec_answered>(), nullptr);
  EXPECT_FALSE(last<protocol::exec_answered>()->accepted);
}

// RFC 4254 section 6.10.
TEST_F(ConnectionProtocol, TellsHowACommandEnded) {
  const auto id = open();
  both_.say(support::channel_request(id, "exit-status", false, as_uint32(42)));
  ASSERT_NE(last<protocol::exited>(), nullptr);
  EXPECT_EQ(last<protocol::exited>()->status, 42U);
  both_.say(support::channel_request(id, "exit-signal", false,
                                     joined({text("TERM"), octets{0}, text("killed"), text("")})));
  ASSERT_NE(last<protocol::exited>(), nullptr);
  EXPECT_EQ(last<protocol::exited>()->status, std::nullopt);
  EXPECT_EQ(last<protocol::exited>()->signal, "TERM");
  EXPECT_THAT(sent(), IsEmpty());
}

// RFC 4254 section 5.4.
TEST_F(ConnectionProtocol, RefusesRequestsThatItDoesNotKnow) {
  const auto id = open();
  both_.say(support::channel_request(id, "unknown@example.com", true));
  EXPECT_THAT(sent(), testing::ElementsAre(joined({octets{100}, as_uint32(support::granted_sender(id))})));
  both_.say(support::channel_request(id, "unknown@example.com", false));
  EXPECT_THAT(sent(), IsEmpty());
}

// --- opens by the server -----------------------------------------------------------------------------------

TEST_F(ConnectionProtocol, RefusesChannelsThatNobodyWants) {
  for (const auto* type : {"session", "x11", "auth-agent@openssh.com", "direct-tcpip"}) {
    both_.say(support::channel_open(type, 5));
    EXPECT_THAT(sent(), testing::ElementsAre(joined({octets{92}, as_uint32(5), as_uint32(1),
                                                     text("this client takes no such channels"), text("")})));
  }
  both_.say(support::channel_open("unknown@example.com", 6));
  EXPECT_THAT(sent(), testing::ElementsAre(joined({octets{92}, as_uint32(6), as_uint32(3),
                                                   text("this client takes no such channels"), text("")})));
  EXPECT_EQ(asks().channels(), 0U);
}

// --- remote listeners --------------------------------------------------------------------------------------

// RFC 4254 section 7.1.
TEST_F(ConnectionProtocol, ListensAtAPort) {
  asks().listen({"localhost", 8080});
  EXPECT_THAT(sent(), testing::ElementsAre(joined({octets{80}, text("tcpip-forward"), octets{1},
                                                   text("localhost"), as_uint32(8080)})));
  both_.say(support::request_success());
  ASSERT_NE(last<protocol::listening>(), nullptr);
  EXPECT_EQ(last<protocol::listening>()->port, 8080U);
}

TEST_F(ConnectionProtocol, ListensAtAPortOfTheServersChoice) {
  asks().listen({"", 0});
  both_.say(support::request_success(as_uint32(40001)));
  EXPECT_EQ(last<protocol::listening>()->port, 40001U);
}

TEST_F(ConnectionProtocol, ListensNowhereWhenTheServerRefusesOrDoesNotSayWhere) {
  for (const auto& answer :
       {support::request_failure(), support::request_success(), support::request_success(as_uint32(0)),
        support::request_success(as_uint32(65536)), support::request_success(octets{1, 2})}) {
    asks().listen({"", 0});
    both_.say(answer);
    ASSERT_NE(last<protocol::listening>(), nullptr);
    EXPECT_EQ(last<protocol::listening>()->port, std::nullopt);
  }
  EXPECT_FALSE(both_.user.failure());
}

// RFC 4254 section 4.
TEST_F(ConnectionProtocol, TakesAnswersInTheOrderOfItsQuestions) {
  asks().listen({"a", 1});
  asks().ping(both_.user.now());
  asks().listen({"b", 2});
  both_.pump();
  both_.say(support::request_failure());
  EXPECT_EQ(last<protocol::listening>()->port, std::nullopt);
  both_.say(support::request_failure());
  EXPECT_NE(last<protocol::pong>(), nullptr);
  both_.say(support::request_success());
  ASSERT_NE(last<protocol::listening>(), nullptr);
  EXPECT_EQ(last<protocol::listening>()->port, 2U);
}

TEST_F(ConnectionProtocol, TakesConnectionsToItsListeners) {
  asks().listen({"localhost", 8080});
  both_.say(support::request_success());
  sent();
  both_.say(support::channel_open("forwarded-tcpip", 9, support::forwarded_details("127.0.0.1", 8080)));
  const auto* came = last<protocol::forwarded>();
  ASSERT_NE(came, nullptr);
  EXPECT_EQ(came->listener.host, "localhost");
  EXPECT_EQ(came->listener.port, 8080);
  EXPECT_EQ(came->originator.host, "192.0.2.1");
  EXPECT_EQ(came->originator.port, 40000);
  const auto id = came->channel;
  asks().accept(id);
  EXPECT_THAT(sent(), testing::ElementsAre(joined(
                          {octets{91}, as_uint32(9), as_uint32(id), as_uint32(window), as_uint32(32768)})));
  both_.say(support::channel_data(id, as_octets("hello")));
  EXPECT_EQ(as_text(both_.user.delivered(id)), "hello");
}

TEST_F(ConnectionProtocol, TurnsConnectionsToItsListenersDown) {
  asks().listen({"localhost", 8080});
  both_.say(support::request_success());
  sent();
  both_.say(support::channel_open("forwarded-tcpip", 9, support::forwarded_details("", 8080)));
  ASSERT_NE(last<protocol::forwarded>(), nullptr);
  asks().reject(last<protocol::forwarded>()->channel, 2, "nobody there");
  EXPECT_THAT(sent(), testing::ElementsAre(
                          joined({octets{92}, as_uint32(9), as_uint32(2), text("nobody there"), text("")})));
  EXPECT_EQ(asks().channels(), 0U);
}

TEST_F(ConnectionProtocol, RefusesConnectionsToNoListener) {
  asks().listen({"localhost", 8080});
  both_.say(support::request_success());
  asks().stop_listening({"localhost", 8080});
  EXPECT_EQ(sent().back(), joined({octets{80}, text("cancel-tcpip-forward"), octets{1}, text("localhost"),
                                   as_uint32(8080)}));
  both_.say(support::request_success());
  for (const std::uint32_t port : {8080U, 1U, 0U}) {
    both_.say(support::channel_open("forwarded-tcpip", 9, support::forwarded_details("localhost", port)));
    EXPECT_THAT(sent(), testing::ElementsAre(joined({octets{92}, as_uint32(9), as_uint32(1),
                                                     text("nobody listens there"), text("")})));
  }
  EXPECT_EQ(both_.user.count<protocol::forwarded>(), 0U);
}

TEST_F(ConnectionProtocol, RefusesDataForAChannelThatIsNotAnsweredYet) {
  asks().listen({"localhost", 8080});
  both_.say(support::request_success());
  both_.say(support::channel_open("forwarded-tcpip", 9, support::forwarded_details("", 8080)));
  ASSERT_NE(last<protocol::forwarded>(), nullptr);
  both_.say(support::channel_data(last<protocol::forwarded>()->channel, octets(1)));
  expect_violation();
}

// --- global requests ---------------------------------------------------------------------------------------

TEST_F(ConnectionProtocol, AnswersGlobalRequestsThatWantIt) {
  both_.say(support::global_request("keepalive@openssh.com", true));
  EXPECT_THAT(sent(), testing::ElementsAre(octets{82}));
  both_.say(support::global_request("unknown@example.com", false, octets(100)));
  EXPECT_THAT(sent(), IsEmpty());
}

// OpenSSH's PROTOCOL, section 2.5.
TEST_F(ConnectionProtocol, ReadsTheServersHostKeys) {
  both_.say(support::global_request("hostkeys-00@openssh.com", false, joined({text("one"), text("two")})));
  ASSERT_NE(last<protocol::server_host_keys>(), nullptr);
  ASSERT_EQ(last<protocol::server_host_keys>()->keys.size(), 2U);
  EXPECT_EQ(as_text(last<protocol::server_host_keys>()->keys[1]), "two");
}

TEST_F(ConnectionProtocol, BearsAHundredAnswersToNoRequest) {
  for (unsigned i = 0; i < protocol::max_unsolicited; ++i) both_.say(support::request_failure());
  EXPECT_FALSE(both_.user.failure());
  both_.say(support::request_success());
  expect_violation();
}

// --- signs of life -----------------------------------------------------------------------------------------

TEST_F(ConnectionProtocol, AsksForASignOfLifeByAGlobalRequest) {
  asks().ping(both_.user.now());
  EXPECT_THAT(sent(), testing::ElementsAre(joined({octets{80}, text("keepalive@openssh.com"), octets{1}})));
  asks().ping(both_.user.now());
  EXPECT_THAT(sent(), IsEmpty()) << "one at a time";
  both_.say(support::request_failure());
  EXPECT_NE(last<protocol::pong>(), nullptr);
  asks().ping(both_.user.now());
  EXPECT_EQ(sent().size(), 1U);
}

TEST_F(PingingConnection, AsksForASignOfLifeByAPing) {
  asks().ping(both_.user.now());
  EXPECT_THAT(sent(), testing::ElementsAre(joined({octets{192}, text("")})));
  both_.say(support::pong());
  EXPECT_NE(last<protocol::pong>(), nullptr);
}

TEST_F(PingingConnection, BearsLimitedPongsThatNobodyAskedFor) {
  for (unsigned i = 0; i < protocol::max_unsolicited; ++i) both_.say(support::pong());
  EXPECT_FALSE(both_.user.failure());
  EXPECT_EQ(both_.user.count<protocol::pong>(), 0U);
  both_.say(support::pong());
  expect_violation();
}

TEST_F(PingingConnection, LetsTheWindowGrowWithThePath) {
  const auto id = open();
  // 100 ms there and back, and 100 MB/s: 10 MB under way.
  for (int i = 0; i < 8; ++i) {
    asks().measure(both_.user.now());
    both_.user.pass(100ms);
    both_.say(support::pong());
  }
  both_.server.forget_messages();
  std::uint64_t granted = window;
  for (int i = 0; i < 3000; ++i) {
    both_.user.pass(327us);
    both_.say(support::channel_data(id, octets(32768)));
    for (const auto& each : sent())
      if (each.front() == message::channel_window_adjust)
        granted += static_cast<std::uint64_t>(each[5]) << 24U | static_cast<std::uint64_t>(each[6]) << 16U |
                   static_cast<std::uint64_t>(each[7]) << 8U | each[8];
  }
  const std::uint64_t under_way = granted - std::uint64_t{3000} * 32768;
  EXPECT_GT(under_way, 4U * window);
  EXPECT_LE(under_way, receive_window::largest);
}

// --- malformed messages ------------------------------------------------------------------------------------

TEST(ConnectionMessages, AreRefusedWhereverTheyAreCutOff) {
  const channel_id id = 0;
  const octets messages[] = {
      support::channel_window_adjust(id, 1),
      support::channel_data(id, octets(5)),
      support::channel_extended_data(id, 1, octets(5)),
      support::channel_eof(id),
      support::channel_close(id),
      support::channel_request(id, "exit-status", false, as_uint32(1)),
      support::channel_success(id),
      support::channel_failure(id),
      support::channel_open("forwarded-tcpip", 9, support::forwarded_details("localhost", 8080)),
      support::global_request("some@example.com", true),
      support::global_request("hostkeys-00@openssh.com", false, text("key")),
  };
  for (const auto& whole : messages)
    for (std::size_t size = 1; size < whole.size(); ++size) {
      SCOPED_TRACE(std::to_string(whole.front()) + " " + std::to_string(size));
      support::session both;
      both.authenticate();
      ASSERT_EQ(both.open_channel(), id);
      both.say(octets(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
      // A list of host keys may end behind each.
      const bool whole_by_chance =
          as_text(whole).find("hostkeys") != std::string_view::npos && size == whole.size() - 7;
      EXPECT_EQ(both.user.failure().has_value(), !whole_by_chance);
    }
}

TEST(ConnectionMessages, AreRefusedWithOctetsBehindThem) {
  octets messages[] = {
      support::channel_window_adjust(0, 1),
      support::channel_data(0, octets(5)),
      support::channel_extended_data(0, 1, octets(5)),
      support::channel_eof(0),
      support::channel_close(0),
      support::channel_success(0),
      support::channel_failure(0),
      support::channel_request(0, "exit-status", false, as_uint32(1)),
      support::channel_open("forwarded-tcpip", 9, support::forwarded_details("localhost", 8080)),
  };
  for (auto& each : messages) {
    SCOPED_TRACE(int{each.front()});
    support::session both;
    both.authenticate();
    both.open_channel();
    each.push_back(0);
    both.say(each);
    ASSERT_TRUE(both.user.failure());
    EXPECT_EQ(both.user.failure()->code, errc::protocol_error);
  }
}

}  // namespace
}  // namespace tunnel::ssh::native
