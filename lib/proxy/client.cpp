#include "proxy/client.hpp"

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <tuple>
#include <utility>

#include "aio/deadline.hpp"

namespace tunnel::proxy {

namespace {

// What a client may still send, and for how long, after its last answer.
constexpr std::size_t max_discarded = 64 * 1024;
constexpr auto discard_time = std::chrono::seconds(1);

using written = std::tuple<boost::system::error_code, std::size_t>;

awaitable<bool> discard_input(tcp::socket& socket) {
  std::array<char, 4096> ignored{};
  std::size_t total = 0;
  while (total < max_discarded) {
    auto [failure, count] = co_await socket.async_read_some(asio::buffer(ignored), as_tuple);
    if (failure) co_return true;
    total += count;
  }
  co_return false;
}

}  // namespace

client::client(tcp::socket socket, counter count) : socket_(std::move(socket)), count_(std::move(count)) {
  boost::system::error_code ignored;
  address_ = socket_.remote_endpoint(ignored);
  socket_.non_blocking(true, ignored);
  socket_.set_option(tcp::no_delay(true), ignored);
  // For one that vanishes without a word, which it can where -g lets it come from afar.
  socket_.set_option(asio::socket_base::keep_alive(true), ignored);
  count_->fetch_add(1, std::memory_order_relaxed);
}

client::~client() {
  if (!count_) return;
  boost::system::error_code ignored;
  socket_.close(ignored);
  count_->fetch_sub(1, std::memory_order_relaxed);
}

std::string client::name() const {
  const auto host = address_.address().to_string();
  return (address_.address().is_v6() ? '[' + host + ']' : host) + ':' + std::to_string(address_.port());
}

// Its options go with the descriptor, but for what Asio itself remembers of it.
client::client(tcp::socket socket, client&& from)
    : socket_(std::move(socket)), address_(from.address_), count_(std::move(from.count_)) {
  boost::system::error_code ignored;
  socket_.non_blocking(true, ignored);
}

client client::moved_to(const asio::any_io_executor& executor) && {
  tcp::socket moved(executor, address_.protocol(), socket_.release());
  return {std::move(moved), std::move(*this)};
}

awaitable<void> client_left(tcp::socket& socket, bool has_sent) {
  while (!has_sent) {
    auto [failure] = co_await socket.async_wait(tcp::socket::wait_read, as_tuple);
    if (failure) co_return;
    octet next = 0;
    const auto count = ::recv(socket.native_handle(), &next, 1, MSG_PEEK | MSG_DONTWAIT);
    if (count == 0 || (count < 0 && errno != EAGAIN && errno != EINTR)) co_return;
    has_sent = count > 0;
  }
  co_await socket.async_wait(tcp::socket::wait_error, as_tuple);
}

awaitable<void> send_and_close(tcp::socket& socket, octets last) {
  boost::system::error_code ignored;
  auto sending = asio::async_write(socket, asio::buffer(last), as_tuple);
  const auto sent = co_await aio::within<written>(discard_time, std::move(sending));
  if (sent && !std::get<0>(*sent)) {
    socket.shutdown(tcp::socket::shutdown_send, ignored);
    auto discarding = discard_input(socket);
    co_await aio::within<bool>(discard_time, std::move(discarding));
  }
  socket.close(ignored);
}

}  // namespace tunnel::proxy
