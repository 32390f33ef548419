#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/octets.hpp"
#include "socks/client_handshake.hpp"
#include "ssh/endpoint.hpp"

namespace tunnel::path {

/// The client's side of HTTP CONNECT (RFC 9110 section 9.3.6), with Basic authentication (RFC 7617).
///
/// Use: as socks::client_handshake. It wants one octet at a time, since nothing but its content says where
/// the proxy's answer ends and the target's first words begin.
///
/// No I/O, no clock. Memory: one line of the answer. Limits: max_line for each, max_head for all.
class http_connect {
 public:
  static constexpr std::size_t max_line = 8 * 1024;
  static constexpr std::size_t max_head = 32 * 1024;

  /// A user has no colon. Anything else is a bug in the caller and throws std::invalid_argument.
  http_connect(const ssh::endpoint& target, const std::optional<socks::credentials>& known);

  [[nodiscard]] octets take_output();
  [[nodiscard]] std::size_t wanted() const { return verdict_ ? 0 : 1; }
  void feed(octet_view data);

  /// Reasons have the proxy's words in them, sanitised.
  [[nodiscard]] const std::optional<socks::verdict>& outcome() const { return verdict_; }

 private:
  void append(std::string_view text);
  void append_credentials(const socks::credentials& known);
  void take(octet value);
  void on_line();
  void on_status_line();
  void on_field_line();
  void on_head();
  void end(socks::verdict::kind how, std::string reason = {});

  bool knows_user_;
  octets output_;
  std::string line_;
  std::size_t taken_ = 0;
  // 0 until the status line was read.
  unsigned status_ = 0;
  std::string reason_;
  // Of Proxy-Authenticate (RFC 9110 section 11.7.1).
  std::vector<std::string> schemes_;
  std::optional<socks::verdict> verdict_;
};

}  // namespace tunnel::path
