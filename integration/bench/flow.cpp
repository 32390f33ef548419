#include "flow.hpp"

#include <sys/socket.h>

#include <cerrno>
#include <system_error>

#include "run_failure.hpp"

namespace tunnel::bench {
namespace {

// RFC 1928 §3: version 5, one method, no authentication. §4: the request names an IPv4 address.
constexpr std::array<octet, 3> greeting{5, 1, 0};
constexpr std::size_t selection_size = 2;
constexpr std::size_t reply_head_size = 4;
constexpr octet ipv4 = 1;
constexpr octet ipv6 = 4;

std::string system_text(int code) {
  return std::system_category().message(code);
}

}  // namespace

flow::flow(std::uint16_t socks_port, std::uint16_t target_port, socks_command command)
    : socket_(connect_to_loopback(socks_port == no_proxy ? target_port : socks_port)),
      target_port_(target_port),
      command_(command),
      proxied_(socks_port != no_proxy),
      started_(clock::now()) {}

std::uint32_t flow::wanted() const {
  if (stage_ == stage::connecting) return EPOLLOUT;
  return (reading_ ? EPOLLIN : 0U) | (writing_ ? EPOLLOUT : 0U);
}

void flow::on_ready(std::uint32_t events) {
  try {
    if ((events & EPOLLERR) != 0)
      throw run_failure("connection broken: " + system_text(pending_error(number())));
    if (stage_ == stage::connecting) return on_connected();
    if (stage_ == stage::selecting) return on_method_selected();
    if (stage_ == stage::requesting) return on_reply();
    if ((events & (EPOLLIN | EPOLLHUP)) != 0) on_readable();
    if (writing_ && (events & EPOLLOUT) != 0) on_writable();
  } catch (const run_failure& failure) {
    close();
    on_failure(failure.what());
  }
}

void flow::on_failure(const std::string& what) {
  throw run_failure(what);
}

void flow::close() {
  stage_ = stage::over;
  reading_ = false;
  writing_ = false;
  socket_.close();
}

void flow::complete(clock::time_point now) {
  complete_ = true;
  completed_ = now;
}

std::uint16_t flow::bound_port() const {
  return static_cast<std::uint16_t>(reply_[reply_size_ - 2] << 8 | reply_[reply_size_ - 1]);
}

void flow::on_connected() {
  if (!proxied_) {
    stage_ = stage::open;
    return on_open();
  }
  stage_ = stage::selecting;
  send_small(greeting);
}

void flow::on_method_selected() {
  if (!fill_reply(selection_size)) return;
  if (reply_[0] != 5 || reply_[1] != 0) throw run_failure("no SOCKS method selected");
  reply_size_ = 0;
  const auto high = static_cast<octet>(target_port_ >> 8);
  const auto low = static_cast<octet>(target_port_ & 0xff);
  stage_ = stage::requesting;
  send_small(std::array<octet, 10>{5, static_cast<octet>(command_), 0, ipv4, 127, 0, 0, 1, high, low});
}

void flow::on_reply() {
  if (!fill_reply(reply_head_size)) return;
  if (reply_[1] != 0) throw run_failure("refused with SOCKS reply " + std::to_string(reply_[1]));
  const octet type = reply_[3];
  if (type != ipv4 && type != ipv6) throw run_failure("SOCKS reply with an unexpected address type");
  if (!fill_reply(reply_head_size + (type == ipv4 ? 4 : 16) + 2)) return;
  stage_ = stage::open;
  on_open();
}

// Takes no octet more than the reply has, as what follows belongs to the work.
bool flow::fill_reply(std::size_t size) {
  while (reply_size_ < size) {
    const received got = receive(octet_span(reply_).first(size).subspan(reply_size_));
    if (got.is_end) throw run_failure("connection ended during the SOCKS handshake");
    if (got.data.empty()) return false;
    reply_size_ += got.data.size();
  }
  return true;
}

std::size_t flow::send_some(octet_view data) {
  const ssize_t count = send(number(), data.data(), data.size(), MSG_NOSIGNAL);
  if (count < 0 && errno != EAGAIN) throw run_failure("sending failed: " + system_text(errno));
  return count < 0 ? 0 : static_cast<std::size_t>(count);
}

void flow::send_small(octet_view data) {
  if (send_some(data) != data.size()) throw run_failure("no room to send a few octets");
}

flow::received flow::receive(octet_span into) {
  const ssize_t count = recv(number(), into.data(), into.size(), 0);
  if (count < 0 && errno != EAGAIN) throw run_failure("receiving failed: " + system_text(errno));
  if (count <= 0) return {{}, count == 0};
  return {into.first(static_cast<std::size_t>(count)), false};
}

void flow::end_own_half() {
  shutdown(number(), SHUT_WR);
}

}  // namespace tunnel::bench
