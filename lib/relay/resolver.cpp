#include "relay/resolver.hpp"

#include <netdb.h>
#include <pthread.h>
#include <signal.h>

#include <algorithm>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>

#include "aio/address.hpp"

namespace tunnel::relay {

// What the threads keep alive, and all that they touch.
struct resolver::shared {
  struct job {
    user who;
    std::string name;
    handler answered;
  };

  shared(asio::any_io_executor on, limits with, look_up_function by)
      : executor(std::move(on)), bounds(with), look_up(std::move(by)) {}

  // The oldest one whose user has threads left.
  std::optional<job> take() {
    for (auto each = jobs.begin(); each != jobs.end(); ++each) {
      if (running[each->who] >= bounds.threads_each) continue;
      job taken = std::move(*each);
      jobs.erase(each);
      ++running[taken.who];
      return taken;
    }
    return std::nullopt;
  }

  void finish(job done, resolved found) {
    if (--running[done.who] == 0) running.erase(done.who);
    // After that the io_context may be gone.
    if (closed) return;
    asio::post(executor, [answered = std::move(done.answered), found = std::move(found)]() mutable {
      answered(std::move(found));
    });
  }

  asio::any_io_executor executor;
  const limits bounds;
  const look_up_function look_up;

  std::mutex mutex;
  std::condition_variable changed;
  std::deque<job> jobs;
  std::map<user, std::size_t> running;
  std::size_t threads = 0;
  std::size_t idle = 0;
  bool closed = false;
};

namespace {

// Signals are for the thread that runs the io_context.
void start_thread(std::function<void()> body) {
  sigset_t all{};
  sigset_t before{};
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  try {
    std::thread(std::move(body)).detach();
  } catch (...) {
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    throw;
  }
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
}

std::optional<asio::ip::address> address_of(const sockaddr* from) {
  if (from->sa_family == AF_INET) {
    sockaddr_in four{};
    std::copy_n(reinterpret_cast<const char*>(from), sizeof four, reinterpret_cast<char*>(&four));
    return asio::ip::address_v4(ntohl(four.sin_addr.s_addr));
  }
  if (from->sa_family != AF_INET6) return std::nullopt;
  sockaddr_in6 six{};
  std::copy_n(reinterpret_cast<const char*>(from), sizeof six, reinterpret_cast<char*>(&six));
  asio::ip::address_v6::bytes_type octets{};
  std::copy_n(six.sin6_addr.s6_addr, octets.size(), octets.begin());
  return aio::unmapped(asio::ip::address_v6(octets, six.sin6_scope_id));
}

}  // namespace

resolver::resolver(asio::any_io_executor executor, limits bounds, look_up_function look_up)
    : state_(std::make_shared<shared>(std::move(executor), bounds, std::move(look_up))) {}

resolver::~resolver() {
  // Handlers may own anything: they go without the lock.
  std::deque<shared::job> dropped;
  {
    const std::lock_guard lock(state_->mutex);
    state_->closed = true;
    dropped.swap(state_->jobs);
  }
  state_->changed.notify_all();
}

bool resolver::look_up(user who, std::string name, handler answered) {
  bool needs_thread = false;
  {
    const std::lock_guard lock(state_->mutex);
    const auto own = std::ranges::count(state_->jobs, who, &shared::job::who);
    if (state_->jobs.size() >= state_->bounds.waiting) return false;
    if (static_cast<std::size_t>(own) >= state_->bounds.waiting_each) return false;
    state_->jobs.push_back({who, std::move(name), std::move(answered)});
    needs_thread = state_->idle < state_->jobs.size() && state_->threads < state_->bounds.threads;
    if (needs_thread) ++state_->threads;
  }
  state_->changed.notify_one();
  if (!needs_thread) return true;
  try {
    start_thread([state = state_] { work(state); });
  } catch (const std::system_error&) {
    const std::lock_guard lock(state_->mutex);
    // Those that there are get to it; without any, nobody ever would.
    if (--state_->threads > 0) return true;
    state_->jobs.pop_back();
    return false;
  }
  return true;
}

void resolver::forget(user who) {
  std::deque<shared::job> kept;
  std::deque<shared::job> dropped;
  {
    const std::lock_guard lock(state_->mutex);
    for (auto& each : state_->jobs) (each.who == who ? dropped : kept).push_back(std::move(each));
    state_->jobs.swap(kept);
  }
}

void resolver::work(const std::shared_ptr<shared>& state) {
  std::unique_lock lock(state->mutex);
  while (!state->closed) {
    auto job = state->take();
    if (!job) {
      ++state->idle;
      state->changed.wait(lock);
      --state->idle;
      continue;
    }
    lock.unlock();
    auto found = state->look_up(job->name);
    lock.lock();
    state->finish(std::move(*job), std::move(found));
    // One of the same user may go on now.
    state->changed.notify_one();
  }
}

resolved resolver::ask_system(const std::string& name) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_DGRAM;
  addrinfo* list = nullptr;
  const int failure = ::getaddrinfo(name.c_str(), nullptr, &hints, &list);
  if (failure != 0) return std::string(::gai_strerror(failure));
  std::vector<asio::ip::address> found;
  for (const addrinfo* each = list; each != nullptr; each = each->ai_next) {
    if (const auto address = address_of(each->ai_addr)) found.push_back(*address);
  }
  ::freeaddrinfo(list);
  return found;
}

}  // namespace tunnel::relay
