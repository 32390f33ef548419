#include "udp/framing/errors.hpp"

#include <string>

namespace tunnel::udp::framing {
namespace {

class framing_category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "udp framing"; }

  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::not_a_relay:
        return "not a UDP relay";
      case errc::unknown_version:
        return "unknown version";
      case errc::invalid_length:
        return "invalid length";
      case errc::malformed:
        return "malformed message";
      case errc::peer_failed:
        return "the peer failed";
    }
    return "unknown error";
  }
};

}  // namespace

const boost::system::error_category& category() {
  static const framing_category instance;
  return instance;
}

error_code make_error_code(errc value) {
  return {static_cast<int>(value), category()};
}

}  // namespace tunnel::udp::framing
