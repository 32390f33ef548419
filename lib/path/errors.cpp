#include "path/errors.hpp"

#include <string>

namespace tunnel::path {
namespace {

class path_category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "path"; }

  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::malformed:
        return "malformed";
      case errc::proxy_authentication:
        return "the proxy wants other credentials";
      case errc::proxy_refused:
        return "the proxy refused";
      case errc::not_a_proxy:
        return "not such a proxy";
      case errc::timed_out:
        return "no answer in time";
      case errc::tls_failed:
        return "TLS failed";
      case errc::certificate_refused:
        return "certificate refused";
      case errc::command_failed:
        return "the ProxyCommand cannot be run";
      case errc::command_ended:
        return "the ProxyCommand ended";
      case errc::jump_host_lost:
        return "the connection to a jump host was lost";
    }
    return "unknown error";
  }
};

}  // namespace

const boost::system::error_category& category() {
  static const path_category instance;
  return instance;
}

}  // namespace tunnel::path
