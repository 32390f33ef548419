#include <gmock/gmock.h>

#include <pwd.h>
#include <unistd.h>

#include <sstream>

#include "support/scenario.hpp"
#include "support/troubleshooting.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;

class ConfigFile : public scenario {
 protected:
  std::filesystem::path config() { return files() / "config"; }
};

TEST_P(ConfigFile, SaysWhereAndHowToConnectForAHostPattern) {
  const origin target(echo());
  start_server();
  std::ostringstream text;
  text << "Host other\n  Port 1\n"
       << "Host work-* !work-9\n  HostName 127.0.0.1\n  Port " << server().port() << "\n  User "
       << server().user() << "\n  IdentityFile " << server().user_key().private_file.string()
       << "\n  DynamicForward 127.0.0.1:0\n"
       << "Host *\n  Port 2\n  UserKnownHostsFile " << server().known_hosts().string()
       << "\n  GlobalKnownHostsFile /dev/null\n  BatchMode yes\n";
  write_file(config(), text.str());
  tunnel_process tunnel({"--engine", engine(), "-F", config().string(), "work-1"});
  tunnel.wait_until_ready();
  EXPECT_TRUE(echoes(connect_through(tunnel.port(), {"127.0.0.1", target.port()}), "configured"));
}

TEST_P(ConfigFile, WithAnUnknownKeywordIsRefusedNamingLineAndNearestName) {
  write_file(config(), "Host *\n  Usre somebody\n");
  tunnel_process tunnel({"-F", config().string(), "-o", "BatchMode=yes", "127.0.0.1"});
  EXPECT_EQ(tunnel.wait(), 2);
  EXPECT_THAT(tunnel.log(), HasSubstr(config().string() + ":2"));
  EXPECT_THAT(tunnel.log(), HasSubstr("Usre"));
  EXPECT_THAT(tunnel.log(), testing::ContainsRegex("User([^A-Za-z]|$)"));
  EXPECT_TRUE(explained(tunnel.log(), "config-keyword"));
}

TEST_P(ConfigFile, ThatOthersMayWriteIsRefused) {
  namespace fs = std::filesystem;
  fs::create_directory(files() / ".ssh");
  write_file(files() / ".ssh/config", "Host *\n");
  fs::permissions(files() / ".ssh/config", fs::perms::others_write, fs::perm_options::add);
  // It is looked for in the account's home, whatever HOME says.
  const std::filesystem::path home = ::getpwuid(::geteuid())->pw_dir;
  const auto refused =
      run({.arguments = {tunnel_binary(), "127.0.0.1"}, .replaced_paths = {{home, files().path()}}});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_TRUE(explained(refused.errors, "config-permissions"));
}

TEST_P(ConfigFile, YieldsToTheCommandLine) {
  const origin target(echo());
  start_server();
  write_file(config(), "Host *\n  Port 1\n  BatchMode no\n");
  start_tunnel({.config_file = config()});
  EXPECT_TRUE(echoes(connect_through(port(), {"127.0.0.1", target.port()}), "overridden"));
}

TUNNEL_RUN_SCENARIO(ConfigFile, openssh_only);

}  // namespace
}  // namespace tunnel::integration
