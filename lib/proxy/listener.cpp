#include "proxy/listener.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "aio/address.hpp"
#include "base/log.hpp"

namespace tunnel::proxy {

namespace {

// Between two looks whether descriptors are to be had again: short for a person, long for a processor.
constexpr auto accept_pause = std::chrono::milliseconds(100);
// Clients without a request that give way at once, so that a crowd of them costs few rounds.
constexpr std::size_t eviction_batch = 16;
// A client that is about to make its request makes it sooner than this, so it is not evicted before.
constexpr auto eviction_age = std::chrono::milliseconds(250);

bool out_of_descriptors(const boost::system::error_code& failure) {
  return failure == boost::system::errc::too_many_files_open ||
         failure == boost::system::errc::too_many_files_open_in_system ||
         failure == boost::system::errc::no_buffer_space || failure == boost::system::errc::not_enough_memory;
}

}  // namespace

listener::listener(asio::any_io_executor executor, admission rules, half_open& waiting,
                   accept_handler accepted)
    : executor_(std::move(executor)),
      rules_(std::move(rules)),
      waiting_(waiting),
      accepted_(std::move(accepted)) {}

result<void> listener::bind_one(const tcp::endpoint& address, bool gateway) {
  if (!gateway && !address.address().is_loopback()) {
    return error{make_error_code(boost::system::errc::permission_denied),
                 "not listening on " + aio::to_text(address) +
                     ": everybody who reaches this machine there could use the server; add -g if they may"};
  }
  boost::system::error_code failure;
  auto acceptor = std::make_unique<tcp::acceptor>(executor_);
  acceptor->open(address.protocol(), failure);
  if (!failure) acceptor->set_option(tcp::acceptor::reuse_address(true), failure);
  if (!failure && address.address().is_v6()) acceptor->set_option(asio::ip::v6_only(true), failure);
  if (!failure) acceptor->bind(address, failure);
  if (failure) {
    auto why = with_reason("cannot listen on " + aio::to_text(address), failure);
    if (failure == asio::error::address_in_use)
      why.message += "; another program has that port, perhaps another tunnel: choose one with -D";
    return why;
  }
  acceptors_.push_back(std::move(acceptor));
  return boost::system::in_place_value;
}

result<void> listener::bind(const listen_spec& spec, bool gateway) {
  const auto pair = aio::local_pair(spec.bind_address, gateway);
  if (pair.empty()) {
    tcp::resolver resolver(executor_);
    boost::system::error_code failure;
    const auto found = resolver.resolve(*spec.bind_address, std::to_string(spec.port),
                                        tcp::resolver::passive | tcp::resolver::numeric_service, failure);
    if (failure) return with_reason("cannot listen on " + *spec.bind_address, failure);
    return bind_one(found.begin()->endpoint(), gateway);
  }
  if (auto first = bind_one({pair.front(), spec.port}, gateway); !first) return first;
  boost::system::error_code ignored;
  const auto port = acceptors_.back()->local_endpoint(ignored).port();
  // A machine without IPv6 is served by the first alone.
  if (const auto second = bind_one({pair.back(), port}, gateway); !second)
    log::debug("{}", second.error().message);
  return boost::system::in_place_value;
}

result<void> listener::listen() {
  for (const auto& acceptor : acceptors_) {
    boost::system::error_code failure;
    acceptor->listen(asio::socket_base::max_listen_connections, failure);
    if (failure) {
      boost::system::error_code ignored;
      return with_reason("cannot listen on " + aio::to_text(acceptor->local_endpoint(ignored)), failure);
    }
    asio::co_spawn(executor_, accept_from(*acceptor), [](std::exception_ptr thrown) {
      if (thrown) std::rethrow_exception(thrown);
    });
  }
  return boost::system::in_place_value;
}

void listener::close() {
  for (const auto& acceptor : acceptors_) {
    boost::system::error_code ignored;
    acceptor->close(ignored);
  }
}

std::vector<std::string> listener::addresses() const {
  std::vector<std::string> texts;
  for (const auto& acceptor : acceptors_) {
    boost::system::error_code ignored;
    texts.push_back(aio::to_text(acceptor->local_endpoint(ignored)));
  }
  return texts;
}

awaitable<void> listener::make_room(const char* why) {
  if (!std::exchange(short_of_descriptors_, true)) {
    log::warn("{}: clients without a request give way to new ones; raise the limit on open files (ulimit -n)",
              why);
  }
  if (waiting_.evict_oldest(eviction_batch, eviction_age) != 0) co_return;
  asio::steady_timer pause(executor_, accept_pause);
  co_await pause.async_wait(as_tuple);
}

awaitable<void> listener::accept_from(tcp::acceptor& acceptor) {
  while (acceptor.is_open()) {
    if (rules_.clients->load(std::memory_order_relaxed) >= rules_.limit) {
      co_await make_room("as many clients as descriptors allow");
      // Those that were evicted give their descriptors back when their coroutines have run.
      co_await asio::post(executor_, asio::use_awaitable);
      continue;
    }
    auto [failure, socket] = co_await acceptor.async_accept(as_tuple);
    if (failure == asio::error::operation_aborted) co_return;
    if (out_of_descriptors(failure)) {
      co_await make_room(failure.message().c_str());
    } else if (failure) {
      log::debug("a client was gone before it was accepted: {}", failure.message());
    } else {
      accepted_(client(std::move(socket), rules_.clients));
      if (rules_.clients->load(std::memory_order_relaxed) < rules_.limit / 2) short_of_descriptors_ = false;
    }
  }
}

}  // namespace tunnel::proxy
