#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/ssh_key.hpp"
#include "support/temp_directory.hpp"

namespace tunnel::integration {

/// The SSH servers that scenarios run against: two daemons, and servers made with libraries.
enum class server_kind { openssh, dropbear, asyncssh, paramiko, twisted, erlang, ssh2 };

/// "openssh".
std::string name_of(server_kind kind);

struct server_settings {
  /// Of the host key, as `make_key` takes it.
  std::string host_key_type = "ed25519";
  /// Lines for OpenSSH's sshd_config, or options of asyncssh.listen ("kex_algs=..."); the others have nothing
  /// of the kind.
  std::vector<std::string> config = {};
  /// Lines added to the /etc/hosts that the server sees: names that nobody else can resolve.
  std::vector<std::string> hosts = {};
  /// Lines of the PAM service that OpenSSH's sshd uses, in place of the system's; no PAM if empty.
  std::string pam = {};
  /// The /etc/resolv.conf that the server sees, and what it runs; the system's own if empty.
  std::string resolv_conf = {};
};

/// A throwaway SSH server on 127.0.0.1 that lets the current user in with one key. Its files live in a
/// directory of its own; nothing of the system's configuration is read or changed.
class ssh_server {
 public:
  virtual ~ssh_server();
  ssh_server(const ssh_server&) = delete;
  ssh_server& operator=(const ssh_server&) = delete;

  /// Starts it, always on the same port. Throws when it does not come up.
  void start();
  /// Kills it together with the sessions it serves.
  void stop();

  /// Stops answering, as behind a network that went away, and goes on.
  void freeze() const;
  void thaw() const;

  /// The processes that serve one connection each.
  [[nodiscard]] std::vector<pid_t> sessions() const;

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] std::string user() const;
  /// The key that is let in.
  [[nodiscard]] const ssh_key& user_key() const { return user_key_; }
  /// Lists this server's host key.
  [[nodiscard]] std::filesystem::path known_hosts() const { return directory_ / "known_hosts"; }
  /// "[127.0.0.1]:PORT", as known_hosts names it.
  [[nodiscard]] std::string host_in_known_hosts() const;
  /// "ssh-ed25519 AAAA...".
  [[nodiscard]] std::string host_key_line() const { return host_key_line_; }
  [[nodiscard]] std::string log() const { return process_ ? process_->errors() : earlier_log_; }

 protected:
  explicit ssh_server(server_settings settings);

  /// Makes the host key and says its public line.
  virtual std::string prepare() = 0;
  [[nodiscard]] virtual command start_command() const = 0;

  [[nodiscard]] const server_settings& settings() const { return settings_; }
  [[nodiscard]] std::filesystem::path file(std::string_view name) const { return directory_ / name; }

 private:
  [[nodiscard]] command with_files(command start) const;
  bool came_up();
  void signal_all(int number) const;

  server_settings settings_;
  temp_directory directory_;
  std::uint16_t port_ = 0;
  ssh_key user_key_;
  std::string host_key_line_;
  std::optional<process> process_;
  std::string earlier_log_;
};

/// Makes and starts one.
std::unique_ptr<ssh_server> make_server(server_kind kind, server_settings settings = {});

}  // namespace tunnel::integration
