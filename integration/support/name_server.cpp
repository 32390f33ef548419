#include "support/name_server.hpp"

#include <unistd.h>

#include <csignal>
#include <ranges>
#include <stdexcept>

#include "support/tcp.hpp"

namespace tunnel::integration {
namespace {

command command_for(const std::vector<std::string>& records, const std::string& address, std::uint16_t port) {
  command start{.arguments = {"/usr/sbin/dnsmasq", "--keep-in-foreground", "--no-resolv", "--no-hosts",
                              "--conf-file=/dev/null", "--pid-file=", "--bind-interfaces", "--log-facility=-",
                              "--local-ttl=60", "--listen-address=" + address,
                              "--port=" + std::to_string(port)}};
  for (const auto& record : records) start.arguments.push_back("--" + record);
  return start;
}

// The question's name begins behind the header with the length of its first label.
constexpr std::size_t header = 12;

std::string answer_to(const std::string& query) {
  constexpr std::size_t type_and_class = 4;
  const auto end = query.find('\0', header) + 1 + type_and_class;
  const bool wants_ipv4 = query[end - 3] == 1;
  std::string answer = query.substr(0, end);
  answer[2] = static_cast<char>(0x81);
  answer[3] = static_cast<char>(0x80);
  answer[7] = wants_ipv4 ? 1 : 0;
  answer[11] = 0;
  if (wants_ipv4) answer += std::string("\xc0\x0c\0\1\0\1\0\0\0\1\0\4\x7f\0\0\1", 16);
  return answer;
}

}  // namespace

name_server::name_server(const std::vector<std::string>& records, const std::string& address,
                         std::uint16_t port)
    : address_(address), port_(port) {
  // Another test may take a free port before it does.
  for (int attempts = port == 0 ? 5 : 1; attempts > 0; --attempts) {
    if (port == 0) port_ = free_port();
    process_.emplace(command_for(records, address, port_));
    eventually([this] { return !process_->running() || accepts_connections(address_, port_); });
    if (process_->running()) return;
  }
  throw std::runtime_error("dnsmasq did not start: " + process_->errors());
}

std::string name_server::address_of_our_own() {
  const auto number = static_cast<unsigned>(::getpid());
  return "127.77." + std::to_string(number >> 8U & 0xffU) + '.' + std::to_string(1 + number % 254);
}

void name_server::stop() {
  if (!process_) return;
  // The first of the tree is killed with its object.
  const auto tree = process_tree(process_->pid());
  process_.reset();
  for (const auto pid : tree | std::views::drop(1)) ::kill(pid, SIGKILL);
  // Those that are no children of this program cannot be waited for, and whoever has the port next needs it
  // free.
  eventually([this] { return !accepts_connections(address_, port_); });
}

origin::handler partly_silent_name_server() {
  return [](tcp_stream& client) {
    for (;;) {
      const auto length = client.receive_exactly(2, seconds(60));
      const auto size = static_cast<std::size_t>(static_cast<unsigned char>(length[0]) << 8U |
                                                 static_cast<unsigned char>(length[1]));
      const auto query = client.receive_exactly(size);
      if (query.compare(header + 1, 4, "slow") == 0) continue;
      const auto answer = answer_to(query);
      client.send(
          std::string{static_cast<char>(answer.size() >> 8U), static_cast<char>(answer.size() & 0xffU)} +
          answer);
    }
  };
}

}  // namespace tunnel::integration
