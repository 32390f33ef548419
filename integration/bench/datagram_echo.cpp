#include "datagram_echo.hpp"

#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include <array>
#include <deque>

#include "base/octets.hpp"

namespace tunnel::bench {
namespace {

struct echo {
  octets data;
  sockaddr_in to{};
  clock::time_point due;
};

// False when there is none.
bool receive(int socket, octet_span room, echo& came) {
  socklen_t length = sizeof came.to;
  const ssize_t size =
      recvfrom(socket, room.data(), room.size(), 0, reinterpret_cast<sockaddr*>(&came.to), &length);
  if (size < 0) return false;
  came.data.assign(room.begin(), room.begin() + size);
  return true;
}

// One that the kernel does not take is lost, as the client will see.
void give_back(int socket, const echo& what) {
  sendto(socket, what.data.data(), what.data.size(), 0, reinterpret_cast<const sockaddr*>(&what.to),
         sizeof what.to);
}

}  // namespace

datagram_echo::datagram_echo(std::chrono::microseconds delay)
    : delay_(delay), socket_(receive_datagrams_on_loopback()), thread_([this] { serve(); }) {}

datagram_echo::~datagram_echo() {
  poller_.interrupt();
  thread_.join();
}

void datagram_echo::serve() {
  // As in delay_relay: the kernel may else add 50 us to every wait of this thread.
  prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
  const int socket = socket_.socket.get();
  poller_.add(socket, EPOLLIN);
  octets room(65536);
  std::deque<echo> waiting;
  echo came;
  while (!poller_.interrupted()) {
    poller_.wait(waiting.empty() ? clock::now() + std::chrono::hours(1) : waiting.front().due);
    while (receive(socket, room, came)) {
      if (delay_.count() == 0) {
        give_back(socket, came);
        continue;
      }
      came.due = clock::now() + delay_;
      waiting.push_back(came);
    }
    for (; !waiting.empty() && waiting.front().due <= clock::now(); waiting.pop_front())
      give_back(socket, waiting.front());
  }
}

}  // namespace tunnel::bench
