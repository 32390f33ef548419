#include "config/proxy_jump.hpp"

#include <algorithm>
#include <utility>

#include "config/errors.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

// Policy: each is a connection inside the one before, and a mistake is likelier than such a path.
constexpr std::size_t max_hops = 16;

// ssh hands these on to a shell, which drops them.
std::string_view without_quotes(std::string_view hop) {
  if (hop.size() < 2 || hop.front() != '"' || hop.back() != '"') return hop;
  return hop.substr(1, hop.size() - 2);
}

}  // namespace

result<std::vector<destination>> parse_proxy_jump(std::string_view text) {
  std::vector<destination> hops;
  if (equals_ignoring_case(text, "none")) return hops;
  for (bool more = true; more;) {
    const std::size_t end = text.find(',');
    auto hop = parse_jump_host(without_quotes(text.substr(0, end)));
    if (!hop) return hop.error();
    hops.push_back(std::move(*hop));
    if (hops.size() > max_hops)
      return failure(errc::malformed,
                     "there are more than " + std::to_string(max_hops) + " hosts to jump over");
    more = end != std::string_view::npos;
    if (more) text.remove_prefix(end + 1);
  }
  return hops;
}

result<std::vector<destination>> expand_proxy_jump(std::vector<destination> hops,
                                                   const token_values& tokens) {
  for (destination& hop : hops) {
    auto host = expand_tokens(hop.host, tokens);
    if (!host) return host.error();
    hop.host = std::move(*host);
    if (const auto fine = check_host(hop.host); !fine) return fine.error();
    if (!hop.user) continue;
    auto user = expand_tokens(*hop.user, tokens);
    if (!user) return user.error();
    hop.user = std::move(*user);
    if (const auto fine = check_user(*hop.user); !fine) return fine.error();
  }
  return hops;
}

}  // namespace tunnel::config
