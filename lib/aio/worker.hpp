#pragma once

#include <string>
#include <thread>

#include "aio/asio.hpp"

namespace tunnel::aio {

/// One thread that runs one io_context: the strand of everything that lives on it.
///
/// The destructor stops the context, waits for the handler that is running, joins the thread and then
/// destroys what was still pending. Signals are blocked on the thread: the main thread has them.
class worker {
 public:
  /// `name` is shown by ps and debuggers (15 octets at most are kept). Throws std::system_error when no
  /// thread can be had.
  explicit worker(const std::string& name);
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;
  ~worker();

  asio::io_context& context() { return context_; }
  asio::any_io_executor get_executor() { return context_.get_executor(); }

 private:
  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard_{context_.get_executor()};
  std::thread thread_;
};

}  // namespace tunnel::aio
