#include "ssh/native/handshake.hpp"

#include <string>
#include <utility>
#include <variant>

#include "base/text.hpp"
#include "ssh/errors.hpp"
#include "ssh/native/core/errors.hpp"
#include "wire/reader.hpp"

namespace tunnel::ssh::native {

namespace {

// What a failure of the first exchange means to the user.
error translate(const link& carrier, const error& why) {
  const bool is_protocol = why.code.category() == category() && why.code != errc::disconnected;
  if (is_protocol)
    return {make_error_code(ssh::errc::handshake_failed),
            "key exchange with " + carrier.stream().peer() + " failed: " + why.message};
  return {make_error_code(ssh::errc::connection_lost),
          "connection to " + carrier.stream().peer() + " ended during the key exchange: " + why.message +
              (why.code == errc::disconnected
                   ? ""
                   : "; is there an SSH server on that port, and does it let this address in?")};
}

}  // namespace

awaitable<result<host_key>> receive_host_key(link& carrier) {
  for (;;) {
    auto came = co_await carrier.next();
    if (!came) co_return translate(carrier, came.error());
    auto* offered = std::get_if<transport::host_key_offered>(&*came);
    if (offered == nullptr) continue;
    const auto type = wire::reader(offered->key).text().value_or("");
    co_return host_key{std::string(type), std::move(offered->key), carrier.stream().remote_address()};
  }
}

awaitable<result<void>> finish_key_exchange(link& carrier) {
  carrier.protocol().accept_host_key(std::chrono::steady_clock::now());
  for (;;) {
    const auto came = co_await carrier.next();
    if (!came) co_return translate(carrier, came.error());
    if (std::holds_alternative<transport::established>(*came)) co_return boost::system::in_place_value;
  }
}

}  // namespace tunnel::ssh::native
