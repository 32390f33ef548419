#pragma once

#include <utility>

#include "base/octets.hpp"

namespace tunnel::crypto {

/// Octets that are wiped when they go: keys, shared secrets, what was decrypted of a key's file.
class secret_octets {
 public:
  secret_octets() = default;
  explicit secret_octets(std::size_t size) : octets_(size) {}
  explicit secret_octets(octets&& value) : octets_(std::move(value)) {}
  secret_octets(secret_octets&& other) noexcept : octets_(std::exchange(other.octets_, {})) {}
  secret_octets& operator=(secret_octets&& other) noexcept {
    octets_.swap(other.octets_);
    return *this;
  }
  secret_octets(const secret_octets&) = delete;
  secret_octets& operator=(const secret_octets&) = delete;
  ~secret_octets();

  [[nodiscard]] octet_view view() const { return octets_; }
  octet_span span() { return octets_; }

 private:
  octets octets_;
};

}  // namespace tunnel::crypto
