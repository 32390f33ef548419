#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>

#include "process.hpp"

namespace tunnel::bench {

/// OpenSSH's sshd on a port of loopback, with keys of its own in a temporary folder, that lets the user
/// who runs the benchmark in. Throws std::runtime_error when it cannot be started.
class ssh_server {
 public:
  /// `programs`: a folder where the login shell is to look for programs first.
  explicit ssh_server(const std::filesystem::path& programs);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] pid_t id() const { return daemon_->id(); }

  /// Makes known_hosts() accept the server's key on `port` too: that of a relay in front of it.
  void add_known_port(std::uint16_t port);

  [[nodiscard]] const std::string& user() const { return user_; }
  [[nodiscard]] std::filesystem::path user_key() const { return folder_.path() / "user_key"; }
  [[nodiscard]] std::filesystem::path known_hosts() const { return folder_.path() / "known_hosts"; }
  /// The folder, for what else is temporary.
  [[nodiscard]] const std::filesystem::path& folder() const { return folder_.path(); }

  /// Waits until the sessions of clients that have gone are gone too, for 3 s at most.
  void settle() const;

 private:
  [[nodiscard]] std::filesystem::path host_key() const { return folder_.path() / "host_key"; }
  void make_key(const std::filesystem::path& file) const;
  void write_configuration(const std::filesystem::path& programs) const;
  void start();

  temporary_folder folder_;
  std::string user_;
  std::uint16_t port_ = 0;
  std::unique_ptr<process> daemon_;
};

}  // namespace tunnel::bench
