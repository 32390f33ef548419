#include "udp_names.hpp"

#include <functional>
#include <utility>
#include <variant>

#include "aio/call_at.hpp"
#include "dns/errors.hpp"

namespace tunnel {

namespace {

using addresses = result<std::vector<dns::ip_address>>;

awaitable<result<std::vector<socks::address>>> look_up(std::shared_ptr<dns::resolver> names,
                                                       std::string name) {
  std::function<awaitable<addresses>()> work = [names, name] { return names->addresses(name); };
  auto calling = aio::call_at<addresses>(names->get_executor(), std::move(work));
  auto found = co_await std::move(calling);
  if (!found) co_return error{dns::errc::no_answer, "the look-up was given up"};
  if (!*found) co_return found->error();
  std::vector<socks::address> targets;
  for (const auto& each : **found) {
    socks::address target;
    std::visit([&target](const auto& host) { target.host = host; }, each);
    targets.push_back(std::move(target));
  }
  co_return targets;
}

awaitable<result<octets>> ask(std::shared_ptr<dns::server_directory> servers, ssh::endpoint server,
                              octets query) {
  auto asking = servers->exchange(std::move(server), query);
  auto answer = co_await std::move(asking);
  // It comes by TCP, and goes on by UDP.
  if (answer) answer = dns::for_udp(std::move(*answer), query);
  co_return answer;
}

}  // namespace

udp::dns_exchange dns_for_datagrams(std::shared_ptr<dns::server_directory> servers) {
  return [servers = std::move(servers)](socks::address server, octets query) {
    return ask(servers, {server.host_text(), server.port}, std::move(query));
  };
}

udp::resolver names_for_datagrams(std::shared_ptr<dns::resolver> names) {
  return [names = std::move(names)](std::string name) { return look_up(names, std::move(name)); };
}

}  // namespace tunnel
