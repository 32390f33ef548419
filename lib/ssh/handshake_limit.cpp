#include "ssh/handshake_limit.hpp"

#include <string>
#include <utility>

#include "aio/deadline.hpp"
#include "ssh/errors.hpp"

namespace tunnel::ssh {

namespace {

template <class T>
awaitable<result<T>> limited(std::chrono::steady_clock::duration limit, const aio::byte_stream& stream,
                             awaitable<result<T>> step) {
  auto outcome = co_await aio::within<result<T>>(limit, std::move(step));
  if (outcome) co_return std::move(*outcome);
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(limit).count();
  co_return error{errc::handshake_failed, "no SSH handshake with " + stream.peer() + " within " +
                                              std::to_string(seconds) +
                                              " s; is there an SSH server on that port?"};
}

}  // namespace

awaitable<result<host_key>> within_limit(std::chrono::steady_clock::duration limit,
                                         const aio::byte_stream& stream, awaitable<result<host_key>> step) {
  return limited<host_key>(limit, stream, std::move(step));
}

awaitable<result<void>> within_limit(std::chrono::steady_clock::duration limit,
                                     const aio::byte_stream& stream, awaitable<result<void>> step) {
  return limited<void>(limit, stream, std::move(step));
}

}  // namespace tunnel::ssh
