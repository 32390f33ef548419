#include <gmock/gmock.h>

#include "support/agent.hpp"
#include "support/askpass.hpp"
#include "support/scenario.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;
using testing::Not;

/// AddKeysToAgent: a key that was read from a file goes to the agent.
class AddKeys : public scenario {
 protected:
  tunnel_process& start(const std::string& value, std::map<std::string, std::string> environment = {}) {
    environment.merge(agent_.environment());
    return start_tunnel({.batch = false,
                         .arguments = {"-o", "AddKeysToAgent=" + value},
                         .environment = std::move(environment)});
  }
  /// What the agent has, by ssh-add.
  std::string keys() {
    return run({.arguments = {"ssh-add", "-L"}, .environment = agent_.environment()}).output;
  }
  /// "AAAA...".
  std::string key() {
    const auto line = server().user_key().public_line();
    const auto begin = line.find(' ') + 1;
    return line.substr(begin, line.find(' ', begin) - begin);
  }

  agent agent_;
};

TEST_P(AddKeys, GivesTheAgentTheKeyThatWasAccepted) {
  start("yes");
  EXPECT_THAT(keys(), HasSubstr(key()));
  EXPECT_THAT(keys(), HasSubstr(server().user_key().private_file.string()));
}

TEST_P(AddKeys, GivesItForATimeAlone) {
  start("4");
  EXPECT_THAT(keys(), HasSubstr(key()));
  EXPECT_TRUE(eventually([&] { return keys().find(key()) == std::string::npos; }));
}

TEST_P(AddKeys, GivesItUnderTheConditionThatEachUseIsConfirmed) {
  start("confirm");
  EXPECT_THAT(keys(), HasSubstr(key()));
  // The agent has nobody to ask, and so does not let it be used.
  launch_tunnel({.identity = "", .arguments = {}, .environment = agent_.environment()});
  EXPECT_EQ(tunnel().wait(), 255);
  EXPECT_THAT(tunnel().log(), HasSubstr("Permission denied"));
}

TEST_P(AddKeys, AsksFirstWhereThatIsWanted) {
  start("ask", answering(files(), "no"));
  EXPECT_THAT(keys(), Not(HasSubstr(key())));
  start("ask", answering(files(), "yes"));
  EXPECT_THAT(keys(), HasSubstr(key()));
}

TEST_P(AddKeys, GivesNothingByItself) {
  start("no");
  EXPECT_THAT(keys(), Not(HasSubstr(key())));
}

TUNNEL_RUN_SCENARIO(AddKeys, openssh_only);

}  // namespace
}  // namespace tunnel::integration
