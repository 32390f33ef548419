#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>

namespace tunnel::proxy {

/// The clients that have connected but not yet asked for anything complete, oldest first, up to a limit.
/// They are the ones to part with when there are too many, or when descriptors run out.
///
/// Thread: the accepting one.
class half_open {
 public:
  /// Ends one client; its entry must be gone from the set when this returns or soon after.
  using evict_handler = std::function<void()>;

  explicit half_open(std::size_t limit) : limit_(limit) {}
  half_open(const half_open&) = delete;
  half_open& operator=(const half_open&) = delete;

  /// A client's place in the set, from its construction to its destruction.
  class entry {
   public:
    /// Evicts the oldest when the set is full.
    entry(half_open& owner, evict_handler evict);
    entry(const entry&) = delete;
    entry& operator=(const entry&) = delete;
    ~entry();

   private:
    friend class half_open;
    half_open& owner_;
    evict_handler evict_;
    std::chrono::steady_clock::time_point since_ = std::chrono::steady_clock::now();
    std::list<entry*>::iterator place_;
    bool listed_ = true;
  };

  /// Evicts the `count` oldest of those that have been in the set for `age`, or all of them when there are
  /// fewer, and says how many those were.
  std::size_t evict_oldest(std::size_t count, std::chrono::steady_clock::duration age = {});

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  std::size_t limit_;
  std::list<entry*> entries_;
};

}  // namespace tunnel::proxy
