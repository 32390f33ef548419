#include "ssh/native/core/errors.hpp"

#include <utility>

namespace tunnel::ssh::native {

namespace {

class native_category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "ssh.native"; }

  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::host_not_allowed_to_connect:
        return "host not allowed to connect";
      case errc::protocol_error:
        return "protocol error";
      case errc::key_exchange_failed:
        return "key exchange failed";
      case errc::reserved:
        return "reserved";
      case errc::mac_error:
        return "MAC error";
      case errc::compression_error:
        return "compression error";
      case errc::service_not_available:
        return "service not available";
      case errc::protocol_version_not_supported:
        return "protocol version not supported";
      case errc::host_key_not_verifiable:
        return "host key not verifiable";
      case errc::connection_lost:
        return "connection lost";
      case errc::by_application:
        return "by application";
      case errc::too_many_connections:
        return "too many connections";
      case errc::auth_cancelled_by_user:
        return "authentication cancelled by user";
      case errc::no_more_auth_methods_available:
        return "no more authentication methods available";
      case errc::illegal_user_name:
        return "illegal user name";
      case errc::disconnected:
        return "disconnected by the server";
    }
    return "unknown SSH error";
  }
};

}  // namespace

const boost::system::error_category& category() {
  static const native_category instance;
  return instance;
}

error violation(std::string what) {
  return {make_error_code(errc::protocol_error), "protocol error: " + std::move(what)};
}

}  // namespace tunnel::ssh::native
