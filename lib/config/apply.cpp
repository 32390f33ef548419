#include "config/apply.hpp"

#include <algorithm>
#include <string_view>

#include "config/proxy_jump.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

// ssh's own limits.
constexpr std::size_t max_key_files = 100;
constexpr std::size_t max_known_hosts_files = 32;
constexpr std::uint64_t least_rekey_octets = 16;
// A forwarding is a socket; more is a mistake, and duplicates are looked for one by one.
constexpr std::size_t max_forwards = 100;

result<void> check_list(const std::vector<std::string>& given) {
  for (const std::string& argument : given) {
    if (argument.empty()) return failure(errc::malformed, "one of its values is empty");
    if (given.size() > 1 && equals_ignoring_case(argument, "none"))
      return failure(errc::malformed, "\"none\" must stand alone");
  }
  if (given.empty()) return failure(errc::malformed, "it needs a value");
  if (given.size() > max_known_hosts_files)
    return failure(errc::malformed, "it has more than " + std::to_string(max_known_hosts_files) + " values");
  return {};
}

result<void> first_list(const std::vector<std::string>& given, bool active, std::vector<std::string>& to) {
  if (const auto fine = check_list(given); !fine) return fine;
  if (active && to.empty()) to = given;
  return {};
}

template <class File>
result<void> add_file(File file, std::vector<File>& to) {
  if (std::ranges::count(to, file) != 0) return {};
  if (to.size() == max_key_files)
    return failure(errc::malformed, "there are more than " + std::to_string(max_key_files) + " of them");
  to.push_back(std::move(file));
  return {};
}

result<std::uint64_t> to_rekey_octets(const std::string& text) {
  if (text == "default") return 0;
  const auto octets = parse_size(text);
  if (!octets)
    return failure(errc::malformed,
                   in_quotes(text) + " is no number of octets, which is like 500M, 1G or default");
  if (*octets != 0 && *octets < least_rekey_octets)
    return failure(errc::malformed, "it must be at least " + std::to_string(least_rekey_octets) + " octets");
  return *octets;
}

// A command goes to the end of the line, quotes and all.
result<std::string> to_command(const config_line& line) {
  const std::size_t begin = line.rest.find_first_not_of(" \t\r=");
  if (begin == std::string::npos) return failure(errc::malformed, "it needs a value");
  return line.rest.substr(begin);
}

}  // namespace

result<void> check_single(const std::vector<std::string>& given) {
  if (given.empty() || given.front().empty()) return failure(errc::malformed, "it needs a value");
  if (given.size() > 1)
    return failure(errc::malformed,
                   in_quotes(given[1]) + " is one value too many; a value with spaces goes in quotes");
  return {};
}

result<void> first_user_known_hosts(const config_line& line, bool active, collected& to) {
  return first_list(line.arguments, active, to.user_known_hosts_files);
}

result<void> first_global_known_hosts(const config_line& line, bool active, collected& to) {
  return first_list(line.arguments, active, to.global_known_hosts_files);
}

result<void> add_identity(identity_file file, collected& to) {
  return add_file(std::move(file), to.identity_files);
}

result<void> add_identity_file(const config_line& line, bool active, collected& to) {
  if (const auto fine = check_single(line.arguments); !fine) return fine;
  return active ? add_identity({.path = line.arguments.front()}, to) : result<void>();
}

result<void> add_certificate_file(const config_line& line, bool active, collected& to) {
  if (const auto fine = check_single(line.arguments); !fine) return fine;
  return active ? add_file(line.arguments.front(), to.certificate_files) : result<void>();
}

result<void> add_dynamic_forward(const config_line& line, bool active, collected& to) {
  if (const auto fine = check_single(line.arguments); !fine) return fine;
  auto spec = parse_dynamic_forward(line.arguments.front());
  if (!spec) return spec.error();
  if (!active || std::ranges::count(to.dynamic_forward, *spec) != 0) return {};
  if (to.dynamic_forward.size() == max_forwards)
    return failure(errc::malformed,
                   "there are more than " + std::to_string(max_forwards) + " dynamic forwardings");
  to.dynamic_forward.push_back(std::move(*spec));
  return {};
}

result<void> first_connect_timeout(const config_line& line, bool active, collected& to) {
  if (line.arguments.size() == 1 && line.arguments.front() == "none") return {};
  return first_value<&collected::connect_timeout, to_interval>(line, active, to);
}

result<void> first_server_alive_interval(const config_line& line, bool active, collected& to) {
  if (line.arguments.size() != 1 || line.arguments.front() != "none")
    return first_value<&collected::server_alive_interval, to_interval>(line, active, to);
  to.no_server_alive_interval = to.no_server_alive_interval || active;
  return {};
}

result<void> first_rekey_limit(const config_line& line, bool active, collected& to) {
  const std::vector<std::string>& given = line.arguments;
  if (given.size() > 2) return failure(errc::malformed, in_quotes(given[2]) + " is one value too many");
  if (given.empty() || given.front().empty()) return failure(errc::malformed, "it needs a value");
  const auto octets = to_rekey_octets(given.front());
  if (!octets) return octets.error();
  if (active && !to.rekey_octets) to.rekey_octets = *octets;
  if (given.size() == 1 || given[1] == "none") return {};
  const auto time = to_interval(given[1]);
  if (!time) return time.error();
  if (active && !to.rekey_time) to.rekey_time = *time;
  return {};
}

result<void> first_proxy_jump(const config_line& line, bool active, collected& to) {
  // As in ssh, the value ends at a space or a comment's sign, whatever stands behind it.
  std::string value = line.rest.substr(std::min(line.rest.find_first_not_of(" \t\r="), line.rest.size()));
  value.resize(std::min(value.find_first_of("# \t\r"), value.size()));
  auto hops = parse_proxy_jump(value);
  if (!hops) return hops.error();
  if (!active || to.proxy_jump || to.proxy_command) return {};
  to.proxy_jump = std::move(*hops);
  to.proxy_jump_text = std::move(value);
  return {};
}

result<void> first_proxy_command(const config_line& line, bool active, collected& to) {
  auto command = to_command(line);
  if (!command) return command.error();
  // `ProxyJump none` keeps later hosts out, but as in ssh no command.
  const bool jumps = to.proxy_jump && !to.proxy_jump->empty();
  if (active && !jumps && !to.proxy_command) to.proxy_command = std::move(*command);
  return {};
}

result<void> refuse_connection(const config_line& line, bool active, collected& /*to*/) {
  if (const auto fine = check_single(line.arguments); !fine) return fine;
  return active ? failure(errc::refused, line.arguments.front()) : result<void>();
}

result<void> first_known_hosts_command(const config_line& line, bool active, collected& to) {
  auto command = to_command(line);
  if (!command) return command.error();
  if (active && !to.known_hosts_command) to.known_hosts_command = std::move(*command);
  return {};
}

}  // namespace tunnel::config
