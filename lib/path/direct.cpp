#include "path/direct.hpp"

#include <algorithm>
#include <utility>

namespace tunnel::path {

namespace {

// As ssh.
constexpr auto pause_between_attempts = std::chrono::seconds(1);

}  // namespace

awaitable<stream_result> direct::dial(ssh::endpoint target, bool /*may_ask*/) {
  const aio::dial_target where{.host = std::move(target.host),
                               .port = target.port,
                               .family = how_.family,
                               .timeout = how_.timeout,
                               .unacknowledged_limit = how_.unacknowledged_limit,
                               .socket = how_.socket};
  stream_result stream = co_await aio::dial(where);
  for (unsigned attempt = 1; attempt < how_.attempts && !stream; ++attempt) {
    asio::steady_timer pause(co_await asio::this_coro::executor, pause_between_attempts);
    co_await pause.async_wait(asio::use_awaitable);
    stream = co_await aio::dial(where);
  }
  co_return stream;
}

}  // namespace tunnel::path
