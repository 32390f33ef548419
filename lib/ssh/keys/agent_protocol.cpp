#include "ssh/keys/agent_protocol.hpp"

#include <algorithm>

#include "ssh/keys/errors.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::keys {

namespace {

// draft-miller-ssh-agent, section 5.1.
constexpr octet agent_failure = 5;
constexpr octet agent_success = 6;
constexpr octet request_identities = 11;
constexpr octet identities_answer = 12;
constexpr octet sign_request = 13;
constexpr octet sign_response = 14;
constexpr octet add_identity = 17;
constexpr octet add_identity_constrained = 25;
constexpr octet extension = 27;
constexpr octet extension_failure = 28;
// Section 5.2.
constexpr octet constrain_lifetime = 1;
constexpr octet constrain_confirm = 2;
// What some agents of old answer (SSH_AGENT2_FAILURE, SSH_COM_AGENT2_FAILURE).
constexpr octet agent2_failure = 30;
constexpr octet com_agent2_failure = 102;

constexpr std::uint32_t rsa_sha2_256 = 2;
constexpr std::uint32_t rsa_sha2_512 = 4;

octets frame(octet_view message) {
  octets framed;
  wire::writer(framed).string(message);
  return framed;
}

error not_an_answer() {
  return {make_error_code(errc::malformed), "the agent gave an answer that cannot be understood"};
}

bool is_failure(octet number) {
  return number == agent_failure || number == extension_failure || number == agent2_failure ||
         number == com_agent2_failure;
}

}  // namespace

octets encode_request_identities() {
  return frame(octet_view(&request_identities, 1));
}

octets encode_add_identity(octet_view secret_blob, std::string_view comment,
                           const key_constraints& constraints) {
  const bool timed = constraints.lifetime.count() > 0;
  octets request;
  // One block of memory, which the caller can wipe.
  request.reserve(secret_blob.size() + comment.size() + 32);
  wire::writer to(request);
  to.uint32(0);
  to.byte(timed || constraints.confirm ? add_identity_constrained : add_identity);
  to.raw(secret_blob).text(comment);
  if (timed) to.byte(constrain_lifetime).uint32(static_cast<std::uint32_t>(constraints.lifetime.count()));
  if (constraints.confirm) to.byte(constrain_confirm);
  octets length;
  wire::writer(length).uint32(static_cast<std::uint32_t>(request.size() - 4));
  std::ranges::copy(length, request.begin());
  return request;
}

octets encode_session_bind(octet_view host_key, octet_view session_identifier, octet_view signature) {
  octets request;
  wire::writer(request)
      .byte(extension)
      .text("session-bind@openssh.com")
      .string(host_key)
      .string(session_identifier)
      .string(signature)
      // Is the agent forwarded to that server?
      .boolean(false);
  return frame(request);
}

octets encode_sign_request(octet_view public_blob, octet_view data, std::uint32_t flags) {
  octets message;
  wire::writer(message).byte(sign_request).string(public_blob).string(data).uint32(flags);
  return frame(message);
}

std::uint32_t agent_flags(std::string_view algorithm) {
  if (algorithm == "rsa-sha2-256") return rsa_sha2_256;
  if (algorithm == "rsa-sha2-512") return rsa_sha2_512;
  return 0;
}

result<std::size_t> agent_message_length(octet_view field) {
  const auto length = wire::reader(field).uint32();
  if (!length || *length == 0 || *length > max_agent_message) return not_an_answer();
  return std::size_t{*length};
}

result<std::vector<agent_identity>> parse_identities_answer(octet_view message) {
  wire::reader from(message);
  const auto number = from.byte();
  if (number && is_failure(*number))
    return error{make_error_code(errc::unsupported),
                 "the agent refuses to say which keys it has; is it locked?"};
  const auto count = from.uint32();
  if (number != identities_answer || !count || *count > max_agent_identities) return not_an_answer();
  std::vector<agent_identity> identities;
  for (std::uint32_t i = 0; i < *count; ++i) {
    const auto blob = from.string();
    const auto comment = from.text();
    if (!blob || !comment) return not_an_answer();
    identities.push_back({octets(blob->begin(), blob->end()), std::string(*comment)});
  }
  if (!from.at_end()) return not_an_answer();
  return identities;
}

result<void> parse_success(octet_view message) {
  wire::reader from(message);
  const auto number = from.byte();
  if (number && is_failure(*number))
    return error{make_error_code(errc::unsupported), "the agent refused to take it"};
  if (number != agent_success || !from.at_end()) return not_an_answer();
  return boost::system::in_place_value;
}

result<octets> parse_sign_response(octet_view message) {
  wire::reader from(message);
  const auto number = from.byte();
  if (number && is_failure(*number))
    return error{make_error_code(errc::unsupported), "the agent refused to sign with it"};
  const auto signature = from.string();
  if (number != sign_response || !signature || !from.at_end()) return not_an_answer();
  return octets(signature->begin(), signature->end());
}

}  // namespace tunnel::ssh::keys
