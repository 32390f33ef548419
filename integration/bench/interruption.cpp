#include "interruption.hpp"

#include <array>
#include <csignal>

namespace tunnel::bench {
namespace {

// The only thing that a signal handler may write.
volatile std::sig_atomic_t signalled = 0;

}  // namespace

void watch_for_interruption() {
  for (const int number : std::array{SIGINT, SIGTERM}) std::signal(number, [](int) { signalled = 1; });
}

void throw_if_interrupted() {
  if (signalled != 0) throw interrupted{};
}

}  // namespace tunnel::bench
