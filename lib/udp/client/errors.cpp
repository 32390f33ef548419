#include "udp/client/errors.hpp"

#include <string>

namespace tunnel::udp {
namespace {

class udp_category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "udp"; }

  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::not_a_relay:
        return "not a UDP relay";
      case errc::relay_ended:
        return "the UDP relay ended";
      case errc::association_ended:
        return "the UDP relay ended the association";
      case errc::no_way:
        return "no way for datagrams";
    }
    return "unknown error";
  }
};

}  // namespace

const boost::system::error_category& category() {
  static const udp_category instance;
  return instance;
}

}  // namespace tunnel::udp
