#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <map>

#include "dns/message.hpp"

namespace tunnel::dns {

/// Answers, negative ones too (RFC 2308), for as long as they hold; when it is full, the one that was not
/// used for the longest time makes room. No clock of its own.
class cache {
 public:
  using time_point = std::chrono::steady_clock::time_point;

  explicit cache(std::size_t capacity) : capacity_(capacity) {}

  /// Keeps an answer. One that holds for this once only is not kept.
  void put(question asked, answer known, time_point now);

  /// What is known and still holds; null for nothing. Valid until the next call.
  const answer* find(const question& asked, time_point now);

  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct entry {
    question asked;
    answer known;
    time_point ends;
  };

  void erase(std::list<entry>::iterator which);

  std::size_t capacity_;
  // Those used last come first.
  std::list<entry> entries_;
  std::map<question, std::list<entry>::iterator> places_;
};

}  // namespace tunnel::dns
