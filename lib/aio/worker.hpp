#pragma once

#include <string>
#include <thread>

#include "aio/asio.hpp"

namespace tunnel::aio {

/// One thread that runs one io_context: the strand of everything that lives on it.
///
/// Signals are blocked on the thread: the main thread has them.
class worker {
 public:
  /// `name` is shown by ps and debuggers (15 octets at most are kept). Throws std::system_error when no
  /// thread can be had.
  explicit worker(const std::string& name);
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker();

  /// Waits for the handler that is running and ends the thread; what is still pending stays so until
  /// destruction, and what else lives on the executor must go before that. Idempotent.
  void join();

  asio::any_io_executor get_executor() { return context_.get_executor(); }

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_{context_.get_executor()};
  std::thread thread_;
};

}  // namespace tunnel::aio
