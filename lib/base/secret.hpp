#pragma once

#include <cstring>
#include <string>
#include <string_view>
#include <utility>

namespace tunnel {

/// A password, passphrase or answer. Its octets are overwritten when it goes, and it never converts to a
/// loggable type by itself. Movable; copying is spelled out with `clone()`.
class secret {
 public:
  secret() = default;
  explicit secret(std::string&& value) : value_(value) { wipe(value); }
  // NOLINTNEXTLINE(performance-move-constructor-init): see wipe().
  secret(secret&& other) noexcept : value_(other.value_) { wipe(other.value_); }
  secret& operator=(secret&& other) noexcept {
    if (this != &other) {
      wipe(value_);
      value_ = other.value_;
      wipe(other.value_);
    }
    return *this;
  }
  secret(const secret&) = delete;
  secret& operator=(const secret&) = delete;
  ~secret() { wipe(value_); }

  [[nodiscard]] secret clone() const { return secret(std::string(value_)); }

  /// The octets themselves, for the call that needs them. Valid while this object lives unchanged.
  [[nodiscard]] const std::string& reveal() const { return value_; }
  [[nodiscard]] bool empty() const { return value_.empty(); }

 private:
  // Copied before being wiped rather than moved: a moved-from short string keeps its octets.
  static void wipe(std::string& text) {
    explicit_bzero(text.data(), text.size());
    text.clear();
  }

  std::string value_;
};

}  // namespace tunnel
