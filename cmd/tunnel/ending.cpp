#include "ending.hpp"

#include <csignal>
#include <cstdlib>

namespace tunnel {

void end_process(ending how) {
  if (how.by_signal != 0) end_process_by(how.by_signal);
  std::_Exit(how.code);
}

void end_process_by(int signal) {
  std::signal(signal, SIG_DFL);
  sigset_t alone;
  sigemptyset(&alone);
  sigaddset(&alone, signal);
  pthread_sigmask(SIG_UNBLOCK, &alone, nullptr);
  std::raise(signal);
  // Where it ends nothing by default.
  constexpr int signalled = 128;
  std::_Exit(signalled + signal);
}

}  // namespace tunnel
