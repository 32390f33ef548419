#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "program.hpp"
#include "support/temporary_folder.hpp"
#include "udp/framing/encoder.hpp"
#include "udp/script/relay_script.hpp"
#include "udp_peer.hpp"

// The command that starts the relay in Python, as login shells take it.
namespace tunnel::relay::testing {
namespace {

class LoginShell : public ::testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Shells, LoginShell, ::testing::Values("bash", "csh", "dash", "fish", "zsh"),
                         [](const auto& named) { return named.param; });

udp::relay_script script() {
  return udp::make_relay_script(std::chrono::minutes(10));
}

octets everything_at_once(const socks::address& target) {
  const auto program = script().program;
  const octet_view greeting(udp::framing::greeting_octets);
  octets frame(udp::framing::max_frame);
  frame.resize(
      udp::framing::encode_datagram(frame, 1, udp::framing::view_of(target), as_octets("through a shell")));
  octets all(program.begin(), program.end());
  all.insert(all.end(), greeting.begin(), greeting.end());
  all.insert(all.end(), frame.begin(), frame.end());
  return all;
}

std::vector<std::string> files_below(const std::filesystem::path& folder) {
  std::vector<std::string> found;
  for (const auto& each : std::filesystem::recursive_directory_iterator(folder)) {
    // fish keeps its own settings, whatever it is told to run.
    if (each.is_regular_file() && each.path().string().find("/fish/") == std::string::npos)
      found.push_back(each.path().string());
  }
  return found;
}

TEST_P(LoginShell, RunsTheRelayAndKeepsNothingOfIt) {
  const support::temporary_folder home;
  const udp_peer peer;
  program relay({GetParam(), "-c", script().command}, home.path(""));
  relay.stream().write(everything_at_once(peer.address()));
  peer.echo();
  EXPECT_EQ(relay.stream().next(received::kind::datagram).payload.size(), 15U);
  relay.stream().end_input();
  EXPECT_EQ(relay.wait(), 0);
  EXPECT_EQ(relay.errors(), "");
  EXPECT_THAT(files_below(home.path("")), ::testing::IsEmpty());
}

// One octet after the other, as a slow connection might bring them.
TEST_P(LoginShell, TakesTheProgramInPieces) {
  program relay({GetParam(), "-c", script().command});
  const auto all = everything_at_once({loopback4, 9});
  for (std::size_t at = 0; at < all.size(); at += 997)
    relay.stream().write(octet_view(all).subspan(at, std::min<std::size_t>(997, all.size() - at)));
  EXPECT_EQ(relay.stream().next().what, received::kind::greeting);
}

TEST_P(LoginShell, EndsWhenTheProgramDoesNotComeWhole) {
  program relay({GetParam(), "-c", script().command});
  relay.stream().write(script().program.first(1000));
  relay.stream().end_input();
  EXPECT_NE(relay.wait(), 0);
}

}  // namespace
}  // namespace tunnel::relay::testing
