#include "udp/client/ways.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

#include "base/log.hpp"
#include "ssh/errors.hpp"
#include "udp/client/command_watch.hpp"
#include "udp/client/dns_link.hpp"
#include "udp/client/errors.hpp"
#include "udp/client/framed_link.hpp"
#include "udp/client/hev_link.hpp"
#include "udp/client/udpgw_link.hpp"
#include "udp/script/relay_script.hpp"

namespace tunnel::udp {

namespace {

using opened_link = result<std::shared_ptr<link>>;

// A relay does not end an association before this side does.
constexpr auto relay_patience = std::chrono::seconds(60);

constexpr auto hint =
    "to have UDP, install tunnel-relay or Python 3 on the server for a user who may run commands, or have a "
    "relay listen there and name it by --udp-gateway";

error no_way(std::string sentence) {
  return {errc::no_way, std::move(sentence)};
}

awaitable<opened_link> open_gateway(const settings& with, std::shared_ptr<access> by) {
  if (!with.gateway) co_return no_way("none is named by --udp-gateway");
  auto opening = by->open_direct_tcpip(*with.gateway);
  auto opened = co_await std::move(opening);
  if (!opened) co_return error{opened.error().code, with.gateway->text() + ": " + opened.error().message};
  if (with.protocol == gateway_protocol::hev) {
    // It has answered, and each association has a channel of its own.
    co_return std::shared_ptr<link>(std::make_shared<hev_link>(*with.gateway));
  }
  if (with.protocol == gateway_protocol::udpgw) {
    co_return udpgw_link::make(std::move(*opened), by->executor(), with.look_up);
  }
  auto greeting = framed_link::greet(std::move(*opened), nullptr);
  co_return co_await std::move(greeting);
}

awaitable<opened_link> open_command(std::shared_ptr<access> by, std::string command, octet_view input) {
  auto watch = std::make_unique<command_watch>();
  auto running = by->run(std::move(command), *watch);
  auto started = co_await std::move(running);
  if (!started) co_return started.error();
  auto greeting = framed_link::greet(std::move(*started), std::move(watch), input);
  co_return co_await std::move(greeting);
}

// Found where the login shell looks for programs.
awaitable<opened_link> open_helper(const settings& with, std::shared_ptr<access> by) {
  const auto limit = std::to_string((with.idle_limit + relay_patience).count());
  return open_command(std::move(by), "tunnel-relay --stdio --timeout " + limit, {});
}

awaitable<opened_link> open_script(const settings& with, std::shared_ptr<access> by) {
  const auto script = make_relay_script(with.idle_limit + relay_patience);
  return open_command(std::move(by), script.command, script.program);
}

awaitable<opened_link> open_dns(const settings& with, std::shared_ptr<access> by) {
  co_return std::shared_ptr<link>(std::make_shared<dns_link>(by->executor(), with.ask_dns));
}

awaitable<opened_link> open_way(way which, const settings& with, std::shared_ptr<access> by) {
  switch (which) {
    case way::gateway:
      return open_gateway(with, std::move(by));
    case way::helper:
      return open_helper(with, std::move(by));
    case way::script:
      return open_script(with, std::move(by));
    case way::dns:
      return open_dns(with, std::move(by));
  }
  throw std::logic_error("a way without a link");
}

// Those that are worth trying, what was found the last time in front.
std::vector<way> candidates(const settings& with, std::optional<way> first) {
  if (with.only) return {*with.only};
  std::vector<way> all;
  if (with.gateway) all.push_back(way::gateway);
  all.push_back(way::helper);
  all.push_back(way::script);
  all.push_back(way::dns);
  const auto known = first ? std::find(all.begin(), all.end(), *first) : all.end();
  if (known != all.end()) std::rotate(all.begin(), known, known + 1);
  return all;
}

void add_reason(std::string& reasons, way which, const error& why) {
  reasons += (reasons.empty() ? "" : "; ") + std::string(name_of(which)) + ": " + why.message;
}

}  // namespace

std::string_view name_of(way which) {
  switch (which) {
    case way::gateway:
      return "gateway";
    case way::helper:
      return "helper";
    case way::script:
      return "script";
    case way::dns:
      return "dns";
  }
  return "unknown";
}

awaitable<result<found_way>> find_way(const settings& with, std::shared_ptr<access> by,
                                      std::optional<way> first) {
  if (with.off) co_return no_way("UDP is off (--udp off)");
  std::string reasons;
  for (const auto each : candidates(with, first)) {
    auto opening = open_way(each, with, by);
    auto opened = co_await std::move(opening);
    if (opened) {
      if (each == way::dns && !with.only) {
        log::warn("UDP goes by dns and carries DNS alone ({}); {}", reasons, hint);
      } else {
        log::info("UDP goes by {}{}", name_of(each), reasons.empty() ? "" : " (" + reasons + ")");
      }
      co_return found_way{each, std::move(*opened)};
    }
    if (opened.error().code == ssh::errc::connection_lost) co_return opened.error();
    add_reason(reasons, each, opened.error());
  }
  log::warn("no way for UDP: {}; {}", reasons, hint);
  co_return no_way("no way for UDP: " + reasons);
}

}  // namespace tunnel::udp
