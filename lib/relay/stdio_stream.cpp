#include "relay/stdio_stream.hpp"

#include <utility>

namespace tunnel::relay {

using descriptor = asio::posix::stream_descriptor;

stdio_stream::stdio_stream(asio::any_io_executor executor, int input, int output)
    : input_(executor, input), output_(executor, output) {
  input_.non_blocking(true);
  output_.non_blocking(true);
}

stdio_stream::io_result stdio_stream::read_some(octet_span data) {
  error_code failure;
  const auto count = input_.read_some(asio::buffer(data.data(), data.size()), failure);
  // A socket pair's other end may have gone with something of ours unread.
  if (failure == asio::error::eof || failure == asio::error::connection_reset) return std::size_t{0};
  if (failure) return failure;
  return count;
}

stdio_stream::io_result stdio_stream::write_some(octet_view data) {
  error_code failure;
  const auto count = output_.write_some(asio::buffer(data.data(), data.size()), failure);
  if (failure) return failure;
  return count;
}

void stdio_stream::async_wait(aio::direction way, wait_handler handler) {
  if (way == aio::direction::read) {
    input_.async_wait(descriptor::wait_read, std::move(handler));
  } else {
    output_.async_wait(descriptor::wait_write, std::move(handler));
  }
}

void stdio_stream::close() noexcept {
  error_code ignored;
  input_.close(ignored);
  output_.close(ignored);
}

}  // namespace tunnel::relay
