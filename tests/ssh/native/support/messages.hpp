#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "base/octets.hpp"

/// Payloads of a server's messages.
namespace tunnel::ssh::native::support {

class peer;

/// A message that is its number and nothing else.
octets bare(octet number);
octets disconnect(std::uint32_t reason, std::string_view description);
octets ignore(std::string_view data = "");
octets debug(std::string_view text);
octets unimplemented(std::uint32_t sequence_number);
octets ping(std::string_view data = "");
octets pong(std::string_view data = "");

struct extension {
  std::string_view name;
  std::string_view value;
};
octets ext_info(const std::vector<extension>& extensions);

octets service_accept(std::string_view name = "ssh-userauth");
octets userauth_failure(const std::vector<std::string_view>& methods, bool partial_success = false);
octets userauth_success();
octets userauth_banner(std::string_view text);
octets userauth_pk_ok(std::string_view algorithm, octet_view key);
octets userauth_passwd_changereq(std::string_view prompt);
/// Every answer is to be hidden.
octets userauth_info_request(const std::vector<std::string_view>& prompts);

octets global_request(std::string_view name, bool want_reply, octet_view rest = {});
octets request_success(octet_view rest = {});
octets request_failure();
struct window {
  std::uint32_t initial_size = 2 * 1024 * 1024;
  std::uint32_t max_packet = 32 * 1024;
};
octets channel_open(std::string_view type, std::uint32_t sender, octet_view details = {},
                    window offered = {});
/// The details of forwarded-tcpip.
octets forwarded_details(std::string_view address, std::uint32_t port);
octets channel_open_confirmation(std::uint32_t recipient, std::uint32_t sender, window offered = {});
octets channel_open_failure(std::uint32_t recipient, std::uint32_t reason, std::string_view description);
octets channel_window_adjust(std::uint32_t recipient, std::uint32_t more);
octets channel_data(std::uint32_t recipient, octet_view data);
octets channel_extended_data(std::uint32_t recipient, std::uint32_t code, octet_view data);
octets channel_eof(std::uint32_t recipient);
octets channel_close(std::uint32_t recipient);
octets channel_request(std::uint32_t recipient, std::string_view type, bool want_reply, octet_view rest = {});
octets channel_success(std::uint32_t recipient);
octets channel_failure(std::uint32_t recipient);

/// A script of peer's that grants everything: the service, every user, every channel, with a sender channel
/// that is the recipient's and 1000.
void grant_everything(peer& server, octet_view message);
constexpr std::uint32_t granted_sender(std::uint32_t recipient) {
  return recipient + 1000;
}

}  // namespace tunnel::ssh::native::support
