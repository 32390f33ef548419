#include "ssh/libssh2/engine.hpp"

#include <libssh2.h>

#include <system_error>
#include <utility>

#include "ssh/handshake_limit.hpp"
#include "ssh/libssh2/connection.hpp"
#include "ssh/libssh2/handshake.hpp"
#include "ssh/libssh2/transport.hpp"
#include "ssh/libssh2/userauth.hpp"

namespace tunnel::ssh::libssh2 {

awaitable<result<std::shared_ptr<ssh::connection>>> engine::connect(
    std::unique_ptr<aio::byte_stream> stream, std::string user,
    std::chrono::steady_clock::duration handshake_limit, host_key_verifier& keys, authenticator& methods) {
  std::unique_ptr<transport> link;
  try {
    link = std::make_unique<transport>(std::move(stream));
  } catch (const std::system_error& failure) {
    co_return with_reason("no descriptor for another SSH connection", failure.code());
  }
  auto handshake = shake_hands(*link, keys.known_types());
  const auto key = co_await within_limit(handshake_limit, link->stream(), std::move(handshake));
  if (!key) co_return key.error();
  if (const auto trusted = keys.verify(*key); !trusted) co_return trusted.error();

  {
    userauth steps(*link, std::move(user));
    const auto authenticated = co_await methods.authenticate(steps);
    if (!authenticated) co_return authenticated.error();
  }
  auto made = std::make_shared<connection>(std::move(link));
  made->start();
  co_return made;
}

std::string library_version() {
  return libssh2_version(0);
}

}  // namespace tunnel::ssh::libssh2
