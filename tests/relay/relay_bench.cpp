// relay_bench [seconds]: datagrams per second and round trips through each relay over pipes, beside plain
// UDP.
//
// A client keeps some datagrams under way to an echo on the loopback, and counts those that come back.
// docs/udp-relay.md has the results.

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <thread>

#include "program.hpp"
#include "udp/framing/encoder.hpp"
#include "udp_peer.hpp"

namespace tunnel::relay::testing {
namespace {

using clock = std::chrono::steady_clock;

constexpr std::size_t payload_size = 1200;
constexpr std::size_t many_under_way = 64;

/// Sends everything back on a thread of its own.
class echo {
 public:
  echo() : thread_([this] { run(); }) {}
  echo(const echo&) = delete;
  echo& operator=(const echo&) = delete;
  ~echo() {
    stopping_ = true;
    thread_.join();
  }

  [[nodiscard]] const udp_peer& peer() const { return peer_; }

 private:
  void run() {
    while (!stopping_) {
      pollfd wanted{peer_.descriptor(), POLLIN, 0};
      if (::poll(&wanted, 1, 50) <= 0) continue;
      sockaddr_storage from{};
      socklen_t size = sizeof from;
      const auto count = ::recvfrom(peer_.descriptor(), room_.data(), room_.size(), 0,
                                    reinterpret_cast<sockaddr*>(&from), &size);
      if (count < 0) continue;
      ::sendto(peer_.descriptor(), room_.data(), static_cast<std::size_t>(count), 0,
               reinterpret_cast<const sockaddr*>(&from), size);
    }
  }

  udp_peer peer_;
  std::array<octet, 65536> room_{};
  std::atomic<bool> stopping_ = false;
  std::thread thread_;
};

/// A way to the echo.
struct way {
  std::function<void()> send;
  /// Waits, and gives how many came.
  std::function<std::size_t()> receive;
};

double rate(const way& through, std::size_t under_way, double seconds) {
  const auto end = clock::now() + std::chrono::duration<double>(seconds);
  std::size_t outstanding = 0;
  std::size_t arrived = 0;
  while (clock::now() < end) {
    for (; outstanding < under_way; ++outstanding) through.send();
    const auto count = through.receive();
    arrived += count;
    // What was lost is sent anew.
    outstanding = count == 0 ? 0 : outstanding - std::min(count, outstanding);
  }
  while (outstanding > 0) {
    const auto count = through.receive();
    outstanding = count == 0 ? 0 : outstanding - std::min(count, outstanding);
  }
  return static_cast<double>(arrived) / seconds;
}

bool readable(int descriptor) {
  pollfd wanted{descriptor, POLLIN, 0};
  return ::poll(&wanted, 1, 200) > 0;
}

way plain(const udp_peer& from, const udp_peer& to) {
  const auto target = to.endpoint();
  return {[&from, target] {
            const octets payload(payload_size);
            ::sendto(from.descriptor(), payload.data(), payload.size(), 0,
                     reinterpret_cast<const sockaddr*>(&target.from), target.from_size);
          },
          [&from]() -> std::size_t {
            std::array<octet, 2048> room{};
            if (!readable(from.descriptor())) return 0;
            return ::recv(from.descriptor(), room.data(), room.size(), 0) > 0 ? 1 : 0;
          }};
}

way through_relay(running_relay& relay, const udp_peer& to) {
  octets frame(udp::framing::max_frame);
  frame.resize(
      udp::framing::encode_datagram(frame, 1, udp::framing::view_of(to.address()), octets(payload_size)));
  return {[&relay, frame] { relay->write(frame); }, [&relay] { return relay->count_datagrams(); }};
}

void report(const char* name, const way& through, double seconds) {
  rate(through, 1, 0.2);
  const double many = rate(through, many_under_way, seconds);
  const double one = rate(through, 1, seconds);
  std::printf("| %s | %.0f | %.0f |\n", name, many, 1e6 / one);
  std::fflush(stdout);
}

void run(double seconds) {
  const echo far;
  std::printf(
      "| way | datagrams per second, %zu under way | round trip, one under way (us) |\n| --- | --- | --- |\n",
      many_under_way);
  const udp_peer near;
  report("plain UDP", plain(near, far.peer()), seconds);
  running_relay compiled(kind::cplusplus);
  report("tunnel-relay", through_relay(compiled, far.peer()), seconds);
  running_relay script(kind::python);
  report("Python relay", through_relay(script, far.peer()), seconds);
}

}  // namespace
}  // namespace tunnel::relay::testing

int main(int argc, char** argv) {
  tunnel::relay::testing::run(argc > 1 ? std::atof(argv[1]) : 3.0);
  return 0;
}
