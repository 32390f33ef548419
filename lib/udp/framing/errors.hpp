#pragma once

#include "base/error.hpp"

namespace tunnel::udp::framing {

/// Why a stream of frames ended. Each is final: what follows cannot be read.
enum class errc {
  /// No greeting where there had to be one: what runs there is no relay of ours.
  not_a_relay = 1,
  unknown_version,
  /// A length that no frame has.
  invalid_length,
  /// A frame of a good length that does not hold what its type says.
  malformed,
  /// The peer says why it ends.
  peer_failed,
};

const boost::system::error_category& category();
error_code make_error_code(errc value);

}  // namespace tunnel::udp::framing

template <>
struct boost::system::is_error_code_enum<tunnel::udp::framing::errc> : std::true_type {};
