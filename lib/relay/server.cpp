#include "relay/server.hpp"

#include <sys/socket.h>

#include <charconv>
#include <chrono>
#include <string>
#include <utility>

#include "aio/address.hpp"
#include "aio/tcp_stream.hpp"
#include "base/log.hpp"

namespace tunnel::relay {
namespace {

// Between two looks whether descriptors are to be had again.
constexpr auto accept_pause = std::chrono::milliseconds(200);

error no_address(std::string_view text) {
  return {make_error_code(boost::system::errc::invalid_argument),
          "'" + std::string(text) + "' is no place to listen: write a port, 127.0.0.1:7300 or [::1]:7300"};
}

}  // namespace

result<tcp::endpoint> parse_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  const auto digits = colon == std::string_view::npos ? text : text.substr(colon + 1);
  std::uint16_t port = 0;
  const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), port);
  if (wrong != std::errc{} || end != digits.data() + digits.size()) return no_address(text);
  if (colon == std::string_view::npos) return tcp::endpoint(asio::ip::address_v4::loopback(), port);
  auto host = std::string(text.substr(0, colon));
  if (host == "localhost") host = "127.0.0.1";
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  error_code failure;
  const auto address = asio::ip::make_address(host, failure);
  if (failure || address.is_v6() != bracketed) return no_address(text);
  return tcp::endpoint(address, port);
}

server::server(asio::any_io_executor executor, const policy& shared, std::size_t clients)
    : policy_(shared),
      limit_(clients),
      resolver_(executor),
      room_(std::make_unique<frame_room>()),
      acceptor_(executor),
      pause_(executor) {}

server::~server() {
  close();
}

result<void> server::listen(const tcp::endpoint& address) {
  error_code failure;
  acceptor_.open(address.protocol(), failure);
  if (!failure) acceptor_.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure && address.address().is_v6()) acceptor_.set_option(asio::ip::v6_only(true), failure);
  if (!failure) acceptor_.bind(address, failure);
  if (!failure) acceptor_.listen(asio::socket_base::max_listen_connections, failure);
  if (failure) return with_reason("cannot listen on " + aio::to_text(address), failure);
  accept();
  return boost::system::in_place_value;
}

std::string server::address() const {
  error_code ignored;
  return aio::to_text(acceptor_.local_endpoint(ignored));
}

void server::accept() {
  accepting_ = clients_.size() < limit_;
  if (!accepting_) return;
  acceptor_.async_accept([this](error_code failure, tcp::socket socket) {
    if (failure == asio::error::operation_aborted) return;
    if (failure) return accept_later();
    serve(std::move(socket));
    accept();
  });
}

// Most likely descriptors are short; a client that was gone before it was accepted has no hurry.
void server::accept_later() {
  pause_.expires_after(accept_pause);
  pause_.async_wait([this](error_code failure) {
    if (!failure) accept();
  });
}

void server::serve(tcp::socket socket) {
  error_code ignored;
  // A client whose machine is gone shall not count for ever.
  socket.set_option(asio::socket_base::keep_alive(true), ignored);
  auto made = std::make_shared<client>(std::make_unique<aio::tcp_stream>(std::move(socket)), policy_,
                                       resolver_, *room_);
  log::debug("client {} connected", made->peer());
  clients_.insert(made);
  made->start([this, weak = std::weak_ptr(made)](const result<void>& outcome) {
    const auto gone = weak.lock();
    if (!gone) return;
    if (!outcome) log::info("client {}: {}", gone->peer(), outcome.error().message);
    log::debug("client {} is gone: {}", gone->peer(), gone->summary());
    clients_.erase(gone);
    if (!accepting_ && acceptor_.is_open()) accept();
  });
}

void server::close() {
  error_code ignored;
  acceptor_.close(ignored);
  pause_.cancel();
  for (const auto& each : clients_) each->close();
  clients_.clear();
}

}  // namespace tunnel::relay
