#include "ssh/native/core/authentication_protocol.hpp"

#include <algorithm>
#include <utility>

#include "crypto/secret_octets.hpp"
#include "ssh/native/core/errors.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native {

namespace {

constexpr std::string_view service = "ssh-userauth";
// What is authenticated for.
constexpr std::string_view next_service = "ssh-connection";

error malformed(std::string_view message) {
  return violation("the server's " + std::string(message) + " is malformed");
}

// Of those for authentication (RFC 4252 section 6), what neither it nor any method here gives a meaning to.
bool is_unassigned_to_authentication(octet number) {
  return (number > message::userauth_banner && number < message::userauth_pk_ok) ||
         (number > message::userauth_info_response && number < message::global_request);
}

error unasked(octet number) {
  return violation("the server sent message " + std::to_string(number) +
                   ", which answers nothing, during authentication");
}

}  // namespace

authentication_protocol::authentication_protocol(transport& link, std::string user)
    : link_(link), user_(std::move(user)) {
  octets request;
  wire::writer(request).byte(message::service_request).text(service);
  link_.send(request);
}

// --- requests ----------------------------------------------------------------------------------------------

octets authentication_protocol::begin_request(std::string_view method) const {
  octets payload;
  wire::writer(payload).byte(message::userauth_request).text(user_).text(next_service).text(method);
  return payload;
}

void authentication_protocol::ask(octet_view request, state next) {
  link_.send(request);
  now_ = next;
  rounds_ = 0;
}

void authentication_protocol::request_none() {
  password_asked_ = false;
  ask(begin_request("none"), state::asked);
}

octets authentication_protocol::key_request(std::string_view algorithm, octet_view public_blob,
                                            bool proof) const {
  // OpenSSH's PROTOCOL, section 3.1: binds the signature to the server's host key.
  const bool hostbound = link_.server_extensions().hostbound;
  octets payload = begin_request(hostbound ? "publickey-hostbound-v00@openssh.com" : "publickey");
  wire::writer to(payload);
  to.boolean(proof).text(algorithm).string(public_blob);
  if (hostbound) to.string(link_.host_key());
  return payload;
}

void authentication_protocol::offer_key(std::string_view algorithm, octet_view public_blob) {
  offered_algorithm_ = algorithm;
  offered_key_.assign(public_blob.begin(), public_blob.end());
  ask(key_request(algorithm, public_blob, false), state::offered);
}

octets authentication_protocol::octets_to_sign(std::string_view algorithm, octet_view public_blob) const {
  octets data;
  wire::writer(data).string(link_.session_identifier()).raw(key_request(algorithm, public_blob, true));
  return data;
}

void authentication_protocol::prove_key(std::string_view algorithm, octet_view public_blob,
                                        octet_view signature) {
  octets payload = key_request(algorithm, public_blob, true);
  wire::writer(payload).string(signature);
  password_asked_ = false;
  ask(payload, state::asked);
}

void authentication_protocol::request_password(const secret& password) {
  octets payload = begin_request("password");
  payload.reserve(payload.size() + sizeof(std::uint32_t) + 1 + password.reveal().size());
  wire::writer(payload).boolean(false).text(password.reveal());
  const crypto::secret_octets wiped(std::move(payload));
  password_asked_ = true;
  ask(wiped.view(), state::asked);
}

void authentication_protocol::request_keyboard_interactive() {
  octets payload = begin_request("keyboard-interactive");
  // RFC 4256 section 3.1: no language, and whatever submethods the server likes.
  wire::writer(payload).text("").text("");
  ask(payload, state::interactive);
}

void authentication_protocol::answer(const std::vector<secret>& answers) {
  octets payload;
  std::size_t size = 1 + sizeof(std::uint32_t);
  for (const auto& each : answers) size += sizeof(std::uint32_t) + each.reveal().size();
  payload.reserve(size);
  wire::writer to(payload);
  to.byte(message::userauth_info_response).uint32(static_cast<std::uint32_t>(answers.size()));
  for (const auto& each : answers) to.text(each.reveal());
  const crypto::secret_octets wiped(std::move(payload));
  link_.send(wiped.view());
}

// --- answers -----------------------------------------------------------------------------------------------

authentication_protocol::step authentication_protocol::on_message(const transport::received& message) {
  const auto payload = message.payload;
  const octet number = payload.front();
  if (now_ == state::service_requested) {
    if (number != message::service_accept) return unasked(number);
    wire::reader from(payload.subspan(1));
    // RFC 4253 section 10 has the name in it; some servers leave it out.
    if (!from.at_end() && (from.text() != service || !from.at_end()))
      return malformed("SSH_MSG_SERVICE_ACCEPT");
    now_ = state::idle;
    return std::optional<event>(ready{});
  }
  if (number == message::userauth_banner && now_ != state::over) return on_banner(payload);
  if (is_unassigned_to_authentication(number) && now_ != state::over) {
    link_.send_unimplemented(message.sequence_number);
    return std::optional<event>();
  }
  // RFC 4252 section 5.1: nothing else comes unless it was asked for.
  if (now_ == state::idle || now_ == state::over) return unasked(number);
  switch (number) {
    case message::userauth_failure:
      return on_failure(payload);
    case message::userauth_success:
      // A key that was offered, not proved, lets nobody in.
      if (payload.size() != 1 || now_ == state::offered) return unasked(number);
      now_ = state::over;
      link_.set_authenticated();
      return std::optional<event>(success{});
    case message::userauth_pk_ok:
      return on_method_message(payload);
    default:
      return unasked(number);
  }
}

authentication_protocol::step authentication_protocol::on_banner(octet_view payload) {
  wire::reader from(payload.subspan(1));
  const auto text = from.text();
  if (!text || !from.string() || !from.at_end()) return malformed("SSH_MSG_USERAUTH_BANNER");
  const auto kept = text->substr(0, max_banner - banner_octets_);
  banner_octets_ += kept.size();
  if (kept.empty()) return std::optional<event>();
  return std::optional<event>(banner{std::string(kept)});
}

authentication_protocol::step authentication_protocol::on_failure(octet_view payload) {
  wire::reader from(payload.subspan(1));
  const auto methods = from.name_list();
  const auto partial = from.boolean();
  if (!methods || !partial || !from.at_end()) return malformed("SSH_MSG_USERAUTH_FAILURE");
  now_ = state::idle;
  return std::optional<event>(failure{{methods->begin(), methods->end()}, *partial});
}

authentication_protocol::step authentication_protocol::on_method_message(octet_view payload) {
  if (now_ == state::offered) return on_key_accepted(payload);
  if (now_ == state::interactive) return on_info_request(payload);
  if (password_asked_) return on_password_change(payload);
  return unasked(payload.front());
}

authentication_protocol::step authentication_protocol::on_key_accepted(octet_view payload) {
  wire::reader from(payload.subspan(1));
  const auto algorithm = from.text();
  const auto key = from.string();
  if (!algorithm || !key || !from.at_end()) return malformed("SSH_MSG_USERAUTH_PK_OK");
  if (*algorithm != offered_algorithm_ || !std::ranges::equal(*key, offered_key_))
    return violation("the server accepted another key than the one offered");
  now_ = state::idle;
  return std::optional<event>(key_accepted{});
}

authentication_protocol::step authentication_protocol::on_password_change(octet_view payload) {
  wire::reader from(payload.subspan(1));
  const auto prompt = from.text();
  if (!prompt || !from.string() || !from.at_end()) return malformed("SSH_MSG_USERAUTH_PASSWD_CHANGEREQ");
  now_ = state::idle;
  return std::optional<event>(password_change_wanted{std::string(*prompt)});
}

authentication_protocol::step authentication_protocol::on_info_request(octet_view payload) {
  wire::reader from(payload.subspan(1));
  const auto name = from.text();
  const auto instruction = from.text();
  const auto language = from.string();
  const auto count = from.uint32();
  if (!name || !instruction || !language || !count) return malformed("SSH_MSG_USERAUTH_INFO_REQUEST");
  if (*count > max_questions || ++rounds_ > max_rounds)
    return violation("the server asks too many questions (keyboard-interactive)");
  info_request request{std::string(*name), std::string(*instruction), {}};
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto prompt = from.text();
    const auto echo = from.boolean();
    if (!prompt || !echo) return malformed("SSH_MSG_USERAUTH_INFO_REQUEST");
    request.questions.push_back({std::string(*prompt), *echo});
  }
  if (!from.at_end()) return malformed("SSH_MSG_USERAUTH_INFO_REQUEST");
  return std::optional<event>(std::move(request));
}

}  // namespace tunnel::ssh::native
