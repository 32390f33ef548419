#pragma once

#include <optional>
#include <string>

#include "base/error.hpp"

namespace tunnel::relay {

/// Gives up what a relay does not need: another user than root, no groups beside that user's own, no
/// capabilities, no way to gain any of it again by running a program (PR_SET_NO_NEW_PRIVS).
///
/// Root becomes `user`, or nobody when none is named; others stay who they are, and naming a user is an error
/// for them. `user` "root" says that root is to stay root, without capabilities. Call it after binding and
/// before there are threads. Errors: a sentence; nothing is to be served then.
result<void> drop_privileges(const std::optional<std::string>& user);

}  // namespace tunnel::relay
