#include "control/client.hpp"

#include <optional>
#include <string_view>
#include <utility>

#include "aio/asio.hpp"
#include "aio/deadline.hpp"

namespace tunnel::control {

namespace {

using local = asio::local::stream_protocol;

constexpr auto answer_limit = std::chrono::seconds(5);
// More than any answer has.
constexpr std::size_t max_answer = std::size_t{1024} * 1024;

awaitable<std::string> exchange(local::socket& with, request what) {
  const auto line = std::string(name_of(what)) + '\n';
  std::string text;
  // What cannot be said has no answer, and the end of that is the answer's.
  co_await asio::async_write(with, asio::buffer(line), as_tuple);
  co_await asio::async_read(with, asio::dynamic_buffer(text, max_answer), as_tuple);
  co_return text;
}

}  // namespace

result<reply> ask(const std::string& path, request what) {
  asio::io_context context;
  local::socket socket(context);
  boost::system::error_code failure;
  if (path.size() >= sizeof(sockaddr_un::sun_path)) {
    failure = make_error_code(boost::system::errc::filename_too_long);
  } else {
    socket.connect(local::endpoint(path), failure);
  }
  if (failure) return with_reason("no tunnel is to be asked at the control socket " + path, failure);
  std::optional<std::string> answer;
  // Not a temporary: the coroutine lives in it.
  auto asking = [&]() -> awaitable<void> {
    auto exchanging = exchange(socket, what);
    answer = co_await aio::within<std::string>(answer_limit, std::move(exchanging));
  };
  asio::co_spawn(context, asking, asio::detached);
  context.run();
  const std::string_view text = answer ? std::string_view(*answer) : std::string_view();
  const bool succeeded = text.starts_with("ok\n");
  if (!succeeded && !text.starts_with("failed\n")) {
    return error{make_error_code(boost::system::errc::timed_out),
                 "what listens at the control socket " + path + " did not answer as a tunnel does"};
  }
  return reply{succeeded, std::string(text.substr(text.find('\n') + 1))};
}

}  // namespace tunnel::control
