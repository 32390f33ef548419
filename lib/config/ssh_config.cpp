#include "config/ssh_config.hpp"

#include "config/config_reader.hpp"
#include "config/errors.hpp"
#include "config/resolve.hpp"
#include "config/values.hpp"

namespace tunnel::config {
namespace {

result<void> read_options(const command_line& given, config_reader& reader) {
  for (const std::string& option : given.options) {
    const auto fine = reader.read_option(option);
    if (!fine) return fine;
  }
  return {};
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

}  // namespace

result<settings> load_settings(const command_line& given, const environment& env) {
  collected values;
  values.user = given.user;
  values.port = given.port;
  values.identity_files = given.identity_files;
  config_reader reader(given.target.host, env, values);

  if (const auto fine = read_options(given, reader); !fine) return fine.error();
  if (!values.user) values.user = given.target.user;
  if (!values.port) values.port = given.target.port;
  if (const auto fine = read_files(given, env, reader, values); !fine) return fine.error();
  return resolve(std::move(values), given.target.host, env);
}

}  // namespace tunnel::config
