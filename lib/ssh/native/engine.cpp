#include "ssh/native/engine.hpp"

#include <memory>
#include <utility>

#include "ssh/handshake_limit.hpp"
#include "ssh/native/connection.hpp"
#include "ssh/native/core/errors.hpp"
#include "ssh/native/handshake.hpp"
#include "ssh/native/link.hpp"
#include "ssh/native/userauth.hpp"

namespace tunnel::ssh::native {

awaitable<result<std::shared_ptr<ssh::connection>>> engine::connect(
    std::unique_ptr<aio::byte_stream> stream, std::string user,
    std::chrono::steady_clock::duration handshake_limit, host_key_verifier& keys, authenticator& methods) {
  auto preferences = how_.preferences;
  if (!how_.host_keys_ordered)
    preferences.host_key = prefer_key_types(preferences.host_key, keys.known_types());
  transport::options how{how_.software, std::move(preferences), how_.limits};
  auto carrier = std::make_unique<link>(std::move(stream), std::move(how));

  auto receiving = receive_host_key(*carrier);
  const auto key = co_await within_limit(handshake_limit, carrier->stream(), std::move(receiving));
  if (!key) co_return key.error();
  if (const auto trusted = keys.verify(*key); !trusted) {
    carrier->close({make_error_code(errc::host_key_not_verifiable), "the host key is not trusted"});
    co_return trusted.error();
  }
  auto finishing = finish_key_exchange(*carrier);
  const auto finished = co_await within_limit(handshake_limit, carrier->stream(), std::move(finishing));
  if (!finished) co_return finished.error();

  {
    userauth steps(*carrier, std::move(user), how_.user_key_algorithms, how_.required_rsa_bits,
                   how_.authentication_patience);
    const auto authenticated = co_await methods.authenticate(steps);
    if (!authenticated) {
      carrier->close({make_error_code(errc::no_more_auth_methods_available), "authentication failed"});
      co_return authenticated.error();
    }
  }
  auto made = std::make_shared<connection>(std::move(carrier), keys);
  made->start();
  co_return made;
}

}  // namespace tunnel::ssh::native
