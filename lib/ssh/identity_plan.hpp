#pragma once

#include <string>
#include <vector>

#include "config/settings.hpp"
#include "ssh/userauth.hpp"

namespace tunnel::ssh {

/// Which keys to offer a server.
struct identity_plan {
  /// In the order in which they are to be offered.
  std::vector<identity> keys;
  /// What the user named and is not among them, each with the reason, as "PATH not tried (...)".
  std::vector<std::string> left_out;
};

/// Puts together the keys of IdentityFile and CertificateFile and those that the agent holds, `held`, as ssh
/// does: the certificates that the user named; the agent's keys that the user named, in the agent's order;
/// the agent's others, unless IdentitiesOnly is set; then the keys in files, each with the certificate that
/// lies beside it. Whoever holds a certificate's key, a file or the agent, signs for the certificate. RSA
/// keys below RequiredRSASize are left out.
///
/// `certificates`: whether the engine takes those in files. Reads the files, but no private key.
identity_plan plan_identities(const config::settings& options, std::vector<identity> held, bool certificates);

}  // namespace tunnel::ssh
