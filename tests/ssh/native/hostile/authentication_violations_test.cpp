// RFC 4252, RFC 4256, RFC 8308: a server that breaks a rule while it authenticates the user.

#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "reaction.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {
namespace {

using authentication = authentication_protocol;
using support::session;

const octets& user_key() {
  static const octets key = support::repeatable_key(5)->public_blob();
  return key;
}

using request = std::function<void(authentication&)>;

void ask_nothing(authentication& /*to*/) {}
void offer_key(authentication& to) {
  to.offer_key("ssh-ed25519", user_key());
}
void prove_key(authentication& to) {
  to.prove_key("ssh-ed25519", user_key(), octets(83, 1));
}
void ask_password(authentication& to) {
  to.request_password(secret("hunter2"));
}
void ask_interactive(authentication& to) {
  to.request_keyboard_interactive();
}

support::client::options asking(request what) {
  support::client::options how;
  how.request = std::move(what);
  return how;
}

// The service is granted, and the user's request is on its way.
struct asked : session {
  explicit asked(request what) : session({}, asking(std::move(what))) {
    pump();
    say(support::service_accept());
    server.forget_messages();
  }
};

// --- the service (RFC 4253 section 10) ---------------------------------------------------------------------

TEST(ServiceAccept, OfAnotherServiceOrMalformedIsRefused) {
  octets two = support::service_accept();
  wire::writer(two).text("ssh-userauth");
  octets longer = support::service_accept();
  longer.push_back(0);
  octets cut = support::service_accept();
  cut.pop_back();
  for (const octets& each : {support::service_accept("ssh-connection"), support::service_accept(""),
                             support::service_accept("SSH-USERAUTH"), two, longer, cut}) {
    session both;
    both.pump();
    both.say(each);
    expect_violation(both, "SSH_MSG_SERVICE_ACCEPT");
    EXPECT_EQ(both.server.count(message::userauth_request), 0U);
  }
}

TEST(ServiceAccept, ComesOnce) {
  asked both(&authentication::request_none);
  both.say(support::service_accept());
  expect_violation(both, "answers nothing");
}

// CVE-2018-10933, the other way round: no message lets the user in before it was asked for.
TEST(Success, ThatNobodyAskedForIsRefused) {
  session early;
  early.pump();
  early.say(support::userauth_success());
  expect_violation(early, "answers nothing");
  EXPECT_FALSE(early.user.authenticated());

  asked idle(ask_nothing);
  idle.say(support::userauth_success());
  expect_violation(idle, "answers nothing");
  EXPECT_FALSE(idle.user.authenticated());

  // A key that was offered is not yet proved (RFC 4252 section 7).
  asked offered(offer_key);
  offered.say(support::userauth_success());
  expect_violation(offered, "answers nothing");
  EXPECT_FALSE(offered.user.authenticated());
}

TEST(Success, WithAnythingInItIsRefused) {
  asked both(&authentication::request_none);
  both.say(octets{message::userauth_success, 0});
  expect_violation(both);
  EXPECT_FALSE(both.user.authenticated());
}

TEST(Success, ComesOnceAndNothingOfAuthenticationAfterIt) {
  for (int number = 50; number < 80; ++number) {
    SCOPED_TRACE(number);
    asked both(&authentication::request_none);
    both.say(support::userauth_success());
    ASSERT_TRUE(both.user.authenticated());
    both.say(support::bare(static_cast<octet>(number)));
    expect_violation(both, "after authentication");
  }
}

TEST(Failure, ThatNobodyAskedForIsRefused) {
  session early;
  early.pump();
  early.say(support::userauth_failure({"password"}));
  expect_violation(early, "answers nothing");

  asked idle(ask_nothing);
  idle.say(support::userauth_failure({"password"}));
  expect_violation(idle, "answers nothing");

  asked twice(&authentication::request_none);
  twice.say(support::userauth_failure({"password"}));
  expect_peace(twice);
  twice.say(support::userauth_failure({"password"}));
  expect_violation(twice, "answers nothing");
}

// --- malformed answers -------------------------------------------------------------------------------------

struct answer {
  std::string_view what;
  request before;
  octets payload;
};

std::vector<answer> well_formed_answers() {
  return {{"SSH_MSG_USERAUTH_FAILURE", &authentication::request_none,
           support::userauth_failure({"a", "b"}, true)},
          {"SSH_MSG_USERAUTH_BANNER", &authentication::request_none, support::userauth_banner("hello")},
          {"SSH_MSG_USERAUTH_PK_OK", offer_key, support::userauth_pk_ok("ssh-ed25519", user_key())},
          {"SSH_MSG_USERAUTH_PASSWD_CHANGEREQ", ask_password, support::userauth_passwd_changereq("new?")},
          {"SSH_MSG_USERAUTH_INFO_REQUEST", ask_interactive, support::userauth_info_request({"one", "two"})}};
}

TEST(Answers, ThatAreWellFormedAreTaken) {
  for (const auto& each : well_formed_answers()) {
    SCOPED_TRACE(each.what);
    asked both(each.before);
    both.say(each.payload);
    expect_peace(both);
  }
}

TEST(Answers, ThatEndEarlyAreMalformed) {
  for (const auto& each : well_formed_answers())
    for (std::size_t size = 1; size < each.payload.size(); ++size) {
      SCOPED_TRACE(std::string(each.what) + " of " + std::to_string(size) + " octets");
      asked both(each.before);
      both.say(octet_view(each.payload).first(size));
      expect_violation(both, "malformed");
    }
}

TEST(Answers, WithOctetsBehindThemAreMalformed) {
  for (const auto& each : well_formed_answers()) {
    SCOPED_TRACE(each.what);
    auto longer = each.payload;
    longer.push_back(0);
    asked both(each.before);
    both.say(longer);
    expect_violation(both, "malformed");
  }
}

TEST(Answers, WithLengthsBeyondTheirEndAreMalformed) {
  for (const auto& each : well_formed_answers())
    for (const std::uint32_t length : {0xffffffffU, 0x80000000U, 0x7fffffffU, 1000U}) {
      SCOPED_TRACE(std::string(each.what) + ", length " + std::to_string(length));
      auto changed = each.payload;
      support::put_length(octet_span(changed).subspan(1), length);
      asked both(each.before);
      both.say(changed);
      expect_violation(both, "malformed");
    }
}

TEST(Answers, WithNamesOfMethodsThatCannotBeAreMalformed) {
  for (const std::string& list : {std::string("a,,b"), std::string(","), std::string(65, 'm'),
                                  std::string("pass\x1b[31mword"), std::string("a\0b", 3)}) {
    asked both(&authentication::request_none);
    octets payload;
    wire::writer(payload).byte(message::userauth_failure).text(list).boolean(false);
    both.say(payload);
    expect_violation(both, "malformed");
  }
}

// --- public keys (RFC 4252 section 7) ----------------------------------------------------------------------

TEST(PkOk, MustNameTheKeyAndTheAlgorithmThatWereOffered) {
  auto other = user_key();
  other.back() ^= 1;
  auto longer = user_key();
  longer.push_back(0);
  auto shorter = user_key();
  shorter.pop_back();
  for (const octets& each :
       {support::userauth_pk_ok("ssh-rsa", user_key()), support::userauth_pk_ok("", user_key()),
        support::userauth_pk_ok("ssh-ed25519", other), support::userauth_pk_ok("ssh-ed25519", longer),
        support::userauth_pk_ok("ssh-ed25519", shorter), support::userauth_pk_ok("ssh-ed25519", {})}) {
    asked both(offer_key);
    both.say(each);
    expect_violation(both, "another key");
    EXPECT_EQ(both.user.count<authentication::key_accepted>(), 0U);
  }
}

TEST(PkOk, ComesOnceAndForAnOfferAlone) {
  asked twice(offer_key);
  twice.say(support::userauth_pk_ok("ssh-ed25519", user_key()));
  EXPECT_EQ(twice.user.count<authentication::key_accepted>(), 1U);
  twice.say(support::userauth_pk_ok("ssh-ed25519", user_key()));
  expect_violation(twice, "answers nothing");

  for (const request& before :
       {request(&authentication::request_none), request(prove_key), request(ask_nothing)}) {
    asked both(before);
    both.say(support::userauth_pk_ok("ssh-ed25519", user_key()));
    expect_violation(both, "answers nothing");
  }
}

// --- keyboard-interactive (RFC 4256) -----------------------------------------------------------------------

octets info_request_of(std::uint32_t count, std::size_t prompts) {
  octets payload;
  wire::writer to(payload);
  to.byte(message::userauth_info_request).text("").text("").text("").uint32(count);
  for (std::size_t i = 0; i < prompts; ++i) to.text("?").boolean(false);
  return payload;
}

TEST(InfoRequest, CountsItsPromptsRightAndNotTooMany) {
  struct row {
    std::uint32_t count;
    std::size_t prompts;
    std::string_view words;
  };
  for (const auto& [count, prompts, words] :
       {row{1, 0, "malformed"}, row{2, 1, "malformed"}, row{0, 1, "malformed"}, row{1, 2, "malformed"},
        row{16, 15, "malformed"}, row{17, 17, "too many"}, row{1000, 1000, "too many"},
        row{0x7fffffff, 0, "too many"}, row{0x80000000, 1, "too many"}, row{0xffffffff, 16, "too many"}}) {
    SCOPED_TRACE(std::to_string(count) + " with " + std::to_string(prompts));
    asked both(ask_interactive);
    both.say(info_request_of(count, prompts));
    expect_violation(both, words);
    EXPECT_EQ(both.user.count<authentication::info_request>(), 0U);
  }
  asked most(ask_interactive);
  most.say(info_request_of(16, 16));
  expect_peace(most);
}

TEST(InfoRequest, IsAskedTenTimesAtTheMost) {
  asked both(ask_interactive);
  for (int round = 0; round < 10; ++round) {
    both.say(support::userauth_info_request({}));
    expect_peace(both);
    // RFC 4256 section 3.2: no prompts call for an answer without responses.
    both.user.authentication().answer({});
    both.pump();
  }
  EXPECT_EQ(both.user.count<authentication::info_request>(), 10U);
  ASSERT_EQ(both.server.count(message::userauth_info_response), 10U);
  EXPECT_EQ(both.server.last(message::userauth_info_response)->payload,
            (octets{message::userauth_info_response, 0, 0, 0, 0}));
  both.say(support::userauth_info_request({}));
  expect_violation(both, "too many");
}

TEST(InfoRequest, AnswersNoOtherMethod) {
  for (const request& before :
       {request(&authentication::request_none), request(prove_key), request(ask_nothing)}) {
    asked both(before);
    both.say(support::userauth_info_request({"Password:"}));
    expect_violation(both, "answers nothing");
    EXPECT_EQ(both.user.count<authentication::info_request>(), 0U);
  }
  // For a password it would be a malformed wish for another one, or one whose prompt is empty.
  asked password(ask_password);
  password.say(support::userauth_info_request({"Password:"}));
  expect_violation(password, "malformed");
}

// --- banners (RFC 4252 section 5.4) ------------------------------------------------------------------------

TEST(Banners, ArePassedOnUpTo64KiBInAll) {
  asked both(&authentication::request_none);
  for (int i = 0; i < 100; ++i) both.say(support::userauth_banner(std::string(10000, 'x')));
  expect_peace(both);
  std::size_t octets_passed = 0;
  for (const auto& each : both.user.authentication_events())
    if (const auto* banner = std::get_if<authentication::banner>(&each)) octets_passed += banner->text.size();
  EXPECT_EQ(octets_passed, 64U * 1024);
  both.say(support::userauth_success());
  EXPECT_TRUE(both.user.authenticated());
}

TEST(Banners, BeforeTheServiceAreRefused) {
  session both;
  both.pump();
  both.say(support::userauth_banner("hello"));
  expect_violation(both, "answers nothing");
}

// --- the connection protocol before its time (RFC 4252 section 6) ------------------------------------------

TEST(ConnectionMessages, BeforeSuccessAreRefused) {
  for (const octets& each :
       {support::global_request("hostkeys-00@openssh.com", false), support::channel_open("session", 1),
        support::channel_open_confirmation(0, 0), support::channel_data(0, octets{1}),
        support::channel_window_adjust(0, 1), support::request_success(), support::pong()}) {
    for (const bool service : {false, true}) {
      SCOPED_TRACE(int{each.front()});
      session both;
      both.pump();
      if (service) both.say(support::service_accept());
      both.say(each);
      expect_violation(both);
      EXPECT_FALSE(both.user.authenticated());
    }
  }
}

// --- SSH_MSG_EXT_INFO (RFC 8308) ---------------------------------------------------------------------------

const std::vector<support::extension>& usual_extensions() {
  static const std::vector<support::extension> extensions{{"server-sig-algs", "ssh-ed25519,rsa-sha2-256"},
                                                          {"ping@openssh.com", "0"}};
  return extensions;
}

TEST(ExtInfo, IsTakenWhereRfc8308HasIt) {
  support::peer::options how;
  how.ext_info = support::ext_info(usual_extensions());
  session first(how);
  first.authenticate();
  expect_peace(first);
  EXPECT_TRUE(first.user.link().server_extensions().ping);

  asked last(&authentication::request_none);
  last.say(support::ext_info(usual_extensions()));
  expect_peace(last);
  last.say(support::userauth_success());
  expect_peace(last);
  EXPECT_TRUE(last.user.authenticated());
}

// Section 2.4.
TEST(ExtInfo, IsRefusedElsewhere) {
  const auto sent = support::ext_info(usual_extensions());
  // In clear.
  for (const auto stage :
       {support::peer::stage::kexinit, support::peer::stage::reply, support::peer::stage::newkeys}) {
    support::peer::options how;
    how.strict = false;
    how.offer.cipher_client_to_server = how.offer.cipher_server_to_client = {"aes128-gcm@openssh.com"};
    session both(how);
    both.server.hold(stage);
    both.pump();
    both.say(sent);
    expect_violation(both);
    EXPECT_FALSE(both.user.link().server_extensions().server_sig_algs);
  }
  // Followed by anything but success.
  for (const octets& next : {support::userauth_failure({"password"}), support::userauth_banner("hello"),
                             support::ignore(), sent, support::service_accept()}) {
    asked both(&authentication::request_none);
    both.say(sent);
    both.say(next);
    expect_violation(both, "RFC 8308");
    EXPECT_FALSE(both.user.authenticated());
  }
  // Once more, between the first message after the keys and the service.
  support::peer::options twice;
  twice.ext_info = sent;
  session again(twice);
  again.pump();
  again.say(sent);
  again.say(support::service_accept());
  expect_violation(again, "RFC 8308");
  // After success.
  session late;
  late.authenticate();
  late.say(sent);
  expect_violation(late, "no place");
  // After a key re-exchange.
  session rekeyed;
  rekeyed.authenticate();
  rekeyed.server.send_kexinit();
  rekeyed.pump();
  rekeyed.say(sent);
  expect_violation(rekeyed, "no place");
}

TEST(ExtInfo, CountsItsExtensionsRight) {
  octets two_extensions = support::ext_info(usual_extensions());
  for (const std::uint32_t count : {0U, 1U, 3U, 1000U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
    SCOPED_TRACE(count);
    support::put_length(octet_span(two_extensions).subspan(1), count);
    support::peer::options how;
    how.ext_info = two_extensions;
    session both(how);
    both.pump();
    expect_violation(both, "malformed");
  }
}

TEST(ExtInfo, ThatEndsEarlyIsMalformed) {
  const auto whole = support::ext_info(usual_extensions());
  for (std::size_t size = 1; size < whole.size(); ++size) {
    SCOPED_TRACE(size);
    support::peer::options how;
    how.ext_info.assign(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));
    session both(how);
    both.pump();
    expect_violation(both, "malformed");
  }
}

TEST(ExtInfo, WithAlgorithmsThatCannotBeIsMalformed) {
  for (const std::string_view list : {"a,,b", ",", "a b", "a\x1b", "\xff"}) {
    support::peer::options how;
    how.ext_info = support::ext_info({{"server-sig-algs", list}});
    session both(how);
    both.pump();
    expect_violation(both, "malformed");
  }
}

TEST(ExtInfo, OfUnknownExtensionsChangesNothing) {
  support::peer::options how;
  const std::string all(256, '\xff');
  how.ext_info = support::ext_info({{"delay-compression", all}, {"", ""}, {all, all}, {"elevation", "y"}});
  session both(how);
  both.authenticate();
  expect_peace(both);
  EXPECT_FALSE(both.user.link().server_extensions().ping);
  EXPECT_FALSE(both.user.link().server_extensions().hostbound);
}

}  // namespace
}  // namespace tunnel::ssh::native
