#include "ssh/native/core/authentication_protocol.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "server_side.hpp"
#include "session.hpp"
#include "ssh/native/core/errors.hpp"

namespace tunnel::ssh::native {
namespace {

using authentication = authentication_protocol;
using testing::ElementsAre;
using testing::IsEmpty;

// A client that has a service to ask of, and a server that says nothing by itself.
class AuthenticationProtocol : public testing::Test {
 protected:
  explicit AuthenticationProtocol(support::peer::options how = {})
      : both_(std::move(how), {.request = nullptr}) {
    both_.pump();
    both_.say(support::service_accept());
    both_.server.forget_messages();
  }

  authentication& asks() { return both_.user.authentication(); }

  // The one request that the client has sent since the last look.
  octets sent() {
    both_.pump();
    const auto& messages = both_.server.messages();
    if (messages.size() != 1) return {};
    auto payload = messages.front().payload;
    both_.server.forget_messages();
    return payload;
  }

  template <class Event>
  const Event* last() const {
    const auto& events = both_.user.authentication_events();
    return events.empty() ? nullptr : std::get_if<Event>(&events.back());
  }

  void expect_violation() {
    ASSERT_TRUE(both_.user.failure());
    EXPECT_EQ(both_.user.failure()->code, errc::protocol_error);
  }

  support::session both_;
  octets key_ = joined({text("ssh-ed25519"), as_string(octets(32, 9))});
};

// Where the server says what it can (RFC 8308).
class HostboundAuthentication : public AuthenticationProtocol {
 protected:
  HostboundAuthentication()
      : AuthenticationProtocol({.ext_info = support::ext_info({{"publickey-hostbound@openssh.com", "0"}})}) {}
};

// --- requests, octet for octet -----------------------------------------------------------------------------

TEST(AuthenticationService, IsAskedForFirst) {
  support::session both({}, {.request = nullptr});
  both.pump();
  ASSERT_EQ(both.server.messages().size(), 1U);
  EXPECT_EQ(both.server.messages().front().payload, joined({octets{5}, text("ssh-userauth")}));
  EXPECT_THAT(both.user.authentication_events(), IsEmpty());
  both.say(support::service_accept());
  EXPECT_EQ(both.user.count<authentication::ready>(), 1U);
}

// RFC 4252 section 5.2.
TEST_F(AuthenticationProtocol, AsksForNothingByNone) {
  asks().request_none();
  EXPECT_EQ(sent(), joined({octets{50}, text("user"), text("ssh-connection"), text("none")}));
}

// RFC 4252 section 8.
TEST_F(AuthenticationProtocol, SendsAPassword) {
  asks().request_password(secret(std::string("pa\xc3\xa4\0ss", 8)));
  EXPECT_EQ(sent(), joined({octets{50}, text("user"), text("ssh-connection"), text("password"), octets{0},
                            text(std::string_view("pa\xc3\xa4\0ss", 8))}));
}

// RFC 4256 section 3.1.
TEST_F(AuthenticationProtocol, AsksForQuestions) {
  asks().request_keyboard_interactive();
  EXPECT_EQ(sent(), joined({octets{50}, text("user"), text("ssh-connection"), text("keyboard-interactive"),
                            text(""), text("")}));
}

// RFC 4252 section 7.
TEST_F(AuthenticationProtocol, OffersAndProvesAKey) {
  asks().offer_key("ssh-ed25519", key_);
  EXPECT_EQ(sent(), joined({octets{50}, text("user"), text("ssh-connection"), text("publickey"), octets{0},
                            text("ssh-ed25519"), as_string(key_)}));
  both_.say(support::userauth_pk_ok("ssh-ed25519", key_));
  EXPECT_NE(last<authentication::key_accepted>(), nullptr);

  const auto request = joined({octets{50}, text("user"), text("ssh-connection"), text("publickey"), octets{1},
                               text("ssh-ed25519"), as_string(key_)});
  EXPECT_EQ(asks().octets_to_sign("ssh-ed25519", key_),
            joined({as_string(both_.server.session_identifier()), request}));
  asks().prove_key("ssh-ed25519", key_, as_octets("signature"));
  EXPECT_EQ(sent(), joined({request, text("signature")}));
}

// OpenSSH's PROTOCOL, section 3.1: the signature holds for this server alone.
TEST_F(HostboundAuthentication, BindsAKeysProofToTheServersHostKey) {
  const auto host_key = as_string(support::repeatable_key()->public_blob());
  asks().offer_key("ssh-ed25519", key_);
  EXPECT_EQ(sent(), joined({octets{50}, text("user"), text("ssh-connection"),
                            text("publickey-hostbound-v00@openssh.com"), octets{0}, text("ssh-ed25519"),
                            as_string(key_), host_key}));
  const auto request =
      joined({octets{50}, text("user"), text("ssh-connection"), text("publickey-hostbound-v00@openssh.com"),
              octets{1}, text("ssh-ed25519"), as_string(key_), host_key});
  EXPECT_EQ(asks().octets_to_sign("ssh-ed25519", key_),
            joined({as_string(both_.server.session_identifier()), request}));
  both_.say(support::userauth_pk_ok("ssh-ed25519", key_));
  asks().prove_key("ssh-ed25519", key_, as_octets("signature"));
  EXPECT_EQ(sent(), joined({request, text("signature")}));
}

// --- answers -----------------------------------------------------------------------------------------------

TEST_F(AuthenticationProtocol, EndsWithSuccess) {
  asks().request_none();
  both_.say(support::userauth_success());
  EXPECT_NE(last<authentication::success>(), nullptr);
  EXPECT_FALSE(both_.user.failure());
}

// RFC 4252 section 5.1.
TEST_F(AuthenticationProtocol, TellsWhatCanContinue) {
  asks().request_none();
  both_.say(support::userauth_failure({"publickey", "keyboard-interactive"}));
  ASSERT_NE(last<authentication::failure>(), nullptr);
  EXPECT_THAT(last<authentication::failure>()->methods, ElementsAre("publickey", "keyboard-interactive"));
  EXPECT_FALSE(last<authentication::failure>()->partial_success);

  asks().request_password(secret(std::string("x")));
  both_.say(support::userauth_failure({"publickey"}, true));
  EXPECT_TRUE(last<authentication::failure>()->partial_success);
}

TEST_F(AuthenticationProtocol, TellsThatAPasswordIsToBeChanged) {
  asks().request_password(secret(std::string("old")));
  both_.say(support::userauth_passwd_changereq("too old"));
  ASSERT_NE(last<authentication::password_change_wanted>(), nullptr);
  EXPECT_EQ(last<authentication::password_change_wanted>()->prompt, "too old");
}

TEST_F(AuthenticationProtocol, TellsWhatTheServerAsks) {
  asks().request_keyboard_interactive();
  both_.say(joined({octets{60}, text("name"), text("instruction"), text("en"), as_uint32(2),
                    text("Password: "), octets{0}, text("Code: "), octets{1}}));
  const auto* asked = last<authentication::info_request>();
  ASSERT_NE(asked, nullptr);
  EXPECT_EQ(asked->name, "name");
  EXPECT_EQ(asked->instruction, "instruction");
  ASSERT_EQ(asked->questions.size(), 2U);
  EXPECT_EQ(asked->questions[0].prompt, "Password: ");
  EXPECT_FALSE(asked->questions[0].echo);
  EXPECT_EQ(asked->questions[1].prompt, "Code: ");
  EXPECT_TRUE(asked->questions[1].echo);

  both_.server.forget_messages();
  std::vector<secret> answers;
  answers.emplace_back(std::string("one"));
  answers.emplace_back(std::string(""));
  asks().answer(answers);
  EXPECT_EQ(sent(), joined({octets{61}, as_uint32(2), text("one"), text("")}));
  both_.say(support::userauth_success());
  EXPECT_NE(last<authentication::success>(), nullptr);
}

// RFC 4256 section 3.2: a request without questions is answered without answers.
TEST_F(AuthenticationProtocol, AnswersNoQuestionsWithNoAnswers) {
  asks().request_keyboard_interactive();
  both_.say(support::userauth_info_request({}));
  ASSERT_NE(last<authentication::info_request>(), nullptr);
  EXPECT_THAT(last<authentication::info_request>()->questions, IsEmpty());
  both_.server.forget_messages();
  asks().answer({});
  EXPECT_EQ(sent(), joined({octets{61}, as_uint32(0)}));
}

TEST_F(AuthenticationProtocol, BearsTenRoundsOfQuestions) {
  asks().request_keyboard_interactive();
  for (std::size_t i = 0; i < authentication::max_rounds; ++i)
    both_.say(support::userauth_info_request({"?"}));
  EXPECT_FALSE(both_.user.failure());
  both_.say(support::userauth_info_request({"?"}));
  expect_violation();
}

TEST_F(AuthenticationProtocol, CountsRoundsAnewForEachAttempt) {
  for (int attempt = 0; attempt < 3; ++attempt) {
    asks().request_keyboard_interactive();
    for (std::size_t i = 0; i < authentication::max_rounds; ++i)
      both_.say(support::userauth_info_request({"?"}));
    both_.say(support::userauth_failure({"keyboard-interactive"}));
  }
  EXPECT_FALSE(both_.user.failure());
}

TEST_F(AuthenticationProtocol, BearsSixteenQuestionsAtOnce) {
  asks().request_keyboard_interactive();
  both_.say(
      support::userauth_info_request(std::vector<std::string_view>(authentication::max_questions, "?")));
  EXPECT_FALSE(both_.user.failure());
  both_.say(
      support::userauth_info_request(std::vector<std::string_view>(authentication::max_questions + 1, "?")));
  expect_violation();
}

TEST_F(AuthenticationProtocol, BelievesNoCountOfQuestions) {
  asks().request_keyboard_interactive();
  both_.say(joined({octets{60}, text(""), text(""), text(""), as_uint32(0xffffffff)}));
  expect_violation();
}

// --- banners -----------------------------------------------------------------------------------------------

// RFC 4252 section 5.4: at any time before success.
TEST_F(AuthenticationProtocol, PassesBannersOnAtAnyTime) {
  both_.say(support::userauth_banner("before"));
  ASSERT_NE(last<authentication::banner>(), nullptr);
  EXPECT_EQ(last<authentication::banner>()->text, "before");
  asks().request_none();
  both_.say(support::userauth_banner("during"));
  EXPECT_EQ(last<authentication::banner>()->text, "during");
  both_.say(support::userauth_failure({"password"}));
  EXPECT_NE(last<authentication::failure>(), nullptr);
}

TEST_F(AuthenticationProtocol, PassesLimitedBannersOn) {
  const std::string half(authentication::max_banner / 2 + 10, 'x');
  both_.say(support::userauth_banner(half));
  both_.say(support::userauth_banner(half));
  EXPECT_EQ(last<authentication::banner>()->text.size(), authentication::max_banner - half.size());
  const auto before = both_.user.authentication_events().size();
  for (int i = 0; i < 100; ++i) both_.say(support::userauth_banner("more"));
  EXPECT_EQ(both_.user.authentication_events().size(), before);
  EXPECT_FALSE(both_.user.failure());
}

// --- what answers nothing ----------------------------------------------------------------------------------

TEST_F(AuthenticationProtocol, RefusesSuccessThatWasNotAskedFor) {
  both_.say(support::userauth_success());
  expect_violation();
  EXPECT_FALSE(both_.user.authenticated());
}

// An offered key is not a proved one.
TEST_F(AuthenticationProtocol, RefusesSuccessForAKeyThatWasOnlyOffered) {
  asks().offer_key("ssh-ed25519", key_);
  both_.say(support::userauth_success());
  expect_violation();
  EXPECT_FALSE(both_.user.authenticated());
}

TEST_F(AuthenticationProtocol, RefusesAnAcceptanceOfAnotherKey) {
  asks().offer_key("ssh-ed25519", key_);
  auto other = key_;
  other.back() ^= 1;
  both_.say(support::userauth_pk_ok("ssh-ed25519", other));
  expect_violation();
}

TEST_F(AuthenticationProtocol, RefusesAnAcceptanceOfAnotherAlgorithm) {
  asks().offer_key("rsa-sha2-512", key_);
  both_.say(support::userauth_pk_ok("ssh-rsa", key_));
  expect_violation();
}

TEST_F(AuthenticationProtocol, RefusesQuestionsThatNobodyAskedFor) {
  asks().request_none();
  both_.say(support::userauth_info_request({"?"}));
  expect_violation();
}

TEST_F(AuthenticationProtocol, RefusesAPasswordChangeForAKey) {
  asks().request_password(secret(std::string("x")));
  both_.say(support::userauth_failure({"publickey"}));
  asks().offer_key("ssh-ed25519", key_);
  both_.say(support::userauth_pk_ok("ssh-ed25519", key_));
  asks().prove_key("ssh-ed25519", key_, as_octets("signature"));
  both_.say(support::userauth_passwd_changereq("give me a new one"));
  expect_violation();
}

TEST_F(AuthenticationProtocol, RefusesASecondAnswer) {
  asks().request_none();
  both_.say(support::userauth_failure({"password"}));
  both_.say(support::userauth_failure({"password"}));
  expect_violation();
}

// RFC 4252 section 6: none before the service was granted.
TEST(AuthenticationService, IsGrantedBeforeAnythingElse) {
  for (const auto& early : {support::userauth_success(), support::userauth_failure({"password"}),
                            support::userauth_banner("x"), support::service_accept("ssh-connection")}) {
    support::session both({}, {.request = nullptr});
    both.pump();
    both.say(early);
    EXPECT_TRUE(both.user.failure()) << int{early.front()};
  }
}

// Some servers leave the name out.
TEST(AuthenticationService, MayBeGrantedWithoutItsName) {
  support::session both({}, {.request = nullptr});
  both.pump();
  both.say(octets{6});
  EXPECT_EQ(both.user.count<authentication::ready>(), 1U);
}

// --- malformed answers -------------------------------------------------------------------------------------

struct answer_case {
  const char* what;
  octets whole;
  void (*ask)(authentication&);
};

std::vector<answer_case> answer_cases() {
  const auto offer = [](authentication& asks) { asks.offer_key("ssh-ed25519", as_octets("key")); };
  const auto none = [](authentication& asks) { asks.request_none(); };
  return {
      {"failure", support::userauth_failure({"password", "publickey"}), none},
      {"banner", support::userauth_banner("text"), none},
      {"public key accepted", support::userauth_pk_ok("ssh-ed25519", as_octets("key")), offer},
      {"password change", support::userauth_passwd_changereq("prompt"),
       [](authentication& asks) { asks.request_password(secret(std::string("x"))); }},
      {"questions", support::userauth_info_request({"one", "two"}),
       [](authentication& asks) { asks.request_keyboard_interactive(); }},
  };
}

TEST(AuthenticationAnswers, AreRefusedWhereverTheyAreCutOff) {
  for (const auto& each : answer_cases()) {
    for (std::size_t size = 1; size < each.whole.size(); ++size) {
      SCOPED_TRACE(std::string(each.what) + " " + std::to_string(size));
      support::session both({}, {.request = nullptr});
      both.pump();
      both.say(support::service_accept());
      each.ask(both.user.authentication());
      both.pump();
      both.say(octets(each.whole.begin(), each.whole.begin() + static_cast<std::ptrdiff_t>(size)));
      ASSERT_TRUE(both.user.failure());
      EXPECT_EQ(both.user.failure()->code, errc::protocol_error);
    }
  }
}

TEST(AuthenticationAnswers, AreRefusedWithOctetsBehindThem) {
  auto cases = answer_cases();
  cases.push_back(
      {"success", support::userauth_success(), [](authentication& asks) { asks.request_none(); }});
  for (auto& each : cases) {
    SCOPED_TRACE(each.what);
    support::session both({}, {.request = nullptr});
    both.pump();
    both.say(support::service_accept());
    each.ask(both.user.authentication());
    both.pump();
    each.whole.push_back(0);
    both.say(each.whole);
    ASSERT_TRUE(both.user.failure());
    EXPECT_EQ(both.user.failure()->code, errc::protocol_error);
  }
}

}  // namespace
}  // namespace tunnel::ssh::native
