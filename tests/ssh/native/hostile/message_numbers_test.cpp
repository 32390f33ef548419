// Every message number in every phase of a connection: what is not in a phase's table ends the connection.

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <span>
#include <string>
#include <vector>

#include "reaction.hpp"
#include "ssh/native/core/message.hpp"

namespace tunnel::ssh::native {
namespace {

using support::peer;
using support::session;

enum class outcome {
  /// Taken, or passed over, without an answer.
  silence,
  /// RFC 4253 section 11.4, with the packet's sequence number.
  unimplemented,
  /// A message of the row's `answer`.
  answered,
  /// It was the server's own SSH_MSG_DISCONNECT.
  farewell,
  /// SSH_MSG_DISCONNECT with SSH_DISCONNECT_PROTOCOL_ERROR.
  violation,
};

struct row {
  octet first;
  octet last;
  outcome then;
  octet answer = 0;
};

outcome expected(std::span<const row> table, octet number, octet& answer) {
  for (const auto& each : table) {
    if (number < each.first || number > each.last) continue;
    answer = each.answer;
    return each.then;
  }
  return outcome::violation;
}

// A message of each number, well formed as far as the number says what it is. The channel is number 0.
octets sample(octet number) {
  using namespace support;
  switch (number) {
    case message::disconnect:
      return support::disconnect(11, "so long");
    case message::ignore:
      return support::ignore("noise");
    case message::unimplemented:
      return support::unimplemented(1);
    case message::debug:
      return support::debug("noise");
    case message::service_accept:
      return service_accept();
    case message::ext_info:
      return support::ext_info({{"no-flow-control", "p"}});
    case message::kexinit:
      return encode(peer::usual_offer());
    case message::userauth_failure:
      return userauth_failure({"password"});
    case message::userauth_banner:
      return userauth_banner("hello");
    case message::userauth_pk_ok:
      return userauth_pk_ok("ssh-ed25519", octets{1});
    case message::global_request:
      return global_request("keepalive@openssh.com", true);
    case message::channel_open:
      return channel_open("session", 7);
    case message::channel_open_confirmation:
      return channel_open_confirmation(0, 0);
    case message::channel_open_failure:
      return channel_open_failure(0, 1, "no");
    case message::channel_window_adjust:
      return channel_window_adjust(0, 1);
    case message::channel_data:
      return channel_data(0, octets{1});
    case message::channel_extended_data:
      return channel_extended_data(0, 1, octets{1});
    case message::channel_request:
      return channel_request(0, "keepalive@openssh.com", true);
    case message::channel_eof:
    case message::channel_close:
    case message::channel_success:
    case message::channel_failure: {
      auto payload = channel_eof(0);
      payload.front() = number;
      return payload;
    }
    case message::ping:
      return support::ping("are you there");
    case message::pong:
      return support::pong("are you there");
    default:
      return support::bare(number);
  }
}

struct phase {
  peer::options server = {};
  support::client::options user = {};
  /// Brings a session to the phase.
  void (*reach)(session&);
  /// The message that is the server's own next step, if it is in the table, is made by the peer.
  octet step = 0;
  void (peer::*take_step)() = nullptr;
  std::vector<row> table;
};

void check(session& both, outcome then, octet answer, std::uint32_t sequence_number) {
  if (then == outcome::violation) return expect_disconnect(both, errc::protocol_error);
  if (then == outcome::farewell) return expect_server_farewell(both);
  expect_peace(both);
  if (then == outcome::silence) {
    EXPECT_TRUE(both.server.messages().empty()) << int{both.server.messages().front().number()};
    return;
  }
  ASSERT_EQ(both.server.messages().size(), 1U);
  const auto& said = both.server.messages().front();
  if (then == outcome::unimplemented)
    EXPECT_EQ(said.payload, support::unimplemented(sequence_number));
  else
    EXPECT_EQ(int{said.number()}, int{answer});
}

void try_number(const phase& now, octet number) {
  SCOPED_TRACE("message " + std::to_string(number));
  session both(now.server, now.user);
  now.reach(both);
  ASSERT_FALSE(both.user.failure());
  both.server.forget_messages();

  octet answer = 0;
  const auto then = expected(now.table, number, answer);
  const auto sequence_number = both.server.packets().sequence_number();
  if (number == now.step && then != outcome::violation)
    (both.server.*now.take_step)();
  else
    both.server.send(sample(number));
  both.pump();
  // What was held comes late, and answers that had to wait for it.
  both.server.release();
  both.pump();
  check(both, then, answer, sequence_number);
}

void try_every_number(const phase& now) {
  for (int number = 0; number <= 255; ++number) try_number(now, static_cast<octet>(number));
}

peer::options not_strict() {
  peer::options how;
  how.strict = false;
  how.offer.cipher_client_to_server = how.offer.cipher_server_to_client = {"aes128-gcm@openssh.com"};
  return how;
}

support::client::options silent() {
  support::client::options how;
  how.authenticate = false;
  return how;
}

template <peer::stage Stage>
void hold(session& both) {
  both.server.hold(Stage);
  both.pump();
}

// Of the transport's own, what may come at any time (RFC 4253 section 11).
constexpr row own_farewell{message::disconnect, message::disconnect, outcome::farewell};
constexpr row noise{message::ignore, message::debug, outcome::silence};
// RFC 4250 section 4.1.2 assigns none of these.
constexpr row unassigned_generic{8, 19, outcome::unimplemented};
constexpr row unassigned_negotiation{22, 29, outcome::unimplemented};

// --- the first key exchange (RFC 4253 section 7.1) ---------------------------------------------------------

TEST(MessageNumbers, BeforeKexinit) {
  try_every_number({.server = not_strict(),
                    .user = silent(),
                    .reach = hold<peer::stage::kexinit>,
                    .step = message::kexinit,
                    .take_step = &peer::send_kexinit,
                    .table = {own_farewell, noise, {20, 20, outcome::silence}}});
}

// draft-miller-sshm-strict-kex: the first packet is SSH_MSG_KEXINIT.
TEST(MessageNumbers, BeforeKexinitOfAStrictExchange) {
  try_every_number({.user = silent(),
                    .reach = hold<peer::stage::kexinit>,
                    .step = message::kexinit,
                    .take_step = &peer::send_kexinit,
                    .table = {own_farewell, {20, 20, outcome::silence}}});
}

TEST(MessageNumbers, BetweenKexinitAndReply) {
  try_every_number({.server = not_strict(),
                    .user = silent(),
                    .reach = hold<peer::stage::reply>,
                    .step = message::kex_ecdh_reply,
                    .take_step = &peer::send_reply,
                    .table = {own_farewell, noise, {31, 31, outcome::silence}}});
}

TEST(MessageNumbers, BetweenKexinitAndReplyOfAStrictExchange) {
  try_every_number({.user = silent(),
                    .reach = hold<peer::stage::reply>,
                    .step = message::kex_ecdh_reply,
                    .take_step = &peer::send_reply,
                    .table = {own_farewell, {31, 31, outcome::silence}}});
}

TEST(MessageNumbers, BetweenReplyAndNewkeys) {
  try_every_number({.server = not_strict(),
                    .user = silent(),
                    .reach = hold<peer::stage::newkeys>,
                    .step = message::newkeys,
                    .take_step = &peer::send_newkeys,
                    .table = {own_farewell, noise, {21, 21, outcome::silence}}});
}

TEST(MessageNumbers, BetweenReplyAndNewkeysOfAStrictExchange) {
  try_every_number({.user = silent(),
                    .reach = hold<peer::stage::newkeys>,
                    .step = message::newkeys,
                    .take_step = &peer::send_newkeys,
                    .table = {own_farewell, {21, 21, outcome::silence}}});
}

// --- authentication (RFC 4252) -----------------------------------------------------------------------------

TEST(MessageNumbers, BeforeServiceAccept) {
  try_every_number({.reach = [](session& both) { both.pump(); },
                    .step = message::kexinit,
                    .take_step = &peer::send_kexinit,
                    .table = {own_farewell,
                              noise,
                              {6, 6, outcome::answered, message::userauth_request},
                              // RFC 8308 section 2.4: the first after SSH_MSG_NEWKEYS.
                              {7, 7, outcome::silence},
                              unassigned_generic,
                              {20, 20, outcome::silence},
                              unassigned_negotiation,
                              {192, 192, outcome::unimplemented}}});
}

TEST(MessageNumbers, DuringAuthentication) {
  try_every_number({.reach =
                        [](session& both) {
                          both.pump();
                          both.say(support::service_accept());
                        },
                    .step = message::kexinit,
                    .take_step = &peer::send_kexinit,
                    .table = {own_farewell,
                              noise,
                              // RFC 8308 section 2.4: what follows must be SSH_MSG_USERAUTH_SUCCESS.
                              {7, 7, outcome::silence},
                              unassigned_generic,
                              {20, 20, outcome::silence},
                              unassigned_negotiation,
                              {51, 53, outcome::silence},
                              {54, 59, outcome::unimplemented},
                              {62, 79, outcome::unimplemented},
                              {192, 192, outcome::unimplemented}}});
}

// --- connection (RFC 4254) ---------------------------------------------------------------------------------

const std::vector<row>& without_channel() {
  static const std::vector<row> table{own_farewell,
                                      noise,
                                      unassigned_generic,
                                      {20, 20, outcome::silence},
                                      unassigned_negotiation,
                                      {80, 80, outcome::answered, message::request_failure},
                                      // Answers to no request are borne, up to a limit.
                                      {81, 82, outcome::silence},
                                      {83, 89, outcome::unimplemented},
                                      {90, 90, outcome::answered, message::channel_open_failure},
                                      // It may have crossed with the channel's end.
                                      {93, 93, outcome::silence},
                                      {101, 191, outcome::unimplemented},
                                      {192, 192, outcome::answered, message::pong},
                                      {193, 193, outcome::silence},
                                      {194, 255, outcome::unimplemented}};
  return table;
}

std::vector<row> with_channel() {
  auto table = without_channel();
  table.insert(table.end(), {{94, 96, outcome::silence},
                             {97, 97, outcome::answered, message::channel_close},
                             {98, 98, outcome::answered, message::channel_failure},
                             {99, 100, outcome::silence}});
  return table;
}

void open_channel(session& both) {
  both.authenticate();
  both.open_channel();
}

TEST(MessageNumbers, WithoutAChannel) {
  try_every_number({.reach = [](session& both) { both.authenticate(); },
                    .step = message::kexinit,
                    .take_step = &peer::send_kexinit,
                    .table = without_channel()});
}

TEST(MessageNumbers, WithAnOpenChannel) {
  try_every_number({.reach = open_channel,
                    .step = message::kexinit,
                    .take_step = &peer::send_kexinit,
                    .table = with_channel()});
}

// --- key re-exchange (RFC 4253 section 9) ------------------------------------------------------------------

// Until the server's own SSH_MSG_KEXINIT it may go on as before; answers wait.
TEST(MessageNumbers, AfterKexinitOfTheClients) {
  try_every_number({.reach =
                        [](session& both) {
                          open_channel(both);
                          both.server.hold(peer::stage::kexinit);
                          both.user.pass(std::chrono::hours(1));
                          both.pump();
                        },
                    .step = message::kexinit,
                    .take_step = &peer::send_kexinit,
                    .table = with_channel()});
}

TEST(MessageNumbers, BetweenKexinitAndReplyOfAReexchange) {
  try_every_number(
      {.reach =
           [](session& both) {
             open_channel(both);
             both.server.hold(peer::stage::reply);
             both.server.send_kexinit();
             both.pump();
           },
       .step = message::kex_ecdh_reply,
       .take_step = &peer::send_reply,
       .table = {
           own_farewell, noise, unassigned_generic, unassigned_negotiation, {31, 31, outcome::silence}}});
}

TEST(MessageNumbers, BetweenReplyAndNewkeysOfAReexchange) {
  try_every_number(
      {.reach =
           [](session& both) {
             open_channel(both);
             both.server.hold(peer::stage::newkeys);
             both.server.send_kexinit();
             both.pump();
           },
       .step = message::newkeys,
       .take_step = &peer::send_newkeys,
       .table = {
           own_farewell, noise, unassigned_generic, unassigned_negotiation, {21, 21, outcome::silence}}});
}

TEST(MessageNumbers, AfterAReexchange) {
  try_every_number({.reach =
                        [](session& both) {
                          open_channel(both);
                          both.server.send_kexinit();
                          both.pump();
                        },
                    .step = message::kexinit,
                    .take_step = &peer::send_kexinit,
                    .table = with_channel()});
}

}  // namespace
}  // namespace tunnel::ssh::native
