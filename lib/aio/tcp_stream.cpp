#include "aio/tcp_stream.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>

#include <memory>
#include <utility>

namespace tunnel::aio {

namespace {

tcp_stream::io_result to_result(boost::system::error_code failure, std::size_t count) {
  if (failure == asio::error::eof) return std::size_t{0};
  if (failure) return failure;
  return count;
}

}  // namespace

awaitable<boost::system::error_code> wait_for(byte_stream& stream, direction way) {
  // A timer that never expires is the event: the wait's handler cancels it.
  auto done =
      std::make_shared<asio::steady_timer>(stream.get_executor(), asio::steady_timer::time_point::max());
  auto outcome = std::make_shared<boost::system::error_code>();
  stream.async_wait(way, [done, outcome](boost::system::error_code failure) {
    *outcome = failure;
    done->cancel();
  });
  co_await done->async_wait(as_tuple);
  co_return *outcome;
}

tcp_stream::tcp_stream(tcp::socket socket) : socket_(std::move(socket)) {
  socket_.non_blocking(true);
  boost::system::error_code ignored;
  // Advisory: a socket that refuses it still carries every octet.
  socket_.set_option(tcp::no_delay(true), ignored);
  local_ = socket_.local_endpoint(ignored);
  remote_ = socket_.remote_endpoint(ignored);
  peer_ = remote_.address().to_string() + " port " + std::to_string(remote_.port());
}

tcp_stream::io_result tcp_stream::read_some(octet_span data) {
  boost::system::error_code failure;
  const auto count = socket_.read_some(asio::buffer(data.data(), data.size()), failure);
  if (!failure && count < data.size()) acknowledge();
  return to_result(failure, count);
}

// sshd leaves Nagle's algorithm on until a session channel exists: the end of what it writes leaves only
// when all before it was acknowledged, which Linux puts off for up to 40 ms.
void tcp_stream::acknowledge() {
  static constexpr int on = 1;
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

tcp_stream::io_result tcp_stream::write_some(octet_view data) {
  boost::system::error_code failure;
  const auto count = socket_.write_some(asio::buffer(data.data(), data.size()), failure);
  return to_result(failure, count);
}

void tcp_stream::async_wait(direction way, wait_handler handler) {
  const auto type = way == direction::read ? tcp::socket::wait_read : tcp::socket::wait_write;
  socket_.async_wait(type, std::move(handler));
}

void tcp_stream::close() noexcept {
  boost::system::error_code ignored;
  socket_.close(ignored);
}

}  // namespace tunnel::aio
