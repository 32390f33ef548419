#include "support/udp_forwarder.hpp"

#include <utility>

namespace tunnel::integration {
namespace {

constexpr milliseconds look_interval{50};

}  // namespace

udp_forwarder::udp_forwarder(std::uint16_t proxy_port, target where)
    : where_(std::move(where)),
      association_(proxy_port),
      up_([this] { pass_up(); }),
      down_([this] { pass_down(); }) {}

udp_forwarder::~udp_forwarder() {
  over_ = true;
  up_.join();
  down_.join();
}

void udp_forwarder::pass_up() {
  while (!over_) {
    const auto came = local_.receive(look_interval);
    if (!came) continue;
    client_port_ = came->from.port;
    association_.send(where_, came->data);
  }
}

void udp_forwarder::pass_down() {
  while (!over_) {
    const auto came = association_.receive(look_interval);
    if (came) local_.send_to({"127.0.0.1", client_port_}, came->data);
  }
}

}  // namespace tunnel::integration
