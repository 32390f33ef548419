#include "udp/script/relay_script.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tunnel::udp {
namespace {

using testing::EndsWith;
using testing::StartsWith;

TEST(RelayScript, CarriesTheProgramWhole) {
  const auto script = make_relay_script(std::chrono::seconds(60));
  EXPECT_THAT(std::string(as_text(script.program)), StartsWith("# tunnel's UDP relay"));
  EXPECT_THAT(std::string(as_text(script.program)), EndsWith("os._exit(status)\n"));
  EXPECT_NE(script.command.find("<" + std::to_string(script.program.size()) + ":"), std::string::npos);
}

// OpenSSH's own limits are far above it; some shells' history and some servers' logs are not.
TEST(RelayScript, NeedsAShortCommandOfOneLine) {
  const auto command = make_relay_script(std::chrono::seconds(86460)).command;
  EXPECT_LT(command.size(), 200U);
  EXPECT_EQ(command.find_first_of("\n\\!$`"), std::string::npos);
}

}  // namespace
}  // namespace tunnel::udp
