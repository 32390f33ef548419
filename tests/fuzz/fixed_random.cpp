#include "fixed_random.hpp"

// What is set here has no successor that works behind the back of the code that is tested.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/rand.h>

#include <cstdint>

namespace tunnel::fuzz {

namespace {

std::uint64_t state = 0;

// splitmix64.
octet next() {
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t mixed = state;
  mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
  mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
  return static_cast<octet>(mixed >> 56U);
}

int fill(unsigned char* to, int count) {
  fill_fixed({to, static_cast<std::size_t>(count)});
  return 1;
}

int status() {
  return 1;
}

const RAND_METHOD method{nullptr, fill, nullptr, nullptr, fill, status};

}  // namespace

void fill_fixed(octet_span to) {
  for (auto& each : to) each = next();
}

void restart_fixed_random() {
  state = 0;
  RAND_set_rand_method(&method);
}

}  // namespace tunnel::fuzz
