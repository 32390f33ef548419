#include "config/known_hosts_command.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "config/errors.hpp"
#include "config/fingerprint.hpp"
#include "config/public_key.hpp"
#include "support.hpp"

namespace tunnel::config {
namespace {

using testing::HasSubstr;

class KnownHostsCommand : public testing::Test {
 protected:
  result<std::string> ask(const std::string& command, const known_hosts_question& question) {
    const auto given = settings_from("HostName real\nUser you\nKnownHostsCommand " + command + "\n");
    if (!given) return given.error();
    return ask_known_hosts_command(*given, question);
  }

  const octets blob_ =
      parse_public_key("ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICUZWVdHnSG990BW6KTHG3IWBR6BnDIoSywsqEQHsJ6O")
          .value()
          .blob;
  const known_hosts_question order_{.reason = "ORDER", .name = "[real]:23"};
  const known_hosts_question key_{.reason = "HOSTNAME",
                                  .name = "real",
                                  .key_type = "ssh-ed25519",
                                  .key_blob = blob_,
                                  .fingerprint = fingerprint(blob_)};
};

TEST_F(KnownHostsCommand, IsGivenWhatItAsksFor) {
  EXPECT_EQ(ask("/bin/echo %I %H %t %K %f %h %n %r %%", order_).value(),
            "ORDER [real]:23 NONE NONE NONE real host you %\n");
  EXPECT_EQ(ask("/bin/echo %I %H %t %K %f", key_).value(),
            "HOSTNAME real ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAICUZWVdHnSG990BW6KTHG3IWBR6BnDIoSywsqEQHsJ6O "
            "SHA256:jxxbP5+ob4HDqOyyul10rtZQeIlsrFYDfOwCSEk9bVk\n");
}

TEST_F(KnownHostsCommand, NeedsNoShell) {
  EXPECT_EQ(ask("/bin/echo \"a  b\" '$HOME' ; # `id`", order_).value(), "a  b $HOME ; # `id`\n");
}

TEST_F(KnownHostsCommand, IsAskedNothingWhenThereIsNone) {
  EXPECT_EQ(ask("none", order_).value(), "");
}

TEST_F(KnownHostsCommand, ThatFailsIsAnError) {
  for (const std::string command :
       {"/bin/false", "/no/such/program", "echo", "/bin/echo %x", "/bin/echo ${NO_SUCH_VARIABLE}"}) {
    const auto answer = ask(command, order_);
    ASSERT_FALSE(answer) << command;
    EXPECT_THAT(answer.error().message, HasSubstr("KnownHostsCommand: ")) << command;
  }
}

}  // namespace
}  // namespace tunnel::config
