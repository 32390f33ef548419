#include "ssh/keys/errors.hpp"

#include <string>

namespace tunnel::ssh::keys {

namespace {

class keys_category final : public boost::system::error_category {
 public:
  const char* name() const noexcept override { return "ssh.keys"; }

  std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::malformed:
        return "malformed";
      case errc::unsupported:
        return "unsupported";
      case errc::bad_signature:
        return "bad signature";
      case errc::wrong_passphrase:
        return "wrong passphrase";
      case errc::not_valid:
        return "not valid";
    }
    return "unknown key error";
  }
};

}  // namespace

const boost::system::error_category& category() {
  static const keys_category instance;
  return instance;
}

}  // namespace tunnel::ssh::keys
