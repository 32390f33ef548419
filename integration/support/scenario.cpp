#include "support/scenario.hpp"

#include <csignal>
#include <iostream>
#include <utility>

namespace tunnel::integration {
namespace {

std::vector<setting> combine(const std::vector<server_kind>& servers) {
  std::vector<setting> all;
  for (const auto& engine : engines())
    for (const auto server : servers) all.push_back({engine, server});
  return all;
}

}  // namespace

std::ostream& operator<<(std::ostream& out, const setting& shown) {
  return out << shown.engine << '_' << name_of(shown.server);
}

std::string name_of_test(const testing::TestParamInfo<setting>& info) {
  return testing::PrintToString(info.param);
}

std::vector<setting> every_daemon() {
  return combine({server_kind::openssh, server_kind::dropbear});
}
std::vector<setting> every_server() {
  return combine({server_kind::openssh, server_kind::dropbear, server_kind::asyncssh, server_kind::paramiko,
                  server_kind::twisted, server_kind::erlang, server_kind::ssh2});
}
std::vector<setting> openssh_only() {
  return combine({server_kind::openssh});
}

std::vector<setting> native_only() {
  return {{"native", server_kind::openssh}};
}

stage::stage(setting with) : setting_(std::move(with)) {
  ::signal(SIGPIPE, SIG_IGN);
}

stage::~stage() {
  if (!HasFailure()) return;
  if (tunnel_) std::cerr << "--- the tunnel's log\n" << tunnel_->log();
  if (server_) std::cerr << "--- the server's log\n" << server_->log();
}

ssh_server& stage::start_server(server_settings settings) {
  server_ = make_server(setting_.server, std::move(settings));
  return *server_;
}

tunnel_process& stage::launch_tunnel(tunnel_settings settings) {
  if (!server_) start_server();
  settings.engine = engine();
  return tunnel_.emplace(*server_, settings);
}

tunnel_process& stage::start_tunnel(tunnel_settings settings) {
  launch_tunnel(std::move(settings)).wait_until_ready();
  return *tunnel_;
}

tunnel_process& stage::launch_tunnel_to(std::uint16_t ssh_port, const std::string& user,
                                        tunnel_settings settings) {
  settings.engine = engine();
  return tunnel_.emplace(ssh_port, user, settings);
}

}  // namespace tunnel::integration
