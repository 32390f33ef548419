#pragma once

#include <csignal>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "support/process.hpp"
#include "support/temp_directory.hpp"

namespace tunnel::integration {

/// Somebody else's program that listens on a port of 127.0.0.1 and passes connections on.
class relay_program {
 public:
  /// What to run, for the port that it is to listen on, with files in `directory`.
  using starter = std::function<command(std::uint16_t port, const temp_directory& directory)>;

  /// Throws when it does not come up.
  explicit relay_program(const starter& start);

  [[nodiscard]] std::uint16_t port() const { return port_; }
  /// "127.0.0.1:PORT".
  [[nodiscard]] std::string address() const { return "127.0.0.1:" + std::to_string(port_); }
  [[nodiscard]] std::string log() const { return process_->output() + process_->errors(); }
  void freeze() const { process_->signal(SIGSTOP); }

 private:
  temp_directory directory_;
  std::uint16_t port_ = 0;
  std::unique_ptr<process> process_;
};

/// Tinyproxy: HTTP CONNECT. Clients authenticate if there is a user.
relay_program::starter tinyproxy(const std::string& user = {}, const std::string& password = {});

/// Microsocks: SOCKS5. Clients authenticate if there is a user.
relay_program::starter microsocks(const std::string& user = {}, const std::string& password = {});

/// A key and a certificate for it, both in PEM.
struct certificate {
  std::filesystem::path file;
  std::filesystem::path key;
};

/// An authority that the system does not know.
class certificate_authority {
 public:
  certificate_authority();

  [[nodiscard]] std::filesystem::path file() const { return directory_ / "ca.pem"; }
  /// For `name` as subjectAltName has it: "DNS:ssh.example", "IP:127.0.0.1".
  [[nodiscard]] certificate issue(const std::string& name) const;
  /// One whose time is over.
  [[nodiscard]] certificate issue_expired(const std::string& name) const;

 private:
  temp_directory directory_;
};

/// Stunnel: speaks TLS with its clients and passes what is inside on to a port of 127.0.0.1. With `clients`
/// it lets those in that have a certificate of that authority.
relay_program::starter stunnel(const certificate& own, std::uint16_t behind, const std::string& clients = {});

}  // namespace tunnel::integration
