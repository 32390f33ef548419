#include "fail_nth.hpp"

namespace tunnel::ssh::native {

namespace {

int exemptions = 0;

}  // namespace

void fail_nth::arm(std::optional<std::size_t> nth) {
  nth_ = nth;
  count_ = 0;
  failed_ = false;
  armed_ = true;
}

bool fail_nth::now() {
  if (!armed_ || exemptions != 0) return false;
  const bool fails = nth_ == count_++;
  failed_ = failed_ || fails;
  return fails;
}

exempt::exempt() {
  ++exemptions;
}

exempt::~exempt() {
  --exemptions;
}

}  // namespace tunnel::ssh::native
