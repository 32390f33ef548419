#include <atomic>

#include "contract/engine_stage.hpp"
#include "crypto/base64.hpp"
#include "support/password_server.hpp"
#include "support/ssh_key.hpp"

namespace tunnel::integration {
namespace {

using ssh::errc;
using testing::HasSubstr;
using testing::Not;

class EngineConnect : public engine_stage {
 protected:
  scripted_verifier keys_;
};

TEST_P(EngineConnect, AsksForTheHostKeyBeforeTheUserIsNamed) {
  start_server();
  keys_.trusting = false;
  scripted_authenticator methods(with_key(server().user_key().private_file));
  auto connecting = begin(server().port(), server().user(), keys_, methods);
  const auto& outcome = connecting.wait();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::host_key_refused);
  ASSERT_TRUE(keys_.asked);
  EXPECT_EQ(keys_.asked->type + ' ' + crypto::base64_encode(keys_.asked->blob), server().host_key_line());
  EXPECT_FALSE(methods.asked);
  // Both daemons say when a client leaves before it is authenticated, and OpenSSH's whom it wanted to be.
  EXPECT_TRUE(eventually([&] {
    const auto log = server().log();
    return log.find("preauth") != log.npos || log.find("before auth") != log.npos;
  }));
  EXPECT_THAT(server().log(), Not(HasSubstr("authenticating user")));
}

TEST_P(EngineConnect, TellsWhatTheKeyExchangeSettledOn) {
  const auto connection = connect();
  EXPECT_THAT(connection->info().server, HasSubstr(is_openssh() ? "OpenSSH" : "dropbear"));
  EXPECT_NE(connection->info().kex, "");
  EXPECT_EQ(connection->info().host_key, "ssh-ed25519");
  EXPECT_NE(connection->info().cipher, "");
  EXPECT_EQ(connection->info().address, asio::ip::address_v4::loopback());
  EXPECT_TRUE(echoes(*connection));
}

TEST_P(EngineConnect, RefusesAnotherKeyThanTheUsers) {
  start_server();
  const temp_directory files;
  const auto other = make_key(files / "other");
  scripted_authenticator methods(with_key(other.private_file));
  auto connecting = begin(server().port(), server().user(), keys_, methods);
  const auto& outcome = connecting.wait();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::authentication_failed);
}

TEST_P(EngineConnect, EndsWithTheHandshakeLimitWhenTheServerIsSilent) {
  const origin mute(silent());
  scripted_authenticator methods(with_key("none"));
  auto connecting = begin(mute.port(), "nobody", keys_, methods, milliseconds(200));
  const auto& outcome = connecting.wait();
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, errc::handshake_failed);
}

TEST_P(EngineConnect, LeavesNothingOpenWhenCancelled) {
  std::atomic<bool> ended = false;
  const origin mute([&](tcp_stream& client) {
    static_cast<void>(client.receive_to_end());
    ended = true;
  });
  scripted_authenticator methods(with_key("none"));
  auto connecting = begin(mute.port(), "nobody", keys_, methods);
  ASSERT_TRUE(until([&] { return mute.accepted() != 0; }));
  connecting.cancel();
  EXPECT_TRUE(until([&] { return connecting.done() && ended; }));
}

TUNNEL_RUN_SCENARIO(EngineConnect, every_daemon);

/// Authentication against a server that has passwords; which daemon is without meaning here.
class EngineAuthentication : public engine_stage {
 protected:
  void log_in(const std::string& method, const scripted_authenticator::steps& steps) {
    const password_server asking(method);
    scripted_verifier keys;
    scripted_authenticator methods(steps);
    auto connecting = begin(asking.port(), password_server::user, keys, methods);
    auto& outcome = connecting.wait();
    ASSERT_TRUE(outcome) << outcome.error().message;
    EXPECT_TRUE(echoes(**outcome));
    (*outcome)->close();
  }
};

awaitable<bool> say_password(ssh::userauth& methods, std::string value, ssh::auth_reply::verdict expected) {
  const auto reply = co_await methods.password(secret(std::move(value)));
  co_return reply && reply->outcome == expected;
}

awaitable<bool> answer_questions(ssh::userauth& methods, std::string value,
                                 ssh::auth_reply::verdict expected) {
  const ssh::kbdint_responder answers = [&](const auto&, const auto&, const auto& prompts) {
    std::vector<secret> all;
    for (std::size_t i = 0; i < prompts.size(); ++i) all.emplace_back(std::string(value));
    return std::optional(std::move(all));
  };
  const auto reply = co_await methods.keyboard_interactive(answers);
  co_return reply && reply->outcome == expected;
}

using attempt = awaitable<bool> (*)(ssh::userauth&, std::string, ssh::auth_reply::verdict);

// The wrong secret first, then the right one.
awaitable<bool> try_twice(ssh::userauth& methods, attempt with) {
  const auto allowed = co_await methods.none();
  if (!allowed || allowed->outcome != ssh::auth_reply::verdict::refused) co_return false;
  const bool wrong_refused = co_await with(methods, "wrong", ssh::auth_reply::verdict::refused);
  const bool right_taken =
      co_await with(methods, password_server::password, ssh::auth_reply::verdict::success);
  co_return wrong_refused&& right_taken;
}

TEST_P(EngineAuthentication, TakesTheRightPasswordAfterAWrongOne) {
  log_in("password", [](ssh::userauth& methods) { return try_twice(methods, say_password); });
}

TEST_P(EngineAuthentication, AnswersQuestionsWronglyAndThenRightly) {
  log_in("keyboard-interactive", [](ssh::userauth& methods) { return try_twice(methods, answer_questions); });
}

TUNNEL_RUN_SCENARIO(EngineAuthentication, openssh_only);

}  // namespace
}  // namespace tunnel::integration
