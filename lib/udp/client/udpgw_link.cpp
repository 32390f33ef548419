#include "udp/client/udpgw_link.hpp"

#include <array>
#include <utility>

namespace tunnel::udp {

namespace {

// What a length of 16 bits leaves behind the longest head.
constexpr std::size_t max_data = 0xffff - (udpgw::max_header - 2);

}  // namespace

std::shared_ptr<link> udpgw_link::make(std::unique_ptr<ssh::channel> channel,
                                       const asio::any_io_executor& executor, resolver look_up) {
  const auto made = std::make_shared<udpgw_link>(std::move(channel), executor, std::move(look_up));
  made->begin();
  made->keep_alive();
  return made;
}

udpgw_link::udpgw_link(std::unique_ptr<ssh::channel> channel, const asio::any_io_executor& executor,
                       resolver look_up)
    : stream_link(std::move(channel), nullptr),
      names_(std::make_shared<name_targets>(
          executor, std::move(look_up),
          [this](number from, const socks::address& target, octet_view data) {
            send_numeric(from, target, data);
            sender().flush();
          },
          [this](number from) { count(from, &drop_counts::no_way); })),
      keepalive_(executor) {}

udpgw_link::~udpgw_link() {
  names_->stop();
}

bool udpgw_link::take(octet_view data) {
  splitter_.feed(data, [this](octet_view frame) {
    const auto came = udpgw::parse(frame);
    if (!came) return true;
    if (const auto owner = conids_.owner_of(came->conid, came->peer)) deliver(*owner, came->peer, came->data);
    return !lost();
  });
  return !lost();
}

void udpgw_link::send(number from, const socks::address& target, octet_view data, drop_counts& dropped) {
  if (data.size() > max_data) {
    ++dropped.too_large;
    return;
  }
  const auto* name = std::get_if<std::string>(&target.host);
  if (name == nullptr) return send_numeric(from, target, data);
  names_->send(from, *name, target.port, data);
}

void udpgw_link::send_numeric(number from, const socks::address& target, octet_view data) {
  const auto [conid, fresh] = conids_.assign(from, target);
  std::array<octet, udpgw::max_header> head{};
  const auto size = udpgw::write_header(head, fresh ? udpgw::rebind : octet{0}, conid, target, data.size());
  sender().gather(from, octet_view(head).first(size), data);
}

void udpgw_link::on_link_lost() {
  names_->stop();
  keepalive_.cancel();
}

void udpgw_link::keep_alive() {
  keepalive_.expires_after(keepalive_interval);
  keepalive_.async_wait([weak = weak_from_this()](boost::system::error_code failure) {
    const auto self = std::static_pointer_cast<udpgw_link>(weak.lock());
    if (failure || !self || self->lost()) return;
    self->sender().send(frame_queue::nobody, udpgw::keepalive_frame, {});
    self->keep_alive();
  });
}

}  // namespace tunnel::udp
