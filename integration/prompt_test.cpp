#include <gmock/gmock.h>

#include <sstream>

#include "support/password_server.hpp"
#include "support/scenario.hpp"
#include "support/tmux.hpp"

namespace tunnel::integration {
namespace {

using testing::HasSubstr;
using testing::Not;

/// The program as its user sees it: started by a shell, in a terminal.
class Prompt : public scenario {
 protected:
  /// The host "jump", with `lines` in its block, before the one called "server", with `server_lines`.
  void configure(std::uint16_t jump_port, const std::string& jump_user, const std::string& lines) {
    std::ostringstream text;
    text << "Host jump\n  Port " << jump_port << "\n  User " << jump_user << '\n'
         << lines << "Host server\n  Port " << server().port() << "\n  User " << server().user()
         << "\n  IdentityFile " << server().user_key().private_file.string() << "\n  UserKnownHostsFile "
         << server().known_hosts().string()
         << "\n  ProxyJump jump\nHost *\n  HostName 127.0.0.1\n  IdentitiesOnly yes\n"
         << "  GlobalKnownHostsFile none\n";
    write_file(files() / "config", text.str());
  }

  static std::string option(const std::string& name, const std::filesystem::path& value) {
    return "  " + name + ' ' + value.string() + '\n';
  }

  void start_program(const std::string& host = "server", const std::string& options = "") {
    window_.type(tunnel_binary() + " --engine " + engine() + " -F " + (files() / "config").string() +
                 " -D 127.0.0.1:0 " + options + ' ' + host);
  }

  /// The server asks for a password.
  void start_at_prompt(const std::string& options = "") {
    start_server();
    jump_.emplace("password");
    configure(jump_->port(), password_server::user, option("UserKnownHostsFile", jump_->known_hosts()));
    start_program("jump", options);
    window_.wait_for(password_prompt);
  }

  void wait_for_shell() {
    EXPECT_TRUE(eventually([&] {
      const auto screen = window_.screen();
      return screen.substr(0, screen.find_last_not_of('\n') + 1).ends_with("\n$ ");
    })) << window_.screen();
  }

  /// What was typed in answer has not been seen; now that the shell has the terminal, what is typed can be.
  void expect_restored_after(const std::string& secret) {
    wait_for_shell();
    EXPECT_THAT(window_.screen(), Not(HasSubstr(secret)));
    window_.type("stty -a | grep -o ' echo ' | tr e E");
    window_.wait_for(" Echo ");
  }

  void answer_prompt() {
    window_.wait_for(password_prompt);
    window_.type(password_server::password);
    window_.wait_for("listening on 127.0.0.1:");
  }

  /// At the prompt of a program that stays, and of one that is to go to the background: until then it is two
  /// processes.
  template <class Scene>
  void for_each_way(Scene scene) {
    const auto socket = (files() / "control").string();
    start_at_prompt();
    scene();
    window_.press("C-c");
    wait_for_shell();
    window_.clear();
    start_program("jump", "-f -S " + socket);
    window_.wait_for(password_prompt);
    scene();
    run({.arguments = {tunnel_binary(), "-S", socket, "-O", "exit"}});
  }

  ssh_key encrypted_copy(const ssh_key& of) {
    const auto copy = files() / "encrypted";
    std::filesystem::copy_file(of.private_file, copy);
    const auto changed =
        run({.arguments = {"ssh-keygen", "-q", "-p", "-P", "", "-N", "open sesame", "-f", copy.string()}});
    if (changed.exit_code != 0) throw std::runtime_error(changed.errors);
    return {copy};
  }

  static constexpr auto password_prompt = "tester@127.0.0.1's password: ";

  tmux window_;
  std::optional<password_server> jump_;
};

TEST_P(Prompt, ForThePasswordOfAJumpHostNamesIt) {
  start_server();
  const password_server jump("password");
  configure(jump.port(), password_server::user, option("UserKnownHostsFile", jump.known_hosts()));
  start_program();
  window_.wait_for("jump host 1 (jump): tester@127.0.0.1's password: ");
  window_.type("wrong horse");
  window_.wait_for("jump host 1 (jump): Permission denied, please try again.");
  window_.type(password_server::password);
  window_.wait_for("listening on 127.0.0.1:");
  window_.press("C-c");
  expect_restored_after(password_server::password);
}

TEST_P(Prompt, OfKeyboardInteractiveAtAJumpHostNamesIt) {
  start_server();
  const password_server jump("keyboard-interactive");
  configure(jump.port(), password_server::user, option("UserKnownHostsFile", jump.known_hosts()));
  start_program();
  window_.wait_for("jump host 1 (jump): (tester@127.0.0.1) Secret word: ");
  window_.type(password_server::password);
  window_.wait_for("listening on 127.0.0.1:");
  window_.press("C-c");
  expect_restored_after(password_server::password);
}

TEST_P(Prompt, ForThePassphraseOfAKeyForAJumpHostNamesIt) {
  start_server();
  const auto jump = make_server(kind_of_server());
  const auto key = encrypted_copy(jump->user_key());
  configure(jump->port(), jump->user(),
            option("UserKnownHostsFile", jump->known_hosts()) + option("IdentityFile", key.private_file));
  start_program();
  window_.wait_for("jump host 1 (jump): Enter passphrase for key '" + key.private_file.string() + "': ");
  window_.type("open sesame");
  window_.wait_for("listening on 127.0.0.1:");
  window_.press("C-c");
  expect_restored_after("open sesame");
}

TEST_P(Prompt, ForTheHostKeyOfAJumpHostNamesIt) {
  start_server();
  const auto jump = make_server(kind_of_server());
  const auto known = files() / "known";
  configure(jump->port(), jump->user(),
            option("UserKnownHostsFile", known) + option("IdentityFile", jump->user_key().private_file));
  start_program();
  window_.wait_for("jump host 1 (jump): The authenticity of host '" + jump->host_in_known_hosts() + "'");
  window_.wait_for("SHA256:");
  window_.type("perhaps");
  window_.wait_for("Please type 'yes', 'no' or the fingerprint");
  window_.type("yes");
  window_.wait_for("listening on 127.0.0.1:");
  EXPECT_THAT(read_file(known), HasSubstr(jump->host_key_line()));
}

TEST_P(Prompt, LeavesTheTerminalAsItWasWhenItIsInterrupted) {
  for_each_way([&] {
    window_.type_keys("half of a sec");
    window_.press("C-c");
    wait_for_shell();
    window_.type("echo ended $?");
    window_.wait_for("ended 130");
    expect_restored_after("half of a sec");
  });
}

TEST_P(Prompt, LeavesTheTerminalAsItWasWhenItIsStoppedAndAsksAnewAfterwards) {
  for_each_way([&] {
    window_.type_keys("half of a sec");
    window_.press("C-z");
    window_.wait_for("Stopped");
    expect_restored_after("half of a sec");
    window_.clear();
    window_.type("fg");
    answer_prompt();
    EXPECT_THAT(window_.screen(), Not(HasSubstr(password_server::password)));
  });
}

TEST_P(Prompt, InTheBackgroundWaitsForTheForeground) {
  for_each_way([&] {
    window_.press("C-z");
    window_.wait_for("Stopped");
    const auto jobs = (files() / "jobs").string();
    window_.type("bg; until jobs > " + jobs + "; grep 'S[t]opped (tty' " + jobs + "; do sleep 0.1; done");
    window_.wait_for("Stopped (tty ");
    window_.clear();
    window_.type("fg");
    answer_prompt();
  });
}

TEST_P(Prompt, DoesNotStopWhatWorksInTheBackground) {
  start_server();
  jump_.emplace("password");
  configure(jump_->port(), password_server::user, option("UserKnownHostsFile", jump_->known_hosts()));
  const auto socket = (files() / "control").string();
  start_program("--forget-secrets -S " + socket + " jump");
  window_.wait_for(password_prompt);
  window_.type(password_server::password);
  window_.wait_for("listening on 127.0.0.1:");
  window_.press("C-z");
  window_.wait_for("Stopped");
  window_.type("bg");
  window_.type(tunnel_binary() + " -S " + socket + " -O reconnect");
  window_.wait_for("waiting for an answer to");
  window_.clear();
  window_.type("jobs");
  window_.wait_for("Running");
  window_.clear();
  window_.type("fg");
  window_.wait_for(password_prompt);
  window_.type(password_server::password);
  window_.wait_for("connected to ");
}

// Who asks is the same with each engine.
TUNNEL_RUN_SCENARIO(Prompt, native_only);

}  // namespace
}  // namespace tunnel::integration
