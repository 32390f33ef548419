#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "aio/asio.hpp"

namespace tunnel::relay {

/// What a name stands for, IPv4-mapped addresses as IPv4; or a text that says why that is not known.
using resolved = std::variant<std::vector<asio::ip::address>, std::string>;

/// Looks names up with getaddrinfo(3), in threads: a name server that does not answer holds up neither
/// datagrams nor other names, as long as there are threads left.
///
/// Thread: the executor's, which runs the handlers too; its io_context must outlive this. Threads are started
/// on demand. One that is busy when this goes ends by itself later: getaddrinfo cannot be stopped.
class resolver {
 public:
  /// Policy. Those `each` keep one client from taking all.
  struct limits {
    std::size_t threads = 64;
    std::size_t threads_each = 32;
    std::size_t waiting = 256;
    std::size_t waiting_each = 64;
  };

  using handler = std::function<void(resolved)>;
  /// For tests: what takes getaddrinfo's place, on the threads.
  using look_up_function = std::function<resolved(const std::string& name)>;

  /// Who asks, compared only.
  using user = const void*;

  explicit resolver(asio::any_io_executor executor) : resolver(std::move(executor), limits{}) {}
  resolver(asio::any_io_executor executor, limits bounds, look_up_function look_up = ask_system);
  resolver(const resolver&) = delete;
  resolver& operator=(const resolver&) = delete;
  ~resolver();

  /// Calls `answered` once, later. False: too much is asked already, and nothing will be called.
  [[nodiscard]] bool look_up(user who, std::string name, handler answered);

  /// What `who` has waiting is no longer asked for; its handlers are not called.
  void forget(user who);

  static resolved ask_system(const std::string& name);

 private:
  struct shared;
  static void work(const std::shared_ptr<shared>& state);

  std::shared_ptr<shared> state_;
};

}  // namespace tunnel::relay
