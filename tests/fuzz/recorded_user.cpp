#include "recorded_user.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <variant>

#include "fixed_random.hpp"
#include "invariant.hpp"
#include "read_into.hpp"
#include "repeatable.hpp"
#include "ssh/native/core/errors.hpp"

namespace tunnel::fuzz {

namespace {

using namespace tunnel::ssh::native;

constexpr std::string_view algorithm = "ssh-ed25519";

const ssh::keys::private_key& user_key() {
  static const auto key = support::repeatable_key(2);
  return *key;
}

transport::options restarted(const recorded_user::options& how) {
  restart_fixed_random();
  return {.software = "Client",
          .preferences = {.kex = how.kex,
                          .host_key = {"ssh-ed25519", "ecdsa-sha2-nistp256", "rsa-sha2-256"},
                          .cipher = how.cipher,
                          .mac = {"hmac-sha2-256-etm@openssh.com", "hmac-sha2-256"}},
          .limits = {}};
}

// How connection_messages_fuzz.cpp's user does it (connection_user.cpp).
constexpr octet opens_direct = 0;
constexpr octet opens_streamlocal = 1;
constexpr octet opens_session = 8;
constexpr octet listens = 2;
constexpr octet pings = 4;
constexpr octet accepts = 13;
constexpr octet runs = 29;
constexpr octet closes = 45;

// How userauth_reply_fuzz.cpp's does.
enum request : octet { none = 1, offer = 2, proof = 3, password = 4, interactive = 5, answers = 6 };

}  // namespace

recorded_user::options recorded_user::usual() {
  return {.kex = {"curve25519-sha256", "curve25519-sha256@libssh.org", "ecdh-sha2-nistp256"},
          .cipher = {"aes128-gcm@openssh.com", "aes128-ctr"}};
}

recorded_user::recorded_user(const options& how, observer watching)
    : watching_(std::move(watching)),
      link_(restarted(how), fill_fixed, now_),
      user_(how.user),
      target_(how.target) {}

void recorded_user::receive(octet_view data) {
  while (!data.empty() && !failure_) {
    data = support::read_into(link_.inbound(), data);
    for (result<bool> more = true; !failure_;) {
      more = step();
      if (!more) failure_ = more.error();
      if (!more || !*more) break;
    }
  }
}

result<bool> recorded_user::step() {
  auto next = link_.next(now_);
  if (!next) return next.error();
  if (!*next) return false;
  if (std::holds_alternative<transport::host_key_offered>(**next)) {
    link_.accept_host_key(now_);
  } else if (const auto* message = std::get_if<transport::received>(&**next)) {
    const auto taken = take(*message);
    if (!taken) return taken.error();
  } else {
    authentication_.emplace(link_, user_);
  }
  return true;
}

result<void> recorded_user::take(const transport::received& message) {
  watching_.on_payload(message.payload);
  if (!connection_) {
    auto event = authentication_->on_message(message);
    if (!event) return event.error();
    if (*event) on_authentication(**event);
    return boost::system::in_place_value;
  }
  auto event = connection_->on_message(message, now_);
  if (!event) return event.error();
  if (*event) std::visit([this](const auto& told) { on(told); }, **event);
  return boost::system::in_place_value;
}

// --- authentication ----------------------------------------------------------------------------------------

void recorded_user::on_authentication(const authentication::event& told) {
  if (std::holds_alternative<authentication::ready>(told)) return try_next({"none"});
  if (const auto* failed = std::get_if<authentication::failure>(&told)) return try_next(failed->methods);
  if (std::holds_alternative<authentication::success>(told)) return on_authenticated();
  if (const auto* questions = std::get_if<authentication::info_request>(&told)) {
    std::vector<secret> words;
    for (std::size_t i = 0; i < questions->questions.size(); ++i) words.emplace_back(std::string("wrong"));
    watching_.on_request(request::answers);
    authentication_->answer(words);
  } else if (std::holds_alternative<authentication::key_accepted>(told)) {
    const auto& key = user_key();
    const auto signature =
        key.sign(algorithm, authentication_->octets_to_sign(algorithm, key.public_blob())).value();
    watching_.on_request(request::proof);
    authentication_->prove_key(algorithm, key.public_blob(), signature);
  }
}

// Each method once, in our order, if the server has it.
void recorded_user::try_next(const std::vector<std::string>& methods) {
  while (!methods_.empty()) {
    const auto method = methods_.front();
    methods_.pop_front();
    if (std::ranges::find(methods, method) == methods.end()) continue;
    if (method == "none") {
      watching_.on_request(request::none);
      return authentication_->request_none();
    }
    if (method == "password") {
      watching_.on_request(request::password);
      return authentication_->request_password(secret(std::string("wrong")));
    }
    if (method == "keyboard-interactive") {
      watching_.on_request(request::interactive);
      return authentication_->request_keyboard_interactive();
    }
    watching_.on_request(request::offer);
    return authentication_->offer_key(algorithm, user_key().public_blob());
  }
  failure_ = error{make_error_code(errc::no_more_auth_methods_available), "nothing is left to try"};
}

// --- channels ----------------------------------------------------------------------------------------------

void recorded_user::on_authenticated() {
  connection_.emplace(link_);
  const host_and_port here{"127.0.0.1", 50000};
  watching_.on_action(opens_session, 0);
  session_ = connection_->open_session();
  watching_.on_action(opens_direct, 0);
  const auto direct = connection_->open_direct_tcpip({"127.0.0.1", target_}, here);
  watching_.on_action(opens_direct, 0);
  const auto refused = connection_->open_direct_tcpip({"127.0.0.1", 1}, here);
  watching_.on_action(opens_streamlocal, 0);
  const auto local = connection_->open_direct_streamlocal("/run/nobody");
  channels_ = {session_, direct, refused, local};
  watching_.on_action(listens, 0);
  connection_->listen({"localhost", 0});
  watching_.on_action(pings, 0);
  connection_->ping(now_);
}

bool recorded_user::finished() const {
  return connection_ && channels_.empty() && listens_ && pinged_;
}

// A channel's place among those that there are is how a script names it.
void recorded_user::act(octet choice, channel_id id) {
  watching_.on_action(choice, static_cast<octet>(std::distance(channels_.begin(), channels_.find(id))));
}

void recorded_user::on(const connection::opened& told) {
  if (told.channel != session_) return;
  act(runs, told.channel);
  connection_->request_exec(told.channel, "echo out; echo err >&2; exit 3");
}

void recorded_user::on(const connection::open_failed& told) {
  channels_.erase(told.channel);
}

void recorded_user::on(const connection::data& told) {
  connection_->consumed(told.channel, told.octets.size());
  // Enough of the server at the other end.
  if (told.channel == session_) return;
  act(closes, told.channel);
  channels_.erase(told.channel);
  connection_->close(told.channel);
}

void recorded_user::on(const connection::eof& told) {
  connection_->send_eof(told.channel);
}

void recorded_user::on(const connection::closed& told) {
  act(closes, told.channel);
  channels_.erase(told.channel);
  connection_->close(told.channel);
}

void recorded_user::on(const connection::listening& told) {
  listens_ = !told.port;
  port_ = told.port;
}

void recorded_user::on(const connection::forwarded& told) {
  listens_ = true;
  channels_.insert(told.channel);
  act(accepts, told.channel);
  connection_->accept(told.channel);
}

// Nobody asks for it.
void recorded_user::on(const connection::host_keys_proved& /*told*/) {
  require(false);
}

void recorded_user::on(const connection::pong& /*told*/) {
  pinged_ = true;
}

}  // namespace tunnel::fuzz
