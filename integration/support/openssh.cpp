#include "support/openssh.hpp"

#include <sstream>

namespace tunnel::integration {

std::string openssh::prepare() {
  // Where sshd as root confines its unprivileged part; the package's service script makes it at boot.
  if (::geteuid() == 0) std::filesystem::create_directories("/run/sshd");
  std::filesystem::create_directories(file("home"));
  write_file(file("authorized_keys"), user_key().public_line() + '\n');
  return make_key(file("host_key"), settings().host_key_type).public_line();
}

command openssh::start_command() const {
  std::ostringstream config;
  // The first value of a keyword counts.
  for (const auto& line : settings().config) config << line << '\n';
  config << "Port " << port() << '\n'
         << "ListenAddress 127.0.0.1\n"
         << "HostKey " << file("host_key").string() << '\n'
         << "AuthorizedKeysFile " << file("authorized_keys").string() << '\n'
         << "PidFile none\n"
         << "StrictModes no\n"
         << "UsePAM " << (settings().pam.empty() ? "no" : "yes")
         << '\n'
         // A shell that runs a command reads no startup files of the user's own.
         << "SetEnv HOME=" << file("home").string() << '\n'
         << "UseDNS no\n"
         << "PasswordAuthentication no\n"
         << "KbdInteractiveAuthentication no\n"
         << "PermitRootLogin yes\n"
         << "LogLevel VERBOSE\n";
  write_file(file("sshd_config"), config.str());
  command start{.arguments = {"/usr/sbin/sshd", "-D", "-e", "-f", file("sshd_config").string()}};
  if (!settings().pam.empty()) {
    write_file(file("pam"), settings().pam);
    start.replaced_paths["/etc/pam.d/sshd"] = file("pam");
  }
  return start;
}

}  // namespace tunnel::integration
