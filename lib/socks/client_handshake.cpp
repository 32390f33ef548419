#include "socks/client_handshake.hpp"

#include <cstring>
#include <stdexcept>
#include <utility>

#include "parse.hpp"
#include "socks/reply.hpp"

namespace tunnel::socks {

namespace {

constexpr std::size_t max_text = 255;
constexpr std::size_t socks4_reply_size = 8;
constexpr std::size_t selection_size = 2;
constexpr std::size_t status_size = 2;
// VER, REP, RSV, ATYP.
constexpr std::size_t reply_head_size = 4;
// RFC 1929 section 2.
constexpr octet subnegotiation_version = 0x01;
// SOCKS4a: what no host has as its address says that a name follows.
constexpr ipv4 name_follows{0, 0, 0, 1};

std::string meaning_of(reply_code code) {
  switch (code) {
    case reply_code::not_allowed_by_ruleset:
      return "its rules forbid it";
    case reply_code::network_unreachable:
      return "the network is unreachable from there";
    case reply_code::host_unreachable:
      return "the host is unreachable from there, or its name unknown";
    case reply_code::connection_refused:
      return "connection refused";
    case reply_code::ttl_expired:
      return "no answer in time (TTL expired)";
    case reply_code::command_not_supported:
      return "it does not do CONNECT";
    case reply_code::address_type_not_supported:
      return "it does not take such addresses";
    case reply_code::succeeded:
    case reply_code::general_failure:
      break;
  }
  return "it failed, and says no more";
}

bool fits(const address& target, version speak) {
  if (const auto* name = std::get_if<std::string>(&target.host))
    return !name->empty() && name->size() <= max_host && is_clean_name(*name);
  return speak == version::socks5 || std::holds_alternative<ipv4>(target.host);
}

}  // namespace

client_handshake::client_handshake(version speak, address target, std::optional<credentials> known)
    : target_(std::move(target)), known_(std::move(known)) {
  const bool user_fits =
      !known_ || (known_->user.size() <= max_text && known_->user.find('\0') == std::string::npos &&
                  known_->password.reveal().size() <= max_text);
  if (!user_fits || !fits(target_, speak)) throw std::invalid_argument("SOCKS has no room for that");
  if (speak == version::socks4)
    ask_socks4();
  else
    greet();
}

octets client_handshake::take_output() {
  return std::exchange(output_, {});
}

void client_handshake::feed(octet_view data) {
  if (data.size() > wanted()) throw std::length_error("more than the handshake wants");
  received_.insert(received_.end(), data.begin(), data.end());
  while (!verdict_ && received_.size() == expected_) on_complete();
}

void client_handshake::expect(state next, std::size_t octets_of_it) {
  state_ = next;
  expected_ = octets_of_it;
  received_.clear();
}

void client_handshake::end(verdict::kind how, std::string reason) {
  verdict_ = verdict{how, std::move(reason)};
}

void client_handshake::append_text(std::string_view text) {
  const auto data = as_octets(text);
  output_.insert(output_.end(), data.begin(), data.end());
}

void client_handshake::ask_socks4() {
  const auto* name = std::get_if<std::string>(&target_.host);
  const ipv4 host = name != nullptr ? name_follows : std::get<ipv4>(target_.host);
  output_ = {static_cast<octet>(version::socks4), static_cast<octet>(command::connect),
             static_cast<octet>(target_.port >> 8U), static_cast<octet>(target_.port & 0xffU)};
  output_.insert(output_.end(), host.begin(), host.end());
  if (known_) append_text(known_->user);
  output_.push_back(0);
  if (name != nullptr) {
    append_text(*name);
    output_.push_back(0);
  }
  expect(state::socks4_reply, socks4_reply_size);
}

void client_handshake::greet() {
  output_ = {static_cast<octet>(version::socks5), 1, static_cast<octet>(method::no_authentication)};
  if (known_) {
    output_[1] = 2;
    output_.push_back(static_cast<octet>(method::username_password));
  }
  expect(state::selection, selection_size);
}

void client_handshake::ask_socks5() {
  output_.insert(output_.end(),
                 {static_cast<octet>(version::socks5), static_cast<octet>(command::connect), octet{0}});
  append_address(output_, target_);
  expect(state::reply_head, reply_head_size);
}

void client_handshake::on_complete() {
  switch (state_) {
    case state::socks4_reply:
      return on_socks4_reply();
    case state::selection:
      return on_selection();
    case state::status:
      return on_status();
    case state::reply_head:
      return on_reply_head();
    case state::bound:
      // The length of a name.
      return expect(state::rest, received_[0] + port_size);
    case state::rest:
      return end(verdict::kind::connected);
  }
}

void client_handshake::on_socks4_reply() {
  if (received_[0] != 0) return end(verdict::kind::not_a_proxy, "it does not answer as a SOCKS4 proxy");
  switch (socks4_reply_code{received_[1]}) {
    case socks4_reply_code::request_granted:
      return end(verdict::kind::connected);
    case socks4_reply_code::request_rejected:
      return end(verdict::kind::refused, "rejected or failed; SOCKS4 says no more");
    case socks4_reply_code::identd_unreachable:
    case socks4_reply_code::user_id_mismatch:
      return end(verdict::kind::credentials_refused, "it asks this machine's identd who the user is");
  }
  end(verdict::kind::not_a_proxy, "it answers with a reply that SOCKS4 does not have");
}

void client_handshake::on_selection() {
  if (received_[0] != static_cast<octet>(version::socks5))
    return end(verdict::kind::not_a_proxy, "it does not answer as a SOCKS5 proxy");
  switch (method{received_[1]}) {
    case method::no_authentication:
      return ask_socks5();
    case method::username_password:
      if (!known_) break;
      // Room is made beforehand, so that no copy of the password stays behind.
      output_.reserve(3 + known_->user.size() + known_->password.reveal().size());
      output_ = {subnegotiation_version, static_cast<octet>(known_->user.size())};
      append_text(known_->user);
      output_.push_back(static_cast<octet>(known_->password.reveal().size()));
      append_text(known_->password.reveal());
      return expect(state::status, status_size);
    case method::no_acceptable:
      if (!known_) return end(verdict::kind::wants_credentials, "it wants its clients to authenticate");
      return end(verdict::kind::credentials_refused, "it does not take a user name and a password");
    case method::gssapi:
      break;
  }
  end(verdict::kind::not_a_proxy, "it chose an authentication that was not offered");
}

void client_handshake::on_status() {
  if (received_[0] != subnegotiation_version)
    return end(verdict::kind::not_a_proxy, "its answer to the password makes no sense");
  if (received_[1] != 0)
    return end(verdict::kind::credentials_refused, "it does not take this user name and password");
  ask_socks5();
}

void client_handshake::on_reply_head() {
  if (received_[0] != static_cast<octet>(version::socks5))
    return end(verdict::kind::not_a_proxy, "its reply makes no sense");
  if (received_[1] != static_cast<octet>(reply_code::succeeded))
    return end(verdict::kind::refused, meaning_of(reply_code{received_[1]}));
  switch (address_type{received_[3]}) {
    case address_type::ipv4:
      return expect(state::rest, std::tuple_size_v<ipv4> + port_size);
    case address_type::ipv6:
      return expect(state::rest, std::tuple_size_v<ipv6> + port_size);
    case address_type::domain_name:
      return expect(state::bound, 1);
  }
  end(verdict::kind::not_a_proxy, "its reply has an unknown kind of address");
}

}  // namespace tunnel::socks
