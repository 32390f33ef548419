#include <array>
#include <limits>
#include <string_view>

#include "config/apply.hpp"
#include "config/service_port.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

template <class Value>
struct choice {
  std::string_view name;
  Value value;
};

template <class Value, std::size_t Count>
result<Value> choose(const std::string& text, const std::array<choice<Value>, Count>& choices) {
  std::string known;
  for (const auto& [name, value] : choices) {
    if (equals_ignoring_case(text, name)) return value;
    known += (known.empty() ? "" : ", ") + std::string(name);
  }
  return failure(errc::malformed, in_quotes(text) + " is none of " + known);
}

}  // namespace

result<std::string> to_text(const std::string& text) {
  return text;
}

result<bool> to_flag(const std::string& text) {
  const auto flag = parse_flag(text);
  if (!flag) return failure(errc::malformed, in_quotes(text) + " is neither yes nor no");
  return *flag;
}

result<public_key_mode> to_public_key_mode(const std::string& text) {
  using enum public_key_mode;
  return choose(text, std::array<choice<public_key_mode>, 6>{{{"yes", yes},
                                                              {"no", no},
                                                              {"true", yes},
                                                              {"false", no},
                                                              {"unbound", unbound},
                                                              {"host-bound", host_bound}}});
}

result<consent> to_consent(const std::string& text) {
  using enum consent;
  return choose(text, std::array<choice<consent>, 5>{
                          {{"yes", yes}, {"no", no}, {"ask", ask}, {"true", yes}, {"false", no}}});
}

result<canonicalization_mode> to_canonicalization_mode(const std::string& text) {
  using enum canonicalization_mode;
  return choose(text, std::array<choice<canonicalization_mode>, 5>{
                          {{"yes", yes}, {"no", no}, {"always", always}, {"true", yes}, {"false", no}}});
}

result<std::uint16_t> to_port(const std::string& text) {
  const auto port = parse_server_port(text);
  if (!port)
    return failure(errc::malformed, in_quotes(text) + " is no port, which is a number from 1 to 65535");
  return *port;
}

result<std::uint32_t> to_count(const std::string& text) {
  const auto count = parse_number(text, std::numeric_limits<std::int32_t>::max());
  if (!count) return failure(errc::malformed, in_quotes(text) + " is no number from 0 to 2147483647");
  return *count;
}

result<std::chrono::seconds> to_interval(const std::string& text) {
  const auto interval = parse_time(text);
  if (!interval)
    return failure(errc::malformed,
                   in_quotes(text) + " is no time, which is like 30 (seconds), 10m or 1h30m");
  return *interval;
}

result<host_key_checking> to_host_key_checking(const std::string& text) {
  using enum host_key_checking;
  return choose(text, std::array<choice<host_key_checking>, 7>{{{"ask", ask},
                                                                {"yes", yes},
                                                                {"no", no},
                                                                {"accept-new", accept_new},
                                                                {"off", no},
                                                                {"true", yes},
                                                                {"false", no}}});
}

result<address_family> to_address_family(const std::string& text) {
  using enum address_family;
  return choose(text,
                std::array<choice<address_family>, 3>{{{"any", any}, {"inet", inet}, {"inet6", inet6}}});
}

result<log_level> to_log_level(const std::string& text) {
  using enum log_level;
  return choose(text, std::array<choice<log_level>, 10>{{{"QUIET", quiet},
                                                         {"SILENT", quiet},
                                                         {"FATAL", fatal},
                                                         {"ERROR", error},
                                                         {"INFO", info},
                                                         {"VERBOSE", verbose},
                                                         {"DEBUG", debug1},
                                                         {"DEBUG1", debug1},
                                                         {"DEBUG2", debug2},
                                                         {"DEBUG3", debug3}}});
}

}  // namespace tunnel::config
