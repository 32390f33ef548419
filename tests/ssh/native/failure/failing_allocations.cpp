#include <cstdlib>
#include <new>

#include "fail_nth.hpp"

namespace tunnel::ssh::native {

fail_nth& allocations() {
  static constinit fail_nth instance;
  return instance;
}

}  // namespace tunnel::ssh::native

namespace {

void* allocate(std::size_t size) {
  if (tunnel::ssh::native::allocations().now()) throw std::bad_alloc();
  void* const place = std::malloc(size == 0 ? 1 : size);
  if (place == nullptr) throw std::bad_alloc();
  return place;
}

void* allocate_or_null(std::size_t size) noexcept {
  try {
    return allocate(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace

// This program's own, in place of the library's; arrays come here by the library's other forms.
void* operator new(std::size_t size) {
  return allocate(size);
}

void* operator new(std::size_t size, const std::nothrow_t& /*tag*/) noexcept {
  return allocate_or_null(size);
}

void operator delete(void* place) noexcept {
  std::free(place);
}

void operator delete(void* place, std::size_t /*size*/) noexcept {
  std::free(place);
}

void operator delete(void* place, const std::nothrow_t& /*tag*/) noexcept {
  std::free(place);
}
