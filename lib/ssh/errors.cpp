#include "ssh/errors.hpp"

#include <string>

namespace tunnel::ssh {

namespace {

class ssh_category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "ssh"; }

  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::administratively_prohibited:
        return "administratively prohibited";
      case errc::connect_failed:
        return "connect failed";
      case errc::unknown_channel_type:
        return "unknown channel type";
      case errc::resource_shortage:
        return "resource shortage";
      case errc::open_failed:
        return "open failed";
      case errc::open_timeout:
        return "no answer in time";
      case errc::connection_lost:
        return "connection lost";
      case errc::handshake_failed:
        return "handshake failed";
      case errc::host_key_refused:
        return "host key refused";
      case errc::authentication_failed:
        return "authentication failed";
      case errc::secret_awaited:
        return "a secret is awaited";
      case errc::request_refused:
        return "request refused";
      case errc::unsupported_by_engine:
        return "not supported by this engine";
    }
    return "unknown SSH error";
  }
};

}  // namespace

const boost::system::error_category& category() {
  static const ssh_category instance;
  return instance;
}

}  // namespace tunnel::ssh
