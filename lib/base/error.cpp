#include "base/error.hpp"

#include <boost/throw_exception.hpp>
#include <stdexcept>

namespace tunnel {

void throw_exception_from_error(const error& failure, const boost::source_location& where) {
  boost::throw_exception(std::logic_error("unchecked error: " + failure.message), where);
}

error with_reason(std::string what, error_code code) {
  return {code, std::move(what) + ": " + code.message()};
}

}  // namespace tunnel
