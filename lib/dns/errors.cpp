#include "dns/errors.hpp"

#include <string>

namespace tunnel::dns {

namespace {

class dns_category final : public boost::system::error_category {
 public:
  [[nodiscard]] const char* name() const noexcept override { return "dns"; }

  [[nodiscard]] std::string message(int value) const override {
    switch (static_cast<errc>(value)) {
      case errc::no_such_name:
        return "no such name";
      case errc::no_answer:
        return "no answer from the name server";
      case errc::server_failure:
        return "the name server failed";
      case errc::malformed_answer:
        return "malformed answer";
      case errc::bad_query:
        return "not a query";
      case errc::busy:
        return "too many queries";
      case errc::no_server:
        return "no name server";
    }
    return "unknown DNS error";
  }
};

}  // namespace

const boost::system::error_category& category() {
  static const dns_category instance;
  return instance;
}

}  // namespace tunnel::dns
