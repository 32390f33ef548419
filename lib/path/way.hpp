#pragma once

#include <memory>
#include <string>
#include <vector>

#include "path/dialler.hpp"
#include "path/direct.hpp"
#include "path/jump.hpp"
#include "path/proxy_url.hpp"
#include "path/tls_context.hpp"
#include "ssh/prompt.hpp"

namespace tunnel::path {

/// The layers of a way, in the order in which they are passed.
struct plan {
  /// TCP to whatever comes first.
  direct_settings first;
  /// In place of TCP: ProxyCommand, expanded. Empty: none.
  std::string command;
  /// The first is reached by TCP, each further one through the one before it.
  std::vector<proxy_settings> proxies;
  /// Whom https:// proxies' certificates are to be believed by; needed where there are any.
  std::shared_ptr<const tls_context> proxy_tls;
  /// TLS with the first jump host, or with the server where there is none; null: none.
  std::shared_ptr<const tls_context> tls;
  /// Jump hosts, each with its engine.
  std::vector<hop> hops;
  /// Passwords of proxies and of jump hosts.
  ssh::secret_keeping secrets = ssh::secret_keeping::kept;
};

/// Puts the layers together: each dials through the one before it. `questions` outlives what comes of it.
std::unique_ptr<dialler> make_way(plan from, ssh::prompter& questions);

}  // namespace tunnel::path
