#pragma once

#include <cstddef>
#include <optional>

/// Makes the Nth of some operation fail, and counts them all. Nothing fails while an exempt lives: what a
/// test does for itself is not under test.
namespace tunnel::ssh::native {

class fail_nth {
 public:
  /// Begins to count anew. Nothing: none fails.
  void arm(std::optional<std::size_t> nth);
  void disarm() { armed_ = false; }

  /// Whether this one fails.
  bool now();

  [[nodiscard]] std::size_t count() const { return count_; }
  /// Whether there were enough of them for the Nth to fail.
  [[nodiscard]] bool failed() const { return failed_; }

 private:
  bool armed_ = false;
  std::optional<std::size_t> nth_;
  std::size_t count_ = 0;
  bool failed_ = false;
};

class exempt {
 public:
  exempt();
  exempt(const exempt&) = delete;
  exempt& operator=(const exempt&) = delete;
  ~exempt();
};

/// Of this program's operator new: std::bad_alloc is thrown.
fail_nth& allocations();
/// Of what lib/crypto calls in libcrypto: it says that it failed.
fail_nth& libcrypto_calls();
/// What a function of libcrypto's that returns a number says when it fails: 0 as a rule, a negative number at
/// times.
void set_libcrypto_failure(int value);

}  // namespace tunnel::ssh::native
