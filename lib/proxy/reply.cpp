#include "proxy/reply.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string>
#include <string_view>

#include "dns/errors.hpp"
#include "ssh/errors.hpp"
#include "udp/client/errors.hpp"

namespace tunnel::proxy {

namespace {

struct known_words {
  std::string_view words;
  socks::reply_code reply;
};

// strerror's and getaddrinfo's texts, as glibc, musl and the BSDs word them, in lower case.
constexpr std::array descriptions{
    known_words{"connection refused", socks::reply_code::connection_refused},
    known_words{"network is unreachable", socks::reply_code::network_unreachable},
    known_words{"network unreachable", socks::reply_code::network_unreachable},
    known_words{"no route to host", socks::reply_code::host_unreachable},
    known_words{"host is unreachable", socks::reply_code::host_unreachable},
    known_words{"host unreachable", socks::reply_code::host_unreachable},
    known_words{"host is down", socks::reply_code::host_unreachable},
    known_words{"name or service not known", socks::reply_code::host_unreachable},
    known_words{"nodename nor servname", socks::reply_code::host_unreachable},
    known_words{"name does not resolve", socks::reply_code::host_unreachable},
    known_words{"name resolution", socks::reply_code::host_unreachable},
    known_words{"no address associated", socks::reply_code::host_unreachable},
    known_words{"unknown host", socks::reply_code::host_unreachable},
    known_words{"timed out", socks::reply_code::ttl_expired},
    known_words{"timeout", socks::reply_code::ttl_expired},
    known_words{"prohibited", socks::reply_code::not_allowed_by_ruleset},
};

socks::reply_code connect_failure(const std::string& message) {
  std::string text = message;
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char each) { return static_cast<char>(std::tolower(each)); });
  for (const auto& known : descriptions) {
    if (text.find(known.words) != std::string::npos) return known.reply;
  }
  // A failed connect without a usable description: refusal is by far its commonest cause.
  return socks::reply_code::connection_refused;
}

}  // namespace

socks::reply_code reply_for(const error& failure) {
  if (failure.code == ssh::errc::administratively_prohibited || failure.code == ssh::errc::request_refused)
    return socks::reply_code::not_allowed_by_ruleset;
  if (failure.code == ssh::errc::connect_failed) return connect_failure(failure.message);
  if (failure.code == ssh::errc::open_timeout) return socks::reply_code::ttl_expired;
  // No way for datagrams is found, now or ever.
  if (failure.code.category() == udp::category()) return socks::reply_code::command_not_supported;
  // Whatever kept a name from being found: there is no host to go to.
  if (failure.code.category() == dns::category()) return socks::reply_code::host_unreachable;
  return socks::reply_code::general_failure;
}

}  // namespace tunnel::proxy
