#pragma once

#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "base/secret.hpp"

namespace tunnel::ssh {

/// The longest answer taken from a person or an askpass program, in octets with its line end. Far above
/// any passphrase, and what ssh reads; a longer one is refused rather than cut.
inline constexpr std::size_t max_answer = 1024;

/// Collects one line from a descriptor, in one place, and wipes that place.
class answer_buffer {
 public:
  answer_buffer() = default;
  answer_buffer(const answer_buffer&) = delete;
  answer_buffer& operator=(const answer_buffer&) = delete;
  ~answer_buffer() { explicit_bzero(octets_.data(), octets_.size()); }

  /// Reads once. Whether there may be more to come: not after end of input or an error. Not to be called
  /// when full.
  bool read_from(int source) {
    const ssize_t count = ::read(source, octets_.data() + length_, octets_.size() - length_);
    if (count < 0) return errno == EINTR || errno == EAGAIN;
    length_ += static_cast<std::size_t>(count);
    return count > 0;
  }

  [[nodiscard]] bool has_line() const { return text().find('\n') != std::string_view::npos; }
  [[nodiscard]] bool full() const { return length_ == octets_.size(); }

  /// What was read, up to the first line end.
  [[nodiscard]] secret line() const {
    return secret(std::string(text().substr(0, text().find_first_of("\r\n"))));
  }

 private:
  [[nodiscard]] std::string_view text() const { return {octets_.data(), length_}; }

  std::array<char, max_answer> octets_{};
  std::size_t length_ = 0;
};

}  // namespace tunnel::ssh
