#pragma once

#include <boost/system/error_code.hpp>
#include <boost/system/result.hpp>
#include <string>
#include <utility>

namespace tunnel {

using boost::system::error_code;

/// Why something expected to fail at times did: a code to decide on and a sentence to show.
///
/// `code` belongs to the category of the layer that failed (or the system's). `message` is a sentence
/// that a user can act on: what failed, for which host, file or line, and what to try. Text that came
/// from a peer is sanitised before it is put in. Secrets never enter it.
struct error {
  error_code code;
  std::string message;
};

/// A value, or the error that stands in its place. Exceptions are kept for bugs and for exhausted
/// resources.
template <class T>
using result = boost::system::result<T, error>;

/// Called by result::value() when there is none: a bug in the caller.
[[noreturn]] void throw_exception_from_error(const error& failure, const boost::source_location& where);

/// An error of the given code whose message is `what`, a colon, and the code's own text.
error with_reason(std::string what, error_code code);

}  // namespace tunnel
