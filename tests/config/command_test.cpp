#include "config/command.hpp"

#include <gtest/gtest.h>

#include "config/errors.hpp"

namespace tunnel::config {
namespace {

std::vector<std::string> script(const std::string& text) {
  return {"/bin/sh", "-c", text};
}

TEST(Command, GivesItsStatus) {
  EXPECT_EQ(run_command(script("exit 3"), command_output::ignored).value().status, 3);
  EXPECT_EQ(run_command({"/bin/true"}, command_output::ignored).value().status, 0);
}

TEST(Command, GivesItsOutputWhereThatIsWanted) {
  const std::string text = "for i in 1 2 3; do echo $i; done";
  EXPECT_EQ(run_command(script(text), command_output::wanted).value().output, "1\n2\n3\n");
  EXPECT_EQ(run_command(script(text), command_output::ignored).value().output, "");
}

TEST(Command, ReadsNothingAndHasNoOtherDescriptors) {
  EXPECT_EQ(run_command(script("cat"), command_output::wanted).value().output, "");
  // The listing's own descriptor is the fourth.
  const auto listing = run_command({"/bin/ls", "/proc/self/fd"}, command_output::wanted);
  EXPECT_EQ(listing.value().output, "0\n1\n2\n3\n");
}

TEST(Command, IsKilledWhenItTakesTooLong) {
  for (const command_output output : {command_output::ignored, command_output::wanted}) {
    const auto outcome = run_command({"/bin/sleep", "600"}, output, std::chrono::milliseconds(30));
    ASSERT_FALSE(outcome);
    EXPECT_EQ(outcome.error().code, make_error_code(errc::command_failed));
    EXPECT_NE(outcome.error().message.find("took too long"), std::string::npos);
  }
}

TEST(Command, EndedByASignalIsAnError) {
  EXPECT_FALSE(run_command(script("kill -TERM $$"), command_output::ignored));
  EXPECT_FALSE(run_command(script("kill -PIPE $$"), command_output::ignored));
}

TEST(Command, ThatIsNotThereIsAnError) {
  const auto outcome = run_command({"/no/such/program"}, command_output::wanted);
  ASSERT_FALSE(outcome);
  EXPECT_TRUE(is_absent(outcome.error()));
  EXPECT_NE(outcome.error().message.find("/no/such/program"), std::string::npos);
}

TEST(Command, ThatWritesWithoutEndIsAnError) {
  const auto outcome = run_command({"/usr/bin/yes"}, command_output::wanted);
  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, make_error_code(errc::too_large));
}

}  // namespace
}  // namespace tunnel::config
