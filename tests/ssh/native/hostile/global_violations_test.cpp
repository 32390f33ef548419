// RFC 4254 sections 4, 6 and 7, and the transport's messages at any time: what a server asks for and says
// unasked.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reaction.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {
namespace {

using protocol = connection_protocol;
using support::session;

struct authenticated : session {
  explicit authenticated(support::peer::options how = {}) : session(std::move(how)) {
    authenticate();
    server.forget_messages();
  }
  // Asks for a listener and is granted it; port 0: the server chooses `granted`.
  void listen(std::uint16_t port, std::uint32_t granted = 0) {
    user.connection().listen({"localhost", port});
    pump();
    octets rest;
    if (port == 0) wire::writer(rest).uint32(granted);
    say(support::request_success(rest));
    server.forget_messages();
  }
};

// --- channels that the server opens (RFC 4254 section 5.1) -------------------------------------------------

struct refusal {
  std::uint32_t recipient;
  std::uint32_t reason;
};

void expect_refused(const session& both, refusal expected) {
  expect_peace(both);
  const auto said = both.server.last(message::channel_open_failure);
  ASSERT_TRUE(said);
  octets head;
  wire::writer(head).byte(message::channel_open_failure).uint32(expected.recipient).uint32(expected.reason);
  EXPECT_TRUE(as_text(said->payload).starts_with(as_text(head)));
}

TEST(ServersOpens, OfAnythingButAListenersConnectionsAreRefused) {
  constexpr std::uint32_t prohibited = 1;
  constexpr std::uint32_t unknown_type = 3;
  struct row {
    std::string_view type;
    std::uint32_t reason;
  };
  for (const auto& [type, reason] :
       {row{"session", prohibited}, row{"x11", prohibited}, row{"direct-tcpip", prohibited},
        row{"auth-agent@openssh.com", prohibited}, row{"forwarded-streamlocal@openssh.com", prohibited},
        row{"direct-streamlocal@openssh.com", unknown_type}, row{"tun@openssh.com", unknown_type},
        row{"", unknown_type}, row{"Session", unknown_type}, row{"forwarded-tcpip\n", unknown_type}}) {
    for (const std::uint32_t sender : {0U, 7U, 0xffffffffU}) {
      SCOPED_TRACE(type);
      authenticated both;
      both.listen(8080);
      both.say(support::channel_open(type, sender, support::forwarded_details("localhost", 8080)));
      expect_refused(both, {sender, reason});
      EXPECT_EQ(both.user.connection().channels(), 0U);
      EXPECT_EQ(both.user.count<protocol::forwarded>(), 0U);
    }
  }
}

TEST(ServersOpens, ForNoListenerAreRefused) {
  struct row {
    std::string_view what;
    std::vector<std::uint16_t> listening;
    std::uint32_t announced;
  };
  for (const auto& [what, listening, announced] :
       {row{"none", {}, 8080}, row{"none, port 0", {}, 0}, row{"another port", {8080}, 8081},
        row{"a port that was asked for, as 0", {8080}, 0},
        row{"two that the server chose, as 0", {0, 0}, 0}}) {
    SCOPED_TRACE(what);
    authenticated both;
    std::uint32_t chosen = 40000;
    for (const auto port : listening) both.listen(port, chosen++);
    both.say(support::channel_open("forwarded-tcpip", 7, support::forwarded_details("localhost", announced)));
    expect_refused(both, {7, 1});
    EXPECT_EQ(both.user.count<protocol::forwarded>(), 0U);
  }
}

TEST(ServersOpens, ForAListenerThatWasGivenUpAreRefused) {
  authenticated both;
  both.listen(8080);
  both.user.connection().stop_listening({"localhost", 8080});
  both.pump();
  both.say(support::channel_open("forwarded-tcpip", 7, support::forwarded_details("localhost", 8080)));
  expect_refused(both, {7, 1});
}

TEST(ServersOpens, WithoutRoomForAnyDataAreRefused) {
  authenticated both;
  both.listen(8080);
  both.say(support::channel_open("forwarded-tcpip", 7, support::forwarded_details("localhost", 8080),
                                 {.initial_size = 1000, .max_packet = 0}));
  expect_violation(both, "maximum packet size");
}

TEST(ServersOpens, WithDetailsThatCannotBeAreRefused) {
  const auto details = [](std::uint32_t port, std::uint32_t originator_port) {
    octets written;
    wire::writer(written).text("localhost").uint32(port).text("192.0.2.1").uint32(originator_port);
    return written;
  };
  const octets right = details(8080, 40000);
  std::vector<octets> table{details(65536, 40000), details(0xffffffff, 40000), details(8080, 65536),
                            details(8080, 0xffffffff)};
  for (std::size_t size = 0; size < right.size(); ++size)
    table.emplace_back(right.begin(), right.begin() + static_cast<std::ptrdiff_t>(size));
  table.push_back(right);
  table.back().push_back(0);
  for (std::size_t i = 0; i < table.size(); ++i) {
    SCOPED_TRACE(i);
    authenticated both;
    both.listen(8080);
    both.say(support::channel_open("forwarded-tcpip", 7, table[i]));
    expect_violation(both, "malformed");
    EXPECT_EQ(both.user.count<protocol::forwarded>(), 0U);
  }
}

TEST(ServersOpens, ThatEndEarlyAreMalformed) {
  const auto whole = support::channel_open("session", 7);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    authenticated both;
    both.say(octet_view(whole).first(size));
    expect_violation(both, "malformed");
  }
}

// Nobody has accepted it yet.
TEST(ServersOpens, AreNotUsedBeforeTheyAreAccepted) {
  for (const octets& each :
       {support::channel_data(0, octets{1}), support::channel_eof(0), support::channel_close(0),
        support::channel_window_adjust(0, 1), support::channel_open_confirmation(0, 1),
        support::channel_open_failure(0, 1, "no"), support::channel_request(0, "exec", true)}) {
    SCOPED_TRACE(int{each.front()});
    authenticated both;
    both.listen(8080);
    both.say(support::channel_open("forwarded-tcpip", 7, support::forwarded_details("localhost", 8080)));
    ASSERT_EQ(both.user.count<protocol::forwarded>(), 1U);
    both.say(each);
    expect_violation(both, "does not fit");
  }
}

// --- global requests (RFC 4254 section 4) ------------------------------------------------------------------

TEST(GlobalRequests, OfAnyKindAreDeclinedInOrder) {
  authenticated both;
  int asked = 0;
  for (const std::string_view name :
       {"tcpip-forward", "cancel-tcpip-forward", "keepalive@openssh.com", "hostkeys-00@openssh.com",
        "hostkeys-prove-00@openssh.com", "no-more-sessions@openssh.com", "", "unknown@example.com"}) {
    both.say(support::global_request(name, true));
    both.say(support::channel_open("session", static_cast<std::uint32_t>(asked++)));
  }
  expect_peace(both);
  // In the order of the questions.
  ASSERT_EQ(both.server.messages().size(), 16U);
  for (std::size_t i = 0; i < 16; ++i)
    EXPECT_EQ(int{both.server.messages()[i].number()},
              int{i % 2 == 0 ? message::request_failure : message::channel_open_failure});
}

TEST(GlobalRequests, WithoutAWishForAnAnswerGetNone) {
  authenticated both;
  for (const std::string_view name : {"tcpip-forward", "keepalive@openssh.com", "unknown@example.com"})
    both.say(support::global_request(name, false, octets(100, 0xff)));
  expect_peace(both);
  EXPECT_TRUE(both.server.messages().empty());
}

TEST(GlobalRequests, ThatEndEarlyAreMalformed) {
  const auto whole = support::global_request("keepalive@openssh.com", true);
  for (std::size_t size = 1; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    authenticated both;
    both.say(octet_view(whole).first(size));
    expect_violation(both, "malformed");
    EXPECT_EQ(both.server.count(message::request_failure), 0U);
  }
}

TEST(HostKeys, ThatAreMalformedAreRefused) {
  octets keys;
  wire::writer(keys).string(octets(51, 1)).string(octets(104, 2));
  for (std::size_t size = 1; size < keys.size(); ++size) {
    if (size == 55) continue;
    SCOPED_TRACE(size);
    authenticated both;
    both.say(support::global_request("hostkeys-00@openssh.com", false, octet_view(keys).first(size)));
    expect_violation(both, "malformed");
    EXPECT_EQ(both.user.count<protocol::server_host_keys>(), 0U);
  }
}

// --- answers -----------------------------------------------------------------------------------------------

TEST(GlobalAnswers, ToNoRequestAreBorneAHundredTimes) {
  authenticated both;
  for (unsigned i = 0; i < protocol::max_unsolicited; ++i)
    both.say(i % 2 == 0 ? support::request_success() : support::request_failure());
  expect_peace(both);
  EXPECT_TRUE(both.user.events().empty());
  both.say(support::request_failure());
  expect_violation(both, "too many");
}

TEST(GlobalAnswers, WithoutAPortThatCanBeFailThatListenerAlone) {
  std::vector<octets> table{
      {}, {0}, {0, 0, 1}, {0, 0, 0, 0}, {0, 1, 0, 0}, {0xff, 0xff, 0xff, 0xff}, {0, 0, 31, 144, 0}};
  for (const auto& rest : table) {
    SCOPED_TRACE(rest.size());
    authenticated both;
    both.user.connection().listen({"localhost", 0});
    both.pump();
    both.say(support::request_success(rest));
    expect_peace(both);
    ASSERT_EQ(both.user.count<protocol::listening>(), 1U);
    EXPECT_FALSE(std::get<protocol::listening>(both.user.events().front()).port);
    both.say(support::channel_open("forwarded-tcpip", 7, support::forwarded_details("localhost", 0)));
    expect_refused(both, {7, 1});
  }
}

TEST(GlobalAnswers, BelongToTheQuestionsInTheirOrder) {
  authenticated both;
  both.user.connection().listen({"localhost", 8080});
  both.user.connection().ping(both.user.now());
  both.user.connection().listen({"localhost", 8081});
  both.pump();
  both.say(support::request_failure());
  EXPECT_EQ(both.user.count<protocol::listening>(), 1U);
  both.say(support::request_success());
  EXPECT_EQ(both.user.count<protocol::pong>(), 1U);
  both.say(support::request_success());
  expect_peace(both);
  ASSERT_EQ(both.user.count<protocol::listening>(), 2U);
  EXPECT_FALSE(std::get<protocol::listening>(both.user.events()[0]).port);
  EXPECT_EQ(std::get<protocol::listening>(both.user.events()[2]).port, 8081U);
}

// --- pings (OpenSSH's PROTOCOL, section 1.8) ---------------------------------------------------------------

TEST(Pings, AreAnsweredWithTheirData) {
  authenticated both;
  for (const std::string& data : {std::string(), std::string("x"), std::string(30000, 'y')}) {
    both.say(support::ping(data));
    ASSERT_TRUE(both.server.last(message::pong));
    EXPECT_EQ(both.server.last(message::pong)->payload, support::pong(data));
  }
  expect_peace(both);
}

TEST(Pings, ThatAreMalformedAreRefused) {
  for (const octets& each : std::vector<octets>{{192},
                                                {192, 0},
                                                {192, 0, 0, 0},
                                                {192, 0, 0, 0, 1},
                                                {192, 0, 0, 0, 0, 0},
                                                {192, 0xff, 0xff, 0xff, 0xff},
                                                {192, 0x80, 0, 0, 0, 1}}) {
    authenticated both;
    both.say(each);
    expect_violation(both, "ping");
    EXPECT_EQ(both.server.count(message::pong), 0U);
  }
}

// CVE-2025-26466: a server that asks and does not read.
TEST(Pings, WhoseAnswersNobodyReadsEndTheConnection) {
  for (const std::size_t size : {0U, 1000U, 30000U}) {
    SCOPED_TRACE(size);
    authenticated both;
    const auto ping = support::ping(std::string(size, 'x'));
    std::size_t octets_sent = 0;
    constexpr std::size_t enough = 64 * 1024 * 1024;
    while (!both.user.failure() && octets_sent < enough) {
      for (int i = 0; i < 100; ++i) both.server.send(ping);
      octets_sent += both.server.pending().size();
      // One way alone.
      both.user.receive(both.server.pending());
      both.server.sent(both.server.pending().size());
      ASSERT_LT(both.user.pending().size(), 5U * 1024 * 1024);
    }
    both.pump();
    expect_violation(both, "more answers than it reads");
  }
}

// The same with every other question that has an answer.
TEST(Questions, WhoseAnswersNobodyReadsEndTheConnection) {
  for (const octets& question :
       {support::global_request("keepalive@openssh.com", true), support::channel_open("session", 1),
        support::bare(200), support::channel_request(0, "any", true)}) {
    SCOPED_TRACE(int{question.front()});
    authenticated both;
    both.open_channel();
    for (int turn = 0; turn < 2000 && !both.user.failure(); ++turn) {
      for (int i = 0; i < 100; ++i) both.server.send(question);
      both.user.receive(both.server.pending());
      both.server.sent(both.server.pending().size());
    }
    EXPECT_LT(both.user.pending().size(), 5U * 1024 * 1024);
    both.pump();
    expect_violation(both, "more answers than it reads");
  }
}

TEST(Pongs, ToNoPingAreBorneAHundredTimes) {
  for (const bool extension : {false, true}) {
    support::peer::options how;
    if (extension) how.ext_info = support::ext_info({{"ping@openssh.com", "0"}});
    authenticated both(how);
    for (unsigned i = 0; i < protocol::max_unsolicited; ++i) both.say(support::pong());
    expect_peace(both);
    EXPECT_EQ(both.user.count<protocol::pong>(), 0U);
    both.say(support::pong());
    expect_violation(both, "too many");
  }
}

// --- SSH_MSG_DISCONNECT and the rest of the transport's (RFC 4253 section 11)
// -------------------------------

TEST(Disconnect, IsToldWithoutWhatCouldHarmATerminal) {
  authenticated both;
  both.say(support::disconnect(2, "bye\x1b[2J\x07\xe2\x80\xae\xff\r\nmore"));
  expect_server_farewell(both);
  const auto& message = both.user.failure()->message;
  EXPECT_NE(message.find("bye"), std::string::npos);
  for (const char each : message) EXPECT_TRUE(each >= 0x20 && each < 0x7f) << message;
}

TEST(Disconnect, IsTheEndHoweverItIsFormed) {
  const auto whole = support::disconnect(11, "so long");
  for (std::size_t size = 1; size <= whole.size(); ++size) {
    SCOPED_TRACE(size);
    authenticated both;
    both.say(octet_view(whole).first(size));
    expect_server_farewell(both);
  }
  authenticated both;
  both.server.send(support::disconnect(11, "so long"));
  both.server.send(support::ping());
  both.pump();
  expect_server_farewell(both);
  EXPECT_EQ(both.server.count(message::pong), 0U);
}

TEST(Noise, IsPassedOverInAnyForm) {
  authenticated both;
  for (const octet number : {message::ignore, message::debug, message::unimplemented})
    for (const std::size_t size : {0U, 1U, 4U, 100U, 30000U}) {
      octets payload(1 + size, 0xff);
      payload.front() = number;
      both.say(payload);
    }
  expect_peace(both);
  // SSH_MSG_UNIMPLEMENTED least of all has an answer.
  EXPECT_TRUE(both.server.messages().empty());
}

}  // namespace
}  // namespace tunnel::ssh::native
