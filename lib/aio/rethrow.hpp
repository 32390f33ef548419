#pragma once

#include <exception>

namespace tunnel::aio {

/// How a coroutine is spawned that nobody waits for: only a bug or exhausted memory throws through a
/// coroutine of this project, and that ends whatever its executor runs on.
inline void rethrow(std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
}

}  // namespace tunnel::aio
