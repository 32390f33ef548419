#include "path/proxy.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "aio/deadline.hpp"
#include "aio/dial.hpp"
#include "base/log.hpp"
#include "crypto/secret_octets.hpp"
#include "path/errors.hpp"
#include "path/http_connect.hpp"
#include "path/named_stream.hpp"

namespace tunnel::path {

namespace {

// How often a wrong password may be tried again, as ssh's NumberOfPasswordPrompts.
constexpr unsigned max_prompts = 3;

bool speaks_http(proxy_protocol protocol) {
  return protocol == proxy_protocol::http || protocol == proxy_protocol::https;
}

bool is_socks4(proxy_protocol protocol) {
  return protocol == proxy_protocol::socks4 || protocol == proxy_protocol::socks4a;
}

bool looks_up_here(proxy_protocol protocol) {
  return protocol == proxy_protocol::socks4 || protocol == proxy_protocol::socks5;
}

socks::address to_socks(const asio::ip::address& host, std::uint16_t port) {
  if (host.is_v4()) return {host.to_v4().to_bytes(), port};
  return {host.to_v6().to_bytes(), port};
}

// The target as the proxy is to be told of it.
awaitable<result<socks::address>> address_for(proxy_protocol protocol, const ssh::endpoint& target) {
  boost::system::error_code not_literal;
  const auto literal = asio::ip::make_address(target.host, not_literal);
  if (!not_literal && (literal.is_v4() || !is_socks4(protocol))) co_return to_socks(literal, target.port);
  if (!not_literal)
    co_return error{errc::malformed, "SOCKS4 has no room for the IPv6 address " + target.host};
  if (!looks_up_here(protocol)) {
    if (target.host.size() > socks::max_host)
      co_return error{errc::malformed, "SOCKS has no room for so long a host name"};
    co_return socks::address{target.host, target.port};
  }
  const aio::dial_target wanted{
      .host = target.host,
      .port = target.port,
      .family = is_socks4(protocol) ? aio::address_family::inet : aio::address_family::any,
      .timeout = {},
      .unacknowledged_limit = {}};
  const auto found = co_await aio::look_up(wanted);
  if (!found) co_return found.error();
  co_return to_socks(found->front().address(), target.port);
}

// There may be a password in it.
awaitable<boost::system::error_code> send(aio::byte_stream& stream, octets request) {
  const crypto::secret_octets data(std::move(request));
  octet_view rest(data.view());
  while (!rest.empty()) {
    const auto count = stream.write_some(rest);
    if (count) {
      rest = rest.subspan(*count);
    } else if (count.error() != asio::error::would_block) {
      co_return count.error();
    } else if (const auto failure = co_await aio::wait_for(stream, aio::direction::write)) {
      co_return failure;
    }
  }
  co_return boost::system::error_code();
}

// Says what the handshake has to say and reads what it wants, until there is a verdict.
template <class Handshake>
awaitable<boost::system::error_code> converse(aio::byte_stream& stream, Handshake& handshake) {
  std::array<octet, 512> space{};
  while (!handshake.outcome()) {
    auto sending = send(stream, handshake.take_output());
    if (const auto failure = co_await std::move(sending)) co_return failure;
    const auto count = stream.read_some(octet_span(space).first(std::min(handshake.wanted(), space.size())));
    if (count && *count == 0) co_return asio::error::eof;
    if (count) {
      handshake.feed(octet_view(space).first(*count));
    } else if (count.error() != asio::error::would_block) {
      co_return count.error();
    } else if (const auto failure = co_await aio::wait_for(stream, aio::direction::read)) {
      co_return failure;
    }
  }
  co_return boost::system::error_code();
}

}  // namespace

proxy::proxy(std::unique_ptr<dialler> before, proxy_settings at, bool first,
             std::chrono::steady_clock::duration timeout, ssh::prompter& questions,
             ssh::secret_keeping secrets)
    : before_(std::move(before)),
      at_(std::move(at)),
      first_(first),
      name_(std::string(name_of(at_.protocol)) + " proxy " + at_.at.text()),
      timeout_(timeout),
      questions_(questions),
      memory_(secrets) {}

error proxy::located(error_code code, const std::string& what) const {
  return {code, name_ + ": " + what};
}

bool proxy::asks_for_password() const {
  return at_.user && !at_.password && !is_socks4(at_.protocol);
}

result<std::optional<socks::credentials>> proxy::credentials(bool may_ask) {
  if (!at_.user) return std::optional<socks::credentials>();
  if (!asks_for_password())
    return std::optional(socks::credentials{*at_.user, at_.password ? at_.password->copy() : secret()});
  auto password = memory_.recall(name_);
  if (!password && may_ask)
    password = questions_.ask(*at_.user + "'s password for the " + name_ + ": ", ssh::echo::off);
  if (!password)
    return located(errc::proxy_authentication,
                   "there was nobody to ask for " + *at_.user + "'s password; see --proxy-credentials");
  return std::optional(socks::credentials{*at_.user, std::move(*password)});
}

awaitable<stream_result> proxy::dial(ssh::endpoint target, bool may_ask) {
  for (unsigned prompts = 1;; ++prompts) {
    const auto known = credentials(may_ask);
    if (!known) co_return known.error();
    auto trying = attempt(target, *known, may_ask);
    auto stream = co_await std::move(trying);
    if (!asks_for_password()) co_return stream;
    if (stream) memory_.keep(name_, (*known)->password);
    if (stream || stream.error().code != errc::proxy_authentication) co_return stream;
    memory_.forget(name_);
    if (!may_ask || prompts == max_prompts) co_return stream;
    questions_.tell(stream.error().message);
  }
}

awaitable<stream_result> proxy::attempt(ssh::endpoint target, const std::optional<socks::credentials>& known,
                                        bool may_ask) {
  auto reaching = before_->dial(at_.at, may_ask);
  auto stream = co_await std::move(reaching);
  if (!stream) co_return first_ ? located(stream.error().code, stream.error().message) : stream.error();
  auto asking = ask(**stream, target, known);
  const auto answered = co_await aio::within<result<void>>(timeout_, std::move(asking));
  if (!answered) {
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(timeout_).count();
    co_return located(errc::timed_out, "no answer to the request for " + target.text() + " within " +
                                           std::to_string(seconds) + " s");
  }
  if (!*answered) co_return answered->error();
  std::string peer = target.host + " port " + std::to_string(target.port) + " (through the " + name_ + ")";
  co_return std::make_unique<named_stream>(std::move(*stream), std::move(peer));
}

awaitable<result<void>> proxy::ask(aio::byte_stream& stream, const ssh::endpoint& target,
                                   const std::optional<socks::credentials>& known) {
  log::debug("asking the {} for {}", name_, target.text());
  boost::system::error_code failure;
  std::optional<socks::verdict> answer;
  if (speaks_http(at_.protocol)) {
    http_connect handshake(target, known);
    failure = co_await converse(stream, handshake);
    answer = handshake.outcome();
  } else {
    auto addressing = address_for(at_.protocol, target);
    auto address = co_await std::move(addressing);
    if (!address) co_return located(address.error().code, address.error().message);
    std::optional<socks::credentials> copy;
    if (known) copy.emplace(socks::credentials{known->user, known->password.clone()});
    const auto speak = is_socks4(at_.protocol) ? socks::version::socks4 : socks::version::socks5;
    socks::client_handshake handshake(speak, std::move(*address), std::move(copy));
    failure = co_await converse(stream, handshake);
    answer = handshake.outcome();
  }
  if (failure == asio::error::eof)
    co_return located(errc::not_a_proxy, "it closed the connection instead of answering");
  if (failure) co_return located(failure, failure.message());
  co_return judge(*answer, target);
}

result<void> proxy::judge(const socks::verdict& answer, const ssh::endpoint& target) const {
  using kind = socks::verdict::kind;
  switch (answer.outcome) {
    case kind::connected:
      break;
    case kind::wants_credentials:
      return located(errc::proxy_authentication, answer.reason + ": name the user in --proxy (" +
                                                     std::string(name_of(at_.protocol)) +
                                                     "://user@...), or give --proxy-credentials");
    case kind::credentials_refused:
      return located(errc::proxy_authentication, answer.reason);
    case kind::refused:
      return located(errc::proxy_refused, "it did not connect to " + target.text() + ": " + answer.reason);
    case kind::not_a_proxy:
      return located(errc::not_a_proxy, answer.reason);
  }
  return boost::system::in_place_value;
}

}  // namespace tunnel::path
