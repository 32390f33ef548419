#include "support/far_end.hpp"

#include <array>
#include <utility>

namespace tunnel::support {

namespace {

// The kernel raises it to its own minimum.
constexpr int smallest_buffer = 1;

void make_small(tcp::socket& socket) {
  socket.set_option(asio::socket_base::send_buffer_size(smallest_buffer));
  socket.set_option(asio::socket_base::receive_buffer_size(smallest_buffer));
}

}  // namespace

loopback_pair connect_pair(asio::io_context& context, bool small) {
  tcp::acceptor acceptor(context, {asio::ip::address_v4::loopback(), 0});
  loopback_pair made{tcp::socket(context), tcp::socket(context)};
  made.connected.open(tcp::v4());
  if (small) make_small(made.connected);
  made.connected.connect(acceptor.local_endpoint());
  acceptor.accept(made.accepted);
  if (small) make_small(made.accepted);
  return made;
}

far_end::far_end(tcp::socket socket) : socket_(std::move(socket)) {
  socket_.non_blocking(true);
}

std::size_t far_end::send(std::string_view data) {
  std::size_t sent = 0;
  boost::system::error_code failure;
  while (sent != data.size() && !failure) {
    sent += socket_.write_some(asio::buffer(data.substr(sent)), failure);
  }
  return sent;
}

void far_end::shutdown() {
  socket_.shutdown(tcp::socket::shutdown_send);
}

void far_end::reset() {
  socket_.set_option(tcp::socket::linger(true, 0));
  socket_.close();
}

void far_end::take() {
  std::array<char, 16 * 1024> buffer{};
  while (!end_) {
    boost::system::error_code failure;
    const auto count = socket_.read_some(asio::buffer(buffer), failure);
    received_.append(buffer.data(), count);
    if (failure == asio::error::would_block) return;
    end_ = failure;
  }
}

const std::string& far_end::received() {
  take();
  return received_;
}

bool far_end::saw_fin() {
  take();
  return end_ == asio::error::eof;
}

bool far_end::saw_reset() {
  take();
  return end_ == asio::error::connection_reset;
}

}  // namespace tunnel::support
