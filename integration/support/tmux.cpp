#include "support/tmux.hpp"

#include <csignal>
#include <stdexcept>

namespace tunnel::integration {

tmux::tmux(const std::map<std::string, std::string>& environment) {
  command start{.arguments = {"tmux", "-D", "-f", "/dev/null", "-S", (directory_ / "socket").string()},
                .environment = environment};
  server_.emplace(start);
  if (!eventually([this] { return tell({"start-server"}).exit_code == 0; }))
    throw timed_out("tmux: " + server_->errors());
  const auto begun = tell({"new-session", "-d", "-x", "120", "-y", "40", "env PS1='$ ' sh"});
  if (begun.exit_code != 0) throw std::runtime_error("tmux: " + begun.errors);
  wait_for("$ ");
}

tmux::~tmux() {
  // With it go the window and what runs there.
  server_->signal(SIGTERM);
  server_->wait();
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
