#include "path/jump.hpp"

#include <utility>

#include "base/log.hpp"
#include "base/text.hpp"
#include "path/channel_stream.hpp"
#include "ssh/errors.hpp"

namespace tunnel::path {

namespace {

// What ssh -W says of where the connection comes from.
const ssh::endpoint originator{"127.0.0.1", 65535};

}  // namespace

jump::jump(std::unique_ptr<dialler> before, hop at, unsigned number,
           std::chrono::steady_clock::duration timeout, ssh::prompter& questions, ssh::secret_keeping secrets)
    : before_(std::move(before)),
      at_(std::move(at)),
      number_(number),
      name_("jump host " + std::to_string(number) + " (" + sanitise(at_.name) + ")"),
      timeout_(timeout),
      questions_(questions, name_),
      host_keys_(at_.settings, questions_),
      memory_(secrets) {}

error jump::located(const error& why) const {
  return {why.code, name_ + ": " + why.message};
}

error jump::not_reached(const ssh::endpoint& target, const error& why) const {
  if (why.code == ssh::errc::administratively_prohibited) {
    return located({why.code, "its SSH server forbids connections to " + target.text() + " (" + why.message +
                                  "); its administrator can allow them (AllowTcpForwarding, PermitOpen)"});
  }
  return located({why.code, "it could not connect to " + target.text() + ": " + why.message});
}

awaitable<result<std::shared_ptr<ssh::connection>>> jump::log_in(bool may_ask) {
  ssh::endpoint server{at_.settings.host_name, at_.settings.port};
  auto reaching = before_->dial(std::move(server), may_ask);
  auto stream = co_await std::move(reaching);
  // The jump host before this one has said by itself that it was it.
  if (!stream) co_return number_ == 1 ? located(stream.error()) : stream.error();
  ssh::user_authenticator methods(at_.settings, questions_, memory_, may_ask);
  auto connecting = at_.engine->connect(std::move(*stream), at_.settings.user, timeout_, host_keys_, methods);
  auto connection = co_await std::move(connecting);
  if (!connection) co_return located(connection.error());
  log::debug("{}: connected, {}", name_, (*connection)->info().server);
  co_return connection;
}

awaitable<stream_result> jump::dial(ssh::endpoint target, bool may_ask) {
  auto entering = log_in(may_ask);
  auto connection = co_await std::move(entering);
  if (!connection) co_return connection.error();
  auto opening = (*connection)->open_direct_tcpip(target, originator, timeout_);
  auto channel = co_await std::move(opening);
  if (!channel) {
    (*connection)->close();
    co_return not_reached(target, channel.error());
  }
  std::string peer = target.host + " port " + std::to_string(target.port) + " (through " + name_ + ")";
  co_return std::make_unique<channel_stream>(std::move(*connection), std::move(*channel), name_,
                                             std::move(peer));
}

}  // namespace tunnel::path
