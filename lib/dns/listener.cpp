#include "dns/listener.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "aio/address.hpp"
#include "aio/deadline.hpp"
#include "aio/rethrow.hpp"
#include "base/log.hpp"
#include "dns/message.hpp"
#include "dns/message_splitter.hpp"

namespace tunnel::dns {

namespace {

using asio::ip::udp;
using read_result = std::tuple<boost::system::error_code, std::size_t>;

constexpr int bind_attempts = 8;
// After an accept that failed, as when descriptors run out.
constexpr auto accept_pause = std::chrono::milliseconds(100);
constexpr unsigned zone_transfer = 252;
constexpr unsigned incremental_transfer = 251;
constexpr unsigned opcode_mask = 0x78;

// A query that is not for passing on, and what is said instead.
std::optional<response_code> objection(octet_view query) {
  if ((query[2] & opcode_mask) != 0) return response_code::not_implemented;
  const auto asked = read_question(query);
  if (!asked) return response_code::format_error;
  // Their answers have many messages.
  if (asked->type == zone_transfer || asked->type == incremental_transfer) return response_code::refused;
  return std::nullopt;
}

// An address, or the name of a pair.
std::vector<asio::ip::address> all_of(const std::optional<std::string>& address, bool gateway) {
  auto pair = aio::local_pair(address, gateway);
  if (!pair.empty()) return pair;
  boost::system::error_code failure;
  const auto literal = asio::ip::make_address(*address, failure);
  return failure ? std::vector<asio::ip::address>{} : std::vector{literal};
}

}  // namespace

struct listener::place {
  explicit place(const asio::any_io_executor& executor) : datagrams(executor), acceptor(executor) {}

  udp::socket datagrams;
  tcp::acceptor acceptor;
};

/// A client that is connected by TCP.
struct listener::connection {
  explicit connection(tcp::socket accepted)
      : socket(std::move(accepted)), settled(socket.get_executor(), asio::steady_timer::time_point::max()) {}

  tcp::socket socket;
  // Cancelled whenever a query has been answered.
  asio::steady_timer settled;
  std::size_t under_way = 0;
  // Answers that wait for the one that is being sent.
  octets unsent;
  bool sending = false;
};

listener::listener(std::shared_ptr<exchanger> by) : exchanger_(std::move(by)) {}

listener::~listener() = default;

// --- binding -----------------------------------------------------------------------------------------------

result<void> listener::bind(const std::optional<std::string>& address, std::uint16_t port, bool gateway) {
  const auto all = all_of(address, gateway);
  if (all.empty()) {
    return error{make_error_code(boost::system::errc::invalid_argument),
                 "cannot listen for DNS on " + *address + ": that is no address of this machine"};
  }
  if (auto first = bind_one(all.front(), port, gateway); !first) return first;
  boost::system::error_code ignored;
  const auto chosen = places_.back()->acceptor.local_endpoint(ignored).port();
  for (std::size_t i = 1; i < all.size(); ++i) {
    // A machine without IPv6 is served by the first alone.
    if (const auto second = bind_one(all[i], chosen, gateway); !second)
      log::debug("{}", second.error().message);
  }
  return boost::system::in_place_value;
}

result<void> listener::bind_one(const asio::ip::address& address, std::uint16_t port, bool gateway) {
  if (!gateway && !address.is_loopback()) {
    return error{make_error_code(boost::system::errc::permission_denied),
                 "not listening for DNS on " + aio::to_text(address, port) +
                     ": everybody who reaches this machine there could use the server; add -g if they may"};
  }
  result<void> bound = boost::system::in_place_value;
  // A port that is free for TCP may be taken for UDP.
  for (int attempt = 0; attempt < (port == 0 ? bind_attempts : 1); ++attempt) {
    auto made = std::make_unique<place>(exchanger_->get_executor());
    bound = bind_pair(*made, address, port);
    if (!bound) continue;
    places_.push_back(std::move(made));
    break;
  }
  return bound;
}

result<void> listener::bind_pair(place& into, const asio::ip::address& address, std::uint16_t port) {
  boost::system::error_code failure;
  const tcp::endpoint wanted(address, port);
  into.acceptor.open(wanted.protocol(), failure);
  if (!failure) into.acceptor.set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure && address.is_v6()) into.acceptor.set_option(asio::ip::v6_only(true), failure);
  if (!failure) into.acceptor.bind(wanted, failure);
  if (!failure) into.acceptor.listen(asio::socket_base::max_listen_connections, failure);
  if (failure) return with_reason("cannot listen for DNS on TCP " + aio::to_text(address, port), failure);
  const udp::endpoint same(address, into.acceptor.local_endpoint(failure).port());
  if (!failure) into.datagrams.open(same.protocol(), failure);
  if (!failure && address.is_v6()) into.datagrams.set_option(asio::ip::v6_only(true), failure);
  if (!failure) into.datagrams.bind(same, failure);
  if (!failure) into.datagrams.non_blocking(true, failure);
  if (failure)
    return with_reason("cannot listen for DNS on UDP " + aio::to_text(address, same.port()), failure);
  return boost::system::in_place_value;
}

void listener::start() {
  const auto executor = exchanger_->get_executor();
  for (std::size_t at = 0; at < places_.size(); ++at) {
    asio::co_spawn(executor, serve_udp(shared_from_this(), at), aio::rethrow);
    asio::co_spawn(executor, accept_tcp(shared_from_this(), at), aio::rethrow);
  }
}

void listener::close() {
  closed_ = true;
  boost::system::error_code ignored;
  for (const auto& each : places_) {
    each->datagrams.close(ignored);
    each->acceptor.close(ignored);
  }
  for (const auto& weak : connections_) {
    if (const auto each = weak.lock()) each->socket.close(ignored);
  }
}

std::vector<std::string> listener::addresses() const {
  std::vector<std::string> texts;
  for (const auto& each : places_) {
    boost::system::error_code ignored;
    const auto bound = each->acceptor.local_endpoint(ignored);
    texts.push_back(aio::to_text(bound.address(), bound.port()));
  }
  return texts;
}

// --- queries -----------------------------------------------------------------------------------------------

awaitable<std::optional<octets>> listener::answer(octets query) {
  if (query.size() < header_size || is_response(query)) co_return std::nullopt;
  if (const auto code = objection(query)) co_return refuse_query(query, *code);
  if (queries_ >= max_queries) co_return refuse_query(query, response_code::server_failure);
  ++queries_;
  auto exchanging = exchanger_->exchange(query);
  auto answered = co_await std::move(exchanging);
  --queries_;
  if (answered) co_return std::move(*answered);
  log::debug("a DNS query is answered with SERVFAIL: {}", answered.error().message);
  co_return refuse_query(query, response_code::server_failure);
}

awaitable<void> listener::serve_udp(std::shared_ptr<listener> self, std::size_t at) {
  auto& socket = self->places_[at]->datagrams;
  octets buffer(max_message);
  for (;;) {
    udp::endpoint client;
    auto [failure, count] = co_await socket.async_receive_from(asio::buffer(buffer), client, as_tuple);
    if (self->closed_ || failure == asio::error::operation_aborted) co_return;
    // An ICMP message about an answer of ours, for one.
    if (failure) continue;
    octets query(buffer.begin(), buffer.begin() + static_cast<std::ptrdiff_t>(count));
    asio::co_spawn(socket.get_executor(), answer_udp(self, at, std::move(query), client), aio::rethrow);
  }
}

awaitable<void> listener::answer_udp(std::shared_ptr<listener> self, std::size_t at, octets query,
                                     udp::endpoint client) {
  auto answering = self->answer(query);
  auto answered = co_await std::move(answering);
  if (answered) self->send(at, for_udp(std::move(*answered), query), client);
}

void listener::send(std::size_t at, octet_view message, const udp::endpoint& client) {
  if (closed_) return;
  boost::system::error_code ignored;
  // One that cannot be sent is lost as any datagram may be: the client asks again.
  places_[at]->datagrams.send_to(asio::buffer(message.data(), message.size()), client, 0, ignored);
}

// --- TCP ---------------------------------------------------------------------------------------------------

awaitable<void> listener::accept_tcp(std::shared_ptr<listener> self, std::size_t at) {
  auto& acceptor = self->places_[at]->acceptor;
  asio::steady_timer pause(acceptor.get_executor());
  while (!self->closed_) {
    auto [failure, socket] = co_await acceptor.async_accept(as_tuple);
    if (self->closed_ || failure == asio::error::operation_aborted) co_return;
    if (failure) {
      pause.expires_after(accept_pause);
      co_await pause.async_wait(as_tuple);
      continue;
    }
    std::erase_if(self->connections_, [](const auto& each) { return each.expired(); });
    // Its closing tells the client.
    if (self->connections_.size() >= max_connections) continue;
    const auto client = std::make_shared<connection>(std::move(socket));
    self->connections_.push_back(client);
    asio::co_spawn(acceptor.get_executor(), serve_tcp(self, client), aio::rethrow);
  }
}

awaitable<void> listener::serve_tcp(std::shared_ptr<listener> self, std::shared_ptr<connection> client) {
  message_splitter splitter;
  std::array<octet, 4096> buffer{};
  boost::system::error_code ignored;
  while (client->socket.is_open()) {
    auto reading = client->socket.async_read_some(asio::buffer(buffer), as_tuple);
    const auto read = co_await aio::within<read_result>(idle_limit, std::move(reading));
    if (!read && client->under_way != 0) continue;
    if (!read || std::get<0>(*read)) break;
    std::vector<octets> queries;
    splitter.feed({buffer.data(), std::get<1>(*read)}, queries);
    for (auto& each : queries) {
      // Others wait in the client's socket meanwhile.
      while (client->under_way >= max_pipelined) co_await client->settled.async_wait(as_tuple);
      ++client->under_way;
      asio::co_spawn(client->socket.get_executor(), answer_tcp(self, client, std::move(each)), aio::rethrow);
    }
  }
  // A client may have said that it asks no more, and wait for what it asked.
  while (client->under_way != 0 && client->socket.is_open()) {
    co_await client->settled.async_wait(as_tuple);
  }
  client->socket.close(ignored);
}

awaitable<void> listener::answer_tcp(std::shared_ptr<listener> self, std::shared_ptr<connection> client,
                                     octets query) {
  auto answering = self->answer(std::move(query));
  const auto answered = co_await std::move(answering);
  if (answered) append_framed(client->unsent, *answered);
  // One writer, which takes what the others bring.
  if (!client->sending) {
    client->sending = true;
    while (!client->unsent.empty() && client->socket.is_open()) {
      const auto batch = std::exchange(client->unsent, {});
      auto writing = asio::async_write(client->socket, asio::buffer(batch), as_tuple);
      const auto written = co_await aio::within<read_result>(idle_limit, std::move(writing));
      boost::system::error_code ignored;
      if (!written || std::get<0>(*written)) client->socket.close(ignored);
    }
    client->sending = false;
  }
  --client->under_way;
  client->settled.cancel();
}

}  // namespace tunnel::dns
