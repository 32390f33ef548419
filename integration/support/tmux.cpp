#include "support/tmux.hpp"

#include <stdexcept>

namespace tunnel::integration {

tmux::tmux() {
  // Tmux goes to the background by itself. Should the test die, the shell's time ends, and tmux with it.
  const auto begun = tell({"-f", "/dev/null", "new-session", "-d", "-x", "120", "-y", "40",
                           "exec env PS1='$ ' timeout --foreground 120 sh"});
  if (begun.exit_code != 0) throw std::runtime_error("tmux: " + begun.errors);
  wait_for("$ ");
}

tmux::~tmux() {
  // With it go the window and what runs there.
  tell({"kill-server"});
}

finished tmux::tell(const std::vector<std::string>& words) const {
  command asking{.arguments = {"tmux", "-S", (directory_ / "socket").string()}};
  asking.arguments.insert(asking.arguments.end(), words.begin(), words.end());
  return run(asking);
}

void tmux::type_keys(const std::string& keys) const {
  if (tell({"send-keys", "-l", "--", keys}).exit_code != 0) throw std::runtime_error("tmux: send-keys");
}

void tmux::press(const std::string& key) const {
  if (tell({"send-keys", key}).exit_code != 0) throw std::runtime_error("tmux: send-keys");
}

void tmux::type(const std::string& line) const {
  type_keys(line);
  press("Enter");
}

void tmux::clear() const {
  tell({"send-keys", "-R"});
  tell({"clear-history"});
}

std::string tmux::screen() const {
  return tell({"capture-pane", "-p", "-J", "-S", "-"}).output;
}

void tmux::wait_for(std::string_view text, milliseconds limit) const {
  std::string seen;
  const bool came = eventually(
      [&] {
        seen = screen();
        return seen.find(text) != std::string::npos;
      },
      limit);
  if (!came) throw timed_out("'" + std::string(text) + "' in a window that shows: " + seen);
}

}  // namespace tunnel::integration
