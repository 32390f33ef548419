#pragma once

#include <unistd.h>

#include <utility>

namespace tunnel {

/// Owns a file descriptor, or none (-1).
class descriptor {
 public:
  descriptor() = default;
  explicit descriptor(int number) : number_(number) {}
  descriptor(descriptor&& other) noexcept : number_(other.release()) {}
  descriptor& operator=(descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      number_ = other.release();
    }
    return *this;
  }
  descriptor(const descriptor&) = delete;
  descriptor& operator=(const descriptor&) = delete;
  ~descriptor() { reset(); }

  [[nodiscard]] int get() const { return number_; }
  [[nodiscard]] bool valid() const { return number_ >= 0; }

  /// Gives it to the caller.
  [[nodiscard]] int release() { return std::exchange(number_, -1); }
  void reset() {
    if (valid()) ::close(release());
  }

 private:
  int number_ = -1;
};

}  // namespace tunnel
