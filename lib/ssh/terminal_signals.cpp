#include "ssh/terminal_signals.hpp"

#include <sys/eventfd.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <system_error>

namespace tunnel::ssh {
namespace {

// For the handler, which runs on any thread.
std::atomic<int> event_to_raise{-1};
std::atomic<int> waiting_signal{0};
static_assert(std::atomic<int>::is_always_lock_free);

void hold(int signal) {
  const int saved = errno;
  waiting_signal = signal;
  constexpr std::uint64_t one = 1;
  static_cast<void>(!::write(event_to_raise, &one, sizeof one));
  errno = saved;
}

}  // namespace

terminal_signals::terminal_signals() : event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (!event_.valid()) throw std::system_error(errno, std::generic_category(), "eventfd");
  waiting_signal = 0;
  event_to_raise = event_.get();
  sigset_t wanted;
  sigemptyset(&wanted);
  for (const int each : {SIGTTIN, SIGTTOU}) sigaddset(&wanted, each);
  for (const int each : held) {
    struct sigaction before {};
    ::sigaction(each, nullptr, &before);
    if (before.sa_handler != SIG_DFL) continue;
    struct sigaction holding {};
    holding.sa_handler = hold;
    holding.sa_flags = SA_RESTART;
    ::sigaction(each, &holding, nullptr);
    waits_.push_back(each);
    sigaddset(&wanted, each);
  }
  pthread_sigmask(SIG_UNBLOCK, &wanted, &mask_before_);
}

terminal_signals::~terminal_signals() {
  restore();
  pthread_sigmask(SIG_SETMASK, &mask_before_, nullptr);
}

bool terminal_signals::release() {
  restore();
  const int signal = waiting_signal.exchange(0);
  if (signal == 0) return false;
  // To this thread, which does not block it: what it does is done before this returns.
  ::raise(signal);
  return true;
}

void terminal_signals::restore() {
  for (const int each : waits_) std::signal(each, SIG_DFL);
  waits_.clear();
}

}  // namespace tunnel::ssh
