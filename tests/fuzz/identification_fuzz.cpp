// Any octets give an identification string, a wait for more or an error, and the same however they are split.
// A string is one that RFC 4253 section 4.2 allows, and what follows it stays unread.

#include <cstdint>
#include <optional>
#include <string>

#include "invariant.hpp"
#include "script.hpp"
#include "ssh/native/core/identification.hpp"

namespace {

using namespace tunnel;
using namespace tunnel::fuzz;
using namespace tunnel::ssh::native;

struct outcome {
  std::optional<std::string> line;
  std::optional<error_code> failure;
  bool operator==(const outcome&) const = default;
};

inbound_buffer& empty_buffer() {
  static inbound_buffer buffer;
  buffer.consume(buffer.unread().size());
  buffer.room();
  return buffer;
}

void check(const std::string& line, octet_view stream, std::size_t unread) {
  require(line.starts_with("SSH-2.0-") || line.starts_with("SSH-1.99-"));
  require(line.size() <= identification_reader::max_length);
  require(line.find('\0') == line.npos && line.find('\n') == line.npos);
  // It ends with a line feed, behind which nothing was taken.
  const auto taken = as_text(stream.first(stream.size() - unread));
  require(taken.ends_with(line + "\n") || taken.ends_with(line + "\r\n"));
}

outcome read(octet_view stream, std::optional<std::uint32_t> split_seed) {
  auto& buffer = empty_buffer();
  identification_reader reader;
  splitter pieces(split_seed.value_or(0));
  std::size_t fed = 0;
  while (fed < stream.size()) {
    const auto left = stream.size() - fed;
    const auto piece = stream.subspan(fed, split_seed ? pieces.next(left) : left);
    std::ranges::copy(piece, buffer.room().begin());
    buffer.add(piece.size());
    fed += piece.size();
    const auto line = reader.next(buffer);
    if (!line) {
      require_explained(line.error());
      return {.line = {}, .failure = line.error().code};
    }
    if (*line) {
      check(**line, stream.first(fed), buffer.unread().size());
      return {.line = **line, .failure = {}};
    }
    // What waits is less than a line.
    require(buffer.unread().size() <= identification_reader::max_line);
  }
  return {};
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const octet_view stream(data, size);
  require(read(stream, seed_of(stream)) == read(stream, std::nullopt));
  return 0;
}
