#include <gmock/gmock.h>

#include "support/askpass.hpp"
#include "support/password_server.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;

class Password : public scenario {
 protected:
  tunnel_settings settings_for(const password_server& server) {
    return {.identity = "", .known_hosts = server.known_hosts(), .batch = false};
  }

  void log_in(const std::string& method) {
    const password_server server(method);
    auto settings = settings_for(server);
    settings.environment = answering(files(), password_server::password);
    launch_tunnel_to(server.port(), password_server::user, settings).wait_until_ready();
    EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", echo_.port()}), "logged in"));
    EXPECT_THAT(tunnel().log(), testing::Not(HasSubstr(password_server::password)));
  }

  origin echo_{echo()};
};

TEST_P(Password, LogsIn) {
  log_in("password");
}

TEST_P(Password, AnswersKeyboardInteractivePrompts) {
  log_in("keyboard-interactive");
}

TEST_P(Password, ThatIsWrongEndsWithTheListOfWhatWasTried) {
  const password_server server("password");
  auto settings = settings_for(server);
  settings.environment = answering(files(), "wrong horse");
  launch_tunnel_to(server.port(), password_server::user, settings);
  EXPECT_EQ(tunnel().wait(), 255);
  EXPECT_THAT(tunnel().log(), HasSubstr("password"));
  EXPECT_THAT(tunnel().log(), testing::Not(HasSubstr("wrong horse")));
}

TEST_P(Password, IsNotWaitedForWhenNobodyCanBeAsked) {
  for (const auto* method : {"password", "keyboard-interactive"}) {
    const password_server server(method);
    launch_tunnel_to(server.port(), password_server::user, settings_for(server));
    EXPECT_EQ(tunnel().wait(), 255) << method;
  }
}

TUNNEL_RUN_SCENARIO(Password, openssh_only);

}  // namespace
}  // namespace tunnel::integration
