#include "udp/client/ways.hpp"

#include <array>
#include <utility>

#include "base/log.hpp"
#include "udp/client/command_watch.hpp"
#include "udp/client/errors.hpp"
#include "udp/client/framed_link.hpp"
#include "udp/client/hev_link.hpp"
#include "udp/client/udpgw_link.hpp"

namespace tunnel::udp {

namespace {

using opened_link = result<std::shared_ptr<link>>;

constexpr std::array order{way::gateway, way::helper, way::script};

// Found where the login shell looks for programs; it is told so by its own words alone.
constexpr auto helper_command = "tunnel-relay --stdio";

error no_way(std::string sentence) {
  return {errc::no_way, std::move(sentence)};
}

awaitable<opened_link> open_gateway(const settings& with, std::shared_ptr<access> by) {
  if (!with.gateway) co_return no_way("none is named (--udp-gateway host:port)");
  if (with.protocol == gateway_protocol::hev) {
    co_return std::shared_ptr<link>(std::make_shared<hev_link>(*with.gateway));
  }
  auto opening = by->open_direct_tcpip(*with.gateway);
  auto opened = co_await std::move(opening);
  if (!opened) co_return no_way(with.gateway->text() + " cannot be reached: " + opened.error().message);
  if (with.protocol == gateway_protocol::udpgw) {
    co_return udpgw_link::make(std::move(*opened), by->executor(), with.look_up);
  }
  auto greeting = framed_link::greet(std::move(*opened), nullptr);
  co_return co_await std::move(greeting);
}

awaitable<opened_link> open_helper(std::shared_ptr<access> by) {
  auto watch = std::make_unique<command_watch>();
  auto running = by->run(helper_command, *watch);
  auto running_relay = co_await std::move(running);
  if (!running_relay) co_return running_relay.error();
  auto greeting = framed_link::greet(std::move(*running_relay), std::move(watch));
  co_return co_await std::move(greeting);
}

awaitable<opened_link> open_way(const settings& with, way which, std::shared_ptr<access> by) {
  switch (which) {
    case way::gateway:
      return open_gateway(with, std::move(by));
    case way::helper:
      return open_helper(std::move(by));
    case way::script:
    case way::dns:
      break;
  }
  return open_gateway(with, std::move(by));
}

}  // namespace

}  // namespace tunnel::udp
