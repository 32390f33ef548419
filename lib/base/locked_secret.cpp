#include "base/locked_secret.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <new>
#include <string>
#include <utility>

namespace tunnel {

namespace {

std::size_t in_whole_pages(std::size_t size) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return (size / page + 1) * page;
}

}  // namespace

locked_secret::locked_secret(const secret& value)
    : room_(in_whole_pages(value.reveal().size())), size_(value.reveal().size()) {
  void* const place = ::mmap(nullptr, room_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (place == MAP_FAILED) throw std::bad_alloc();
  place_ = static_cast<char*>(place);
  // As mlock(), which the sanitizers make do nothing.
  locked_ = ::mlock2(place, room_, 0) == 0;
  ::madvise(place, room_, MADV_DONTDUMP);
  ::madvise(place, room_, MADV_WIPEONFORK);
  std::memcpy(place_, value.reveal().data(), size_);
}

locked_secret::locked_secret(locked_secret&& other) noexcept
    : place_(std::exchange(other.place_, nullptr)),
      room_(other.room_),
      size_(std::exchange(other.size_, 0)),
      locked_(other.locked_) {}

locked_secret& locked_secret::operator=(locked_secret&& other) noexcept {
  std::swap(place_, other.place_);
  std::swap(room_, other.room_);
  std::swap(size_, other.size_);
  std::swap(locked_, other.locked_);
  return *this;
}

locked_secret::~locked_secret() {
  if (place_ == nullptr) return;
  ::explicit_bzero(place_, room_);
  ::munmap(place_, room_);
}

secret locked_secret::copy() const {
  return secret(std::string(place_, size_));
}

}  // namespace tunnel
