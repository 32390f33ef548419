#include "path/http_connect.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "base/text.hpp"
#include "config/values.hpp"
#include "crypto/base64.hpp"

namespace tunnel::path {

namespace {

using kind = socks::verdict::kind;

constexpr std::size_t max_schemes = 8;
constexpr std::size_t max_shown = 200;
constexpr std::string_view version = "HTTP/1.";
constexpr unsigned proxy_authentication_required = 407;
// What Tinyproxy says to a wrong password.
constexpr unsigned unauthorized = 401;

bool is_digit(char each) {
  return each >= '0' && each <= '9';
}

std::string without_space(std::string_view text) {
  const auto begin = std::min(text.find_first_not_of(" \t"), text.size());
  const auto end = text.find_last_not_of(" \t") + 1;
  return std::string(text.substr(begin, end > begin ? end - begin : 0));
}

std::string joined(const std::vector<std::string>& words) {
  std::string all;
  for (const auto& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

}  // namespace

http_connect::http_connect(const ssh::endpoint& target, const std::optional<socks::credentials>& known)
    : knows_user_(known.has_value()) {
  const auto authority = target.text();
  append("CONNECT " + authority + " HTTP/1.1\r\nHost: " + authority + "\r\n");
  if (known) append_credentials(*known);
  append("\r\n");
}

void http_connect::append(std::string_view text) {
  const auto data = as_octets(text);
  output_.insert(output_.end(), data.begin(), data.end());
}

// Room is made beforehand, so that no copy of the password stays behind.
void http_connect::append_credentials(const socks::credentials& known) {
  if (known.user.find(':') != std::string::npos) throw std::invalid_argument("a colon in a user's name");
  std::string joined;
  joined.reserve(known.user.size() + 1 + known.password.reveal().size());
  joined += known.user;
  joined += ':';
  joined += known.password.reveal();
  const secret pair(std::move(joined));
  const secret encoded(crypto::base64_encode(as_octets(pair.reveal())));
  static constexpr std::string_view field = "Proxy-Authorization: Basic ";
  static constexpr std::string_view ends = "\r\n\r\n";
  output_.reserve(output_.size() + field.size() + encoded.reveal().size() + ends.size());
  append(field);
  append(encoded.reveal());
  append("\r\n");
}

octets http_connect::take_output() {
  return std::exchange(output_, {});
}

void http_connect::feed(octet_view data) {
  for (const auto value : data) {
    if (verdict_) throw std::length_error("more than the handshake wants");
    take(value);
  }
}

void http_connect::end(kind how, std::string reason) {
  verdict_ = socks::verdict{how, std::move(reason)};
}

// A line ends with LF; a CR before it belongs to the end (RFC 9112 section 2.2).
void http_connect::take(octet value) {
  if (++taken_ > max_head || line_.size() == max_line)
    return end(kind::not_a_proxy, "its answer is longer than such an answer can be");
  if (value != '\n') {
    if (value == 0) return end(kind::not_a_proxy, "it does not answer as an HTTP proxy");
    line_ += static_cast<char>(value);
    // What cannot become a status line need not be waited for.
    if (status_ == 0 && line_.size() <= version.size() && !version.starts_with(line_))
      end(kind::not_a_proxy, "it does not answer as an HTTP proxy");
    return;
  }
  if (line_.ends_with('\r')) line_.pop_back();
  on_line();
  line_.clear();
}

void http_connect::on_line() {
  if (status_ == 0) return on_status_line();
  if (line_.empty()) return on_head();
  on_field_line();
}

// HTTP/1.1 200 Connection established
void http_connect::on_status_line() {
  const std::string_view rest = std::string_view(line_).substr(std::min(version.size(), line_.size()));
  const bool well_formed = rest.size() >= 5 && is_digit(rest[0]) && rest[1] == ' ' &&
                           std::all_of(rest.begin() + 2, rest.begin() + 5, is_digit) &&
                           (rest.size() == 5 || rest[5] == ' ') && rest[2] != '0';
  if (!well_formed) return end(kind::not_a_proxy, "its answer has no status that HTTP knows");
  status_ = static_cast<unsigned>((rest[2] - '0') * 100 + (rest[3] - '0') * 10 + (rest[4] - '0'));
  reason_ = sanitise(rest.substr(2), max_shown);
}

void http_connect::on_field_line() {
  // Folded into the line before it (RFC 9112 section 5.2), whose value does not matter beyond its first word.
  if (line_.front() == ' ' || line_.front() == '\t') return;
  const auto colon = line_.find(':');
  if (colon == std::string::npos || colon == 0)
    return end(kind::not_a_proxy, "its answer has a header field without a name");
  if (!config::equals_ignoring_case(line_.substr(0, colon), "Proxy-Authenticate")) return;
  const auto value = without_space(std::string_view(line_).substr(colon + 1));
  const auto scheme = value.substr(0, value.find_first_of(" \t,"));
  if (!scheme.empty() && schemes_.size() < max_schemes) schemes_.push_back(sanitise(scheme, max_shown));
}

void http_connect::on_head() {
  // Something to know meanwhile; the answer follows (RFC 9110 section 15.2).
  if (status_ < 200 && status_ != 101) {
    status_ = 0;
    schemes_.clear();
    return;
  }
  if (status_ >= 200 && status_ < 300) return end(kind::connected);
  const bool about_user =
      status_ == proxy_authentication_required || (status_ == unauthorized && knows_user_);
  if (!about_user) return end(kind::refused, reason_);
  const bool basic = std::any_of(schemes_.begin(), schemes_.end(), [](const std::string& scheme) {
    return config::equals_ignoring_case(scheme, "Basic");
  });
  if (!basic && !schemes_.empty())
    return end(kind::credentials_refused,
               "it wants authentication by " + joined(schemes_) + ", and only Basic is known here");
  if (!knows_user_)
    return end(kind::wants_credentials, "it wants its clients to authenticate (" + reason_ + ")");
  end(kind::credentials_refused, "it does not take this user name and password (" + reason_ + ")");
}

}  // namespace tunnel::path
