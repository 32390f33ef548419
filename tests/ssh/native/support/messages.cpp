#include "messages.hpp"

#include "peer.hpp"
#include "ssh/native/core/message.hpp"
#include "wire/reader.hpp"
#include "wire/writer.hpp"

namespace tunnel::ssh::native::support {

namespace {

octets about_channel(octet number, std::uint32_t recipient, octet_view rest = {}) {
  octets payload;
  wire::writer(payload).byte(number).uint32(recipient).raw(rest);
  return payload;
}

octets with_string(octet number, std::string_view text) {
  octets payload;
  wire::writer(payload).byte(number).text(text);
  return payload;
}

}  // namespace

// --- transport ---------------------------------------------------------------------------------------------

octets bare(octet number) {
  return {number};
}

octets disconnect(std::uint32_t reason, std::string_view description) {
  octets payload;
  wire::writer(payload).byte(message::disconnect).uint32(reason).text(description).text("");
  return payload;
}

octets ignore(std::string_view data) {
  return with_string(message::ignore, data);
}

octets debug(std::string_view text) {
  octets payload;
  wire::writer(payload).byte(message::debug).boolean(true).text(text).text("");
  return payload;
}

octets unimplemented(std::uint32_t sequence_number) {
  octets payload;
  wire::writer(payload).byte(message::unimplemented).uint32(sequence_number);
  return payload;
}

octets ping(std::string_view data) {
  return with_string(message::ping, data);
}

octets pong(std::string_view data) {
  return with_string(message::pong, data);
}

octets ext_info(const std::vector<extension>& extensions) {
  octets payload;
  wire::writer to(payload);
  to.byte(message::ext_info).uint32(static_cast<std::uint32_t>(extensions.size()));
  for (const auto& each : extensions) to.text(each.name).text(each.value);
  return payload;
}

// --- authentication ----------------------------------------------------------------------------------------

octets service_accept(std::string_view name) {
  return with_string(message::service_accept, name);
}

octets userauth_failure(const std::vector<std::string_view>& methods, bool partial_success) {
  octets payload;
  wire::writer(payload).byte(message::userauth_failure).name_list(methods).boolean(partial_success);
  return payload;
}

octets userauth_success() {
  return bare(message::userauth_success);
}

octets userauth_banner(std::string_view text) {
  octets payload;
  wire::writer(payload).byte(message::userauth_banner).text(text).text("");
  return payload;
}

octets userauth_pk_ok(std::string_view algorithm, octet_view key) {
  octets payload;
  wire::writer(payload).byte(message::userauth_pk_ok).text(algorithm).string(key);
  return payload;
}

octets userauth_passwd_changereq(std::string_view prompt) {
  octets payload;
  wire::writer(payload).byte(message::userauth_passwd_changereq).text(prompt).text("");
  return payload;
}

octets userauth_info_request(const std::vector<std::string_view>& prompts) {
  octets payload;
  wire::writer to(payload);
  to.byte(message::userauth_info_request).text("").text("").text("");
  to.uint32(static_cast<std::uint32_t>(prompts.size()));
  for (const auto each : prompts) to.text(each).boolean(false);
  return payload;
}

// --- connection --------------------------------------------------------------------------------------------

octets global_request(std::string_view name, bool want_reply, octet_view rest) {
  octets payload;
  wire::writer(payload).byte(message::global_request).text(name).boolean(want_reply).raw(rest);
  return payload;
}

octets request_success(octet_view rest) {
  octets payload;
  wire::writer(payload).byte(message::request_success).raw(rest);
  return payload;
}

octets request_failure() {
  return bare(message::request_failure);
}

octets channel_open(std::string_view type, std::uint32_t sender, octet_view details, window offered) {
  octets payload;
  wire::writer(payload)
      .byte(message::channel_open)
      .text(type)
      .uint32(sender)
      .uint32(offered.initial_size)
      .uint32(offered.max_packet)
      .raw(details);
  return payload;
}

octets forwarded_details(std::string_view address, std::uint32_t port) {
  octets details;
  wire::writer(details).text(address).uint32(port).text("192.0.2.1").uint32(40000);
  return details;
}

octets channel_open_confirmation(std::uint32_t recipient, std::uint32_t sender, window offered) {
  octets rest;
  wire::writer(rest).uint32(sender).uint32(offered.initial_size).uint32(offered.max_packet);
  return about_channel(message::channel_open_confirmation, recipient, rest);
}

octets channel_open_failure(std::uint32_t recipient, std::uint32_t reason, std::string_view description) {
  octets rest;
  wire::writer(rest).uint32(reason).text(description).text("");
  return about_channel(message::channel_open_failure, recipient, rest);
}

octets channel_window_adjust(std::uint32_t recipient, std::uint32_t more) {
  octets rest;
  wire::writer(rest).uint32(more);
  return about_channel(message::channel_window_adjust, recipient, rest);
}

octets channel_data(std::uint32_t recipient, octet_view data) {
  octets rest;
  wire::writer(rest).string(data);
  return about_channel(message::channel_data, recipient, rest);
}

octets channel_extended_data(std::uint32_t recipient, std::uint32_t code, octet_view data) {
  octets rest;
  wire::writer(rest).uint32(code).string(data);
  return about_channel(message::channel_extended_data, recipient, rest);
}

octets channel_eof(std::uint32_t recipient) {
  return about_channel(message::channel_eof, recipient);
}

octets channel_close(std::uint32_t recipient) {
  return about_channel(message::channel_close, recipient);
}

octets channel_request(std::uint32_t recipient, std::string_view type, bool want_reply, octet_view rest) {
  octets payload;
  wire::writer(payload).text(type).boolean(want_reply).raw(rest);
  return about_channel(message::channel_request, recipient, payload);
}

octets channel_success(std::uint32_t recipient) {
  return about_channel(message::channel_success, recipient);
}

octets channel_failure(std::uint32_t recipient) {
  return about_channel(message::channel_failure, recipient);
}

// --- a script ----------------------------------------------------------------------------------------------

void grant_everything(peer& server, octet_view message) {
  switch (message.front()) {
    case message::service_request:
      return server.send(service_accept());
    case message::userauth_request:
      return server.send(userauth_success());
    case message::channel_open: {
      wire::reader from(message.subspan(1));
      static_cast<void>(from.text());
      const auto sender = from.uint32().value();
      return server.send(channel_open_confirmation(sender, granted_sender(sender)));
    }
    default:
      return;
  }
}

}  // namespace tunnel::ssh::native::support
