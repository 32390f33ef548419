#include "support/ssh_server.hpp"

#include <pwd.h>

#include <csignal>
#include <stdexcept>
#include <system_error>

#include "support/dropbear.hpp"
#include "support/library_server.hpp"
#include "support/openssh.hpp"
#include "support/tcp.hpp"

namespace tunnel::integration {

std::string name_of(server_kind kind) {
  switch (kind) {
    case server_kind::openssh:
      return "openssh";
    case server_kind::dropbear:
      return "dropbear";
    case server_kind::asyncssh:
      return "asyncssh";
    case server_kind::paramiko:
      return "paramiko";
    case server_kind::twisted:
      return "twisted";
    case server_kind::erlang:
      return "erlang";
    case server_kind::ssh2:
      return "ssh2";
  }
  throw std::logic_error("unknown server");
}

ssh_server::ssh_server(server_settings settings) : settings_(std::move(settings)) {}

ssh_server::~ssh_server() {
  stop();
}

std::string ssh_server::user() const {
  return ::getpwuid(::geteuid())->pw_name;
}

std::string ssh_server::host_in_known_hosts() const {
  return "[127.0.0.1]:" + std::to_string(port_);
}

void ssh_server::start() {
  // Another test may take the free port before the server does: only the first start can choose again.
  int attempts = port_ == 0 ? 5 : 1;
  if (port_ == 0) {
    user_key_ = make_key(file("user_key"));
    host_key_line_ = prepare();
  }
  for (bool choose = port_ == 0; attempts > 0; --attempts) {
    if (choose) port_ = free_port();
    process_.emplace(with_files(start_command()));
    if (came_up()) {
      write_file(known_hosts(), host_in_known_hosts() + ' ' + host_key_line_ + '\n');
      return;
    }
  }
  throw std::runtime_error("the SSH server did not start: " + log());
}

command ssh_server::with_files(command start) const {
  if (!settings_.resolv_conf.empty()) {
    write_file(file("resolv.conf"), settings_.resolv_conf);
    start.replaced_paths["/etc/resolv.conf"] = file("resolv.conf");
    // What reads it there is run by a shell, whose start-up files may take their time.
    std::filesystem::create_directories(file("home"));
    start.replaced_paths.try_emplace(::getpwuid(::geteuid())->pw_dir, file("home"));
  }
  if (settings_.hosts.empty()) return start;
  std::string hosts = read_file("/etc/hosts") + '\n';
  for (const auto& line : settings_.hosts) hosts += line + '\n';
  write_file(file("hosts"), hosts);
  start.replaced_paths["/etc/hosts"] = file("hosts");
  return start;
}

bool ssh_server::came_up() {
  eventually([this] { return !process_->running() || accepts_connections("127.0.0.1", port_); });
  return process_->running();
}

void ssh_server::stop() {
  if (!process_) return;
  signal_all(SIGKILL);
  process_->kill();
  earlier_log_ = process_->errors();
  process_.reset();
}

void ssh_server::freeze() const {
  signal_all(SIGSTOP);
}
void ssh_server::thaw() const {
  signal_all(SIGCONT);
}

std::vector<pid_t> ssh_server::sessions() const {
  return child_processes(process_->pid());
}

void ssh_server::signal_all(int number) const {
  // Each session has a process of its own, which outlives the listening one.
  for (const auto pid : process_tree(process_->pid())) ::kill(pid, number);
}

std::unique_ptr<ssh_server> make_server(server_kind kind, server_settings settings) {
  std::unique_ptr<ssh_server> server;
  if (kind == server_kind::openssh)
    server = std::make_unique<openssh>(std::move(settings));
  else if (kind == server_kind::dropbear)
    server = std::make_unique<dropbear>(std::move(settings));
  else
    server = std::make_unique<library_server>(kind, std::move(settings));
  server->start();
  return server;
}

}  // namespace tunnel::integration
