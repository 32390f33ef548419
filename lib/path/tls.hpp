#pragma once

#include <chrono>
#include <memory>

#include "path/dialler.hpp"
#include "path/tls_context.hpp"

namespace tunnel::path {

/// TLS with the host that is dialled, over what the dialler before gives. Errors: errc::tls_failed,
/// errc::certificate_refused, errc::timed_out, which name the far end.
class tls final : public dialler {
 public:
  /// `timeout`: for the TLS handshake.
  tls(std::unique_ptr<dialler> before, std::shared_ptr<const tls_context> context,
      std::chrono::steady_clock::duration timeout);

  awaitable<stream_result> dial(ssh::endpoint target, bool may_ask) override;

 private:
  std::unique_ptr<dialler> before_;
  std::shared_ptr<const tls_context> context_;
  std::chrono::steady_clock::duration timeout_;
};

}  // namespace tunnel::path
