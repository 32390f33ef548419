#include "ssh/agent_client.hpp"

#include <sys/socket.h>
#include <sys/un.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "aio/deadline.hpp"
#include "base/log.hpp"
#include "config/fingerprint.hpp"
#include "config/public_key.hpp"

namespace tunnel::ssh {

namespace {

constexpr std::size_t length_field = 4;

// OpenSSH's PROTOCOL.u2f: keys, and certificates for them, of which every signature takes a person.
bool is_security_key(octet_view public_blob) {
  const auto type = config::type_of_blob(public_blob);
  return type && type->starts_with("sk-");
}

error no_answer() {
  return {make_error_code(boost::system::errc::timed_out), "the agent does not answer"};
}

}  // namespace

awaitable<result<agent_client>> agent_client::connect(std::string path,
                                                      std::chrono::steady_clock::duration limit) {
  const auto fail = [&](const error_code& reason) {
    return with_reason("cannot reach an agent at " + path, reason);
  };
  if (path.size() >= sizeof(sockaddr_un::sun_path))
    co_return fail(make_error_code(boost::system::errc::filename_too_long));
  socket_type socket(co_await asio::this_coro::executor);
  error_code failure;
  socket.open({}, failure);
  if (failure) co_return fail(failure);
  socket.non_blocking(true, failure);
  if (failure) co_return fail(failure);
  // A local socket connects at once or not at all: also when its listener's queue is full, which Asio would
  // take for a connection under way.
  const socket_type::endpoint_type at(path);
  if (::connect(socket.native_handle(), at.data(), static_cast<socklen_t>(at.size())) != 0)
    co_return fail(error_code(errno, boost::system::system_category()));
  co_return agent_client(std::move(socket), limit);
}

awaitable<result<octets>> agent_client::ask(octets request) {
  // Whatever comes after an answer that was missed would be taken for another's.
  if (!in_step_)
    co_return with_reason("cannot ask the agent", make_error_code(boost::system::errc::not_connected));
  in_step_ = false;
  auto [unsent, sent] = co_await asio::async_write(socket_, asio::buffer(request), as_tuple);
  // It may hold a private key.
  explicit_bzero(request.data(), request.size());
  if (unsent) co_return with_reason("cannot ask the agent", unsent);
  std::array<octet, length_field> field{};
  auto [no_length, read] = co_await asio::async_read(socket_, asio::buffer(field), as_tuple);
  if (no_length) co_return with_reason("no answer from the agent", no_length);
  const auto length = keys::agent_message_length(field);
  if (!length) co_return length.error();
  octets message(*length);
  auto [broken, count] = co_await asio::async_read(socket_, asio::buffer(message), as_tuple);
  if (broken) co_return with_reason("no answer from the agent", broken);
  in_step_ = true;
  co_return message;
}

awaitable<result<std::vector<keys::agent_identity>>> agent_client::identities() {
  auto asking = ask(keys::encode_request_identities());
  const auto message = co_await aio::within<result<octets>>(limit_, std::move(asking));
  if (!message) co_return no_answer();
  if (!*message) co_return message->error();
  co_return keys::parse_identities_answer(**message);
}

awaitable<result<void>> agent_client::bind(octets host_key, octets session_identifier, octets signature) {
  return tell(keys::encode_session_bind(host_key, session_identifier, signature));
}

awaitable<result<void>> agent_client::add(const keys::private_key& key, std::string comment,
                                          keys::key_constraints constraints) {
  return tell(keys::encode_add_identity(key.secret_blob().view(), comment, constraints));
}

awaitable<result<void>> agent_client::tell(octets request) {
  auto asking = ask(std::move(request));
  const auto message = co_await aio::within<result<octets>>(limit_, std::move(asking));
  if (!message) co_return no_answer();
  if (!*message) co_return message->error();
  co_return keys::parse_success(**message);
}

awaitable<result<octets>> agent_client::sign(octets public_blob, octets data, std::uint32_t flags) {
  if (is_security_key(public_blob))
    log::info("touch the security key {} if it blinks: the agent signs with it",
              config::fingerprint(public_blob));
  auto request = keys::encode_sign_request(public_blob, data, flags);
  const auto message = co_await ask(std::move(request));
  if (!message) co_return message.error();
  co_return keys::parse_sign_response(*message);
}

}  // namespace tunnel::ssh
