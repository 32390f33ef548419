// Any messages of the connection protocol, in any order, between whatever its user does, give events that the
// channels can have, or an error: connection_user.hpp says which. What the client sends is always
// well-formed, and what it owes the server is bounded.
//
// Input: an octet for the server's SSH_MSG_EXT_INFO, then steps: an octet whose top bit says that the user
// does what the script says next, or else a string that the server sends as a message.

#include <cstdint>

#include "connection_user.hpp"
#include "conversation.hpp"
#include "invariant.hpp"
#include "messages.hpp"
#include "script.hpp"
#include "ssh/native/core/message.hpp"

namespace {

using namespace tunnel;
using namespace tunnel::fuzz;
using namespace tunnel::ssh::native;

constexpr int max_steps = 256;
constexpr octet user_acts = 0x80;

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  script from({data, size});
  auto how = conversation::usual_server();
  if (from.byte() % 2 == 1) how.ext_info = support::ext_info({{"ping@openssh.com", "0"}});
  conversation both(std::move(how));
  both.establish();
  both.client().set_authenticated();
  connection_user user(both.client());
  both.watch = [&user](octet_view payload) { user.on_sent(payload); };
  const auto take = [&](const transport::received& message) { return user.take(message, both.now); };

  // Its own exchanges of keys are not the peer's, which may then take the client's messages for others.
  bool exchanges_keys = false;
  for (int step = 0; step < max_steps && !from.at_end() && !both.failure(); ++step) {
    if ((from.byte() & user_acts) != 0) {
      user.act(from, both.now);
      both.go_on(take);
    } else if (const auto payload = from.string(); !payload.empty()) {
      exchanges_keys |= payload.front() == message::kexinit;
      both.server().send(payload);
      both.to_client(take);
    }
    both.to_server();
  }
  require(exchanges_keys || !both.server().client_fault());
  return 0;
}
