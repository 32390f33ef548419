#include <gmock/gmock.h>

#include "support/askpass.hpp"
#include "support/scenario.hpp"
#include "support/troubleshooting.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr int could_not_authenticate = 255;

/// OpenSSH with PAM: modules of the system's, in a service of the test's own.
class Account : public scenario {
 protected:
  /// A PAM service that takes "sesame" for everybody's password and closes no account.
  std::string password_service() {
    const auto check = files() / "check";
    write_file(check, "#!/bin/sh\n[ \"$(cat)\" = sesame ]\n");
    std::filesystem::permissions(check, std::filesystem::perms::owner_all);
    return "auth required pam_exec.so quiet expose_authtok " + check.string() +
           "\naccount required pam_permit.so\nsession required pam_permit.so\n";
  }

  bool server_logs(const std::string& text) {
    return eventually([&] { return server().log().find(text) != std::string::npos; });
  }

  tunnel_settings answered_with(const std::string& password) {
    return {.batch = false, .environment = answering(files(), password)};
  }

  static std::vector<std::string> with_methods(const std::string& methods) {
    return {"AuthenticationMethods " + methods, "PasswordAuthentication yes",
            "KbdInteractiveAuthentication yes"};
  }
};

TEST_P(Account, ThatIsClosedIsSaidInTheServersWordsAndOurs) {
  const auto words = files() / "words";
  write_file(words, "Closed until \033[1mMonday\n");
  start_server({.pam = "account optional pam_echo.so file=" + words.string() +
                       "\naccount required pam_deny.so\nsession required pam_permit.so\n"});
  launch_tunnel();
  EXPECT_EQ(tunnel().wait(), could_not_authenticate);
  EXPECT_TRUE(explained(tunnel().log(), "account-closed"));
  if (engine() != "libssh2") {
    EXPECT_THAT(tunnel().log(), HasSubstr("the server says: Closed until "));
    EXPECT_THAT(tunnel().log(), Not(HasSubstr("\033")));
  }
}

TEST_P(Account, IsEnteredByKeyboardInteractiveOfPam) {
  start_server({.config = with_methods("keyboard-interactive:pam"), .pam = password_service()});
  auto settings = answered_with("sesame");
  settings.identity = "";
  start_tunnel(settings);
  EXPECT_TRUE(server_logs("Accepted keyboard-interactive/pam"));

  settings.environment = answering(files(), "swordfish");
  launch_tunnel(settings);
  EXPECT_EQ(tunnel().wait(), could_not_authenticate);
  EXPECT_THAT(tunnel().log(), HasSubstr("keyboard-interactive refused"));
}

TEST_P(Account, WantsAKeyAndThenAPassword) {
  start_server({.config = with_methods("publickey,password"), .pam = password_service()});
  start_tunnel(answered_with("sesame"));
  EXPECT_TRUE(server_logs("Partial publickey"));
  EXPECT_TRUE(server_logs("Accepted password"));
}

TEST_P(Account, WantsAKeyAndThenTheRightPassword) {
  start_server({.config = with_methods("publickey,password"), .pam = password_service()});
  launch_tunnel(answered_with("swordfish"));
  EXPECT_EQ(tunnel().wait(), could_not_authenticate);
  EXPECT_THAT(tunnel().log(), HasSubstr("accepted, and more is wanted"));
  EXPECT_THAT(tunnel().log(), HasSubstr("password refused"));
}

TEST_P(Account, WantsTwoKeysOneAfterTheOther) {
  const auto second = make_key(files() / "second");
  start_server({.config = {"AuthenticationMethods publickey,publickey",
                           "AuthorizedKeysFile " + (files() / "allowed").string()}});
  write_file(files() / "allowed", server().user_key().public_line() + '\n' + second.public_line() + '\n');
  start_tunnel({.arguments = {"-i", second.private_file.string()}});
  EXPECT_TRUE(server_logs("Partial publickey"));
}

TUNNEL_RUN_SCENARIO(Account, openssh_only);

}  // namespace
}  // namespace tunnel::integration
