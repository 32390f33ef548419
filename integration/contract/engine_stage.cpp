#include "contract/engine_stage.hpp"

#include <csignal>
#include <iostream>
#include <stdexcept>
#include <utility>

#include "aio/dial.hpp"
#include "ssh/libssh2/engine.hpp"
#include "ssh/native/engine.hpp"

namespace tunnel::integration {
namespace {

std::unique_ptr<ssh::engine> make_engine(const std::string& name) {
  if (name == "libssh2") return std::make_unique<ssh::libssh2::engine>();
  ssh::native::engine::options how;
  how.software = "contract";
  return std::make_unique<ssh::native::engine>(std::move(how));
}

awaitable<result<std::shared_ptr<ssh::connection>>> dial_and_connect(ssh::engine& engine, std::uint16_t port,
                                                                     std::string user, milliseconds limit,
                                                                     ssh::host_key_verifier& keys,
                                                                     ssh::authenticator& methods) {
  aio::dial_target target;
  target.host = "127.0.0.1";
  target.port = port;
  target.timeout = patience;
  auto stream = co_await aio::dial(std::move(target));
  if (!stream) co_return stream.error();
  co_return co_await engine.connect(std::move(*stream), std::move(user), limit, keys, methods);
}

awaitable<bool> offer_key(ssh::userauth& methods, std::string file) {
  const auto allowed = co_await methods.none();
  if (!allowed) co_return false;
  ssh::identity key;
  key.label = key.path = file;
  const ssh::passphrase_source no_passphrase = [](bool) { return std::nullopt; };
  const auto reply = co_await methods.publickey(std::move(key), no_passphrase);
  co_return reply && reply->outcome == ssh::auth_reply::verdict::success;
}

}  // namespace

result<void> scripted_verifier::verify(const ssh::host_key& key) {
  asked = key;
  if (!trusting) return error{make_error_code(ssh::errc::host_key_refused), "not this one"};
  return boost::system::in_place_value;
}

awaitable<result<void>> scripted_authenticator::authenticate(ssh::userauth& methods) {
  asked = true;
  auto taken = steps_(methods);
  const bool succeeded = co_await std::move(taken);
  result<void> outcome = boost::system::in_place_value;
  if (!succeeded) outcome = error{make_error_code(ssh::errc::authentication_failed), "refused"};
  co_return outcome;
}

scripted_authenticator::steps with_key(const std::filesystem::path& file) {
  return [file = file.string()](ssh::userauth& methods) { return offer_key(methods, file); };
}

void connection_log::on_lost(const error& why) {
  ++lost;
  reason = why;
}

engine_stage::engine_stage() : engine_(make_engine(GetParam().engine)) {
  ::signal(SIGPIPE, SIG_IGN);
}

engine_stage::~engine_stage() {
  for (const auto& each : connections_) each->close();
  support::run_ready(context_);
  if (HasFailure() && server_) std::cerr << "--- the server's log\n" << server_->log();
}

ssh_server& engine_stage::start_server(server_settings settings) {
  server_ = make_server(GetParam().server, std::move(settings));
  return *server_;
}

started<engine_stage::connection_result> engine_stage::begin(std::uint16_t port, std::string user,
                                                             ssh::host_key_verifier& keys,
                                                             ssh::authenticator& methods,
                                                             milliseconds limit) {
  return {context_, dial_and_connect(*engine_, port, std::move(user), limit, keys, methods)};
}

std::shared_ptr<ssh::connection> engine_stage::connect() {
  if (!server_) start_server();
  scripted_authenticator methods(with_key(server_->user_key().private_file));
  auto connecting = begin(server_->port(), server_->user(), trusting_, methods);
  auto& made = connecting.wait();
  if (!made) throw std::runtime_error(made.error().message);
  connections_.push_back(*made);
  return *made;
}

started<engine_stage::channel_result> engine_stage::begin_open(ssh::connection& on, std::uint16_t port,
                                                               milliseconds limit) {
  return {context_, on.open_direct_tcpip({"127.0.0.1", port}, {"127.0.0.1", 1}, limit)};
}

engine_stage::channel_result engine_stage::open(ssh::connection& on, std::uint16_t port, milliseconds limit) {
  auto opening = begin_open(on, port, limit);
  return std::move(opening.wait());
}

std::unique_ptr<channel_user> engine_stage::use(channel_result opened) {
  if (!opened) throw std::runtime_error(opened.error().message);
  return std::make_unique<channel_user>(std::move(*opened));
}

std::unique_ptr<channel_user> engine_stage::use(ssh::connection& on, std::uint16_t port) {
  return use(open(on, port));
}

bool engine_stage::echoes(ssh::connection& on) {
  const origin target(echo());
  const auto user = use(on, target.port());
  user->send("are you there?");
  user->send_eof();
  return until([&] { return user->closed() != 0; }) && user->received() == "are you there?" && user->intact();
}

bool engine_stage::answers_probe(ssh::connection& on) {
  const auto before = on.last_heard();
  on.probe();
  return until([&] { return on.last_heard() > before; });
}

}  // namespace tunnel::integration
