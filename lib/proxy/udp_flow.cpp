#include "proxy/udp_flow.hpp"

#include <utility>

#include "aio/address.hpp"
#include "base/log.hpp"
#include "base/text.hpp"

namespace tunnel::proxy {

namespace {

// Datagrams of one client before others on the thread get their turn.
constexpr int datagrams_per_turn = 16;

// What the system may keep for us between two turns: as much as it lets us have of this.
constexpr int receive_buffer = 1024 * 1024;

socks::address to_socks(const asio::ip::address& address, std::uint16_t port) {
  if (address.is_v4()) return {socks::ipv4(address.to_v4().to_bytes()), port};
  return {socks::ipv6(address.to_v6().to_bytes()), port};
}

void add_count(std::string& text, std::uint64_t count, const char* what) {
  if (count == 0) return;
  text += (text.empty() ? "; dropped: " : ", ") + std::to_string(count) + " " + what;
}

}  // namespace

udp_flow::udp_flow(client from, const socks::address& announced, const association_rules& rules,
                   std::shared_ptr<udp::outlet> outlet)
    : client_(std::move(from)),
      rules_(rules),
      outlet_(std::move(outlet)),
      socket_(client_.socket().get_executor()),
      idle_(client_.socket().get_executor()),
      client_port_(announced.port) {}

awaitable<result<void>> udp_flow::open(std::shared_ptr<udp::access> by) {
  by_ = by;
  auto finding = outlet_->way_out(by);
  const auto found = co_await std::move(finding);
  if (!found) co_return found.error();
  way_ = udp::name_of(found->which);
  auto opening = found->through->open(std::move(by), *this);
  auto opened = co_await std::move(opening);
  if (!opened) co_return opened.error();
  association_ = std::move(*opened);
  co_return boost::system::in_place_value;
}

result<socks::address> udp_flow::bind() {
  boost::system::error_code failure;
  const auto local = client_.socket().local_endpoint(failure);
  const auto address = aio::unmapped(local.address());
  const endpoint any_port(address, 0);
  if (!failure) socket_.open(any_port.protocol(), failure);
  if (!failure) socket_.bind(any_port, failure);
  if (!failure) socket_.non_blocking(true, failure);
  if (failure) return with_reason("no UDP port for the client on " + address.to_string(), failure);
  boost::system::error_code ignored;
  socket_.set_option(asio::socket_base::receive_buffer_size(receive_buffer), ignored);
  return to_socks(address, socket_.local_endpoint(failure).port());
}

void udp_flow::start() {
  // Its way may have been lost meanwhile.
  if (over_) return;
  used_ = clock::now();
  watch_client();
  watch_idleness();
  receive();
}

// --- from the client ---------------------------------------------------------------------------------------

void udp_flow::receive() {
  const auto room = outlet_->room_for_datagram();
  for (int turn = 0; turn < datagrams_per_turn && !over_; ++turn) {
    boost::system::error_code failure;
    const auto size = socket_.receive_from(asio::buffer(room.data(), room.size()), sender_, 0, failure);
    if (failure == asio::error::would_block) break;
    if (failure) return finish(with_reason("its UDP port failed", failure).message);
    take(octet_view(room).first(size));
  }
  if (over_) return;
  association_->flush();
  wait_for_datagrams();
}

void udp_flow::wait_for_datagrams() {
  socket_.async_wait(udp_socket::wait_read, [self = shared_from_this()](boost::system::error_code failure) {
    if (!failure && !self->over_) self->receive();
  });
}

bool udp_flow::is_client(const endpoint& sender) {
  return aio::unmapped(sender.address()) == aio::unmapped(client_.address().address()) &&
         (client_port_ == 0 || client_port_ == sender.port());
}

void udp_flow::take(octet_view datagram) {
  if (!is_client(sender_)) {
    ++of_others_;
    return;
  }
  if (!socks::parse_udp_datagram(datagram, parsed_)) {
    ++malformed_;
    return;
  }
  if (parsed_.fragment != 0) {
    ++fragments_;
    return;
  }
  client_port_ = sender_.port();
  client_endpoint_ = sender_;
  used_ = clock::now();
  up_.add(parsed_.data.size());
  if (rules_.peers == udp_peers::addressed) known_.remember(parsed_.peer);
  association_->send(parsed_.peer, parsed_.data);
}

// --- to the client -----------------------------------------------------------------------------------------

void udp_flow::on_datagram(const socks::address& source, octet_view data) {
  if (over_) return;
  if (rules_.peers == udp_peers::addressed && !known_.admits(source)) {
    ++of_strangers_;
    return;
  }
  std::array<octet, socks::max_udp_header> header{};
  const auto size = socks::write_udp_header(header, source);
  const std::array<asio::const_buffer, 2> both{asio::buffer(header.data(), size),
                                               asio::buffer(data.data(), data.size())};
  boost::system::error_code failure = asio::error::not_connected;
  if (client_endpoint_.port() != 0) socket_.send_to(both, client_endpoint_, 0, failure);
  if (failure) {
    ++not_taken_;
    return;
  }
  used_ = clock::now();
  down_.add(data.size());
}

// --- the end -----------------------------------------------------------------------------------------------

void udp_flow::on_lost(const error& why) {
  finish(why.message);
}

// What a client says on its TCP connection after the request means nothing, but for its end.
void udp_flow::watch_client() {
  client_.socket().async_read_some(
      asio::buffer(ignored_), [self = shared_from_this()](boost::system::error_code failure, std::size_t) {
        if (self->over_) return;
        if (failure) return self->finish("the client closed its connection");
        self->watch_client();
      });
}

void udp_flow::watch_idleness() {
  idle_.expires_at(used_ + rules_.idle_limit);
  idle_.async_wait([self = shared_from_this()](boost::system::error_code failure) {
    if (failure || self->over_) return;
    if (clock::now() < self->used_ + self->rules_.idle_limit) return self->watch_idleness();
    self->finish("idle for " + std::to_string(self->rules_.idle_limit.count()) + " s");
  });
}

void udp_flow::finish(const std::string& ending) {
  if (std::exchange(over_, true)) return;
  report(ending);
  association_.reset();
  boost::system::error_code ignored;
  socket_.close(ignored);
  client_.socket().close(ignored);
  idle_.cancel();
}

void udp_flow::report(const std::string& ending) const {
  std::string drops;
  const auto known = association_ ? association_->dropped() : udp::drop_counts{};
  add_count(drops, known.no_room, "for want of room");
  add_count(drops, known.too_large, "too large for the relay");
  add_count(drops, known.no_way, "to where the relay cannot send");
  add_count(drops, known.unanswered, "without an answer");
  add_count(drops, fragments_, "fragments");
  add_count(drops, malformed_, "malformed");
  add_count(drops, of_others_, "not of the client's");
  add_count(drops, of_strangers_, "of peers not sent to");
  add_count(drops, not_taken_, "not taken by the client");
  log::debug("{} -> UDP by {}: {} datagrams ({}) up, {} ({}) down in {:.1f} s{}; {}", client_.name(), way_,
             up_.datagrams, human_octets(up_.octets), down_.datagrams, human_octets(down_.octets),
             std::chrono::duration<double>(clock::now() - started_).count(), drops, ending);
}

}  // namespace tunnel::proxy
