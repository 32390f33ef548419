#pragma once

#include <string_view>

#include "session.hpp"
#include "ssh/native/core/errors.hpp"

/// What a client does about a server that breaks a rule.
namespace tunnel::ssh::native {

/// The client gave up for this reason, told the server so and why (RFC 4253 section 11.1), and has said
/// nothing since. `words`: part of its reason in words.
void expect_disconnect(const support::session& both, errc reason, std::string_view words = "");

/// The server broke a rule of the protocol.
inline void expect_violation(const support::session& both, std::string_view words = "") {
  expect_disconnect(both, errc::protocol_error, words);
}

/// Nobody has anything to complain about.
void expect_peace(const support::session& both);

/// The server itself disconnected: the client says nothing to that.
void expect_server_farewell(const support::session& both);

}  // namespace tunnel::ssh::native
