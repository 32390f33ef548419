// RFC 4254 section 5: a server that breaks the rules of channels.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "reaction.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {
namespace {

using protocol = connection_protocol;
using support::session;

constexpr std::uint32_t window = receive_window::initial;
constexpr std::uint32_t max_packet = protocol::max_packet;

const host_and_port target{"target.example", 80};
const host_and_port originator{"127.0.0.1", 50000};

octets bulk(std::size_t size) {
  return octets(size, 'x');
}

// Authenticated, and with a channel that is open unless a test has other plans; its number is 0.
struct connected : session {
  explicit connected(bool with_channel = true, support::client::options how = {})
      : session({}, std::move(how)) {
    authenticate();
    if (with_channel) open_channel();
    server.forget_messages();
  }

  void close_own_side() {
    user.connection().close(0);
    pump();
  }
  void send(octet_view data) {
    std::array<octet_span, 1> places;
    ASSERT_EQ(user.connection().prepare(0, places), 1U);
    std::ranges::copy(data, places[0].begin());
    user.connection().commit(0, data.size(), user.now());
    pump();
  }
};

support::client::options not_reading() {
  support::client::options how;
  how.consume = false;
  return how;
}

// --- numbers -----------------------------------------------------------------------------------------------

std::vector<octets> messages_about(std::uint32_t channel) {
  return {support::channel_open_confirmation(channel, 0),
          support::channel_open_failure(channel, 1, "no"),
          support::channel_data(channel, octets{1}),
          support::channel_data(channel, {}),
          support::channel_extended_data(channel, 1, octets{1}),
          support::channel_eof(channel),
          support::channel_close(channel),
          support::channel_request(channel, "exit-status", false, octets{0, 0, 0, 0}),
          support::channel_request(channel, "anything", true),
          support::channel_success(channel),
          support::channel_failure(channel)};
}

TEST(Channels, ThatDoNotExistAreRefused) {
  for (const std::uint32_t channel : {1U, 2U, 1000U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
    for (const auto& each : messages_about(channel)) {
      SCOPED_TRACE("message " + std::to_string(each.front()) + " for " + std::to_string(channel));
      connected both;
      both.say(each);
      expect_violation(both, "does not exist");
    }
  }
}

// This side's number, not the server's own.
TEST(Channels, AreNamedByTheClientsNumber) {
  connected both;
  both.say(support::channel_data(support::granted_sender(0), octets{1}));
  expect_violation(both, "does not exist");
}

TEST(Channels, ThatAreClosedByBothNoLongerExist) {
  for (const auto& each : messages_about(0)) {
    SCOPED_TRACE("message " + std::to_string(each.front()));
    connected both;
    both.say(support::channel_close(0));
    EXPECT_EQ(both.server.count(message::channel_close), 1U);
    EXPECT_EQ(both.user.connection().channels(), 0U);
    both.say(each);
    expect_violation(both, "does not exist");
  }
}

// Late ones are borne, but not for ever.
TEST(Channels, ThatAreGoneTakeAHundredWindowAdjusts) {
  connected both(false);
  for (unsigned i = 0; i < protocol::max_unsolicited; ++i) both.say(support::channel_window_adjust(i, 1));
  expect_peace(both);
  both.say(support::channel_window_adjust(7, 1));
  expect_violation(both, "too many");
}

TEST(Channels, HaveTheirNumberUsedAgainOnlyAfterBothHaveClosed) {
  connected both;
  both.close_own_side();
  EXPECT_EQ(both.user.connection().open_direct_tcpip(target, originator), 1U);
  both.pump();
  both.say(support::channel_close(0));
  EXPECT_EQ(both.user.connection().open_direct_tcpip(target, originator), 0U);
  both.pump();
  // What is late for the number's last owner finds one that is not open.
  both.say(support::channel_data(0, octets{1}));
  expect_violation(both, "does not fit");
}

// --- opening (section 5.1) ---------------------------------------------------------------------------------

TEST(Opening, IsAnsweredByConfirmationOrFailureAlone) {
  for (const auto& each : messages_about(0)) {
    const bool answers =
        each.front() == message::channel_open_confirmation || each.front() == message::channel_open_failure;
    SCOPED_TRACE("message " + std::to_string(each.front()));
    connected both(false);
    both.user.connection().open_direct_tcpip(target, originator);
    both.say(each);
    if (answers)
      expect_peace(both);
    else
      expect_violation(both, "does not fit");
  }
  connected both(false);
  both.user.connection().open_direct_tcpip(target, originator);
  both.say(support::channel_window_adjust(0, 1));
  expect_violation(both, "does not fit");
}

TEST(Opening, IsAnsweredOnce) {
  const octets confirmation = support::channel_open_confirmation(0, 7);
  const octets failure = support::channel_open_failure(0, 1, "no");
  for (const auto& [first, second] : std::vector<std::pair<octets, octets>>{{confirmation, confirmation},
                                                                            {confirmation, failure},
                                                                            {failure, confirmation},
                                                                            {failure, failure}}) {
    connected both(false);
    both.user.connection().open_direct_tcpip(target, originator);
    both.say(first);
    expect_peace(both);
    both.say(second);
    expect_violation(both);
  }
}

TEST(Opening, WithAMaximumPacketSizeOf0IsRefused) {
  connected both(false);
  both.user.connection().open_direct_tcpip(target, originator);
  both.say(support::channel_open_confirmation(0, 7, {.initial_size = 1000, .max_packet = 0}));
  expect_violation(both, "maximum packet size");
  EXPECT_EQ(both.user.count<protocol::opened>(), 0U);
}

TEST(Opening, ThatWasGivenUpIsClosedWhenItsConfirmationIsLate) {
  connected both(false);
  const auto id = both.user.connection().open_direct_tcpip(target, originator);
  both.user.connection().abandon(id);
  both.say(support::channel_open_confirmation(id, 7));
  expect_peace(both);
  EXPECT_EQ(both.user.count<protocol::opened>(), 0U);
  ASSERT_EQ(both.server.count(message::channel_close), 1U);
  EXPECT_EQ(both.server.last(message::channel_close)->payload, support::channel_close(7));
  // What crossed with it is nobody's.
  both.say(support::channel_data(id, octets{1}));
  both.say(support::channel_eof(id));
  both.say(support::channel_close(id));
  expect_peace(both);
  EXPECT_TRUE(both.user.delivered(id).empty());
  EXPECT_EQ(both.user.connection().channels(), 0U);
}

TEST(Opening, ThatWasGivenUpIsBoundByTheRulesStill) {
  for (const auto& each : messages_about(0)) {
    if (each.front() == message::channel_open_confirmation || each.front() == message::channel_open_failure)
      continue;
    connected both(false);
    both.user.connection().abandon(both.user.connection().open_direct_tcpip(target, originator));
    both.say(each);
    expect_violation(both, "does not fit");
  }
}

TEST(Opening, ThatWasGivenUpEndsSilentlyWhenItFails) {
  connected both(false);
  const auto id = both.user.connection().open_direct_tcpip(target, originator);
  both.user.connection().abandon(id);
  both.say(support::channel_open_failure(id, 2, "connection refused"));
  expect_peace(both);
  EXPECT_TRUE(both.user.events().empty());
  EXPECT_EQ(both.user.connection().channels(), 0U);
}

// --- windows (section 5.2) ---------------------------------------------------------------------------------

void fill_window(connected& both) {
  for (std::uint32_t sent = 0; sent < window; sent += max_packet)
    both.server.send(support::channel_data(0, bulk(max_packet)));
  both.pump();
}

TEST(Windows, TakeAsManyOctetsAsWereGrantedAndNotOneMore) {
  for (const bool extended : {false, true}) {
    connected both(true, not_reading());
    fill_window(both);
    expect_peace(both);
    EXPECT_EQ(both.user.delivered(0).size(), window);
    both.say(extended ? support::channel_extended_data(0, 1, octets{1})
                      : support::channel_data(0, octets{1}));
    expect_violation(both, "beyond the window");
    EXPECT_EQ(both.user.delivered(0).size(), window);
  }
}

TEST(Windows, AreNotStretchedByTheLastPacket) {
  connected both(true, not_reading());
  for (std::uint32_t sent = 0; sent + max_packet < window; sent += max_packet)
    both.server.send(support::channel_data(0, bulk(max_packet)));
  both.server.send(support::channel_data(0, octets{1}));
  both.pump();
  expect_peace(both);
  both.say(support::channel_data(0, bulk(max_packet)));
  expect_violation(both, "beyond the window");
}

TEST(Windows, CountExtendedDataOfEveryKind) {
  connected both(true, not_reading());
  for (std::uint32_t sent = 0; sent < window; sent += max_packet)
    both.server.send(support::channel_extended_data(0, sent, bulk(max_packet)));
  both.pump();
  expect_peace(both);
  both.say(support::channel_data(0, octets{1}));
  expect_violation(both, "beyond the window");
}

TEST(Windows, HoldAfterTheClientClosedToo) {
  connected both(true, not_reading());
  both.close_own_side();
  fill_window(both);
  expect_peace(both);
  both.say(support::channel_data(0, octets{1}));
  expect_violation(both, "beyond the window");
}

TEST(Windows, AreOfNoUseForPacketsBeyondTheMaximum) {
  for (const std::size_t size : {std::size_t{max_packet} + 1, std::size_t{100000}, std::size_t{200000}}) {
    for (const bool extended : {false, true}) {
      SCOPED_TRACE(size);
      connected both;
      both.say(extended ? support::channel_extended_data(0, 1, bulk(size))
                        : support::channel_data(0, bulk(size)));
      expect_violation(both, "maximum packet size");
      EXPECT_TRUE(both.user.delivered(0).empty());
    }
  }
}

TEST(Windows, OfTheServersEndAt2To32) {
  struct row {
    std::uint32_t initial;
    std::vector<std::uint32_t> adjusts;
    bool fatal;
  };
  for (const auto& [initial, adjusts, fatal] :
       {row{0xffffffff, {1}, true}, row{0xffffffff, {0}, false}, row{0, {0xffffffff}, false},
        row{0, {0xffffffff, 1}, true}, row{1, {0xffffffff}, true}, row{0x80000000, {0x80000000}, true},
        row{0x80000000, {0x7fffffff}, false}, row{0x80000000, {0x7fffffff, 1}, true},
        row{2097152, {0xfffffff0}, true}}) {
    SCOPED_TRACE(initial);
    connected both(false);
    both.open_channel({.initial_size = initial, .max_packet = 32768});
    for (const auto each : adjusts) both.say(support::channel_window_adjust(0, each));
    if (fatal)
      expect_violation(both, "window adjust");
    else
      expect_peace(both);
  }
}

// The client keeps to what the server granted, however odd.
TEST(Windows, OfTheServersBindTheClient) {
  struct row {
    support::window granted;
    std::size_t room;
  };
  for (const auto& [granted, room] :
       {row{{.initial_size = 1, .max_packet = 32768}, 1}, row{{.initial_size = 100, .max_packet = 7}, 7},
        row{{.initial_size = 5, .max_packet = 7}, 5}, row{{.initial_size = 0xffffffff, .max_packet = 1}, 1},
        row{{.initial_size = 0xffffffff, .max_packet = 0xffffffff}, 32768}}) {
    connected both(false);
    both.open_channel(granted);
    std::array<octet_span, 1> places;
    ASSERT_EQ(both.user.connection().prepare(0, places), 1U);
    EXPECT_EQ(places[0].size(), room);
  }
  connected both(false);
  both.open_channel({.initial_size = 0, .max_packet = 32768});
  std::array<octet_span, 1> places;
  EXPECT_EQ(both.user.connection().prepare(0, places), 0U);
  both.say(support::channel_window_adjust(0, 0));
  EXPECT_EQ(both.user.count<protocol::writable>(), 0U);
  both.say(support::channel_window_adjust(0, 3));
  EXPECT_EQ(both.user.count<protocol::writable>(), 1U);
}

// --- the end of a channel (section 5.3) --------------------------------------------------------------------

TEST(Eof, ComesOnceAndNoDataAfterIt) {
  for (const octets& each :
       {support::channel_eof(0), support::channel_data(0, octets{1}), support::channel_data(0, {}),
        support::channel_extended_data(0, 1, octets{1}), support::channel_extended_data(0, 9, {})}) {
    for (const bool closed : {false, true}) {
      SCOPED_TRACE(int{each.front()});
      connected both;
      if (closed) both.close_own_side();
      both.say(support::channel_eof(0));
      expect_peace(both);
      both.say(each);
      expect_violation(both);
      EXPECT_TRUE(both.user.delivered(0).empty());
    }
  }
}

TEST(Eof, LeavesTheOtherDirectionAsItIs) {
  connected both;
  both.say(support::channel_eof(0));
  both.send(as_octets("still here"));
  both.say(support::channel_window_adjust(0, 10));
  both.say(support::channel_request(0, "exit-status", false, octets{0, 0, 0, 3}));
  expect_peace(both);
  EXPECT_EQ(both.server.count(message::channel_data), 1U);
  EXPECT_EQ(both.user.count<protocol::exited>(), 1U);
}

// A client whose reader is slow has not closed its side yet.
TEST(Close, IsTheLastThatTheServerSays) {
  auto all = messages_about(0);
  all.push_back(support::channel_window_adjust(0, 1));
  for (const auto& each : all) {
    SCOPED_TRACE("message " + std::to_string(each.front()));
    support::client::options how;
    how.close = false;
    connected both(true, how);
    both.say(support::channel_close(0));
    expect_peace(both);
    EXPECT_EQ(both.user.count<protocol::closed>(), 1U);
    both.say(each);
    expect_violation(both, "does not fit");
  }
}

TEST(Close, OfTheClientsIsAnsweredInTimeAndNothingDeliveredMeanwhile) {
  connected both;
  both.close_own_side();
  const std::size_t before = both.user.events().size();
  both.say(support::channel_data(0, octets{1}));
  both.say(support::channel_extended_data(0, 1, octets{1}));
  both.say(support::channel_window_adjust(0, 1));
  both.say(support::channel_request(0, "exit-status", true, octets{0, 0, 0, 0}));
  both.say(support::channel_eof(0));
  both.say(support::channel_close(0));
  expect_peace(both);
  EXPECT_EQ(both.user.events().size(), before);
  EXPECT_TRUE(both.user.delivered(0).empty());
  // Section 5.4: no answers after SSH_MSG_CHANNEL_CLOSE, and one of these each way.
  EXPECT_EQ(both.server.count(message::channel_failure), 0U);
  EXPECT_EQ(both.server.count(message::channel_close), 1U);
  EXPECT_EQ(both.user.connection().channels(), 0U);
}

// --- requests (section 5.4) --------------------------------------------------------------------------------

TEST(ChannelRequests, OfAnyKindAreDeclinedInOrder) {
  connected both;
  for (const std::string_view type :
       {"exec", "shell", "env", "pty-req", "signal", "keepalive@openssh.com", ""}) {
    both.say(support::channel_request(0, type, false));
    both.say(support::channel_request(0, type, true));
  }
  expect_peace(both);
  EXPECT_EQ(both.server.count(message::channel_failure), 7U);
  EXPECT_EQ(both.server.count(message::channel_success), 0U);
  EXPECT_EQ(both.server.last(message::channel_failure)->payload,
            support::channel_failure(support::granted_sender(0)));
}

TEST(ChannelRequests, OfAnExitStatusHaveOne) {
  for (const std::size_t size : {0U, 1U, 3U, 5U, 8U}) {
    connected both;
    both.say(support::channel_request(0, "exit-status", false, octets(size, 0)));
    expect_violation(both, "malformed");
    EXPECT_EQ(both.user.count<protocol::exited>(), 0U);
  }
}

TEST(ChannelAnswers, ToNoRequestAreBorneAHundredTimes) {
  connected both;
  for (unsigned i = 0; i < protocol::max_unsolicited; ++i)
    both.say(i % 2 == 0 ? support::channel_success(0) : support::channel_failure(0));
  expect_peace(both);
  EXPECT_EQ(both.user.count<protocol::exec_answered>(), 0U);
  both.say(support::channel_success(0));
  expect_violation(both, "too many");
}

TEST(ChannelAnswers, ToARequestComeOnce) {
  connected both;
  both.user.connection().request_exec(0, "true");
  both.pump();
  both.say(support::channel_success(0));
  both.say(support::channel_failure(0));
  expect_peace(both);
  EXPECT_EQ(both.user.count<protocol::exec_answered>(), 1U);
}

// --- malformed messages ------------------------------------------------------------------------------------

struct sample {
  octets payload;
  /// What follows belongs to the request's type.
  bool may_go_on = false;
};

std::vector<sample> samples() {
  return {{support::channel_window_adjust(0, 1)},
          {support::channel_data(0, as_octets("data"))},
          {support::channel_extended_data(0, 1, as_octets("data"))},
          {support::channel_eof(0)},
          {support::channel_close(0)},
          {support::channel_request(0, "exit-status", false, octets{0, 0, 0, 1})},
          {support::channel_request(0, "other", true), true},
          {support::channel_success(0)},
          {support::channel_failure(0)}};
}

TEST(ChannelMessages, ThatEndEarlyAreMalformed) {
  for (const auto& each : samples())
    for (std::size_t size = 1; size < each.payload.size(); ++size) {
      SCOPED_TRACE("message " + std::to_string(each.payload.front()) + " of " + std::to_string(size));
      connected both;
      both.say(octet_view(each.payload).first(size));
      expect_violation(both, "malformed");
      EXPECT_TRUE(both.user.delivered(0).empty());
    }
}

TEST(ChannelMessages, WithOctetsBehindThemAreMalformed) {
  for (const auto& each : samples()) {
    if (each.may_go_on) continue;
    SCOPED_TRACE("message " + std::to_string(each.payload.front()));
    auto longer = each.payload;
    longer.push_back(0);
    connected both;
    both.say(longer);
    expect_violation(both, "malformed");
  }
}

TEST(ChannelMessages, WithLengthsBeyondTheirEndAreMalformed) {
  struct row {
    octets payload;
    std::size_t at;
  };
  for (const auto& [payload, at] : {row{support::channel_data(0, as_octets("data")), 5},
                                    row{support::channel_extended_data(0, 1, as_octets("data")), 9},
                                    row{support::channel_request(0, "exit-status", false), 5}})
    for (const std::uint32_t length : {0xffffffffU, 0x80000000U, 0x7fffffffU, 33000U, 100U}) {
      SCOPED_TRACE(length);
      auto changed = payload;
      support::put_length(octet_span(changed).subspan(at), length);
      connected both;
      both.say(changed);
      expect_violation(both, "malformed");
      EXPECT_TRUE(both.user.delivered(0).empty());
    }
}

TEST(OpenAnswers, ThatEndEarlyAreMalformed) {
  // The language tag at the end is left out by some.
  const octets failure = support::channel_open_failure(0, 1, "no");
  const auto without_tag = octet_view(failure).first(failure.size() - 4);
  const octets confirmation = support::channel_open_confirmation(0, 7);
  for (const octet_view whole : {octet_view(confirmation), without_tag})
    for (std::size_t size = 1; size < whole.size(); ++size) {
      SCOPED_TRACE("message " + std::to_string(whole.front()) + " of " + std::to_string(size));
      connected both(false);
      both.user.connection().open_direct_tcpip(target, originator);
      both.say(whole.first(size));
      expect_violation(both, "malformed");
      EXPECT_TRUE(both.user.events().empty());
    }
}

}  // namespace
}  // namespace tunnel::ssh::native
