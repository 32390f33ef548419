#include "proxy/resolve.hpp"

#include <string>
#include <utility>
#include <variant>

#include "base/log.hpp"
#include "base/text.hpp"
#include "dns/errors.hpp"
#include "socks/reply.hpp"

namespace tunnel::proxy {

namespace {

using namespace asio::experimental::awaitable_operators;
using found = result<socks::address>;

awaitable<found> find_address(socks::request wanted, std::shared_ptr<dns::resolver> names) {
  const auto name = wanted.destination.host_text();
  const bool has_room = wanted.version == socks::version::socks5;
  auto looking = has_room ? names->addresses(name) : names->addresses(name, dns::record_type::a);
  const auto addresses = co_await std::move(looking);
  if (!addresses) co_return addresses.error();
  if (addresses->empty()) {
    co_return error{dns::errc::no_such_name, "the name " + sanitise(name) + " has no address" +
                                                 (has_room ? "" : " that SOCKS4 has room for")};
  }
  socks::address bound;
  std::visit([&bound](const auto& host) { bound.host = host; }, addresses->front());
  co_return bound;
}

awaitable<found> find_name(dns::ip_address address, std::shared_ptr<dns::resolver> names) {
  auto looking = names->name_of(address);
  auto name = co_await std::move(looking);
  if (!name) co_return name.error();
  co_return socks::address{std::move(*name), 0};
}

}  // namespace

awaitable<void> answer_resolve(pending_flow flow, std::shared_ptr<dns::resolver> names) {
  auto& [from, wanted, early] = flow;
  const auto host = wanted.destination.host_text();
  const bool reverse = wanted.command == socks::command::tor_resolve_ptr;
  const auto address = dns::parse_ip_address(host);
  if (reverse && !address) {
    log::debug("{}: asked for the name of {}, which is no address", from.name(), sanitise(host));
    const auto code = socks::reply_code::address_type_not_supported;
    auto sending = send_and_close(from.socket(), socks::encode_reply(wanted.version, code));
    co_await std::move(sending);
    co_return;
  }
  auto finding = reverse ? find_name(*address, names) : find_address(wanted, names);
  auto leaving = client_left(from.socket(), !early.empty());
  auto outcome = co_await (std::move(finding) || std::move(leaving));
  if (outcome.index() == 1) {
    log::debug("{}: left before {} was looked up", from.name(), sanitise(host));
    co_return;
  }
  const auto& bound = std::get<0>(outcome);
  if (!bound) {
    const auto why = bound.error();
    auto refusing = refuse(from, wanted, why);
    co_await std::move(refusing);
    co_return;
  }
  log::debug("{}: {} is {}", from.name(), sanitise(host), sanitise(bound->host_text()));
  auto reply = socks::encode_reply(wanted.version, socks::reply_code::succeeded, *bound);
  auto sending = send_and_close(from.socket(), std::move(reply));
  co_await std::move(sending);
}

}  // namespace tunnel::proxy
