#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/octets.hpp"
#include "base/secret.hpp"
#include "socks/address.hpp"
#include "socks/request.hpp"

namespace tunnel::socks {

/// UNAME and PASSWD (RFC 1929 section 2); SOCKS4's USERID is the user alone.
struct credentials {
  std::string user;
  secret password;
};

/// How a client's request ended.
struct verdict {
  enum class kind {
    /// The proxy has connected.
    connected,
    /// It wants a user and a password, and none were given.
    wants_credentials,
    /// Those that were given are not the right ones.
    credentials_refused,
    /// It did not connect.
    refused,
    /// What answers is no such proxy.
    not_a_proxy,
  };

  kind outcome = kind::connected;
  /// The reason, as part of a sentence; empty when connected. No text of the proxy's is in it.
  std::string reason;
};

/// The client's side of SOCKS4, SOCKS4a and SOCKS5 (RFC 1928, RFC 1929) for CONNECT.
///
/// Use: send what take_output() gives, read at most wanted() octets, feed() them, and again, until there is a
/// verdict. wanted() never goes beyond the proxy's answers, so what the target says behind them stays unread.
///
/// No I/O, no clock, no thread of its own. Memory: what one answer has, at most 262 octets.
class client_handshake {
 public:
  /// A name in `target` is for the proxy to look up: SOCKS4a's extension with version 4. The user and the
  /// password have at most 255 octets each, SOCKS4's user id no NUL; an IPv6 address is for SOCKS5 alone.
  /// Anything else is a bug in the caller and throws std::invalid_argument.
  client_handshake(version speak, address target, std::optional<credentials> known = std::nullopt);

  /// What to send now; nothing when it has been taken.
  /// It may have the password in it, and is the caller's to wipe.
  [[nodiscard]] octets take_output();

  /// How many octets to read next, at most; 0 when there is a verdict.
  [[nodiscard]] std::size_t wanted() const { return verdict_ ? 0 : expected_ - received_.size(); }

  /// Takes at most wanted() octets; more is a bug in the caller and throws std::length_error.
  void feed(octet_view data);

  [[nodiscard]] const std::optional<verdict>& outcome() const { return verdict_; }

 private:
  //  socks4_reply ─────────────────────────────────────────────────────────────┐
  //  selection ─┬────────────────────────────> reply_head ─> bound ─> rest ────┴─> verdict
  //             └─ username_password ─> status ──┘
  enum class state { socks4_reply, selection, status, reply_head, bound, rest };

  void expect(state next, std::size_t octets_of_it);
  void end(verdict::kind how, std::string reason = {});
  void ask_socks4();
  void greet();
  void ask_socks5();
  void on_complete();
  void on_socks4_reply();
  void on_selection();
  void on_status();
  void on_reply_head();
  void append_text(std::string_view text);

  address target_;
  std::optional<credentials> known_;
  octets output_;
  octets received_;
  std::size_t expected_ = 0;
  state state_ = state::selection;
  std::optional<verdict> verdict_;
};

}  // namespace tunnel::socks
