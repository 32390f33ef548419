#include "aio/worker.hpp"

#include <pthread.h>

#include <csignal>

namespace tunnel::aio {

worker::worker(const std::string& name) {
  sigset_t all;
  sigset_t before;
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, &before);
  thread_ = std::thread([this] { context_.run(); });
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  pthread_setname_np(thread_.native_handle(), name.substr(0, 15).c_str());
}

void worker::join() {
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

worker::~worker() {
  join();
}

}  // namespace tunnel::aio
