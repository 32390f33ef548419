#pragma once

#include <cstddef>

#include "base/secret.hpp"

namespace tunnel {

/// A secret that is kept for long: in memory of its own, which is not swapped out (mlock), in no core dump
/// and not given to children, and is overwritten when it goes.
///
/// The libraries' own locked heap (OPENSSL_secure_malloc) is not used: once it is there, libcrypto takes
/// private keys' numbers from it too, and fails when it is full.
class locked_secret {
 public:
  /// Throws std::bad_alloc when there is no memory. Where it cannot be locked, it is kept all the same.
  explicit locked_secret(const secret& value);
  locked_secret(locked_secret&& other) noexcept;
  locked_secret& operator=(locked_secret&& other) noexcept;
  locked_secret(const locked_secret&) = delete;
  locked_secret& operator=(const locked_secret&) = delete;
  ~locked_secret();

  /// A copy, for the moment in which it is needed.
  [[nodiscard]] secret copy() const;

  /// Whether it cannot be swapped out: the limit on locked memory (ulimit -l) may not allow it.
  [[nodiscard]] bool is_locked() const { return locked_; }

 private:
  // Whole pages.
  char* place_ = nullptr;
  std::size_t room_ = 0;
  std::size_t size_ = 0;
  bool locked_ = false;
};

}  // namespace tunnel
