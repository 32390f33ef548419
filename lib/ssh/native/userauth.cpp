#include "ssh/native/userauth.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <variant>

#include "aio/deadline.hpp"
#include "base/log.hpp"
#include "base/text.hpp"
#include "config/file.hpp"
#include "config/key_file.hpp"
#include "ssh/errors.hpp"
#include "ssh/keys/errors.hpp"
#include "ssh/keys/key_file.hpp"
#include "ssh/keys/public_key.hpp"
#include "ssh/keys/signature.hpp"
#include "ssh/native/core/errors.hpp"

namespace tunnel::ssh::native {

namespace {

using protocol = authentication_protocol;

auth_reply not_tried(std::string reason) {
  return {.outcome = auth_reply::verdict::not_tried, .methods = {}, .reason = std::move(reason)};
}

auth_reply refused(std::string reason) {
  return {.outcome = auth_reply::verdict::refused, .methods = {}, .reason = std::move(reason)};
}

std::vector<std::string> sanitised(const std::vector<std::string>& names) {
  std::vector<std::string> safe;
  safe.reserve(names.size());
  for (const auto& name : names) safe.push_back(sanitise(name));
  return safe;
}

bool contains(const std::vector<std::string>& list, std::string_view name) {
  return std::ranges::find(list, name) != list.end();
}

}  // namespace

userauth::userauth(link& carrier, std::string user, std::vector<std::string> algorithms,
                   std::size_t required_rsa_bits, std::chrono::steady_clock::duration patience)
    : link_(carrier),
      protocol_(carrier.protocol(), std::move(user)),
      algorithms_(std::move(algorithms)),
      required_rsa_bits_(required_rsa_bits),
      patience_(patience) {}

// --- answers -----------------------------------------------------------------------------------------------

error userauth::lost(const error& why) const {
  return {make_error_code(ssh::errc::connection_lost),
          "connection to " + link_.stream().peer() + " ended during authentication: " + why.message};
}

awaitable<result<userauth::event>> userauth::next_event() {
  auto reading = read_event();
  auto came = co_await aio::within<result<event>>(patience_, std::move(reading));
  if (came) co_return std::move(*came);
  const error why{make_error_code(native::errc::by_application), "the server does not answer"};
  link_.close(why);
  co_return lost(why);
}

awaitable<result<userauth::event>> userauth::read_event() {
  for (;;) {
    auto came = co_await link_.next();
    if (!came) co_return lost(came.error());
    const auto* message = std::get_if<transport::received>(&*came);
    if (message == nullptr) continue;
    auto answer = protocol_.on_message(*message);
    if (!answer) {
      link_.close(answer.error());
      co_return lost(answer.error());
    }
    if (!*answer) continue;
    if (const auto* banner = std::get_if<protocol::banner>(&**answer)) {
      for (const auto& line : sanitised_lines(banner->text, protocol::max_banner))
        log::info("the server says: {}", line);
      continue;
    }
    co_return std::move(**answer);
  }
}

awaitable<result<void>> userauth::ready() {
  if (!ready_) {
    const auto accepted = co_await next_event();
    if (!accepted) co_return accepted.error();
    ready_ = true;
  }
  co_return boost::system::in_place_value;
}

auth_reply userauth::judge(const event& answer) const {
  if (std::holds_alternative<protocol::success>(answer))
    return {.outcome = auth_reply::verdict::success, .methods = {}, .reason = {}};
  if (const auto* wanted = std::get_if<protocol::password_change_wanted>(&answer))
    return refused("the server wants a new password; change it with ssh. It says: " +
                   sanitise(wanted->prompt));
  if (const auto* failure = std::get_if<protocol::failure>(&answer)) {
    return {.outcome = failure->partial_success ? auth_reply::verdict::partial_success
                                                : auth_reply::verdict::refused,
            .methods = sanitised(failure->methods),
            .reason = {}};
  }
  return refused("the server gave an answer that does not fit");
}

awaitable<result<auth_reply>> userauth::verdict() {
  const auto answer = co_await next_event();
  if (!answer) co_return answer.error();
  co_return judge(*answer);
}

// --- methods -----------------------------------------------------------------------------------------------

awaitable<result<auth_reply>> userauth::none() {
  if (const auto begun = co_await ready(); !begun) co_return begun.error();
  protocol_.request_none();
  co_return co_await verdict();
}

awaitable<result<auth_reply>> userauth::password(secret value) {
  protocol_.request_password(value);
  co_return co_await verdict();
}

awaitable<result<auth_reply>> userauth::keyboard_interactive(kbdint_responder responder) {
  protocol_.request_keyboard_interactive();
  for (;;) {
    const auto answer = co_await next_event();
    if (!answer) co_return answer.error();
    const auto* request = std::get_if<protocol::info_request>(&*answer);
    if (request == nullptr) co_return judge(*answer);
    std::vector<kbdint_prompt> prompts;
    prompts.reserve(request->questions.size());
    for (const auto& each : request->questions)
      prompts.push_back({each.prompt, each.echo ? echo::on : echo::off});
    const auto answers = responder(request->name, request->instruction, prompts);
    // The next request ends this attempt (RFC 4256 section 3.1).
    if (!answers) co_return not_tried("there was nobody to answer its questions");
    protocol_.answer(*answers);
  }
}

// --- public keys -------------------------------------------------------------------------------------------

std::string userauth::algorithm_for(std::string_view key_type) const {
  const auto& known = link_.protocol().server_extensions().server_sig_algs;
  for (const auto& algorithm : algorithms_) {
    if (keys::key_type_of(algorithm) != key_type) continue;
    // RFC 8308 section 3.1: without the list, only trying can tell. Of those that a key could make the server
    // chooses; where there is one alone, the list is not believed: Twisted's has the types of its own keys.
    const bool only_one = !key_type.starts_with("ssh-rsa");
    if (!known || only_one || contains(*known, algorithm) ||
        contains(*known, keys::plain_algorithm(algorithm)))
      return algorithm;
  }
  return {};
}

std::string userauth::why_no_algorithm(std::string_view key_type) const {
  const bool allowed = std::ranges::any_of(
      algorithms_, [&](const std::string& each) { return keys::key_type_of(each) == key_type; });
  return (allowed ? "the server takes" : "PubkeyAcceptedAlgorithms allows") +
         std::string(" no signature that a key of type ") + sanitise(key_type) + " can make";
}

std::optional<keys::private_key> userauth::load(const identity& key, const passphrase_source& passphrase,
                                                std::string& why) {
  const auto content = config::read_file(key.path, config::max_key_file);
  if (!content) {
    why = "it cannot be read: " + content.error().message;
    return std::nullopt;
  }
  const secret text(std::string(content->text));
  auto decoded = keys::decode_private_key(text.reveal(), secret());
  for (bool wrong = false; !decoded && decoded.error().code == keys::errc::wrong_passphrase; wrong = true) {
    const auto answer = passphrase(wrong);
    if (!answer) {
      why = wrong ? decoded.error().message
                  : "it needs a passphrase, and none was given; ssh-add takes it once for all";
      return std::nullopt;
    }
    decoded = keys::decode_private_key(text.reveal(), *answer);
  }
  if (decoded) return std::move(*decoded);
  why = decoded.error().message;
  return std::nullopt;
}

awaitable<result<octets>> userauth::agent_signature(identity key, std::string algorithm, octets data) {
  if (!agent_) co_return error{make_error_code(keys::errc::unsupported), "the agent is gone"};
  co_return co_await agent_->sign(
      key.agent_blob.empty() ? std::move(key.public_blob) : std::move(key.agent_blob), std::move(data),
      keys::agent_flags(keys::plain_algorithm(algorithm)));
}

awaitable<result<auth_reply>> userauth::publickey(identity key, passphrase_source passphrase) {
  std::optional<keys::private_key> own;
  std::string why;
  const bool with_agent = key.source == identity::origin::agent;
  if (key.public_blob.empty()) {
    own = load(key, passphrase, why);
    if (!own) co_return not_tried(why);
    key.type = own->type();
    key.public_blob = own->public_blob();
  }
  if (const auto bits = keys::rsa_bits(key.public_blob); bits != 0 && bits < required_rsa_bits_)
    co_return not_tried(keys::too_short(bits, required_rsa_bits_));
  const auto algorithm = algorithm_for(key.type);
  if (algorithm.empty()) co_return not_tried(why_no_algorithm(key.type));

  protocol_.offer_key(algorithm, key.public_blob);
  const auto answer = co_await next_event();
  if (!answer) co_return answer.error();
  if (!std::holds_alternative<protocol::key_accepted>(*answer)) co_return judge(*answer);

  if (!with_agent && !own) own = load(key, passphrase, why);
  if (!with_agent && !own) co_return not_tried(why);
  auto data = protocol_.octets_to_sign(algorithm, key.public_blob);
  result<octets> signature = error{};
  if (with_agent) {
    signature = co_await agent_signature(key, algorithm, std::move(data));
  } else {
    signature = own->sign(keys::plain_algorithm(algorithm), data);
  }
  if (!signature) co_return not_tried(signature.error().message);
  protocol_.prove_key(algorithm, key.public_blob, *signature);
  co_return co_await verdict();
}

awaitable<std::vector<identity>> userauth::agent_identities(std::string socket_path) {
  std::vector<identity> found;
  agent_.reset();
  auto connected = co_await agent_client::connect(std::move(socket_path));
  if (!connected) {
    log::info("agent: {}", connected.error().message);
    co_return found;
  }
  agent_.emplace(std::move(*connected));
  // Before it lists its keys: it leaves out those that are not for this server.
  const auto& session = link_.protocol();
  const auto own = [](octet_view view) { return octets(view.begin(), view.end()); };
  auto binding = agent_->bind(own(session.host_key()), own(session.session_identifier()),
                              own(session.host_key_signature()));
  if (const auto bound = co_await std::move(binding); !bound)
    log::debug("agent: it does not know for which server its keys are wanted: {}", bound.error().message);
  auto listed = co_await agent_->identities();
  if (!listed) {
    log::warn("agent: {}", listed.error().message);
    co_return found;
  }
  for (auto& each : *listed) {
    identity key;
    key.source = identity::origin::agent;
    key.label = sanitise(each.comment);
    key.type = config::type_of_blob(each.public_blob).value_or("");
    key.public_blob = std::move(each.public_blob);
    found.push_back(std::move(key));
  }
  co_return found;
}

}  // namespace tunnel::ssh::native
