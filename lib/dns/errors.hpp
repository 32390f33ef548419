#pragma once

#include <boost/system/error_category.hpp>
#include <boost/system/error_code.hpp>
#include <type_traits>

namespace tunnel::dns {

/// Why a name has no addresses, or a query no answer.
enum class errc {
  /// There is no such name (NXDOMAIN), or it has no records of the wanted type.
  no_such_name = 1,
  /// No name server answered within the time and tries that there are.
  no_answer,
  /// A name server answered that it cannot or will not say (SERVFAIL, REFUSED and the like).
  server_failure,
  /// What came is no answer to what was asked.
  malformed_answer,
  /// What was to be asked is no name or no query.
  bad_query,
  /// Too many queries wait already.
  busy,
  /// There is no name server to ask.
  no_server,
};

const boost::system::error_category& category();

inline boost::system::error_code make_error_code(errc value) {
  return {static_cast<int>(value), category()};
}

}  // namespace tunnel::dns

template <>
struct boost::system::is_error_code_enum<tunnel::dns::errc> : std::true_type {};
