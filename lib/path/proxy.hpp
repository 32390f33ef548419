#pragma once

#include <memory>
#include <optional>
#include <string>

#include "path/dialler.hpp"
#include "path/proxy_url.hpp"
#include "socks/client_handshake.hpp"
#include "ssh/authentication.hpp"
#include "ssh/prompt.hpp"

namespace tunnel::path {

/// Reaches hosts through a proxy: HTTP CONNECT or SOCKS. For https:// the dialler before it does TLS.
///
/// Errors: errc::proxy_refused, errc::proxy_authentication, errc::not_a_proxy, errc::timed_out, behind
/// "http proxy host:port: ".
class proxy final : public dialler {
 public:
  /// `first`: it is reached without another proxy in front, so that errors on the way to it are its own.
  /// `timeout`: for its answers. `questions` outlives this.
  proxy(std::unique_ptr<dialler> before, proxy_settings at, bool first,
        std::chrono::steady_clock::duration timeout, ssh::prompter& questions,
        ssh::secret_keeping secrets = ssh::secret_keeping::kept);

  awaitable<stream_result> dial(ssh::endpoint target, bool may_ask) override;

 private:
  awaitable<stream_result> attempt(ssh::endpoint target, const std::optional<socks::credentials>& known,
                                   bool may_ask);
  awaitable<result<void>> ask(aio::byte_stream& stream, const ssh::endpoint& target,
                              const std::optional<socks::credentials>& known);
  [[nodiscard]] result<std::optional<socks::credentials>> credentials(bool may_ask);
  [[nodiscard]] bool asks_for_password() const;
  [[nodiscard]] result<void> judge(const socks::verdict& answer, const ssh::endpoint& target) const;
  [[nodiscard]] error located(error_code code, const std::string& what) const;

  std::unique_ptr<dialler> before_;
  proxy_settings at_;
  bool first_;
  // "http proxy host:port".
  std::string name_;
  std::chrono::steady_clock::duration timeout_;
  ssh::prompter& questions_;
  ssh::remembered_secrets memory_;
};

}  // namespace tunnel::path
