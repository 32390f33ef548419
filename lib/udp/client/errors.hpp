#pragma once

#include "base/error.hpp"

namespace tunnel::udp {

/// Why there is no way for datagrams, or none any more.
enum class errc {
  /// What answers at the far end is not what was expected there.
  not_a_relay = 1,
  /// It was one, and it ended.
  relay_ended,
  /// It ended one association only.
  association_ended,
  /// None of the ways that could be tried leads anywhere.
  no_way,
};

const boost::system::error_category& category();

inline error_code make_error_code(errc value) {
  return {static_cast<int>(value), category()};
}

}  // namespace tunnel::udp

template <>
struct boost::system::is_error_code_enum<tunnel::udp::errc> : std::true_type {};
