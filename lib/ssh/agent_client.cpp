#include "ssh/agent_client.hpp"

#include <array>
#include <utility>

#include "aio/deadline.hpp"

namespace tunnel::ssh {

namespace {

constexpr std::size_t length_field = 4;

error no_answer() {
  return {make_error_code(boost::system::errc::timed_out), "the agent does not answer"};
}

}  // namespace

awaitable<result<agent_client>> agent_client::connect(std::string path,
                                                      std::chrono::steady_clock::duration limit) {
  socket_type socket(co_await asio::this_coro::executor);
  boost::system::error_code failure;
  // A local socket connects at once or not at all, unless its listener's queue is full.
  socket.open({}, failure);
  socket.non_blocking(true, failure);
  asio::local::stream_protocol::endpoint at;
  try {
    at = asio::local::stream_protocol::endpoint(path);
  } catch (const boost::system::system_error& too_long) {
    co_return with_reason("cannot reach an agent at " + path, too_long.code());
  }
  socket.connect(at, failure);
  if (failure) co_return with_reason("cannot reach an agent at " + path, failure);
  co_return agent_client(std::move(socket), limit);
}

awaitable<result<octets>> agent_client::ask(octets request) {
  auto [unsent, sent] = co_await asio::async_write(socket_, asio::buffer(request), as_tuple);
  if (unsent) co_return with_reason("cannot ask the agent", unsent);
  std::array<octet, length_field> field{};
  auto [no_length, read] = co_await asio::async_read(socket_, asio::buffer(field), as_tuple);
  if (no_length) co_return with_reason("no answer from the agent", no_length);
  const auto length = keys::agent_message_length(field);
  if (!length) co_return length.error();
  octets message(*length);
  auto [broken, count] = co_await asio::async_read(socket_, asio::buffer(message), as_tuple);
  if (broken) co_return with_reason("no answer from the agent", broken);
  co_return message;
}

awaitable<result<std::vector<keys::agent_identity>>> agent_client::identities() {
  auto asking = ask(keys::encode_request_identities());
  const auto message = co_await aio::within<result<octets>>(limit_, std::move(asking));
  if (!message) co_return no_answer();
  if (!*message) co_return message->error();
  co_return keys::parse_identities_answer(**message);
}

awaitable<result<octets>> agent_client::sign(octets public_blob, octets data, std::uint32_t flags) {
  auto request = keys::encode_sign_request(public_blob, data, flags);
  const auto message = co_await ask(std::move(request));
  if (!message) co_return message.error();
  co_return keys::parse_sign_response(*message);
}

}  // namespace tunnel::ssh
