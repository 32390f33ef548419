#include "session.hpp"

#include <stdexcept>

namespace tunnel::ssh::native::support {

namespace {

constexpr int max_turns = 10000;

}  // namespace

void session::pump() {
  server.go_on();
  user.go_on();
  for (int turn = 0; turn < max_turns; ++turn) {
    if (user.pending().empty() && server.pending().empty()) return;
    const octets to_server(user.pending().begin(), user.pending().end());
    user.sent(to_server.size());
    server.receive(to_server);
    const octets to_user(server.pending().begin(), server.pending().end());
    server.sent(to_user.size());
    user.receive(to_user);
  }
  throw std::runtime_error("the client and the peer never come to rest");
}

void session::authenticate() {
  server.set_script(grant_everything);
  pump();
  server.set_script(nullptr);
  if (!user.authenticated()) throw std::runtime_error("the client was not authenticated");
}

channel_id session::open_channel(window offered) {
  const auto id = user.connection().open_direct_tcpip({"target.example", 80}, {"127.0.0.1", 50000});
  pump();
  say(channel_open_confirmation(id, granted_sender(id), offered));
  return id;
}

void session::say(octet_view payload) {
  server.send(payload);
  pump();
}

}  // namespace tunnel::ssh::native::support
