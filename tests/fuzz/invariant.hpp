#pragma once

#include <algorithm>
#include <cstdlib>

#include "base/error.hpp"

/// What the fuzz targets share in saying what must hold.
namespace tunnel::fuzz {

/// Ends the run where it does not hold: libFuzzer then keeps the input and shows the stack.
inline void require(bool holds) {
  if (!holds) std::abort();
}

/// An error has a code to decide on, and a sentence that is safe to be shown: a peer may have had its part
/// in it.
inline void require_explained(const error& why) {
  const auto is_control = [](char each) { return (each >= 0 && each < ' ') || each == 0x7f; };
  require(why.code.failed() && !why.message.empty());
  require(std::ranges::none_of(why.message, is_control));
}

}  // namespace tunnel::fuzz
