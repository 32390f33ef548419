#include "socks/handshake.hpp"

#include <algorithm>
#include <utility>

#include "parse.hpp"
#include "socks/reply.hpp"

namespace tunnel::socks {
namespace {

bool starts_http(octet first) {
  return first >= 'A' && first <= 'Z';
}

violation unknown_protocol(octet first) {
  return {{}, "the client speaks neither SOCKS nor HTTP: its first octet is " + hexadecimal(first)};
}

}  // namespace

std::size_t server_handshake::feed(octet_view data) {
  const octet_view taken = data.first(std::min(data.size(), room()));
  received_.insert(received_.end(), taken.begin(), taken.end());
  return taken.size();
}

event server_handshake::next() {
  if (state_ == state::first_octet && !received_.empty()) on_first_octet();
  switch (state_) {
    case state::first_octet:
      return need_more{};
    case state::socks5_greeting:
      return on_greeting();
    case state::socks4_request:
    case state::socks5_request:
      return on_request();
    case state::ended:
      break;
  }
  return last_;
}

octets server_handshake::take_early_data() {
  if (state_ != state::ended || std::holds_alternative<violation>(last_)) return {};
  const octet_view early = unread();
  consumed_ = received_.size();
  return {early.begin(), early.end()};
}

void server_handshake::on_first_octet() {
  const octet first = received_.front();
  if (first == static_cast<octet>(version::socks4)) {
    state_ = state::socks4_request;
  } else if (first == static_cast<octet>(version::socks5)) {
    state_ = state::socks5_greeting;
  } else if (starts_http(first)) {
    end(http_request{});
  } else {
    end(unknown_protocol(first));
  }
}

event server_handshake::on_greeting() {
  auto greeting = parse_socks5_greeting(unread());
  if (std::holds_alternative<need_more>(greeting)) return need_more{};
  if (auto* wrong = std::get_if<violation>(&greeting)) return end(std::move(*wrong));

  const auto& [selected, length] = std::get<message<method>>(greeting);
  consumed_ += length;
  state_ = state::socks5_request;
  return outgoing{encode_method_selection(selected)};
}

event server_handshake::on_request() {
  auto parsed =
      state_ == state::socks4_request ? parse_socks4_request(unread()) : parse_socks5_request(unread());
  if (std::holds_alternative<need_more>(parsed)) return need_more{};
  if (auto* wrong = std::get_if<violation>(&parsed)) return end(std::move(*wrong));

  auto& [complete, length] = std::get<message<request>>(parsed);
  consumed_ += length;
  return end(std::move(complete));
}

event server_handshake::end(event last) {
  state_ = state::ended;
  last_ = std::move(last);
  return last_;
}

}  // namespace tunnel::socks
