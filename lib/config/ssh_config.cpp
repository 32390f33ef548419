#include "config/ssh_config.hpp"

#include <string_view>
#include <utility>

#include "config/address.hpp"
#include "config/apply.hpp"
#include "config/canonical_name.hpp"
#include "config/config_reader.hpp"
#include "config/connection_tokens.hpp"
#include "config/errors.hpp"
#include "config/resolve.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

constexpr std::string_view key_file_keyword = "IdentityFile";

// -i: as in ssh, one that is not there leaves the others to be tried, the default ones too.
result<void> add_key_file(const std::string& path, const environment& env, collected& to) {
  auto file = expand_home(path, env);
  if (!file) return failure(errc::malformed, "-i " + in_quotes(path) + ": " + file.error().message);
  if (const auto there = env.examine(*file); !there) {
    to.warnings.push_back("-i: " + there.error().message + "; it is not tried");
    return {};
  }
  return add_identity({.path = std::move(*file), .by_letter = true}, to);
}

result<void> read_options(const std::vector<given_option>& options, const environment& env,
                          config_reader& reader, collected& to) {
  for (const given_option& option : options) {
    const auto fine = option.keyword == key_file_keyword ? add_key_file(option.value, env, to)
                                                         : reader.read_option(option.keyword, option.value);
    if (!fine) return fine;
  }
  return {};
}

// The command line may be made of text that somebody else sent.
result<void> read_command_line(const command_line& given, const environment& env, config_reader& reader,
                               collected& to) {
  if (const auto fine = read_options(given.options, env, reader, to); !fine) return fine;
  if (!to.user) to.user = given.target.user;
  if (!to.port) to.port = given.target.port;
  if (const auto fine = read_options(given.options_behind, env, reader, to); !fine) return fine;
  return to.user ? check_user(*to.user) : result<void>();
}

// ssh passes over a file that it may not open without a word; here it is mentioned.
result<void> read_if_present(const std::string& path, config_owner owner, permission_check check,
                             config_reader& reader, collected& to) {
  const auto fine = reader.read_file(path, owner, check);
  if (fine || is_absent(fine.error())) return {};
  if (fine.error().code.category() == config_category()) return fine;
  to.warnings.push_back(fine.error().message);
  return {};
}

result<void> read_files(const command_line& given, const environment& env, config_reader& reader,
                        collected& to) {
  if (given.file) {
    if (equals_ignoring_case(*given.file, "none")) return {};
    return reader.read_file(*given.file, config_owner::user, permission_check::skipped);
  }
  const auto fine =
      read_if_present(env.home + "/.ssh/config", config_owner::user, permission_check::required, reader, to);
  if (!fine) return fine;
  return read_if_present(env.system_directory + "/ssh_config", config_owner::system,
                         permission_check::skipped, reader, to);
}

// The real name of the host, once the sources have been read for the first time.
result<std::string> real_host(const collected& values, const std::string& original_host,
                              const environment& env) {
  const auto named = named_host(values, original_host);
  if (!named) return named.error();
  const std::string host = canonical_host(*named);
  // It may be looked up now.
  if (const auto fine = check_host(host); !fine) return fine.error();
  return canonicalize_host(host, values, env);
}

// ssh_config(5), Match: final and canonical ask for a second reading, in which what the first one set stays.
result<void> read_again(const command_line& given, const std::string& host, const environment& env,
                        collected& values) {
  values.host_name.reset();
  config_reader reader(given.target.host, host, env, values);
  return read_files(given, env, reader, values);
}

}  // namespace

result<configuration> load_configuration(const command_line& given, const environment& env) {
  if (const auto fine = check_host(given.target.host); !fine) return fine.error();
  collected values;
  config_reader reader(given.target.host, env, values);
  if (const auto fine = read_command_line(given, env, reader, values); !fine) return fine.error();
  if (const auto fine = read_files(given, env, reader, values); !fine) return fine.error();

  const auto host = real_host(values, given.target.host, env);
  if (!host) return host.error();
  const bool canonical =
      values.canonicalize_hostname.value_or(canonicalization_mode::no) != canonicalization_mode::no;
  if (canonical || reader.wants_final_pass()) {
    if (const auto fine = read_again(given, *host, env, values); !fine) return fine.error();
  }
  auto resolved = resolve(values, {.original = given.target.host, .host = *host}, env);
  if (!resolved) return resolved.error();
  configuration read{.settings = std::move(*resolved), .as_written = std::move(values)};
  if (const auto fine = resolve_files_to_read(read.as_written, env, read.settings); !fine)
    read.obstacle = fine.error();
  return read;
}

result<settings> load_settings(const command_line& given, const environment& env) {
  auto read = load_configuration(given, env);
  if (!read) return read.error();
  if (read->obstacle) return *read->obstacle;
  return std::move(read->settings);
}

}  // namespace tunnel::config
