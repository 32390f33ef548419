#include "support/password_server.hpp"

#include <stdexcept>

namespace tunnel::integration {

password_server::password_server(const std::string& method)
    : method_(method), host_key_(make_key(directory_ / "host_key")) {
  start();
  write_file(known_hosts(), "[127.0.0.1]:" + std::to_string(port_) + ' ' + host_key_.public_line() + '\n');
}

void password_server::start() {
  process_.emplace(command{.arguments = {"/usr/bin/python3", TUNNEL_INTEGRATION "/support/password_server.py",
                                         host_key_.private_file.string(), user, password, method_,
                                         std::to_string(port_)}});
  const std::string announcement = "port ";
  const bool announced =
      eventually([&] { return process_->output().ends_with('\n') || !process_->running(); });
  const auto line = process_->output();
  if (!announced || !line.starts_with(announcement))
    throw std::runtime_error("the password server did not start: " + process_->errors());
  port_ = static_cast<std::uint16_t>(std::stoul(line.substr(announcement.size())));
}

void password_server::restart() {
  process_->kill();
  start();
}

}  // namespace tunnel::integration
