#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.hpp"
#include "ssh/native/core/inbound_buffer.hpp"

namespace tunnel::ssh::native {

/// Reads the server's identification string (RFC 4253 section 4.2) and the lines before it.
class identification_reader {
 public:
  /// Specification: without CR LF, RFC 4253 section 4.2.
  static constexpr std::size_t max_length = 253;
  /// Policy: lines before it, and their octets. Real servers send a notice of a few lines.
  static constexpr std::size_t max_lines = 1024;
  static constexpr std::size_t max_line = 8192;
  static constexpr std::size_t max_total = std::size_t{64} * 1024;

  /// The identification string without its line ending, once it is there; nothing: more is needed.
  /// Errors: a line too long, too many, a NUL, another protocol version.
  result<std::optional<std::string>> next(inbound_buffer& from);

 private:
  result<std::optional<std::string>> judge(std::string_view line);

  std::size_t lines_ = 0;
  std::size_t total_ = 0;
};

}  // namespace tunnel::ssh::native
