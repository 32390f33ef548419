#include "options.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tunnel {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

std::variant<options, early_exit> parse(const std::vector<std::string>& arguments) {
  return parse_options(arguments, "tunnel 0.1.0, libssh2 1.10.0, OpenSSL 3.0.22");
}

options parsed(const std::vector<std::string>& arguments) {
  auto outcome = parse(arguments);
  if (const auto* end = std::get_if<early_exit>(&outcome)) {
    ADD_FAILURE() << end->text;
    return {};
  }
  return std::get<options>(outcome);
}

// The sentence on standard error.
std::string refused(const std::vector<std::string>& arguments) {
  const auto outcome = parse(arguments);
  const auto* end = std::get_if<early_exit>(&outcome);
  if (end == nullptr) return "accepted";
  EXPECT_EQ(end->exit_code, 2);
  EXPECT_THAT(end->text, StartsWith("tunnel: "));
  EXPECT_TRUE(end->text.ends_with("\n"));
  return end->text;
}

TEST(Options, TakeADestinationAlone) {
  const options given = parsed({"user@host"});
  EXPECT_EQ(given.destination, "user@host");
  EXPECT_TRUE(given.dynamic_forward.empty());
  EXPECT_FALSE(given.port);
  EXPECT_FALSE(given.user);
  EXPECT_FALSE(given.config_file);
  EXPECT_FALSE(given.address_family);
  EXPECT_FALSE(given.connect_timeout);
  EXPECT_EQ(given.verbosity, 0U);
  EXPECT_EQ(given.engine, "libssh2");
}

TEST(Options, KeepRepeatedTextsInOrder) {
  const options given = parsed({"-D", "1080", "-D", "[::1]:0", "-i", "a", "-i", "b", "-o", "Port=1", "-o",
                                "BatchMode yes", "-D*:1081", "host"});
  EXPECT_THAT(given.dynamic_forward, ElementsAre("1080", "[::1]:0", "*:1081"));
  EXPECT_THAT(given.identity_files, ElementsAre("a", "b"));
  EXPECT_THAT(given.config_lines, ElementsAre("Port=1", "BatchMode yes"));
  EXPECT_EQ(given.destination, "host");
}

TEST(Options, MayBeRunTogetherAsInSsh) {
  const options given = parsed({"-p2222", "-oBatchMode=yes", "-Nv", "-D1080", "-NvqD1081", "-lme", "host"});
  EXPECT_EQ(given.port, 2222);
  EXPECT_THAT(given.config_lines, ElementsAre("BatchMode=yes"));
  EXPECT_THAT(given.dynamic_forward, ElementsAre("1080", "1081"));
  EXPECT_EQ(given.verbosity, 2U);
  EXPECT_TRUE(given.quiet);
  EXPECT_EQ(given.user, "me");
}

TEST(Options, MayFollowTheDestination) {
  const options given = parsed({"ssh://me@[::1]:22", "-D", "1080", "-g", "-E", "log", "-F", "none"});
  EXPECT_EQ(given.destination, "ssh://me@[::1]:22");
  EXPECT_THAT(given.dynamic_forward, ElementsAre("1080"));
  EXPECT_TRUE(given.gateway_ports);
  EXPECT_EQ(given.log_file, "log");
  EXPECT_EQ(given.config_file, "none");
}

TEST(Options, CountVerbosity) {
  EXPECT_EQ(parsed({"-v", "host"}).verbosity, 1U);
  EXPECT_EQ(parsed({"-vvv", "host"}).verbosity, 3U);
  EXPECT_EQ(parsed({"-v", "host", "-vv"}).verbosity, 3U);
}

TEST(Options, TakeTheLastAddressFamily) {
  EXPECT_EQ(parsed({"-4", "host"}).address_family, config::address_family::inet);
  EXPECT_EQ(parsed({"-4", "-6", "host"}).address_family, config::address_family::inet6);
  EXPECT_EQ(parsed({"-6", "host", "-4"}).address_family, config::address_family::inet);
}

TEST(Options, TakeTheFirstPortAndUserAndTheLastFiles) {
  const options given = parsed({"-p1", "-p2", "-la", "-lb", "-F", "a", "-F", "b", "-Ea", "-Eb", "host"});
  EXPECT_EQ(given.port, 1);
  EXPECT_EQ(given.user, "a");
  EXPECT_EQ(given.config_file, "b");
  EXPECT_EQ(given.log_file, "b");
}

TEST(Options, TakeAWordWithADashAsTheValueOfAnOption) {
  EXPECT_EQ(parsed({"-l", "-me", "host"}).user, "-me");
  EXPECT_EQ(parsed({"--", "-host"}).destination, "-host");
}

TEST(Options, TakeSecondsToConnect) {
  EXPECT_EQ(parsed({"--connect-timeout", "5", "host"}).connect_timeout, std::chrono::seconds(5));
  EXPECT_EQ(parsed({"--connect-timeout=6", "host"}).connect_timeout, std::chrono::seconds(6));
  EXPECT_THAT(refused({"--connect-timeout", "0", "host"}), HasSubstr("number of seconds, at least 1"));
  EXPECT_THAT(refused({"--connect-timeout", "soon", "host"}), HasSubstr("\"soon\""));
}

TEST(Options, RefuseWhatIsNoPort) {
  for (const char* port : {"0", "65536", "-1", "ssh", "22x"}) {
    EXPECT_THAT(refused({"-p", port, "host"}), HasSubstr("a port is a number from 1 to 65535")) << port;
  }
}

TEST(Options, KnowOneEngine) {
  EXPECT_EQ(parsed({"--engine", "libssh2", "host"}).engine, "libssh2");
  EXPECT_THAT(refused({"--engine", "other", "host"}), HasSubstr("this build has libssh2"));
}

TEST(Options, RefuseACommand) {
  EXPECT_THAT(refused({"host", "uptime"}), HasSubstr("runs no commands"));
  EXPECT_THAT(refused({"host", "uname", "-a"}), HasSubstr("\"uname\" after the destination"));
  EXPECT_THAT(refused({"-D", "1080", "host", "--", "ls"}), HasSubstr("\"ls\" after the destination"));
}

TEST(Options, AskForADestination) {
  EXPECT_THAT(refused({}), HasSubstr("which server?"));
  EXPECT_THAT(refused({"-D", "1080"}), HasSubstr("which server?"));
}

TEST(Options, NameTheOptionThatLacksItsValue) {
  EXPECT_THAT(refused({"host", "-D"}), HasSubstr("-D needs [ADDRESS:]PORT"));
  EXPECT_THAT(refused({"host", "--connect-timeout"}), HasSubstr("--connect-timeout needs SECONDS"));
}

TEST(Options, NameTheNearestOption) {
  EXPECT_THAT(refused({"--connect-timeuot", "5", "host"}), HasSubstr("Did you mean --connect-timeout?"));
  EXPECT_THAT(refused({"--engin=libssh2", "host"}), HasSubstr("Did you mean --engine?"));
  EXPECT_THAT(refused({"-d", "1080", "host"}), HasSubstr("Did you mean -D?"));
  EXPECT_EQ(refused({"--frobnicate", "host"}).find("mean"), std::string::npos);
}

TEST(Options, SayWhichOptionsOfSshAreMissing) {
  EXPECT_THAT(refused({"-L", "8080:host:80", "host"}), HasSubstr("ssh's option -L is not one of tunnel's"));
  EXPECT_THAT(refused({"-NX", "host"}), HasSubstr("ssh's option -X"));
}

TEST(Options, KeepControlCharactersOffTheScreen) {
  EXPECT_EQ(refused({"--\x1b[2J", "host"}).find('\x1b'), std::string::npos);
  EXPECT_EQ(refused({"host", "\x1b[2J"}).find('\x1b'), std::string::npos);
}

TEST(Options, PrintVersionAndHelp) {
  const auto version = std::get<early_exit>(parse({"-V"}));
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_EQ(version.text, "tunnel 0.1.0, libssh2 1.10.0, OpenSSL 3.0.22\n");
  const auto help = std::get<early_exit>(parse({"--help"}));
  EXPECT_EQ(help.exit_code, 0);
  for (const char* text :
       {"[user@]host", "-D [ADDRESS:]PORT", "-i FILE", "--connect-timeout SECONDS", "-V"}) {
    EXPECT_THAT(help.text, HasSubstr(text));
  }
}

}  // namespace
}  // namespace tunnel
