#include "ssh/native/link.hpp"

#include <exception>
#include <utility>

#include "base/log.hpp"
#include "crypto/random.hpp"
#include "ssh/errors.hpp"

namespace tunnel::ssh::native {

link::link(std::unique_ptr<aio::byte_stream> stream, transport::options how)
    : stream_(std::move(stream)),
      protocol_(std::move(how), crypto::fill_random, std::chrono::steady_clock::now()),
      last_heard_(std::chrono::steady_clock::now()) {}

error link::lost(const std::string& how) const {
  return {make_error_code(ssh::errc::connection_lost), how};
}

result<link::progress> link::receive() {
  auto& inbound = protocol_.inbound();
  const auto room = inbound.room();
  const auto count = stream_->read_some(room);
  if (!count) {
    if (count.error() == asio::error::would_block) return progress::nothing;
    return lost(count.error().message());
  }
  if (*count == 0) return lost("the server closed the connection");
  inbound.add(*count);
  last_heard_ = std::chrono::steady_clock::now();
  return *count == room.size() ? progress::more_may_be_there : progress::all_there_was;
}

result<void> link::flush() {
  while (!protocol_.pending().empty()) {
    const auto count = stream_->write_some(protocol_.pending());
    if (!count) {
      if (count.error() == asio::error::would_block) break;
      return lost(count.error().message());
    }
    protocol_.sent(*count);
  }
  return boost::system::in_place_value;
}

awaitable<result<transport::event>> link::next() {
  for (;;) {
    auto event = protocol_.next(std::chrono::steady_clock::now());
    if (!event) {
      close(event.error());
      co_return event.error();
    }
    if (const auto sent = flush(); !sent) co_return sent.error();
    if (*event) co_return std::move(**event);
    const auto received = receive();
    if (!received) co_return received.error();
    if (*received == progress::nothing) {
      // An answer that the stream would not take is short, and the server reads before it writes again.
      const auto way = protocol_.pending().empty() ? aio::direction::read : aio::direction::write;
      if (const auto failure = co_await aio::wait_for(*stream_, way)) co_return lost(failure.message());
    }
  }
}

void link::close(const error& why) {
  // Courtesy: an unsent goodbye changes nothing, not even one that libcrypto could not encrypt.
  try {
    protocol_.goodbye(why);
    static_cast<void>(flush());
  } catch (const std::exception& failure) {
    log::debug("no goodbye: {}", failure.what());
  }
  stream_->close();
}

}  // namespace tunnel::ssh::native
