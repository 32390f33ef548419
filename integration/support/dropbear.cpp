#include "support/dropbear.hpp"

#include <pwd.h>

#include <sstream>
#include <stdexcept>

namespace tunnel::integration {

std::string dropbear::prepare() {
  const auto keys = file("home") / ".ssh";
  std::filesystem::create_directories(keys);
  write_file(keys / "authorized_keys", user_key().public_line() + '\n');
  for (const auto& path : {file("home"), keys})
    std::filesystem::permissions(path, std::filesystem::perms::owner_all);

  const auto made =
      run({.arguments = {"dropbearkey", "-t", settings().host_key_type, "-f", file("host_key").string()}});
  std::istringstream lines(made.output);
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("ssh-") || line.starts_with("ecdsa-")) return line.substr(0, line.rfind(' '));
  throw std::runtime_error("dropbearkey: " + made.errors);
}

command dropbear::start_command() const {
  // In the foreground, logging to standard error.
  command start{.arguments = {"dropbear", "-F", "-E", "-p", "127.0.0.1:" + std::to_string(port()), "-r",
                              file("host_key").string(), "-P", file("pid").string()}};
  start.replaced_paths = {{::getpwuid(::geteuid())->pw_dir, file("home")}};
  return start;
}

}  // namespace tunnel::integration
