#include "ssh/authentication.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "ssh/errors.hpp"
#include "support/event_loop.hpp"
#include "support/scripted_prompter.hpp"
#include "support/scripted_userauth.hpp"
#include "support/temporary_folder.hpp"
#include "test_keys.hpp"

namespace tunnel::ssh {
namespace {

using support::scripted_prompter;
using support::scripted_userauth;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using verdict = auth_reply::verdict;

const std::vector<std::string> all_methods{"publickey", "password", "keyboard-interactive"};

auth_reply reply(verdict outcome, std::vector<std::string> methods = all_methods) {
  return {.outcome = outcome, .methods = std::move(methods), .reason = {}};
}

identity agent_key(const std::string& label, octet tag) {
  return {.source = identity::origin::agent,
          .label = label,
          .path = {},
          .type = "ssh-ed25519",
          .public_blob = key_blob(tag)};
}

class Authentication : public testing::Test {
 protected:
  Authentication() {
    options_.user = "me";
    options_.host_name = "server";
    options_.identity_agent = "/agent";
  }

  // A key file with its public part beside it; what is private in it nobody looks at.
  std::string key_file(const std::string& name, octet tag) {
    static_cast<void>(folder_.write(name + ".pub", key_text(tag) + "\n"));
    return folder_.write(name, "-----BEGIN PRIVATE KEY-----\nbm9uZQ==\n-----END PRIVATE KEY-----\n");
  }

  // The server accepts this request only.
  void accept(const std::string& request) {
    server_ = [request](const std::string& seen) {
      return reply(seen == request ? verdict::success : verdict::refused);
    };
  }

  void refuse_all() {
    server_ = [](const std::string&) { return reply(verdict::refused); };
  }

  result<void> authenticate(scripted_prompter& user, bool may_ask = true) {
    asio::io_context context;
    scripted_userauth methods([this](const std::string& request) { return server_(request); });
    methods.agent = agent_;
    methods.rounds = rounds_;
    methods.passphrases = passphrases_;
    user_authenticator plan(options_, user, memory_, may_ask);
    support::started running(context, plan.authenticate(methods));
    auto outcome = running.wait();
    requests_ = methods.requests();
    return outcome;
  }

  result<void> authenticate(std::deque<std::string> answers = {}, bool may_ask = true) {
    scripted_prompter user(std::move(answers));
    return authenticate(user, may_ask);
  }

  support::temporary_folder folder_;
  config::settings options_;
  remembered_secrets memory_;
  scripted_userauth::server server_;
  std::vector<identity> agent_;
  std::vector<scripted_userauth::round> rounds_;
  std::map<std::string, std::string> passphrases_;
  std::vector<std::string> requests_;
};

// --- order -------------------------------------------------------------------------------------------------

TEST_F(Authentication, TriesMethodsInSshsOrder) {
  refuse_all();
  agent_ = {agent_key("held", 1)};
  rounds_ = {{"", "", {{"Password: ", echo::off}}}};
  options_.number_of_password_prompts = 1;
  EXPECT_FALSE(authenticate({"kbd", "pass"}));
  EXPECT_THAT(requests_, ElementsAre("none", "publickey held", "keyboard-interactive kbd", "password pass"));
}

TEST_F(Authentication, TriesMethodsInTheUsersOrder) {
  refuse_all();
  agent_ = {agent_key("held", 1)};
  options_.number_of_password_prompts = 1;
  options_.preferred_authentications = {"password", "gssapi-with-mic", "publickey"};
  EXPECT_FALSE(authenticate({"pass"}));
  EXPECT_THAT(requests_, ElementsAre("none", "password pass", "publickey held"));
}

TEST_F(Authentication, TriesOnlyWhatTheServerOffersAndTheUserLets) {
  server_ = [](const std::string&) { return reply(verdict::refused, {"password", "hostbased"}); };
  agent_ = {agent_key("held", 1)};
  options_.number_of_password_prompts = 1;
  EXPECT_FALSE(authenticate({"pass"}));
  EXPECT_THAT(requests_, ElementsAre("none", "password pass"));

  refuse_all();
  options_.password_authentication = false;
  options_.kbd_interactive_authentication = false;
  EXPECT_FALSE(authenticate({"pass"}));
  EXPECT_THAT(requests_, ElementsAre("none", "publickey held"));

  options_.pubkey_authentication = false;
  EXPECT_FALSE(authenticate({"pass"}));
  EXPECT_THAT(requests_, ElementsAre("none"));
}

TEST_F(Authentication, IsDoneWhenTheServerWantsNothing) {
  accept("none");
  EXPECT_TRUE(authenticate());
  EXPECT_THAT(requests_, ElementsAre("none"));
}

TEST_F(Authentication, EndsWithTheConnection) {
  server_ = [](const std::string& request) -> result<auth_reply> {
    if (request == "none") return reply(verdict::refused);
    return error{errc::connection_lost, "gone"};
  };
  const auto outcome = authenticate({"pass"});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::connection_lost);
}

// --- keys --------------------------------------------------------------------------------------------------

TEST_F(Authentication, OffersTheAgentsKeysBeforeFiles) {
  refuse_all();
  options_.preferred_authentications = {"publickey"};
  const auto in_agent = key_file("in_agent", 1);
  const auto file = key_file("file", 2);
  options_.identity_files = {file, in_agent};
  agent_ = {agent_key("other", 3), agent_key("same as a file", 1)};
  EXPECT_FALSE(authenticate());
  EXPECT_THAT(requests_,
              ElementsAre("none", "publickey same as a file", "publickey other", "publickey " + file));
}

TEST_F(Authentication, OffersOnlyConfiguredKeysWithIdentitiesOnly) {
  refuse_all();
  options_.preferred_authentications = {"publickey"};
  const auto in_agent = key_file("in_agent", 1);
  const auto file = key_file("file", 2);
  options_.identity_files = {in_agent, file};
  options_.identities_only = true;
  agent_ = {agent_key("other", 3), agent_key("same as a file", 1)};
  EXPECT_FALSE(authenticate());
  EXPECT_THAT(requests_, ElementsAre("none", "publickey same as a file", "publickey " + file));
}

TEST_F(Authentication, OffersAnAgentsKeyThatOnlyAPublicFileNames) {
  refuse_all();
  options_.preferred_authentications = {"publickey"};
  options_.identity_files = {folder_.write("held.pub", key_text(1) + "\n"),
                             folder_.write("elsewhere.pub", key_text(2) + "\n")};
  options_.identities_only = true;
  agent_ = {agent_key("held", 1)};
  EXPECT_FALSE(authenticate());
  EXPECT_THAT(requests_, ElementsAre("none", "publickey held"));
}

TEST_F(Authentication, AsksNoAgentWhenThereIsToBeNone) {
  refuse_all();
  options_.preferred_authentications = {"publickey"};
  options_.identity_agent.clear();
  agent_ = {agent_key("held", 1)};
  EXPECT_FALSE(authenticate());
  EXPECT_THAT(requests_, ElementsAre("none"));
}

TEST_F(Authentication, StopsAtTheFirstKeyThatIsAccepted) {
  accept("publickey second");
  agent_ = {agent_key("first", 1), agent_key("second", 2), agent_key("third", 3)};
  EXPECT_TRUE(authenticate());
  EXPECT_THAT(requests_, ElementsAre("none", "publickey first", "publickey second"));
}

TEST_F(Authentication, AsksForAPassphraseUntilItIsRightAndRemembersIt) {
  const auto file = key_file("locked", 1);
  options_.identity_files = {file};
  passphrases_[file] = "right";
  accept("publickey " + file);
  scripted_prompter user({"wrong", "right"});
  EXPECT_TRUE(authenticate(user));
  ASSERT_EQ(user.asked().size(), 2U);
  EXPECT_EQ(user.asked()[0].prompt, "Enter passphrase for key '" + file + "': ");
  EXPECT_EQ(user.asked()[0].shown, echo::off);

  scripted_prompter nobody;
  EXPECT_TRUE(authenticate(nobody, false));
  EXPECT_TRUE(nobody.asked().empty());
}

TEST_F(Authentication, AsksForAPassphraseAsOftenAsAllowed) {
  const auto file = key_file("locked", 1);
  options_.identity_files = {file};
  options_.preferred_authentications = {"publickey"};
  passphrases_[file] = "right";
  refuse_all();
  for (const unsigned allowed : {1U, 2U, 5U}) {
    options_.number_of_password_prompts = allowed;
    scripted_prompter user({"wrong", "wrong", "wrong", "wrong", "wrong", "wrong"});
    EXPECT_FALSE(authenticate(user));
    EXPECT_EQ(user.asked().size(), allowed);
  }
}

TEST_F(Authentication, GivesAKeyUpForAnEmptyPassphrase) {
  const auto file = key_file("locked", 1);
  options_.identity_files = {file};
  passphrases_[file] = "right";
  server_ = [](const std::string&) { return reply(verdict::refused, {"publickey"}); };
  const auto outcome = authenticate({""});
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("key " + file + " not tried (no passphrase)"));
  EXPECT_THAT(requests_, ElementsAre("none"));
}

TEST_F(Authentication, ForgetsAPassphraseThatWasWrong) {
  const auto file = key_file("locked", 1);
  options_.identity_files = {file};
  options_.kbd_interactive_authentication = false;
  passphrases_[file] = "right";
  accept("password pass");
  EXPECT_TRUE(authenticate({"wrong", "", "pass"}));
  EXPECT_FALSE(memory_.recall("Enter passphrase for key '" + file + "': "));
}

// --- partial success ---------------------------------------------------------------------------------------

TEST_F(Authentication, GoesOnAfterPartialSuccess) {
  agent_ = {agent_key("held", 1)};
  server_ = [](const std::string& request) {
    if (request == "publickey held") return reply(verdict::partial_success, {"password"});
    if (request == "password pass") return reply(verdict::success);
    return reply(verdict::refused, {"publickey"});
  };
  EXPECT_TRUE(authenticate({"pass"}));
  EXPECT_THAT(requests_, ElementsAre("none", "publickey held", "password pass"));
}

TEST_F(Authentication, OffersAnotherKeyWhenTheServerWantsTwo) {
  agent_ = {agent_key("one", 1), agent_key("two", 2)};
  server_ = [](const std::string& request) {
    if (request == "publickey one") return reply(verdict::partial_success, {"publickey"});
    if (request == "publickey two") return reply(verdict::success);
    return reply(verdict::refused, {"publickey"});
  };
  EXPECT_TRUE(authenticate());
  EXPECT_THAT(requests_, ElementsAre("none", "publickey one", "publickey two"));
}

// --- passwords ---------------------------------------------------------------------------------------------

class PasswordAuthentication : public Authentication {
 protected:
  PasswordAuthentication() { options_.preferred_authentications = {"password"}; }
};

TEST_F(PasswordAuthentication, AsksAsSshDoes) {
  accept("password right");
  scripted_prompter user({"right"});
  EXPECT_TRUE(authenticate(user));
  ASSERT_EQ(user.asked().size(), 1U);
  EXPECT_EQ(user.asked()[0].prompt, "me@server's password: ");
  EXPECT_EQ(user.asked()[0].shown, echo::off);
}

TEST_F(PasswordAuthentication, AsksAsOftenAsAllowed) {
  refuse_all();
  options_.number_of_password_prompts = 2;
  scripted_prompter user({"one", "two", "three"});
  EXPECT_FALSE(authenticate(user));
  EXPECT_THAT(requests_, ElementsAre("none", "password one", "password two"));
  EXPECT_EQ(user.asked().size(), 2U);
  EXPECT_THAT(user.told(), ElementsAre(HasSubstr("try again"))) << "not after the last";
}

TEST_F(PasswordAuthentication, UsesWhatWorkedForTheNextConnectionWithoutAsking) {
  accept("password right");
  EXPECT_TRUE(authenticate({"wrong", "right"}));
  scripted_prompter nobody;
  EXPECT_TRUE(authenticate(nobody, false));
  EXPECT_TRUE(nobody.asked().empty());
  EXPECT_THAT(requests_, ElementsAre("none", "password right")) << "and not what did not";
}

TEST_F(PasswordAuthentication, ForgetsWhatNoLongerWorks) {
  accept("password right");
  EXPECT_TRUE(authenticate({"right"}));
  refuse_all();
  EXPECT_FALSE(authenticate({}, false));
  EXPECT_THAT(requests_, ElementsAre("none", "password right"));
  EXPECT_FALSE(authenticate({}, false));
  EXPECT_THAT(requests_, ElementsAre("none")) << "a lock-out is one refusal nearer each time";
}

TEST_F(PasswordAuthentication, AsksNobodyWhenItMayNot) {
  accept("password right");
  scripted_prompter user({"right"});
  EXPECT_FALSE(authenticate(user, false));
  EXPECT_TRUE(user.asked().empty());
  EXPECT_TRUE(user.told().empty());
}

class ForgottenSecrets : public PasswordAuthentication {
 protected:
  ForgottenSecrets() { accept("password right"); }

  result<void> log_in(scripted_prompter& user) {
    asio::io_context context;
    scripted_userauth methods([this](const std::string& request) { return server_(request); });
    user_authenticator plan(options_, user, forgetful_, true);
    support::started running(context, plan.authenticate(methods));
    return running.wait();
  }
  result<void> log_in(std::deque<std::string> answers) {
    scripted_prompter user(std::move(answers));
    return log_in(user);
  }

  remembered_secrets forgetful_{secret_keeping::forgotten};
};

TEST_F(ForgottenSecrets, AreAskedForAgain) {
  EXPECT_TRUE(log_in({"right"}));
  scripted_prompter user({"right"});
  EXPECT_TRUE(log_in(user));
  EXPECT_EQ(user.asked().size(), 1U);
}

TEST_F(ForgottenSecrets, AreWaitedForWhenThereIsNobodyToAsk) {
  const auto first = log_in({});
  ASSERT_FALSE(first);
  EXPECT_EQ(first.error().code, errc::authentication_failed) << "nothing has ever worked";
  EXPECT_TRUE(log_in({"right"}));
  for (int i = 0; i < 2; ++i) {
    const auto later = log_in({});
    ASSERT_FALSE(later);
    EXPECT_EQ(later.error().code, errc::secret_awaited);
    EXPECT_THAT(later.error().message, AllOf(HasSubstr("waiting for an answer to \"me@server's password\""),
                                             HasSubstr("SSH_ASKPASS")));
  }
  EXPECT_TRUE(log_in({"right"}));
}

TEST_F(ForgottenSecrets, AreARefusalWhenTheyNoLongerWork) {
  EXPECT_TRUE(log_in({"right"}));
  refuse_all();
  const auto refused = log_in({"right"});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, errc::authentication_failed);
  EXPECT_EQ(log_in({}).error().code, errc::authentication_failed);
}

// --- questions ---------------------------------------------------------------------------------------------

class KeyboardInteractive : public Authentication {
 protected:
  KeyboardInteractive() { options_.preferred_authentications = {"keyboard-interactive"}; }
};

TEST_F(KeyboardInteractive, MarksAndSanitisesTheServersWords) {
  accept("keyboard-interactive 123,right");
  rounds_ = {{"PAM\x1b[2J", "Welcome\nto\x07 us", {{"Code\x1b[31m: ", echo::on}, {"PIN\r\n: ", echo::off}}}};
  scripted_prompter user({"123", "right"});
  EXPECT_TRUE(authenticate(user));
  EXPECT_THAT(user.told(),
              ElementsAre("(me@server) PAM\\x1b[2J", "(me@server) Welcome", "(me@server) to\\x07 us"));
  ASSERT_EQ(user.asked().size(), 2U);
  EXPECT_EQ(user.asked()[0].prompt, "(me@server) Code\\x1b[31m: ");
  EXPECT_EQ(user.asked()[0].shown, echo::on);
  EXPECT_EQ(user.asked()[1].prompt, "(me@server) PIN\\x0d\\x0a: ");
  EXPECT_EQ(user.asked()[1].shown, echo::off);
}

TEST_F(KeyboardInteractive, AnswersSeveralRounds) {
  accept("keyboard-interactive right,123");
  rounds_ = {{"", "", {{"Password: ", echo::off}}}, {"", "", {{"Code: ", echo::off}}}, {"", "", {}}};
  EXPECT_TRUE(authenticate({"right", "123"}));
}

TEST_F(KeyboardInteractive, AnswersSixteenPromptsAndNoMore) {
  accept("keyboard-interactive a,a,a,a,a,a,a,a,a,a,a,a,a,a,a,a");
  rounds_ = {{"", "", std::vector<kbdint_prompt>(16, {"? ", echo::on})}};
  EXPECT_TRUE(authenticate(std::deque<std::string>(16, "a")));

  rounds_ = {{"", "", std::vector<kbdint_prompt>(17, {"? ", echo::on})}};
  scripted_prompter user(std::deque<std::string>(17, "a"));
  EXPECT_FALSE(authenticate(user));
  EXPECT_TRUE(user.asked().empty());
  EXPECT_THAT(requests_, ElementsAre("none"));
}

TEST_F(KeyboardInteractive, GivesUpAServerThatNeverStopsAsking) {
  refuse_all();
  rounds_.assign(100, {"", "", {{"Again? ", echo::on}}});
  scripted_prompter user(std::deque<std::string>(100, "y"));
  EXPECT_FALSE(authenticate(user));
  EXPECT_LE(user.asked().size(), 10U);
}

TEST_F(KeyboardInteractive, AsksAsOftenAsAllowed) {
  refuse_all();
  options_.number_of_password_prompts = 2;
  rounds_ = {{"", "", {{"Password: ", echo::off}}}};
  EXPECT_FALSE(authenticate({"one", "two", "three"}));
  EXPECT_THAT(requests_, ElementsAre("none", "keyboard-interactive one", "keyboard-interactive two"));
}

TEST_F(KeyboardInteractive, DoesNotRepeatWhatAskedNothing) {
  refuse_all();
  EXPECT_FALSE(authenticate({"one", "two"}));
  EXPECT_THAT(requests_, ElementsAre("none", "keyboard-interactive "));
}

TEST_F(KeyboardInteractive, UsesAPasswordThatWorkedForTheNextConnectionWithoutAsking) {
  accept("keyboard-interactive right");
  rounds_ = {{"", "", {{"Password: ", echo::off}}}};
  EXPECT_TRUE(authenticate({"wrong", "right"}));
  scripted_prompter nobody;
  EXPECT_TRUE(authenticate(nobody, false));
  EXPECT_TRUE(nobody.asked().empty());
  EXPECT_THAT(requests_, ElementsAre("none", "keyboard-interactive right"));
}

TEST_F(KeyboardInteractive, NeverRemembersAOneTimeCode) {
  accept("keyboard-interactive 123");
  rounds_ = {{"", "", {{"Verification code: ", echo::off}}}};
  EXPECT_TRUE(authenticate({"123"}));
  EXPECT_FALSE(authenticate({}, false));
  EXPECT_THAT(requests_, ElementsAre("none"));
}

TEST_F(KeyboardInteractive, NeverRepeatsAPasswordForOneTime) {
  accept("keyboard-interactive 123");
  for (const std::string prompt :
       {"One-time password (OATH) for me: ", "OTP Password: ", "Token password: "}) {
    rounds_ = {{"", "", {{prompt, echo::off}}}};
    EXPECT_TRUE(authenticate({"123"}));
    EXPECT_FALSE(authenticate({}, false));
    EXPECT_THAT(requests_, ElementsAre("none")) << prompt;
  }
}

TEST_F(KeyboardInteractive, WaitsForACodeThatNobodyGives) {
  accept("keyboard-interactive 123");
  rounds_ = {{"", "", {{"Verification code: ", echo::off}}}};
  EXPECT_TRUE(authenticate({"123"}));
  const auto later = authenticate({});
  ASSERT_FALSE(later);
  EXPECT_EQ(later.error().code, errc::secret_awaited);
  EXPECT_THAT(later.error().message, HasSubstr("\"(me@server) Verification code\""));
}

TEST_F(KeyboardInteractive, ForgetsWhatNoLongerWorks) {
  rounds_ = {{"", "", {{"Password: ", echo::off}}}};
  accept("keyboard-interactive right");
  EXPECT_TRUE(authenticate({"right"}));
  refuse_all();
  EXPECT_FALSE(authenticate({}, false));
  EXPECT_THAT(requests_, ElementsAre("none", "keyboard-interactive right"));
  EXPECT_FALSE(authenticate({}, false));
  EXPECT_THAT(requests_, ElementsAre("none"));
}

TEST_F(KeyboardInteractive, DoesNotRememberAnAnswerThatWasRefused) {
  options_.preferred_authentications = {"keyboard-interactive", "password"};
  options_.number_of_password_prompts = 1;
  rounds_ = {{"", "", {{"Password: ", echo::off}}}};
  accept("password right");
  EXPECT_TRUE(authenticate({"wrong", "right"}));
  EXPECT_TRUE(authenticate({}, false));
  EXPECT_THAT(requests_, ElementsAre("none", "password right"));
}

// --- the message -------------------------------------------------------------------------------------------

TEST_F(Authentication, ListsWhatWasTried) {
  refuse_all();
  const auto file = key_file("file", 2);
  const auto open_to_all = key_file("open", 3);
  std::filesystem::permissions(open_to_all, std::filesystem::perms::others_read,
                               std::filesystem::perm_options::add);
  options_.identity_files = {file, open_to_all, folder_.path("absent")};
  options_.default_identity_files = false;
  options_.number_of_password_prompts = 1;
  agent_ = {agent_key("laptop", 1)};
  const auto outcome = authenticate({"secret"});
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::authentication_failed);
  EXPECT_THAT(
      outcome.error().message,
      AllOf(HasSubstr("me@server: Permission denied (publickey,password,keyboard-interactive). Tried: "),
            HasSubstr("agent key laptop refused"), HasSubstr("key " + file + " refused"),
            HasSubstr(open_to_all + " not tried ("), HasSubstr(folder_.path("absent") + " not tried ("),
            HasSubstr("password refused"), Not(HasSubstr("secret"))));
}

TEST_F(Authentication, SaysWhatHelpsAgainstTooManyKeys) {
  unsigned keys = 0;
  server_ = [&keys](const std::string& request) -> result<auth_reply> {
    if (request == "none" || ++keys < 3) return reply(verdict::refused);
    return error{errc::connection_lost, "the server disconnected: Too many authentication failures"};
  };
  agent_ = {agent_key("one", 1), agent_key("two", 2), agent_key("three", 3), agent_key("four", 4)};
  const auto outcome = authenticate();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::connection_lost);
  EXPECT_THAT(outcome.error().message,
              AllOf(HasSubstr("me@server: the server disconnected"), HasSubstr("agent key two refused"),
                    HasSubstr("-i FILE -o IdentitiesOnly=yes"), Not(HasSubstr("expired"))));
}

TEST_F(Authentication, SaysWhereTheReasonIsWhenTheServerHangsUp) {
  server_ = [](const std::string& request) -> result<auth_reply> {
    if (request == "none") return reply(verdict::refused);
    return error{errc::connection_lost, "the server closed the connection"};
  };
  agent_ = {agent_key("one", 1)};
  const auto outcome = authenticate();
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("the account may be closed or expired"));
}

TEST_F(Authentication, DoesNotMentionDefaultFilesThatDoNotExist) {
  refuse_all();
  options_.identity_files = {folder_.path("id_rsa")};
  const auto outcome = authenticate();
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, AllOf(Not(HasSubstr("id_rsa")), HasSubstr("there is no key")));
}

TEST_F(Authentication, SaysWhenNothingCouldBeTried) {
  server_ = [](const std::string&) { return reply(verdict::refused, {"hostbased"}); };
  const auto outcome = authenticate({"pass"});
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, AllOf(HasSubstr("(hostbased)"), HasSubstr("Tried: nothing")));
}

TEST_F(Authentication, SaysThatThereWasNobodyToAsk) {
  server_ = [](const std::string&) { return reply(verdict::refused, {"password"}); };
  const auto outcome = authenticate();
  ASSERT_FALSE(outcome);
  EXPECT_THAT(outcome.error().message, HasSubstr("nobody to ask"));
}

}  // namespace
}  // namespace tunnel::ssh
